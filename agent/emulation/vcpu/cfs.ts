import { type CfsConfig, FULL } from './vcpu-config.ts';

/** A scheduler's tunables in effect, in ns. */
export interface SlicePolicy {
  /** The period as long as few tasks are runnable. */
  readonly latencyNs: number;
  /** The least slice. */
  readonly minGranularityNs: number;
  /** Runnable tasks on one CPU up to which the latency is kept. */
  readonly nrLatency: number;
}

/** CFS's tunables on a host with so many CPUs: base values times 1 + log2 of at most 8 CPUs (Linux fair.c). */
export function scaledSlices(cfs: CfsConfig, cpus: number): SlicePolicy {
  const factor = 1 + Math.floor(Math.log2(Math.max(1, Math.min(cpus, 8))));
  return {
    latencyNs: cfs.latencyNs * factor,
    minGranularityNs: cfs.minGranularityNs * factor,
    nrLatency: cfs.nrLatency,
  };
}

/** Period in ns in which each of `runnable` tasks on a CPU runs once (Linux fair.c, __sched_period). */
export function schedPeriodNs(policy: SlicePolicy, runnable: number): number {
  return runnable > policy.nrLatency ? runnable * policy.minGranularityNs : policy.latencyNs;
}

/** Slice in ns of one of `runnable` tasks of equal weight; 1 task and less has the whole period. */
export function sliceNs(policy: SlicePolicy, runnable: number): number {
  return schedPeriodNs(policy, runnable) / Math.max(1, runnable);
}

/** How long in ns a preempted task of `runnable` equal ones stays off its CPU; 0 when it is alone. */
export function offTimeNs(policy: SlicePolicy, runnable: number): number {
  return runnable <= 1 ? 0 : schedPeriodNs(policy, runnable) - sliceNs(policy, runnable);
}

/** What CFS bandwidth control leaves a vCPU, in ns per ms: at most {@link FULL}. A negative quota is none. */
export function quotaLimit(quotaUs: number, periodUs: number): number {
  return quotaUs < 0 ? FULL : Math.min(FULL, Math.floor((quotaUs * FULL) / periodUs));
}
