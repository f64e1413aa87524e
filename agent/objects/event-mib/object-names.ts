import { oidContent } from '../../ber/reader.ts';
import { MAX_SUBIDS } from '../../ber/tags.ts';
import { isPrefix, type Leaf, type Registry } from '../../mib/registry.ts';
import type { Oid } from '../../util/oid.ts';

const ids = new Uint32Array(MAX_SUBIDS + 2);

/** The sub-identifiers that the content octets of the end of a name stand for, a character each. */
export function indexIds(octets: string): number[] {
  // Behind 1.3 an index reads as the end of any other name.
  const content = Buffer.from(`\x2b${octets}`, 'latin1');
  return Array.from(ids.subarray(2, oidContent(content, 0, content.length, ids, 0)));
}

/**
 * The name that a wildcard stands for at an instance: it begins as the wildcard, and what is left out of it at the end
 * is as in the name of the instance (RFC 2981 section 4, mteObjectsIDWildcard).
 */
export function completed(registry: Registry, wildcard: Oid, instance: Oid): Oid {
  const leaf = registry.covering(instance, 0, instance.length);
  const own = registry.covering(wildcard, 0, wildcard.length);
  if (!leaf || !own) return wildcard;
  return [...wildcard, ...instance.slice(leaf.oid.length + wildcard.length - own.oid.length)];
}

/** One object type that a wildcard covers, in whole or from some index on. */
export interface CoveredLeaf {
  readonly leaf: Leaf;
  /** Place of the leaf in the registry's list. */
  readonly at: number;
  /** What the index of an instance begins with. */
  readonly rest: Oid;
}

/** The object types that have names with this beginning. */
export function coveredLeaves({ leaves }: Registry, beginning: Oid): CoveredLeaf[] {
  return leaves.flatMap((leaf, at) => {
    if (isPrefix(beginning, leaf.oid, 0, leaf.oid.length)) return { leaf, at, rest: [] };
    if (!isPrefix(leaf.oid, beginning, 0, beginning.length)) return [];
    return { leaf, at, rest: beginning.slice(leaf.oid.length) };
  });
}
