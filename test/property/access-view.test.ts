import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ViewFamily, ViewTree } from '../../agent/access/view-tree.ts';
import { VisibleNames } from '../../agent/access/visible-names.ts';
import { compareOids, type Oid } from '../../agent/util/oid.ts';

const ROUNDS = { numRuns: 500 };
/** Families name the numbers 0 to 2 only, so that 3 and 4 stand for all those that no family names. */
const named = fc.integer({ min: 0, max: 2 });
const subtree = fc.array(named, { maxLength: 4 });
const mask = fc.uint8Array({ maxLength: 1 });
const family: fc.Arbitrary<ViewFamily> = fc.record({ subtree, mask, included: fc.boolean() });
const families = fc.uniqueArray(family, { selector: (one) => one.subtree.join('.'), maxLength: 7 });
const name = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 5 });

/** All names of up to five numbers from 0 to 4, in lexicographic order. */
const NAMES: readonly Oid[] = allNames(5).sort(compareOids);

function allNames(length: number): Oid[] {
  if (length === 0) return [[]];
  return [[], ...allNames(length - 1).flatMap((rest) => [0, 1, 2, 3, 4].map((first) => [first, ...rest]))];
}

/** The text of RFC 3415 step by step, with the mask as a string of bits. */
function oracle(all: readonly ViewFamily[], oid: Oid): boolean {
  const matching = all.filter((one) => {
    if (one.subtree.length > oid.length) return false;
    const bits = Array.from(one.mask, (octet) => octet.toString(2).padStart(8, '0'))
      .join('')
      .padEnd(128, '1');
    return one.subtree.every((subid, i) => bits[i] === '0' || subid === oid[i]);
  });
  const longest = Math.max(...matching.map((one) => one.subtree.length));
  const [greatest] = matching
    .filter((one) => one.subtree.length === longest)
    .sort((a, b) => compareOids(b.subtree, a.subtree));
  return greatest?.included ?? false;
}

describe('any view', () => {
  it('holds what the text of RFC 3415 says', () => {
    fc.assert(
      fc.property(families, name, (all, oid) => {
        expect(new ViewTree(all).inView(oid, 0, oid.length)).toBe(oracle(all, oid));
      }),
      { numRuns: 3000 },
    );
  });

  it('shows behind a name what a search through all names would find first', () => {
    fc.assert(
      fc.property(families, fc.boolean(), fc.array(named, { maxLength: 4 }), (all, otherwise, from) => {
        const names = new VisibleNames(new ViewTree(all).patterns, otherwise);
        const visible = (oid: Oid) => names.contains(oid, 0, oid.length);
        const wanted = NAMES.find((oid) => compareOids(oid, from) > 0 && visible(oid));
        const length = names.above(from, from.length);
        expect(length < 0 ? undefined : Array.from(names.found.subarray(0, length))).toEqual(wanted);
      }),
      ROUNDS,
    );
  });
});

describe('a view of families that overlap', () => {
  // Each fixes another sub-identifier and leaves the others open, so there are two numbers to try at each place;
  // the last one hides all that the others show. Searching all of it would take 2^16 steps.
  const hidden: ViewFamily = { subtree: Array(16).fill(9), mask: new Uint8Array(2), included: false };
  const shown = Array.from({ length: 16 }, (_, i): ViewFamily => {
    const mask = new Uint8Array(2);
    mask[i >> 3] = 0x80 >> (i & 7);
    return { subtree: Array.from({ length: 16 }, (_, j) => (j === i ? 1 : 0)), mask, included: true };
  });
  const long = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 20 });

  it('gives up a search that is too long, and says so by a name that is not visible but greater', () => {
    const names = new VisibleNames(new ViewTree([hidden, ...shown]).patterns, false);
    let from: number[] = [0];
    for (let jump = 0; jump < 20; jump++) {
      const length = names.above(from, from.length);
      const found = Array.from(names.found.subarray(0, length));
      expect(length).toBeGreaterThan(0);
      expect(names.contains(found, 0, length)).toBe(false);
      expect(compareOids(found, from)).toBeGreaterThan(0);
      from = found;
    }
  });

  it('passes over nothing visible, whether it gave up or not', () => {
    fc.assert(
      fc.property(fc.subarray(shown), fc.boolean(), long, long, (some, hides, one, another) => {
        const names = new VisibleNames(new ViewTree(hides ? [hidden, ...some] : some).patterns, false);
        const [from, behind] = compareOids(one, another) < 0 ? [one, another] : [another, one];
        const length = names.above(from!, from!.length);
        const found = Array.from(names.found.subarray(0, Math.max(length, 0)));
        const passedOver = length < 0 || compareOids(behind!, found) < 0;
        if (compareOids(behind!, from!) > 0 && passedOver) {
          expect(names.contains(behind!, 0, behind!.length)).toBe(false);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
