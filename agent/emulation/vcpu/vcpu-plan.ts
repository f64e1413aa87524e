import { quotaLimit, type SlicePolicy } from './cfs.ts';
import { stepsToCeiling } from './halt-poll.ts';
import type { HostCpu } from './host-cpu.ts';
import { type PauseLoop, pauseLoopOf } from './spin.ts';
import { type CputuneConfig, FULL, type HaltPollConfig } from './vcpu-config.ts';

/** The threads of a guest that may run on the same pCPUs: one claim on the host. */
export interface ThreadGroup {
  readonly pool: number;
  /** vCPU numbers, ascending. */
  readonly vcpus: readonly number[];
  /** Whether the emulator's and vhost's threads are among them. */
  readonly emulator: boolean;
  /** A whole number above 0. */
  readonly weight: number;
}

/** How the vCPUs of one guest are scheduled: made once when it starts, and again when its tuning changes. */
export interface VcpuPlan {
  readonly groups: readonly ThreadGroup[];
  /** Most that one vCPU may run, in ns per ms. */
  readonly limit: number;
  /** Period of CFS bandwidth control in ms; 0 without a quota. */
  readonly periodMs: number;
  readonly slices: SlicePolicy;
  /** The pause-loop detector; `undefined` when spinning never exits. */
  readonly pauseLoop: PauseLoop | undefined;
  readonly haltPoll: HaltPollConfig;
  /** Short halts in a row until the polling window is as long as it gets; see {@link stepsToCeiling}. */
  readonly pollSteps: number;
  /** Host CPU time of an exit in ns. */
  readonly exitNs: number;
  /** Host timer interrupts per second of run time. */
  readonly tickHz: number;
}

/** The plan of a guest under KVM, whose vCPUs are threads of CFS. */
export function planKvm(host: HostCpu, tuning: CputuneConfig, vcpus: number): VcpuPlan {
  const { config } = host;
  const hasQuota = tuning.quotaUs >= 0;
  return {
    groups: groupThreads(host, tuning.shares, vcpus, tuning.vcpupin, tuning.emulatorpin),
    limit: quotaLimit(tuning.quotaUs, tuning.periodUs),
    periodMs: hasQuota ? tuning.periodUs / 1000 : 0,
    slices: host.slices,
    pauseLoop: pauseLoopOf(config.pauseLoop, config.mhz),
    haltPoll: config.haltPoll,
    pollSteps: stepsToCeiling(config.haltPoll),
    exitNs: config.exitNs,
    tickHz: config.tickHz,
  };
}

/** The plan of a guest whose vCPUs another scheduler than CFS runs, without KVM's features. */
export function planPlain(
  host: HostCpu,
  weight: number,
  vcpus: number,
  limit: number,
  slices: SlicePolicy,
): VcpuPlan {
  return {
    groups: groupThreads(host, weight, vcpus),
    limit: Math.min(FULL, limit),
    periodMs: 0,
    slices,
    pauseLoop: undefined,
    haltPoll: { ...host.config.haltPoll, haltPollNs: 0 },
    pollSteps: 0,
    exitNs: host.config.exitNs,
    tickHz: host.config.tickHz,
  };
}

/**
 * One group for each pool. The guest's weight is its own whatever its size, as a cgroup's is, and is dealt out
 * to its groups by the number of their threads.
 */
function groupThreads(
  host: HostCpu,
  weight: number,
  vcpus: number,
  vcpupin: CputuneConfig['vcpupin'] = [],
  emulatorpin?: readonly number[],
): ThreadGroup[] {
  const pools = Array.from({ length: vcpus }, (_, vcpu) => host.pool(vcpupin[vcpu]));
  const emulatorPool = host.pool(emulatorpin);
  return [...new Set([...pools, emulatorPool])].map((pool) => {
    const members = pools.flatMap((each, vcpu) => (each === pool ? [vcpu] : []));
    const emulator = pool === emulatorPool;
    const isAll = members.length === vcpus;
    const share = isAll ? 1 : Math.max(1, members.length) / Math.max(1, vcpus);
    return { pool, vcpus: members, emulator, weight: Math.max(1, Math.round(weight * share)) };
  });
}
