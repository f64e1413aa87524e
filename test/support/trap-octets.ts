import { Writer } from '../../agent/ber/writer.ts';
import { PDU } from '../../agent/message/constants.ts';
import { encodeNotification, writeCommunityMessage, writeTrapV1 } from '../../agent/notify/encode.ts';
import type { Notification } from '../../agent/notify/notification.ts';

const writer = new Writer();

/** A notification as an SNMPv2-Trap message of SNMPv2c. */
export function trapV2(notification: Notification, community: string, requestId: number): Uint8Array {
  writeCommunityMessage(
    writer,
    encodeNotification(notification),
    PDU.TRAP_V2,
    Buffer.from(community),
    requestId,
  );
  return writer.view().slice();
}

/** A notification as an SNMPv1 Trap message; `undefined` when SNMPv1 cannot carry it. */
export function trapV1(
  notification: Notification,
  community: string,
  agentAddress: Uint8Array,
): Uint8Array | undefined {
  const written = writeTrapV1(writer, encodeNotification(notification), Buffer.from(community), agentAddress);
  return written ? writer.view().slice() : undefined;
}
