import type { DeviceEvent } from './devices/consequence.ts';
import type { Domain } from './domain.ts';
import type { Host } from './host.ts';
import type { ModelEvent } from './model-event.ts';
import type { DomainState } from './states.ts';

/** What every event tells, with the values of the moment that it happened. */
interface EventBase {
  /** 1 for the first event of the simulation, then without gaps. */
  readonly sequence: number;
  /** Simulated ms since the simulation started. */
  readonly atMs: number;
  /** Simulated Unix time in ms. */
  readonly wallMs: number;
  readonly host: Host;
  /** The domain itself: its properties go on changing, the fields beside it do not. */
  readonly domain: Domain;
  readonly name: string;
  readonly uuid: string;
  readonly state: DomainState;
  readonly reason: number;
}

/** VIR_DOMAIN_EVENT_ID_LIFECYCLE: event and detail are numbers of LIFECYCLE_EVENT and LIFECYCLE_DETAIL. */
export interface LifecycleEvent extends EventBase {
  readonly kind: 'lifecycle';
  readonly event: number;
  readonly detail: number;
}

/** The other libvirt events that the life cycle itself raises. */
export const PLAIN_EVENTS = ['REBOOT', 'PMSUSPEND', 'PMSUSPEND_DISK', 'PMWAKEUP'] as const;
/** A name of {@link PLAIN_EVENTS}. */
export type PlainEventName = (typeof PLAIN_EVENTS)[number];

/** An event that has no payload: VIR_DOMAIN_EVENT_ID_REBOOT, _PMSUSPEND, _PMSUSPEND_DISK, _PMWAKEUP. */
export interface PlainEvent extends EventBase {
  readonly kind: 'plain';
  readonly event: PlainEventName;
}

/** An event that a device or a model raised: VIR_DOMAIN_EVENT_ID_WATCHDOG, _RTC_CHANGE, _IO_ERROR and others. */
export interface RaisedEvent extends EventBase {
  readonly kind: 'device';
  /** libvirt's name of it. */
  readonly event: (DeviceEvent | ModelEvent)['event'];
  readonly payload: DeviceEvent | ModelEvent;
}

/** Anything that happened in the simulated fleet; told apart by `kind`. */
export type EmulationEvent = LifecycleEvent | PlainEvent | RaisedEvent;

/** Hears of every event, in order. */
export type EventListener = (event: EmulationEvent) => void;
