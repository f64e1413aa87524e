import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadConfig } from '../../agent/config/load.ts';
import { CAUSES } from '../../agent/emulation/cause.ts';
import type { ActionName } from '../../agent/emulation/lifecycle/story.ts';
import type { NotificationRecord } from '../../agent/eventlog/record.ts';
import { freePort } from '../support/free-port.ts';
import { startDaemon, testConfig } from '../support/running-daemon.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface Line {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** Commands by simulated second and position of the guest. */
const SCRIPT: readonly (readonly [atS: number, guest: number, action: ActionName])[] = [
  [60, 0, 'suspend'],
  [90, 1, 'shutdown'],
  [100, 2, 'panic'],
  [300, 0, 'resume'],
  [400, 0, 'reboot'],
];

/** The lines that a daemon with this seed leaves of the script. */
async function leave(seed: number): Promise<string[]> {
  const file = join(temporaryFolder(), 'events.jsonl');
  const config = testConfig({ seed });
  const { daemon, clock } = await startDaemon({
    ...config,
    traps: { ...config.traps, families: ['libvirt', 'stats'] },
    eventLog: { ...config.eventLog, file },
  });
  const { hypervisor } = daemon;
  for (const [atS, position, action] of SCRIPT) {
    clock.advanceTo(atS * 1000);
    hypervisor.apply({ op: 'act', domain: hypervisor.hosts[0]!.domains.at(position), action });
  }
  clock.advanceTo(3_600_000);
  await daemon.stop();
  return readFileSync(file, 'utf8').split('\n').slice(0, -1);
}

/** What is not the real world's. */
function virtual(lines: readonly string[]): string[] {
  return lines.flatMap((text) => {
    const { real: _real, ...line }: Line = JSON.parse(text);
    return line.type === 'delivery' ? [] : [JSON.stringify(line)];
  });
}

it('a daemon leaves the truth: from the run on, each event in order, to the end', async () => {
  const lines = (await leave(1)).map((text): Line => JSON.parse(text));
  expect(lines[0]).toMatchObject({ type: 'run', schema: 1, seed: 1, epoch: '2026-01-05T00:00:00.000Z' });
  expect(lines.at(-1)).toMatchObject({ type: 'end' });
  const events = lines.filter(({ type }) => type === 'event');
  expect(events.length).toBeGreaterThan(8);
  const first = Number(events[0]!['sequence']);
  expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, i) => first + i));
  const suspended = events.find(({ event }) => event === 'SUSPENDED')!;
  expect(suspended).toMatchObject({
    atMs: 60_000,
    wall: '2026-01-05T00:01:00.000Z',
    detail: 'PAUSED',
    state: 'PAUSED',
    reason: 'USER',
    cause: 'control',
    notifications: ['libvirtGuestNotif', 'lvsGuestSuspended'],
  });
  expect(suspended['real']).toMatchObject({ ids: [expect.any(Number), expect.any(Number)] });
});

it('the same seed and script leave the same, byte for byte, but for the real world', async () => {
  const [once, again] = [await leave(7), await leave(7)];
  expect(virtual(once)).toEqual(virtual(again));
});

it('every notification can be traced to the events that brought it about, or to the trigger that sent it', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'config.yaml');
  writeFileSync(
    file,
    `agent: { port: 0 }
communities: [{ name: public, access: admin }]
inventory: { guests: 4 }
control: { listen: [] }
log: { level: error }
eventLog: { file: events.jsonl }
traps:
  families: [libvirt, stats, if, vm, entity]
  vm: { bulk: true }
  destinations: [{ host: 127.0.0.1, port: ${await freePort()} }]
triggers:
  - { name: paused, object: libvirtGuestState.*, every: 10, boolean: { is: equal, value: 3 } }
`,
  );
  const { daemon, clock } = await startDaemon(loadConfig({ file, env: {} }));
  const { hypervisor } = daemon;
  const [host] = hypervisor.hosts;
  const act = (position: number, action: ActionName) =>
    hypervisor.apply({ op: 'act', domain: host!.domains.at(position), action });
  clock.advanceTo(60_000);
  act(0, 'suspend');
  act(1, 'suspend');
  clock.advanceTo(75_000);
  hypervisor.apply({ op: 'fault', action: { raise: 'host-nic-down', target: host!, durationMs: 20_000 } });
  clock.advanceTo(120_000);
  hypervisor.apply({ op: 'host', host: host!, action: 'reboot' });
  clock.advanceTo(900_000);
  await daemon.stop();

  const lines = readFileSync(join(folder, 'events.jsonl'), 'utf8').split('\n').slice(0, -1);
  const records = lines.map((text): Line => JSON.parse(text));
  const events = new Map<number, Line>();
  const made = new Map<number, string>();
  const told: [string, ...string[]][] = [];
  for (const record of records) {
    const real = record['real'] as { id: number; ids: number[] };
    if (record.type === 'event') {
      events.set(record['sequence'] as number, record);
      (record['notifications'] as string[]).forEach((name, i) => {
        made.set(real.ids[i]!, name);
      });
    } else if (record.type === 'notification') {
      const { name, events: causes, trigger, cause } = record as unknown as NotificationRecord;
      if (causes?.length === 0) expect(CAUSES).toContain(cause);
      else expect(cause).toBeUndefined();
      made.set(real.id, name);
      const origins = causes?.map((sequence) => events.get(sequence)!['event'] as string);
      told.push([name, ...(origins ?? [trigger?.name ?? 'itself'])]);
    } else if (record.type === 'delivery') {
      expect(made.has(record['notification'] as number)).toBe(true);
    }
  }
  const of = (name: string) => told.filter((each) => each[0] === name).map((each) => each.slice(1));
  expect(of('coldStart')).toEqual([['itself']]);
  expect(of('vmPaused')).toEqual([['SUSPENDED'], ['SUSPENDED']]);
  expect(of('vmBulkPaused')).toEqual([['SUSPENDED', 'SUSPENDED']]);
  expect(of('linkDown')[0]).toEqual(['BEGUN']);
  expect(of('linkUp')[0]).toEqual(['ENDED']);
  expect(of('mteTriggerFired').slice(0, 2)).toEqual([['paused'], ['paused']]);
  expect(of('vmShutdown').length).toBeGreaterThan(2);
  // All that is told of guests is told of events; what shuts down is none of libvirt's.
  const without = told.filter(([name, ...origins]) => origins.length === 0 && name !== 'vmShuttingdown');
  expect(without.filter(([name]) => !name.startsWith('vmBulkShuttingdown'))).toEqual([]);
  expect(told.filter(([, ...origins]) => origins.includes(undefined as never))).toEqual([]);
});
