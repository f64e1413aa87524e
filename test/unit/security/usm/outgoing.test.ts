import { beforeEach, describe, expect, it } from 'vitest';
import { TAG } from '../../../../agent/ber/tags.ts';
import { PDU } from '../../../../agent/message/constants.ts';
import { SECURITY_LEVEL } from '../../../../agent/message/v3-constants.ts';
import { finishScopedPdu, roomForV3Bindings } from '../../../../agent/message/v3-response.ts';
import { withAuthKeyChange } from '../../../../agent/security/usm/user.ts';
import { authKey, ENGINE_ID, privKey, UsmLaboratory } from '../../../support/usm-laboratory.ts';
import {
  AUTH,
  type AuthName,
  decodeV3,
  PRIV,
  type PrivName,
  v3Message,
} from '../../../support/v3-messages.ts';

let laboratory: UsmLaboratory;

beforeEach(() => {
  laboratory = new UsmLaboratory();
});

/** Answers with a binding list of `size` octets, its content being one OCTET STRING or nothing. */
function answer(request: Uint8Array, size: number): Uint8Array {
  const result = laboratory.receive(request);
  if (!result.ok) throw new Error(`refused: ${result.stat}`);
  const outgoing = laboratory.prepareAnswer(result);
  const { writer } = laboratory;
  writer.reset();
  for (let i = 0; i < size; i++) writer.bytes[writer.end++] = i & 0x7f;
  finishScopedPdu(writer, outgoing, PDU.RESPONSE, 4711, 0, 0);
  laboratory.usm.protectOutgoing(writer, outgoing, result.user);
  return writer.view();
}

const request = (userName: string, auth?: AuthName, priv?: PrivName) =>
  v3Message({
    engineId: ENGINE_ID,
    boots: laboratory.boots,
    time: laboratory.timeSeconds,
    userName,
    auth: auth && authKey(auth),
    priv: auth && priv && privKey(auth, priv),
  });

describe('an answer', () => {
  it('is plain at noAuthNoPriv, with the boots and time of the engine (RFC 3414 section 3.1 step 6 b)', () => {
    laboratory.addUser('nobody');
    const decoded = decodeV3(answer(request('nobody'), 0));
    expect(decoded).toMatchObject({ messageId: 1234, flags: 0, boots: 5, time: 1000, userName: 'nobody' });
    expect(decoded.digest).toHaveLength(0);
    expect(decoded.salt).toHaveLength(0);
    expect(decoded.pdu.tag).toBe(PDU.RESPONSE);
    expect(Buffer.from(decoded.engineId)).toEqual(Buffer.from(ENGINE_ID));
  });

  it.each(Object.keys(AUTH) as AuthName[])('is authenticated with %s', (auth) => {
    laboratory.addUser('pair', auth);
    const decoded = decodeV3(answer(request('pair', auth), 100), authKey(auth));
    expect(decoded).toMatchObject({ flags: 1, userName: 'pair' });
    expect(decoded.digest).toHaveLength(AUTH[auth].digest);
  });

  describe.each(Object.keys(PRIV) as PrivName[])('is encrypted with %s', (priv) => {
    it.each(Object.keys(AUTH) as AuthName[])('and authenticated with %s', (auth) => {
      laboratory.addUser('pair', auth, priv);
      for (const size of [0, 1, 2, 3, 4, 5, 6, 7, 8, 120, 1400]) {
        const decoded = decodeV3(
          answer(request('pair', auth, priv), size),
          authKey(auth),
          privKey(auth, priv),
        );
        expect(decoded).toMatchObject({ flags: 3, userName: 'pair' });
        expect(decoded.pdu.tag).toBe(PDU.RESPONSE);
        expect(decoded.pdu.content.length).toBeGreaterThanOrEqual(size);
        const bindings = decoded.pdu.content.subarray(decoded.pdu.content.length - size);
        expect(bindings.every((octet, i) => octet === (i & 0x7f))).toBe(true);
      }
    });

    it('and never twice with the same salt', () => {
      laboratory.addUser('pair', 'SHA', priv);
      const salts = Array.from({ length: 50 }, () => {
        const decoded = decodeV3(
          answer(request('pair', 'SHA', priv), 8),
          authKey('SHA'),
          privKey('SHA', priv),
        );
        return Buffer.from(decoded.salt).toString('hex');
      });
      expect(new Set(salts).size).toBe(50);
    });
  });

  it('to the message that changed a key goes out under the old one (RFC 3414 section 3.1 step 1 a)', () => {
    laboratory.addUser('pair', 'SHA');
    const received = laboratory.receive(request('pair', 'SHA'));
    if (!received.ok) throw new Error('refused');
    laboratory.users.configure([withAuthKeyChange(received.user, new Uint8Array(40).fill(1))!]);
    const outgoing = laboratory.prepareAnswer(received);
    laboratory.writer.reset();
    finishScopedPdu(laboratory.writer, outgoing, PDU.RESPONSE, 1, 0, 0);
    laboratory.usm.protectOutgoing(laboratory.writer, outgoing, received.user);
    decodeV3(laboratory.writer.view(), authKey('SHA'));
    expect(laboratory.receive(request('pair', 'SHA'))).toMatchObject({ ok: false, stat: 'wrongDigests' });
  });
});

describe('a level that the user does not have', () => {
  it('is refused before anything is written (RFC 3414 section 3.1 steps 2 and 3)', () => {
    laboratory.addUser('auth', 'SHA');
    const user = laboratory.users.find(ENGINE_ID, Buffer.from('auth'))!;
    const { usm, outgoing } = laboratory;
    expect(usm.prepareOutgoing(outgoing, SECURITY_LEVEL.authPriv, user)).toBe(false);
    expect(usm.prepareOutgoing(outgoing, SECURITY_LEVEL.authNoPriv, undefined)).toBe(false);
    expect(usm.prepareOutgoing(outgoing, SECURITY_LEVEL.authNoPriv, user)).toBe(true);
    expect(usm.prepareOutgoing(outgoing, SECURITY_LEVEL.noAuthNoPriv, user)).toBe(true);
    expect(usm.prepareOutgoing(outgoing, SECURITY_LEVEL.noAuthNoPriv, undefined)).toBe(true);
  });
});

describe('the size of an answer is known before it is written', () => {
  const levels: readonly { auth?: AuthName; priv?: PrivName }[] = [
    {},
    { auth: 'MD5' },
    { auth: 'SHA-512' },
    { auth: 'MD5', priv: 'DES' },
    { auth: 'SHA-256', priv: 'AES' },
    { auth: 'SHA-512', priv: 'DES' },
    { auth: 'SHA-224', priv: 'AES-256' },
  ];

  it.each(levels)('to the octet: $auth $priv', ({ auth, priv }) => {
    laboratory.addUser('pair', auth, priv);
    const message = request('pair', auth, priv);
    const scanned = [...Array(300).keys(), 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 65_300];
    for (const size of scanned) {
      const octets = answer(message, size);
      const { outgoing } = laboratory;
      expect(roomForV3Bindings(outgoing, 4711, octets.length), `${size}`).toBeGreaterThanOrEqual(size);
      expect(roomForV3Bindings(outgoing, 4711, octets.length - 1), `${size}`).toBeLessThan(size);
    }
  });

  it.each(levels)('within every limit: $auth $priv', ({ auth, priv }) => {
    laboratory.addUser('pair', auth, priv);
    const message = request('pair', auth, priv);
    const sizes = Array.from({ length: 420 }, (_, size) => answer(message, size).length);
    for (let limit = 60; limit < 560; limit++) {
      const room = roomForV3Bindings(laboratory.outgoing, 4711, limit);
      if (limit < sizes[0]!) {
        expect(room, `limit ${limit}`).toBeLessThan(0);
        continue;
      }
      if (room >= 419) continue;
      expect(sizes[room], `limit ${limit}`).toBeLessThanOrEqual(limit);
      expect(sizes[room + 1], `limit ${limit}`).toBeGreaterThan(limit);
    }
  });

  it('whatever numbers the fields have', () => {
    laboratory.addUser('pair', 'SHA', 'AES');
    for (const [boots, time, messageId] of [
      [1, 0, 0],
      [127, 127, 127],
      [128, 128, 128],
      [32_768, 32_767, 8_388_607],
      [2_147_483_646, 2_147_483_647, 2_147_483_647],
    ] as const) {
      laboratory.boots = boots;
      laboratory.timeSeconds = time;
      laboratory.addUser('nobody');
      const result = laboratory.receive(v3Message({ engineId: ENGINE_ID, userName: 'nobody', messageId }));
      if (!result.ok) throw new Error('refused');
      const outgoing = laboratory.prepareAnswer(result);
      const { writer } = laboratory;
      writer.reset();
      finishScopedPdu(writer, outgoing, PDU.RESPONSE, 1, 0, 0);
      laboratory.usm.protectOutgoing(writer, outgoing, result.user);
      expect(decodeV3(writer.view())).toMatchObject({ boots, time, messageId });
      expect(writer.view()[0]).toBe(TAG.SEQUENCE);
      expect(roomForV3Bindings(outgoing, 1, writer.view().length)).toBeGreaterThanOrEqual(0);
      expect(roomForV3Bindings(outgoing, 1, writer.view().length - 1)).toBeLessThan(0);
    }
  });
});
