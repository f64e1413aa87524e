import type { Writer } from '../../ber/writer.ts';
import type { TableBinding } from '../../mib/module.ts';
import type { Rows } from '../../mib/rows.ts';
import { type Interface, lowerAt, lowerCount } from './interface.ts';
import type { InterfaceOrder } from './interface-order.ts';
import type { Interfaces } from './interfaces.ts';

const ACTIVE = 1;
/** What stands for no interface: above the highest, and below the lowest. */
const NONE = 0;
/** More than any interface is stacked on. */
const MOST_LOWERS = 64;

/** What is stacked on what: two interfaces, or one and nothing. */
interface Stacked {
  readonly higher: Interface | undefined;
  readonly lower: Interface | undefined;
}

/**
 * Rows by the higher and the lower interface: nothing above each of those that nothing is stacked on, then each
 * interface on those that it is stacked on, or on nothing.
 *
 * A position is even for the first kind, and odd for the second: then that of the higher interface times
 * {@link MOST_LOWERS}, and the place of the lower one.
 */
class StackRows implements Rows<Stacked> {
  readonly #tops: InterfaceOrder;
  readonly #all: InterfaceOrder;

  constructor({ tops, all }: Interfaces) {
    this.#tops = tops;
    this.#all = all;
  }

  find(ids: ArrayLike<number>, from: number, to: number): number {
    if (to - from !== 2) return -1;
    const position = this.#notBelow(ids[from]!, ids[from + 1]!);
    if (position < 0) return -1;
    const { higher, lower } = this.row(position);
    return (higher?.index ?? NONE) === ids[from] && (lower?.index ?? NONE) === ids[from + 1] ? position : -1;
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
    if (position % 2 === 0) {
      const top = this.#tops.next(position / 2);
      return top >= 0 ? 2 * top : stacked(this.#all.first(), 0);
    }
    const place = placeOf(position) + 1;
    const higher = higherOf(position);
    if (place < lowerCount(this.#all.row(higher))) return stacked(higher, place);
    const next = this.#all.next(higher);
    return next >= 0 ? stacked(next, 0) : -1;
  }

  row(position: number): Stacked {
    if (position % 2 === 0) return { higher: undefined, lower: this.#tops.row(position / 2) };
    const higher = this.#all.row(higherOf(position));
    return { higher, lower: lowerAt(higher, placeOf(position)) };
  }

  appendIndex(position: number, writer: Writer): void {
    const { higher, lower } = this.row(position);
    writer.appendSubid(higher?.index ?? NONE);
    writer.appendSubid(lower?.index ?? NONE);
  }

  /** The first row that is not before a pair; -1 when there is none. */
  #notBelow(higher: number, lower: number): number {
    if (higher === NONE) {
      const top = this.#tops.notBelow(lower);
      return top >= 0 ? 2 * top : stacked(this.#all.first(), 0);
    }
    const position = this.#all.notBelow(higher);
    if (position < 0) return -1;
    const one = this.#all.row(position);
    let place = 0;
    if (one.index === higher)
      while (place < Math.max(1, lowerCount(one)) && (lowerAt(one, place)?.index ?? NONE) < lower) place++;
    if (place < Math.max(1, lowerCount(one))) return stacked(position, place);
    const next = this.#all.next(position);
    return next >= 0 ? stacked(next, 0) : -1;
  }
}

function stacked(higher: number, place: number): number {
  return 2 * (higher * MOST_LOWERS + place) + 1;
}

function higherOf(position: number): number {
  return Math.floor(position / 2 / MOST_LOWERS);
}

function placeOf(position: number): number {
  return Math.floor(position / 2) % MOST_LOWERS;
}

/** ifStackTable: taps on bridges, bridges on NICs or bonds, bonds on their slaves. */
export function stackTable(interfaces: Interfaces): TableBinding<Stacked> {
  return {
    rows: new StackRows(interfaces),
    columns: { ifStackStatus: () => ACTIVE },
    readOnly: true,
  };
}
