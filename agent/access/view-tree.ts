import { compareOids, type Oid } from '../util/oid.ts';

/** A family of view subtrees: one entry of vacmViewTreeFamilyTable without its view's name (RFC 3415 section 4). */
export interface ViewFamily {
  /** 1 to 128 sub-identifiers. */
  readonly subtree: Oid;
  /**
   * 0 to 16 octets; the first bit of the first octet belongs to the first sub-identifier. A 0 lets any number
   * stand in its place; bits that are missing count as 1 (RFC 3415, vacmViewTreeFamilyMask).
   */
  readonly mask: Uint8Array;
  /** Whether what belongs to the family is in the view, or is taken out of it. */
  readonly included: boolean;
}

/** A family ready for comparing: one octet for each sub-identifier instead of one bit. */
export interface FamilyPattern {
  readonly ids: Oid;
  /** 1 where the sub-identifier must be equal, 0 where any will do. */
  readonly exact: Uint8Array;
  readonly included: boolean;
}

/**
 * A MIB view: which object instances may be seen (RFC 3415 section 2.4).
 *
 * It never changes: another set of families is another tree, so that what was worked out for one can be
 * kept by its identity.
 */
export class ViewTree {
  /**
   * The families, the one that decides first: most sub-identifiers, then lexicographically greatest
   * (RFC 3415, vacmViewTreeFamilyTable).
   */
  readonly patterns: readonly FamilyPattern[];

  constructor(families: Iterable<ViewFamily>) {
    this.patterns = Array.from(families, patternOf).sort(
      (a, b) => b.ids.length - a.ids.length || compareOids(b.ids, a.ids),
    );
  }

  /** Whether the instance ids[from..to) is in the view; what belongs to no family is not. */
  inView(ids: ArrayLike<number>, from: number, to: number): boolean {
    for (const pattern of this.patterns) {
      if (pattern.ids.length <= to - from && agrees(pattern, 0, pattern.ids.length, ids, from)) {
        return pattern.included;
      }
    }
    return false;
  }
}

/** Whether sub-identifiers start..end of a pattern let `ids` pass, whose first is ids[at]. */
export function agrees(
  pattern: FamilyPattern,
  start: number,
  end: number,
  ids: ArrayLike<number>,
  at: number,
): boolean {
  for (let i = start, j = at; i < end; i++, j++) {
    if (pattern.ids[i] !== ids[j] && pattern.exact[i] === 1) return false;
  }
  return true;
}

function patternOf({ subtree, mask, included }: ViewFamily): FamilyPattern {
  const exact = new Uint8Array(subtree.length).fill(1);
  const masked = Math.min(subtree.length, mask.length * 8);
  for (let i = 0; i < masked; i++) exact[i] = (mask[i >> 3]! >> (7 - (i & 7))) & 1;
  return { ids: subtree, exact, included };
}
