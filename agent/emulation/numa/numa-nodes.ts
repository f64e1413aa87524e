import { fields } from '../machine/layout.ts';
import type { Placement } from './placement.ts';

const COUNTERS = fields('HIT', 'MISS', 'FOREIGN', 'INTERLEAVE_HIT', 'LOCAL', 'OTHER');
const { HIT, MISS, FOREIGN, INTERLEAVE_HIT, LOCAL, OTHER } = COUNTERS;
const STRIDE = 6;

/** The allocation counters of a node, in pages, as Linux names them in numastat. */
export interface NumaCounters {
  /** Wanted here and got here. */
  readonly numaHit: number;
  /** Wanted elsewhere and got here. */
  readonly numaMiss: number;
  /** Wanted here and got elsewhere. */
  readonly numaForeign: number;
  /** Wanted here by an interleave policy and got here. */
  readonly interleaveHit: number;
  /** Got here by a CPU of this node. */
  readonly localNode: number;
  /** Got here by a CPU of another node. */
  readonly otherNode: number;
}

/** What {@link NumaNodes.restore} takes back. */
export interface NumaSnapshot {
  readonly free: Float64Array;
  readonly counters: Float64Array;
}

/**
 * The memory of a host's NUMA nodes, in pages of 4 KiB: what is free, and who got what from where.
 *
 * Huge pages are outside of it, as they are in numastat. Free pages and counters move at the beginning of a
 * tick and when a guest starts or ends.
 */
export class NumaNodes {
  readonly count: number;
  /** All memory of each node. */
  readonly total: Float64Array;
  readonly free: Float64Array;
  readonly distances: readonly (readonly number[])[];
  readonly #counters: Float64Array;
  #marked: NumaSnapshot | undefined;

  constructor(totalPages: readonly number[], distances: readonly (readonly number[])[]) {
    this.count = totalPages.length;
    this.total = Float64Array.from(totalPages);
    this.free = Float64Array.from(totalPages);
    this.distances = distances;
    this.#counters = new Float64Array(STRIDE * this.count);
  }

  /** Free pages of all nodes. */
  get freePages(): number {
    return this.free.reduce((sum, pages) => sum + pages, 0);
  }

  /**
   * Takes pages from node `got` that were wanted on the node of the placement's entry `entry`, and counts them.
   * The caller saw that they are free.
   */
  take(placement: Placement, entry: number, got: number, pages: number): void {
    const counters = this.#counters;
    const wanted = placement.wanted[entry]!;
    const at = got * STRIDE;
    this.free[got]! -= pages;
    if (got === wanted) {
      counters[at + HIT]! += pages;
      if (placement.interleaves) counters[at + INTERLEAVE_HIT]! += pages;
    } else {
      counters[at + MISS]! += pages;
      counters[wanted * STRIDE + FOREIGN]! += pages;
    }
    const local = localPages(placement, entry, got, pages);
    counters[at + LOCAL]! += local;
    counters[at + OTHER]! += pages - local;
  }

  /** Gives pages of a node back. */
  give(node: number, pages: number): void {
    this.free[node]! += pages;
  }

  /** The counters of a node. */
  counters(node: number): NumaCounters {
    const at = node * STRIDE;
    const counters = this.#counters;
    return {
      numaHit: counters[at + HIT]!,
      numaMiss: counters[at + MISS]!,
      numaForeign: counters[at + FOREIGN]!,
      interleaveHit: counters[at + INTERLEAVE_HIT]!,
      localNode: counters[at + LOCAL]!,
      otherNode: counters[at + OTHER]!,
    };
  }

  /** Notes how everything is, for {@link takeBack}; makes no arrays, as each guest that starts does this. */
  mark(): void {
    this.#marked ??= this.snapshot();
    this.#marked.free.set(this.free);
    this.#marked.counters.set(this.#counters);
  }

  /** Puts everything back as it was at the latest {@link mark}. */
  takeBack(): void {
    if (this.#marked) this.restore(this.#marked);
  }

  /** A copy of everything that changes. */
  snapshot(): NumaSnapshot {
    return { free: this.free.slice(), counters: this.#counters.slice() };
  }

  /** Puts everything back as it was at the snapshot. */
  restore(snapshot: NumaSnapshot): void {
    this.free.set(snapshot.free);
    this.#counters.set(snapshot.counters);
  }
}

/** How many of the pages that a node gave were asked for by its own CPUs. */
function localPages(placement: Placement, entry: number, got: number, pages: number): number {
  if (placement.followsCpu) return placement.cpuNodes[entry] === got ? pages : 0;
  return placement.cpuNodes.includes(got) ? Math.round(pages / placement.cpuNodes.length) : 0;
}
