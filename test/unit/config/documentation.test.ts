import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../../agent/config/load.ts';
import { listOptions } from '../../../agent/config/options.ts';
import { assembleInventory, type HostInventory } from '../../../agent/daemon/inventory.ts';
import { Hypervisor } from '../../../agent/emulation/hypervisor.ts';
import { VirtualClock } from '../../../agent/util/clock.ts';
import { silentLogger } from '../../../agent/util/logger.ts';
import { optionRows } from './option-table.ts';
import { temporaryFolder } from './temporary-folder.ts';

const ROOT = join(import.meta.dirname, '../../..');
const DOCUMENT = readFileSync(join(ROOT, 'docs/CONFIGURATION.md'), 'utf8');
/** Whether a value, or any entry of a list of them, has what stands at a path. */
function isGiven(value: unknown, [key, ...rest]: readonly string[]): boolean {
  if (key === undefined) return value !== undefined;
  if (Array.isArray(value)) return value.some((each) => isGiven(each, [key, ...rest]));
  return (
    typeof value === 'object' && value !== null && isGiven((value as Record<string, unknown>)[key], rest)
  );
}

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
      'notificationLog',
      'inventory',
      'host',
      'emulation',
      'alarms',
      'triggers',
      'faults',
      'control',
      'state',
      'eventLog',
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

  it('shows in showcase.yaml every option of the host and of a listed domain, and all of its guests run', () => {
    const file = join(ROOT, 'config/showcase.yaml');
    const written: unknown = parse(readFileSync(file, 'utf8'));
    const elsewhere = ['inventory.list[].uuid', 'inventory.list[].host', 'host.memory'];
    const missing = listOptions()
      .map(({ path }) => path)
      .filter((path) => /^(host\.\w+|inventory\.list\[\]\.\w+)$/.test(path) && !elsewhere.includes(path))
      .filter((path) => !isGiven(written, path.split(/\[?\]?\./)));
    expect(missing).toEqual([]);

    const [{ name, config, domains }] = assembleInventory(loadConfig({ file, env: {} }), silentLogger) as [
      HostInventory,
    ];
    const hypervisor = new Hypervisor({ clock: new VirtualClock({ epochMs: 0 }), seed: 1 });
    const host = hypervisor.addHost(name, config);
    hypervisor.apply({ op: 'populate', host, configs: domains });
    const stopped = [...host.domains].filter(({ isActive }) => !isActive).map((domain) => domain.name);
    expect(stopped).toEqual(['off']);
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
