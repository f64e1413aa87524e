import { describe, expect, it } from 'vitest';
import { LAB, Laboratory } from '../../support/laboratory.ts';
import { syntheticModule } from '../../support/synthetic-module.ts';
import { pairs, TestAgent } from '../../support/test-agent.ts';
import { value, WIRE, type WireValue } from '../../support/wire.ts';

const agent = new TestAgent([new Laboratory().module]);

/** What GET answers for a name, and why. */
const GET_ROWS: readonly (readonly [why: string, name: string, answer: WireValue])[] = [
  ['4.2.1 (1): a scalar instance', `${LAB}.1.0`, value.integer(42)],
  ['4.2.1 (1): a column instance', `${LAB}.20.1.2.5`, value.octets('guest-5')],
  ['4.2.1 (1): Counter64 is a value for v2c', `${LAB}.4.0`, value.counter64(2n ** 63n)],
  ['4.2.1 (2): outside every module', '1.3.6.1.9.9', value.noSuchObject],
  ['4.2.1 (2): before every module', '0.0', value.noSuchObject],
  ['4.2.1 (2): behind every module', '2.999.4294967295', value.noSuchObject],
  ['4.2.1 (2): the root of a module', LAB, value.noSuchObject],
  ['4.2.1 (2): the table itself', `${LAB}.20`, value.noSuchObject],
  ['4.2.1 (2): the row itself', `${LAB}.20.1`, value.noSuchObject],
  ['4.2.1 (2): a column number that is not defined', `${LAB}.20.1.99.1`, value.noSuchObject],
  ['4.2.1 (2): a not-accessible column', `${LAB}.20.1.1.1`, value.noSuchObject],
  ['4.2.1 (2): an accessible-for-notify column', `${LAB}.20.1.3.1`, value.noSuchObject],
  ['4.2.1 (2): an accessible-for-notify scalar', `${LAB}.5.0`, value.noSuchObject],
  ['4.2.1 (2): another entry than 1 of a table', `${LAB}.20.2.2.1`, value.noSuchObject],
  ['4.2.1 (3): a scalar without instance', `${LAB}.1`, value.noSuchInstance],
  ['4.2.1 (3): a scalar with another instance', `${LAB}.1.1`, value.noSuchInstance],
  ['4.2.1 (3): a scalar with an instance too long', `${LAB}.1.0.0`, value.noSuchInstance],
  ['4.2.1 (3): a column without index', `${LAB}.20.1.2`, value.noSuchInstance],
  ['4.2.1 (3): a row that does not exist', `${LAB}.20.1.2.3`, value.noSuchInstance],
  ['4.2.1 (3): an index too long', `${LAB}.20.1.2.1.0`, value.noSuchInstance],
  ['4.2.1 (3): a hole in a column', `${LAB}.20.1.6.2`, value.noSuchInstance],
  ['4.2.1 (3): a column of a table without rows', `${LAB}.30.1.2.1`, value.noSuchInstance],
];

describe('GET, RFC 3416 section', () => {
  it.each(GET_ROWS)('%s (%s)', (_why, name, answer) => {
    expect(pairs(agent.ask(WIRE.get, [name]))).toEqual([[name, answer]]);
  });

  it('4.2.1: exceptions stand beside values in one answer, in the order of the request', () => {
    const names = GET_ROWS.map(([, name]) => name);
    const answer = agent.ask(WIRE.get, names);
    expect([answer?.status, answer?.index]).toEqual([0, 0]);
    expect(pairs(answer)).toEqual(GET_ROWS.map(([, name, bound]) => [name, bound]));
  });

  it('4.2.1: no bindings asked, none answered', () => {
    expect(agent.ask(WIRE.get, [])).toMatchObject({ status: 0, index: 0, varbinds: [] });
  });

  it('4.2.1: the same name as often as it was asked', () => {
    const answer = agent.ask(WIRE.get, [`${LAB}.1.0`, `${LAB}.1.0`]);
    expect(pairs(answer)).toEqual([
      [`${LAB}.1.0`, value.integer(42)],
      [`${LAB}.1.0`, value.integer(42)],
    ]);
  });

  it('4.2.1: the value in the request does not matter', () => {
    const asked = { oid: `${LAB}.1.0`, value: value.octets('anything') };
    expect(pairs(agent.ask(WIRE.get, [asked]))).toEqual([[`${LAB}.1.0`, value.integer(42)]]);
  });

  it('3: error-status and error-index of a request are ignored', () => {
    expect(agent.ask(WIRE.get, [`${LAB}.1.0`], { fieldA: 5, fieldB: 9 })).toMatchObject({
      status: 0,
      index: 0,
    });
  });

  it.each([
    -(2 ** 31),
    -1,
    0,
    1,
    127,
    128,
    255,
    256,
    32_767,
    32_768,
    2 ** 23,
    2 ** 31 - 1,
  ])('3: request-id %i comes back', (requestId) => {
    // The answer's request-id is compared by ask().
    expect(agent.ask(WIRE.get, [`${LAB}.1.0`], { requestId })?.status).toBe(0);
  });
});

describe('GET of an object whose own code is at fault, RFC 3416 section 4.2.1', () => {
  const faulty: Record<string, () => unknown> = {
    throws: () => {
      throw new Error('the provider is broken');
    },
    'throws no Error': () => {
      throw 'broken';
    },
    'gives text for a number': () => 'seven',
    'gives a fraction': () => 1.5,
    'gives NaN': () => Number.NaN,
    'gives infinity': () => Number.POSITIVE_INFINITY,
    'gives more than 32 bits': () => 2 ** 31,
    'gives null': () => null,
    'gives a boolean': () => true,
    'gives a promise': () => Promise.resolve(1),
    'gives a bigint for an INTEGER': () => 1n,
    'gives an identifier for a number': () => [1, 3, 6],
  };
  const scalars = Object.entries(faulty).map(([name, read], i) => [
    name,
    { at: i + 1, base: 'Integer32' as const, read },
  ]);
  const root = `${LAB}.900`;
  const module = syntheticModule({ root, scalars: Object.fromEntries(scalars) });

  it.each(
    Object.keys(faulty).map((name, i) => [name, i + 1] as const),
  )('%s: genErr with its index', (_name, at) => {
    const broken = new TestAgent([new Laboratory().module, module]);
    const names = [`${LAB}.1.0`, `${root}.${at}.0`, `${LAB}.1.0`];
    const answer = broken.ask(WIRE.get, names);
    expect([answer?.status, answer?.index]).toEqual([5, 2]);
    expect(pairs(answer)).toEqual(names.map((name) => [name, value.null]));
    expect(broken.errors).toHaveLength(1);
    expect(broken.errors[0]?.fields).toMatchObject({ binding: 2 });
    // The agent goes on.
    expect(pairs(broken.ask(WIRE.get, [`${LAB}.1.0`]))).toEqual([[`${LAB}.1.0`, value.integer(42)]]);
  });

  it('genErr stands in a v1 answer as well (RFC 1157 section 4.1.2)', () => {
    const broken = new TestAgent([module]);
    expect(broken.ask(WIRE.get, [`${root}.1.0`], { version: 0 })).toMatchObject({ status: 5, index: 1 });
  });

  it.each([WIRE.getNext, WIRE.getBulk])('genErr for PDU type %i', (type) => {
    const broken = new TestAgent([new Laboratory().module, module]);
    const names = [`${LAB}.1`, `${root}.1`];
    const answer = broken.ask(type, names, { fieldA: 0, fieldB: type === WIRE.getBulk ? 3 : 0 });
    expect([answer?.status, answer?.index]).toEqual([5, 2]);
    expect(pairs(answer)).toEqual(names.map((name) => [name, value.null]));
  });
});
