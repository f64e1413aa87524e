import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalUuid } from '../../agent/util/uuid.ts';
import { runs } from '../support/runs.ts';
import { config, Fleet } from '../unit/emulation/fleet.ts';

/** Octets from few values, so that keys share long beginnings. */
const arbOctet = fc.oneof(fc.constantFrom(0, 1, 127, 128, 254, 255), fc.nat(255));
const arbKey = fc.array(arbOctet, { minLength: 16, maxLength: 16 });
const arbSubid = fc.oneof(arbOctet, fc.constantFrom(256, 2 ** 31, 2 ** 32 - 1));
const arbKeys = fc.uniqueArray(arbKey, { maxLength: 40, selector: (key) => key.join('.') });

function uuidOf(octets: readonly number[]): string {
  return canonicalUuid(octets.map((octet) => octet.toString(16).padStart(2, '0')).join(''))!;
}

/** Order of two sequences of numbers; of two that agree as far as they go, the longer is the greater. */
function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

it('a domain list answers like a sorted array, through additions and removals', () => {
  const arbScript = fc.record({
    first: arbKeys,
    later: arbKeys,
    removed: fc.array(fc.nat(1000), { maxLength: 10 }),
    probes: fc.array(fc.array(arbSubid, { maxLength: 20 }), { maxLength: 20 }),
    near: fc.array(fc.tuple(fc.nat(1000), fc.nat(20), fc.array(arbSubid, { maxLength: 3 })), {
      maxLength: 20,
    }),
    margin: fc.nat(5),
  });
  fc.assert(
    fc.property(arbScript, ({ first, later, removed, probes, near, margin }) => {
      const fleet = new Fleet();
      const list = fleet.one.domains;
      let oracle: number[][] = [];
      const add = (keys: readonly number[][]): void => {
        for (const key of keys) {
          if (list.byUuid(uuidOf(key))) continue;
          const uuid = uuidOf(key);
          fleet.hypervisor.apply({ op: 'define', host: fleet.one, config: config(uuid, { uuid }) });
          oracle.push(key);
        }
        oracle.sort(compare);
      };
      const look = (): void => {
        expect(list.size).toBe(oracle.length);
        expect([...list].map((domain) => [...domain.uuidOctets])).toEqual(oracle);
        const found = oracle.map((key) => list.find([...new Array(margin).fill(9), ...key, 1], margin));
        expect(found).toEqual(oracle.map((_, i) => i));
        const cut = near.map(([i, length, tail]) => [
          ...(oracle[i % (oracle.length || 1)] ?? []).slice(0, length),
          ...tail,
        ]);
        for (const probe of [...probes, ...cut]) {
          const subids = [...new Array(margin).fill(1), ...probe, 7];
          const expected = oracle.findIndex((key) => compare(key, probe) > 0);
          expect(list.after(subids, margin, margin + probe.length)).toBe(expected);
          const sixteen = subids.slice(margin, margin + 16);
          expect(list.find(subids, margin)).toBe(
            oracle.findIndex((key) => sixteen.length === 16 && compare(key, sixteen) === 0),
          );
        }
      };
      add(first);
      look();
      for (const pick of removed) {
        const key = oracle[pick % (oracle.length || 1)];
        if (!key) continue;
        fleet.hypervisor.apply({ op: 'undefine', domain: list.byUuid(uuidOf(key))! });
        oracle = oracle.filter((other) => other !== key);
        look();
      }
      add(later);
      look();
    }),
    { numRuns: runs(40) },
  );
});

it.each([
  ['evenly spread keys', (random: () => number) => random()],
  [
    'keys that share their first octets',
    (random: () => number, i: number) => (i < 4 ? 7 * (random() % 3) : random()),
  ],
  ['keys crowded at the lower end', (random: () => number, i: number) => (i < 2 ? random() % 2 : random())],
  ['keys at both ends', (random: () => number, i: number) => (i < 4 ? 255 * (random() % 2) : random())],
])('a large list of %s finds each and the one behind each', (_, octetAt) => {
  fc.assert(
    fc.property(fc.integer({ min: 257, max: 1500 }), fc.integer(), (size, seed) => {
      let state = seed >>> 0;
      const random = () => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return state >>> 24;
      };
      const keys = new Map<string, number[]>();
      while (keys.size < size) {
        const key = Array.from({ length: 16 }, (_octet, i) => octetAt(random, i));
        keys.set(key.join('.'), key);
      }
      const sorted = Array.from(keys.values()).sort(compare);
      const fleet = new Fleet();
      const configs = sorted.map((key) => config(uuidOf(key), { uuid: uuidOf(key) }));
      fleet.hypervisor.apply({ op: 'populate', host: fleet.one, configs });
      const list = fleet.one.domains;
      sorted.forEach((key, i) => {
        expect(list.find(key, 0)).toBe(i);
        expect(list.after(key, 0, 16)).toBe(i + 1 < size ? i + 1 : -1);
        const missing = [...key.slice(0, 15), (key[15]! + 1) % 256];
        if (!keys.has(missing.join('.'))) expect(list.find(missing, 0)).toBe(-1);
      });
    }),
    { numRuns: runs(5) },
  );
});
