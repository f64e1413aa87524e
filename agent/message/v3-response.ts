import { TAG } from '../ber/tags.ts';
import { contentWithin, elementSize, integerSize, type Writer } from '../ber/writer.ts';
import { PDU, VERSION } from './constants.ts';

const NOTHING = new Uint8Array(0);
const flagsOctet = new Uint8Array(1);

/**
 * The outer fields of an SNMPv3 message to be written, reused.
 *
 * All that its size depends on is fixed here before the first binding is written, so that
 * {@link roomForV3Bindings} is exact: engine time among it, whose encoding grows.
 */
export class V3Outgoing {
  /** msgID, 0 to 2^31-1. */
  messageId = 0;
  /** msgMaxSize: the largest message that this engine takes, in octets. */
  maxSize = 0;
  /** msgFlags: bits of MSG_FLAG. */
  flags = 0;
  securityModel = 0;
  /** msgAuthoritativeEngineID. */
  engineId: Uint8Array = NOTHING;
  engineBoots = 0;
  /** Seconds. */
  engineTime = 0;
  /** msgUserName. */
  userName: Uint8Array = NOTHING;
  /** Octets of msgAuthenticationParameters. */
  authLength = 0;
  /** Octets of msgPrivacyParameters; not 0 means that the ScopedPDU is encrypted. */
  privLength = 0;
  /** The encrypted ScopedPDU is a multiple of this many octets. */
  blockLength = 1;
  contextEngineId: Uint8Array = NOTHING;
  contextName: Uint8Array = NOTHING;
}

/** Octets of all that stands before msgData but the outer header. */
function fieldsSize(outgoing: V3Outgoing): number {
  const global =
    integerSize(outgoing.messageId) +
    integerSize(outgoing.maxSize) +
    elementSize(1) +
    integerSize(outgoing.securityModel);
  const security =
    elementSize(outgoing.engineId.length) +
    integerSize(outgoing.engineBoots) +
    integerSize(outgoing.engineTime) +
    elementSize(outgoing.userName.length) +
    elementSize(outgoing.authLength) +
    elementSize(outgoing.privLength);
  return integerSize(VERSION.V3) + elementSize(global) + elementSize(elementSize(security));
}

/**
 * Octets that a binding list may have so that a successful response is at most `limit` octets as a whole.
 * Negative when not even an empty list fits.
 */
export function roomForV3Bindings(outgoing: V3Outgoing, requestId: number, limit: number): number {
  const { blockLength, contextEngineId, contextName } = outgoing;
  const data = contentWithin(limit) - fieldsSize(outgoing);
  const scoped =
    outgoing.privLength === 0 ? data : Math.floor(contentWithin(data) / blockLength) * blockLength;
  const pdu = contentWithin(scoped) - elementSize(contextEngineId.length) - elementSize(contextName.length);
  const fields = integerSize(requestId) + 2 * integerSize(0);
  return contentWithin(contentWithin(pdu) - fields);
}

/** Closes the bindings that stand in the writer into a ScopedPDU with a PDU of that type. */
export function finishScopedPdu(
  writer: Writer,
  outgoing: V3Outgoing,
  pduType: number,
  requestId: number,
  errorStatus: number,
  errorIndex: number,
): void {
  writer.prependHeader(TAG.SEQUENCE);
  writer.prependInteger(errorIndex);
  writer.prependInteger(errorStatus);
  writer.prependInteger(requestId);
  writer.prependHeader(pduType);
  writer.prependOctets(TAG.OCTET_STRING, outgoing.contextName);
  writer.prependOctets(TAG.OCTET_STRING, outgoing.contextEngineId);
  writer.prependHeader(TAG.SEQUENCE);
}

/** Writes the ScopedPDU of a Report that names one counter and its value (RFC 3412 section 7.1 step 3 c). */
export function writeReport(
  writer: Writer,
  outgoing: V3Outgoing,
  requestId: number,
  oid: readonly number[],
  value: number,
): void {
  const mark = writer.open(TAG.SEQUENCE);
  writer.appendOid(oid);
  writer.appendUnsigned32(TAG.COUNTER32, value % 0x1_0000_0000);
  writer.close(mark);
  finishScopedPdu(writer, outgoing, PDU.REPORT, requestId, 0, 0);
}

/**
 * Puts all fields before msgData, which stands in the writer with its header, and closes the message.
 * `salt` is msgPrivacyParameters. Returns the offset in `writer.bytes` of the content of
 * msgAuthenticationParameters, which are left zero.
 */
export function prependV3Fields(writer: Writer, outgoing: V3Outgoing, salt: Uint8Array): number {
  const messageEnd = writer.end;
  // A header counts what stands between the writer's start and end, so each structure is closed as if it were last.
  writer.end = writer.start;
  writer.prependOctets(TAG.OCTET_STRING, salt);
  const authEnd = writer.start;
  writer.bytes.fill(0, authEnd - outgoing.authLength, authEnd);
  writer.start -= outgoing.authLength;
  const authStart = writer.start;
  prependHeaderOf(writer, TAG.OCTET_STRING, outgoing.authLength);
  writer.prependOctets(TAG.OCTET_STRING, outgoing.userName);
  writer.prependInteger(outgoing.engineTime);
  writer.prependInteger(outgoing.engineBoots);
  writer.prependOctets(TAG.OCTET_STRING, outgoing.engineId);
  writer.prependHeader(TAG.SEQUENCE);
  writer.prependHeader(TAG.OCTET_STRING);
  writer.end = writer.start;
  writer.prependInteger(outgoing.securityModel);
  flagsOctet[0] = outgoing.flags;
  writer.prependOctets(TAG.OCTET_STRING, flagsOctet);
  writer.prependInteger(outgoing.maxSize);
  writer.prependInteger(outgoing.messageId);
  writer.prependHeader(TAG.SEQUENCE);
  writer.prependInteger(VERSION.V3);
  writer.end = messageEnd;
  writer.prependHeader(TAG.SEQUENCE);
  return authStart;
}

/** Puts the header of an element before its content, which is the first `length` octets of what is written. */
function prependHeaderOf(writer: Writer, tag: number, length: number): void {
  const end = writer.end;
  writer.end = writer.start + length;
  writer.prependHeader(tag);
  writer.end = end;
}
