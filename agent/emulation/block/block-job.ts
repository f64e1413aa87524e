/** virDomainBlockJobType, with libvirt's numbers. */
export const BLOCK_JOB_TYPE = { pull: 1, copy: 2, commit: 3, 'active-commit': 4, backup: 5 } as const;
/** A name of {@link BLOCK_JOB_TYPE}. */
export type BlockJobType = keyof typeof BLOCK_JOB_TYPE;

/** virConnectDomainEventBlockJobStatus, with libvirt's numbers. */
export const BLOCK_JOB_STATUS = { COMPLETED: 0, FAILED: 1, CANCELED: 2, READY: 3 } as const;
/** A name of {@link BLOCK_JOB_STATUS}. */
export type BlockJobStatus = keyof typeof BLOCK_JOB_STATUS;

/** Job types that mirror: they become ready and stay so until they are ended. */
const MIRRORS: ReadonlySet<BlockJobType> = new Set(['copy', 'active-commit']);

/** One block job of a disk. Immutable; its progress is worked out when it is read. */
export interface BlockJob {
  readonly type: BlockJobType;
  /** The disk's target. */
  readonly dev: string;
  /** The disk's source. */
  readonly path: string;
  /** Bytes to be moved, without those that the guest writes meanwhile. */
  readonly totalBytes: number;
  /** Bytes moved at sinceMs, with their fraction. */
  readonly doneBytes: number;
  readonly sinceMs: number;
  /** What is asked for, in bytes per second; 0 for as fast as the device can. */
  readonly bandwidth: number;
  /** What the device can do, in bytes per second, above 0. */
  readonly deviceBandwidth: number;
  /** Bytes per second that the guest writes again while a mirror runs. */
  readonly dirtyRate: number;
  /** A mirror that has caught up: every write of the guest goes to both sides. */
  readonly ready: boolean;
}

/** An event of a job: BLOCK_JOB names the path, BLOCK_JOB_2 the target; libvirt sends both. */
export interface BlockJobEvent {
  readonly event: 'BLOCK_JOB' | 'BLOCK_JOB_2';
  /** Path or target. */
  readonly disk: string;
  readonly type: BlockJobType;
  readonly status: BlockJobStatus;
}

/** A job after something happened, `undefined` when it is over, with its events in order. */
export interface BlockJobOutcome {
  readonly job: BlockJob | undefined;
  readonly events: readonly BlockJobEvent[];
  /** The guest goes on with the other side of a mirror: its disk has another source now. */
  readonly pivoted: boolean;
}

/** How far a job is, as virDomainBlockJobInfo has it: `cur` of `end` bytes. */
export interface BlockJobProgress {
  readonly type: BlockJobType;
  readonly bandwidth: number;
  readonly cur: number;
  readonly end: number;
}

/** What a job starts with. */
export type BlockJobStart = Omit<BlockJob, 'doneBytes' | 'sinceMs' | 'ready'>;

/** Starts a job. `current` is what the disk has already: only one job is possible, and a string says so. */
export function startBlockJob(
  current: BlockJob | undefined,
  start: BlockJobStart,
  nowMs: number,
): BlockJob | string {
  if (current !== undefined)
    return `disk ${start.dev} already has a ${current.type} job; end it before another one starts`;
  return { ...start, doneBytes: 0, sinceMs: nowMs, ready: false };
}

function speed(job: BlockJob): number {
  return job.bandwidth === 0 ? job.deviceBandwidth : Math.min(job.bandwidth, job.deviceBandwidth);
}

function dirtyRate(job: BlockJob): number {
  return MIRRORS.has(job.type) ? job.dirtyRate : 0;
}

/** Bytes that are still to be moved, with their fraction. A mirror must also catch up with the guest's writes. */
function remaining(job: BlockJob, nowMs: number): number {
  if (job.ready) return 0;
  const net = speed(job) - dirtyRate(job);
  const left = job.totalBytes - job.doneBytes - (net * (nowMs - job.sinceMs)) / 1000;
  return Math.min(job.totalBytes, Math.max(0, left));
}

/** How far a job is at an instant. */
export function blockJobProgress(job: BlockJob, nowMs: number): BlockJobProgress {
  const { type, bandwidth, totalBytes } = job;
  return { type, bandwidth, cur: Math.floor(totalBytes - remaining(job, nowMs)), end: totalBytes };
}

/** When a job becomes ready or ends, in ms; Infinity for a mirror that never catches up, or waits to be ended. */
export function blockJobDueMs(job: BlockJob): number {
  if (job.ready) return Number.POSITIVE_INFINITY;
  const left = job.totalBytes - job.doneBytes;
  if (left <= 0) return job.sinceMs;
  const net = speed(job) - dirtyRate(job);
  return net <= 0 ? Number.POSITIVE_INFINITY : job.sinceMs + (left * 1000) / net;
}

function events(job: BlockJob, status: BlockJobStatus): readonly BlockJobEvent[] {
  return [
    { event: 'BLOCK_JOB', disk: job.path, type: job.type, status },
    { event: 'BLOCK_JOB_2', disk: job.dev, type: job.type, status },
  ];
}

function over(job: BlockJob, status: BlockJobStatus, pivoted = false): BlockJobOutcome {
  return { job: undefined, events: events(job, status), pivoted };
}

/** What time alone does to a job: READY for a mirror, COMPLETED for others, nothing before it is due. */
export function advanceBlockJob(job: BlockJob, nowMs: number): BlockJobOutcome {
  if (nowMs < blockJobDueMs(job)) return { job, events: [], pivoted: false };
  if (!MIRRORS.has(job.type)) return over(job, 'COMPLETED');
  const ready = { ...job, doneBytes: job.totalBytes, sinceMs: nowMs, ready: true };
  return { job: ready, events: events(job, 'READY'), pivoted: false };
}

/** Another bandwidth from now on (virDomainBlockJobSetSpeed). */
export function setBlockJobSpeed(job: BlockJob, bandwidth: number, nowMs: number): BlockJob {
  return { ...job, doneBytes: job.totalBytes - remaining(job, nowMs), sinceMs: nowMs, bandwidth };
}

/** Ends a job before its time: a mirror that was not pivoted keeps its old source. */
export function cancelBlockJob(job: BlockJob): BlockJobOutcome {
  return over(job, 'CANCELED');
}

/** Makes the guest use the other side of a mirror; a string says why that is not possible. */
export function pivotBlockJob(job: BlockJob): BlockJobOutcome | string {
  if (!MIRRORS.has(job.type)) return `a ${job.type} job cannot be pivoted; only copy and active-commit can`;
  if (!job.ready) return `the ${job.type} job of ${job.dev} is not ready yet; wait for READY before a pivot`;
  return over(job, 'COMPLETED', true);
}

/** A job's device or pool failed it. */
export function failBlockJob(job: BlockJob): BlockJobOutcome {
  return over(job, 'FAILED');
}
