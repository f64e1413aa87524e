import { describe, expect, it } from 'vitest';
import {
  offTimeNs,
  quotaLimit,
  scaledSlices,
  schedPeriodNs,
  sliceNs,
} from '../../../../agent/emulation/vcpu/cfs.ts';
import {
  polledShare,
  pollSuccessShare,
  pollWindowNs,
  stepsToCeiling,
} from '../../../../agent/emulation/vcpu/halt-poll.ts';
import {
  type PauseLoop,
  pauseExitsPerNs,
  pauseLoopOf,
  plainSpin,
  pressureOf,
  shortSpin,
  spinExits,
  yieldFindChance,
  yieldHitChance,
} from '../../../../agent/emulation/vcpu/spin.ts';
import { FULL, KERNEL_DEFAULTS } from '../../../../agent/emulation/vcpu/vcpu-config.ts';

const { rhel6, modern } = KERNEL_DEFAULTS;
const MS = 1_000_000;

describe('CFS', () => {
  it('scales latency and granularity with the logarithm of up to 8 CPUs', () => {
    expect([1, 2, 4, 8, 64].map((cpus) => scaledSlices(modern.cfs, cpus).latencyNs / MS)).toEqual([
      6, 12, 18, 24, 24,
    ]);
    expect(scaledSlices(rhel6.cfs, 8)).toEqual({
      latencyNs: 20 * MS,
      minGranularityNs: 4 * MS,
      nrLatency: 5,
    });
    expect(scaledSlices(modern.cfs, 8).minGranularityNs).toBe(3 * MS);
  });

  it('keeps the latency up to nr_latency tasks, then the least slice', () => {
    const policy = scaledSlices(rhel6.cfs, 8);
    expect([1, 5, 6].map((runnable) => schedPeriodNs(policy, runnable) / MS)).toEqual([20, 20, 24]);
    expect([0.5, 1, 2, 5, 10].map((runnable) => sliceNs(policy, runnable) / MS)).toEqual([20, 20, 10, 4, 4]);
    expect([1, 2, 10].map((runnable) => offTimeNs(policy, runnable) / MS)).toEqual([0, 10, 36]);
  });

  it('leaves a vCPU its quota of each period, and all without one', () => {
    expect([quotaLimit(25_000, 100_000), quotaLimit(-1, 100_000), quotaLimit(300_000, 100_000)]).toEqual([
      FULL / 4,
      FULL,
      FULL,
    ]);
  });
});

describe('a pause-loop detector', () => {
  const policy = scaledSlices(modern.cfs, 16);
  const loop = pauseLoopOf(modern.pauseLoop, 2270) as PauseLoop;
  const twice = pressureOf(policy, 2);

  it('has the windows of the hardware', () => {
    expect(loop.windowNs).toBeCloseTo(1804, 0);
    const filter = pauseLoopOf({ ...modern.pauseLoop, hardware: 'pause-filter' }, 2000)!;
    expect(filter.windowNs).toBe(15_000);
    const fixed = pauseLoopOf({ ...rhel6.pauseLoop, hardware: 'pause-filter' }, 2000)!;
    expect(fixed.grow).toBe(1);
  });

  it('passes a slice of 10 ms after 13 doublings', () => {
    expect(spinExits(loop, 10 * MS)).toBeGreaterThan(12);
    expect(spinExits(loop, 10 * MS)).toBeLessThan(13);
    expect(spinExits({ ...loop, grow: 1, logGrow: 0 }, 10 * MS)).toBeCloseTo(10e6 / loop.windowNs);
  });

  it('goes on at the longest window once it is reached', () => {
    const capped = { ...loop, windowNs: 1000, maxNs: 4000 };
    // 1000 + 2000, then each 4000.
    expect(spinExits(capped, 3000)).toBeCloseTo(2);
    expect(spinExits(capped, 3000 + 5 * 4000)).toBeCloseTo(7);
  });

  it('leaves the waste that the window, an exit and the chance of a hit make', () => {
    const siblings = 15;
    const plain = plainSpin(0.01, siblings, twice);
    const { windowNs } = loop;
    const exits = pauseExitsPerNs(loop, 1000, 0.01, siblings, twice);
    const ratio = (exits * (windowNs + 1000)) / plain;
    // (window + exit) / (p * T_off), of which siblings lose the part in which they are scheduled themselves.
    const expected = (windowNs + 1000) / (yieldHitChance(siblings, twice) * (offTimeNs(policy, 2) / 2));
    expect(ratio).toBeCloseTo(expected, 6);
    expect(ratio).toBeLessThan(0.005);
  });

  it('never costs more than spinning on would', () => {
    const wide = { ...loop, windowNs: 50 * MS };
    const cost = pauseExitsPerNs(wide, 1000, 0.1, 15, twice) * (wide.windowNs + 1000);
    expect(cost).toBeLessThanOrEqual(plainSpin(0.1, 15, twice) * (1 + 1e-12));
  });

  it('does nothing for a guest alone, without siblings, or without locks', () => {
    const alone = pressureOf(policy, 1);
    expect(plainSpin(0.1, 15, alone)).toBe(0);
    expect(pauseExitsPerNs(loop, 1000, 0.1, 0, twice)).toBe(0);
    expect(pauseExitsPerNs(loop, 1000, 0, 15, twice)).toBe(0);
    expect([shortSpin(0, 15), shortSpin(0.5, 0)]).toEqual([0, 0]);
    expect([yieldFindChance(15, alone), yieldFindChance(0, twice)]).toEqual([0, 0]);
    expect(alone.preemptionsPerNs).toBe(0);
  });
});

describe('halt polling', () => {
  it('begins after a short halt, and its window grows with short halts in a row', () => {
    const { haltPoll } = modern;
    const shares = [10_000, 50_000, 200_000, 2_000_000].map((halt) => polledShare(haltPoll, halt));
    expect(shares.every((share, i) => i === 0 || share < shares[i - 1]!)).toBe(true);
    expect(shares[0]).toBeCloseTo(1, 6);
    expect(shares[2]).toBeCloseTo(1 - Math.exp(-1), 6);
    // 10, 20, 40, 80, 160, 200 us.
    expect(stepsToCeiling(haltPoll)).toBe(6);
    expect(pollWindowNs(haltPoll, 6, 1)).toBe(200_000);
    expect(pollWindowNs(haltPoll, 6, 0.5)).toBe(200_000 * 0.5 ** 6);
    expect(polledShare(rhel6.haltPoll, 10_000)).toBe(0);
    expect(pollSuccessShare(200_000, 200_000)).toBeCloseTo(1 - Math.exp(-1), 6);
  });

  it('keeps its window at the start when it does not grow', () => {
    const fixed = { ...modern.haltPoll, haltPollNsGrow: 1 };
    expect(pollWindowNs(fixed, stepsToCeiling(fixed), 1)).toBe(10_000);
    const low = { ...modern.haltPoll, haltPollNs: 5000 };
    expect(pollWindowNs(low, stepsToCeiling(low), 1)).toBe(5000);
  });
});
