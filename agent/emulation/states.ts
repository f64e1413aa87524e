/** virDomainState: what a domain is doing, with libvirt's numbers. */
export const DOMAIN_STATE = {
  NOSTATE: 0,
  RUNNING: 1,
  BLOCKED: 2,
  PAUSED: 3,
  SHUTDOWN: 4,
  SHUTOFF: 5,
  CRASHED: 6,
  PMSUSPENDED: 7,
} as const;

/** A name of {@link DOMAIN_STATE}. */
export type StateName = keyof typeof DOMAIN_STATE;
/** A number of {@link DOMAIN_STATE}. */
export type DomainState = (typeof DOMAIN_STATE)[StateName];

/** The reasons of each state (virDomainRunningReason and its sisters), with libvirt's numbers. */
export const STATE_REASON = {
  NOSTATE: { UNKNOWN: 0 },
  RUNNING: {
    UNKNOWN: 0,
    BOOTED: 1,
    MIGRATED: 2,
    RESTORED: 3,
    FROM_SNAPSHOT: 4,
    UNPAUSED: 5,
    MIGRATION_CANCELED: 6,
    SAVE_CANCELED: 7,
    WAKEUP: 8,
    CRASHED: 9,
    POSTCOPY: 10,
    POSTCOPY_FAILED: 11,
  },
  BLOCKED: { UNKNOWN: 0 },
  PAUSED: {
    UNKNOWN: 0,
    USER: 1,
    MIGRATION: 2,
    SAVE: 3,
    DUMP: 4,
    IOERROR: 5,
    WATCHDOG: 6,
    FROM_SNAPSHOT: 7,
    SHUTTING_DOWN: 8,
    SNAPSHOT: 9,
    CRASHED: 10,
    STARTING_UP: 11,
    POSTCOPY: 12,
    POSTCOPY_FAILED: 13,
    API_ERROR: 14,
  },
  SHUTDOWN: { UNKNOWN: 0, USER: 1 },
  SHUTOFF: {
    UNKNOWN: 0,
    SHUTDOWN: 1,
    DESTROYED: 2,
    CRASHED: 3,
    MIGRATED: 4,
    SAVED: 5,
    FAILED: 6,
    FROM_SNAPSHOT: 7,
    DAEMON: 8,
  },
  CRASHED: { UNKNOWN: 0, PANICKED: 1 },
  PMSUSPENDED: { UNKNOWN: 0 },
} as const satisfies Record<StateName, Record<string, number>>;

/** A state with its reason, as in `RUNNING/BOOTED`. */
export type StateReason = {
  [S in StateName]: `${S}/${keyof (typeof STATE_REASON)[S] & string}`;
}[StateName];

/** virDomainEventType: the lifecycle events, with libvirt's numbers. */
export const LIFECYCLE_EVENT = {
  DEFINED: 0,
  UNDEFINED: 1,
  STARTED: 2,
  SUSPENDED: 3,
  RESUMED: 4,
  STOPPED: 5,
  SHUTDOWN: 6,
  PMSUSPENDED: 7,
  CRASHED: 8,
} as const;

/** A name of {@link LIFECYCLE_EVENT}. */
export type LifecycleEventName = keyof typeof LIFECYCLE_EVENT;

/** The details of each lifecycle event (virDomainEventStartedDetailType and its sisters). */
export const LIFECYCLE_DETAIL = {
  DEFINED: { ADDED: 0, UPDATED: 1, RENAMED: 2, FROM_SNAPSHOT: 3 },
  UNDEFINED: { REMOVED: 0, RENAMED: 1 },
  STARTED: { BOOTED: 0, MIGRATED: 1, RESTORED: 2, FROM_SNAPSHOT: 3, WAKEUP: 4 },
  SUSPENDED: {
    PAUSED: 0,
    MIGRATED: 1,
    IOERROR: 2,
    WATCHDOG: 3,
    RESTORED: 4,
    FROM_SNAPSHOT: 5,
    API_ERROR: 6,
    POSTCOPY: 7,
    POSTCOPY_FAILED: 8,
  },
  RESUMED: { UNPAUSED: 0, MIGRATED: 1, FROM_SNAPSHOT: 2, POSTCOPY: 3, POSTCOPY_FAILED: 4 },
  STOPPED: {
    SHUTDOWN: 0,
    DESTROYED: 1,
    CRASHED: 2,
    MIGRATED: 3,
    SAVED: 4,
    FAILED: 5,
    FROM_SNAPSHOT: 6,
  },
  SHUTDOWN: { FINISHED: 0, GUEST: 1, HOST: 2 },
  PMSUSPENDED: { MEMORY: 0, DISK: 1 },
  CRASHED: { PANICKED: 0, CRASHLOADED: 1 },
} as const satisfies Record<LifecycleEventName, Record<string, number>>;

/** A lifecycle event with its detail, as in `STOPPED/DESTROYED`. */
export type EventDetail = {
  [E in LifecycleEventName]: `${E}/${keyof (typeof LIFECYCLE_DETAIL)[E] & string}`;
}[LifecycleEventName];

/** The two numbers of a name such as `RUNNING/BOOTED` or `STOPPED/DESTROYED`. */
export interface NumberPair {
  readonly major: number;
  readonly minor: number;
}

function pairs(
  majors: Readonly<Record<string, number>>,
  minors: Readonly<Record<string, Readonly<Record<string, number>>>>,
): { byName: Map<string, NumberPair>; byNumbers: Map<number, string> } {
  const byName = new Map<string, NumberPair>();
  const byNumbers = new Map<number, string>();
  for (const [major, number] of Object.entries(majors)) {
    for (const [minor, detail] of Object.entries(minors[major]!)) {
      byName.set(`${major}/${minor}`, { major: number, minor: detail });
      byNumbers.set(number * 256 + detail, `${major}/${minor}`);
    }
  }
  return { byName, byNumbers };
}

const STATES = pairs(DOMAIN_STATE, STATE_REASON);
const EVENTS = pairs(LIFECYCLE_EVENT, LIFECYCLE_DETAIL);

/** The numbers of a state and its reason. */
export function stateNumbers(name: StateReason): { state: DomainState; reason: number } {
  const pair = STATES.byName.get(name)!;
  return { state: pair.major as DomainState, reason: pair.minor };
}

/** The name of a state and its reason; `undefined` when libvirt has no such pair. */
export function stateName(state: number, reason: number): StateReason | undefined {
  return STATES.byNumbers.get(state * 256 + reason) as StateReason | undefined;
}

/** The numbers of a lifecycle event and its detail. */
export function eventNumbers(name: EventDetail): NumberPair {
  return EVENTS.byName.get(name)!;
}

/** The name of a lifecycle event and its detail; `undefined` when libvirt has no such pair. */
export function eventName(event: number, detail: number): EventDetail | undefined {
  return EVENTS.byNumbers.get(event * 256 + detail) as EventDetail | undefined;
}

/** Every state with every reason, in libvirt's order. */
export const STATE_REASONS: readonly StateReason[] = [...STATES.byName.keys()] as StateReason[];

/** Every lifecycle event with every detail, in libvirt's order. */
export const EVENT_DETAILS: readonly EventDetail[] = [...EVENTS.byName.keys()] as EventDetail[];
