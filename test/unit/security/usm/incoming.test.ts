import { beforeEach, describe, expect, it } from 'vitest';
import { DecodeError } from '../../../../agent/ber/reader.ts';
import { SECURITY_LEVEL } from '../../../../agent/message/v3-constants.ts';
import { ROW_STATUS } from '../../../../agent/mib/managed-table.ts';
import type { UsmStat } from '../../../../agent/security/usm/stats.ts';
import { authKey, ENGINE_ID, privKey, UsmLaboratory } from '../../../support/usm-laboratory.ts';
import {
  AUTH,
  type AuthName,
  decodeV3,
  PRIV,
  type PrivName,
  reportOf,
  scopedPduElement,
  type V3Fields,
  v3Message,
} from '../../../support/v3-messages.ts';
import { element, WIRE } from '../../../support/wire.ts';

let laboratory: UsmLaboratory;

beforeEach(() => {
  laboratory = new UsmLaboratory();
  laboratory.addUser('nobody');
  laboratory.addUser('auth', 'SHA-256');
  laboratory.addUser('both', 'SHA-256', 'AES');
  laboratory.addUser('des', 'MD5', 'DES');
});

const inTime = { engineId: ENGINE_ID, boots: 5, time: 1000 };
const both: V3Fields = {
  ...inTime,
  userName: 'both',
  auth: authKey('SHA-256'),
  priv: privKey('SHA-256', 'AES'),
};
const auth: V3Fields = { ...inTime, userName: 'auth', auth: authKey('SHA-256') };

const accepted = (fields: V3Fields) => {
  const result = laboratory.receive(v3Message(fields));
  if (!result.ok) throw new Error(`refused: ${result.stat}`);
  return result;
};
const scopedOf = (fields: V3Fields) => {
  const { bytes, start, end } = accepted(fields);
  return Array.from(bytes.subarray(start, end));
};
const refusal = (fields: V3Fields) => {
  const result = laboratory.receive(v3Message(fields));
  if (result.ok) throw new Error('accepted');
  return result;
};

describe('a message is accepted', () => {
  it('at each level that the user has', () => {
    const cases = [
      [{ ...inTime, userName: 'nobody' }, SECURITY_LEVEL.noAuthNoPriv],
      [{ ...inTime, userName: 'both' }, SECURITY_LEVEL.noAuthNoPriv],
      [auth, SECURITY_LEVEL.authNoPriv],
      [{ ...both, priv: undefined }, SECURITY_LEVEL.authNoPriv],
      [both, SECURITY_LEVEL.authPriv],
    ] as const;
    for (const [fields, level] of cases) {
      const { user, level: given } = accepted(fields);
      expect(given).toBe(level);
      expect(Buffer.from(user.name).toString()).toBe(fields.userName);
      expect(scopedOf(fields)).toEqual(scopedPduElement(fields));
    }
    expect(Object.values(laboratory.stats)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('without looking at the clock when it is not authenticated (RFC 3414 section 3.2 step 7)', () => {
    accepted({ engineId: ENGINE_ID, userName: 'nobody', boots: 77, time: 12 });
  });

  it.each([
    [5, 850],
    [5, 1150],
  ])('at the edges of the time window: boots %i, time %i', (boots, time) => {
    accepted({ ...auth, boots, time });
  });

  it('with octets behind it', () => {
    const message = v3Message(both);
    expect(laboratory.receive(Buffer.concat([message, Buffer.alloc(20, 7)])).ok).toBe(true);
  });

  it('and leaves the datagram as it was', () => {
    const message = v3Message(both);
    const before = Buffer.from(message);
    laboratory.receive(message);
    expect(Buffer.from(message)).toEqual(before);
  });

  describe.each(Object.keys(AUTH) as AuthName[])('with %s', (authName) => {
    it.each(Object.keys(PRIV) as PrivName[])('and %s', (privName) => {
      laboratory.addUser('pair', authName, privName);
      const fields = {
        ...inTime,
        userName: 'pair',
        auth: authKey(authName),
        priv: privKey(authName, privName),
      };
      expect(scopedOf(fields)).toEqual(scopedPduElement(fields));
    });
  });
});

/** A message, the counter that it adds to, and the level and request-id of its Report. */
const REFUSALS: readonly (readonly [
  what: string,
  fields: V3Fields,
  stat: UsmStat,
  level?: number,
  requestId?: number,
])[] = [
  ['an empty engine ID: discovery', { userName: '' }, 'unknownEngineIDs'],
  [
    'another engine ID',
    { ...auth, engineId: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13) },
    'unknownEngineIDs',
  ],
  [
    'an engine ID that ours begins with',
    { ...auth, engineId: ENGINE_ID.subarray(0, 12) },
    'unknownEngineIDs',
  ],
  ['an engine ID of 100 octets', { ...auth, engineId: new Uint8Array(100) }, 'unknownEngineIDs'],
  [
    'another engine ID, encrypted',
    { ...both, engineId: new Uint8Array(8) },
    'unknownEngineIDs',
    SECURITY_LEVEL.noAuthNoPriv,
    0,
  ],
  ['an unknown user', { ...auth, userName: 'stranger' }, 'unknownUserNames'],
  ['an empty user name', { ...inTime, userName: '' }, 'unknownUserNames'],
  ['a user name in other case', { ...auth, userName: 'AUTH' }, 'unknownUserNames'],
  ['authentication for a user without', { ...auth, userName: 'nobody' }, 'unsupportedSecLevels'],
  [
    'privacy for a user without',
    { ...both, userName: 'auth' },
    'unsupportedSecLevels',
    SECURITY_LEVEL.noAuthNoPriv,
    0,
  ],
  [
    'a key of another password',
    { ...auth, auth: { name: 'SHA-256', key: new Uint8Array(32) } },
    'wrongDigests',
  ],
  ['a digest of another protocol', { ...auth, auth: authKey('SHA-512') }, 'wrongDigests'],
  ['a digest that is too short', { ...auth, authOctets: [1, 2, 3], flags: 5 }, 'wrongDigests'],
  ['no digest', { ...auth, authOctets: [], flags: 5 }, 'wrongDigests'],
  [
    'the right digest with more behind',
    { ...auth, authOctets: new Array(25).fill(0), flags: 5 },
    'wrongDigests',
  ],
  ['a clock too far behind', { ...auth, time: 849 }, 'notInTimeWindows', SECURITY_LEVEL.authNoPriv],
  ['a clock too far ahead', { ...auth, time: 1151 }, 'notInTimeWindows', SECURITY_LEVEL.authNoPriv],
  ['boots of the past', { ...auth, boots: 4 }, 'notInTimeWindows', SECURITY_LEVEL.authNoPriv],
  ['boots of the future', { ...auth, boots: 6 }, 'notInTimeWindows', SECURITY_LEVEL.authNoPriv],
  ['no boots and time yet', { ...auth, boots: 0, time: 0 }, 'notInTimeWindows', SECURITY_LEVEL.authNoPriv],
  ['a late encrypted one', { ...both, time: 1, boots: 5 }, 'notInTimeWindows', SECURITY_LEVEL.authNoPriv, 0],
  [
    'another privacy key',
    { ...both, priv: { ...both.priv!, key: new Uint8Array(16) } },
    'decryptionErrors',
    SECURITY_LEVEL.noAuthNoPriv,
    0,
  ],
  [
    'a salt of 7 octets',
    { ...both, privOctets: [1, 2, 3, 4, 5, 6, 7] },
    'decryptionErrors',
    SECURITY_LEVEL.noAuthNoPriv,
    0,
  ],
  ['no salt', { ...both, privOctets: [] }, 'decryptionErrors', SECURITY_LEVEL.noAuthNoPriv, 0],
];

/** Arcs of usmStats (RFC 3414 section 5). */
const ARCS: Readonly<Record<UsmStat, number>> = {
  unsupportedSecLevels: 1,
  notInTimeWindows: 2,
  unknownUserNames: 3,
  unknownEngineIDs: 4,
  wrongDigests: 5,
  decryptionErrors: 6,
};

const refusals = REFUSALS.map(
  ([what, fields, stat, level = SECURITY_LEVEL.noAuthNoPriv, requestId = 4711]) => {
    return { what, fields, stat, level, requestId };
  },
);

describe.each(refusals)('$what', ({ fields, stat, level, requestId }) => {
  it(`is answered by a Report of ${stat}, counted once`, () => {
    laboratory.stats[stat] = 41;
    const refused = refusal(fields);
    expect(refused).toMatchObject({ stat, value: 42, level });
    const stats: Record<string, number> = { ...laboratory.stats };
    expect(Object.values(stats).reduce((sum, count) => sum + count)).toBe(42);
    expect(stats[stat]).toBe(42);

    const isSigned = level === SECURITY_LEVEL.authNoPriv;
    const report = decodeV3(laboratory.report(refused)!, isSigned ? authKey('SHA-256') : undefined);
    expect(report.flags).toBe(isSigned ? 1 : 0);
    expect(report).toMatchObject({ messageId: 1234, securityModel: 3, boots: 5, time: 1000 });
    expect(report.userName).toBe(fields.userName);
    expect(Buffer.from(report.engineId)).toEqual(Buffer.from(ENGINE_ID));
    expect(Buffer.from(report.contextEngineId)).toEqual(Buffer.from(ENGINE_ID));
    expect(reportOf(report)).toEqual({
      requestId,
      name: [1, 3, 6, 1, 6, 3, 15, 1, 1, ARCS[stat], 0],
      value: 42,
    });
  });
});

describe('the order of the checks (RFC 3414 section 3.2)', () => {
  it('is engine, user, level, digest, time, decryption', () => {
    const wrongKey = { name: 'SHA-256' as const, key: new Uint8Array(32) };
    const wrongPriv = { ...both.priv!, key: new Uint8Array(16) };
    const allWrong = { ...both, auth: wrongKey, priv: wrongPriv, time: 1, boots: 1 };
    expect(refusal({ ...allWrong, userName: 'x', engineId: new Uint8Array(5) }).stat).toBe(
      'unknownEngineIDs',
    );
    expect(refusal({ ...allWrong, userName: 'x' }).stat).toBe('unknownUserNames');
    expect(refusal({ ...allWrong, userName: 'auth' }).stat).toBe('unsupportedSecLevels');
    expect(refusal(allWrong).stat).toBe('wrongDigests');
    expect(refusal({ ...allWrong, auth: both.auth! }).stat).toBe('notInTimeWindows');
    expect(refusal({ ...both, priv: wrongPriv }).stat).toBe('decryptionErrors');
    expect(Object.values(laboratory.stats)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('refuses all that is authenticated when boots are latched (section 2.2.2), and nothing else', () => {
    laboratory.boots = 2_147_483_647;
    expect(refusal({ ...auth, boots: 2_147_483_647 }).stat).toBe('notInTimeWindows');
    accepted({ ...inTime, userName: 'nobody' });
  });

  it('knows only users whose row is active', () => {
    const user = laboratory.users.find(ENGINE_ID, Buffer.from('auth'))!;
    for (const status of [ROW_STATUS.notInService, ROW_STATUS.notReady]) {
      laboratory.users.configure([{ ...user, status }]);
      expect(refusal(auth).stat).toBe('unknownUserNames');
    }
    laboratory.users.configure([user]);
    accepted(auth);
  });
});

describe('whether a Report goes out (RFC 3412 section 7.1 step 3)', () => {
  const reportTo = (fields: V3Fields) => laboratory.report(refusal(fields));

  it('is decided by the type of a PDU that can be read', () => {
    for (const pduType of [WIRE.get, WIRE.getNext, WIRE.getBulk, WIRE.set, WIRE.inform]) {
      // Section 6.4: the flag does not matter then.
      expect(reportTo({ userName: '', flags: 0, pduType }), `type ${pduType}`).toBeDefined();
    }
    for (const pduType of [WIRE.response, WIRE.trapV2, WIRE.report]) {
      expect(reportTo({ userName: '', flags: 4, pduType }), `type ${pduType}`).toBeUndefined();
    }
  });

  it('is decided by reportableFlag where it cannot', () => {
    expect(reportTo({ ...both, userName: 'x', flags: 7 })).toBeDefined();
    expect(reportTo({ ...both, userName: 'x', flags: 3 })).toBeUndefined();
    const scopedPdu = element(WIRE.Sequence, []);
    expect(reportTo({ userName: '', flags: 4, scopedPdu })).toBeDefined();
    expect(reportTo({ userName: '', flags: 0, scopedPdu })).toBeUndefined();
  });
});

describe('a message that is dropped as one that cannot be parsed', () => {
  const dropped = (fields: V3Fields) =>
    expect(() => laboratory.receive(v3Message(fields))).toThrow(DecodeError);

  it.each<[string, V3Fields]>([
    ['a user name of 33 octets', { ...inTime, userName: 'x'.repeat(33) }],
    ['negative boots', { ...inTime, userName: 'nobody', boots: -1 }],
    ['a negative time', { ...inTime, userName: 'nobody', time: -1 }],
    ['a message size below 484', { ...inTime, maxSize: 483 }],
    ['a negative msgID', { ...inTime, messageId: -1 }],
    ['security model 0', { ...inTime, securityModel: 0 }],
    ['a scoped PDU that is an INTEGER', { ...inTime, scopedPdu: [2, 1, 0] }],
    ['a plain PDU where msgFlags say encrypted', { ...both, priv: undefined, flags: 7 }],
    ['an encrypted PDU where they say plain', { ...both, flags: 5 }],
    ['octets behind the scoped PDU', { ...inTime, scopedPdu: [...element(WIRE.Sequence, []), 5, 0] }],
  ])('%s', (_what, fields) => {
    dropped(fields);
    expect(Object.values(laboratory.stats)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('wherever it is cut short', () => {
    const message = v3Message(both);
    for (let end = 0; end < message.length; end++) {
      expect(() => laboratory.receive(message.subarray(0, end)), `${end} octets`).toThrow(DecodeError);
    }
  });
});

describe('a flood', () => {
  it('of unknown users and wrong digests hashes no password', () => {
    const before = laboratory.keys.derivations;
    const unknown = v3Message({ ...auth, userName: 'stranger' });
    const wrong = v3Message({ ...auth, auth: { name: 'SHA-256', key: new Uint8Array(32) } });
    for (let i = 0; i < 2000; i++) {
      laboratory.receive(unknown);
      laboratory.receive(wrong);
    }
    expect(laboratory.stats).toMatchObject({ unknownUserNames: 2000, wrongDigests: 2000 });
    expect(laboratory.keys.derivations).toBe(before);
  });
});
