import { DecodeError, type Reader } from '../ber/reader.ts';
import { TAG } from '../ber/tags.ts';
import { MIN_MESSAGE_SIZE } from './v3-constants.ts';

/** Longest msgUserName, in octets (RFC 3414 section 2.4). */
const MAX_USER_NAME = 32;

/** Longest context name and context engine ID that are read, in octets: more than any real one (SnmpAdminString). */
const MAX_CONTEXT = 255;

/**
 * The outer fields of one SNMPv3 message (RFC 3412 section 6), reused for every datagram.
 *
 * Octets are kept as offsets into the datagram, each pair being where a content begins and ends.
 */
export class V3Envelope {
  /** The datagram; the message begins at its first octet. */
  bytes: Uint8Array = new Uint8Array(0);
  /** Offset behind the message. */
  messageEnd = 0;
  /** msgID, 0 to 2^31-1. */
  messageId = 0;
  /** msgMaxSize in octets, 484 to 2^31-1: the largest message that the sender takes. */
  maxSize = 0;
  /** msgFlags: bits of MSG_FLAG. */
  flags = 0;
  /** msgSecurityModel, 1 to 2^31-1. */
  securityModel = 0;
  /** Content of msgSecurityParameters. */
  securityStart = 0;
  securityEnd = 0;
  /** Offset of the tag of msgData: a plain ScopedPDU or an OCTET STRING with an encrypted one. */
  dataStart = 0;

  // What follows is read by readUsmParameters alone.

  /** Content of msgAuthoritativeEngineID. */
  engineIdStart = 0;
  engineIdEnd = 0;
  /** msgAuthoritativeEngineBoots, 0 to 2^31-1. */
  engineBoots = 0;
  /** msgAuthoritativeEngineTime in seconds, 0 to 2^31-1. */
  engineTime = 0;
  /** Content of msgUserName. */
  userNameStart = 0;
  userNameEnd = 0;
  /** Content of msgAuthenticationParameters. */
  authStart = 0;
  authEnd = 0;
  /** Content of msgPrivacyParameters. */
  privStart = 0;
  privEnd = 0;

  /** msgUserName: a view into the datagram. */
  userName(): Uint8Array {
    return this.bytes.subarray(this.userNameStart, this.userNameEnd);
  }
}

/** The fields around a PDU (RFC 3412 section 6.8), reused. Both are views into what was read. */
export class ScopedPdu {
  contextEngineId: Uint8Array = new Uint8Array(0);
  contextName: Uint8Array = new Uint8Array(0);
}

/**
 * Reads what follows the version of an SNMPv3 message, up to msgData, which is only delimited.
 * The reader was reset at the datagram's first octet and bounded by readVersion. Throws {@link DecodeError}.
 */
export function readV3Message(reader: Reader, envelope: V3Envelope): void {
  const { buffer, byteOffset, length } = reader.bytes;
  // Not a Buffer, whose views, of which there will be many, take three times as much memory and time.
  envelope.bytes = new Uint8Array(buffer, byteOffset, length);
  envelope.messageEnd = reader.end;
  const headerEnd = reader.enter(TAG.SEQUENCE);
  reader.end = headerEnd;
  envelope.messageId = readAtLeast(reader, 0, 'msgID');
  envelope.maxSize = readAtLeast(reader, MIN_MESSAGE_SIZE, 'msgMaxSize');
  const flagsEnd = reader.enter(TAG.OCTET_STRING);
  if (flagsEnd - reader.position !== 1) throw new DecodeError('msgFlags of other than 1 octet', flagsEnd);
  envelope.flags = reader.bytes[reader.position]!;
  reader.position = flagsEnd;
  envelope.securityModel = readAtLeast(reader, 1, 'msgSecurityModel');
  if (reader.position !== headerEnd) throw new DecodeError('octets behind msgSecurityModel', reader.position);
  reader.end = envelope.messageEnd;
  envelope.securityEnd = reader.enter(TAG.OCTET_STRING);
  envelope.securityStart = reader.position;
  reader.position = envelope.securityEnd;
  envelope.dataStart = reader.position;
  const tag = reader.peekTag();
  if (tag !== TAG.SEQUENCE && tag !== TAG.OCTET_STRING) {
    throw new DecodeError('msgData that is no scoped PDU', reader.position);
  }
  reader.skip();
  if (reader.position !== envelope.messageEnd)
    throw new DecodeError('octets behind msgData', reader.position);
}

/**
 * Reads msgSecurityParameters as those of the user-based security model (RFC 3414 section 2.4).
 * Of the engine ID any length is taken, for one that is wrong is answered by a Report. Throws {@link DecodeError}.
 */
export function readUsmParameters(reader: Reader, envelope: V3Envelope): void {
  reader.reset(envelope.bytes, envelope.securityStart, envelope.securityEnd);
  const end = reader.enter(TAG.SEQUENCE);
  if (end !== envelope.securityEnd) throw new DecodeError('octets behind UsmSecurityParameters', end);
  envelope.engineIdEnd = reader.enter(TAG.OCTET_STRING);
  envelope.engineIdStart = reader.position;
  reader.position = envelope.engineIdEnd;
  envelope.engineBoots = readAtLeast(reader, 0, 'msgAuthoritativeEngineBoots');
  envelope.engineTime = readAtLeast(reader, 0, 'msgAuthoritativeEngineTime');
  envelope.userNameEnd = reader.enter(TAG.OCTET_STRING);
  envelope.userNameStart = reader.position;
  if (envelope.userNameEnd - envelope.userNameStart > MAX_USER_NAME) {
    throw new DecodeError(`msgUserName of more than ${MAX_USER_NAME} octets`, envelope.userNameStart);
  }
  reader.position = envelope.userNameEnd;
  envelope.authEnd = reader.enter(TAG.OCTET_STRING);
  envelope.authStart = reader.position;
  reader.position = envelope.authEnd;
  envelope.privEnd = reader.enter(TAG.OCTET_STRING);
  envelope.privStart = reader.position;
  reader.position = envelope.privEnd;
  if (reader.position !== end) throw new DecodeError('octets behind msgPrivacyParameters', reader.position);
}

/**
 * Reads the fields before the PDU of a ScopedPDU and leaves the reader at the PDU, bounded by its end.
 * Octets behind the ScopedPDU are ignored: they are padding (RFC 3414 section 8.1.1.2). Throws {@link DecodeError}.
 */
export function readScopedPdu(reader: Reader, scoped: ScopedPdu): void {
  reader.end = reader.enter(TAG.SEQUENCE);
  scoped.contextEngineId = readContextField(reader);
  scoped.contextName = readContextField(reader);
}

function readContextField(reader: Reader): Uint8Array {
  const end = reader.enter(TAG.OCTET_STRING);
  const start = reader.position;
  if (end - start > MAX_CONTEXT) throw new DecodeError(`context of more than ${MAX_CONTEXT} octets`, start);
  reader.position = end;
  return reader.bytes.subarray(start, end);
}

function readAtLeast(reader: Reader, least: number, field: string): number {
  const at = reader.position;
  const value = reader.readInteger32();
  if (value < least) throw new DecodeError(`${field} below ${least}`, at);
  return value;
}
