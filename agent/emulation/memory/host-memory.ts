import { NUMA_DEFAULTS } from '../numa/numa-config.ts';
import { NumaNodes, type NumaSnapshot } from '../numa/numa-nodes.ts';
import type { Placement } from '../numa/placement.ts';
import { PlacementBoard } from '../numa/placement-board.ts';
import type { MemoryConsequence } from './consequence.ts';
import { HugePagePools } from './huge-page-pools.ts';
import { Ksm, type KsmConfig, type KsmSnapshot } from './ksm.ts';
import { type HostMemoryConfig, type MemoryRates, PAGE_KIB } from './memory-config.ts';

/** How short of memory a host is. */
export const PRESSURE_LEVELS = ['none', 'low', 'medium', 'critical'] as const;
/** A name of {@link PRESSURE_LEVELS}. */
export type PressureLevel = (typeof PRESSURE_LEVELS)[number];

/** Free share of memory below which each level begins. */
const PRESSURE_BELOW = { low: 0.2, medium: 0.1, critical: 0.03 };
/** The host swaps below twice the reserve and stops at three times, as Linux's low and high watermarks. */
const LOW_WATERMARK = 2;
const HIGH_WATERMARK = 3;
/** Pages that the kernel swaps at a time (SWAP_CLUSTER_MAX): a device with fewer free is full. */
const SWAP_CLUSTER = 32;

/** Memory of a host at an instant, in pages of 4 KiB. */
export interface HostPages {
  /** All memory: host use + huge page pools + guests + kept KSM copies + free. */
  readonly total: number;
  readonly hostUse: number;
  /** Pages of all pools, used or not. */
  readonly hugePool: number;
  readonly free: number;
  readonly swapTotal: number;
  readonly swapFree: number;
}

/** What {@link HostMemory.restore} takes back. */
export interface HostMemorySnapshot {
  readonly nodes: NumaSnapshot;
  readonly huge: ReadonlyMap<number, readonly number[]>;
  readonly ksm: KsmSnapshot;
  readonly swapFree: number;
  readonly swapIns: number;
  readonly swapOuts: number;
  readonly oomKills: number;
  readonly grown: Float64Array;
}

/**
 * Memory of one host: NUMA nodes, swap, huge page pools and KSM, and who gets what in a tick.
 *
 * A tick: `beginTick`, then every running guest's demand in any order, `share`, then every running guest's run
 * in any order. All in pages of 4 KiB.
 */
export class HostMemory {
  readonly rates: MemoryRates;
  readonly nodes: NumaNodes;
  readonly board: PlacementBoard;
  readonly huge: HugePagePools;
  readonly ksm: Ksm;
  readonly #hostUse: number;
  /** Pages on each node that processes of the host have taken beside that. */
  readonly #grown: Float64Array;
  readonly #hugePool: number;
  readonly #swapTotal: number;
  readonly #reserve: Float64Array;
  /** Pages of running guests that may be swapped, by node; and the share of them that goes in this tick. */
  readonly #swappable: Float64Array;
  readonly #outShare: Float64Array;
  /** Parts that {@link #swappable} is the sum of: each is swapped in whole pages. */
  #parts = 0;
  /** The same of page cache of containers, which needs no swap. */
  readonly #droppable: Float64Array;
  readonly #dropShare: Float64Array;
  /** Pages that each node is short of and that no cache makes up for. */
  readonly #goals: Float64Array;
  #largest: Candidate[] = [];
  /** Free pages of the swap device. */
  swapFree: number;
  /** Pages that came from the swap device, and went to it, since the host started (pswpin, pswpout). */
  swapIns = 0;
  swapOuts = 0;
  /** Emulator processes that the host's kernel killed. */
  oomKills = 0;

  constructor(config: HostMemoryConfig, ksm: KsmConfig) {
    const count = config.nodesKiB.length;
    const total = config.nodesKiB.map((kib) => Math.floor(kib / PAGE_KIB));
    this.rates = config.rates;
    this.nodes = new NumaNodes(total, config.distances ?? defaultDistances(count));
    this.board = new PlacementBoard(this.nodes);
    this.huge = new HugePagePools(config.hugePages);
    this.ksm = new Ksm(ksm, count);
    const pool = total.map((_, node) =>
      config.hugePages.reduce((sum, { sizeKiB, perNode }) => sum + (perNode[node]! * sizeKiB) / PAGE_KIB, 0),
    );
    const use = Math.floor(config.hostUseKiB / PAGE_KIB);
    total.forEach((_, node) => {
      const share = Math.floor(use / count) + (node < use % count ? 1 : 0);
      this.nodes.free[node]! -= share + pool[node]!;
    });
    this.#hostUse = use;
    this.#grown = new Float64Array(count);
    this.#hugePool = pool.reduce((sum, pages) => sum + pages, 0);
    this.#swapTotal = Math.floor(config.swapKiB / PAGE_KIB);
    this.swapFree = this.#swapTotal;
    this.#reserve = Float64Array.from(total, (pages) => Math.floor(pages * config.reserveShare));
    this.#swappable = new Float64Array(count);
    this.#outShare = new Float64Array(count);
    this.#droppable = new Float64Array(count);
    this.#dropShare = new Float64Array(count);
    this.#goals = new Float64Array(count);
  }

  /** Memory of the host at this instant. */
  get pages(): HostPages {
    return {
      total: this.nodes.total.reduce((sum, pages) => sum + pages, 0),
      hostUse: this.#hostUse + this.#grown.reduce((sum, pages) => sum + pages, 0),
      hugePool: this.#hugePool,
      free: this.nodes.freePages,
      swapTotal: this.#swapTotal,
      swapFree: this.swapFree,
    };
  }

  /** Share of the memory that is free, 0 to 1. */
  get freeShare(): number {
    const { total, free } = this.pages;
    return free / total;
  }

  /** How short of memory the host is. */
  get pressure(): PressureLevel {
    const share = this.freeShare;
    if (share < PRESSURE_BELOW.critical) return 'critical';
    if (share < PRESSURE_BELOW.medium) return 'medium';
    return share < PRESSURE_BELOW.low ? 'low' : 'none';
  }

  /** Pages that nobody takes in the present tick and that the host need not keep to be out of want. */
  get sparePages(): number {
    let sum = 0;
    for (let node = 0; node < this.nodes.count; node++)
      sum += Math.max(0, Math.floor(this.board.leftOn(node) - (HIGH_WATERMARK - 1) * this.#reserve[node]!));
    return sum;
  }

  /** Pages of a node that stay free for the host's kernel. */
  reserveOn(node: number): number {
    return this.#reserve[node]!;
  }

  /**
   * Processes of the host itself take so many pages, as evenly as the nodes have them; returns how many they got.
   * What their kernel keeps for itself they do not get.
   */
  takeForHost(pages: number): number {
    let left = pages;
    for (let node = 0; node < this.nodes.count; node++) {
      const share = Math.ceil(left / (this.nodes.count - node));
      const got = Math.min(share, Math.max(0, this.nodes.free[node]! - this.#reserve[node]!));
      this.nodes.free[node]! -= got;
      this.#grown[node]! += got;
      left -= got;
    }
    return pages - left;
  }

  /** Processes of the host give back so many of the pages that they took. */
  giveFromHost(pages: number): void {
    let left = pages;
    for (let node = 0; node < this.nodes.count; node++) {
      const given = Math.min(left, this.#grown[node]!);
      this.#grown[node]! -= given;
      this.nodes.give(node, given);
      left -= given;
    }
  }

  /** Forgets what the last tick wanted. */
  beginTick(): void {
    this.board.clear();
    this.#swappable.fill(0);
    this.#parts = 0;
    this.#droppable.fill(0);
    this.#largest = [];
  }

  /** Tells of pages on a node that the host may swap. */
  addSwappable(node: number, pages: number): void {
    this.#swappable[node]! += pages;
    this.#parts++;
  }

  /** Tells of page cache on a node that the host may drop. */
  addDroppable(node: number, pages: number): void {
    this.#droppable[node]! += pages;
  }

  /** Tells of a guest that the host may kill; equal ones: the lowest number. */
  addCandidate(guest: number, pages: number, placement: Placement): void {
    const known = this.#largest[placement.id];
    if (known === undefined) {
      this.#largest[placement.id] = { guest, pages, placement };
    } else if (pages > known.pages || (pages === known.pages && guest < known.guest)) {
      known.guest = guest;
      known.pages = pages;
    }
  }

  /** Decides who gets what in the coming span, once every guest has said what it wants. */
  share(spanMs: number, consequences: MemoryConsequence[]): void {
    this.ksm.collect((node, pages) => this.nodes.give(node, pages));
    this.ksm.beginTick(spanMs);
    const unmet = this.board.share(this.#reserve);
    this.#planReclaim(spanMs, unmet);
    if (unmet > 0) this.#findVictim(consequences);
  }

  /** Pages of a guest's `resident` on a node that go to the host's swap in this tick. */
  swapsOut(node: number, resident: number): number {
    return Math.min(Math.floor(resident * this.#outShare[node]!), this.swapFree);
  }

  /** Pages of `cache` on a node that the host wants dropped. */
  drops(node: number, cache: number): number {
    return Math.floor(cache * this.#dropShare[node]!);
  }

  /** A copy of everything that changes from one tick to the next. */
  snapshot(): HostMemorySnapshot {
    const { swapFree, swapIns, swapOuts, oomKills } = this;
    return {
      nodes: this.nodes.snapshot(),
      huge: this.huge.snapshot(),
      ksm: this.ksm.snapshot(),
      swapFree,
      swapIns,
      swapOuts,
      oomKills,
      grown: this.#grown.slice(),
    };
  }

  /** Puts everything back as it was at the snapshot. */
  restore(snapshot: HostMemorySnapshot): void {
    this.nodes.restore(snapshot.nodes);
    this.huge.restore(snapshot.huge);
    this.ksm.restore(snapshot.ksm);
    this.swapFree = snapshot.swapFree;
    this.swapIns = snapshot.swapIns;
    this.swapOuts = snapshot.swapOuts;
    this.oomKills = snapshot.oomKills;
    this.#grown.set(snapshot.grown);
  }

  /** Nodes that are short of memory make room: page cache goes first, then as much as the swap device takes. */
  #planReclaim(spanMs: number, unmet: number): void {
    this.#outShare.fill(0);
    this.#dropShare.fill(0);
    const { count } = this.nodes;
    const goals = this.#goals;
    let all = 0;
    for (let node = 0; node < count; node++) {
      const goal = this.#goalOn(node, unmet);
      const droppable = this.#droppable[node]!;
      if (droppable > 0) this.#dropShare[node] = Math.min(1, goal / droppable);
      goals[node] = Math.max(0, goal - droppable);
      all += goals[node]!;
    }
    const most = Math.min(this.swapFree, (this.rates.hostSwapPagesPerSecond * spanMs) / 1000);
    if (most < 1 || all === 0 || this.swapFree < Math.max(SWAP_CLUSTER, this.#parts)) return;
    const scale = Math.min(1, most / all);
    for (let node = 0; node < count; node++) {
      const swappable = this.#swappable[node]!;
      if (swappable > 0) this.#outShare[node] = Math.min(1, (goals[node]! * scale) / swappable);
    }
  }

  #goalOn(node: number, unmet: number): number {
    const left = this.board.leftOn(node);
    const reserve = this.#reserve[node]!;
    if (left >= (LOW_WATERMARK - 1) * reserve && (unmet === 0 || left > 0)) return 0;
    return (HIGH_WATERMARK - 1) * reserve - left + this.board.unmetOn(node);
  }

  /** Kills one guest when a policy gets less than it wants and nothing of its nodes can be dropped or swapped. */
  #findVictim(consequences: MemoryConsequence[]): void {
    let victim: Candidate | undefined;
    let constrained = false;
    for (const candidate of this.#largest) {
      if (candidate === undefined || this.board.unmet(candidate.placement) === 0) continue;
      const { allowed } = candidate.placement;
      if (allowed.some((node) => this.#outShare[node]! > 0 || this.#dropShare[node]! > 0)) continue;
      const bound = allowed.length < this.nodes.count;
      const largest = bound ? candidate : this.#largestOfAll();
      if (victim !== undefined && victim.pages >= largest.pages) continue;
      victim = largest;
      constrained = bound;
    }
    if (victim === undefined) return;
    this.oomKills++;
    consequences.push({ kind: 'host-oom-kill', guest: victim.guest, constrained });
  }

  #largestOfAll(): Candidate {
    return this.#largest.reduce((best, one) =>
      one.pages > best.pages || (one.pages === best.pages && one.guest < best.guest) ? one : best,
    );
  }
}

interface Candidate {
  guest: number;
  pages: number;
  readonly placement: Placement;
}

function defaultDistances(count: number): readonly (readonly number[])[] {
  const { localDistance, remoteDistance } = NUMA_DEFAULTS;
  return Array.from({ length: count }, (_, from) =>
    Array.from({ length: count }, (_, to) => (from === to ? localDistance : remoteDistance)),
  );
}
