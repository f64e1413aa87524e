import { TAG } from '../ber/tags.ts';
import type { LifecycleEvent } from '../emulation/events.ts';
import { LIBVIRT_MIB } from '../mib/generated/libvirt-mib.ts';
import { SNMPV2_MIB } from '../mib/generated/snmpv2-mib.ts';
import type { Notification } from '../notify/notification.ts';
import type { Oid } from '../util/oid.ts';
import { uuidOctets } from '../util/uuid.ts';
import { guestState, rowStatus } from './libvirt-mib.ts';

const { columns } = LIBVIRT_MIB.tables.libvirtGuestTable;

export interface GuestNotificationOptions {
  /** libvirt-snmp's way: instances named `.0`, and state 7. */
  readonly libvirtSnmp: boolean;
}

/** libvirtGuestNotif for a life-cycle event, with the values of the moment of the event. */
export function guestNotification(
  event: LifecycleEvent,
  upTimeCentiseconds: number,
  options: GuestNotificationOptions,
): Notification {
  const octets = uuidOctets(event.uuid);
  const instance = options.libvirtSnmp ? [0] : Array.from(octets);
  const name = (column: Oid): Oid => [...column, ...instance];
  return {
    oid: LIBVIRT_MIB.notifications.libvirtGuestNotif.oid,
    upTimeCentiseconds,
    varbinds: [
      { oid: name(columns.libvirtGuestName.oid), tag: TAG.OCTET_STRING, value: event.name },
      { oid: name(columns.libvirtGuestUUID.oid), tag: TAG.OCTET_STRING, value: octets },
      { oid: name(columns.libvirtGuestState.oid), tag: TAG.INTEGER, value: guestState(event.state, options) },
      { oid: name(columns.libvirtGuestRowStatus.oid), tag: TAG.INTEGER, value: rowStatus(event.state) },
    ],
  };
}

/** One of the notifications of SNMPv2-MIB, which carry no objects (RFC 3418 section 2). */
export function standardNotification(
  name: keyof typeof SNMPV2_MIB.notifications,
  upTimeCentiseconds: number,
): Notification {
  return { oid: SNMPV2_MIB.notifications[name].oid, upTimeCentiseconds, varbinds: [] };
}
