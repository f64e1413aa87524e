import type { Domain } from '../domain/domain.ts';
import type { Host } from '../host/host.ts';

/** What an alarm can be about; new ones go to the end, for their places are numbers to others. */
export const ALARM_KINDS = [
  'other',
  'stealHigh',
  'hostMemoryPressure',
  'guestOom',
  'containerOom',
  'containerThrottled',
  'queueDrops',
  'numaImbalance',
  'poolNearlyFull',
  'poolFull',
  'sensorOutOfRange',
  'hostNicDown',
  'monitorHung',
  'displayGuestBug',
  'guestCrashed',
  'diskError',
  'agentLost',
  'memoryFailure',
] as const;
/** A name of {@link ALARM_KINDS}. */
export type AlarmKind = (typeof ALARM_KINDS)[number];

/** Perceived severities of an alarm that is up (ITU-T X.733), worst first. */
export const SEVERITIES = ['critical', 'major', 'minor', 'warning', 'indeterminate'] as const;
/** A name of {@link SEVERITIES}. */
export type Severity = (typeof SEVERITIES)[number];

/** The part of a host or guest that an alarm is about, counted from 0 where it is a number. */
export type AlarmResource =
  | { readonly kind: 'host' }
  | { readonly kind: 'guest' }
  | { readonly kind: 'vcpu'; readonly vcpu: number }
  | { readonly kind: 'nic'; readonly nic: number }
  | {
      readonly kind: 'queue';
      readonly nic: number;
      readonly queue: number;
      readonly direction: 'rx' | 'tx';
    }
  | { readonly kind: 'disk'; readonly target: string }
  | { readonly kind: 'display' }
  | { readonly kind: 'node'; readonly node: number }
  | { readonly kind: 'pool'; readonly pool: number }
  | { readonly kind: 'sensor'; readonly sensor: number }
  | { readonly kind: 'uplink'; readonly segment: string }
  /** A NIC of the segment's bond, by its name. */
  | { readonly kind: 'slave'; readonly segment: string; readonly name: string };

/** An alarm that is up, as it was when it was raised. */
export interface Alarm {
  /** 1 for the first alarm of the simulation, then ascending; never used again. */
  readonly number: number;
  readonly kind: AlarmKind;
  readonly severity: Severity;
  /** A number of ItuProbableCause (ITU-T X.733, X.721 and M.3100, as RFC 3877 numbers them). */
  readonly probableCause: number;
  readonly host: Host;
  /** Absent when it is about the host itself, or about a guest that was gone when the simulation began. */
  readonly domain?: Domain;
  /** The guest as it was called when the alarm was raised; absent when it is about the host itself. */
  readonly guest?: { readonly uuid: string; readonly name: string };
  readonly resource: AlarmResource;
  /** What is wrong, for people: one sentence without a full stop, at most 255 octets of UTF-8. */
  readonly text: string;
  /** Simulated ms when it was raised; below 0 when that was before the simulation began. */
  readonly raisedMs: number;
  /** The same as simulated Unix time in ms. */
  readonly raisedWallMs: number;
}

/** Tells a resource from every other of the same guest or host. */
export function resourceKey(resource: AlarmResource): string {
  switch (resource.kind) {
    case 'host':
    case 'guest':
    case 'display':
      return resource.kind;
    case 'vcpu':
      return `vcpu ${resource.vcpu}`;
    case 'nic':
      return `nic ${resource.nic}`;
    case 'queue':
      return `queue ${resource.nic}.${resource.queue}.${resource.direction}`;
    case 'disk':
      return `disk ${resource.target}`;
    case 'node':
      return `node ${resource.node}`;
    case 'pool':
      return `pool ${resource.pool}`;
    case 'sensor':
      return `sensor ${resource.sensor}`;
    case 'uplink':
      return `uplink ${resource.segment}`;
    case 'slave':
      return `slave ${resource.segment} ${resource.name}`;
  }
}
