import { describe, expect, it } from 'vitest';
import { LAB, Laboratory } from '../../support/laboratory.ts';
import { pairs, TestAgent } from '../../support/test-agent.ts';
import { value, WIRE, type WireValue } from '../../support/wire.ts';

const agent = new TestAgent([new Laboratory().module]);
const NEXT_TO_LAST = `${LAB}.40.0`;

const NEXT_ROWS: readonly (readonly [why: string, from: string, to: string, answer: WireValue])[] = [
  ['from the very beginning', '0.0', `${LAB}.1.0`, value.integer(42)],
  ['from before the module', '1.3.6.1.2.1', `${LAB}.1.0`, value.integer(42)],
  ['from the root of the module', LAB, `${LAB}.1.0`, value.integer(42)],
  ['from a scalar without instance', `${LAB}.1`, `${LAB}.1.0`, value.integer(42)],
  ['from a scalar instance to the next', `${LAB}.1.0`, `${LAB}.2.0`, value.octets('bench')],
  ['from behind a scalar instance', `${LAB}.1.0.0`, `${LAB}.2.0`, value.octets('bench')],
  ['from an instance that is not there', `${LAB}.1.7`, `${LAB}.2.0`, value.octets('bench')],
  ['to a Counter64 for v2c', `${LAB}.3.0`, `${LAB}.4.0`, value.counter64(2n ** 63n)],
  ['past an accessible-for-notify scalar', `${LAB}.4.0`, `${LAB}.6.0`, value.integer(1)],
  ['from within an accessible-for-notify scalar', `${LAB}.5`, `${LAB}.6.0`, value.integer(1)],
  ['into a table, past its unreadable column', `${LAB}.20`, `${LAB}.20.1.2.1`, value.octets('guest-1')],
  ['from an unreadable column', `${LAB}.20.1.1.2`, `${LAB}.20.1.2.1`, value.octets('guest-1')],
  ['from a column to its first row', `${LAB}.20.1.2`, `${LAB}.20.1.2.1`, value.octets('guest-1')],
  ['from row to row', `${LAB}.20.1.2.1`, `${LAB}.20.1.2.2`, value.octets('guest-2')],
  ['over missing rows', `${LAB}.20.1.2.2`, `${LAB}.20.1.2.5`, value.octets('guest-5')],
  ['from between rows', `${LAB}.20.1.2.3.9.9`, `${LAB}.20.1.2.5`, value.octets('guest-5')],
  ['from an index below the first', `${LAB}.20.1.2.0`, `${LAB}.20.1.2.1`, value.octets('guest-1')],
  ['from the last row past the notify column', `${LAB}.20.1.2.5`, `${LAB}.20.1.4.1`, value.counter64(1)],
  ['from the notify column', `${LAB}.20.1.3.1`, `${LAB}.20.1.4.1`, value.counter64(1)],
  ['over a hole in a column', `${LAB}.20.1.6.1`, `${LAB}.20.1.6.5`, value.integer(5)],
  ['past a table without rows', `${LAB}.20.1.6.5`, NEXT_TO_LAST, value.integer(99)],
  ['from within a table without rows', `${LAB}.30.1.2.1`, NEXT_TO_LAST, value.integer(99)],
  ['from the last instance: endOfMibView under its name', NEXT_TO_LAST, NEXT_TO_LAST, value.endOfMibView],
  ['from behind everything: the name as asked', '2.999.1', '2.999.1', value.endOfMibView],
];

describe('GETNEXT, RFC 3416 section 4.2.2', () => {
  it.each(NEXT_ROWS)('%s', (_why, from, to, answer) => {
    expect(pairs(agent.ask(WIRE.getNext, [from]))).toEqual([[to, answer]]);
  });

  it('answers each binding by itself, in the order of the request', () => {
    const answer = agent.ask(
      WIRE.getNext,
      NEXT_ROWS.map(([, from]) => from),
    );
    expect(pairs(answer)).toEqual(NEXT_ROWS.map(([, , to, bound]) => [to, bound]));
    expect([answer?.status, answer?.index]).toEqual([0, 0]);
  });

  it('answers no bindings with none', () => {
    expect(agent.ask(WIRE.getNext, [])).toMatchObject({ status: 0, index: 0, varbinds: [] });
  });
});

describe('GETNEXT of SNMPv1', () => {
  const v1 = { version: 0, community: 'public' };

  it('passes over Counter64, scalar and column (RFC 3584 section 4.2.2.1)', () => {
    expect(pairs(agent.ask(WIRE.getNext, [`${LAB}.3.0`, `${LAB}.20.1.2.5`, `${LAB}.20.1.4.1`], v1))).toEqual([
      [`${LAB}.6.0`, value.integer(1)],
      [`${LAB}.20.1.5.1`, value.integer(1)],
      [`${LAB}.20.1.5.1`, value.integer(1)],
    ]);
  });

  it('says noSuchName at the end, with the index and the bindings asked (RFC 1157 section 4.1.3)', () => {
    const names = [`${LAB}.1`, NEXT_TO_LAST, '2.999'];
    const answer = agent.ask(WIRE.getNext, names, v1);
    expect([answer?.status, answer?.index]).toEqual([2, 2]);
    expect(pairs(answer)).toEqual(names.map((name) => [name, value.null]));
  });
});
