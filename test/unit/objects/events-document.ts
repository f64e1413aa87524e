import { ALARM_KINDS, type AlarmKind } from '../../../agent/emulation/alarm/alarm.ts';
import {
  type EmulationEvent,
  type HostEvent,
  isDomainEvent,
  type PlainEventName,
  type RaisedEvent,
} from '../../../agent/emulation/events.ts';
import { LIFECYCLE } from '../../../agent/emulation/lifecycle/lifecycle.ts';
import type { Emission, Step } from '../../../agent/emulation/lifecycle/story.ts';
import { EVENT_DETAILS, type EventDetail, eventName } from '../../../agent/emulation/states.ts';
import { LIBVIRT_STATS_MIB } from '../../../agent/mib/generated/libvirt-stats-mib.ts';
import type { Notification } from '../../../agent/notify/notification.ts';
import {
  alarmNotification,
  lvsNotification,
} from '../../../agent/objects/libvirt-stats/notifications/index.ts';
import { notificationName } from '../../../agent/objects/notifications.ts';
import { formatOid } from '../../../agent/util/oid.ts';
import { sampleEvents } from '../../support/sample-events.ts';
import { Fleet, FURNISHED } from '../emulation/fleet.ts';

const { notifications } = LIBVIRT_STATS_MIB;
type Name = keyof typeof notifications;

/** Objects that each notification carries first, and those of a guest or alarm behind them. */
const COMMON = 6;
const OF_GUEST = 10;
const OF_ALARM = 15;

/** What makes an event, beside the actions of LIFECYCLE.md. `probable`: its probable cause, where it is a failure. */
interface Source {
  readonly probable?: string;
  readonly how?: string;
}

const LIFECYCLE_SOURCES: Readonly<Partial<Record<EventDetail, Source>>> = {
  'DEFINED/ADDED': { how: 'a domain more in the inventory, and SIGHUP' },
  'DEFINED/UPDATED': { how: 'another definition in the inventory, and SIGHUP' },
  'DEFINED/RENAMED': { how: 'change `rename`, behind UNDEFINED/RENAMED' },
  'UNDEFINED/REMOVED': { how: 'a domain less in the inventory, and SIGHUP' },
  'UNDEFINED/RENAMED': { how: 'change `rename`' },
  'STARTED/BOOTED': {
    how: '`snmpset libvirtGuestRowStatus.UUID = createAndGo`; autostart when the host is up',
  },
  'STARTED/WAKEUP': { how: '`snmpset libvirtGuestState.UUID = running`' },
  'SUSPENDED/PAUSED': { how: '`snmpset libvirtGuestState.UUID = paused`' },
  'SUSPENDED/IOERROR': {
    probable: 'inputOutputDeviceError',
    how: 'faults `disk-full`, `thin-pool-fill`, `disk-error` with error policy stop or enospace',
  },
  'SUSPENDED/WATCHDOG': {
    probable: 'softwareProgramError',
    how: 'faults `guest-hang`, `watchdog-starve` with watchdog action pause',
  },
  'SUSPENDED/API_ERROR': { probable: 'applicationSubsystemFailure' },
  'SUSPENDED/POSTCOPY_FAILED': { probable: 'communicationsSubsystemFailure' },
  'RESUMED/UNPAUSED': { how: '`snmpset libvirtGuestState.UUID = running`' },
  'RESUMED/POSTCOPY_FAILED': { probable: 'communicationsSubsystemFailure' },
  'STOPPED/DESTROYED': {
    probable: 'an operator, or the host',
    how: '`snmpset libvirtGuestRowStatus.UUID = destroy`; fault `host-crash`',
  },
  'STOPPED/CRASHED': {
    probable: 'softwareProgramAbnormallyTerminated',
    how: 'fault `guest-panic` with on_crash destroy, fault `host-memory-pressure`',
  },
  'STOPPED/SHUTDOWN': { how: '`snmpset libvirtGuestState.UUID = shutdown`' },
  'STOPPED/FAILED': {
    probable: 'configurationOrCustomizationError',
    how: 'fault `image-missing`, and a start',
  },
  'SHUTDOWN/GUEST': { how: '`snmpset libvirtGuestState.UUID = shutdown`' },
  'SHUTDOWN/FINISHED': { how: 'in the profile rhel6' },
  'CRASHED/PANICKED': {
    probable: 'softwareProgramAbnormallyTerminated',
    how: 'fault `guest-panic`; `snmpset lvsDebugSysRq.UUID = c` where the guest heeds it',
  },
  'CRASHED/CRASHLOADED': {
    probable: 'softwareProgramAbnormallyTerminated',
    how: 'fault `guest-panic` of a guest with kdump',
  },
};

const PLAIN_SOURCES: Readonly<Record<PlainEventName, Source>> = {
  REBOOT: {},
  PMSUSPEND: {},
  PMSUSPEND_DISK: {},
  PMWAKEUP: { how: '`snmpset libvirtGuestState.UUID = running` of a guest that sleeps' },
};

const RAISED_SOURCES: Readonly<Record<RaisedEvent['event'], Source>> = {
  RTC_CHANGE: { how: 'the guest writes its clock (hwclock)' },
  WATCHDOG: { probable: 'softwareProgramError', how: 'faults `guest-hang`, `watchdog-starve`' },
  IO_ERROR: {
    probable: 'inputOutputDeviceError',
    how: 'faults `disk-error`, `disk-full`, `thin-pool-fill`',
  },
  IO_ERROR_REASON: {
    probable: 'inputOutputDeviceError, storageCapacityProblem',
    how: 'the same, right behind it',
  },
  GRAPHICS: { how: 'a SPICE client comes or goes' },
  BLOCK_JOB: { probable: 'inputOutputDeviceError', how: 'a block job ends or is ready; its disk fails' },
  BLOCK_JOB_2: { probable: 'inputOutputDeviceError', how: 'the same, right behind it' },
  BALLOON_CHANGE: {
    how: '`snmpset lvsMemTarget.UUID`; faults `host-memory-pressure`, `memory-leak` with autodeflate',
  },
  AGENT_LIFECYCLE: {
    probable: 'communicationsSubsystemFailure',
    how: 'a guest with an agent boots or ends; fault `agent-death`',
  },
  BLOCK_THRESHOLD: {
    probable: 'thresholdCrossed',
    how: 'a block threshold in the definition of a disk, and a guest that writes',
  },
  MEMORY_FAILURE: { probable: 'equipmentMalfunction', how: 'fault `memory-failure`' },
  CONTROL_ERROR: { probable: 'communicationsSubsystemFailure', how: 'fault `hung-monitor`' },
  DISK_CHANGE: {
    probable: 'fileError',
    how: 'fault `image-missing` of a disk whose startup policy is optional, and a start',
  },
  TRAY_CHANGE: { how: 'the guest opens or closes the tray of a CD-ROM drive' },
  DEVICE_ADDED: { how: 'a NIC or disk is attached to a guest that runs' },
  DEVICE_REMOVED: { how: 'a NIC or disk is detached from a guest that runs' },
  DEVICE_REMOVAL_FAILED: { how: 'the same of a guest that keeps its devices' },
  TUNABLE: { how: '`snmpset lvsGuestCpuShares.UUID`; a pin of a vCPU, limits of a disk' },
  MIGRATION_ITERATION: { how: 'a guest migrates: one for each pass over its memory' },
  JOB_COMPLETED: { how: 'a guest has migrated, on both hosts; a backup job has ended' },
  METADATA_CHANGE: { how: 'the title or description of a guest is changed' },
  MEMORY_DEVICE_SIZE_CHANGE: { how: 'the memory device of a guest is resized (virtio-mem)' },
};

const HOST_SOURCES: Readonly<Record<HostEvent['event'], Source>> = {
  STOPPING: { probable: 'an operator', how: 'host action `reboot`' },
  DOWN: {
    probable: 'powerProblem',
    how: 'host action `reboot`, when its guests are gone; fault `host-crash`',
  },
  UP: { how: 'the host has booted' },
  IMAGE_INSTALLED: { how: 'host action `install`, one for each transaction' },
  IMAGE_SELECTED: { how: 'host action `select`' },
};

const ALARM_SOURCES: Readonly<Record<AlarmKind, string>> = {
  other: 'nothing raises it',
  stealHigh: 'fault `noisy-neighbour`; more vCPUs than the host has processors',
  hostMemoryPressure: 'fault `host-memory-pressure`',
  guestOom: 'fault `memory-leak`',
  containerOom: 'fault `memory-leak` of a container; `snmpset lvsCtMemMax.UUID`',
  containerThrottled: '`snmpset lvsGuestCpuQuota.UUID`; fault `container-fork-bomb`',
  queueDrops: 'fault `queue-stall`; fault `nic-down`',
  numaImbalance: 'guests whose memory is bound to one node',
  poolNearlyFull: 'fault `thin-pool-fill`',
  poolFull: 'faults `disk-full`, `thin-pool-fill`',
  sensorOutOfRange: 'fault `sensor`',
  hostNicDown: 'fault `host-nic-down`',
  monitorHung: 'fault `hung-monitor`',
  displayGuestBug: 'fault `qxl-guest-bug`',
  guestCrashed: 'fault `guest-panic`',
  diskError: 'faults `disk-error`, `disk-full`',
  agentLost: 'fault `agent-death`',
  memoryFailure: 'fault `memory-failure`',
};

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

interface Sample {
  readonly event: EmulationEvent;
  readonly notification: Notification;
}

const SAMPLES: readonly Sample[] = samples();

function samples(): Sample[] {
  const fleet = new Fleet();
  const domain = fleet.define('NAME', FURNISHED);
  fleet.act(domain, 'start');
  return sampleEvents(fleet.one, domain).flatMap((event) => {
    const notification = lvsNotification(event, 0, { libvirtSnmp: false });
    return notification ? [{ event, notification }] : [];
  });
}

function value({ notification }: Sample, object: string): unknown {
  const at = notifications[notificationName(notification) as Name].objects as readonly string[];
  return notification.varbinds[at.indexOf(object)]!.value;
}

/** The severities of samples, the mildest first, as the module names them. */
function severities(of: readonly Sample[]): string {
  const { enums } = LIBVIRT_STATS_MIB.scalars.lvsEventSeverity.syntax;
  const order = ['cleared', 'informational', 'indeterminate', 'warning', 'minor', 'major', 'critical'];
  const found = new Set(of.map((each) => value(each, 'lvsEventSeverity')));
  return order.filter((name) => found.has(enums[name as keyof typeof enums])).join(', ');
}

function oid(name: Name): string {
  return formatOid(notifications[name].oid);
}

/** Objects of a notification behind those that all of its sort carry. */
function own(name: Name, from: number): string {
  return notifications[name].objects.slice(from).join(', ');
}

/** The actions of the life cycle with a step that emits this. */
function actionsOf(emission: Emission): string[] {
  const actions = LIFECYCLE.filter((story) => {
    const { steps, canceled = [], recovered = [], lost = {} } = story;
    const all: Step[] = [steps, canceled, recovered, ...Object.values(lost)].flat();
    return all.some(({ emit = [], rhel6 = [] }) => [...emit, ...rhel6].includes(emission));
  });
  return [...new Set(actions.map(({ action }) => `\`${action}\``))];
}

function how({ how: own }: Source, actions: readonly string[] = []): string {
  const plural = actions.length > 1 ? 'actions' : 'action';
  const first = actions.length > 0 ? [`${plural} ${actions.join(', ')}`] : [];
  return [...first, ...(own === undefined ? [] : [own])].join('; ');
}

function commonTable(): string {
  const objects = notifications.lvsGuestReboot.objects.map((name, i) => [
    `${i + 1}`,
    name,
    name === 'lvsHostName' || name.startsWith('lvsEvent') ? '`.0`' : '`.UUID`',
  ]);
  return table(['Place', 'Object', 'Instance'], objects);
}

function lifecycleTable(): string {
  const rows = EVENT_DETAILS.map((detail) => {
    const sample = SAMPLES.find(
      ({ event }) => event.kind === 'lifecycle' && eventName(event.event, event.detail) === detail,
    )!;
    const name = notificationName(sample.notification) as Name;
    const source = LIFECYCLE_SOURCES[detail] ?? {};
    const text = `${value(sample, 'lvsEventText')}`;
    return [
      detail,
      `\`${name}\``,
      oid(name),
      severities([sample]),
      source.probable ?? '',
      text,
      how(source, actionsOf(detail)),
    ];
  });
  return table(
    ['Event', 'Notification', 'OID', 'Severity', 'Probable cause', 'Text', 'How to provoke it'],
    rows,
  );
}

function guestTable(): string {
  const sources: Readonly<Record<string, Source>> = { ...PLAIN_SOURCES, ...RAISED_SOURCES };
  const byNumber = Object.entries(sources).map(([event, source]) => {
    const of = SAMPLES.filter((each) => isDomainEvent(each.event) && each.event.event === event);
    const name = notificationName(of[0]!.notification) as Name;
    const { oid: number } = notifications[name];
    const actions = event in PLAIN_SOURCES ? actionsOf(event as PlainEventName) : [];
    const cells = [
      `${event} (${value(of[0]!, 'lvsEventId')})`,
      `\`${name}\``,
      oid(name),
      own(name, OF_GUEST),
      severities(of),
      source.probable ?? '',
      how(source, actions),
    ];
    return { number: number.at(-1)!, cells };
  });
  const rows = byNumber.sort((a, b) => a.number - b.number).map(({ cells }) => cells);
  const head = ['Event', 'Notification', 'OID', 'Objects of its own', 'Severity', 'Probable cause'];
  return table([...head, 'How to provoke it'], rows);
}

function hostTable(): string {
  const rows = Object.entries(HOST_SOURCES).map(([event, source]) => {
    const of = SAMPLES.filter((each) => each.event.kind === 'host' && each.event.event === event);
    const name = notificationName(of[0]!.notification) as Name;
    return [
      event,
      `\`${name}\``,
      oid(name),
      own(name, COMMON),
      severities(of),
      source.probable ?? '',
      how(source),
    ];
  });
  const lost = 'lvsNotificationsLost';
  const why = 'more notifications for a receiver that is away than its queue holds';
  rows.push(['', `\`${lost}\``, oid(lost), own(lost, COMMON), 'major', 'queueSizeExceeded', why]);
  const head = ['Event', 'Notification', 'OID', 'Objects of its own', 'Severity', 'Probable cause'];
  return table([...head, 'How to provoke it'], rows);
}

function alarmTable(): string {
  const rows = ALARM_KINDS.map((kind) => {
    const raised = alarmNotification(kind, 'RAISED');
    const cleared = alarmNotification(kind, 'CLEARED');
    return [`\`${raised}\``, oid(raised), `\`${cleared}\``, oid(cleared), ALARM_SOURCES[kind]];
  });
  return table(['Raised', 'OID', 'Cleared', 'OID', 'How to provoke it'], rows);
}

function alarmObjects(): string {
  const { objects } = notifications.lvsOtherRaised;
  const rows = objects
    .slice(COMMON, OF_ALARM)
    .map((name, i) => [`${COMMON + i + 1}`, name, name.startsWith('lvsEvent') ? '`.0`' : '`.NUMBER`']);
  return table(['Place', 'Object', 'Instance'], rows);
}

/** The tables that docs/EVENTS.md holds between its markers, by name. */
export const EVENT_TABLES: Readonly<Record<string, string>> = {
  common: commonTable(),
  lifecycle: lifecycleTable(),
  guests: guestTable(),
  host: hostTable(),
  'alarm-objects': alarmObjects(),
  alarms: alarmTable(),
};

/** A document with each of its marked tables made anew. */
export function withEventTables(text: string): string {
  return text.replace(
    /(<!-- table: ([\w-]+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_all, begin: string, name: string, end: string) => `${begin}${EVENT_TABLES[name] ?? ''}\n${end}`,
  );
}
