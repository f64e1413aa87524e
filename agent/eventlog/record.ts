import type { Alarm } from '../emulation/alarm/alarm.ts';
import {
  type AlarmEvent,
  type DomainEvent,
  type EmulationEvent,
  type FaultEvent,
  type HostEvent,
  isDomainEvent,
} from '../emulation/events.ts';
import { eventName, stateName } from '../emulation/states.ts';
import type { DeliveryReport } from '../notify/target.ts';

/** Version of the records: one more for each change that a reader may not know. */
export const SCHEMA_VERSION = 1;

/** What happens in real time. It differs between two runs of the same seed and script, and all else does not. */
interface Real {
  /** RFC 3339, UTC. */
  readonly at: string;
}

/** What a run of the program is, as its records begin. */
export interface Run {
  readonly seed: number;
  /** Simulated Unix time at which the simulation starts, in ms. */
  readonly epochMs: number;
  readonly hosts: readonly string[];
  /** Simulated ms at which it goes on from a snapshot. */
  readonly restoredMs?: number;
  /** Version of the program. */
  readonly version: string;
}

/** The first record of a run, and of each further file of the same run. */
export interface RunRecord {
  readonly type: 'run';
  readonly schema: number;
  readonly version: string;
  readonly seed: number;
  readonly epoch: string;
  readonly hosts: readonly string[];
  readonly restoredMs?: number;
  /** The run began in the file before. */
  readonly continued?: true;
  readonly real: Real;
}

/** A notification that was made of an event. */
export interface SentNotification {
  /** Its name in the MIB. */
  readonly name: string;
  /** As in {@link DeliveryReport}. */
  readonly id: number;
}

/** Where a notification comes from that is not an event's own. */
export interface NotificationOrigin {
  /** Numbers of the events that brought it about, ascending; absent where that is not how it comes about. */
  readonly events?: readonly number[];
  /** Who or what brought it about without an event. */
  readonly cause?: string | undefined;
  /** The trigger of DISMAN-EVENT-MIB that fired. */
  readonly trigger?: { readonly owner: string; readonly name: string };
}

/** A notification that is not an event's own. */
export interface ToldNotification extends NotificationOrigin {
  /** Its name in the MIB. */
  readonly name: string;
}

/** Where and when it was sent. */
export interface NotificationMoment {
  /** Name of the simulated host. */
  readonly host: string;
  /** Simulated ms since the simulation started. */
  readonly atMs: number;
  /** Simulated Unix time in ms. */
  readonly wallMs: number;
}

/** An alarm as records tell of it. */
export interface AlarmRecord {
  readonly number: number;
  readonly kind: string;
  readonly severity: string;
  readonly probableCause: number;
  readonly resource: Alarm['resource'];
  readonly text: string;
}

/** One event. Fields that do not concern its kind are absent. */
export interface EventRecord {
  readonly type: 'event';
  readonly sequence: number;
  /** Simulated ms since the simulation started. */
  readonly atMs: number;
  /** Simulated time, RFC 3339, UTC. */
  readonly wall: string;
  readonly kind: EmulationEvent['kind'];
  readonly host: string;
  /** Name that the guest has at this moment. */
  readonly guest?: string;
  readonly uuid?: string;
  /** libvirt's name without its prefix; RAISED and CLEARED of an alarm, BEGUN and ENDED of a fault. */
  readonly event: string;
  /** libvirt's detail of a life-cycle event. */
  readonly detail?: string;
  /** State of the guest after the event, as libvirt names it. */
  readonly state?: string;
  readonly reason?: string;
  /** What else libvirt tells of the event. */
  readonly payload?: Readonly<Record<string, unknown>>;
  readonly alarm?: AlarmRecord;
  readonly fault?: { readonly id: number; readonly rule: string; readonly kind: string };
  /** What was installed on the host, or selected for its next boot. */
  readonly packages?: readonly string[];
  readonly cause: string;
  /** Faults that were in effect on the guest or its host. */
  readonly faults: readonly number[];
  /** Names of the notifications that told of it, in order. */
  readonly notifications: readonly string[];
  /** `ids`: numbers of these notifications. */
  readonly real: Real & { readonly ids: readonly number[] };
}

/** A notification that is not one of those that an {@link EventRecord} lists. */
export interface NotificationRecord extends ToldNotification {
  readonly type: 'notification';
  readonly host: string;
  readonly atMs: number;
  /** Simulated time, RFC 3339, UTC. */
  readonly wall: string;
  /** `id`: its number. */
  readonly real: Real & { readonly id: number };
}

/** What became of one notification at one receiver. */
export interface DeliveryRecord {
  readonly type: 'delivery';
  readonly host: string;
  readonly notification: number;
  /** Sequence of the event, the last one of several; absent for the agent's own notifications. */
  readonly event?: number;
  readonly target: string;
  readonly outcome: DeliveryReport['outcome'];
  readonly real: Real;
}

/** Records that could not be kept: too many waited for the disk. */
export interface LostRecord {
  readonly type: 'lost';
  readonly records: number;
  readonly real: Real;
}

/** The run ended in an orderly way. */
export interface EndRecord {
  readonly type: 'end';
  readonly real: Real;
}

/** One line of the event log. */
export type LogRecord =
  | RunRecord
  | EventRecord
  | NotificationRecord
  | DeliveryRecord
  | LostRecord
  | EndRecord;

/** The record that a run, or a further file of it, begins with. */
export function runRecord(run: Run, real: Real, continued: boolean): RunRecord {
  const { version, seed, epochMs, hosts, restoredMs } = run;
  const record = {
    type: 'run',
    schema: SCHEMA_VERSION,
    version,
    seed,
    epoch: timestamp(epochMs),
    hosts,
  } as const;
  return {
    ...record,
    ...(restoredMs !== undefined && { restoredMs }),
    ...(continued && { continued }),
    real,
  };
}

/** The record of an event with the notifications that told of it. */
export function eventRecord(
  event: EmulationEvent,
  sent: readonly SentNotification[],
  real: Real,
): EventRecord {
  const { sequence, atMs, wallMs, kind, host } = event;
  return {
    type: 'event',
    sequence,
    atMs,
    wall: timestamp(wallMs),
    kind,
    host: host.name,
    ...concerning(event),
    cause: event.cause,
    faults: event.faults,
    notifications: sent.map(({ name }) => name),
    real: { ...real, ids: sent.map(({ id }) => id) },
  };
}

/** The record of a notification that is not an event's own. */
export function notificationRecord(
  { name, events, cause, trigger }: ToldNotification,
  { host, atMs, wallMs }: NotificationMoment,
  id: number,
  real: Real,
): NotificationRecord {
  return {
    type: 'notification',
    host,
    atMs,
    wall: timestamp(wallMs),
    name,
    ...(events && { events }),
    ...(cause !== undefined && { cause }),
    ...(trigger && { trigger }),
    real: { ...real, id },
  };
}

/** The record of what became of a notification. */
export function deliveryRecord(host: string, report: DeliveryReport, real: Real): DeliveryRecord {
  const { notificationId, eventSequence, target, outcome } = report;
  return {
    type: 'delivery',
    host,
    notification: notificationId,
    ...(eventSequence !== undefined && { event: eventSequence }),
    target,
    outcome,
    real,
  };
}

/** RFC 3339 with ms, in UTC. */
export function timestamp(wallMs: number): string {
  return new Date(wallMs).toISOString();
}

type Concerning = Pick<
  EventRecord,
  'guest' | 'uuid' | 'event' | 'detail' | 'state' | 'reason' | 'payload' | 'alarm' | 'fault' | 'packages'
>;

function concerning(event: EmulationEvent): Concerning {
  if (isDomainEvent(event)) return ofGuest(event);
  switch (event.kind) {
    case 'alarm':
      return ofAlarm(event);
    case 'fault':
      return ofFault(event);
    case 'host':
      return ofHost(event);
  }
}

function ofGuest(event: DomainEvent): Concerning {
  const [state = '', reason = ''] = (stateName(event.state, event.reason) ?? '').split('/');
  return { guest: event.name, uuid: event.uuid, ...happened(event), state, reason };
}

function happened(event: DomainEvent): Pick<Concerning, 'event' | 'detail' | 'payload'> & { event: string } {
  switch (event.kind) {
    case 'lifecycle': {
      const [name = '', detail = ''] = eventName(event.event, event.detail)!.split('/');
      return { event: name, detail };
    }
    case 'plain':
      return { event: event.event };
    case 'device': {
      const { event: name, ...payload } = event.payload;
      return { event: name, ...(Object.keys(payload).length > 0 && { payload }) };
    }
  }
}

function ofAlarm({ event, alarm }: AlarmEvent): Concerning {
  const { number, kind, severity, probableCause, domain, resource, text } = alarm;
  return {
    ...(domain && { guest: domain.name, uuid: domain.uuid }),
    event,
    alarm: { number, kind, severity, probableCause, resource, text },
  };
}

function ofFault({ event, fault: { id, rule, kind, domain } }: FaultEvent): Concerning {
  return { ...(domain && { guest: domain.name, uuid: domain.uuid }), event, fault: { id, rule, kind } };
}

function ofHost({ event, packages }: HostEvent): Concerning {
  const names = packages?.map(({ name, version }) => `${name}-${version}`);
  return { event, ...(names && { packages: names }) };
}
