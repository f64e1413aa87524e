import { describe, expect, it } from 'vitest';
import type { Expectation, Looked } from '../../../agent/scenario/expect/expectation.ts';
import type { ExpectStep, NeverStep } from '../../../agent/scenario/timeline.ts';
import { type Verdict, Watch } from '../../../agent/scenario/watch.ts';
import type { World } from '../../../agent/scenario/world.ts';

const BASE = { number: 1, title: 'a test', line: 1 } as const;

/** Whether it is so at each simulated ms. */
function expectation(isMet: (ms: number) => boolean, leadMs = 0): Expectation {
  const looked = (nowMs: number): Looked => ({ met: isMet(nowMs), seen: `at ${nowMs}` });
  return {
    kind: 'test',
    text: 'a test',
    leadMs,
    names: {},
    lasts: true,
    begin: () => ({ look: ({ nowMs }) => looked(nowMs) }),
  };
}

/** The verdict, and the times at which it was looked. */
async function follow(step: ExpectStep | NeverStep): Promise<{ verdict: Verdict; looks: number[] }> {
  const watch = new Watch(step, 1000);
  const looks: number[] = [];
  for (;;) {
    const { nextMs } = watch;
    looks.push(nextMs);
    const verdict = await watch.look({ nowMs: nextMs } as World);
    if (verdict) return { verdict, looks };
    if (looks.length > 100) throw new Error('no end');
  }
}

function expectStep(isMet: (ms: number) => boolean, withinMs = 0, holdsMs = 0): ExpectStep {
  return { ...BASE, kind: 'expect', atMs: 10_000, expectation: expectation(isMet), withinMs, holdsMs };
}

describe('what is expected', () => {
  it('is met at once, or not at all without a deadline', async () => {
    expect((await follow(expectStep(() => true))).verdict).toMatchObject({
      met: true,
      tookMs: 0,
      atMs: 10_000,
    });
    expect((await follow(expectStep((ms) => ms > 10_000))).verdict).toMatchObject({
      met: false,
      atMs: 10_000,
    });
  });

  it('is met by its deadline, and not a moment later', async () => {
    const { verdict, looks } = await follow(expectStep((ms) => ms >= 12_500, 2500));
    expect(verdict).toMatchObject({ met: true, tookMs: 2500 });
    expect(looks).toEqual([10_000, 11_000, 12_000, 12_500]);
    expect((await follow(expectStep((ms) => ms >= 12_501, 2500))).verdict).toMatchObject({
      met: false,
      atMs: 12_500,
    });
  });

  it('has to hold without a break', async () => {
    const { verdict } = await follow(expectStep((ms) => ms !== 13_000, 5000, 4000));
    expect(verdict).toMatchObject({ met: true, tookMs: 4000, atMs: 18_000 });
    expect((await follow(expectStep((ms) => ms !== 13_000, 3000, 4000))).verdict.met).toBe(false);
  });

  it('is not met when it stops being so after its deadline', async () => {
    expect((await follow(expectStep((ms) => ms < 15_000, 1000, 10_000))).verdict).toMatchObject({
      met: false,
      atMs: 15_000,
    });
  });

  it('is looked at before its time where that is needed', async () => {
    const step = { ...expectStep(() => true), expectation: expectation(() => true, 2500) };
    expect((await follow(step)).looks).toEqual([7500, 8500, 9500, 10_000]);
  });
});

describe('what must never be', () => {
  const never = (isMet: (ms: number) => boolean): NeverStep => ({
    ...BASE,
    kind: 'never',
    atMs: 10_000,
    expectation: expectation(isMet),
    untilMs: 12_500,
  });

  it('is looked for until its end', async () => {
    const { verdict, looks } = await follow(never(() => false));
    expect(verdict).toMatchObject({ met: true, atMs: 12_500 });
    expect(looks).toEqual([10_000, 11_000, 12_000, 12_500]);
  });

  it('ends it when it is there', async () => {
    expect((await follow(never((ms) => ms >= 12_000))).verdict).toMatchObject({ met: false, tookMs: 2000 });
  });
});
