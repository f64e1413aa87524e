import { describe, expect, it } from 'vitest';
import {
  advanceBlockJob,
  type BlockJob,
  type BlockJobType,
  blockJobDueMs,
  blockJobProgress,
  cancelBlockJob,
  failBlockJob,
  pivotBlockJob,
  setBlockJobSpeed,
  startBlockJob,
} from '../../../../agent/emulation/block/block-job.ts';

function start(type: BlockJobType, changes: Partial<BlockJob> = {}): BlockJob {
  const job = startBlockJob(
    undefined,
    {
      type,
      dev: 'vda',
      path: '/images/guest.img',
      totalBytes: 1000,
      bandwidth: 100,
      deviceBandwidth: 500,
      dirtyRate: 0,
      ...changes,
    },
    5000,
  );
  if (typeof job === 'string') throw new Error(job);
  return job;
}

const PAIR = (status: string) => [
  expect.objectContaining({ event: 'BLOCK_JOB', disk: '/images/guest.img', status }),
  expect.objectContaining({ event: 'BLOCK_JOB_2', disk: 'vda', status }),
];

describe('a block job', () => {
  it('moves its bytes at its bandwidth and completes with one event of each kind', () => {
    for (const type of ['pull', 'commit', 'backup'] as const) {
      const job = start(type);
      expect(blockJobProgress(job, 9000)).toEqual({ type, bandwidth: 100, cur: 400, end: 1000 });
      expect(blockJobDueMs(job)).toBe(15_000);
      expect(advanceBlockJob(job, 14_999)).toEqual({ job, events: [], pivoted: false });
      expect(advanceBlockJob(job, 15_000)).toEqual({
        job: undefined,
        events: PAIR('COMPLETED'),
        pivoted: false,
      });
    }
  });

  it('is never faster than its device; bandwidth 0 is as fast as that', () => {
    expect(blockJobDueMs(start('pull', { bandwidth: 0 }))).toBe(7000);
    expect(blockJobDueMs(start('pull', { bandwidth: 10_000 }))).toBe(7000);
  });

  it('keeps what it did when its speed changes', () => {
    const job = setBlockJobSpeed(start('pull'), 50, 9000);
    expect(blockJobProgress(job, 9000).cur).toBe(400);
    expect(blockJobDueMs(job)).toBe(9000 + 12_000);
  });

  it('that mirrors becomes ready once, waits, and ends by a pivot', () => {
    for (const type of ['copy', 'active-commit'] as const) {
      const job = start(type);
      expect(pivotBlockJob(job)).toContain('not ready');
      const { job: ready, events } = advanceBlockJob(job, 15_000);
      expect(events).toEqual(PAIR('READY'));
      expect(blockJobProgress(ready!, 99_000).cur).toBe(1000);
      expect(advanceBlockJob(ready!, 99_000)).toEqual({ job: ready, events: [], pivoted: false });
      expect(pivotBlockJob(ready!)).toEqual({ job: undefined, events: PAIR('COMPLETED'), pivoted: true });
    }
  });

  it('that mirrors catches up only when the guest writes more slowly', () => {
    expect(blockJobDueMs(start('copy', { dirtyRate: 50 }))).toBe(25_000);
    const hopeless = start('copy', { dirtyRate: 100 });
    expect(blockJobDueMs(hopeless)).toBe(Number.POSITIVE_INFINITY);
    expect(blockJobProgress(hopeless, 1e9).cur).toBe(0);
    expect(blockJobDueMs(start('backup', { dirtyRate: 100 }))).toBe(15_000);
  });

  it('can be cancelled and can fail; one disk has one job', () => {
    const job = start('copy');
    expect(cancelBlockJob(job)).toEqual({ job: undefined, events: PAIR('CANCELED'), pivoted: false });
    expect(failBlockJob(job)).toEqual({ job: undefined, events: PAIR('FAILED'), pivoted: false });
    expect(startBlockJob(job, job, 6000)).toContain('already has a copy job');
    expect(pivotBlockJob(start('pull'))).toContain('cannot be pivoted');
  });

  it('of no bytes is over at once', () => {
    expect(advanceBlockJob(start('pull', { totalBytes: 0 }), 5000).events).toEqual(PAIR('COMPLETED'));
  });
});
