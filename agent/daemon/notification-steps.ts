import { isIPv6 } from 'node:net';
import type { NotificationChange, QueuedNotification } from '../control/notification-list.ts';
import { type EmulationEvent, guestOf } from '../emulation/events.ts';
import type { DeliveryStep, NotifyTarget } from '../notify/target.ts';
import { notificationName } from '../objects/notifications.ts';
import { formatOid } from '../util/oid.ts';

/**
 * A notification as it is queued for a target. `time`: RFC 3339. `sequence`: of the event that the notification which is
 * being sent tells of, and `event` itself where it is being told; what comes back from an earlier run tells of one that is
 * not known any more.
 */
export function queuedNotification(
  { notificationId, eventSequence, oid, target }: DeliveryStep,
  host: string,
  time: string,
  sequence: number | undefined,
  event: EmulationEvent | undefined,
): QueuedNotification {
  const told = event !== undefined && event.sequence === eventSequence ? event : undefined;
  const guest = told && guestOf(told);
  return {
    time,
    host,
    notification: notificationId,
    ...(sequence !== undefined && sequence === eventSequence && { event: sequence }),
    name: notificationName({ oid }),
    oid: formatOid(oid),
    ...(guest && { guest: guest.name, uuid: guest.uuid }),
    target: target.name,
    address: addressOf(target),
    version: target.version,
    // SNMPv1 has no informs (RFC 3584 section 3).
    type: target.version === 'v1' ? 'trap' : target.kind,
  };
}

/** A later step as the change that it is. `time`: RFC 3339. */
export function changeOf({ state, retries, reason }: DeliveryStep, time: string): NotificationChange {
  return { state, retries, time, ...(reason !== undefined && { reason }) };
}

function addressOf({ host, port }: NotifyTarget): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
