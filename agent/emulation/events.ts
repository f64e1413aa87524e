import type { Alarm } from './alarm/alarm.ts';
import type { Cause } from './cause.ts';
import type { DeviceEvent } from './devices/consequence.ts';
import type { Domain } from './domain/domain.ts';
import type { ActiveFault } from './fault/fault.ts';
import type { Host } from './host/host.ts';
import type { ModelEvent } from './model-event.ts';
import type { InstalledPackage } from './platform/software.ts';
import type { DomainState } from './states.ts';

/** What every event tells. */
interface EventBase {
  /** 1 for the first event of the simulation, then without gaps. */
  readonly sequence: number;
  /** Simulated ms since the simulation started. */
  readonly atMs: number;
  /** Simulated Unix time in ms. */
  readonly wallMs: number;
  readonly host: Host;
  readonly cause: Cause;
  /** Numbers of the faults that were in effect on the domain or its host, ascending. */
  readonly faults: readonly number[];
}

/** What an event of a domain tells beyond that, with the values of the moment that it happened. */
interface DomainEventBase extends EventBase {
  /** The domain itself: its properties go on changing, the fields beside it do not. */
  readonly domain: Domain;
  readonly name: string;
  readonly uuid: string;
  readonly state: DomainState;
  readonly reason: number;
}

/** VIR_DOMAIN_EVENT_ID_LIFECYCLE: event and detail are numbers of LIFECYCLE_EVENT and LIFECYCLE_DETAIL. */
export interface LifecycleEvent extends DomainEventBase {
  readonly kind: 'lifecycle';
  readonly event: number;
  readonly detail: number;
}

/** The other libvirt events that the life cycle itself raises. */
export const PLAIN_EVENTS = ['REBOOT', 'PMSUSPEND', 'PMSUSPEND_DISK', 'PMWAKEUP'] as const;
/** A name of {@link PLAIN_EVENTS}. */
export type PlainEventName = (typeof PLAIN_EVENTS)[number];

/** An event that has no payload: VIR_DOMAIN_EVENT_ID_REBOOT, _PMSUSPEND, _PMSUSPEND_DISK, _PMWAKEUP. */
export interface PlainEvent extends DomainEventBase {
  readonly kind: 'plain';
  readonly event: PlainEventName;
}

/** An event that a device or a model raised: VIR_DOMAIN_EVENT_ID_WATCHDOG, _RTC_CHANGE, _IO_ERROR and others. */
export interface RaisedEvent extends DomainEventBase {
  readonly kind: 'device';
  /** libvirt's name of it. */
  readonly event: (DeviceEvent | ModelEvent)['event'];
  readonly payload: DeviceEvent | ModelEvent;
}

/** An alarm was raised, or is no longer up. libvirt has no such event. */
export interface AlarmEvent extends EventBase {
  readonly kind: 'alarm';
  readonly event: 'RAISED' | 'CLEARED';
  readonly alarm: Alarm;
}

/** A fault began to be in effect, or ended. Only whoever keeps the truth is told. */
export interface FaultEvent extends EventBase {
  readonly kind: 'fault';
  readonly event: 'BEGUN' | 'ENDED';
  readonly fault: ActiveFault;
}

/** Something happened to the host itself. libvirt has no such event. */
export interface HostEvent extends EventBase {
  readonly kind: 'host';
  readonly event: 'STOPPING' | 'DOWN' | 'UP' | 'IMAGE_INSTALLED' | 'IMAGE_SELECTED';
  /** What was installed or selected, at least one; absent for the others. */
  readonly packages?: readonly InstalledPackage[];
}

/** Anything that happened to a domain. */
export type DomainEvent = LifecycleEvent | PlainEvent | RaisedEvent;

/** Anything that happened in the simulated fleet; told apart by `kind`. */
export type EmulationEvent = DomainEvent | AlarmEvent | FaultEvent | HostEvent;

/** Whether it happened to a domain, as libvirt tells it. */
export function isDomainEvent(event: EmulationEvent): event is DomainEvent {
  return event.kind === 'lifecycle' || event.kind === 'plain' || event.kind === 'device';
}

/** The guest that it concerns, by the name of that moment where that is known; `undefined` for the host's own. */
export function guestOf(event: EmulationEvent): { readonly name: string; readonly uuid: string } | undefined {
  if (isDomainEvent(event)) return event;
  if (event.kind === 'alarm') return event.alarm.domain;
  return event.kind === 'fault' ? event.fault.domain : undefined;
}

/** Hears of every event, in order. */
export type EventListener = (event: EmulationEvent) => void;
