import type { TypedParameters } from '../management-event.ts';
import { PAGE_KIB } from '../memory/memory-config.ts';
import type { Profile } from './story.ts';

const MEBIBYTE = 2 ** 20;

/** How fast a migration may send, and how long the guest may stand still for it. */
export interface MigrationSpeed {
  /** Bytes per second, above 0. */
  readonly bandwidth: number;
  readonly downtimeMs: number;
}

/** What the emulators of each era do when nobody says otherwise (facts, section 11). */
export const MIGRATION_SPEED: Readonly<Record<Profile, MigrationSpeed>> = {
  rhel6: { bandwidth: 32 * MEBIBYTE, downtimeMs: 30 },
  modern: { bandwidth: 128 * MEBIBYTE, downtimeMs: 300 },
};

/** What a guest's memory is like at an instant, in bytes. */
export interface DirtyMemory {
  readonly inUse: number;
  /** What its programs write to again and again. */
  readonly workingSet: number;
  /** Bytes per second that they write to for the first time since they were sent. */
  readonly dirtyRate: number;
}

/** A migration's copying of memory while the guest runs, pass by pass. Immutable; times in simulated ms. */
export interface MigrationJob {
  readonly speed: MigrationSpeed;
  readonly startedMs: number;
  /** Number of the pass under way, from 1. */
  readonly iteration: number;
  /** When it began. */
  readonly sinceMs: number;
  /** Bytes that it has to send. */
  readonly passBytes: number;
  /** Bytes sent in the passes before. */
  readonly sentBytes: number;
  /** Memory in use when the first pass began. */
  readonly totalBytes: number;
  /** That of the pass before; 0 in the first. */
  readonly dirtyRate: number;
}

/** The first pass sends all memory in use. */
export function startMigration(speed: MigrationSpeed, { inUse }: DirtyMemory, nowMs: number): MigrationJob {
  return {
    speed,
    startedMs: nowMs,
    iteration: 1,
    sinceMs: nowMs,
    passBytes: inUse,
    sentBytes: 0,
    totalBytes: inUse,
    dirtyRate: 0,
  };
}

/** How long the pass under way takes, in ms. */
export function passMs({ passBytes, speed }: MigrationJob): number {
  return (passBytes * 1000) / speed.bandwidth;
}

/**
 * A pass is over: what the guest wrote to meanwhile is to be sent again (facts, section 11).
 *
 * V(i+1) = min(WSS, dirty * t(i)). The job has converged when that can be sent within the downtime.
 */
export function nextPass(
  job: MigrationJob,
  { workingSet, dirtyRate }: DirtyMemory,
  nowMs: number,
): { readonly job: MigrationJob; readonly converged: boolean } {
  const passBytes = Math.floor(Math.min(workingSet, (dirtyRate * passMs(job)) / 1000));
  const { speed } = job;
  const converged = passBytes <= (speed.bandwidth * speed.downtimeMs) / 1000;
  return {
    converged,
    job: {
      ...job,
      iteration: converged ? job.iteration : job.iteration + 1,
      sinceMs: nowMs,
      passBytes,
      sentBytes: job.sentBytes + job.passBytes,
      dirtyRate,
    },
  };
}

/** What virDomainGetJobStats tells, by libvirt's names, at an instant of the pass under way. */
export function migrationStatistics(job: MigrationJob, nowMs: number): TypedParameters {
  const { speed, passBytes, sentBytes } = job;
  const sent = Math.min(passBytes, Math.floor(((nowMs - job.sinceMs) * speed.bandwidth) / 1000));
  return {
    time_elapsed: nowMs - job.startedMs,
    memory_total: job.totalBytes,
    memory_processed: sentBytes + sent,
    memory_remaining: passBytes - sent,
    memory_bps: speed.bandwidth,
    memory_dirty_rate: Math.round(job.dirtyRate / (PAGE_KIB * 1024)),
    memory_iteration: job.iteration,
  };
}

/** The same of a job that is over: the rest was sent while the guest stood still. */
export function completedStatistics(job: MigrationJob, nowMs: number): TypedParameters {
  const rest = job.passBytes;
  return {
    ...migrationStatistics(job, nowMs),
    memory_processed: job.sentBytes + rest,
    memory_remaining: 0,
    downtime: Math.round((rest * 1000) / job.speed.bandwidth),
  };
}
