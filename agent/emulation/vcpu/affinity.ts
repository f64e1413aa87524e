/** A set of pCPUs whose claims are shared out together. */
export interface PoolNode {
  /** pCPU numbers, ascending. */
  readonly cpus: readonly number[];
  /** The smallest larger set that holds this one; -1 for the whole host. */
  readonly parent: number;
}

/** The part of an affinity mask that one node stands for. */
export interface PoolPiece {
  /** Index of a {@link PoolNode}. */
  readonly node: number;
  /** Share of the mask's pCPUs, above 0 to 1. */
  readonly share: number;
}

/** Affinity masks as a tree of sets in which any two are disjoint or nested. */
export interface PoolTree {
  /** Children stand before their parents; the last is the whole host. */
  readonly nodes: readonly PoolNode[];
  /** The pieces of each mask, in the order of the masks. */
  readonly pieces: readonly (readonly PoolPiece[])[];
}

/**
 * Arranges affinity masks so that CPU time can be shared out from the smallest set to the whole host.
 *
 * Masks that are disjoint or nested are nodes of the tree, and sharing is exactly max-min fair. A mask that
 * crosses another is cut into the pieces that the crossing masks have in common, and what runs there is dealt
 * out by their size: no time is given twice, but a piece that is full does not pass its rest on to another.
 * Masks are sets of pCPU numbers, not empty and within the host.
 */
export function arrangePools(masks: readonly (readonly number[])[], pcpuCount: number): PoolTree {
  const all = (1n << BigInt(pcpuCount)) - 1n;
  const bits = masks.map((mask) => bitsOf(mask, pcpuCount));
  const cut = cutCrossing(bits);
  const sets = [...new Set([...cut.flat(), all])].map((set) => ({ set, cpus: cpusOf(set) }));
  sets.sort((a, b) => a.cpus.length - b.cpus.length || a.cpus[0]! - b.cpus[0]!);
  const nodes = sets.map(({ set, cpus }, i) => ({
    cpus,
    parent: sets.findIndex((other, j) => j > i && (other.set & set) === set),
  }));
  const indexOf = new Map(sets.map(({ set }, i) => [set, i]));
  const pieces = cut.map((parts, i) =>
    parts.map((part) => ({ node: indexOf.get(part)!, share: cpusOf(part).length / cpusOf(bits[i]!).length })),
  );
  return { nodes, pieces };
}

/** The pieces of each mask, once no piece crosses another. */
function cutCrossing(masks: readonly bigint[]): bigint[][] {
  let cut = masks.map((mask) => [mask]);
  for (;;) {
    const sets = [...new Set(cut.flat())];
    const crossing = new Set(sets.filter((a) => sets.some((b) => crosses(a, b))));
    if (crossing.size === 0) return cut;
    const atoms = atomsOf([...crossing]);
    const piecesOf = (set: bigint) =>
      crossing.has(set) ? atoms.filter((atom) => (atom & set) !== 0n) : [set];
    // A set around some atoms can cross another atom, so that it takes more than one round.
    cut = cut.map((pieces) => [...new Set(pieces.flatMap(piecesOf))]);
  }
}

function crosses(a: bigint, b: bigint): boolean {
  const common = a & b;
  return common !== 0n && common !== a && common !== b;
}

/** The largest sets of which each is wholly inside or wholly outside of every mask. */
function atomsOf(masks: readonly bigint[]): bigint[] {
  let atoms = [masks.reduce((union, mask) => union | mask, 0n)];
  for (const mask of masks) atoms = atoms.flatMap((atom) => [atom & mask, atom & ~mask]);
  return atoms.filter((atom) => atom !== 0n);
}

// By way of digits: shifting a large set once for each of its pCPUs takes time by the square of its size.
function bitsOf(mask: readonly number[], pcpuCount: number): bigint {
  const digits = new Array<string>(pcpuCount).fill('0');
  for (const cpu of mask) digits[pcpuCount - 1 - cpu] = '1';
  return BigInt(`0b${digits.join('')}`);
}

function cpusOf(set: bigint): number[] {
  const digits = set.toString(2);
  const cpus: number[] = [];
  for (let cpu = 0; cpu < digits.length; cpu++) if (digits[digits.length - 1 - cpu] === '1') cpus.push(cpu);
  return cpus;
}
