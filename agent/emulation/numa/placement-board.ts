import type { NumaMode } from './numa-config.ts';
import type { NumaNodes } from './numa-nodes.ts';
import { compilePlacement, type Placement } from './placement.ts';

/** Of a page: keeps the rounding of a product from losing the last page of what is given whole. */
const EPSILON = 1e-6;

/**
 * Shares the free memory of a host's nodes out among the policies that want some of it in a tick.
 *
 * Guests first say what they want ({@link want}), in any order; then {@link share} decides for each policy and
 * wanted node which share of it each node gives; then each guest takes its share. So nobody gains by being first.
 * Keeps one entry for each distinct policy that ever ran on the host: bounded by its configurations.
 */
export class PlacementBoard {
  readonly #nodes: NumaNodes;
  readonly #byKey = new Map<string, Placement>();
  readonly #placements: Placement[] = [];
  /** Most restricted policies first: they have the fewest places to go. */
  #order: Placement[] = [];
  /** Pages wanted, by placement and node. */
  #demand: Float64Array;
  /**
   * Share of what is wanted that nodes up to this one give, by placement, wanted node and node: running sums,
   * so that a guest that wants one page gets it from some node.
   */
  #share: Float64Array;
  /** Pages that nobody gives, by placement. */
  #unmet: Float64Array;
  readonly #available: Float64Array;
  /** Pages that nobody gives, by the node they are wanted on. */
  readonly #unmetOn: Float64Array;

  constructor(nodes: NumaNodes) {
    this.#nodes = nodes;
    this.#demand = new Float64Array(0);
    this.#share = new Float64Array(0);
    this.#unmet = new Float64Array(0);
    this.#available = new Float64Array(nodes.count);
    this.#unmetOn = new Float64Array(nodes.count);
  }

  /** The placement of a policy: the same object for the same policy. */
  placement(mode: NumaMode | undefined, nodeset: readonly number[], cpuNodes: readonly number[]): Placement {
    const key = `${mode ?? 'default'}|${nodeset.join()}|${cpuNodes.join()}`;
    const known = this.#byKey.get(key);
    if (known) return known;
    const { count, distances } = this.#nodes;
    const made = compilePlacement(this.#placements.length, mode, nodeset, cpuNodes, distances);
    this.#byKey.set(key, made);
    this.#placements.push(made);
    this.#order = this.#placements.toSorted((a, b) => a.allowed.length - b.allowed.length || a.id - b.id);
    this.#demand = grown(this.#demand, this.#placements.length * count);
    this.#share = grown(this.#share, this.#placements.length * count * count);
    this.#unmet = grown(this.#unmet, this.#placements.length);
    return made;
  }

  /** Forgets what was wanted. */
  clear(): void {
    this.#demand.fill(0);
  }

  /** Adds pages that are wanted on a node under a placement. */
  want(placement: Placement, node: number, pages: number): void {
    this.#demand[placement.id * this.#nodes.count + node]! += pages;
  }

  /** Pages wanted on a node, over all placements. */
  wantedOn(node: number): number {
    const { count } = this.#nodes;
    let sum = 0;
    for (let i = node; i < this.#demand.length; i += count) sum += this.#demand[i]!;
    return sum;
  }

  /**
   * Decides who gets what; `reserve` pages of each node stay free. Returns the pages that nobody gives.
   *
   * A node that is wanted more than it has gives all policies the same share. What it cannot give comes from
   * the other nodes that the policy allows, nearest first.
   */
  share(reserve: Float64Array): number {
    const { count, free } = this.#nodes;
    const available = this.#available;
    this.#share.fill(0);
    this.#unmet.fill(0);
    this.#unmetOn.fill(0);
    for (let node = 0; node < count; node++) {
      const wanted = this.wantedOn(node);
      const room = Math.max(0, free[node]! - reserve[node]!);
      const given = Math.min(wanted, room);
      available[node] = room - given;
      if (wanted === 0) continue;
      const share = given / wanted;
      for (let k = 0; k < this.#placements.length; k++)
        this.#share[(k * count + node) * count + node] = share;
    }
    let unmet = 0;
    for (const placement of this.#order) unmet += this.#spill(placement);
    return unmet;
  }

  /** Pages of those wanted on `wanted` that node `got` gives; never more than it has. */
  given(placement: Placement, wanted: number, got: number, pages: number): number {
    const { count, free } = this.#nodes;
    const row = (placement.id * count + wanted) * count;
    const upTo = Math.floor(pages * this.#share[row + got]! + EPSILON);
    const before = got === 0 ? 0 : Math.floor(pages * this.#share[row + got - 1]! + EPSILON);
    return Math.min(upTo - before, free[got]!);
  }

  /** Pages of a placement that nobody gives in this tick. */
  unmet(placement: Placement): number {
    return this.#unmet[placement.id]!;
  }

  /** Pages wanted on a node that nobody gives in this tick. */
  unmetOn(node: number): number {
    return this.#unmetOn[node]!;
  }

  /** Pages that are still free on a node once everybody took its share, above the reserve. */
  leftOn(node: number): number {
    return this.#available[node]!;
  }

  #spill(placement: Placement): number {
    const { count, distances } = this.#nodes;
    const available = this.#available;
    let unmet = 0;
    for (let wanted = 0; wanted < count; wanted++) {
      const demand = this.#demand[placement.id * count + wanted]!;
      if (demand === 0) continue;
      const row = (placement.id * count + wanted) * count;
      let rest = demand - demand * this.#share[row + wanted]!;
      const others =
        rest === 0
          ? []
          : placement.allowed
              .filter((node) => node !== wanted)
              .toSorted((a, b) => distances[wanted]![a]! - distances[wanted]![b]!);
      for (const node of others) {
        const taken = Math.min(rest, available[node]!);
        this.#share[row + node] = taken / demand;
        available[node]! -= taken;
        rest -= taken;
      }
      // Below one page is the rounding of the shares, not a lack.
      if (rest >= 1) {
        unmet += rest;
        this.#unmetOn[wanted]! += rest;
      }
      for (let node = 1; node < count; node++) this.#share[row + node]! += this.#share[row + node - 1]!;
    }
    this.#unmet[placement.id] = unmet;
    return unmet;
  }
}

function grown(array: Float64Array, length: number): Float64Array {
  const bigger = new Float64Array(length);
  bigger.set(array);
  return bigger;
}
