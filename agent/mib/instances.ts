import { oidContent } from '../ber/reader.ts';
import { MAX_SUBIDS, TAG } from '../ber/tags.ts';
import { Writer } from '../ber/writer.ts';
import type { Oid } from '../util/oid.ts';
import type { Leaf, Registry } from './registry.ts';
import type { Value } from './value.ts';

/** One instance of an object with the value that it has now. */
export interface Instance {
  readonly leaf: Leaf;
  /** Name with its index. */
  readonly oid: Oid;
  /** As a manager gets it: counters wrapped, gauges at most at their maximum. */
  readonly value: Value;
}

const TWO32 = 0x1_0000_0000;
const index = new Writer();
const ids = new Uint32Array(MAX_SUBIDS + 2);

/** The instance of exactly this name; `undefined` when there is none now. For readers inside the program. */
export function instanceAt(registry: Registry, oid: Oid): Instance | undefined {
  const leaf = registry.covering(oid, 0, oid.length);
  if (!leaf) return undefined;
  return instance(leaf, leaf.rows.find(oid, leaf.oid.length, oid.length));
}

/** The first instance behind a name, in the order of a walk; `undefined` behind the last one. */
export function instanceAfter(registry: Registry, oid: Oid): Instance | undefined {
  let at = registry.floor(oid, 0, oid.length);
  let position = -1;
  const covering = registry.covering(oid, 0, oid.length);
  if (covering) position = covering.rows.after(oid, covering.oid.length, oid.length);
  for (;;) {
    while (position < 0) {
      const leaf = registry.leaves[++at];
      if (!leaf) return undefined;
      position = leaf.rows.first();
    }
    const leaf = registry.leaves[at]!;
    const found = instance(leaf, position);
    if (found) return found;
    position = leaf.rows.next(position);
  }
}

/** All instances below a name, in order. */
export function* instancesBelow(registry: Registry, root: Oid): Generator<Instance> {
  const isBelow = ({ oid }: Instance) => root.every((id, i) => id === oid[i]);
  const itself = instanceAt(registry, root);
  if (itself) yield itself;
  for (
    let next = instanceAfter(registry, root);
    next && isBelow(next);
    next = instanceAfter(registry, next.oid)
  )
    yield next;
}

function instance(leaf: Leaf, position: number): Instance | undefined {
  if (position < 0) return undefined;
  const value = leaf.read(leaf.rows.row(position));
  if (value === undefined) return undefined;
  return { leaf, oid: [...leaf.oid, ...indexAt(leaf, position)], value: asSent(leaf.tag, value) };
}

/** What follows the object type in the name of the row at a position. */
export function indexAt({ rows }: Leaf, position: number): number[] {
  index.reset();
  // An index alone may begin with any sub-identifier; behind 1.3 it reads as the end of any other name.
  index.bytes[index.end++] = 0x2b;
  rows.appendIndex(position, index);
  const count = oidContent(index.bytes, index.start, index.end, ids, 0);
  return Array.from(ids.subarray(2, count));
}

/** What the encoding makes of a number (RFC 2578 sections 7.1.6 to 7.1.8). */
export function asSent(tag: number, value: Value): Value {
  if (typeof value === 'bigint') return BigInt.asUintN(64, value);
  if (typeof value !== 'number') return value;
  if (tag === TAG.GAUGE32) return Math.min(value, TWO32 - 1);
  if (tag === TAG.COUNTER32 || tag === TAG.TIME_TICKS) return value % TWO32;
  return value;
}
