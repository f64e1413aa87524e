import { describe, expect, it } from 'vitest';
import { noise, RandomStream, streamKey } from '../../../agent/util/random.ts';

const COUNT = 20_000;

function draw(stream: RandomStream, take: (stream: RandomStream) => number = (s) => s.next()): number[] {
  return Array.from({ length: COUNT }, () => take(stream));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const [ma, mb] = [mean(a), mean(b)];
  const spread = (values: readonly number[], m: number): number =>
    Math.sqrt(mean(values.map((value) => (value - m) ** 2)));
  return mean(a.map((value, i) => (value - ma) * (b[i]! - mb))) / (spread(a, ma) * spread(b, mb));
}

describe('a random stream', () => {
  it('repeats itself from the same seed and names, and from the same position', () => {
    const stream = new RandomStream(42, 'guest', 7);
    const values = draw(stream);
    expect(draw(new RandomStream(42, 'guest', 7))).toEqual(values);
    stream.position = 5;
    expect([stream.next(), stream.next()]).toEqual(values.slice(5, 7));
  });

  it('keeps these very values from release to release', () => {
    const stream = new RandomStream(1, 'golden');
    expect([stream.next(), stream.integer(1, 6), noise(streamKey(1, 'golden'), 3)]).toMatchInlineSnapshot(`
      [
        0.05721441811074057,
        5,
        0.3968314479570836,
      ]
    `);
  });

  it('is uniform in [0, 1)', () => {
    const buckets = new Array(20).fill(0);
    for (const value of draw(new RandomStream(3, 'uniform'))) {
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThan(1);
      buckets[Math.floor(value * 20)]++;
    }
    for (const count of buckets) expect(Math.abs(count - COUNT / 20)).toBeLessThan(150);
  });

  it('has the mean and spread that its distributions promise', () => {
    const exponential = draw(new RandomStream(1, 'e'), (stream) => stream.exponential(5));
    expect(mean(exponential)).toBeCloseTo(5, 0);
    expect(Math.min(...exponential)).toBeGreaterThanOrEqual(0);
    const normal = draw(new RandomStream(1, 'n'), (stream) => stream.normal());
    expect(Math.abs(mean(normal))).toBeLessThan(0.03);
    expect(mean(normal.map((value) => value * value))).toBeCloseTo(1, 1);
    const dice = draw(new RandomStream(1, 'd'), (stream) => stream.integer(-1, 4));
    expect(new Set(dice)).toEqual(new Set([-1, 0, 1, 2, 3, 4]));
  });

  it.each([
    ['neighbouring seeds', new RandomStream(1, 'x'), new RandomStream(2, 'x')],
    ['neighbouring names', new RandomStream(1, 'guest-1'), new RandomStream(1, 'guest-2')],
    ['names cut elsewhere', new RandomStream(1, 'ab', 'c'), new RandomStream(1, 'a', 'bc')],
    ['seeds that differ above 32 bits', new RandomStream(1, 'x'), new RandomStream(1 + 2 ** 32, 'x')],
  ])('is another one for %s', (_title, a, b) => {
    expect(Math.abs(correlation(draw(a), draw(b)))).toBeLessThan(0.03);
  });
});

describe('noise', () => {
  it('depends on key and index alone and is uniform along both', () => {
    const key = streamKey(9, 'tick');
    const along = Array.from({ length: COUNT }, (_, i) => noise(key, i));
    const across = Array.from({ length: COUNT }, (_, i) => noise(streamKey(9, 'guest', i), 77));
    for (const values of [along, across]) {
      expect(mean(values)).toBeCloseTo(0.5, 1);
      expect(Math.abs(correlation(values.slice(1), values.slice(0, -1)))).toBeLessThan(0.03);
      expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...values)).toBeLessThan(1);
      expect(new Set(values).size).toBeGreaterThan(COUNT - 10);
    }
    expect(noise(key, 3)).toBe(along[3]);
  });

  it('has keys of 53 bits that do not meet', () => {
    const keys = Array.from({ length: 100_000 }, (_, i) => streamKey(5, 'load', 'host', i));
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.every((key) => Number.isSafeInteger(key) && key >= 0)).toBe(true);
  });
});
