import type { NumaMode } from './numa-config.ts';

/**
 * A memory policy, compiled for one host: which nodes new pages are wanted on, and which may give them.
 *
 * Guests with the same policy and the same CPU nodes share one.
 */
export interface Placement {
  /** Its number on the board of its host. */
  readonly id: number;
  readonly interleaves: boolean;
  /**
   * Nodes that pages are wanted on in turn. When the policy follows the CPU, the page of the i-th entry is
   * asked for by a CPU on the i-th of {@link cpuNodes}.
   */
  readonly wanted: readonly number[];
  /** Whether the wanted node follows from the CPU that asks. */
  readonly followsCpu: boolean;
  /** Nodes whose memory the policy may take at all, ascending. */
  readonly allowed: readonly number[];
  /** Nodes that the vCPUs run on, ascending. */
  readonly cpuNodes: readonly number[];
}

/**
 * Compiles a policy: `mode` undefined is the kernel's default, which takes the node of the asking CPU and falls
 * back to any other.
 *
 * strict binds: the asking CPU's node when it is in the set, else the nearest in the set, and never outside.
 * preferred wants the first node of the set and falls back anywhere; interleave goes round the set;
 * restrictive has no policy, only a limit of nodes (emulation facts, section 4).
 */
export function compilePlacement(
  id: number,
  mode: NumaMode | undefined,
  nodeset: readonly number[],
  cpuNodes: readonly number[],
  distances: readonly (readonly number[])[],
): Placement {
  const all = distances.map((_, node) => node);
  const interleaves = mode === 'interleave';
  const followsCpu = !interleaves && mode !== 'preferred';
  const allowed = mode === 'strict' || mode === 'restrictive' ? nodeset : all;
  const nearest = (cpuNode: number) =>
    allowed.reduce((best, node) => (distances[cpuNode]![node]! < distances[cpuNode]![best]! ? node : best));
  const wanted = interleaves ? nodeset : mode === 'preferred' ? [nodeset[0]!] : cpuNodes.map(nearest);
  return { id, interleaves, wanted, followsCpu, allowed, cpuNodes };
}

/**
 * Pages that the entry `index` of a round over `count` entries gets of `pages`, when `before` were dealt
 * already: page number p goes to entry p mod count.
 */
export function dealt(before: number, pages: number, index: number, count: number): number {
  return dealtUpTo(before + pages, index, count) - dealtUpTo(before, index, count);
}

function dealtUpTo(pages: number, index: number, count: number): number {
  return Math.floor((pages + count - 1 - index) / count);
}
