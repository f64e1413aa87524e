import type { AlarmKind, Severity } from './alarm.ts';

/**
 * Numbers of ItuProbableCause (as RFC 3877 numbers them) that alarms have: those of ITU-T X.733, under the
 * names that X.733 gives them.
 */
export const PROBABLE_CAUSE = {
  applicationSubsystemFailure: 501,
  communicationsSubsystemFailure: 505,
  cpuCyclesLimitExceeded: 509,
  equipmentMalfunction: 514,
  inputOutputDeviceError: 521,
  lossOfSignal: 527,
  outOfMemory: 530,
  performanceDegraded: 532,
  queueSizeExceeded: 537,
  resourceAtOrNearingCapacity: 541,
  softwareProgramAbnormallyTerminated: 545,
  softwareProgramError: 546,
  storageCapacityProblem: 547,
  thresholdCrossed: 549,
} as const;

/** A kind of alarm that something raises: any but `other`. */
export type RaisedKind = Exclude<AlarmKind, 'other'>;

/** What the alarms of one kind are about, and how they come and go unless a configuration says otherwise. */
interface DefinitionBase {
  /** What is looked at, for people. */
  readonly measured: string;
  readonly severity: Severity;
  readonly cause: keyof typeof PROBABLE_CAUSE;
  /** What the alarm is about ends at the latest with this: the guest's boot, its emulator process, or itself. */
  readonly until?: 'boot' | 'process' | 'domain';
}

/**
 * `level`: a value is at `raise` or above, and below `clear` again, for `holdSeconds` each. `state`: something
 * is so for `holdSeconds`, and no longer. `occurrence`: something happened, and not again for `quietSeconds`.
 */
export type AlarmDefinition =
  | (DefinitionBase & {
      readonly rule: 'level';
      readonly unit: string;
      readonly raise: number;
      readonly clear: number;
      readonly holdSeconds: number;
    })
  | (DefinitionBase & { readonly rule: 'state'; readonly holdSeconds: number })
  | (DefinitionBase & { readonly rule: 'occurrence'; readonly quietSeconds: number });

/** Every kind of alarm. Levels are shares of what there is, in percent. */
export const ALARM_DEFINITIONS = {
  stealHigh: {
    rule: 'level',
    measured: "of the time of a guest's vCPUs, the part in which they wanted to run and did not",
    ...{ unit: '%', raise: 20, clear: 10, holdSeconds: 60 },
    ...{ severity: 'minor', cause: 'performanceDegraded', until: 'process' },
  },
  hostMemoryPressure: {
    rule: 'level',
    measured: "of the host's memory, what is not free",
    ...{ unit: '%', raise: 90, clear: 85, holdSeconds: 30 },
    ...{ severity: 'major', cause: 'resourceAtOrNearingCapacity' },
  },
  guestOom: {
    rule: 'occurrence',
    measured: "a guest's kernel killed a process for want of memory",
    ...{ quietSeconds: 600, severity: 'major', cause: 'outOfMemory', until: 'boot' },
  },
  containerOom: {
    rule: 'occurrence',
    measured: 'the host killed processes of a container that was at its memory limit',
    ...{ quietSeconds: 600, severity: 'major', cause: 'outOfMemory', until: 'process' },
  },
  containerThrottled: {
    rule: 'level',
    measured: 'of the CPU time that a container wanted, what its quota held back',
    ...{ unit: '%', raise: 75, clear: 50, holdSeconds: 60 },
    ...{ severity: 'minor', cause: 'cpuCyclesLimitExceeded', until: 'process' },
  },
  queueDrops: {
    rule: 'level',
    measured: 'of the frames offered to a queue of a NIC, in one direction, those dropped',
    ...{ unit: '%', raise: 5, clear: 1, holdSeconds: 30 },
    ...{ severity: 'minor', cause: 'queueSizeExceeded', until: 'process' },
  },
  numaImbalance: {
    rule: 'level',
    measured: "how much more of a NUMA node's memory is in use than of the whole host's",
    ...{ unit: 'percentage points', raise: 30, clear: 20, holdSeconds: 60 },
    ...{ severity: 'warning', cause: 'performanceDegraded' },
  },
  poolNearlyFull: {
    rule: 'level',
    measured: "of a storage pool's capacity, what is allocated",
    ...{ unit: '%', raise: 85, clear: 80, holdSeconds: 0 },
    ...{ severity: 'minor', cause: 'storageCapacityProblem' },
  },
  poolFull: {
    rule: 'level',
    measured: "of a storage pool's capacity, what is allocated",
    ...{ unit: '%', raise: 99, clear: 95, holdSeconds: 0 },
    ...{ severity: 'critical', cause: 'storageCapacityProblem' },
  },
  sensorOutOfRange: {
    rule: 'level',
    measured: 'what a sensor shows, as a share of the limit that it is nearest to',
    ...{ unit: '%', raise: 100, clear: 98, holdSeconds: 10 },
    ...{ severity: 'major', cause: 'thresholdCrossed' },
  },
  hostNicDown: {
    rule: 'state',
    measured: 'a physical NIC of the host has no link',
    ...{ holdSeconds: 0, severity: 'critical', cause: 'lossOfSignal' },
  },
  monitorHung: {
    rule: 'state',
    measured: "a guest's emulator does not answer libvirt any more, though the guest runs",
    ...{ holdSeconds: 0, severity: 'major', cause: 'applicationSubsystemFailure', until: 'process' },
  },
  displayGuestBug: {
    rule: 'state',
    measured: "a guest's display driver made a mistake, and its QXL device has stopped",
    ...{ holdSeconds: 0, severity: 'warning', cause: 'softwareProgramError', until: 'process' },
  },
  guestCrashed: {
    rule: 'state',
    measured: 'a guest has crashed and does not run again',
    ...{
      holdSeconds: 0,
      severity: 'critical',
      cause: 'softwareProgramAbnormallyTerminated',
      until: 'domain',
    },
  },
  diskError: {
    rule: 'occurrence',
    measured: "a request to a guest's disk failed, or the guest is still stopped for that",
    ...{ quietSeconds: 300, severity: 'major', cause: 'inputOutputDeviceError', until: 'process' },
  },
  agentLost: {
    rule: 'state',
    measured: 'the agent of a guest that runs has closed its channel',
    ...{ holdSeconds: 60, severity: 'warning', cause: 'communicationsSubsystemFailure', until: 'process' },
  },
  memoryFailure: {
    rule: 'occurrence',
    measured: "a page of a guest's memory is broken",
    ...{ quietSeconds: 3600, severity: 'major', cause: 'equipmentMalfunction', until: 'process' },
  },
} as const satisfies Record<RaisedKind, AlarmDefinition>;

/** The kinds of {@link ALARM_DEFINITIONS}, in their order. */
export const RAISED_KINDS = Object.keys(ALARM_DEFINITIONS) as RaisedKind[];
