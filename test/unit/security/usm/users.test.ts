import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  AUTH_PROTOCOLS,
  authProtocolByName,
  authProtocolByOid,
} from '../../../../agent/security/usm/auth-protocols.ts';
import { keyChangeValue } from '../../../../agent/security/usm/key-change.ts';
import { KeyDerivation } from '../../../../agent/security/usm/keys.ts';
import {
  PRIV_PROTOCOLS,
  privProtocolByName,
  privProtocolByOid,
} from '../../../../agent/security/usm/priv-protocols.ts';
import {
  clonedFrom,
  createUser,
  highestLevel,
  type UserConfig,
  withAuthKeyChange,
  withPrivKeyChange,
} from '../../../../agent/security/usm/user.ts';
import { UserTable } from '../../../../agent/security/usm/user-table.ts';
import { VirtsnmpError } from '../../../../agent/util/errors.ts';
import { Secret } from '../../../../agent/util/secret.ts';
import { fromHex } from '../../../support/hex.ts';

const ENGINE_ID = fromHex('80001f88800001020304050607');
const sha256 = authProtocolByName('SHA-256')!;
const aes = privProtocolByName('AES')!;
const keys = new KeyDerivation();
const userOf = (config: UserConfig, engineId = ENGINE_ID) => createUser(config, engineId, keys);
const both: UserConfig = {
  name: 'operator',
  auth: { protocol: sha256, key: { password: 'maplesyrup' } },
  priv: { protocol: aes, key: { password: 'pancakes+butter' } },
};

describe('names and identities of protocols', () => {
  it('are found in the spellings in use', () => {
    for (const protocol of AUTH_PROTOCOLS) {
      expect(authProtocolByName(protocol.name.toLowerCase())).toBe(protocol);
      expect(authProtocolByName(protocol.name.replace('-', ''))).toBe(protocol);
      expect(authProtocolByOid(protocol.oid)).toBe(protocol);
    }
    expect(authProtocolByName('SHA1')?.name).toBe('SHA');
    for (const protocol of PRIV_PROTOCOLS) {
      for (const name of [protocol.name, ...protocol.aliases]) {
        expect(privProtocolByName(name.toLowerCase())).toBe(protocol);
      }
      expect(privProtocolByOid(protocol.oid)).toBe(protocol);
    }
  });

  it('are unknown otherwise', () => {
    expect(authProtocolByName('SHA-1024')).toBeUndefined();
    expect(authProtocolByName('')).toBeUndefined();
    expect(privProtocolByName('3DES')).toBeUndefined();
    expect(authProtocolByOid([1, 3, 6, 1, 6, 3, 10, 1, 1, 1])).toBeUndefined();
    expect(privProtocolByOid([...aes.oid, 0])).toBeUndefined();
  });
});

describe('a user that cannot be', () => {
  const code = (config: UserConfig): string => {
    try {
      userOf(config);
    } catch (thrown) {
      if (thrown instanceof VirtsnmpError) return `${thrown.code}: ${thrown.message}`;
      throw thrown;
    }
    return 'accepted';
  };
  const auth = (key: { password: string } | { localizedKey: string }): UserConfig => ({
    name: 'x',
    auth: { protocol: sha256, key },
  });

  it.each<[string, UserConfig, RegExp]>([
    ['no name', { name: '' }, /1 to 32 octets.*has 0/],
    ['a name of 33 octets', { name: `${'ä'.repeat(16)}x` }, /has 33/],
    ['privacy alone', { name: 'x', priv: both.priv! }, /needs an authentication protocol/],
    ['a password of 7 characters', auth({ password: 'äöüäöüä' }), /7 characters is too short.*at least 8/],
    ['a key that is too short', auth({ localizedKey: '00'.repeat(31) }), /has 32 octets, and this one 31/],
    ['a key that is no hexadecimal', auth({ localizedKey: 'secretsecret' }), /must be hexadecimal/],
    ['half an octet', auth({ localizedKey: '0'.repeat(63) }), /must be hexadecimal/],
  ])('%s', (_what, config, message) => {
    expect(code(config)).toMatch(/^CONFIG_INVALID: /);
    expect(code(config)).toMatch(message);
    expect(code(config)).not.toContain('secretsecret');
    expect(code(config)).not.toContain('äöüäöüä');
  });
});

describe('keys', () => {
  it('are the same from a password and from the localized key', () => {
    const user = userOf(both);
    const again = userOf({
      name: 'operator',
      auth: { protocol: sha256, key: { localizedKey: `0x${user.auth!.key.reveal().toString('hex')}` } },
      priv: { protocol: aes, key: { localizedKey: user.priv!.key.reveal().toString('hex').toUpperCase() } },
    });
    expect(again.auth!.key.reveal()).toEqual(user.auth!.key.reveal());
    expect(again.priv!.key.reveal()).toEqual(user.priv!.key.reveal());
  });

  it('of one password at many engines take one hash of it', () => {
    const derivation = new KeyDerivation();
    const made = Array.from({ length: 300 }, (_, i) => {
      const engineId = Uint8Array.of(0x80, 0, 0, 0, 5, i >> 8, i & 0xff);
      return createUser(both, engineId, derivation).auth!.key.reveal().toString('hex');
    });
    expect(derivation.derivations).toBe(2);
    expect(new Set(made).size).toBe(300);
  });

  it('are remembered in a bounded number', () => {
    const derivation = new KeyDerivation();
    const first = { password: 'password 0' };
    // MD5 is the fastest; more passwords than are remembered.
    const md5 = authProtocolByName('MD5')!;
    for (let i = 0; i < 258; i++) derivation.authKey(md5, { password: `password ${i}` }, ENGINE_ID);
    expect(derivation.derivations).toBe(258);
    derivation.authKey(md5, { password: 'password 257' }, Uint8Array.of(1, 2, 3, 4, 5));
    expect(derivation.derivations).toBe(258);
    derivation.authKey(md5, first, Uint8Array.of(1, 2, 3, 4, 5));
    expect(derivation.derivations).toBe(259);
  });

  it('are not shown by anything that prints', () => {
    const table = new UserTable();
    const user = userOf(both);
    table.configure([user]);
    const auth = user.auth!.key.reveal();
    const priv = user.priv!.key.reveal();
    const shown = [
      `${user.auth!.key}`,
      String(user.priv!.key),
      JSON.stringify(user),
      JSON.stringify(user.auth!.key),
      inspect(user, { depth: 20, showHidden: true }),
      inspect(user.auth!.key, { showHidden: true, customInspect: false }),
      inspect(table, { depth: 20, showHidden: true }),
      inspect(keys, { depth: 20, showHidden: true }),
      Object.entries(user.auth!.key).toString(),
    ].join('\n');
    expect(shown).toContain('[secret]');
    for (const key of [auth, priv]) {
      for (const form of ['hex', 'base64', 'latin1', 'utf8'] as const) {
        expect(shown).not.toContain(key.toString(form));
        expect(shown).not.toContain(key.subarray(0, 4).toString(form));
      }
      expect(shown).not.toContain(Array.from(key.subarray(0, 4)).join(','));
      expect(shown).not.toContain(Array.from(key.subarray(0, 4)).join(', '));
    }
    expect(shown).not.toContain('maplesyrup');
    expect(shown).not.toContain('pancakes');
  });

  it('do not change with the octets they were made of', () => {
    const made = Uint8Array.of(1, 2, 3);
    const secret = new Secret(made);
    made[0] = 9;
    expect([...secret.reveal()]).toEqual([1, 2, 3]);
    expect(secret.length).toBe(3);
  });
});

describe('changes of a user', () => {
  it('clone protocols and keys alone (usmUserCloneFrom)', () => {
    const template = userOf(both);
    const user = clonedFrom({ ...userOf({ name: 'new' }), isCloned: false }, template);
    expect(user).toMatchObject({ securityName: 'new', isCloned: true });
    expect(user.auth).toBe(template.auth);
    expect(user.priv).toBe(template.priv);
    expect(highestLevel(user)).toBe(3);
    expect(highestLevel(userOf({ name: 'new' }))).toBe(1);
  });

  it('take new keys by KeyChange values', () => {
    const user = userOf(both);
    const wanted = new Secret(Buffer.alloc(32, 7));
    const changed = withAuthKeyChange(user, keyChangeValue('sha256', user.auth!.key, wanted))!;
    expect(changed.auth!.key.reveal()).toEqual(wanted.reveal());
    expect(user.auth!.key.reveal()).not.toEqual(wanted.reveal());
    const wantedPriv = new Secret(Buffer.alloc(16, 8));
    const value = keyChangeValue('sha256', changed.priv!.key, wantedPriv);
    expect(withPrivKeyChange(changed, value)!.priv!.key.reveal()).toEqual(wantedPriv.reveal());
    expect(withPrivKeyChange(changed, value.subarray(1))).toBeUndefined();
    expect(withAuthKeyChange(userOf({ name: 'x' }), new Uint8Array(64))).toBeUndefined();
    expect(withPrivKeyChange(userOf({ name: 'x' }), new Uint8Array(32))).toBeUndefined();
  });
});
