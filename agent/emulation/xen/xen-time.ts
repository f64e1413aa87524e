import type { Machine } from '../machine/machine.ts';
import type { VcpuPlaces } from '../vcpu/vcpu-places.ts';
import { readBlocked, readLifetime, readOffline, readSteal, readVcpu } from '../vcpu/vcpu-read.ts';

/** Xen's states of a vCPU, by their numbers in the runstate area (Xen vcpu.h). */
export const RUNSTATES = ['running', 'runnable', 'blocked', 'offline'] as const;
/** A name of {@link RUNSTATES}. */
export type Runstate = (typeof RUNSTATES)[number];

/**
 * What a PV guest's scheduler takes as its clock.
 *
 * `unstolen` is xen_sched_clock of kernels before RHEL 6.2: time in which the vCPU ran or had nothing to do.
 * `system` is the pvclock's system time, which goes on while the vCPU waits or is paused.
 */
export type SchedClock = 'unstolen' | 'system';

const READ_RUNSTATE: Readonly<
  Record<Runstate, (machine: Machine, places: VcpuPlaces, vcpu: number, nowMs: number) => number>
> = {
  running: (machine, places, vcpu, nowMs) => readVcpu(machine, places, vcpu, 'running', nowMs),
  runnable: readSteal,
  blocked: readBlocked,
  offline: readOffline,
};

/** Time in ns that a vCPU was in a state since its domain was built; all four add up to its age. */
export function readRunstate(
  machine: Machine,
  places: VcpuPlaces,
  vcpu: number,
  state: Runstate,
  nowMs: number,
): number {
  return READ_RUNSTATE[state](machine, places, vcpu, nowMs);
}

/** Time in ns that the vCPU would have run or could not run: runnable and offline (Linux, xen/time.c). */
export function readStolen(machine: Machine, places: VcpuPlaces, vcpu: number, nowMs: number): number {
  return readSteal(machine, places, vcpu, nowMs) + readOffline(machine, places, vcpu, nowMs);
}

/** Steal in ns as the guest shows it: posted in whole ticks of its timer, the rest is kept for later. */
export function postedSteal(stolenNs: number, guestTickNs: number): number {
  return Math.floor(stolenNs / guestTickNs) * guestTickNs;
}

/** What the guest's scheduler clock shows in ns, from 0 when the domain was built. */
export function readSchedClock(
  machine: Machine,
  places: VcpuPlaces,
  vcpu: number,
  clock: SchedClock,
  nowMs: number,
): number {
  if (clock === 'system') return readLifetime(machine, places, nowMs);
  return readVcpu(machine, places, vcpu, 'running', nowMs) + readBlocked(machine, places, vcpu, nowMs);
}
