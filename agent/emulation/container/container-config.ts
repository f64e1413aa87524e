import { FULL } from '../vcpu/vcpu-config.ts';

/** Which cgroups a host has: version 1 with RHEL 6's controllers, or version 2. */
export type CgroupProfile = 'rhel6' | 'modern';

/** Limits of a container by cgroup v2's names; bytes. Infinity is the kernel's `max`. */
export interface MemoryLimits {
  /** `memory.min`: never reclaimed for the host. 0 without cgroup v2. */
  readonly min: number;
  /** `memory.low`: reclaimed for the host last. With cgroup v1 the soft limit, without events. */
  readonly low: number;
  /** `memory.high`: above it the container is slowed down and reclaimed, never killed. None with cgroup v1. */
  readonly high: number;
  /** `memory.max`, `memory.limit_in_bytes`. */
  readonly max: number;
  /** `memory.swap.max`; with cgroup v1 `memory.memsw.limit_in_bytes` less the memory limit. */
  readonly swapMax: number;
  /** `memory.oom.group`: an OOM kill ends the whole container. */
  readonly oomGroup: boolean;
}

/** `<cputune>` of a container: its quota is for all its processes together. */
export interface CpuLimits {
  /** `<shares>`: `cpu.weight` (1 to 10000) or `cpu.shares` (2 to 262144), a whole number. */
  readonly shares: number;
  /** `<period>` in us, 1000 to 1000000. */
  readonly periodUs: number;
  /** `<quota>` in us for each period; negative for none. */
  readonly quotaUs: number;
}

/** The limits of one container. */
export interface ContainerLimits {
  readonly cpu: CpuLimits;
  readonly memory: MemoryLimits;
  /** `pids.max`; Infinity for none. RHEL 6 has no such controller. */
  readonly pidsMax: number;
}

/** What the processes of a container are like, apart from how busy they are. */
export interface ContainerNature {
  /** Bytes that its kernel objects take: stacks, page tables and slabs. */
  readonly kernelBytes: number;
  /** Bytes per second that its processes can newly touch. */
  readonly growthBytesPerSecond: number;
  /** Bytes per second that it reads into the page cache. */
  readonly cacheBytesPerSecond: number;
  /** Share of its memory that the largest process has, above 0 and at most 1: what an OOM kill frees. */
  readonly largestProcessShare: number;
}

/** What a container has unless told otherwise; the kernel's own defaults, by era. */
export const LIMIT_DEFAULTS: Readonly<Record<CgroupProfile, ContainerLimits>> = {
  rhel6: {
    cpu: { shares: 1024, periodUs: 100_000, quotaUs: -1 },
    memory: {
      min: 0,
      low: 0,
      high: Number.POSITIVE_INFINITY,
      max: Number.POSITIVE_INFINITY,
      swapMax: Number.POSITIVE_INFINITY,
      oomGroup: false,
    },
    pidsMax: Number.POSITIVE_INFINITY,
  },
  modern: {
    cpu: { shares: 100, periodUs: 100_000, quotaUs: -1 },
    memory: {
      min: 0,
      low: 0,
      high: Number.POSITIVE_INFINITY,
      max: Number.POSITIVE_INFINITY,
      swapMax: Number.POSITIVE_INFINITY,
      oomGroup: false,
    },
    pidsMax: Number.POSITIVE_INFINITY,
  },
};

/** An ordinary system container; parameters of the model, not measurements. */
export const NATURE_DEFAULTS: ContainerNature = {
  kernelBytes: 8 * 2 ** 20,
  growthBytesPerSecond: 256 * 2 ** 20,
  cacheBytesPerSecond: 32 * 2 ** 20,
  largestProcessShare: 0.5,
};

/** A container compiled for its host: made at its start, and again when a live edit changes its limits. */
export interface ContainerPlan {
  readonly profile: CgroupProfile;
  readonly limits: ContainerLimits;
  readonly nature: ContainerNature;
  /** CPUs that it may use, 1 or more. */
  readonly cpus: number;
  /** Most that it may run, in ns per ms. */
  readonly cpuLimit: number;
  /** Period of its quota in ms; 0 without one. */
  readonly periodMs: number;
}

/** Compiles a container; limits that its era does not have are taken away. */
export function planContainer(
  profile: CgroupProfile,
  limits: ContainerLimits,
  nature: ContainerNature,
  cpus: number,
): ContainerPlan {
  const { quotaUs, periodUs } = limits.cpu;
  const most = cpus * FULL;
  const none = LIMIT_DEFAULTS.rhel6;
  const { min, high } = none.memory;
  const kept: ContainerLimits =
    profile === 'modern'
      ? limits
      : { ...limits, memory: { ...limits.memory, min, high, oomGroup: false }, pidsMax: none.pidsMax };
  return {
    profile,
    limits: kept,
    nature,
    cpus,
    cpuLimit: quotaUs < 0 ? most : Math.min(most, Math.floor((quotaUs * FULL) / periodUs)),
    periodMs: quotaUs < 0 ? 0 : periodUs / 1000,
  };
}
