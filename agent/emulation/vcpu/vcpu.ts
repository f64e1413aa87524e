import { wordNoise } from '../../util/random.ts';
import { SPAN_MS } from '../machine/layout.ts';
import { polledShare, pollSuccessShare, pollWindowNs } from './halt-poll.ts';
import type { HostCpu } from './host-cpu.ts';
import { FULL, type WorkConfig } from './vcpu-config.ts';
import type { VcpuPlaces } from './vcpu-places.ts';
import * as numbering from './vcpu-places.ts';
import type { ThreadGroup, VcpuPlan } from './vcpu-plan.ts';

// Constants of this module: V8 takes their fields for constants too, as it does not those of an import.
const { GUEST_CPU, GUEST_CPU_STATE, VCPU, VCPU_STATE } = numbering;

/** What one tick brings a guest's vCPUs. One object may be used for all guests, one after another. */
export interface VcpuInput {
  /** Number of the tick; with the key it decides the guest's chance. */
  tick: number;
  /** The two words of the guest's stream key. */
  low: number;
  high: number;
  /** Share of all its vCPUs that the guest's work would use if nothing kept it waiting, 0 to 1. */
  utilisation: number;
  /** Number of vCPUs over which the work is spread; all when it is larger than {@link onlineVcpus}. */
  busyVcpus: number;
  /** vCPUs that are plugged in: the first of them. */
  onlineVcpus: number;
  /** What the emulator's and vhost's threads want, in whole ns per ms. */
  emulator: number;
  /** How much longer work takes because of remote memory, 1 or more. */
  slowdown: number;
  /** Exits for port I/O in this tick. */
  ioExits: number;
  /** Exits for emulated device memory in this tick. */
  mmioExits: number;
  /** Interrupts of devices in this tick. */
  interrupts: number;
}

/** Polls are hardly ever entered below this ratio of ceiling to mean halt: no exponential is needed. */
const RARE = 0.02;

/** A new guest: its vCPUs have existed since now. */
export function launchVcpus(numbers: Float64Array, places: VcpuPlaces, plan: VcpuPlan, nowMs: number): void {
  numbers[places.guest.state + GUEST_CPU_STATE.CREATED_MS] = nowMs;
  numbers[places.guest.state + GUEST_CPU_STATE.TICK_HZ] = plan.tickHz;
}

/**
 * First pass of a tick: works out what each vCPU wants, and claims it from the host.
 *
 * The machine's span has begun. `host` is left out for a guest that starts in the middle of a tick.
 */
export function demandVcpus(
  numbers: Float64Array,
  places: VcpuPlaces,
  plan: VcpuPlan,
  work: WorkConfig,
  input: VcpuInput,
  host: HostCpu | undefined,
): void {
  const online = Math.min(input.onlineVcpus, places.vcpus.length);
  const guest = places.guest.state;
  numbers[guest + GUEST_CPU_STATE.ONLINE_VCPUS] = online;
  numbers[guest + GUEST_CPU_STATE.EMULATOR] = input.emulator;
  const wakeups =
    work.wakeupsPerSecond + (online === 0 ? 0 : (input.interrupts * 1000) / (numbers[SPAN_MS]! * online));
  const pollRatio = expectPolling(numbers, guest, plan, wakeups);
  const busy = Math.min(online, input.busyVcpus);
  const mean = busy === 0 ? 0 : Math.min(1, (input.utilisation * online) / busy);
  const flutter = work.imbalance * mean * (1 - mean);
  // Work that spins for locks takes as much longer as it did in the tick before.
  const stretched = FULL * (1 + numbers[guest + GUEST_CPU_STATE.SPIN_RATIO]!);
  const { groups, limit } = plan;
  for (let g = 0; g < groups.length; g++) {
    const group = groups[g]!;
    let sum = group.emulator ? input.emulator : 0;
    let polling = 0;
    for (let i = 0; i < group.vcpus.length; i++) {
      const vcpu = group.vcpus[i]!;
      if (vcpu >= online) break;
      let wanted = 0;
      if (vcpu < busy) {
        const draw = flutter === 0 ? 0.5 : wordNoise(input.low, input.high ^ vcpu, input.tick);
        wanted = Math.min(FULL, Math.round((mean + flutter * (2 * draw - 1)) * stretched));
      }
      const state = places.vcpus[vcpu]!.state;
      const demand = Math.min(wanted, limit);
      numbers[state + VCPU_STATE.WANTED] = wanted;
      numbers[state + VCPU_STATE.DEMAND] = demand;
      sum += demand;
      polling += Math.floor((FULL - wanted) * pollRatio);
    }
    if (host === undefined) continue;
    host.claim(group.pool, sum, group.weight);
    if (polling > 0) host.claimPolling(group.pool, polling);
  }
}

/** Works out how halts of this length are polled; returns the share of idle time that is polling. */
function expectPolling(numbers: Float64Array, guest: number, plan: VcpuPlan, wakeups: number): number {
  const { haltPoll } = plan;
  numbers[guest + GUEST_CPU_STATE.WAKEUPS] = wakeups;
  if (haltPoll.haltPollNs === 0 || wakeups === 0) return 0;
  const meanHaltNs = 1e9 / wakeups;
  const ratio = haltPoll.haltPollNs / meanHaltNs;
  const polled = ratio < RARE ? ratio - (ratio * ratio) / 2 : polledShare(haltPoll, meanHaltNs);
  const windowNs = ratio < RARE ? 0 : pollWindowNs(haltPoll, plan.pollSteps, polled);
  const hits = windowNs === 0 ? 0 : pollSuccessShare(windowNs, meanHaltNs);
  numbers[guest + GUEST_CPU_STATE.POLLED] = polled;
  numbers[guest + GUEST_CPU_STATE.POLL_HITS] = hits;
  // Of the mean polling time meanHalt * hits, polls without success take the whole window.
  numbers[guest + GUEST_CPU_STATE.POLL_HIT_TIME] =
    hits === 0 ? 0 : Math.max(0, 1 - (windowNs * (1 - hits)) / (meanHaltNs * hits));
  return polled * hits;
}

/** What the threads of a group want together: the same sum that was claimed. */
export function groupDemand(numbers: Float64Array, places: VcpuPlaces, group: ThreadGroup): number {
  const online = numbers[places.guest.state + GUEST_CPU_STATE.ONLINE_VCPUS]!;
  let sum = group.emulator ? numbers[places.guest.state + GUEST_CPU_STATE.EMULATOR]! : 0;
  for (let i = 0; i < group.vcpus.length; i++) {
    const vcpu = group.vcpus[i]!;
    if (vcpu >= online) break;
    sum += numbers[places.vcpus[vcpu]!.state + VCPU_STATE.DEMAND]!;
  }
  return sum;
}

/**
 * What a guest that stops in the middle of a tick leaves unused goes back to its host.
 *
 * To be called before the machine is settled.
 */
export function releaseVcpus(
  numbers: Float64Array,
  places: VcpuPlaces,
  plan: VcpuPlan,
  host: HostCpu,
  nowMs: number,
): void {
  const span = numbers[SPAN_MS]!;
  if (span === 0) return;
  for (const group of plan.groups) {
    let growth = 0;
    const grown = (counter: number): number => numbers[counter + places.counterCount]!;
    if (group.emulator) growth += grown(places.guest.counters + GUEST_CPU.EMULATOR_RUN);
    for (const vcpu of group.vcpus) {
      const { counters } = places.vcpus[vcpu]!;
      growth += grown(counters + VCPU.RUN) + grown(counters + VCPU.POLL);
    }
    host.giveBack(group.pool, Math.round(growth / span), nowMs);
  }
}
