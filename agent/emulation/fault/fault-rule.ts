import { globMatch } from '../../util/glob.ts';
import type { Domain } from '../domain/domain.ts';
import { type EmulationEvent, PLAIN_EVENTS } from '../events.ts';
import type { Host } from '../host/host.ts';
import { LIBVIRT_EVENTS } from '../model-event.ts';
import { EVENT_DETAILS, eventName } from '../states.ts';
import { type FaultKind, type FaultParameters, faultKindInfo } from './fault-kind.ts';

/** What a rule hits: all of it must fit; what is absent fits everything. */
export interface FaultTarget {
  /** Names of guests, with `*` and `?`. Not for faults of hosts. */
  readonly name?: string;
  /** Names of hosts, with `*` and `?`. */
  readonly host?: string;
  /** Domain type, such as kvm. Not for faults of hosts. */
  readonly type?: string;
  /** A label that the guest has. Not for faults of hosts. */
  readonly label?: string;
  /** Chance of each target to be hit, each time; 1 when not given. */
  readonly probability?: number;
}

/** When a rule hits: one of the four ways. Times are simulated ms. */
export type FaultTime =
  /** Once, at an instant since the simulation's start. */
  | { readonly atMs: number }
  /** Again and again, for the first time at `fromMs`, or after one interval. */
  | { readonly everyMs: number; readonly fromMs?: number }
  /** Each time that an event happens to the target, to a guest of it, or to its host. */
  | { readonly after: string }
  /** While a fault of the rule of this name is in effect on the target, a guest of it, or its host. */
  | { readonly while: string };

/** One rule: what goes wrong, with whom, when, for how long, how often. */
export interface FaultRule {
  /** Unique among the rules. */
  readonly name: string;
  readonly kind: FaultKind;
  readonly parameters: FaultParameters;
  readonly target: FaultTarget;
  readonly when: FaultTime;
  /** ms from the event, or from the beginning of the other fault. */
  readonly delayMs?: number;
  /** ms on either side of each time, drawn for each from the rule's own stream. */
  readonly jitterMs?: number;
  /** Until it is cleared or ends by itself when not given. */
  readonly durationMs?: number;
  /** Times that it begins on one target at most; no limit when not given. */
  readonly count?: number;
}

/** The name that `after` gives an event: libvirt's, with the detail of a life-cycle event. */
export function eventNameOf(event: EmulationEvent): string {
  return event.kind === 'lifecycle' ? (eventName(event.event, event.detail) ?? '') : event.event;
}

/** Every name that `after` may give. */
export const RULE_EVENTS: readonly string[] = [
  ...EVENT_DETAILS,
  ...PLAIN_EVENTS,
  ...LIBVIRT_EVENTS,
  'STOPPING',
  'DOWN',
  'UP',
];

/** Whether a rule is about a target, whatever chance says. */
export function fits({ kind, target: wanted }: FaultRule, target: Domain | Host): boolean {
  const domain = 'uuid' in target ? target : undefined;
  const host = domain?.host ?? target;
  if ((faultKindInfo(kind).on === 'host') === (domain !== undefined)) return false;
  if (wanted.host !== undefined && !globMatch(wanted.host, host.name)) return false;
  if (domain === undefined) return true;
  const { type, labels = [] } = domain.config;
  return (
    (wanted.name === undefined || globMatch(wanted.name, domain.name)) &&
    (wanted.type === undefined || wanted.type === type) &&
    (wanted.label === undefined || labels.includes(wanted.label))
  );
}

/** Every target of a rule on these hosts, in their order; without those that chance leaves out. */
export function targetsOf(rule: FaultRule, hosts: Iterable<Host>): (Domain | Host)[] {
  const found: (Domain | Host)[] = [];
  for (const host of hosts) {
    if (fits(rule, host)) found.push(host);
    else for (const domain of host.domains) if (fits(rule, domain)) found.push(domain);
  }
  return found;
}
