import { fields, type Part, type PartShape } from '../machine/layout.ts';

/**
 * Counters of one disk. Times are in ns.
 *
 * SUBMITTED: requests that the guest gave to its driver; what is in flight is SUBMITTED less all that came back.
 * RD, WR, FL: reads, writes and flushes that came back well. FAILED: those that the guest was told had failed.
 * ALLOCATION: bytes that the image takes; starts with what the image had when the emulator process began.
 */
export const DISK = fields(
  'SUBMITTED',
  'RD_REQS',
  'RD_BYTES',
  'RD_TIMES',
  'WR_REQS',
  'WR_BYTES',
  'WR_TIMES',
  'FL_REQS',
  'FL_TIMES',
  'RD_FAILED',
  'WR_FAILED',
  'ALLOCATION',
);

/**
 * What the model remembers of a disk.
 *
 * CLAIM: its claim on the device in ns per second; OFFERED: requests per second; SPACE: bytes claimed of the
 * pool; *_PART: fractions carried over; ERROR: a number of DISK_ERROR; THRESHOLD: bytes, 0 for none;
 * BURST: what is used up of the burst of each limit of LIMIT_NAMES.
 */
export const DISK_STATE = fields(
  'CLAIM',
  'OFFERED',
  'SPACE',
  'RD_PART',
  'WR_PART',
  'FL_PART',
  'SPACE_PART',
  'RD_FAIL_PART',
  'WR_FAIL_PART',
  'ERROR',
  'THRESHOLD',
  'BURST',
  'BURST_RD_IOPS',
  'BURST_WR_IOPS',
  'BURST_BYTES',
  'BURST_RD_BYTES',
  'BURST_WR_BYTES',
);

/** The room of one disk in a machine. */
export const DISK_SHAPE: PartShape = {
  counters: Object.keys(DISK).length,
  state: Object.keys(DISK_STATE).length,
};

/** virDomainDiskErrorCode, with libvirt's numbers. */
export const DISK_ERROR = { NONE: 0, UNSPEC: 1, NO_SPACE: 2 } as const;

/** Where the numbers of one disk stand in a machine. */
export interface DiskPlace {
  readonly part: Part;
  /** The layout's number of counters. */
  readonly counterCount: number;
}

/** Requests in flight when the machine is settled. */
export function inFlight(numbers: Float64Array, at: number): number {
  return (
    numbers[at + DISK.SUBMITTED]! -
    numbers[at + DISK.RD_REQS]! -
    numbers[at + DISK.WR_REQS]! -
    numbers[at + DISK.FL_REQS]! -
    numbers[at + DISK.RD_FAILED]! -
    numbers[at + DISK.WR_FAILED]!
  );
}
