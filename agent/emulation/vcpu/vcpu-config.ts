/** ns of CPU time per ms: what one pCPU has to give, and the most that one vCPU can use. */
export const FULL = 1_000_000;

/** Which era's kernel a host runs. */
export type KernelProfile = 'rhel6' | 'modern';

/** How a pCPU notices that a vCPU spins: VMX pause-loop exiting, the SVM pause filter, or not at all. */
export type PauseHardware = 'ple' | 'pause-filter' | 'none';

/** The module parameters of kvm_intel or kvm_amd that decide when a spinning vCPU exits. */
export interface PauseLoopConfig {
  readonly hardware: PauseHardware;
  /** `ple_gap` in TSC cycles; 0 switches pause-loop exiting off. */
  readonly pleGap: number;
  /** `ple_window` in TSC cycles. */
  readonly pleWindow: number;
  /** `ple_window_grow`; 0 keeps the window as it is. */
  readonly pleWindowGrow: number;
  /** `ple_window_shrink`; 0 and 1 go back to the base when the vCPU is scheduled in. */
  readonly pleWindowShrink: number;
  /** `ple_window_max` in TSC cycles. */
  readonly pleWindowMax: number;
  /** `pause_filter_count`, PAUSE instructions; 0 switches the filter off. */
  readonly pauseFilterCount: number;
  /** `pause_filter_count_grow`; 0 keeps the count as it is. */
  readonly pauseFilterCountGrow: number;
  /** `pause_filter_count_shrink`; 0 and 1 go back to the base when the vCPU is scheduled in. */
  readonly pauseFilterCountShrink: number;
  /** `pause_filter_count_max`, PAUSE instructions. */
  readonly pauseFilterCountMax: number;
  /** TSC cycles from one PAUSE to the next in a guest's spin loop. */
  readonly pauseCycles: number;
  /** What the exit handler does: yield to a preempted sibling, or sleep as before Linux 2.6.39. */
  readonly onExit: 'directed-yield' | 'sleep';
}

/** CFS's base tunables in ns, before they are scaled by the number of CPUs. */
export interface CfsConfig {
  /** `sched_latency_ns`. */
  readonly latencyNs: number;
  /** `sched_min_granularity_ns`. */
  readonly minGranularityNs: number;
  /** Runnable tasks on one CPU up to which the latency is kept. */
  readonly nrLatency: number;
}

/** kvm's halt polling. */
export interface HaltPollConfig {
  /** `halt_poll_ns`, the ceiling; 0 switches polling off. */
  readonly haltPollNs: number;
  /** `halt_poll_ns_grow`. */
  readonly haltPollNsGrow: number;
  /** `halt_poll_ns_grow_start`. */
  readonly haltPollNsGrowStart: number;
}

/** What differs between the kernels of two eras. */
export interface HostKernelConfig {
  readonly cfs: CfsConfig;
  readonly pauseLoop: PauseLoopConfig;
  readonly haltPoll: HaltPollConfig;
  /** Timer interrupts of the host per second on a busy pCPU (CONFIG_HZ). */
  readonly tickHz: number;
  /** Host CPU time of one VM exit in ns. */
  readonly exitNs: number;
}

/** A host's processors and its kernel. */
export interface HostCpuConfig extends HostKernelConfig {
  /** 1 or more. */
  readonly sockets: number;
  /** Cores of a socket, 1 or more. */
  readonly cores: number;
  /** Threads of a core, 1 or more; each is a pCPU. */
  readonly threads: number;
  /** NUMA nodes, of which each has the same number of pCPUs, side by side. */
  readonly nodes: number;
  /** TSC rate in MHz. */
  readonly mhz: number;
}

const PAUSE_LOOP: PauseLoopConfig = {
  hardware: 'ple',
  pleGap: 128,
  pleWindow: 4096,
  pleWindowGrow: 2,
  pleWindowShrink: 0,
  pleWindowMax: 0xffff_ffff,
  pauseFilterCount: 3000,
  pauseFilterCountGrow: 2,
  pauseFilterCountShrink: 0,
  pauseFilterCountMax: 65_535,
  pauseCycles: 10,
  onExit: 'directed-yield',
};

/** The kernel's own defaults, by era: Linux 2.6.32 of RHEL 6, and Linux 5.15. */
export const KERNEL_DEFAULTS: Readonly<Record<KernelProfile, HostKernelConfig>> = {
  rhel6: {
    cfs: { latencyNs: 5_000_000, minGranularityNs: 1_000_000, nrLatency: 5 },
    // The pause filter's count is fixed in this kernel, and the window's maximum is INT_MAX / grow.
    pauseLoop: {
      ...PAUSE_LOOP,
      pleWindowMax: 0x3fff_ffff,
      pauseFilterCountGrow: 0,
      pauseFilterCountMax: 3000,
    },
    haltPoll: { haltPollNs: 0, haltPollNsGrow: 2, haltPollNsGrowStart: 10_000 },
    tickHz: 1000,
    exitNs: 1000,
  },
  modern: {
    cfs: { latencyNs: 6_000_000, minGranularityNs: 750_000, nrLatency: 8 },
    pauseLoop: PAUSE_LOOP,
    haltPoll: { haltPollNs: 200_000, haltPollNsGrow: 2, haltPollNsGrowStart: 10_000 },
    tickHz: 250,
    exitNs: 1000,
  },
};

/** A two-socket host of the era. */
export const HOST_CPU_DEFAULTS: Readonly<Record<KernelProfile, HostCpuConfig>> = {
  rhel6: { ...KERNEL_DEFAULTS.rhel6, sockets: 2, cores: 8, threads: 1, nodes: 2, mhz: 2270 },
  modern: { ...KERNEL_DEFAULTS.modern, sockets: 2, cores: 16, threads: 2, nodes: 2, mhz: 2600 },
};

/** `<cputune>` and the pinning of a guest under CFS. */
export interface CputuneConfig {
  /** `<shares>`, 2 to 262144: the weight of the whole guest. */
  readonly shares: number;
  /** `<period>` in us, 1000 to 1000000. */
  readonly periodUs: number;
  /** `<quota>` in us for each vCPU, 1000 or more; negative for none. */
  readonly quotaUs: number;
  /** `<vcpupin>`: the pCPUs of vCPU n; one that is not given runs anywhere. */
  readonly vcpupin?: readonly (readonly number[] | undefined)[];
  /** `<emulatorpin>`: the pCPUs of the emulator's and vhost's threads. */
  readonly emulatorpin?: readonly number[];
}

/** What libvirt and the kernel take when a definition has no `<cputune>`. */
export const CPUTUNE_DEFAULTS: CputuneConfig = { shares: 1024, periodUs: 100_000, quotaUs: -1 };

/** What a guest's programs do with its vCPUs, apart from how much. */
export interface WorkConfig {
  /** Share of useful run time in which a vCPU holds a contended kernel lock, 0 to 1. */
  readonly lockShare: number;
  /** Timers and interrupts that end a halt, per second and vCPU. */
  readonly wakeupsPerSecond: number;
  /** How unequally the vCPUs are loaded from one tick to the next, 0 (equal) to 1. */
  readonly imbalance: number;
}

/** Kinds of work with the lock shares that give the published effects of pause-loop exiting. */
export const WORK_PROFILES = {
  /** Computes, and takes no lock. */
  compute: { lockShare: 0, wakeupsPerSecond: 50, imbalance: 0.2 },
  /** A kernel build: some contention in the file system and memory management. */
  build: { lockShare: 0.008, wakeupsPerSecond: 400, imbalance: 0.3 },
  /** A server: waits for requests. */
  server: { lockShare: 0.004, wakeupsPerSecond: 1000, imbalance: 0.3 },
  /** Threads that fight for the locks of one address space, as ebizzy's do. */
  contended: { lockShare: 0.1, wakeupsPerSecond: 400, imbalance: 0.1 },
} as const satisfies Record<string, WorkConfig>;
