import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Writer } from '../../../agent/ber/writer.ts';
import type { Value } from '../../../agent/mib/value.ts';
import { InstanceState } from '../../../agent/objects/event-mib/instance-state.ts';
import { InstanceStates } from '../../../agent/objects/event-mib/instance-states.ts';
import { indexIds } from '../../../agent/objects/event-mib/object-names.ts';
import { compareOids, type Oid } from '../../../agent/util/oid.ts';

const subid = fc.oneof(
  fc.constantFrom(0, 1, 127, 128, 16_383, 16_384, 2 ** 31, 2 ** 32 - 1),
  fc.integer({ min: 0, max: 2 ** 32 - 1 }),
);
const index = fc.array(subid, { minLength: 1, maxLength: 18 });
const value: fc.Arbitrary<Value | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.integer(),
  fc.bigInt(0n, 2n ** 64n - 1n),
  fc.string(),
  fc.uint8Array({ maxLength: 4 }),
);
const crossing = fc.record({
  before: fc.option(fc.double({ noNaN: true }), { nil: undefined }),
  last: fc.constantFrom(undefined, 'rising' as const, 'falling' as const),
});
const fields = fc.record({
  value,
  discontinuity: value,
  held: fc.constantFrom(undefined, true, false),
  failing: fc.boolean(),
  level: crossing,
  deltaLevel: crossing,
});
type Fields = typeof fields extends fc.Arbitrary<infer F> ? F : never;

function written(oid: Oid): Writer {
  const writer = new Writer();
  writer.reset();
  for (const id of oid) writer.appendSubid(id);
  return writer;
}

function stateOf({ level, deltaLevel, ...rest }: Fields): InstanceState {
  const state = new InstanceState();
  Object.assign(state, rest);
  Object.assign(state.level, level);
  Object.assign(state.deltaLevel, deltaLevel);
  return state;
}

describe('what is remembered of many instances', () => {
  it('comes back as it was, whatever it was before', () => {
    const sorted = fc
      .uniqueArray(index, { maxLength: 40, comparator: (a, b) => compareOids(a, b) === 0 })
      .map((oids) => oids.sort(compareOids));
    fc.assert(
      fc.property(
        sorted,
        fc.array(fields, { minLength: 80, maxLength: 80 }),
        fc.nat(40),
        (oids, all, cut) => {
          const states = new InstanceStates();
          const scratch = new InstanceState();
          for (const [i, oid] of oids.entries()) {
            const { bytes, start, end } = written(oid);
            states.push(bytes, start, end, stateOf(all[i]!));
          }
          for (const i of oids.keys()) {
            states.load(i, scratch);
            expect(scratch).toEqual(stateOf(all[i]!));
            expect(indexIds(states.index(i))).toEqual(oids[i]);
            states.save(i, stateOf(all[i + 40]!));
          }
          const kept = states.first(Math.min(cut, oids.length));
          expect(kept.count).toBe(Math.min(cut, oids.length));
          for (let i = 0; i < kept.count; i++) {
            kept.load(i, scratch);
            expect(scratch).toEqual(stateOf(all[i + 40]!));
            expect(indexIds(kept.index(i))).toEqual(oids[i]);
          }
        },
      ),
    );
  });

  it('is compared by the order of names', () => {
    fc.assert(
      fc.property(index, index, (a, b) => {
        const states = new InstanceStates();
        const first = written(a);
        states.push(first.bytes, first.start, first.end, new InstanceState());
        const second = written(b);
        const order = states.compare(0, second.bytes, second.start, second.end);
        expect(Math.sign(order)).toBe(Math.sign(compareOids(a, b)));
        expect(states.compare(1, second.bytes, second.start, second.end)).toBeGreaterThan(0);
      }),
    );
  });
});
