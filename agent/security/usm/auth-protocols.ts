import { timingSafeEqual } from 'node:crypto';
import type { Oid } from '../../util/oid.ts';
import type { Secret } from '../../util/secret.ts';
import { type BlockLength, hmac } from './hmac.ts';

/** An authentication protocol of the user-based security model. */
export interface AuthProtocol {
  /** The name that Net-SNMP's option `-a` has for it. */
  readonly name: string;
  /** Descriptor of its identity in the MIB module. */
  readonly descriptor: string;
  /** Value of usmUserAuthProtocol. */
  readonly oid: Oid;
  /** The hash below it, as node:crypto calls it; also the hash of its password-to-key algorithm. */
  readonly hash: string;
  readonly blockLength: BlockLength;
  /** Octets of a key, which is also the size of the hash's result. */
  readonly keyLength: number;
  /** Octets of msgAuthenticationParameters: the HMAC is cut to its first octets. */
  readonly digestLength: number;
}

/** snmpAuthProtocols of SNMP-FRAMEWORK-MIB. */
const SNMP_AUTH_PROTOCOLS: Oid = [1, 3, 6, 1, 6, 3, 10, 1, 1];

function protocol(
  name: string,
  descriptor: string,
  arc: number,
  hash: string,
  blockLength: BlockLength,
  keyLength: number,
  digestLength: number,
): AuthProtocol {
  const oid = [...SNMP_AUTH_PROTOCOLS, arc];
  return { name, descriptor, oid, hash, blockLength, keyLength, digestLength };
}

/**
 * Every authentication protocol known here: HMAC-MD5-96 and HMAC-SHA-96 (RFC 3414 sections 6 and 7) and the
 * four of HMAC-SHA-2 (RFC 7860 section 4.1, identities in section 7).
 */
export const AUTH_PROTOCOLS: readonly AuthProtocol[] = [
  protocol('MD5', 'usmHMACMD5AuthProtocol', 2, 'md5', 64, 16, 12),
  protocol('SHA', 'usmHMACSHAAuthProtocol', 3, 'sha1', 64, 20, 12),
  protocol('SHA-224', 'usmHMAC128SHA224AuthProtocol', 4, 'sha224', 64, 28, 16),
  protocol('SHA-256', 'usmHMAC192SHA256AuthProtocol', 5, 'sha256', 64, 32, 24),
  protocol('SHA-384', 'usmHMAC256SHA384AuthProtocol', 6, 'sha384', 128, 48, 32),
  protocol('SHA-512', 'usmHMAC384SHA512AuthProtocol', 7, 'sha512', 128, 64, 48),
];

/** Longest digest of all protocols, in octets. */
export const MAX_DIGEST_LENGTH = 48;

/** The protocol of that name, in any case and with or without hyphen (`SHA-256`, `sha256`). */
export function authProtocolByName(name: string): AuthProtocol | undefined {
  const plain = plainName(name);
  // RFC 3414 calls it SHA, most else SHA1.
  const wanted = plain === 'SHA1' ? 'SHA' : plain;
  return AUTH_PROTOCOLS.find((known) => plainName(known.name) === wanted);
}

/** The protocol with that identity. */
export function authProtocolByOid(oid: Oid): AuthProtocol | undefined {
  return AUTH_PROTOCOLS.find(
    (known) => known.oid.length === oid.length && known.oid.every((subid, i) => subid === oid[i]),
  );
}

function plainName(name: string): string {
  return name.toUpperCase().replaceAll('-', '');
}

/**
 * The digest over a message whose msgAuthenticationParameters are zeros, cut to the protocol's length
 * (RFC 3414 sections 6.3.1 and 7.3.1, RFC 7860 section 4.2.1).
 */
export function messageDigest(auth: AuthProtocol, key: Secret, message: Uint8Array): Buffer {
  return hmac(auth.hash, auth.blockLength, key.reveal(), message).subarray(0, auth.digestLength);
}

const received = Buffer.alloc(MAX_DIGEST_LENGTH);

/**
 * Whether the digest that stands in a message at [digestStart, digestEnd) is right (RFC 3414 section 6.3.2).
 *
 * The digest's place is filled with zeros while it is computed and restored then, so nothing is copied but
 * the digest. The comparison takes the same time wherever the two differ. A digest of another length than
 * the protocol's is wrong.
 */
export function digestIsRight(
  auth: AuthProtocol,
  key: Secret,
  message: Uint8Array,
  digestStart: number,
  digestEnd: number,
): boolean {
  const length = auth.digestLength;
  if (digestEnd - digestStart !== length) return false;
  for (let i = 0; i < length; i++) received[i] = message[digestStart + i]!;
  message.fill(0, digestStart, digestEnd);
  const expected = messageDigest(auth, key, message);
  for (let i = 0; i < length; i++) message[digestStart + i] = received[i]!;
  return timingSafeEqual(expected, received.subarray(0, length));
}
