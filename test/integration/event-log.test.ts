import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ActionName } from '../../agent/emulation/story.ts';
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
