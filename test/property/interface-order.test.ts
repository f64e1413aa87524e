import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Interface, loopback } from '../../agent/objects/if-mib/interface.ts';
import { InterfaceOrder } from '../../agent/objects/if-mib/interface-order.ts';

const step = fc.record({
  /** Adds or removes so many, from this index on, this far apart. */
  what: fc.constantFrom('add', 'add', 'remove'),
  first: fc.integer({ min: 1, max: 1500 }),
  apart: fc.integer({ min: 1, max: 7 }),
  count: fc.integer({ min: 1, max: 900 }),
});

/** All rows by walking from the first one. */
function walk(order: InterfaceOrder): number[] {
  const found: number[] = [];
  for (let position = order.first(); position >= 0; position = order.next(position))
    found.push(order.row(position).index);
  return found;
}

describe('the order of interfaces', () => {
  it('is that of a sorted list, whatever comes and goes', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), fc.nat({ max: 8000 }), (steps, sought) => {
        const order = new InterfaceOrder();
        const known = new Map<number, Interface>();
        for (const { what, first, apart, count } of steps) {
          for (let i = 0; i < count; i++) {
            const index = first + i * apart;
            const one = known.get(index);
            if (what === 'add' && !one) {
              known.set(index, loopback(index, 0));
              order.add(known.get(index)!);
            }
            if (what === 'remove') order.remove(one ?? loopback(index, 0));
            if (what === 'remove') known.delete(index);
          }
          const sorted = [...known.keys()].sort((a, b) => a - b);
          expect(order.size).toBe(sorted.length);
          expect(walk(order)).toEqual(sorted);
          expect([...order].map(({ index }) => index)).toEqual(sorted);
          const at = (position: number) => (position < 0 ? undefined : order.row(position).index);
          expect(at(order.notBelow(sought))).toBe(sorted.find((index) => index >= sought));
          expect(at(order.after([sought], 0, 1))).toBe(sorted.find((index) => index > sought));
          expect(at(order.find([sought], 0, 1))).toBe(known.has(sought) ? sought : undefined);
          expect(order.find([sought, 0], 0, 2)).toBe(-1);
        }
      }),
      { numRuns: 40 },
    );
  });
});
