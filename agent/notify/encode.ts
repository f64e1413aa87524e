import { TAG } from '../ber/tags.ts';
import { Writer } from '../ber/writer.ts';
import { finishMessage, prependEnvelope } from '../message/community-message.ts';
import { PDU, VERSION } from '../message/constants.ts';
import { finishTrapV1, trapV1Name } from '../message/trap-v1.ts';
import { appendValue } from '../mib/value.ts';
import type { Oid } from '../util/oid.ts';
import type { Notification, Varbind } from './notification.ts';

const SYS_UP_TIME: Oid = [1, 3, 6, 1, 2, 1, 1, 3, 0];
const SNMP_TRAP_OID: Oid = [1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0];

const writer = new Writer();

/** A notification as an SNMPv2-Trap message (RFC 3416 section 4.2.6, RFC 1901). The octets are the caller's. */
export function encodeTrapV2(notification: Notification, community: string, requestId: number): Uint8Array {
  writer.reset();
  appendVarbind({ oid: SYS_UP_TIME, tag: TAG.TIME_TICKS, value: notification.upTimeCentiseconds });
  appendVarbind({ oid: SNMP_TRAP_OID, tag: TAG.OBJECT_IDENTIFIER, value: notification.oid });
  notification.varbinds.forEach(appendVarbind);
  finishMessage(
    writer,
    { version: VERSION.V2C, community: Buffer.from(community) },
    PDU.TRAP_V2,
    requestId,
    0,
    0,
  );
  return writer.view().slice();
}

/**
 * A notification as an SNMPv1 Trap message (RFC 3584 section 3.2), or `undefined` when SNMPv1 cannot carry it:
 * there is no Counter64.
 */
export function encodeTrapV1(
  notification: Notification,
  community: string,
  agentAddress: Uint8Array,
): Uint8Array | undefined {
  if (notification.varbinds.some(({ tag }) => tag === TAG.COUNTER64)) return undefined;
  writer.reset();
  notification.varbinds.forEach(appendVarbind);
  finishTrapV1(writer, trapV1Name(notification.oid), agentAddress, notification.upTimeCentiseconds);
  prependEnvelope(writer, { version: VERSION.V1, community: Buffer.from(community) });
  return writer.view().slice();
}

function appendVarbind({ oid, tag, value }: Varbind): void {
  const mark = writer.open(TAG.SEQUENCE);
  writer.appendOid(oid);
  appendValue(writer, tag, value);
  writer.close(mark);
}
