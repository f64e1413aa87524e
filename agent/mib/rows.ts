import type { Writer } from '../ber/writer.ts';
import { lowerBound } from '../util/lower-bound.ts';
import { compareOids, type Oid } from '../util/oid.ts';

/**
 * The rows of one table in the order of their indexes (RFC 2578 section 7.7).
 *
 * A position names a row until the PDU ends: it is a non-negative integer that the implementation
 * chooses, and -1 means that there is none. Sub-identifiers are given as a slice of a longer array, so
 * that nothing is allocated on the way of a request. A row whose column has no value is left out by the
 * accessor's `undefined`, not by the rows.
 */
export interface Rows<R> {
  /** The row whose index is exactly ids[from..to). */
  find(ids: ArrayLike<number>, from: number, to: number): number;
  /** The first row whose index is greater than ids[from..to), which may be shorter or longer than an index. */
  after(ids: ArrayLike<number>, from: number, to: number): number;
  first(): number;
  /** The row behind a position. */
  next(position: number): number;
  row(position: number): R;
  /** Writes the index as sub-identifiers of an object identifier's content. */
  appendIndex(position: number, writer: Writer): void;
}

/** The single instance of a scalar: index 0 (RFC 2578 section 7.7). */
export const scalarRows: Rows<undefined> = {
  find: (ids, from, to) => (to - from === 1 && ids[from] === 0 ? 0 : -1),
  after: (_ids, from, to) => (from === to ? 0 : -1),
  first: () => 0,
  next: () => -1,
  row: () => undefined,
  appendIndex(_position, writer) {
    writer.bytes[writer.end++] = 0;
  },
};

/** A small table kept as an array that is sorted by index: for tables of at most some thousand rows. */
export class SortedRows<R> implements Rows<R> {
  #indexes: Oid[] = [];
  #rows: R[] = [];

  get size(): number {
    return this.#rows.length;
  }

  /** Puts a row in its place; one with the same index is replaced. */
  set(index: Oid, row: R): void {
    const at = this.#lowerBound(index, 0, index.length);
    const replaced = at < this.size && compareOids(this.#indexes[at]!, index) === 0 ? 1 : 0;
    this.#indexes.splice(at, replaced, index);
    this.#rows.splice(at, replaced, row);
  }

  find(ids: ArrayLike<number>, from: number, to: number): number {
    const at = this.#lowerBound(ids, from, to);
    return at < this.size && compareToSlice(this.#indexes[at]!, ids, from, to) === 0 ? at : -1;
  }

  after(ids: ArrayLike<number>, from: number, to: number): number {
    let at = this.#lowerBound(ids, from, to);
    if (at < this.size && compareToSlice(this.#indexes[at]!, ids, from, to) === 0) at++;
    return at < this.size ? at : -1;
  }

  first(): number {
    return this.size > 0 ? 0 : -1;
  }

  next(position: number): number {
    return position + 1 < this.size ? position + 1 : -1;
  }

  row(position: number): R {
    return this.#rows[position]!;
  }

  appendIndex(position: number, writer: Writer): void {
    const index = this.#indexes[position]!;
    for (let i = 0; i < index.length; i++) writer.appendSubid(index[i]!);
  }

  #lowerBound(ids: ArrayLike<number>, from: number, to: number): number {
    return lowerBound(this.size, (place) => compareToSlice(this.#indexes[place]!, ids, from, to) < 0);
  }
}

/** Lexicographic order of an index against ids[from..to). */
export function compareToSlice(index: Oid, ids: ArrayLike<number>, from: number, to: number): number {
  const length = to - from;
  const shared = Math.min(index.length, length);
  for (let i = 0; i < shared; i++) {
    const difference = index[i]! - ids[from + i]!;
    if (difference !== 0) return difference;
  }
  return index.length - length;
}
