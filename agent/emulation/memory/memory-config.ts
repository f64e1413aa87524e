import type { Placement } from '../numa/placement.ts';

/** KiB of a page: the balloon's unit is always 4096 bytes (virtio specification, balloon device). */
export const PAGE_KIB = 4;

/** Where a guest's memory on the host comes from. */
export const BACKINGS = ['anonymous', 'locked', 'hugepages', 'xen'] as const;
/**
 * anonymous: page by page on first use, can be swapped; locked: all at start (`<memoryBacking><locked/>`);
 * hugepages: all at start from a pool (`<memoryBacking><hugepages/>`); xen: all at start, by the hypervisor.
 */
export type Backing = (typeof BACKINGS)[number];

/** Which huge pages back a guest. */
export interface HugePageBacking {
  /** Size of one huge page in KiB: 2048 or 1048576 on x86_64. */
  readonly sizeKiB: number;
  /** Nodes that the pool may take from, the wanted ones first. */
  readonly nodeset: readonly number[];
}

/** The balloon device of a guest and the driver that its system has for it. */
export interface BalloonConfig {
  /** `<memballoon model=>`; virtio-mem: a memory device is resized instead. */
  readonly model: 'virtio' | 'xen' | 'virtio-mem' | 'none';
  /** Pages that one request moves, for virtio-mem: a block. */
  readonly blockPages?: number;
  /** Whether the guest's system has a driver. */
  readonly driver: boolean;
  /** `<memballoon autodeflate='on'>`: VIRTIO_BALLOON_F_DEFLATE_ON_OOM. */
  readonly autodeflate: boolean;
  /** `<memballoon freePageReporting='on'>`: VIRTIO_BALLOON_F_PAGE_REPORTING. */
  readonly freePageReporting: boolean;
  /** `<stats period=>` in seconds; 0 = the guest is never asked. */
  readonly statsPeriodSeconds: number;
  /** How many of the statistics' tags the host gets from the guest, from SWAP_IN on: 0, 6 or 10. */
  readonly tags: 0 | 6 | 10;
  /** The driver counts all faults as minor ones (RHEL 6 fills MINFLT with PGFAULT). */
  readonly minorCountsAll: boolean;
}

/** Memory of one guest, compiled for its host; pages of 4 KiB throughout. */
export interface GuestMemory {
  /** `<memory>`. */
  readonly maximumPages: number;
  readonly backing: Backing;
  readonly hugePages?: HugePageBacking;
  readonly balloon: BalloonConfig;
  /** What the emulator process needs beside the guest's memory. */
  readonly emulatorPages: number;
  /** Kernel text, tables and slabs of the guest: neither free nor to be reclaimed. */
  readonly kernelPages: number;
  /** Below this many free pages the guest gives no page to balloon or cache. */
  readonly watermarkPages: number;
  /** File cache that reclaim leaves alone. */
  readonly cacheFloorPages: number;
  /** File cache that the guest's work needs to run without reading files again. */
  readonly cacheWantPages: number;
  /** Size of the guest's swap device. */
  readonly swapPages: number;
  /** Huge pages of 2 MiB that the guest's kernel sets aside at boot, in pages of 4 KiB. */
  readonly guestHugePages: number;
  /** The guest's kernel panics instead of killing a process (vm.panic_on_oom). */
  readonly panicOnOom: boolean;
  /** Merged by KSM: the content that the guest shares with others, and how much of its memory it is (0 to 1). */
  readonly ksm?: { readonly content: string; readonly share: number };
  /** One policy for each guest cell, or one for all. */
  readonly placements: readonly Placement[];
  /** Share of the guest's memory that each placement has, summed up: the last is 1. */
  readonly placementShares: readonly number[];
  /** vCPU time share that waits for memory: see the NUMA slowdown. */
  readonly memoryBoundShare: number;
}

/** Rates and sizes of the memory model: the same for all guests of a host. */
export interface MemoryRates {
  /** Balloon requests (of 256 pages, or of 512 for Xen) that a guest's driver does per second. */
  readonly balloonRequestsPerSecond: number;
  /** Pages that a guest's processes can newly touch per second. */
  readonly growthPagesPerSecond: number;
  /** Pages that a guest's swap device moves per second, both ways together. */
  readonly guestSwapPagesPerSecond: number;
  /** Pages that the host's swap device takes per second. */
  readonly hostSwapPagesPerSecond: number;
  /** Waiting for one page from swap, in ms. */
  readonly swapLatencyMs: number;
  /** Share of its processes' memory that a guest uses again and again, 0 to 1. */
  readonly hotShare: number;
  /** A vCPU that is fully busy uses all hot memory once in so many seconds. */
  readonly reuseSeconds: number;
  /** Minor faults per second of a busy vCPU. */
  readonly minorFaultsPerSecond: number;
  /** Faults on file pages per second of a busy vCPU that miss when there is no cache at all. */
  readonly fileFaultsPerSecond: number;
  /** Pages that free page reporting hands over per second. */
  readonly reportPagesPerSecond: number;
}

/** Memory of a host. */
export interface HostMemoryConfig {
  /** Memory of each NUMA node, in KiB. */
  readonly nodesKiB: readonly number[];
  /** SLIT; local 10 and remote 20 when absent. */
  readonly distances?: readonly (readonly number[])[];
  /** What the host's own system uses, spread over its nodes, in KiB. */
  readonly hostUseKiB: number;
  readonly swapKiB: number;
  /** Huge page pools: pages of each size on each node. */
  readonly hugePages: readonly { readonly sizeKiB: number; readonly perNode: readonly number[] }[];
  readonly rates: MemoryRates;
  /** Share of each node that stays free for the kernel itself, 0 to 1. */
  readonly reserveShare: number;
}

/**
 * Defaults by era.
 *
 * Tags: RHEL 6 guests send SWAP_IN to MEMTOT, but RHEL 6's emulator was built without statistics (bz 623903),
 * so its host gets none (emulation facts, section 3.1). The rates are parameters of the model, not
 * measurements.
 */
export const DEFAULTS = {
  rhel6: { hostTags: 0, guestTags: 6, minorCountsAll: true },
  modern: { hostTags: 10, guestTags: 10, minorCountsAll: false },
} as const;

/** Rates that a host has unless told otherwise: an ordinary disk for swap, a driver that is not in a hurry. */
export const DEFAULT_RATES: MemoryRates = {
  balloonRequestsPerSecond: 1000,
  growthPagesPerSecond: 131_072,
  guestSwapPagesPerSecond: 12_800,
  hostSwapPagesPerSecond: 25_600,
  swapLatencyMs: 5,
  hotShare: 0.6,
  reuseSeconds: 10,
  minorFaultsPerSecond: 800,
  fileFaultsPerSecond: 200,
  reportPagesPerSecond: 262_144,
};
