import { describe, expect, it } from 'vitest';
import type { RaisedEvent } from '../../../agent/emulation/events.ts';
import {
  type DirtyMemory,
  MIGRATION_SPEED,
  migrationStatistics,
  nextPass,
  passMs,
  startMigration,
} from '../../../agent/emulation/lifecycle/migration-job.ts';
import { FaultyFleet } from './fault/faulty.ts';
import { stateOf } from './fleet.ts';

const MEBI = 2 ** 20;

/** Plays a job to its end, at most 1000 passes; each pass is over on time. */
function played(memory: DirtyMemory) {
  let job = startMigration(MIGRATION_SPEED.modern, memory, 0);
  let nowMs = 0;
  for (let passes = 1; passes <= 1000; passes++) {
    nowMs += passMs(job);
    const next = nextPass(job, memory, nowMs);
    expect(next.job.sentBytes).toBe(job.sentBytes + job.passBytes);
    job = next.job;
    if (next.converged) return { passes, seconds: nowMs / 1000, job };
  }
  return undefined;
}

describe('the passes over the memory (facts, section 11: 4 GiB at 128 MiB/s)', () => {
  const memory = (dirty: number): DirtyMemory => ({
    inUse: 4096 * MEBI,
    workingSet: 4096 * MEBI,
    dirtyRate: dirty * MEBI,
  });

  it('A11.6 are 2 in 34.5 s when 10 MiB/s become dirty, and 19 in 145 s with 100', () => {
    const few = played(memory(10))!;
    expect([few.passes, Math.round(few.seconds * 10) / 10]).toEqual([2, 34.5]);
    const many = played(memory(100))!;
    expect(many.passes).toBe(19);
    expect(many.seconds).toBeGreaterThan(144);
    expect(many.seconds).toBeLessThan(147);
  });

  it('never end when more becomes dirty than can be sent, but for a small working set', () => {
    expect(played(memory(200))).toBeUndefined();
    expect(played({ ...memory(200), workingSet: 30 * MEBI })!.passes).toBe(1);
  });

  it('send what remains and has been sent, together what they have to', () => {
    const job = startMigration(MIGRATION_SPEED.modern, memory(10), 1000);
    const read = (nowMs: number) => migrationStatistics(job, nowMs) as Record<string, number>;
    for (const nowMs of [1000, 1500, 9000, 33_000, 90_000]) {
      const { memory_processed: sent, memory_remaining: left } = read(nowMs);
      expect(sent! + left!).toBe(4096 * MEBI);
    }
    expect(read(2000)['memory_processed']).toBe(128 * MEBI);
    expect(read(33_000)['memory_remaining']).toBe(0);
  });
});

describe('a migration', () => {
  const GUEST = { load: 'idle', vcpus: 4, maxVcpus: 4 } as const;

  it('takes the time of its passes, and tells each and what it came to', () => {
    const fleet = new FaultyFleet({ a: GUEST });
    const domain = fleet.guest('a');
    fleet.pass(30);
    fleet.act(domain, 'migrate', { target: fleet.two, bandwidth: 64 * MEBI });
    fleet.pass(3);
    const { migration } = domain;
    expect(migration).toMatchObject({ iteration: 1, passBytes: migration!.totalBytes });
    expect(stateOf(domain)).toBe('RUNNING/BOOTED');
    fleet.pass(120);
    const raised = fleet.all.filter((event): event is RaisedEvent => event.kind === 'device');
    const done = raised.filter(({ event }) => event === 'JOB_COMPLETED').map(({ payload }) => payload);
    expect(done).toMatchObject([{ operation: 'MIGRATION_IN' }, { operation: 'MIGRATION_OUT' }]);
    const passes = raised.filter(({ event }) => event === 'MIGRATION_ITERATION');
    expect(passes.map(({ payload }) => (payload as { iteration: number }).iteration)).toEqual(
      passes.map((_, i) => i + 1),
    );
    const first = passes[0]!.atMs;
    const suspended = fleet.all.find((event) => event.kind === 'lifecycle' && event.event === 3)!;
    const seconds = migration!.totalBytes / (64 * MEBI);
    expect((suspended.atMs - first) / 1000).toBeGreaterThanOrEqual(seconds - 0.001);
    expect((suspended.atMs - first) / 1000).toBeLessThan(seconds * 1.2);
    expect(domain.migration).toBeUndefined();
  });

  it('of a guest that writes faster than can be sent goes on until it is given up', () => {
    const fleet = new FaultyFleet({ a: GUEST });
    const domain = fleet.guest('a');
    fleet.raise('noisy-neighbour', domain);
    fleet.raise('memory-leak', domain, { parameters: { bytesPerSecond: 2 ** 28 }, durationMs: 4000 });
    fleet.pass(4);
    fleet.act(domain, 'migrate', { target: fleet.two, bandwidth: 32 * MEBI, downtimeMs: 30 });
    fleet.pass(900);
    expect(stateOf(domain)).toBe('RUNNING/BOOTED');
    expect(domain.migration!.iteration).toBeGreaterThan(10);
    fleet.act(domain, 'cancel-job');
    fleet.pass(60);
    expect(stateOf(domain)).toBe('RUNNING/BOOTED');
    expect(fleet.two.domains.size).toBe(0);
    fleet.act(domain, 'migrate', { target: fleet.two });
    fleet.clear(1);
    fleet.pass(120);
    expect(stateOf(domain)).toBe('SHUTOFF/MIGRATED');
  });

  it('refuses a speed that is none', () => {
    const fleet = new FaultyFleet({ a: GUEST });
    const migrate = (options: object) => () =>
      fleet.act(fleet.guest('a'), 'migrate', { target: fleet.two, ...options });
    expect(migrate({ bandwidth: 0 })).toThrow('it must be above 0');
    expect(migrate({ downtimeMs: -1 })).toThrow('it must be 0 or more');
  });
});
