import { TAG } from '../ber/tags.ts';
import { Writer } from '../ber/writer.ts';
import { finishMessage, prependEnvelope } from '../message/community-message.ts';
import { type PDU, VERSION } from '../message/constants.ts';
import { finishTrapV1, trapV1Name } from '../message/trap-v1.ts';
import { appendValue } from '../mib/value.ts';
import type { Oid } from '../util/oid.ts';
import type { Notification, Varbind } from './notification.ts';

const writer = new Writer();

/** The names sysUpTime.0 and snmpTrapOID.0 as elements. */
const SYS_UP_TIME = encodedOid([1, 3, 6, 1, 2, 1, 1, 3, 0]);
const SNMP_TRAP_OID = encodedOid([1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0]);

/** A notification encoded once for all targets: what stays the same in each message that carries it. */
export interface EncodedNotification {
  /** Value of snmpTrapOID.0. */
  readonly oid: Oid;
  readonly upTimeCentiseconds: number;
  /** Content of the binding list: sysUpTime.0, snmpTrapOID.0, then the variables (RFC 3416 section 4.2.6). */
  readonly bindings: Uint8Array;
  /** Offset in `bindings` of the first variable behind these two: SNMPv1 carries them in fields of their own. */
  readonly ownStart: number;
  /** Whether a variable is a Counter64, which SNMPv1 cannot carry (RFC 3584 section 3.2). */
  readonly hasCounter64: boolean;
}

/** Encodes a notification. The octets are the caller's. Throws ValueError for a value of the wrong shape. */
export function encodeNotification(notification: Notification): EncodedNotification {
  const { oid, upTimeCentiseconds, varbinds } = notification;
  writer.reset();
  let mark = writer.open(TAG.SEQUENCE);
  writer.append(SYS_UP_TIME, 0, SYS_UP_TIME.length);
  appendValue(writer, TAG.TIME_TICKS, upTimeCentiseconds);
  writer.close(mark);
  mark = writer.open(TAG.SEQUENCE);
  writer.append(SNMP_TRAP_OID, 0, SNMP_TRAP_OID.length);
  appendValue(writer, TAG.OBJECT_IDENTIFIER, oid);
  writer.close(mark);
  const ownStart = writer.end - writer.start;
  let hasCounter64 = false;
  for (const varbind of varbinds) {
    appendVarbind(varbind);
    hasCounter64 ||= varbind.tag === TAG.COUNTER64;
  }
  return { oid, upTimeCentiseconds, bindings: Buffer.from(writer.view()), ownStart, hasCounter64 };
}

/** Writes an SNMPv2-Trap or an InformRequest of SNMPv2c (RFC 3416 section 4.2.6 and 4.2.7, RFC 1901). */
export function writeCommunityMessage(
  out: Writer,
  { bindings }: EncodedNotification,
  pduType: typeof PDU.TRAP_V2 | typeof PDU.INFORM,
  community: Uint8Array,
  requestId: number,
): void {
  out.reset();
  out.append(bindings, 0, bindings.length);
  finishMessage(out, { version: VERSION.V2C, community }, pduType, requestId, 0, 0);
}

/**
 * Writes an SNMPv1 Trap message (RFC 3584 section 3.2); false when SNMPv1 cannot carry the notification, for there
 * is no Counter64. `agentAddress` has four octets.
 */
export function writeTrapV1(
  out: Writer,
  { oid, upTimeCentiseconds, bindings, ownStart, hasCounter64 }: EncodedNotification,
  community: Uint8Array,
  agentAddress: Uint8Array,
): boolean {
  if (hasCounter64) return false;
  out.reset();
  out.append(bindings, ownStart, bindings.length);
  finishTrapV1(out, trapV1Name(oid), agentAddress, upTimeCentiseconds);
  prependEnvelope(out, { version: VERSION.V1, community });
  return true;
}

function encodedOid(oid: Oid): Uint8Array {
  writer.reset();
  writer.appendOid(oid);
  return Uint8Array.from(writer.view());
}

function appendVarbind({ oid, tag, value }: Varbind): void {
  const mark = writer.open(TAG.SEQUENCE);
  writer.appendOid(oid);
  appendValue(writer, tag, value);
  writer.close(mark);
}
