import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../support/hex.ts';
import { LAB, Laboratory } from '../../support/laboratory.ts';
import { pairs, TestAgent } from '../../support/test-agent.ts';
import {
  decode,
  element,
  encode,
  envelope,
  integerOctets,
  oidOctets,
  pduElement,
  value,
  varbindElement,
  WIRE,
  type WireMessage,
} from '../../support/wire.ts';

const agent = new TestAgent([new Laboratory().module]);
const NAME = `${LAB}.1.0`;
const GET: WireMessage = {
  version: 1,
  community: 'public',
  type: WIRE.get,
  requestId: 0x1234,
  fieldA: 0,
  fieldB: 0,
  varbinds: [{ oid: NAME, value: value.null }],
};
/** 1.3 and NULL. */
const TINY_BINDING = Array.from(fromHex('30 05 06 01 2b 05 00'));
const ANSWER = { ...GET, type: WIRE.response, varbinds: [{ oid: NAME, value: value.integer(42) }] };

describe('what BER allows and managers send is understood', () => {
  it.each([1, 2, 3, 4] as const)('lengths in %i octets behind 0x80 + n (X.690 section 8.1.3.5)', (form) => {
    expect(decode(agent.send(encode(GET, form))!, false)).toEqual(ANSWER);
  });

  it('a length with more leading zeros than a number holds', () => {
    const long = Uint8Array.from([
      0x30,
      0x88,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      encode(GET).length - 2,
      ...encode(GET).subarray(2),
    ]);
    expect(decode(agent.send(long)!)).toEqual(ANSWER);
  });

  it.each([
    2, 4, 5, 9,
  ])('request-id and version in %i octets (X.690 section 8.3.2 is not held against them)', (width) => {
    const wide = (number: number) => element(WIRE.Integer, integerOctets(BigInt(number), width));
    for (const requestId of [0x12, -5]) {
      const list = element(WIRE.Sequence, varbindElement(GET.varbinds[0]!));
      const pdu = element(WIRE.get, [...wide(requestId), ...wide(0), ...wide(0), ...list]);
      const message = Uint8Array.from(
        element(WIRE.Sequence, [
          ...wide(1),
          ...element(WIRE.OctetString, Array.from(Buffer.from('public'))),
          ...pdu,
        ]),
      );
      expect(decode(agent.send(message)!)).toEqual({ ...ANSWER, requestId });
    }
  });

  it('octets behind the message', () => {
    expect(decode(agent.send(Uint8Array.from([...encode(GET), 1, 2, 3]))!)).toEqual(ANSWER);
  });

  it('an identifier without octets is 0.0, and comes back as it came', () => {
    const bindings = element(WIRE.Sequence, [0x06, 0x00, 0x05, 0x00]);
    const got = agent.send(envelope(1, 'public', pduElement(GET, bindings)))!;
    expect(toHex(got)).toContain('30 04 06 00 80 00');
    const next = agent.send(envelope(1, 'public', pduElement({ ...GET, type: WIRE.getNext }, bindings)))!;
    expect(decode(next).varbinds).toEqual([{ oid: NAME, value: value.integer(42) }]);
  });

  it('any type of value in a GET, known or not', () => {
    const bindings = [0x02, 0x24, 0x9f, 0x7e].map((tag) =>
      element(WIRE.Sequence, [...element(WIRE.ObjectIdentifier, oidOctets(NAME)), ...element(tag, [1])]),
    );
    const got = decode(agent.send(envelope(1, 'public', pduElement(GET, bindings.flat())))!);
    expect(got.varbinds).toEqual(bindings.map(() => ANSWER.varbinds[0]));
  });
});

describe('names at their bounds (RFC 2578 section 3.5)', () => {
  const deep = (count: number) => `1.3${'.4294967295'.repeat(count - 2)}`;

  it.each([2, 3, 64, 127, 128])('%i sub-identifiers, each 2^32-1', (count) => {
    expect(pairs(agent.ask(WIRE.get, [deep(count)]))).toEqual([[deep(count), value.noSuchObject]]);
    const next = count === 2 ? [`${LAB}.1.0`, value.integer(42)] : [deep(count), value.endOfMibView];
    expect(pairs(agent.ask(WIRE.getNext, [deep(count)]))).toEqual([next]);
  });

  it('a name of 128 sub-identifiers within a table', () => {
    const name = `${LAB}.20.1.2.1${'.4294967295'.repeat(128 - `${LAB}.20.1.2.1`.split('.').length)}`;
    expect(name.split('.')).toHaveLength(128);
    expect(pairs(agent.ask(WIRE.get, [name]))).toEqual([[name, value.noSuchInstance]]);
    expect(pairs(agent.ask(WIRE.getNext, [name]))).toEqual([[`${LAB}.20.1.2.2`, value.octets('guest-2')]]);
  });

  it.each([
    '0.0',
    '0.39',
    '1.0',
    '1.39',
    '2.0',
    '2.39',
    '2.40',
    '2.47',
    '2.48',
    '2.999',
    '2.4294967295',
  ])('the first two arcs %s', (name) => {
    const answer = agent.ask(WIRE.get, [name]);
    expect(pairs(answer)).toEqual([[name, value.noSuchObject]]);
  });

  it('as many bindings as a datagram holds', () => {
    const bindings = new Array<number[]>(9000).fill(TINY_BINDING).flat();
    const request = envelope(1, 'public', pduElement(GET, bindings));
    expect(request.length).toBeLessThan(65_507);
    const got = decode(agent.send(request)!);
    expect(got.fieldA).toBe(0);
    expect(got.varbinds).toHaveLength(9000);
    // Smaller requests behind it are not touched by what it left.
    expect(decode(agent.send(encode(GET))!)).toEqual(ANSWER);
  });
});
