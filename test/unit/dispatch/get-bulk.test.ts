import { describe, expect, it } from 'vitest';
import { SortedRows } from '../../../agent/mib/rows.ts';
import { LAB, Laboratory } from '../../support/laboratory.ts';
import { syntheticModule } from '../../support/synthetic-module.ts';
import { type Answer, pairs, TestAgent } from '../../support/test-agent.ts';
import { encode, value, WIRE } from '../../support/wire.ts';

const lab = new TestAgent([new Laboratory().module]);

function bulk(agent: TestAgent, nonRepeaters: number, maxRepetitions: number, names: readonly string[]) {
  return agent.ask(WIRE.getBulk, names, { fieldA: nonRepeaters, fieldB: maxRepetitions });
}

const name = (answer: Answer | undefined) => answer?.varbinds.map(({ oid }) => oid.slice(LAB.length + 1));

/** Fields, names asked and names answered, all without the root. */
const BULK_ROWS: readonly (readonly [string, number, number, readonly string[], readonly string[]])[] = [
  ['one non-repeater', 1, 5, ['1'], ['1.0']],
  ['one repeater', 0, 3, ['20.1.2'], ['20.1.2.1', '20.1.2.2', '20.1.2.5']],
  [
    'a non-repeater and two repeaters, row by row',
    1,
    2,
    ['1', '20.1.2', '20.1.5'],
    ['1.0', '20.1.2.1', '20.1.5.1', '20.1.2.2', '20.1.5.2'],
  ],
  [
    'repetitions counted per repeater',
    0,
    2,
    ['20.1.2', '20.1.4', '20.1.5'],
    ['20.1.2.1', '20.1.4.1', '20.1.5.1', '20.1.2.2', '20.1.4.2', '20.1.5.2'],
  ],
  ['non-repeaters negative: none', -1, 2, ['20.1.2'], ['20.1.2.1', '20.1.2.2']],
  ['non-repeaters at the least integer', -(2 ** 31), 1, ['20.1.2', '1'], ['20.1.2.1', '1.0']],
  ['non-repeaters as many as the names', 2, 9, ['1', '20.1.2'], ['1.0', '20.1.2.1']],
  ['non-repeaters more than the names', 2 ** 31 - 1, 9, ['1', '20.1.2'], ['1.0', '20.1.2.1']],
  ['max-repetitions 0: non-repeaters only', 1, 0, ['1', '20.1.2'], ['1.0']],
  ['max-repetitions 0 and no non-repeaters: nothing', 0, 0, ['1', '20.1.2'], []],
  ['max-repetitions negative: as 0', 1, -5, ['1', '20.1.2'], ['1.0']],
  ['max-repetitions at the least integer', 0, -(2 ** 31), ['1'], []],
  ['no names', 0, 10, [], []],
  ['no names, some non-repeaters', 3, 10, [], []],
  ['over a hole', 0, 2, ['20.1.6'], ['20.1.6.1', '20.1.6.5']],
  ['from column to column and past an empty table', 0, 3, ['20.1.6.1'], ['20.1.6.5', '40.0', '40.0']],
];

describe('GETBULK, RFC 3416 section 4.2.3', () => {
  it.each(BULK_ROWS)('%s', (_why, nonRepeaters, maxRepetitions, asked, answered) => {
    const answer = bulk(
      lab,
      nonRepeaters,
      maxRepetitions,
      asked.map((part) => `${LAB}.${part}`),
    );
    expect([answer?.status, answer?.index]).toEqual([0, 0]);
    expect(name(answer)).toEqual(answered);
  });

  it('names endOfMibView after the last instance, and after what was asked where there was none', () => {
    expect(pairs(bulk(lab, 0, 3, [`${LAB}.30`, '2.999']))).toEqual([
      [`${LAB}.40.0`, value.integer(99)],
      ['2.999', value.endOfMibView],
      [`${LAB}.40.0`, value.endOfMibView],
      ['2.999', value.endOfMibView],
    ]);
  });

  it('names endOfMibView of a non-repeater as it was asked', () => {
    expect(pairs(bulk(lab, 1, 1, [`${LAB}.40.0`]))).toEqual([[`${LAB}.40.0`, value.endOfMibView]]);
  });

  it('ends after the first repetition that is endOfMibView throughout, however many are asked', () => {
    const answer = bulk(lab, 0, 2 ** 31 - 1, [`${LAB}.20.1.6`]);
    expect(pairs(answer)).toEqual([
      [`${LAB}.20.1.6.1`, value.integer(1)],
      [`${LAB}.20.1.6.5`, value.integer(5)],
      [`${LAB}.40.0`, value.integer(99)],
      [`${LAB}.40.0`, value.endOfMibView],
    ]);
  });

  it('goes on with a repeater that is behind another at its end', () => {
    const answer = bulk(lab, 0, 3, [`${LAB}.30`, `${LAB}.20.1.5`]);
    expect(pairs(answer)).toEqual([
      [`${LAB}.40.0`, value.integer(99)],
      [`${LAB}.20.1.5.1`, value.integer(1)],
      [`${LAB}.40.0`, value.endOfMibView],
      [`${LAB}.20.1.5.2`, value.integer(1)],
      [`${LAB}.40.0`, value.endOfMibView],
      [`${LAB}.20.1.5.5`, value.integer(1)],
    ]);
  });
});

/** A table of `rows` rows with three columns of the given widths, and nothing behind it. */
function wideTable(rows: number, widths: readonly number[]) {
  const sorted = new SortedRows<number>();
  for (let row = 1; row <= rows; row++) sorted.set([row], row);
  const columns = widths.map((width, i) => [
    `column${i}`,
    { at: i + 2, base: 'OctetString' as const, read: (row: number) => String(row).padEnd(width, '.') },
  ]);
  return syntheticModule({
    root: LAB,
    tables: { wide: { at: 1, rows: sorted, columns: Object.fromEntries(columns) } },
  });
}

const REPEATERS = [2, 3, 4].map((column) => `${LAB}.1.1.${column}`);

/** Octets of the answer that carries these bindings. */
function sizeOf(answer: Answer, count: number): number {
  const common = {
    version: 1,
    community: 'private',
    requestId: 1,
    type: WIRE.response,
    fieldA: 0,
    fieldB: 0,
  };
  return encode({ ...common, varbinds: answer.varbinds.slice(0, count) }).length;
}

describe('GETBULK that does not fit, RFC 3416 section 4.2.3 (fewer bindings at the end)', () => {
  const module = wideTable(60, [4, 20, 9]);
  const whole = bulk(new TestAgent([module], { limits: { bulk: 65_507, any: 65_507 } }), 0, 60, REPEATERS)!;

  it('is whole where there is room', () => {
    expect(whole.varbinds).toHaveLength(180);
    expect(whole.octets.length).toBe(sizeOf(whole, 180));
  });

  it.each(
    Array.from({ length: 130 }, (_, i) => 484 + i * 11),
  )('of at most %i octets is cut behind the last repetition that fits', (limit) => {
    const agent = new TestAgent([module], { limits: { bulk: limit, any: 65_507 } });
    const answer = bulk(agent, 0, 60, REPEATERS)!;
    const count = answer.varbinds.length;
    expect(answer.varbinds).toEqual(whole.varbinds.slice(0, count));
    expect(count % 3).toBe(0);
    expect(answer.octets.length).toBeLessThanOrEqual(limit);
    expect(sizeOf(whole, count + 3)).toBeGreaterThan(limit);
  });

  it('holds for each limit around the size of a whole number of repetitions', () => {
    for (const repetitions of [7, 10, 11, 20]) {
      const exact = sizeOf(whole, repetitions * 3);
      for (const [limit, wanted] of [
        [exact - 1, repetitions - 1],
        [exact, repetitions],
        [exact + 1, repetitions],
      ] as const) {
        const agent = new TestAgent([module], { limits: { bulk: limit, any: 65_507 } });
        expect(bulk(agent, 0, 60, REPEATERS)?.varbinds).toHaveLength(wanted * 3);
      }
    }
  });

  it('keeps the non-repeaters and whole repetitions behind them', () => {
    const agent = new TestAgent([module], { limits: { bulk: 484, any: 65_507 } });
    const answer = bulk(agent, 1, 60, [`${LAB}.1.1.2`, `${LAB}.1.1.3`, `${LAB}.1.1.4`])!;
    expect(answer.varbinds.length % 2).toBe(1);
    expect(answer.varbinds.length).toBeGreaterThan(2);
  });

  it('is cut within the first repetition when not even that fits', () => {
    const agent = new TestAgent([wideTable(3, [200, 200, 200])], { limits: { bulk: 500, any: 65_507 } });
    const answer = bulk(agent, 0, 3, REPEATERS)!;
    expect(answer.varbinds.map(({ oid }) => oid)).toEqual([`${LAB}.1.1.2.1`, `${LAB}.1.1.3.1`]);
    expect(answer.octets.length).toBeLessThanOrEqual(500);
  });

  it('may take the room of any answer for a single first binding, so that a walk gets on', () => {
    const agent = new TestAgent([wideTable(3, [3000, 5, 5])], { limits: { bulk: 1472, any: 65_507 } });
    const answer = bulk(agent, 0, 3, REPEATERS)!;
    expect(answer.varbinds.map(({ oid }) => oid)).toEqual([`${LAB}.1.1.2.1`]);
    expect(answer.octets.length).toBeGreaterThan(3000);
  });

  it('has no bindings at all when the first would exceed every limit', () => {
    const agent = new TestAgent([wideTable(3, [3000, 5, 5])], { limits: { bulk: 1472, any: 2000 } });
    expect(bulk(agent, 0, 3, REPEATERS)).toMatchObject({ status: 0, index: 0, varbinds: [] });
  });

  it('answers as many repeaters as a datagram holds', () => {
    const agent = new TestAgent([module]);
    const names = Array.from({ length: 3000 }, () => `${LAB}.1.1.2`);
    const answer = bulk(agent, 0, 10, names)!;
    expect(answer.octets.length).toBeLessThanOrEqual(1472);
    expect(new Set(answer.varbinds.map(({ oid }) => oid))).toEqual(new Set([`${LAB}.1.1.2.1`]));
  });
});
