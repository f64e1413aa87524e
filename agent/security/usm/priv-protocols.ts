import type { Oid } from '../../util/oid.ts';
import type { Secret } from '../../util/secret.ts';
import { AesCfb } from './aes-cfb.ts';
import { DES_BLOCK, desCbcDecrypt, desCbcEncrypt } from './des-cbc.ts';
import { SALT_LENGTH, type SaltSource } from './salt.ts';

/** How a localized key is made longer when the cipher needs more octets than the hash gives. */
export type KeyExtension = 'none' | 'blumenthal' | 'reeder';

/** A privacy protocol of the user-based security model. */
export interface PrivProtocol {
  /** The name that Net-SNMP has for it in `createUser` lines and option `-x`. */
  readonly name: string;
  /** Other names in use. */
  readonly aliases: readonly string[];
  /** Value of usmUserPrivProtocol. */
  readonly oid: Oid;
  /** Octets of a key. */
  readonly keyLength: number;
  readonly keyExtension: KeyExtension;
  /** The ciphertext is a multiple of this many octets. */
  readonly blockLength: number;
  /** Encrypts; the result is padded to whole blocks. Returns the ciphertext and msgPrivacyParameters. */
  encrypt(key: Secret, engine: EngineTime, salts: SaltSource, plain: Uint8Array): Encrypted;
  /** Decrypts; `undefined` when the ciphertext or the salt cannot be such a protocol's. */
  decrypt(key: Secret, engine: EngineTime, salt: Uint8Array, data: Uint8Array): Uint8Array | undefined;
}

/** The authoritative engine's clock as the message carries it. */
export interface EngineTime {
  readonly boots: number;
  /** Seconds. */
  readonly time: number;
}

export interface Encrypted {
  readonly data: Uint8Array;
  /** 8 octets. */
  readonly salt: Uint8Array;
}

/** snmpPrivProtocols of SNMP-FRAMEWORK-MIB. */
const SNMP_PRIV_PROTOCOLS: Oid = [1, 3, 6, 1, 6, 3, 10, 1, 2];

/** CBC-DES of RFC 3414 section 8: the key's first half is the cipher's, its second one the pre-IV. */
const des: PrivProtocol = {
  name: 'DES',
  aliases: ['DES56'],
  oid: [...SNMP_PRIV_PROTOCOLS, 2],
  keyLength: 16,
  keyExtension: 'none',
  blockLength: DES_BLOCK,
  encrypt(key, { boots }, salts, plain) {
    const octets = key.reveal();
    const salt = salts.nextWithBoots(boots);
    // RFC 3414 section 8.1.1.2: padded at the end; what the padding contains does not matter.
    const padded = new Uint8Array(Math.ceil(plain.length / DES_BLOCK) * DES_BLOCK);
    padded.set(plain);
    return { salt, data: desCbcEncrypt(octets.subarray(0, DES_BLOCK), desIv(octets, salt), padded) };
  },
  decrypt(key, _engine, salt, data) {
    // RFC 3414 sections 8.3.2 step 1 and 8.1.1.3.
    if (salt.length !== SALT_LENGTH || data.length % DES_BLOCK !== 0) return undefined;
    const octets = key.reveal();
    return desCbcDecrypt(octets.subarray(0, DES_BLOCK), desIv(octets, salt), data);
  },
};

/** RFC 3414 section 8.1.1.1: the pre-IV, which is the last 8 octets of the key, xor the salt. */
function desIv(key: Uint8Array, salt: Uint8Array): Uint8Array {
  return salt.map((octet, i) => octet ^ key[DES_BLOCK + i]!);
}

/** The cipher of each key that was used; it goes with the key. */
const ciphers = new WeakMap<Secret, AesCfb>();

function cipherOf(key: Secret): AesCfb {
  let cipher = ciphers.get(key);
  if (!cipher) {
    cipher = new AesCfb(key.reveal());
    ciphers.set(key, cipher);
  }
  return cipher;
}

/** AES in CFB mode with 128-bit feedback (RFC 3826 section 3; the drafts change nothing but the key's length). */
function aes(
  name: string,
  aliases: readonly string[],
  oid: Oid,
  bits: 128 | 192 | 256,
  keyExtension: KeyExtension,
): PrivProtocol {
  return {
    name,
    aliases,
    oid,
    keyLength: bits / 8,
    keyExtension,
    blockLength: 1,
    encrypt(key, engine, salts, plain) {
      const salt = salts.next64();
      return { salt, data: cipherOf(key).encrypt(aesIv(engine, salt), plain) };
    },
    decrypt(key, engine, salt, data) {
      // RFC 3826 section 3.3.2 step 1.
      if (salt.length !== SALT_LENGTH) return undefined;
      return cipherOf(key).decrypt(aesIv(engine, salt), data);
    },
  };
}

/** RFC 3826 section 3.1.2.1: snmpEngineBoots, snmpEngineTime and the salt. */
function aesIv({ boots, time }: EngineTime, salt: Uint8Array): Buffer {
  const iv = Buffer.allocUnsafe(16);
  iv.writeUInt32BE(boots, 0);
  iv.writeUInt32BE(time, 4);
  iv.set(salt, 8);
  return iv;
}

const BLUMENTHAL: Oid = [1, 3, 6, 1, 4, 1, 14832, 1];
const CISCO: Oid = [1, 3, 6, 1, 4, 1, 9, 12, 6, 1];

/**
 * Every privacy protocol known here.
 *
 * AES-192 and AES-256 have no standard. `AES-192` and `AES-256` make the key as draft-blumenthal-aes-usm-04
 * section 3.1.2.1 says; `AES-192-C` and `AES-256-C` as draft-reeder-snmpv3-usm-3desede-00 section 2.1 does, which
 * is what Cisco's agents use. Their identities are those that Net-SNMP 5.9 writes.
 */
export const PRIV_PROTOCOLS: readonly PrivProtocol[] = [
  des,
  aes('AES', ['AES-128', 'AES128'], [...SNMP_PRIV_PROTOCOLS, 4], 128, 'none'),
  aes('AES-192', ['AES192'], [...BLUMENTHAL, 3], 192, 'blumenthal'),
  aes('AES-256', ['AES256'], [...BLUMENTHAL, 4], 256, 'blumenthal'),
  aes('AES-192-C', ['AES192C'], [...CISCO, 1], 192, 'reeder'),
  aes('AES-256-C', ['AES256C'], [...CISCO, 2], 256, 'reeder'),
];

/** The protocol of that name or alias, in any case. */
export function privProtocolByName(name: string): PrivProtocol | undefined {
  const wanted = name.toUpperCase();
  return PRIV_PROTOCOLS.find((known) => known.name === wanted || known.aliases.includes(wanted));
}

/** The protocol with that identity. */
export function privProtocolByOid(oid: Oid): PrivProtocol | undefined {
  return PRIV_PROTOCOLS.find(
    (known) => known.oid.length === oid.length && known.oid.every((subid, i) => subid === oid[i]),
  );
}
