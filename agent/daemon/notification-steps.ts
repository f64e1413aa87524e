import { isIPv6 } from 'node:net';
import type { NotificationChange, QueuedNotification } from '../control/notification-list.ts';
import { type EmulationEvent, guestOf } from '../emulation/events.ts';
import type { DeliveryStep, NotifyTarget } from '../notify/target.ts';
import { notificationName } from '../objects/notifications.ts';
import { known } from '../util/known.ts';
import { formatOid, type Oid } from '../util/oid.ts';

/** How a notification is called, by its OBJECT IDENTIFIER: most of these are constants, and a storm has few. */
const CALLED = new WeakMap<Oid, Pick<QueuedNotification, 'name' | 'oid'>>();
/** What is told of a target with each of its notifications. */
const RECEIVERS = new WeakMap<
  NotifyTarget,
  Pick<QueuedNotification, 'target' | 'address' | 'version' | 'type'>
>();

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
    ...calledBy(oid),
    ...(guest && { guest: guest.name, uuid: guest.uuid }),
    ...receiver(target),
  };
}

function calledBy(oid: Oid): Pick<QueuedNotification, 'name' | 'oid'> {
  return known(CALLED, oid, () => ({ name: notificationName({ oid }), oid: formatOid(oid) }));
}

function receiver(target: NotifyTarget): Pick<QueuedNotification, 'target' | 'address' | 'version' | 'type'> {
  return known(RECEIVERS, target, () => ({
    target: target.name,
    address: addressOf(target),
    version: target.version,
    // SNMPv1 has no informs (RFC 3584 section 3).
    type: target.version === 'v1' ? 'trap' : target.kind,
  }));
}

/** A later step as the change that it is. `time`: RFC 3339. */
export function changeOf({ state, retries, reason }: DeliveryStep, time: string): NotificationChange {
  return { state, retries, time, ...(reason !== undefined && { reason }) };
}

function addressOf({ host, port }: NotifyTarget): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
