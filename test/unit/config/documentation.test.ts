import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../agent/config/load.ts';
import { optionRows } from './option-table.ts';
import { temporaryFolder } from './temporary-folder.ts';

const ROOT = join(import.meta.dirname, '../../..');
const DOCUMENT = readFileSync(join(ROOT, 'docs/CONFIGURATION.md'), 'utf8');
const ENVIRONMENT = {
  SNMP_WRITE_COMMUNITY: 'w',
  TRAP_COMMUNITY: 't',
  VIRTSNMP_AUTH_PASSWORD: 'authentic',
  VIRTSNMP_PRIV_PASSWORD: 'private and more',
};

describe('docs/CONFIGURATION.md', () => {
  it('lists every option with what is accepted, its default and what it does, and no other', () => {
    const rows = DOCUMENT.split('\n').filter((line) => line.startsWith('| `') && !line.startsWith('| `--'));
    expect(rows).toEqual(optionRows());
  });

  const folder = temporaryFolder();
  const examples = Array.from(DOCUMENT.matchAll(/```yaml\n([\s\S]*?)```/g), (match) => match[1]!);

  it('has an example for each section', () => {
    const sections = examples.map((text) => text.split(':')[0]);
    expect(sections).toEqual([
      'agent',
      'communities',
      'users',
      'limits',
      'traps',
      'inventory',
      'host',
      'emulation',
      'state',
      'log',
    ]);
  });

  it.each(examples)('has an example that loads: %s', (text) => {
    const file = join(folder, 'example.yaml');
    writeFileSync(file, text);
    expect(() => loadConfig({ file, env: ENVIRONMENT })).not.toThrow();
  });
});

describe('config/', () => {
  const files = readdirSync(join(ROOT, 'config')).filter((name) => name.endsWith('.yaml'));

  it.each(files)('%s loads', (name) => {
    expect(loadConfig({ file: join(ROOT, 'config', name), env: ENVIRONMENT }).agent.port).toBe(1161);
  });

  it('lets default.yaml read with public and write with private, from loopback only', () => {
    const { communities, inventory } = loadConfig({ file: join(ROOT, 'config/default.yaml'), env: {} });
    const sources = ['127.0.0.0/8', '::1/128'];
    expect(communities).toEqual([
      { name: 'public', access: 'read-only', sources },
      { name: 'private', access: 'read-write', sources },
    ]);
    expect(inventory).toMatchObject({ hosts: 1, guests: 12 });
  });
});
