import type { Writer } from '../ber/writer.ts';
import { compareToSlice, type Rows } from '../mib/rows.ts';
import { lowerBound } from '../util/lower-bound.ts';
import type { Oid } from '../util/oid.ts';

/** Rows of something that the host has in order: their number, and what stands at each place. */
export interface Numbered<R> {
  count(): number;
  /** Ascending with the place. */
  index(place: number): Oid;
  row(place: number): R;
}

/** The rows of a table of the host. */
export class NumberedRows<R> implements Rows<R> {
  readonly #source: Numbered<R>;

  constructor(source: Numbered<R>) {
    this.#source = source;
  }

  find(ids: ArrayLike<number>, from: number, to: number): number {
    const place = this.#notBefore(ids, from, to);
    return this.#isAt(place, ids, from, to) ? place : -1;
  }

  after(ids: ArrayLike<number>, from: number, to: number): number {
    const place = this.#notBefore(ids, from, to);
    return this.#isAt(place, ids, from, to) ? this.next(place) : this.next(place - 1);
  }

  first(): number {
    return this.next(-1);
  }

  next(position: number): number {
    return position + 1 < this.#source.count() ? position + 1 : -1;
  }

  row(position: number): R {
    return this.#source.row(position);
  }

  appendIndex(position: number, writer: Writer): void {
    for (const id of this.#source.index(position)) writer.appendSubid(id);
  }

  #isAt(place: number, ids: ArrayLike<number>, from: number, to: number): boolean {
    return place < this.#source.count() && this.#compare(place, ids, from, to) === 0;
  }

  /** The first place whose index does not stand before ids[from..to). */
  #notBefore(ids: ArrayLike<number>, from: number, to: number): number {
    return lowerBound(this.#source.count(), (place) => this.#compare(place, ids, from, to) < 0);
  }

  #compare(place: number, ids: ArrayLike<number>, from: number, to: number): number {
    return compareToSlice(this.#source.index(place), ids, from, to);
  }
}
