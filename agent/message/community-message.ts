import type { Reader } from '../ber/reader.ts';
import { TAG } from '../ber/tags.ts';
import { contentWithin, elementSize, integerSize, type Writer } from '../ber/writer.ts';
import { type ErrorStatus, PDU } from './constants.ts';

/** The outer fields of a community message (RFC 1157 section 4, RFC 1901 section 3), reused. */
export class CommunityEnvelope {
  version = 0;
  /** The community: a view into the datagram. */
  community: Uint8Array = new Uint8Array(0);
}

/**
 * Reads the version of any SNMP message and leaves the reader behind it, bounded to the message.
 * Octets behind the message are ignored. Throws DecodeError.
 */
export function readVersion(reader: Reader): number {
  reader.end = reader.enter(TAG.SEQUENCE);
  return reader.readInteger32();
}

/** Reads the community behind the version and leaves the reader at the PDU. Throws DecodeError. */
export function readCommunity(reader: Reader, envelope: CommunityEnvelope): void {
  const end = reader.enter(TAG.OCTET_STRING);
  envelope.community = reader.bytes.subarray(reader.position, end);
  reader.position = end;
}

/**
 * Octets that a binding list may have so that a successful response in this envelope is at most `limit` octets.
 * Negative when not even an empty list fits.
 */
export function roomForBindings(envelope: CommunityEnvelope, requestId: number, limit: number): number {
  const outerFields = integerSize(envelope.version) + elementSize(envelope.community.length);
  const pduFields = integerSize(requestId) + 2 * integerSize(0);
  return contentWithin(contentWithin(contentWithin(limit) - outerFields) - pduFields);
}

/** Closes the bindings that stand in the writer into a whole message of the given PDU type. */
export function finishMessage(
  writer: Writer,
  envelope: CommunityEnvelope,
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
  prependEnvelope(writer, envelope);
}

/** Closes the bindings that stand in the writer into a whole Response message. */
export function finishResponse(
  writer: Writer,
  envelope: CommunityEnvelope,
  requestId: number,
  errorStatus: ErrorStatus,
  errorIndex: number,
): void {
  finishMessage(writer, envelope, PDU.RESPONSE, requestId, errorStatus, errorIndex);
}

/** Puts version and community before a PDU and closes the message. */
export function prependEnvelope(writer: Writer, envelope: CommunityEnvelope): void {
  writer.prependOctets(TAG.OCTET_STRING, envelope.community);
  writer.prependInteger(envelope.version);
  writer.prependHeader(TAG.SEQUENCE);
}
