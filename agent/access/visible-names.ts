import { agrees, type FamilyPattern } from './view-tree.ts';

const MAX_SUBID = 0xffff_ffff;
/**
 * Prefixes looked at for one jump. Families that overlap by their masks could make the search as large as
 * their product; beyond this it gives up, and the walk goes on from where it got.
 */
const MAX_STEPS = 512;
/** A name found is no longer than the longest pattern or than the name asked for and one more: 129. */
const ROOM = 130;

/**
 * What a view shows of one object type that it shows in part: names are indexes, without the object's own
 * identifier before them.
 */
export class VisibleNames {
  /** The families that reach into the instances, the one that decides first. */
  readonly #patterns: readonly FamilyPattern[];
  /** What holds for instances that none of the families matches. */
  readonly #otherwise: boolean;
  /** Where {@link above} puts what it found. */
  readonly found = new Uint32Array(ROOM);
  #steps = 0;

  /** `patterns` in the order of {@link ViewTree}, and each without the object's own sub-identifiers. */
  constructor(patterns: readonly FamilyPattern[], otherwise: boolean) {
    this.#patterns = patterns;
    this.#otherwise = otherwise;
  }

  /** Whether ids[from..to) is visible. */
  contains(ids: ArrayLike<number>, from: number, to: number): boolean {
    for (const pattern of this.#patterns) {
      if (pattern.ids.length <= to - from && agrees(pattern, 0, pattern.ids.length, ids, from)) {
        return pattern.included;
      }
    }
    return this.#otherwise;
  }

  /**
   * Finds where to look on behind ids[0..length), at most 128 long: writes to {@link found} a greater name such
   * that nothing visible lies between the two, and returns its length; -1 when nothing visible follows at all.
   *
   * The name found is the least visible one, unless the families overlap so much that finding it would take
   * too long. No instance need exist under it.
   */
  above(ids: ArrayLike<number>, length: number): number {
    const { found } = this;
    this.#steps = 0;
    for (let i = 0; i < length; i++) found[i] = ids[i]!;
    // In lexicographic order: first what begins with the name, then what differs from it late, then earlier.
    let end = this.#leastChild(length, 0);
    for (let d = length - 1; end < 0 && d >= 0; d--) end = this.#leastChild(d, ids[d]! + 1);
    return end;
  }

  /** The least visible name at or below found[0..depth); its length, or -1. */
  #least(depth: number): number {
    if (++this.#steps > MAX_STEPS || this.contains(this.found, 0, depth)) return depth;
    return this.#leastChild(depth, 0);
  }

  /** The least visible name that begins with found[0..depth) and goes on with `minimum` or more. */
  #leastChild(depth: number, minimum: number): number {
    const { found } = this;
    if (depth >= ROOM - 1 || minimum > MAX_SUBID || !this.#mayShowBelow(depth)) return -1;
    // Numbers that no family names are all alike: the least of them stands for the others.
    let triedUnnamed = false;
    for (let subid = minimum; subid <= MAX_SUBID; ) {
      const named = this.#nextNamed(depth, subid);
      if (named === subid || !triedUnnamed) {
        found[depth] = subid;
        const end = this.#least(depth + 1);
        if (end >= 0) return end;
        if (named !== subid) triedUnnamed = true;
        subid++;
      } else {
        subid = named;
      }
    }
    return -1;
  }

  /** Whether anything below found[0..depth) can be visible, as far as a look at the families tells. */
  #mayShowBelow(depth: number): boolean {
    for (const pattern of this.#patterns) {
      if (!agrees(pattern, 0, Math.min(depth, pattern.ids.length), this.found, 0)) continue;
      if (pattern.ids.length > depth) {
        if (pattern.included) return true;
      } else {
        // The families behind it are no longer, so it decides wherever none of those before it does.
        return pattern.included;
      }
    }
    return this.#otherwise;
  }

  /** The least number that is not less than `subid` and that a family names behind found[0..depth). */
  #nextNamed(depth: number, subid: number): number {
    let least = MAX_SUBID + 1;
    for (const pattern of this.#patterns) {
      if (pattern.ids.length <= depth) break;
      const named = pattern.ids[depth]!;
      if (named >= subid && named < least && pattern.exact[depth] === 1) {
        if (agrees(pattern, 0, depth, this.found, 0)) least = named;
      }
    }
    return least;
  }
}
