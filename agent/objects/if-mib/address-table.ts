import type { Writer } from '../../ber/writer.ts';
import { IF_MIB } from '../../mib/generated/if-mib.ts';
import type { TableBinding } from '../../mib/module.ts';
import { compareToSlice, type Rows } from '../../mib/rows.ts';
import type { Interface, Loopback } from './interface.ts';
import { LOOPBACK_INDEX } from './interface-indexes.ts';
import type { InterfaceOrder } from './interface-order.ts';
import type { Interfaces } from './interfaces.ts';

const ACTIVE = 1;
const TYPE = IF_MIB.tables.ifRcvAddressTable.columns.ifRcvAddressType.syntax.enums;
const BROADCAST = new Uint8Array(6).fill(0xff);

type Addressed = Exclude<Interface, Loopback>;

/**
 * What each interface but lo receives: frames to its own address, then those to everybody.
 *
 * A position is twice that of the interface, and one more for everybody's address.
 */
class AddressRows implements Rows<Addressed> {
  readonly #all: InterfaceOrder;

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
    return own(this.#all.notBelow(LOOPBACK_INDEX + 1));
  }

  next(position: number): number {
    return position % 2 === 0 ? position + 1 : own(this.#all.next(Math.floor(position / 2)));
  }

  row(position: number): Addressed {
    return this.#all.row(Math.floor(position / 2)) as Addressed;
  }

  appendIndex(position: number, writer: Writer): void {
    const address = this.#address(position);
    writer.appendSubid(this.row(position).index);
    writer.appendSubid(address.length);
    for (let i = 0; i < address.length; i++) writer.appendSubid(address[i]!);
  }

  #address(position: number): Uint8Array {
    return position % 2 === 0 ? this.row(position).address : BROADCAST;
  }

  /** The first row that is not before ids[from..to). */
  #notBefore(ids: ArrayLike<number>, from: number, to: number): number {
    if (from === to) return this.first();
    let position = own(this.#all.notBelow(Math.max(LOOPBACK_INDEX + 1, ids[from]!)));
    while (position >= 0 && this.#compare(position, ids, from, to) < 0) position = this.next(position);
    return position;
  }

  #compare(position: number, ids: ArrayLike<number>, from: number, to: number): number {
    const address = this.#address(position);
    return compareToSlice([this.row(position).index, address.length, ...address], ids, from, to);
  }
}

/** The first row of the interface at a position; -1 for none. */
function own(position: number): number {
  return position < 0 ? -1 : 2 * position;
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
