import type { EventDetail, StateReason } from '../states.ts';

/** A container on its host: the definition that runs, the one that is stored, or both. */
export interface ContainerRecord<D> {
  /** What runs; `undefined` when it is shut off. */
  readonly active: D | undefined;
  /** What the next start takes; `undefined` for a transient container. */
  readonly persistent: D | undefined;
  readonly state: StateReason;
}

/** What can be asked of a container. `fail` is its abnormal end, such as an init that was killed. */
export type ContainerVerb =
  | 'start'
  | 'suspend'
  | 'resume'
  | 'shutdown'
  | 'reboot'
  | 'destroy'
  | 'undefine'
  | 'fail';

/** What LXC's driver has not at all (facts, section 5). */
export const UNSUPPORTED_VERBS = [
  'inject-nmi',
  'send-key',
  'sysrq',
  'core-dump',
  'migrate',
  'set-vcpus',
] as const;

/** Why a verb is not possible for containers; `undefined` when it is. */
export function unsupportedRefusal(verb: string): string | undefined {
  if (!(UNSUPPORTED_VERBS as readonly string[]).includes(verb)) return undefined;
  return `${verb} is not supported for a container; it needs a virtual machine`;
}

/** A container after a verb with the events that it raised; `undefined` when it is gone from every list. */
export interface ContainerOutcome<D> {
  readonly record: ContainerRecord<D> | undefined;
  readonly events: readonly (EventDetail | 'REBOOT')[];
}

/** Stores a definition, new or again: a running container takes it at its next start. */
export function defineContainer<D>(
  record: ContainerRecord<D> | undefined,
  definition: D,
): ContainerOutcome<D> {
  if (record === undefined)
    return {
      record: { active: undefined, persistent: definition, state: 'SHUTOFF/UNKNOWN' },
      events: ['DEFINED/ADDED'],
    };
  return { record: { ...record, persistent: definition }, events: ['DEFINED/UPDATED'] };
}

/** Starts a transient container (virDomainCreateXML). */
export function createContainer<D>(definition: D): ContainerOutcome<D> {
  return {
    record: { active: definition, persistent: undefined, state: 'RUNNING/BOOTED' },
    events: ['STARTED/BOOTED'],
  };
}

function stop<D>(
  { persistent }: ContainerRecord<D>,
  state: StateReason,
  event: EventDetail,
): ContainerOutcome<D> {
  const record = persistent === undefined ? undefined : { active: undefined, persistent, state };
  return { record, events: [event] };
}

/** Carries a verb out; a string says why that is not possible. */
export function containerVerb<D>(
  record: ContainerRecord<D>,
  verb: ContainerVerb,
): ContainerOutcome<D> | string {
  const { active, persistent, state } = record;
  if (verb === 'start') {
    if (active !== undefined || persistent === undefined)
      return 'the container is active already; it must be shut off';
    return {
      record: { active: persistent, persistent, state: 'RUNNING/BOOTED' },
      events: ['STARTED/BOOTED'],
    };
  }
  if (verb === 'undefine') {
    if (persistent === undefined) return 'the container is transient; only a persistent one can be undefined';
    const left = active === undefined ? undefined : { active, persistent: undefined, state };
    return { record: left, events: ['UNDEFINED/REMOVED'] };
  }
  if (active === undefined) return `the container is shut off; it must be active for ${verb}`;
  const isPaused = state === 'PAUSED/USER';
  switch (verb) {
    case 'suspend':
      if (isPaused) return 'the container is paused already; it must run';
      return { record: { ...record, state: 'PAUSED/USER' }, events: ['SUSPENDED/PAUSED'] };
    case 'resume':
      if (!isPaused) return 'the container runs already; it must be paused';
      return { record: { ...record, state: 'RUNNING/UNPAUSED' }, events: ['RESUMED/UNPAUSED'] };
    case 'reboot':
      if (isPaused) return 'the container is paused; its init cannot hear of a reboot';
      return { record, events: ['REBOOT'] };
    case 'shutdown':
      if (isPaused) return 'the container is paused; its init cannot hear of a shutdown';
      return stop(record, 'SHUTOFF/SHUTDOWN', 'STOPPED/SHUTDOWN');
    case 'destroy':
      return stop(record, 'SHUTOFF/DESTROYED', 'STOPPED/DESTROYED');
    case 'fail':
      return stop(record, 'SHUTOFF/FAILED', 'STOPPED/FAILED');
  }
}
