import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../agent/ber/reader.ts';
import { Writer } from '../../agent/ber/writer.ts';
import { SECURITY_LEVEL } from '../../agent/message/v3-constants.ts';
import {
  finishScopedPdu,
  prependV3Fields,
  roomForV3Bindings,
  V3Outgoing,
} from '../../agent/message/v3-response.ts';
import { desCbcDecrypt, desCbcEncrypt } from '../../agent/security/usm/des-cbc.ts';
import { changedKey, keyChangeValue } from '../../agent/security/usm/key-change.ts';
import { Secret } from '../../agent/util/secret.ts';
import { authKey, ENGINE_ID, privKey, UsmLaboratory } from '../support/usm-laboratory.ts';
import { AUTH, type AuthName, decodeV3, PRIV, type PrivName, v3Message } from '../support/v3-messages.ts';
import { element, WIRE } from '../support/wire.ts';

const authName = fc.constantFrom(...(Object.keys(AUTH) as AuthName[]));
const privName = fc.constantFrom(...(Object.keys(PRIV) as PrivName[]));
const octets = (minLength: number, maxLength = minLength) => fc.uint8Array({ minLength, maxLength });
const positive = fc.integer({ min: 0, max: 2_147_483_647 });
const clock = { boots: fc.integer({ min: 1, max: 2_147_483_646 }), time: positive };

const laboratory = new UsmLaboratory();
for (const auth of Object.keys(AUTH) as AuthName[]) {
  laboratory.addUser(auth, auth);
  for (const priv of Object.keys(PRIV) as PrivName[]) laboratory.addUser(`${auth} ${priv}`, auth, priv);
}

/** A pair of protocols, or authentication alone, with the user who has them. */
const protection = fc.oneof(
  authName.map((auth) => ({ userName: auth, auth: authKey(auth), priv: undefined })),
  fc
    .tuple(authName, privName)
    .map(([auth, priv]) => ({ userName: `${auth} ${priv}`, auth: authKey(auth), priv: privKey(auth, priv) })),
);

describe('what others wrote', () => {
  it('is taken and decrypted whatever it contains', () => {
    fc.assert(
      fc.property(
        protection,
        fc.record(clock),
        octets(8),
        octets(0, 700),
        ({ userName, auth, priv }, now, salt, content) => {
          laboratory.boots = now.boots;
          laboratory.timeSeconds = now.time;
          const scopedPdu = element(WIRE.Sequence, [...content]);
          const salted = priv && { ...priv, salt };
          const message = v3Message({ engineId: ENGINE_ID, ...now, userName, auth, priv: salted, scopedPdu });
          const result = laboratory.receive(message);
          if (!result.ok) throw new Error(result.stat);
          expect(Array.from(result.bytes.subarray(result.start, result.end))).toEqual(scopedPdu);
        },
      ),
    );
  });

  it('is never taken as authenticated with any bit changed, and never breaks anything', () => {
    laboratory.boots = 5;
    laboratory.timeSeconds = 1000;
    fc.assert(
      fc.property(protection, fc.nat(), fc.nat({ max: 7 }), ({ userName, auth, priv }, at, bit) => {
        const message = v3Message({ engineId: ENGINE_ID, boots: 5, time: 1000, userName, auth, priv });
        message[at % message.length]! ^= 1 << bit;
        try {
          const result = laboratory.receive(message);
          // Without the flag it is a message that claims nothing.
          if (result.ok) expect(result.level).toBe(SECURITY_LEVEL.noAuthNoPriv);
          else laboratory.report(result);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(DecodeError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('may be cut, doubled or overwritten anywhere: an outcome or DecodeError', () => {
    fc.assert(
      fc.property(
        protection,
        fc.nat(),
        fc.nat(),
        octets(0, 12),
        ({ userName, auth, priv }, from, to, inserted) => {
          const message = v3Message({ engineId: ENGINE_ID, boots: 5, time: 1000, userName, auth, priv });
          const [a, b] = [from % message.length, to % message.length];
          const mutated = Buffer.concat([message.subarray(0, a), inserted, message.subarray(b)]);
          try {
            const result = laboratory.receive(mutated);
            if (!result.ok) laboratory.report(result);
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(DecodeError);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('what is written here', () => {
  it('is what an independent reader makes of it', () => {
    const fields = fc.record({
      messageId: positive,
      requestId: fc.integer(),
      contextName: octets(0, 32),
      ...clock,
    });
    fc.assert(
      fc.property(protection, fields, octets(0, 1500), ({ userName, auth, priv }, given, bindings) => {
        laboratory.boots = given.boots;
        laboratory.timeSeconds = given.time;
        const { usm, writer, outgoing, users } = laboratory;
        const user = users.find(ENGINE_ID, Buffer.from(userName))!;
        outgoing.messageId = given.messageId;
        outgoing.maxSize = 1472;
        outgoing.contextEngineId = ENGINE_ID;
        outgoing.contextName = given.contextName;
        const level = priv ? SECURITY_LEVEL.authPriv : SECURITY_LEVEL.authNoPriv;
        expect(usm.prepareOutgoing(outgoing, level, user)).toBe(true);
        writer.reset();
        writer.append(bindings, 0, bindings.length);
        finishScopedPdu(writer, outgoing, WIRE.response, given.requestId, 0, 0);
        usm.protectOutgoing(writer, outgoing, user);
        const decoded = decodeV3(writer.view(), auth, priv);
        expect(decoded).toMatchObject({
          messageId: given.messageId,
          maxSize: 1472,
          flags: priv ? 3 : 1,
          userName,
        });
        expect(decoded).toMatchObject({ boots: given.boots, time: given.time, securityModel: 3 });
        expect(Buffer.from(decoded.contextName, 'latin1')).toEqual(Buffer.from(given.contextName));
        const { content } = decoded.pdu;
        expect(Buffer.from(content.subarray(content.length - bindings.length))).toEqual(
          Buffer.from(bindings),
        );
      }),
    );
  });

  it('has the size that was foreseen, and no more bindings would have fitted', () => {
    const writer = new Writer();
    const fields = fc.record({
      messageId: positive,
      maxSize: positive,
      engineId: octets(5, 32),
      userName: octets(0, 32),
      engineBoots: positive,
      engineTime: positive,
      authLength: fc.constantFrom(0, 12, 16, 24, 32, 48),
      privLength: fc.constantFrom(0, 8),
      blockLength: fc.constantFrom(1, 8),
      contextEngineId: octets(5, 32),
      contextName: octets(0, 32),
    });
    const sizeOf = (outgoing: V3Outgoing, requestId: number, bindings: number): number => {
      writer.reset();
      writer.end += bindings;
      finishScopedPdu(writer, outgoing, WIRE.response, requestId, 0, 0);
      if (outgoing.privLength > 0) {
        const { blockLength } = outgoing;
        writer.end = writer.start + Math.ceil((writer.end - writer.start) / blockLength) * blockLength;
        writer.prependHeader(WIRE.OctetString);
      }
      prependV3Fields(writer, outgoing, new Uint8Array(outgoing.privLength));
      return writer.end - writer.start;
    };
    fc.assert(
      fc.property(fields, fc.integer(), fc.integer({ min: 484, max: 65_507 }), (given, requestId, limit) => {
        const outgoing = Object.assign(new V3Outgoing(), given, { securityModel: 3, flags: 0 });
        const room = roomForV3Bindings(outgoing, requestId, limit);
        expect(sizeOf(outgoing, requestId, room)).toBeLessThanOrEqual(limit);
        expect(sizeOf(outgoing, requestId, room + 1)).toBeGreaterThan(limit);
        const least = sizeOf(outgoing, requestId, 0);
        expect(roomForV3Bindings(outgoing, requestId, least)).toBeGreaterThanOrEqual(0);
        expect(roomForV3Bindings(outgoing, requestId, least - 1)).toBeLessThan(0);
      }),
      { numRuns: 500 },
    );
  });
});

describe('DES', () => {
  it('is EDE with three equal keys', () => {
    const blocks = fc.nat({ max: 12 }).chain((count) => octets(count * 8));
    fc.assert(
      fc.property(octets(8), octets(8), blocks, (key, iv, plain) => {
        const cipher = createCipheriv('des-ede3-cbc', Buffer.concat([key, key, key]), iv).setAutoPadding(
          false,
        );
        const expected = Buffer.concat([cipher.update(plain), cipher.final()]);
        const encrypted = desCbcEncrypt(key, iv, plain);
        expect(Buffer.from(encrypted)).toEqual(expected);
        expect(Buffer.from(desCbcDecrypt(key, iv, encrypted))).toEqual(Buffer.from(plain));
      }),
      { numRuns: 300 },
    );
  });
});

describe('KeyChange', () => {
  it('gives any new key of the same length to who has the old one, and nobody else', () => {
    const lengths = fc.integer({ min: 1, max: 64 });
    const given = lengths.chain((n) => fc.tuple(octets(n), octets(n), octets(n)));
    fc.assert(
      fc.property(
        fc.constantFrom('md5', 'sha1', 'sha256', 'sha512'),
        given,
        (hash, [old, wanted, random]) => {
          const value = keyChangeValue(hash, new Secret(old), new Secret(wanted), random);
          expect(changedKey(hash, new Secret(old), value)!.reveal()).toEqual(Buffer.from(wanted));
          const other = old.map((octet) => octet ^ 1);
          if (old.length >= 8) {
            expect(changedKey(hash, new Secret(other), value)!.reveal()).not.toEqual(Buffer.from(wanted));
          }
        },
      ),
    );
  });
});
