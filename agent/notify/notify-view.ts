import type { AccessRequest, Vacm } from '../access/vacm.ts';
import type { Notification } from './notification.ts';

/** In whose name a notification is sent. */
export type NotificationTarget = Omit<AccessRequest, 'viewType'>;

/**
 * Whether a target may be told of a notification (RFC 3413 section 3.3 steps 2 and 3): its notify view must hold
 * the notification itself, which is the value of snmpTrapOID.0, and the name of each variable that goes along.
 *
 * sysUpTime.0 and snmpTrapOID.0 are not asked for by name: each notification has them, and what they tell is
 * that this one happened, which has been decided by then.
 */
export function isInNotifyView(vacm: Vacm, target: NotificationTarget, notification: Notification): boolean {
  const decision = vacm.isAccessAllowed({ ...target, viewType: 'notify' });
  if (!('view' in decision)) return false;
  const { view } = decision;
  return [notification, ...notification.varbinds].every(({ oid }) => view.inView(oid, 0, oid.length));
}
