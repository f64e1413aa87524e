import type { Writer } from '../ber/writer.ts';
import type { Rows } from '../mib/rows.ts';
import { lowerBound } from '../util/lower-bound.ts';

/** Rows whose index is one number: how many there are, and what stands at each place. */
export interface Counted<R> {
  count(): number;
  /** The index: ascending with the place. */
  id(place: number): number;
  row(place: number): R;
}

/** The rows of a table whose index is one number. */
export class IntegerRows<R> implements Rows<R> {
  readonly #source: Counted<R>;

  constructor(source: Counted<R>) {
    this.#source = source;
  }

  find(ids: ArrayLike<number>, from: number, to: number): number {
    if (to - from !== 1) return -1;
    const id = ids[from]!;
    const place = this.#lowerBound(id);
    return place < this.#source.count() && this.#source.id(place) === id ? place : -1;
  }

  after(ids: ArrayLike<number>, from: number, to: number): number {
    const place = from === to ? 0 : this.#lowerBound(ids[from]! + 1);
    return place < this.#source.count() ? place : -1;
  }

  first(): number {
    return this.#source.count() > 0 ? 0 : -1;
  }

  next(position: number): number {
    return position + 1 < this.#source.count() ? position + 1 : -1;
  }

  row(position: number): R {
    return this.#source.row(position);
  }

  appendIndex(position: number, writer: Writer): void {
    writer.appendSubid(this.#source.id(position));
  }

  /** The first place whose index is not below `id`. */
  #lowerBound(id: number): number {
    const source = this.#source;
    return lowerBound(source.count(), (place) => source.id(place) < id);
  }
}

/** A table without rows. */
export const NO_ROWS: Rows<never> = new IntegerRows<never>({
  count: () => 0,
  id: () => 0,
  row: () => {
    throw new RangeError('a table without rows');
  },
});
