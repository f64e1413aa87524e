import type { Writer } from '../../ber/writer.ts';
import { IF_MIB } from '../../mib/generated/if-mib.ts';
import type { TableBinding } from '../../mib/module.ts';
import { compareToSlice, type Rows } from '../../mib/rows.ts';
import type { Interface, Loopback } from './interface.ts';
import { type Interfaces, placeOf } from './interfaces.ts';

const ACTIVE = 1;
const TYPE = IF_MIB.tables.ifRcvAddressTable.columns.ifRcvAddressType.syntax.enums;
const BROADCAST = new Uint8Array(6).fill(0xff);

type Addressed = Exclude<Interface, Loopback>;

/**
 * What each interface but lo receives: frames to its own address, then those to everybody.
 *
 * lo is the first of all, so that the others stand behind it.
 */
class AddressRows implements Rows<Addressed> {
  readonly #all: readonly Interface[];

  constructor({ all }: Interfaces) {
    this.#all = all;
  }

  find(ids: ArrayLike<number>, from: number, to: number): number {
    const position = this.#notBefore(ids, from, to);
    return position >= 0 && this.#compare(position, ids, from, to) === 0 ? position : -1;
  }

  after(ids: ArrayLike<number>, from: number, to: number): number {
    const position = this.#notBefore(ids, from, to);
    return position >= 0 && this.#compare(position, ids, from, to) === 0 ? this.next(position) : position;
  }

  first(): number {
    return this.#all.length > 1 ? 0 : -1;
  }

  next(position: number): number {
    return position + 1 < 2 * (this.#all.length - 1) ? position + 1 : -1;
  }

  row(position: number): Addressed {
    return this.#all[1 + (position >> 1)] as Addressed;
  }

  appendIndex(position: number, writer: Writer): void {
    const address = this.#address(position);
    writer.appendSubid(this.row(position).index);
    writer.appendSubid(address.length);
    for (let i = 0; i < address.length; i++) writer.appendSubid(address[i]!);
  }

  #address(position: number): Uint8Array {
    return position & 1 ? BROADCAST : this.row(position).address;
  }

  /** The first row that is not before ids[from..to). */
  #notBefore(ids: ArrayLike<number>, from: number, to: number): number {
    if (from === to) return this.first();
    let position = 2 * Math.max(0, placeOf(this.#all, ids[from]!) - 1);
    const end = 2 * (this.#all.length - 1);
    while (position < end && this.#compare(position, ids, from, to) < 0) position++;
    return position < end ? position : -1;
  }

  #compare(position: number, ids: ArrayLike<number>, from: number, to: number): number {
    const address = this.#address(position);
    return compareToSlice([this.row(position).index, address.length, ...address], ids, from, to);
  }
}

/** ifRcvAddressTable. */
export function addressTable(interfaces: Interfaces): TableBinding<Addressed> {
  return {
    rows: new AddressRows(interfaces),
    columns: {
      ifRcvAddressStatus: () => ACTIVE,
      ifRcvAddressType: ({ kind }) => (kind === 'tap' ? TYPE.volatile : TYPE.nonVolatile),
    },
    readOnly: true,
  };
}
