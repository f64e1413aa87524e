import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { authProtocolByName, authProtocolByOid } from '../../agent/security/usm/auth-protocols.ts';
import { changedKey, keyChangeValue } from '../../agent/security/usm/key-change.ts';
import { KeyDerivation, localizeKey, passwordToKey } from '../../agent/security/usm/keys.ts';
import { privProtocolByName, privProtocolByOid } from '../../agent/security/usm/priv-protocols.ts';
import { formatOid } from '../../agent/util/oid.ts';
import { Secret } from '../../agent/util/secret.ts';
import { fromHex } from '../support/hex.ts';
import { type AuthName, localizedKey, localizedPrivKey, type PrivName } from '../support/v3-messages.ts';

const hex = (octets: Uint8Array) => Buffer.from(octets).toString('hex');

/** RFC 3414 appendix A.3: the password 'maplesyrup' at this engine; A.5: changed to 'newsyrup'. */
const ENGINE_ID = fromHex('00000000 00000000 00000002');

const RFC_3414 = [
  {
    section: 'A.3.1 and A.5.1',
    hash: 'md5',
    ku: '9faf3283884e92834ebc9847d8edd963',
    kul: '526f5eed9fcce26f8964c2930787d82b',
    newKu: '01add273107c4e596b4b00f82b1d42a7',
    newKul: '87021d7bd9d101ba05ea6e3bf9d9bd4a',
    delta: '8805615141676cc9196174e742a32551',
  },
  {
    section: 'A.3.2 and A.5.2',
    hash: 'sha1',
    ku: '9fb5cc0381497b3793528939ff788d5d79145211',
    kul: '6695febc9288e36282235fc7151f128497b38f3f',
    newKu: '3a51a6d736aa347b83dc4a87e3e55ee4d698ac71',
    newKul: '78e2dcce79d59403b58c1bbaa5bff46391f1cd25',
    delta: '9c1017f4fd483d2de8d5fadbf84392cb06457051',
  },
];

describe.each(RFC_3414)('RFC 3414 $section ($hash)', ({ hash, ku, kul, newKu, newKul, delta }) => {
  it('makes keys of passwords and localizes them', () => {
    expect(hex(passwordToKey(hash, Buffer.from('maplesyrup')))).toBe(ku);
    expect(hex(localizeKey(hash, fromHex(ku), ENGINE_ID))).toBe(kul);
    expect(hex(passwordToKey(hash, Buffer.from('newsyrup')))).toBe(newKu);
    expect(hex(localizeKey(hash, fromHex(newKu), ENGINE_ID))).toBe(newKul);
  });

  it('changes the key', () => {
    const old = new Secret(fromHex(kul));
    const zeros = new Uint8Array(old.length);
    expect(hex(keyChangeValue(hash, old, new Secret(fromHex(newKul)), zeros))).toBe(hex(zeros) + delta);
    const changed = changedKey(hash, old, Buffer.concat([zeros, fromHex(delta)]));
    expect(hex(changed!.reveal())).toBe(newKul);
  });
});

describe('a password of any length', () => {
  it.each([
    1, 2, 3, 7, 8, 100, 16_383, 16_384, 16_385, 1_048_575, 1_048_576, 1_048_577, 3_000_000,
  ])('of %i octets gives the key that 1 MiB of it gives', (length) => {
    const password = Buffer.alloc(length);
    for (let i = 0; i < length; i++) password[i] = (i * 31 + length) & 0xff;
    const engineId = fromHex('8000000001020304');
    const key = localizeKey('sha256', passwordToKey('sha256', password), engineId);
    expect(hex(key)).toBe(hex(localizedKey('SHA-256', password, engineId)));
  });
});

/**
 * What Net-SNMP 5.9.3's snmpd stored as usmUser lines for `createUser NAME AUTH maplesyrup PRIV pancakes+butter` at
 * the engine 80001f88800001020304050607: protocol identities and localized keys.
 */
const NET_SNMP = readFileSync(new URL('usm-net-snmp-keys.tsv', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .slice(1)
  .map((line) => line.split('\t') as [string, string, string, string, string, string]);

it('has every pair of protocols from Net-SNMP', () => {
  expect(new Set(NET_SNMP.map(([auth, priv]) => `${auth} ${priv}`)).size).toBe(36);
});

describe.each(NET_SNMP)('Net-SNMP: %s and %s', (authName, privName, authOid, authKey, privOid, privKey) => {
  const engineId = fromHex('80001f88800001020304050607');
  const keys = new KeyDerivation();
  const auth = authProtocolByName(authName)!;
  const priv = privProtocolByName(privName)!;

  it('has the same identities', () => {
    expect(formatOid(auth.oid)).toBe(authOid);
    expect(formatOid(priv.oid)).toBe(privOid);
    expect(authProtocolByOid(auth.oid)).toBe(auth);
    expect(privProtocolByOid(priv.oid)).toBe(priv);
  });

  it('has the same keys, and so has an independent computation', () => {
    expect(hex(keys.authKey(auth, { password: 'maplesyrup' }, engineId).reveal())).toBe(authKey);
    expect(hex(keys.privKey(auth, priv, { password: 'pancakes+butter' }, engineId).reveal())).toBe(privKey);
    const names = [authName as AuthName, privName as PrivName] as const;
    expect(hex(localizedKey(names[0], Buffer.from('maplesyrup'), engineId))).toBe(authKey);
    expect(hex(localizedPrivKey(...names, Buffer.from('pancakes+butter'), engineId))).toBe(privKey);
  });
});

describe('changing a key longer than the hash', () => {
  it('hashes on with what the hash gave (RFC 3414 section 5, KeyChange)', () => {
    // 32 octets under MD5 take two rounds.
    const old = new Secret(Buffer.alloc(32, 0x11));
    const wanted = new Secret(Buffer.alloc(32, 0x22));
    const random = Buffer.alloc(32, 0x33);
    const value = keyChangeValue('md5', old, wanted, random);
    const first = createHash('md5').update(Buffer.alloc(32, 0x11)).update(random).digest();
    const second = createHash('md5').update(first).update(random).digest();
    const delta = Buffer.concat([first, second]).map((octet) => octet ^ 0x22);
    expect(hex(value)).toBe(hex(random) + hex(delta));
    expect(hex(changedKey('md5', old, value)!.reveal())).toBe('22'.repeat(32));
    expect(changedKey('md5', old, value.subarray(1))).toBeUndefined();
    expect(changedKey('md5', old, new Uint8Array(0))).toBeUndefined();
  });
});
