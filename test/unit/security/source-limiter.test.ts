import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SourceLimiter, type SourceLimits } from '../../../agent/security/source-limiter.ts';

/** A limiter with a clock that stands until it is moved. */
function limiter(limits: Partial<SourceLimits>) {
  const clock = { ms: 0 };
  const all = { requestsPerSecond: 10, burst: 5, sources: 8, ...limits };
  const made = new SourceLimiter(all, () => clock.ms);
  const admitted = (address: string, times: number) =>
    Array.from({ length: times }, () => made.admit(address)).filter(Boolean).length;
  return { made, clock, admitted };
}

describe('the bucket of a source', () => {
  it('is full at first, and refills at the rate', () => {
    const { clock, admitted } = limiter({});
    expect(admitted('a', 100)).toBe(5);
    clock.ms = 99;
    expect(admitted('a', 100)).toBe(0);
    clock.ms = 100;
    expect(admitted('a', 100)).toBe(1);
    clock.ms = 400;
    expect(admitted('a', 100)).toBe(3);
    clock.ms = 1e12;
    expect(admitted('a', 100)).toBe(5);
  });

  it('is its own', () => {
    const { admitted } = limiter({});
    expect(admitted('a', 100)).toBe(5);
    expect(admitted('b', 100)).toBe(5);
  });

  it('does not pay for what was refused', () => {
    const { clock, admitted } = limiter({ burst: 1 });
    admitted('a', 1000);
    clock.ms = 100;
    expect(admitted('a', 1)).toBe(1);
  });

  it('loses nothing when the clock steps back', () => {
    const { clock, admitted } = limiter({ burst: 1 });
    clock.ms = 1000;
    expect(admitted('a', 1)).toBe(1);
    clock.ms = 500;
    expect(admitted('a', 1)).toBe(0);
    clock.ms = 600;
    expect(admitted('a', 1)).toBe(1);
  });

  it('is not there without a limit', () => {
    const { made, admitted } = limiter({ requestsPerSecond: 0 });
    expect(admitted('a', 1000)).toBe(1000);
    expect(made.size).toBe(0);
  });

  it('admits at most burst + rate x time in any run', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 20 }),
        gaps,
        (rate, burst, all) => {
          const { clock, admitted } = limiter({ requestsPerSecond: rate, burst });
          let count = 0;
          for (const gap of all) {
            clock.ms += gap;
            count += admitted('a', 2);
          }
          return count <= burst + (rate * clock.ms) / 1000;
        },
      ),
    );
  });
});

describe('the table of sources', () => {
  it('forgets nobody who is a regular in a flood of made-up addresses', () => {
    const { made, clock, admitted } = limiter({ requestsPerSecond: 1, burst: 3, sources: 64 });
    const regulars = Array.from({ length: 40 }, (_, i) => `192.0.2.${i}`);
    for (const address of regulars) admitted(address, 3);
    expect(made.size).toBe(16);
    // Sources come one after the other and stay for a second: all of them become regulars.
    for (const address of regulars) {
      admitted(address, 4);
      clock.ms += 1000;
      admitted(address, 4);
    }
    for (let i = 0; i < 10_000; i++) made.admit(`2001:db8::${i.toString(16)}`);
    expect(made.size).toBeLessThanOrEqual(64);
    // The last ones would have full buckets again if they had been forgotten.
    expect(admitted(regulars.at(-1)!, 3)).toBe(0);
    expect(admitted(regulars.at(-2)!, 3)).toBe(1);
  });

  it('is turned over by newcomers only among themselves', () => {
    const { admitted } = limiter({ sources: 8, burst: 1 });
    admitted('a', 1);
    admitted('b', 1);
    expect(admitted('a', 1)).toBe(0);
    admitted('c', 1);
    // b was silent for longer than a.
    expect(admitted('a', 1)).toBe(0);
    expect(admitted('b', 1)).toBe(1);
  });

  it('can be of one', () => {
    const { made, clock, admitted } = limiter({ sources: 1, burst: 1 });
    expect(admitted('a', 2)).toBe(1);
    clock.ms = 50;
    expect(admitted('a', 1)).toBe(0);
    expect(admitted('b', 2)).toBe(1);
    expect(admitted('a', 1)).toBe(1);
    expect(made.size).toBe(1);
  });

  it('does what a plain description of it does', () => {
    const step = fc.record({ address: fc.nat(11), gap: fc.oneof(fc.constant(0), fc.nat(40), fc.nat(1500)) });
    const limits = fc.record({
      requestsPerSecond: fc.integer({ min: 0, max: 60 }),
      burst: fc.integer({ min: 1, max: 6 }),
      sources: fc.integer({ min: 1, max: 12 }),
    });
    fc.assert(
      fc.property(limits, fc.array(step, { maxLength: 300 }), (sizes, steps) => {
        const { made, clock } = limiter(sizes);
        const model = new Model(sizes);
        for (const { address, gap } of steps) {
          clock.ms += gap;
          expect(made.admit(`10.0.0.${address}`)).toBe(model.admit(address, clock.ms));
          expect(made.size).toBe(model.newcomers.length + model.regulars.length);
          expect(made.size).toBeLessThanOrEqual(sizes.sources);
        }
      }),
      { numRuns: 300 },
    );
  });
});

interface Known {
  readonly address: number;
  since: number;
  level: number;
  at: number;
}

/** The limiter as one would write it without a thought of speed: lists from the longest silent to the latest. */
class Model {
  readonly #limits: SourceLimits;
  newcomers: Known[] = [];
  regulars: Known[] = [];

  constructor(limits: SourceLimits) {
    this.#limits = limits;
  }

  admit(address: number, now: number): boolean {
    const { requestsPerSecond, burst } = this.#limits;
    if (requestsPerSecond === 0) return true;
    const one = this.#find(address, now);
    one.level = Math.min(burst * 1000, one.level + (now - one.at) * requestsPerSecond);
    one.at = now;
    if (one.level < 1000) return false;
    one.level -= 1000;
    return true;
  }

  #find(address: number, now: number): Known {
    const { burst, sources } = this.#limits;
    const maxNewcomers = Math.ceil(sources / 4);
    const regular = this.regulars.find((one) => one.address === address);
    if (regular) {
      this.regulars = [...this.regulars.filter((one) => one !== regular), regular];
      return regular;
    }
    const known = this.newcomers.find((one) => one.address === address);
    const one = known ?? { address, since: now, level: burst * 1000, at: now };
    this.newcomers = this.newcomers.filter((other) => other !== one);
    if (known && sources > maxNewcomers && now - one.since >= 1000) {
      this.regulars.push(one);
      if (this.regulars.length > sources - maxNewcomers) {
        const silent = this.regulars.shift()!;
        silent.since = now;
        this.newcomers.push(silent);
      }
    } else {
      this.newcomers.push(one);
      if (this.newcomers.length > maxNewcomers) this.newcomers.shift();
    }
    return one;
  }
}
