import { TAG } from '../ber/tags.ts';
import type { EmulationEvent, LifecycleEvent } from '../emulation/events.ts';
import { ALARM_MIB } from '../mib/generated/alarm-mib.ts';
import { DISMAN_EVENT_MIB } from '../mib/generated/disman-event-mib.ts';
import { ENTITY_MIB } from '../mib/generated/entity-mib.ts';
import { IF_MIB } from '../mib/generated/if-mib.ts';
import { LIBVIRT_MIB } from '../mib/generated/libvirt-mib.ts';
import { LIBVIRT_STATS_MIB } from '../mib/generated/libvirt-stats-mib.ts';
import { SNMPV2_MIB } from '../mib/generated/snmpv2-mib.ts';
import { VM_MIB } from '../mib/generated/vm-mib.ts';
import type { Notification } from '../notify/notification.ts';
import { formatOid, type Oid } from '../util/oid.ts';
import { uuidOctets } from '../util/uuid.ts';
import { guestState, rowStatus } from './libvirt-mib.ts';
import { lvsNotification } from './libvirt-stats/notifications/index.ts';

const NAMES = new Map(
  [
    SNMPV2_MIB,
    LIBVIRT_MIB,
    LIBVIRT_STATS_MIB,
    ALARM_MIB,
    IF_MIB,
    VM_MIB,
    ENTITY_MIB,
    DISMAN_EVENT_MIB,
  ].flatMap(({ notifications }) =>
    Object.entries(notifications).map(([name, { oid }]) => [formatOid(oid), name]),
  ),
);
const { columns } = LIBVIRT_MIB.tables.libvirtGuestTable;

/**
 * Notifications by what defines them: LIBVIRT-MIB's own and those of LIBVIRT-STATS-MIB tell of events; linkUp and
 * linkDown of IF-MIB, those of VM-MIB, and entConfigChange of ENTITY-MIB tell of what has changed.
 */
export type NotificationFamily = 'libvirt' | 'stats' | 'if' | 'vm' | 'entity';

export interface EventNotificationOptions {
  /** libvirt-snmp's way: instances named `.0`, and state 7. */
  readonly libvirtSnmp: boolean;
  readonly families: readonly NotificationFamily[];
  /** That of LIBVIRT-STATS-MIB, where it has been made already. */
  readonly stats?: Notification | undefined;
}

/** What receivers are told of an event, in this order: libvirtGuestNotif, and that of LIBVIRT-STATS-MIB. */
export function eventNotifications(
  event: EmulationEvent,
  upTimeCentiseconds: number,
  options: EventNotificationOptions,
): Notification[] {
  const told: Notification[] = [];
  if (options.families.includes('libvirt') && event.kind === 'lifecycle')
    told.push(guestNotification(event, upTimeCentiseconds, options));
  if (options.families.includes('stats')) {
    const notification = options.stats ?? lvsNotification(event, upTimeCentiseconds, options);
    if (notification) told.push(notification);
  }
  return told;
}

/** libvirtGuestNotif for a life-cycle event, with the values of the moment of the event. */
function guestNotification(
  event: LifecycleEvent,
  upTimeCentiseconds: number,
  options: EventNotificationOptions,
): Notification {
  const octets = uuidOctets(event.uuid);
  const instance = options.libvirtSnmp ? [0] : Array.from(octets);
  const name = (column: Oid): Oid => column.concat(instance);
  return {
    oid: LIBVIRT_MIB.notifications.libvirtGuestNotif.oid,
    upTimeCentiseconds,
    eventSequence: event.sequence,
    varbinds: [
      { oid: name(columns.libvirtGuestName.oid), tag: TAG.OCTET_STRING, value: event.name },
      { oid: name(columns.libvirtGuestUUID.oid), tag: TAG.OCTET_STRING, value: octets },
      { oid: name(columns.libvirtGuestState.oid), tag: TAG.INTEGER, value: guestState(event.state, options) },
      { oid: name(columns.libvirtGuestRowStatus.oid), tag: TAG.INTEGER, value: rowStatus(event.state) },
    ],
  };
}

/** The name that a served module gives to a notification. */
export function notificationName({ oid }: Pick<Notification, 'oid'>): string {
  return NAMES.get(formatOid(oid)) ?? formatOid(oid);
}

/** One of the notifications of SNMPv2-MIB, which carry no objects (RFC 3418 section 2). */
export function standardNotification(
  name: keyof typeof SNMPV2_MIB.notifications,
  upTimeCentiseconds: number,
): Notification {
  return { oid: SNMPV2_MIB.notifications[name].oid, upTimeCentiseconds, varbinds: [] };
}
