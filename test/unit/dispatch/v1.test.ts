import { describe, expect, it } from 'vitest';
import { LAB, Laboratory } from '../../support/laboratory.ts';
import { pairs, TestAgent } from '../../support/test-agent.ts';
import { element, elements, envelope, oidOctets, pduElement, value, WIRE } from '../../support/wire.ts';

const agent = new TestAgent([new Laboratory().module]);
const v1 = { version: 0, community: 'private' };

describe('GET of SNMPv1', () => {
  it.each([
    ['no such object', '1.3.6.1.9.9.0'],
    ['no such instance', `${LAB}.1.1`],
    ['a hole in a column', `${LAB}.20.1.6.2`],
    ['a Counter64 scalar', `${LAB}.4.0`],
    ['a Counter64 column', `${LAB}.20.1.4.1`],
    ['an unreadable column', `${LAB}.20.1.3.1`],
  ])('says noSuchName for %s (RFC 3584 section 4.2.2.1)', (_why, name) => {
    const names = [`${LAB}.1.0`, name, `${LAB}.40.0`];
    const answer = agent.ask(WIRE.get, names, v1);
    expect([answer?.status, answer?.index]).toEqual([2, 2]);
    expect(pairs(answer)).toEqual(names.map((asked) => [asked, value.null]));
  });

  it('answers values as v2c does', () => {
    expect(pairs(agent.ask(WIRE.get, [`${LAB}.1.0`, `${LAB}.20.1.2.1`], v1))).toEqual([
      [`${LAB}.1.0`, value.integer(42)],
      [`${LAB}.20.1.2.1`, value.octets('guest-1')],
    ]);
  });

  it('answers no bindings with none', () => {
    expect(agent.ask(WIRE.get, [], v1)).toMatchObject({ status: 0, index: 0, varbinds: [] });
  });
});

describe('an error answer of SNMPv1 (RFC 1157 section 4.1.2: "identical form")', () => {
  const good = [...element(WIRE.ObjectIdentifier, oidOctets(`${LAB}.1.0`)), 0x05, 0x00];
  const odd: Record<string, number[]> = {
    'lengths that are longer than needed': element(
      WIRE.Sequence,
      [...element(WIRE.ObjectIdentifier, oidOctets('1.3.9.1'), 3), 0x05, 0x81, 0x00],
      4,
    ),
    'a padded INTEGER': element(WIRE.Sequence, [
      ...element(WIRE.ObjectIdentifier, oidOctets('1.3.9.1')),
      ...[0x02, 0x06, 0, 0, 0, 0, 0, 7],
    ]),
    'octets for a value': element(WIRE.Sequence, [
      ...element(WIRE.ObjectIdentifier, oidOctets('1.3.9.1')),
      ...element(WIRE.OctetString, new Array(200).fill(0xa5)),
    ]),
    'a tag that SNMP does not know': element(WIRE.Sequence, [
      ...element(WIRE.ObjectIdentifier, oidOctets('1.3.9.1')),
      ...element(0x7e, [1, 2, 3]),
    ]),
    'an empty identifier': element(WIRE.Sequence, [0x06, 0x00, 0x05, 0x00]),
  };

  it.each([
    ['GET', WIRE.get],
    ['SET', WIRE.set],
  ])('%s repeats the bindings octet by octet', (_name, type) => {
    for (const [what, binding] of Object.entries(odd)) {
      const bindings = [...element(WIRE.Sequence, good), ...binding];
      const request = pduElement({ type, requestId: 77, fieldA: 0, fieldB: 0 }, bindings);
      const answer = agent.send(envelope(0, 'private', request));
      const [message] = elements(answer!, false);
      const pdu = elements(message!.content, false)[2]!;
      const [id, status, , list] = elements(pdu.content, false);
      expect(Array.from(id!.content), what).toEqual([77]);
      expect(Array.from(status!.content), what).toEqual([2]);
      expect(Array.from(list!.content), what).toEqual(bindings);
    }
  });
});

describe('GETBULK of SNMPv1', () => {
  it('is no PDU: dropped and counted (RFC 1157 section 4.1)', () => {
    const counted = agent.counted(() => {
      expect(agent.ask(WIRE.getBulk, [`${LAB}.1`], { ...v1, fieldB: 5 })).toBeUndefined();
    });
    expect(counted).toEqual({ inPkts: 1, inAsnParseErrs: 1 });
  });
});
