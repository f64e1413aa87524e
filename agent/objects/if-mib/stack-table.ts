import type { Writer } from '../../ber/writer.ts';
import type { TableBinding } from '../../mib/module.ts';
import type { Rows } from '../../mib/rows.ts';
import type { Interface } from './interface.ts';
import { type Interfaces, placeOf } from './interfaces.ts';

const ACTIVE = 1;
/** What stands for no interface: above the highest, and below the lowest. */
const NONE = 0;

/** What is stacked on what: two interfaces, or one and nothing. */
interface Stacked {
  readonly higher: Interface | undefined;
  readonly lower: Interface | undefined;
}

/**
 * Rows by the higher and the lower interface: nothing above each of those that nothing is stacked on, then each
 * interface on the one that it is stacked on, or on nothing.
 */
class StackRows implements Rows<Stacked> {
  readonly #tops: readonly Interface[];
  readonly #all: readonly Interface[];

  constructor({ tops, all }: Interfaces) {
    this.#tops = tops;
    this.#all = all;
  }

  find(ids: ArrayLike<number>, from: number, to: number): number {
    if (to - from !== 2) return -1;
    const place = this.#notBelow(ids[from]!, ids[from + 1]!);
    if (place < 0) return -1;
    const { higher, lower } = this.row(place);
    return (higher?.index ?? NONE) === ids[from] && (lower?.index ?? NONE) === ids[from + 1] ? place : -1;
  }

  after(ids: ArrayLike<number>, from: number, to: number): number {
    const parts = to - from;
    if (parts === 0) return this.first();
    return this.#notBelow(ids[from]!, parts === 1 ? NONE : ids[from + 1]! + 1);
  }

  first(): number {
    return 0;
  }

  next(position: number): number {
    return position + 1 < this.#tops.length + this.#all.length ? position + 1 : -1;
  }

  row(position: number): Stacked {
    const place = position - this.#tops.length;
    if (place < 0) return { higher: undefined, lower: this.#tops[position] };
    const higher = this.#all[place]!;
    return { higher, lower: higher.lower };
  }

  appendIndex(position: number, writer: Writer): void {
    const { higher, lower } = this.row(position);
    writer.appendSubid(higher?.index ?? NONE);
    writer.appendSubid(lower?.index ?? NONE);
  }

  /** The first row that is not before a pair; -1 when there is none. */
  #notBelow(higher: number, lower: number): number {
    const tops = this.#tops.length;
    if (higher === NONE) return placeOf(this.#tops, lower);
    const place = placeOf(this.#all, higher);
    const one = this.#all[place];
    if (!one) return -1;
    const isBefore = one.index === higher && (one.lower?.index ?? NONE) < lower;
    return isBefore ? this.next(tops + place) : tops + place;
  }
}

/** ifStackTable: taps on bridges, bridges on NICs. */
export function stackTable(interfaces: Interfaces): TableBinding<Stacked> {
  return {
    rows: new StackRows(interfaces),
    columns: { ifStackStatus: () => ACTIVE },
    readOnly: true,
  };
}
