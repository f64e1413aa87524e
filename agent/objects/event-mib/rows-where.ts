import type { Writer } from '../../ber/writer.ts';
import type { Rows } from '../../mib/rows.ts';

/** Those rows of a table that a condition holds for: a table that augments another sparsely. */
export class RowsWhere<R> implements Rows<R> {
  readonly #all: Rows<R>;
  readonly #holds: (row: R) => boolean;

  constructor(all: Rows<R>, holds: (row: R) => boolean) {
    this.#all = all;
    this.#holds = holds;
  }

  find(ids: ArrayLike<number>, from: number, to: number): number {
    const at = this.#all.find(ids, from, to);
    return at >= 0 && this.#holds(this.#all.row(at)) ? at : -1;
  }

  after(ids: ArrayLike<number>, from: number, to: number): number {
    return this.#from(this.#all.after(ids, from, to));
  }

  first(): number {
    return this.#from(this.#all.first());
  }

  next(position: number): number {
    return this.#from(this.#all.next(position));
  }

  row(position: number): R {
    return this.#all.row(position);
  }

  appendIndex(position: number, writer: Writer): void {
    this.#all.appendIndex(position, writer);
  }

  #from(position: number): number {
    let at = position;
    while (at >= 0 && !this.#holds(this.#all.row(at))) at = this.#all.next(at);
    return at;
  }
}
