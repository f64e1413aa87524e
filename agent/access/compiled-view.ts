import { Writer } from '../ber/writer.ts';
import type { Leaf, Registry } from '../mib/registry.ts';
import type { Rows } from '../mib/rows.ts';
import type { Oid } from '../util/oid.ts';
import { agrees, type FamilyPattern, ViewTree } from './view-tree.ts';
import { VisibleNames } from './visible-names.ts';

/** How much of one object type a view shows: no instance, some of them, or all. */
export const VERDICT = { out: 0, partial: 1, in: 2 } as const;

/** The view that everything is in. */
export const EVERYTHING = new ViewTree([{ subtree: [], mask: new Uint8Array(0), included: true }]);

/** The view that nothing is in. */
export const NOTHING = new ViewTree([]);

/** No index is longer than a whole object identifier may be (RFC 3416 section 4.1). */
const MAX_INDEX = 128;

/** A jump over no more rows than this costs more than looking at them. */
const CLOSE = 8;
/** Rows looked at one by one, at most, before another jump is tried. */
const MAX_SCAN = 256;

const scratch = new Writer();
const index = new Uint32Array(MAX_INDEX);

/**
 * A view as it looks on the objects of one registry: worked out once, then a look-up for each object type.
 *
 * Leaves are named by their place in the registry's list.
 */
export class View {
  readonly tree: ViewTree;
  /** A {@link VERDICT} for each leaf: plain octets, so that a walk pays one read for an instance. */
  readonly verdicts: Uint8Array;
  readonly #partial: readonly (VisibleNames | undefined)[];

  constructor(leaves: readonly Leaf[], tree: ViewTree) {
    this.tree = tree;
    const names = leaves.map((leaf) => compileLeaf(leaf, tree));
    this.verdicts = Uint8Array.from(names, (shown) => (typeof shown === 'number' ? shown : VERDICT.partial));
    this.#partial = names.map((shown) => (typeof shown === 'number' ? undefined : shown));
  }

  /** Whether ids[from..to), the name of any variable, existing or not, is in the view. */
  contains(ids: ArrayLike<number>, from: number, to: number): boolean {
    return this.tree.inView(ids, from, to);
  }

  /**
   * The first visible row at or behind `position` of a leaf whose verdict is partial; -1 when there is none.
   *
   * Hidden rows are jumped over with a search for the next name that the view shows. Where that gets nowhere,
   * because a mask leaves open what tells the rows apart, they are looked at one by one for a while.
   */
  firstVisible(leaf: number, rows: Rows<unknown>, position: number): number {
    const names = this.#partial[leaf]!;
    let at = position;
    let scan = 0;
    let toScan = 0;
    while (at >= 0) {
      const length = readIndex(rows, at);
      if (names.contains(index, 0, length)) return at;
      if (toScan > 0) {
        toScan--;
        at = rows.next(at);
        continue;
      }
      const end = names.above(index, length);
      if (end < 0) return -1;
      const exact = rows.find(names.found, 0, end);
      const to = exact >= 0 ? exact : rows.after(names.found, 0, end);
      scan = isClose(rows, at, to) ? Math.min(scan * 2 + CLOSE, MAX_SCAN) : 0;
      toScan = scan;
      at = to;
    }
    return -1;
  }
}

/** Keeps the compiled form of each view of one registry for as long as its tree is in use. */
export class ViewCompiler {
  readonly #leaves: readonly Leaf[];
  /** UNBOUNDED by itself: an entry goes with its tree, and an agent has as many trees as named views. */
  readonly #views = new WeakMap<ViewTree, View>();

  constructor(registry: Registry) {
    this.#leaves = registry.leaves;
  }

  /** The view of a tree: compiled the first time, found again while the same tree is given. */
  compile(tree: ViewTree): View {
    const known = this.#views.get(tree);
    if (known) return known;
    const view = new View(this.#leaves, tree);
    this.#views.set(tree, view);
    return view;
  }
}

/** Whether `to` is one of the next rows behind `from`. */
function isClose(rows: Rows<unknown>, from: number, to: number): boolean {
  let at = from;
  for (let i = 0; i < CLOSE && at >= 0; i++) {
    at = rows.next(at);
    if (at === to) return true;
  }
  return false;
}

/** Reads the index of a row into `index` and returns its length. */
function readIndex(rows: Rows<unknown>, position: number): number {
  scratch.reset();
  rows.appendIndex(position, scratch);
  const { bytes, end } = scratch;
  let length = 0;
  let subid = 0;
  for (let i = scratch.start; i < end; i++) {
    const octet = bytes[i]!;
    // X.690 section 8.19.2: seven bits an octet, the last one without the high bit; 2^32-1 needs more than 31 bits.
    subid = subid * 128 + (octet & 0x7f);
    if (octet < 0x80) {
      index[length++] = subid;
      subid = 0;
    }
  }
  return length;
}

/** What a view shows of a leaf: a verdict when it is the same for all instances. */
function compileLeaf(leaf: Leaf, tree: ViewTree): 0 | 2 | VisibleNames {
  const { oid } = leaf;
  // A scalar has the one instance .0 (RFC 2578 section 7.7).
  if (leaf.scalar) return tree.inView([...oid, 0], 0, oid.length + 1) ? VERDICT.in : VERDICT.out;
  const within: FamilyPattern[] = [];
  let otherwise = false;
  for (const pattern of tree.patterns) {
    if (pattern.ids.length <= oid.length) {
      if (!agrees(pattern, 0, pattern.ids.length, oid, 0)) continue;
      otherwise = pattern.included;
      break;
    }
    if (agrees(pattern, 0, oid.length, oid, 0)) within.push(behind(pattern, oid));
  }
  if (within.every(({ included }) => included === otherwise)) return otherwise ? VERDICT.in : VERDICT.out;
  return new VisibleNames(within, otherwise);
}

/** A pattern without the sub-identifiers of the object type that it reaches into. */
function behind({ ids, exact, included }: FamilyPattern, oid: Oid): FamilyPattern {
  return { ids: ids.slice(oid.length), exact: exact.slice(oid.length), included };
}
