import { describe, expect, it } from 'vitest';
import { fromHex } from '../../support/hex.ts';
import { LAB, Laboratory } from '../../support/laboratory.ts';
import { TestAgent } from '../../support/test-agent.ts';
import {
  element,
  encode,
  envelope,
  pduElement,
  value,
  varbindElement,
  WIRE,
  type WireMessage,
} from '../../support/wire.ts';

const agent = new TestAgent([new Laboratory().module]);
const ASKED = { oid: `${LAB}.1.0`, value: value.null };
const GET: WireMessage = {
  version: 1,
  community: 'public',
  type: WIRE.get,
  requestId: 1,
  fieldA: 0,
  fieldB: 0,
  varbinds: [ASKED],
};
const BINDING = varbindElement(ASKED);
const GOOD = encode(GET);
/** A v2c GET around these octets of bindings. */
const around = (bindings: readonly number[]) => envelope(1, 'public', pduElement(GET, bindings));
const name = (content: readonly number[]) =>
  around(element(WIRE.Sequence, [...element(WIRE.ObjectIdentifier, content), 0x05, 0x00]));
const v1Trap = fromHex(
  '30 1c 02 01 00 04 06 7075626c6963 a4 0f 06 03 2b0601 40 04 0a000001 02 01 00 02 01 00 43 01 01 30 00',
);
/** 1.3 and as many more sub-identifiers as make `count`. */
const longName = (count: number) => [0x2b, ...new Array<number>(count - 2).fill(1)];

type Dropped = readonly [what: string, datagram: Uint8Array, counter: string, kind?: string];

/** A datagram that gets no answer, and the counters beside snmpInPkts that go up: one, and for some that of their kind. */
const DROPPED: readonly Dropped[] = [
  ['nothing at all', new Uint8Array(0), 'inAsnParseErrs'],
  ['one octet', fromHex('30'), 'inAsnParseErrs'],
  ['an empty SEQUENCE', fromHex('30 00'), 'inAsnParseErrs'],
  ['text', Uint8Array.from(Buffer.from('GET / HTTP/1.1\r\n\r\n')), 'inAsnParseErrs'],
  ['another outer tag', Uint8Array.from([0x31, ...GOOD.subarray(1)]), 'inAsnParseErrs'],
  ['an indefinite length', Uint8Array.from([0x30, 0x80, ...GOOD.subarray(2), 0, 0]), 'inAsnParseErrs'],
  ['a length of 2^32', fromHex('30 85 01 00 00 00 00 02 01 01'), 'inAsnParseErrs'],
  ['a length of 127 octets', Uint8Array.from([0x30, 0xff, ...new Array(127).fill(0xff)]), 'inAsnParseErrs'],
  ['a length that is cut short', fromHex('30 84 00 00'), 'inAsnParseErrs'],
  ['a message that is cut short', GOOD.subarray(0, GOOD.length - 1), 'inAsnParseErrs'],
  ['no community', fromHex('30 03 02 01 01'), 'inAsnParseErrs'],
  ['a community of another type', fromHex('30 08 02 01 01 02 01 05 a0 00'), 'inAsnParseErrs'],
  ['no version', fromHex('30 08 04 06 7075626c6963'), 'inAsnParseErrs'],
  ['a version without octets', fromHex('30 0a 02 00 04 06 7075626c6963'), 'inAsnParseErrs'],
  ['a version beyond 32 bits', fromHex('30 0f 02 05 0100000000 04 06 7075626c6963'), 'inAsnParseErrs'],
  ['no PDU', envelope(1, 'public', []), 'inAsnParseErrs'],
  ['a PDU without fields', envelope(1, 'public', [WIRE.get, 0]), 'inAsnParseErrs'],
  ['a value in place of the PDU', envelope(1, 'public', [0x02, 1, 1]), 'inAsnParseErrs'],
  ['a PDU tag that is not defined', encode({ ...GET, type: 0xa9 }), 'inAsnParseErrs'],
  ['the constructed form of NULL for a PDU', encode({ ...GET, type: 0x9f }), 'inAsnParseErrs'],
  ['request-id beyond 32 bits', encode({ ...GET, requestId: 2 ** 31 }), 'inAsnParseErrs'],
  ['request-id below 32 bits', encode({ ...GET, requestId: -(2 ** 31) - 1 }), 'inAsnParseErrs'],
  [
    'a binding list of another type',
    envelope(1, 'public', [0xa0, 11, 2, 1, 1, 2, 1, 0, 2, 1, 0, 0x31, 0]),
    'inAsnParseErrs',
  ],
  [
    'octets behind the binding list',
    envelope(1, 'public', [0xa0, 13, 2, 1, 1, 2, 1, 0, 2, 1, 0, 0x30, 0, 5, 0]),
    'inAsnParseErrs',
  ],
  [
    'octets behind the PDU',
    envelope(1, 'public', [...pduElement(GET, BINDING), 0x05, 0x00]),
    'inAsnParseErrs',
  ],
  ['a binding that is no SEQUENCE', around([0x05, 0x00]), 'inAsnParseErrs'],
  ['a binding without a name', around(element(WIRE.Sequence, [0x05, 0x00])), 'inAsnParseErrs'],
  ['a binding without a value', around(element(WIRE.Sequence, [0x06, 0x01, 0x2b])), 'inAsnParseErrs'],
  [
    'a binding with two values',
    around(element(WIRE.Sequence, [0x06, 0x01, 0x2b, 5, 0, 5, 0])),
    'inAsnParseErrs',
  ],
  ['a binding that reaches beyond the list', around([0x30, 0x20, 0x06, 0x01, 0x2b, 5, 0]), 'inAsnParseErrs'],
  ['a value that reaches beyond its binding', around([0x30, 5, 0x06, 0x01, 0x2b, 4, 9]), 'inAsnParseErrs'],
  ['a name of 129 sub-identifiers', name(longName(129)), 'inAsnParseErrs'],
  ['a name of 2,000 sub-identifiers', name(longName(2000)), 'inAsnParseErrs'],
  ['a sub-identifier of 2^32', name([0x2b, 0x90, 0x80, 0x80, 0x80, 0x00]), 'inAsnParseErrs'],
  ['a sub-identifier of 2^70', name([0x2b, ...new Array(10).fill(0xff), 0x7f]), 'inAsnParseErrs'],
  ['a first sub-identifier beyond 2.4294967295', name([0x90, 0x80, 0x80, 0x80, 0x50]), 'inAsnParseErrs'],
  ['a sub-identifier that is cut short', name([0x2b, 0x81]), 'inAsnParseErrs'],
  ['a sub-identifier with padding', name([0x2b, 0x80, 0x01]), 'inAsnParseErrs'],
  ['a first sub-identifier with padding', name([0x80, 0x2b]), 'inAsnParseErrs'],
  ['a GETBULK of SNMPv1', encode({ ...GET, version: 0, type: WIRE.getBulk }), 'inAsnParseErrs'],
  ['an InformRequest of SNMPv1', encode({ ...GET, version: 0, type: WIRE.inform }), 'inAsnParseErrs'],
  ['an SNMPv2-Trap of SNMPv1', encode({ ...GET, version: 0, type: WIRE.trapV2 }), 'inAsnParseErrs'],
  [
    'the Trap-PDU of SNMPv1 in v2c (RFC 3416 section 3)',
    Uint8Array.from(v1Trap, (octet, i) => (i === 4 ? 1 : octet)),
    'inAsnParseErrs',
  ],
  ['version 2', encode({ ...GET, version: 2 }), 'inBadVersions'],
  ['version 3', encode({ ...GET, version: 3 }), 'inBadVersions'],
  ['version -1', encode({ ...GET, version: -1 }), 'inBadVersions'],
  ['the highest version', encode({ ...GET, version: 2 ** 31 - 1 }), 'inBadVersions'],
  ['an unknown community', encode({ ...GET, community: 'publik' }), 'inBadCommunityNames'],
  ['a community in other letters', encode({ ...GET, community: 'Public' }), 'inBadCommunityNames'],
  ['the beginning of a community', encode({ ...GET, community: 'publi' }), 'inBadCommunityNames'],
  ['a community and a NUL', encode({ ...GET, community: 'public\0' }), 'inBadCommunityNames'],
  ['no octets for a community', encode({ ...GET, community: '' }), 'inBadCommunityNames'],
  ['a community of 60,000 octets', encode({ ...GET, community: 'x'.repeat(60_000) }), 'inBadCommunityNames'],
  ['an unknown community before what is no PDU', envelope(1, 'nobody', [0x05, 0x00]), 'inBadCommunityNames'],
  ['a trap of SNMPv1', v1Trap, 'unknownPduHandlers', 'inTraps'],
  ['a trap of SNMPv2', encode({ ...GET, type: WIRE.trapV2 }), 'unknownPduHandlers', 'inTraps'],
  ['a Response', encode({ ...GET, type: WIRE.response }), 'unknownPduHandlers', 'inGetResponses'],
  [
    'a Response of SNMPv1',
    encode({ ...GET, version: 0, type: WIRE.response }),
    'inGetResponses',
    'unknownPduHandlers',
  ],
  ['an InformRequest', encode({ ...GET, type: WIRE.inform }), 'unknownPduHandlers'],
  ['a Report', encode({ ...GET, type: WIRE.report }), 'unknownPduHandlers'],
];

describe('a datagram that gets no answer', () => {
  it.each(DROPPED.map((dropped) => [dropped[0], dropped] as const))('%s', (_what, [
    ,
    datagram,
    counter,
    kind,
  ]) => {
    const counted = agent.counted(() => expect(agent.send(datagram)).toBeUndefined());
    expect(counted).toEqual({ inPkts: 1, [counter]: 1, ...(kind && { [kind]: 1 }) });
    expect(agent.errors).toEqual([]);
    // The agent goes on.
    expect(agent.ask(WIRE.get, [`${LAB}.1.0`])?.status).toBe(0);
  });

  it.each([
    [1, 'inTooBigs'],
    [2, 'inNoSuchNames'],
    [3, 'inBadValues'],
    [4, 'inReadOnlys'],
    [5, 'inGenErrs'],
  ])('a Response with error-status %i counts %s as well (RFC 1213 snmp group)', (fieldA, counter) => {
    const counted = agent.counted(() => agent.send(encode({ ...GET, type: WIRE.response, fieldA })));
    expect(counted).toEqual({ inPkts: 1, inGetResponses: 1, unknownPduHandlers: 1, [counter]: 1 });
  });

  it('an unauthentic message is reported with its source, and nothing else is', () => {
    const watched = new TestAgent([new Laboratory().module]);
    for (const [, datagram] of DROPPED) watched.send(datagram, { address: '127.0.0.9', port: 9 });
    const unauthentic = DROPPED.filter(([, , counter]) => counter === 'inBadCommunityNames');
    expect(watched.strangers).toEqual(unauthentic.map(() => ({ address: '127.0.0.9', port: 9 })));
  });
});
