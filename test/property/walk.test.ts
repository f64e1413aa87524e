import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareDotted,
  getOracle,
  nearbyName,
  nextOracle,
  type RandomMib,
  randomMib,
} from '../support/random-table.ts';
import { TestAgent } from '../support/test-agent.ts';
import { value, WIRE, type WireVarbind } from '../support/wire.ts';

const ROUNDS = { numRuns: 150 };
const isCounter64 = (varbind: WireVarbind) => varbind.value.tag === WIRE.Counter64;
const forV1 = (mib: RandomMib) => mib.instances.filter((varbind) => !isCounter64(varbind));
const mibAndNames = randomMib.chain((mib) =>
  fc.tuple(fc.constant(mib), fc.array(nearbyName(mib), { minLength: 1, maxLength: 8 })),
);

describe('any table', () => {
  it('answers GET as a sorted list would', () => {
    fc.assert(
      fc.property(mibAndNames, ([mib, names]) => {
        const answer = new TestAgent([mib.module]).ask(WIRE.get, names);
        expect(answer).toMatchObject({ status: 0, index: 0 });
        expect(answer?.varbinds).toEqual(names.map((oid) => ({ oid, value: getOracle(mib, oid) })));
      }),
      ROUNDS,
    );
  });

  it('answers GET of SNMPv1 with all values, or with the first name that has none', () => {
    fc.assert(
      fc.property(mibAndNames, ([mib, names]) => {
        const answer = new TestAgent([mib.module]).ask(WIRE.get, names, { version: 0 });
        const values = names.map((name) => forV1(mib).find(({ oid }) => oid === name));
        const missing = values.indexOf(undefined);
        if (missing < 0) expect(answer).toMatchObject({ status: 0, index: 0, varbinds: values });
        else {
          const echo = names.map((oid) => ({ oid, value: value.null }));
          expect(answer).toMatchObject({ status: 2, index: missing + 1, varbinds: echo });
        }
      }),
      ROUNDS,
    );
  });

  it('answers GETNEXT from anywhere as a sorted list would', () => {
    fc.assert(
      fc.property(mibAndNames, ([mib, names]) => {
        const answer = new TestAgent([mib.module]).ask(WIRE.getNext, names);
        const wanted = names.map(
          (oid) => nextOracle(mib.instances, oid) ?? { oid, value: value.endOfMibView },
        );
        expect(answer?.varbinds).toEqual(wanted);
      }),
      ROUNDS,
    );
  });

  it('shows a walk by GETNEXT every instance once and in order', () => {
    fc.assert(
      fc.property(randomMib, (mib) => {
        const agent = new TestAgent([mib.module]);
        const seen: WireVarbind[] = [];
        for (let name = '0.0'; ; ) {
          const [varbind] = agent.ask(WIRE.getNext, [name])!.varbinds;
          if (varbind!.value.tag === WIRE.endOfMibView) break;
          seen.push(varbind!);
          name = varbind!.oid;
          expect(seen.length).toBeLessThanOrEqual(mib.instances.length);
        }
        expect(seen).toEqual(mib.instances);
      }),
      ROUNDS,
    );
  });

  it('shows a walk of SNMPv1 every instance but Counter64', () => {
    fc.assert(
      fc.property(randomMib, (mib) => {
        const agent = new TestAgent([mib.module]);
        const seen: WireVarbind[] = [];
        for (let name = '0.0'; ; ) {
          const answer = agent.ask(WIRE.getNext, [name], { version: 0 })!;
          if (answer.status === 2) break;
          seen.push(answer.varbinds[0]!);
          name = seen.at(-1)!.oid;
          expect(seen.length).toBeLessThanOrEqual(mib.instances.length);
        }
        expect(seen).toEqual(forV1(mib));
      }),
      ROUNDS,
    );
  });

  const fields = fc.record({
    repetitions: fc.integer({ min: 1, max: 40 }),
    limit: fc.integer({ min: 484, max: 1500 }),
  });

  it('shows a walk by GETBULK every instance once and in order, within the limit', () => {
    fc.assert(
      fc.property(randomMib, fields, (mib, { repetitions, limit }) => {
        const agent = new TestAgent([mib.module], { limits: { bulk: limit, any: 65_507 } });
        const seen: WireVarbind[] = [];
        for (let name = '0.0', ended = false; !ended; ) {
          const answer = agent.ask(WIRE.getBulk, [name], { fieldB: repetitions })!;
          expect(answer.octets.length).toBeLessThanOrEqual(limit);
          expect(answer.varbinds.length).toBeGreaterThan(0);
          const values = answer.varbinds.filter((varbind) => varbind.value.tag !== WIRE.endOfMibView);
          ended = values.length < answer.varbinds.length;
          seen.push(...values);
          name = seen.at(-1)?.oid ?? name;
          expect(seen.length).toBeLessThanOrEqual(mib.instances.length);
        }
        expect(seen).toEqual(mib.instances);
      }),
      ROUNDS,
    );
  });

  it('answers GETBULK with several repeaters as so many GETNEXTs, cut behind a whole repetition', () => {
    fc.assert(
      fc.property(
        mibAndNames,
        fc.integer({ min: -1, max: 4 }),
        fc.integer({ min: -1, max: 8 }),
        fc.integer({ min: 484, max: 1500 }),
        ([mib, names], nonRepeaters, maxRepetitions, limit) => {
          const agent = new TestAgent([mib.module], { limits: { bulk: limit, any: 65_507 } });
          const answer = agent.ask(WIRE.getBulk, names, { fieldA: nonRepeaters, fieldB: maxRepetitions })!;
          const model = bulkModel(mib, names, nonRepeaters, maxRepetitions);
          const count = answer.varbinds.length;
          expect(answer.varbinds).toEqual(model.varbinds.slice(0, count));
          if (count === model.varbinds.length) return;
          const behind = count - model.nonRepeaters;
          const repeaters = names.length - model.nonRepeaters;
          expect(behind <= repeaters || behind % repeaters === 0).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** What RFC 3416 section 4.2.3 says of a GETBULK, without any limit of size. */
function bulkModel(mib: RandomMib, names: readonly string[], wantedN: number, wantedM: number) {
  const nonRepeaters = Math.min(Math.max(wantedN, 0), names.length);
  const step = (oid: string) => nextOracle(mib.instances, oid) ?? { oid, value: value.endOfMibView };
  const varbinds = names.slice(0, nonRepeaters).map(step);
  let last = names.slice(nonRepeaters);
  for (let m = 0; m < Math.max(wantedM, 0) && last.length > 0; m++) {
    const repetition = last.map(step);
    varbinds.push(...repetition);
    last = repetition.map(({ oid }) => oid);
    if (repetition.every((varbind) => varbind.value.tag === WIRE.endOfMibView)) break;
  }
  return { nonRepeaters, varbinds };
}

it('the order of the oracle is the order of RFC 2578 section 3.5', () => {
  const sorted = ['1.3', '1.3.1', '1.3.2', '1.3.2.0', '1.3.10', '1.3.4294967295', '1.4', '2.0'];
  expect([...sorted].reverse().sort(compareDotted)).toEqual(sorted);
});
