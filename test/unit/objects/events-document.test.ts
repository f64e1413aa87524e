import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CAUSES } from '../../../agent/emulation/cause.ts';
import { IF_MIB } from '../../../agent/mib/generated/if-mib.ts';
import { LIBVIRT_MIB } from '../../../agent/mib/generated/libvirt-mib.ts';
import { LIBVIRT_STATS_MIB } from '../../../agent/mib/generated/libvirt-stats-mib.ts';
import { VM_MIB } from '../../../agent/mib/generated/vm-mib.ts';
import { EVENT_TABLES, withEventTables } from './events-document.ts';

const FILE = new URL('../../../docs/EVENTS.md', import.meta.url);

it('docs/EVENTS.md is what the code and the modules say (npm run gen:events writes its tables)', () => {
  const text = readFileSync(FILE, 'utf8');
  for (const name of Object.keys(EVENT_TABLES)) expect(text).toContain(`<!-- table: ${name} -->`);
  const made = withEventTables(text);
  if (process.env['UPDATE_DOCS']) writeFileSync(FILE, made);
  expect(readFileSync(FILE, 'utf8')).toBe(made);
});

it('docs/EVENTS.md names every notification of the modules that tell of guests and hosts', () => {
  const text = readFileSync(FILE, 'utf8');
  const names = [LIBVIRT_MIB, LIBVIRT_STATS_MIB, IF_MIB, VM_MIB].flatMap(({ notifications }) =>
    Object.keys(notifications),
  );
  expect(names.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
});

it('docs/EVENTS.md has the causes of the records as the code has them', () => {
  const row = /\| `cause` \|.*: (.*) \|/.exec(readFileSync(FILE, 'utf8'));
  expect(row?.[1]?.split(', ')).toEqual(CAUSES);
});
