import type { Part } from '../machine/layout.ts';
import { type Machine, readCounter } from '../machine/machine.ts';
import { NUMA_DEFAULTS } from '../numa/numa-config.ts';
import { remoteShare, slowdown } from '../numa/slowdown.ts';
import { pagesAfter, VIRTIO_REQUEST_PAGES, XEN_REQUEST_PAGES } from './balloon.ts';
import { COUNTER, STATE } from './guest-memory-layout.ts';
import { type GuestMemory, PAGE_KIB } from './memory-config.ts';

/** libvirt's balloon statistics, in the order of the virtio tags. */
export const BALLOON_STATISTICS = [
  'swap_in',
  'swap_out',
  'major_fault',
  'minor_fault',
  'unused',
  'available',
  'usable',
  'disk_caches',
  'hugetlb_pgalloc',
  'hugetlb_pgfail',
] as const;
/** A name of {@link BALLOON_STATISTICS}. */
export type BalloonStatistic = (typeof BALLOON_STATISTICS)[number];

/** Statistics that count; the others are KiB. */
const COUNTS: ReadonlySet<BalloonStatistic> = new Set([
  'major_fault',
  'minor_fault',
  'hugetlb_pgalloc',
  'hugetlb_pgfail',
]);

/** Pages that one request of the guest's balloon moves. */
export function requestPages(guest: GuestMemory): number {
  const { model, blockPages } = guest.balloon;
  return blockPages ?? (model === 'xen' ? XEN_REQUEST_PAGES : VIRTIO_REQUEST_PAGES);
}

/** Pages in the balloon (virtio's `actual`) at an instant: it moves a request at a time. */
export function actualPages(machine: Machine, part: Part, guest: GuestMemory, nowMs: number): number {
  const { numbers } = machine;
  const { state } = part;
  const actual = numbers[state + STATE.ACTUAL]!;
  const plan = numbers[state + STATE.PLAN]!;
  if (plan === 0) return actual;
  const [counter, base] =
    plan > 0 ? [COUNTER.INFLATE_REQUESTS, STATE.BASE_IN] : [COUNTER.DEFLATE_REQUESTS, STATE.BASE_OUT];
  const done = readCounter(machine, part.counters + counter, nowMs) - numbers[state + base]!;
  return actual + Math.sign(plan) * pagesAfter(done, Math.abs(plan), requestPages(guest));
}

/** The host's wish in pages (virtio's `num_pages`). */
export function targetPages(machine: Machine, part: Part): number {
  return machine.numbers[part.state + STATE.TARGET]!;
}

/** Memory that the guest has, in KiB (libvirt's balloon.current): maximum - 4 KiB * actual. */
export function currentKiB(machine: Machine, part: Part, guest: GuestMemory, nowMs: number): number {
  return PAGE_KIB * (guest.maximumPages - actualPages(machine, part, guest, nowMs));
}

/** The guest's memory as its own kernel sees it, in pages: the first four add up to `total`. */
export interface GuestPages {
  readonly kernel: number;
  /** Resident memory of the guest's processes. */
  readonly processes: number;
  readonly cache: number;
  readonly free: number;
  /** maximum - actual. */
  readonly total: number;
  /** In the guest's swap. */
  readonly swapped: number;
}

/** The guest's memory at an instant, as its own kernel sees it. */
export function guestPages(machine: Machine, part: Part, guest: GuestMemory, nowMs: number): GuestPages {
  const { numbers } = machine;
  const { state } = part;
  const swapped =
    readCounter(machine, part.counters + COUNTER.SWAP_OUT, nowMs) -
    readCounter(machine, part.counters + COUNTER.SWAP_IN, nowMs) -
    numbers[state + STATE.SWAP_FREED]!;
  const total = guest.maximumPages - actualPages(machine, part, guest, nowMs);
  const kernel = guest.kernelPages + numbers[state + STATE.HUGE_ALLOCATED]!;
  const processes = numbers[state + STATE.ANON]! - swapped;
  const cache = numbers[state + STATE.CACHE]!;
  return { kernel, processes, cache, free: total - kernel - processes - cache, total, swapped };
}

/**
 * A statistic that the guest's driver last sent: KiB, or a count for faults and huge pages.
 *
 * `undefined` while the guest reports nothing: no device, no driver, period 0, or an era without it.
 */
export function readBalloonStatistic(
  machine: Machine,
  part: Part,
  guest: GuestMemory,
  name: BalloonStatistic,
): number | undefined {
  const { numbers } = machine;
  const tag = BALLOON_STATISTICS.indexOf(name);
  if (numbers[part.state + STATE.LAST_UPDATE_MS]! < 0 || tag >= guest.balloon.tags) return undefined;
  const value = numbers[part.state + STATE.POLLED + tag]!;
  return COUNTS.has(name) ? value : value * PAGE_KIB;
}

/** When the guest last sent statistics, in simulated ms; `undefined` when it never did. */
export function lastUpdateMs(machine: Machine, part: Part): number | undefined {
  const at = machine.numbers[part.state + STATE.LAST_UPDATE_MS]!;
  return at < 0 ? undefined : at;
}

/**
 * Resident memory of the emulator process in KiB (balloon.rss).
 *
 * Linux counts pages that KSM merged in each process, and huge pages of a pool in none.
 */
export function rssKiB(machine: Machine, part: Part): number {
  const { numbers } = machine;
  return PAGE_KIB * (numbers[part.state + STATE.RESIDENT]! + numbers[part.state + STATE.MERGED]!);
}

/** Things that happened to a guest's memory since its emulator process started: those that are read at any instant. */
export const MEMORY_COUNTERS = {
  /** Requests that the balloon driver sent: pages to the host, pages back, and tries that found no page. */
  inflateRequests: COUNTER.INFLATE_REQUESTS,
  deflateRequests: COUNTER.DEFLATE_REQUESTS,
  balloonRetries: COUNTER.BALLOON_RETRIES,
} as const;

/** Those that are read as of the latest tick. */
export const MEMORY_EVENTS = {
  /** Processes that the guest's kernel killed for want of memory. */
  oomKills: STATE.OOM_KILLS,
  /** Pages that free page reporting gave to the host. */
  reportedPages: STATE.REPORTED,
  /** Pages of the guest that the host swapped, in each direction and now. */
  hostSwapIns: STATE.HOST_SWAP_INS,
  hostSwapOuts: STATE.HOST_SWAP_OUTS,
  hostSwappedPages: STATE.HOST_SWAPPED,
  /** Pages that KSM holds for the guest. */
  mergedPages: STATE.MERGED,
} as const;

/** Pages of 4 KiB that a host node holds for the guest, huge pages included; what KSM merged is not among them. */
export function pagesOnNode(machine: Machine, part: Part, node: number, nodeCount: number): number {
  const at = part.state + STATE.NODES + node;
  return machine.numbers[at]! + machine.numbers[at + nodeCount]!;
}

/** Share of a vCPU's time that waited for pages from swap in the present tick, 0 to 0.95. */
export function stallShare(machine: Machine, part: Part): number {
  return machine.numbers[part.state + STATE.STALL]!;
}

/** How much longer the guest's work takes for its memory on other nodes: 1 or more. */
export function memorySlowdown(machine: Machine, part: Part, guest: GuestMemory, nodeCount: number): number {
  if (nodeCount === 1 || guest.memoryBoundShare === 0) return 1;
  const { cpuNodes } = guest.placements[0]!;
  const nodes = part.state + STATE.NODES + (guest.backing === 'hugepages' ? nodeCount : 0);
  const remote = remoteShare(machine.numbers, nodes, nodeCount, cpuNodes);
  return slowdown(guest.memoryBoundShare, remote, NUMA_DEFAULTS.remoteLatencyRatio);
}
