import { type Machine, readCounter } from '../machine/machine.ts';
import { DISK, DISK_STATE, type DiskPlace } from './disk-places.ts';
import type { DiskPlan } from './disk-plan.ts';

/** What can be read of a disk: libvirt's block statistics since the emulator process began; times in ns. */
export const DISK_FIELDS = {
  'rd.reqs': DISK.RD_REQS,
  'rd.bytes': DISK.RD_BYTES,
  'rd.times': DISK.RD_TIMES,
  'wr.reqs': DISK.WR_REQS,
  'wr.bytes': DISK.WR_BYTES,
  'wr.times': DISK.WR_TIMES,
  'fl.reqs': DISK.FL_REQS,
  'fl.times': DISK.FL_TIMES,
  /** Requests that the guest handed to its driver. */
  submitted: DISK.SUBMITTED,
  /** Reads that failed in the guest's eyes. */
  'rd.failed': DISK.RD_FAILED,
  /** Writes that failed in the guest's eyes. */
  'wr.failed': DISK.WR_FAILED,
} as const;
/** A name of {@link DISK_FIELDS}. */
export type DiskField = keyof typeof DISK_FIELDS;

/** Reads one field of a disk at an instant. */
export function readDisk(machine: Machine, { part }: DiskPlace, field: DiskField, nowMs: number): number {
  return readCounter(machine, part.counters + DISK_FIELDS[field], nowMs);
}

const BACK = [DISK.RD_REQS, DISK.WR_REQS, DISK.FL_REQS, DISK.RD_FAILED, DISK.WR_FAILED];

/** Requests that came back, well or not. */
export function readCompleted(machine: Machine, { part }: DiskPlace, nowMs: number): number {
  let sum = 0;
  for (const field of BACK) sum += readCounter(machine, part.counters + field, nowMs);
  return sum;
}

/**
 * Requests in flight at an instant: submitted less completed.
 *
 * At most the depth at the ends of ticks; in between up to 5 more, because each counter is a whole number.
 */
export function readOutstanding(machine: Machine, place: DiskPlace, nowMs: number): number {
  return readDisk(machine, place, 'submitted', nowMs) - readCompleted(machine, place, nowMs);
}

/** Sizes of an image in bytes, by libvirt's names. */
export interface DiskSpace {
  /** Size that the guest sees. */
  readonly capacity: number;
  /** Space that the image takes in its pool. */
  readonly allocation: number;
  /** Size of the file or device behind it. */
  readonly physical: number;
}

/** An image's sizes at an instant. */
export function readDiskSpace(machine: Machine, place: DiskPlace, plan: DiskPlan, nowMs: number): DiskSpace {
  const allocation = readAllocation(machine, place, plan, nowMs);
  return { capacity: plan.spec.capacityBytes, allocation, physical: physicalSize(plan, allocation) };
}

/** {@link DiskSpace.allocation} at an instant. */
export function readAllocation(
  machine: Machine,
  { part }: DiskPlace,
  { spec }: DiskPlan,
  nowMs: number,
): number {
  const isThin = spec.format === 'qcow2' || spec.format === 'raw-sparse';
  return isThin ? readCounter(machine, part.counters + DISK.ALLOCATION, nowMs) : spec.capacityBytes;
}

/** {@link DiskSpace.physical} of an image that takes so much. */
export function physicalSize({ spec }: DiskPlan, allocation: number): number {
  return spec.format === 'qcow2' ? allocation : spec.capacityBytes;
}

/** A number of DISK_ERROR: what stopped the guest at this disk (virDomainGetDiskErrors). */
export function readDiskError({ numbers }: Machine, { part }: DiskPlace): number {
  return numbers[part.state + DISK_STATE.ERROR]!;
}

/** The threshold that is set, in bytes; `undefined` when there is none. */
export function readThreshold({ numbers }: Machine, { part }: DiskPlace): number | undefined {
  return numbers[part.state + DISK_STATE.THRESHOLD]! || undefined;
}
