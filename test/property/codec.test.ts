import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Reader } from '../../agent/ber/reader.ts';
import { MAX_SUBIDS } from '../../agent/ber/tags.ts';
import { Writer } from '../../agent/ber/writer.ts';
import {
  CommunityEnvelope,
  finishMessage,
  readCommunity,
  readVersion,
  roomForBindings,
} from '../../agent/message/community-message.ts';
import { Pdu, readPdu } from '../../agent/message/pdu.ts';
import { appendValue, decodeValue, type Value } from '../../agent/mib/value.ts';
import {
  element,
  elements,
  encode,
  integerOctets,
  type LengthForm,
  value,
  valueElement,
  WIRE,
  type WireMessage,
  type WireValue,
} from '../support/wire.ts';

const ROUNDS = { numRuns: 500 };
const writer = new Writer();
const int32 = fc.oneof(
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc.integer({ min: -70_000, max: 70_000 }),
);
const unsigned32 = fc.oneof(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 0, max: 70_000 }));
const unsigned64 = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc
    .tuple(fc.integer({ min: 0, max: 63 }), fc.bigInt({ min: -1n, max: 1n }))
    .map(([bit, by]) => (1n << BigInt(bit)) + by),
);
const text = fc.uint8Array({ maxLength: 300 }).map((octets) => Buffer.from(octets).toString('latin1'));
const oid = fc
  .tuple(
    fc.oneof(
      fc.tuple(fc.constantFrom(0, 1), fc.integer({ min: 0, max: 39 })),
      fc.tuple(fc.constant(2), unsigned32),
    ),
    fc.array(fc.oneof(unsigned32, fc.integer({ min: 0, max: 300 })), { maxLength: 126 }),
  )
  .map(([head, tail]) => [...head, ...tail]);
const form = fc.constantFrom<LengthForm>('minimal', 3, 4);

/** A value as the agent holds it and as it is on the wire. */
const pair: fc.Arbitrary<readonly [Value, WireValue]> = fc.oneof(
  int32.map((number) => [number, value.integer(number)] as const),
  unsigned32.map((number) => [number, value.counter32(number)] as const),
  unsigned32.map((number) => [number, value.gauge32(number)] as const),
  unsigned32.map((number) => [number, value.ticks(number)] as const),
  unsigned64.map((number) => [number, value.counter64(number)] as const),
  text.map((latin1) => [Uint8Array.from(Buffer.from(latin1, 'latin1')), value.octets(latin1)] as const),
  text.map((latin1) => [Uint8Array.from(Buffer.from(latin1, 'latin1')), value.opaque(latin1)] as const),
  oid.map((ids) => [ids, value.oid(ids.join('.'))] as const),
  fc
    .uint8Array({ minLength: 4, maxLength: 4 })
    .map((octets) => [octets, value.address(Buffer.from(octets).toString('latin1'))] as const),
);

describe('a value', () => {
  it('is written as the other codec writes it', () => {
    fc.assert(
      fc.property(pair, ([held, wire]) => {
        writer.reset();
        appendValue(writer, wire.tag, held);
        expect(Array.from(writer.view())).toEqual(valueElement(wire));
      }),
      ROUNDS,
    );
  });

  it('is read as the other codec wrote it, whatever its length looks like', () => {
    fc.assert(
      fc.property(pair, form, ([held, wire], lengths) => {
        const octets = Uint8Array.from(valueElement(wire, lengths));
        const reader = new Reader();
        reader.reset(octets);
        const end = reader.enter(wire.tag);
        expect(end).toBe(octets.length);
        expect(decodeValue(octets, wire.tag, reader.position, end)).toEqual(held);
      }),
      ROUNDS,
    );
  });

  it('that is an INTEGER is read with any padding', () => {
    fc.assert(
      fc.property(int32, fc.integer({ min: 1, max: 9 }), (number, width) => {
        const octets = Uint8Array.from(element(WIRE.Integer, integerOctets(BigInt(number), width)));
        const reader = new Reader();
        reader.reset(octets);
        expect(reader.readInteger32()).toBe(number);
      }),
      ROUNDS,
    );
  });

  it('that is no INTEGER of 32 bits is refused', () => {
    const large = fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).filter((n) => BigInt.asIntN(32, n) !== n);
    fc.assert(
      fc.property(large, (number) => {
        const reader = new Reader();
        reader.reset(Uint8Array.from(element(WIRE.Integer, integerOctets(number))));
        expect(() => reader.readInteger32()).toThrow('integer out of range');
      }),
      ROUNDS,
    );
  });
});

const message: fc.Arbitrary<WireMessage> = fc.record({
  version: fc.constantFrom(0, 1),
  community: fc.string({ maxLength: 200, unit: 'binary-ascii' }),
  type: fc.constantFrom(WIRE.get, WIRE.getNext, WIRE.response, WIRE.set),
  requestId: int32,
  fieldA: int32,
  fieldB: int32,
  varbinds: fc.array(
    fc.record({ oid: oid.map((ids) => ids.join('.')), value: pair.map(([, wire]) => wire) }),
    { maxLength: 40 },
  ),
});

describe('a message', () => {
  it('is read as the other codec wrote it', () => {
    const reader = new Reader();
    const envelope = new CommunityEnvelope();
    // Reused, as the engine does: what one message leaves must not show in the next.
    const pdu = new Pdu();
    fc.assert(
      fc.property(message, form, (wanted, lengths) => {
        const octets = encode(wanted, lengths);
        reader.reset(octets);
        expect(readVersion(reader)).toBe(wanted.version);
        readCommunity(reader, envelope);
        expect(Buffer.from(envelope.community).toString('latin1')).toBe(wanted.community);
        readPdu(reader, pdu);
        expect([pdu.type, pdu.requestId, pdu.errorStatus, pdu.errorIndex, pdu.count]).toEqual([
          wanted.type,
          wanted.requestId,
          wanted.fieldA,
          wanted.fieldB,
          wanted.varbinds.length,
        ]);
        for (const [i, varbind] of wanted.varbinds.entries()) {
          expect(pdu.name(i).join('.')).toBe(varbind.oid);
          expect(pdu.name(i).length).toBeLessThanOrEqual(MAX_SUBIDS);
          const bound = octets.slice(pdu.valueStart[i], pdu.valueEnd[i]);
          expect(Array.from(bound)).toEqual(valueElement(varbind.value, lengths));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('is written as the other codec writes it', () => {
    fc.assert(
      fc.property(message, (wanted) => {
        writer.reset();
        for (const varbind of wanted.varbinds) {
          const mark = writer.open(WIRE.Sequence);
          writer.appendOid(varbind.oid.split('.').map(Number));
          const octets = Uint8Array.from(valueElement(varbind.value));
          writer.append(octets, 0, octets.length);
          writer.close(mark);
        }
        const envelope = { version: wanted.version, community: Buffer.from(wanted.community, 'latin1') };
        finishMessage(writer, envelope, wanted.type, wanted.requestId, wanted.fieldA, wanted.fieldB);
        expect(Array.from(writer.view())).toEqual(Array.from(encode(wanted)));
      }),
      { numRuns: 200 },
    );
  });

  it('has exactly the room for bindings that is said', () => {
    const size = fc.oneof(fc.integer({ min: 30, max: 700 }), fc.integer({ min: 30, max: 70_000 }));
    fc.assert(
      fc.property(size, fc.integer({ min: 0, max: 300 }), int32, (limit, communityLength, requestId) => {
        const envelope = { version: 1, community: new Uint8Array(communityLength) };
        const room = roomForBindings(envelope, requestId, limit);
        const total = (bindings: number) => {
          writer.reset();
          writer.append(new Uint8Array(bindings), 0, bindings);
          finishMessage(writer, envelope, WIRE.response, requestId, 0, 0);
          return writer.end - writer.start;
        };
        if (room >= 0) expect(total(room)).toBeLessThanOrEqual(limit);
        expect(total(Math.max(room + 1, 0))).toBeGreaterThan(limit);
      }),
      ROUNDS,
    );
  });
});

describe('any octets', () => {
  it('end in a value or in a refusal, and never beyond their end', () => {
    const tags = fc.constantFrom(0x02, 0x04, 0x06, 0x30, 0x40, 0x46, 0x80, 0x84, 0xff);
    const octets = fc.array(fc.oneof(tags, fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(octets, (noise) => {
        const reader = new Reader();
        reader.reset(Uint8Array.from(noise));
        try {
          reader.skip();
        } catch (thrown) {
          expect((thrown as Error).name).toBe('DecodeError');
          expect(() => elements(Uint8Array.from(noise), false)).toThrow();
          return;
        }
        expect(reader.position).toBeLessThanOrEqual(noise.length);
        const [first] = elements(Uint8Array.from(noise.slice(0, reader.position)), false);
        expect(first?.tag).toBe(noise[0]);
      }),
      { numRuns: 2000, examples: [[[0x30, 0x80]], [[0x30]]] },
    );
  });
});
