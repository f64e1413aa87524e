import { ALARM_KINDS, type AlarmKind, type Severity } from '../../../emulation/alarm/alarm.ts';
import {
  type AlarmEvent,
  type DomainEvent,
  type EmulationEvent,
  type HostEvent,
  isDomainEvent,
} from '../../../emulation/events.ts';
import type { Host } from '../../../emulation/host/host.ts';
import type { InstalledPackage } from '../../../emulation/platform/software.ts';
import { DOMAIN_STATE, eventName, type LifecycleEventName } from '../../../emulation/states.ts';
import { LIBVIRT_STATS_MIB } from '../../../mib/generated/libvirt-stats-mib.ts';
import type { Notification } from '../../../notify/notification.ts';
import type { Oid } from '../../../util/oid.ts';
import { uuidOctets } from '../../../util/uuid.ts';
import { alarmResource } from '../alarm-resource.ts';
import {
  assemble,
  type LvsNotificationName,
  type NotifiedValues,
  type RowIndexes,
  type Values,
} from './assemble.ts';
import { LIFECYCLE_MEANING, LIFECYCLE_NOTIFICATION } from './lifecycle.ts';
import { PLAIN_TOLD, raisedTold, type ToldEvent } from './raised.ts';
import { NOTIFIED_SEVERITY, type NotifiedSeverity } from './severity.ts';

const { notifications, scalars, tables } = LIBVIRT_STATS_MIB;
/** LvsLibvirtEvent and LvsLifecycleDetail of what libvirt has no event for. */
const NO_EVENT = scalars.lvsEventId.syntax.enums.none;
const NO_DETAIL = scalars.lvsEventDetail.syntax.enums.none;
const LIFECYCLE_ID = scalars.lvsEventId.syntax.enums.lifecycle;
/** The notification of one of libvirt's events has the event's number and this, those of the life cycle excepted. */
const FIRST_EVENT = 10;
const HUNDRED = 100;
const NO_ALARM = 0;
const NO_OCTETS = new Uint8Array(0);
const ROW_ZERO: Oid = [0];

const ALARM_SEVERITY: Readonly<Record<Severity, number>> =
  tables.lvsAlarmTable.columns.lvsAlarmSeverity.syntax.enums;

const HOST_NOTIFICATION: Readonly<
  Record<HostEvent['event'], readonly [LvsNotificationName, NotifiedSeverity, says: string]>
> = {
  STOPPING: ['lvsHostStopping', 'warning', 'is going down'],
  DOWN: ['lvsHostDown', 'critical', 'is down'],
  UP: ['lvsHostUp', 'informational', 'is up'],
  IMAGE_INSTALLED: ['lvsHostSoftwareInstalled', 'informational', 'has got'],
  IMAGE_SELECTED: ['lvsHostSoftwareSelected', 'informational', 'will boot'],
};

export interface LvsNotificationOptions {
  /** libvirt-snmp's way: instances named `.0`. */
  readonly libvirtSnmp: boolean;
}

/** What LIBVIRT-STATS-MIB tells of an event; nothing of a fault, which nobody is told of. */
export function lvsNotification(
  event: EmulationEvent,
  upTimeCentiseconds: number,
  options: LvsNotificationOptions,
): Notification | undefined {
  if (event.kind === 'fault') return undefined;
  const told = isDomainEvent(event)
    ? guestTold(event)
    : event.kind === 'alarm'
      ? alarmTold(event)
      : hostTold(event);
  const { name, values } = told;
  const named = options.libvirtSnmp ? { ...values, rows: inRowZero(values.rows) } : values;
  return assemble(name, upTimeCentiseconds, named, event.sequence);
}

/** Tells that notifications for one receiver were given up. */
export function lvsNotificationsLost(
  host: Host,
  receiver: string,
  lost: number,
  upTimeCentiseconds: number,
): Notification {
  const text = `${lost} notifications for ${receiver} were lost: more of them waited than its queue holds`;
  const own = { lvsEventReceiver: receiver, lvsEventLost: lost };
  const shared = common(host, 'major', text);
  return assemble('lvsNotificationsLost', upTimeCentiseconds, { own, shared, rows: {} });
}

interface Told {
  readonly name: LvsNotificationName;
  readonly values: NotifiedValues;
}

/** What each notification carries first. */
function common(host: Host, severity: NotifiedSeverity, text: string): Values {
  return {
    lvsHostName: host.name,
    lvsEventId: NO_EVENT,
    lvsEventDetail: NO_DETAIL,
    lvsEventText: text,
    lvsEventSeverity: NOTIFIED_SEVERITY[severity],
    lvsEventAlarm: NO_ALARM,
  };
}

function guestTold(event: DomainEvent): Told {
  const { name, severity, says, values } = toldEvent(event);
  const octets = uuidOctets(event.uuid);
  const shared: Values = {
    lvsHostName: event.host.name,
    lvsEventId: notifications[name].oid.at(-1)! - FIRST_EVENT,
    lvsEventDetail: NO_DETAIL,
    lvsEventText: `guest ${event.name} ${says}`,
    lvsEventSeverity: NOTIFIED_SEVERITY[severity],
    lvsEventAlarm: NO_ALARM,
    libvirtGuestName: event.name,
    libvirtGuestUUID: octets,
    lvsGuestState: event.state,
    lvsGuestReason: stateReason(event.state, event.reason),
  };
  return { name, values: { own: values, shared, rows: { libvirtGuestUUID: Array.from(octets) } } };
}

function toldEvent(event: DomainEvent): ToldEvent {
  switch (event.kind) {
    case 'lifecycle': {
      const detail = eventName(event.event, event.detail)!;
      const [severity, says] = LIFECYCLE_MEANING[detail];
      return {
        name: LIFECYCLE_NOTIFICATION[detail.split('/')[0] as LifecycleEventName],
        severity,
        says,
        values: { lvsEventId: LIFECYCLE_ID, lvsEventDetail: event.event * HUNDRED + event.detail },
      };
    }
    case 'plain':
      return PLAIN_TOLD[event.event];
    case 'device':
      return raisedTold(event.payload);
  }
}

function alarmTold({ event, host, alarm }: AlarmEvent): Told {
  const { kind, number, severity, domain, guest, text } = alarm;
  const raised = event === 'RAISED';
  const own: Values = {
    lvsEventAlarm: number,
    lvsAlarmGuestName: guest?.name ?? '',
    lvsAlarmGuest: guest ? uuidOctets(guest.uuid) : NO_OCTETS,
    lvsEventState: domain?.state ?? DOMAIN_STATE.NOSTATE,
    lvsEventReason: domain ? stateReason(domain.state, domain.reason) : stateReason(DOMAIN_STATE.NOSTATE, 0),
    lvsAlarmKind: ALARM_KINDS.indexOf(kind) + 1,
    lvsAlarmSeverity: ALARM_SEVERITY[severity],
    lvsAlarmProbableCause: alarm.probableCause,
    lvsAlarmResource: alarmResource(alarm),
    lvsAlarmText: text,
  };
  const shared = common(host, raised ? severity : 'cleared', raised ? text : `no longer: ${text}`);
  return {
    name: alarmNotification(kind, event),
    values: { own, shared, rows: { lvsAlarmNumber: [number] } },
  };
}

/** The notification of an alarm that is raised or cleared, such as lvsStealHighRaised. */
export function alarmNotification(kind: AlarmKind, event: AlarmEvent['event']): LvsNotificationName {
  const name = `${kind[0]!.toUpperCase()}${kind.slice(1)}` as Capitalize<AlarmKind>;
  return event === 'RAISED' ? `lvs${name}Raised` : `lvs${name}Cleared`;
}

function hostTold({ event, host, packages = [] }: HostEvent): Told {
  const [name, severity, says] = HOST_NOTIFICATION[event];
  const last = packages.at(-1);
  const names = packages.map(packageName).join(', ');
  const own: Values = { lvsHostBoots: host.boots, ...(last && { lvsSoftwareName: packageName(last) }) };
  const shared = common(host, severity, `host ${host.name} ${says}${names === '' ? '' : ` ${names}`}`);
  return { name, values: { own, shared, rows: last ? { lvsSoftwareNumber: [last.number] } : {} } };
}

function packageName({ name, version }: InstalledPackage): string {
  return `${name}-${version}`;
}

function stateReason(state: number, reason: number): number {
  return state * HUNDRED + reason;
}

function inRowZero(rows: RowIndexes): RowIndexes {
  return Object.fromEntries(Object.keys(rows).map((name) => [name, ROW_ZERO]));
}
