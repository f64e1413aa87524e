import type { Reader } from '../../ber/reader.ts';
import { TAG } from '../../ber/tags.ts';
import { SECURITY_LEVEL, type SecurityLevel } from '../../message/v3-constants.ts';
import type { V3Envelope } from '../../message/v3-message.ts';
import { digestIsRight } from './auth-protocols.ts';
import type { UsmUser } from './user.ts';

/**
 * Checks the digest of a message from an engine that is authoritative for it, decrypts it, and leaves the reader
 * at its ScopedPDU (RFC 3414 section 3.2 steps 6 and 8). `level` is that of its msgFlags, `user` has keys for that
 * engine. Says in words why when it cannot. Throws DecodeError.
 */
export function openAnswer(
  reader: Reader,
  envelope: V3Envelope,
  level: SecurityLevel,
  user: UsmUser | undefined,
): string | undefined {
  const { bytes, messageEnd, dataStart, engineBoots: boots, engineTime: time } = envelope;
  reader.reset(bytes, dataStart, messageEnd);
  if (level === SECURITY_LEVEL.noAuthNoPriv) return undefined;
  if (!user?.auth) return 'it is authenticated, which was not asked for';
  const { protocol, key } = user.auth;
  if (!digestIsRight(protocol, key, bytes.subarray(0, messageEnd), envelope.authStart, envelope.authEnd)) {
    return 'its digest is wrong';
  }
  if (level === SECURITY_LEVEL.authNoPriv) return undefined;
  if (!user.priv) return 'it is encrypted, which was not asked for';
  const salt = bytes.subarray(envelope.privStart, envelope.privEnd);
  const dataEnd = reader.enter(TAG.OCTET_STRING);
  const data = bytes.subarray(reader.position, dataEnd);
  const plain = user.priv.protocol.decrypt(user.priv.key, { boots, time }, salt, data);
  if (!plain) return 'it cannot be decrypted';
  reader.reset(plain);
  return undefined;
}
