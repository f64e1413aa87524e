import type { Writer } from '../../ber/writer.ts';
import type { Domain } from '../../emulation/domain.ts';
import type { DomainList } from '../../emulation/domain-list.ts';
import { compareToSlice, type Rows } from '../../mib/rows.ts';
import type { Oid } from '../../util/oid.ts';

const UUID_OCTETS = 16;
/** More than any guest has rows in one table: 256 NICs of 256 pairs of queues. */
const STRIDE = 2 ** 20;

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
    return findPlace(this.#source.count(), (place) => this.#source.index(place), ids, from, to);
  }

  after(ids: ArrayLike<number>, from: number, to: number): number {
    const count = this.#source.count();
    const place = placeAfter(count, (each) => this.#source.index(each), ids, from, to);
    return place < count ? place : -1;
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
    for (const id of this.#source.index(position)) writer.appendSubid(id);
  }
}

/** The rows that one guest has in a table whose index begins with its UUID. */
export interface GuestPart<R> {
  count(domain: Domain): number;
  /** What follows the UUID; ascending with the place. */
  index(domain: Domain, place: number): Oid;
  row(domain: Domain, place: number): R;
}

/** The rows of a table whose index begins with the UUID of a guest, without a length before it. */
export class GuestRows<R> implements Rows<R> {
  readonly #domains: DomainList;
  readonly #part: GuestPart<R>;

  constructor(domains: DomainList, part: GuestPart<R>) {
    this.#domains = domains;
    this.#part = part;
  }

  find(ids: ArrayLike<number>, from: number, to: number): number {
    if (to - from < UUID_OCTETS) return -1;
    const guest = this.#domains.find(ids, from);
    if (guest < 0) return -1;
    const domain = this.#domains.at(guest);
    const index = (place: number): Oid => this.#part.index(domain, place);
    const place = findPlace(this.#part.count(domain), index, ids, from + UUID_OCTETS, to);
    return place < 0 ? -1 : guest * STRIDE + place;
  }

  after(ids: ArrayLike<number>, from: number, to: number): number {
    const guest = to - from < UUID_OCTETS ? -1 : this.#domains.find(ids, from);
    if (guest < 0) {
      const next = this.#domains.after(ids, from, Math.min(to, from + UUID_OCTETS));
      return next < 0 ? -1 : this.#firstFrom(next);
    }
    const domain = this.#domains.at(guest);
    const count = this.#part.count(domain);
    const index = (place: number): Oid => this.#part.index(domain, place);
    // A name that ends with the UUID stands before the row that has nothing behind it, too.
    const place =
      to - from === UUID_OCTETS && count > 0 && index(0).length > 0
        ? 0
        : placeAfter(count, index, ids, from + UUID_OCTETS, to);
    return place < count ? guest * STRIDE + place : this.#firstFrom(guest + 1);
  }

  first(): number {
    return this.#firstFrom(0);
  }

  next(position: number): number {
    const guest = Math.floor(position / STRIDE);
    const place = (position % STRIDE) + 1;
    if (place < this.#part.count(this.#domains.at(guest))) return position + 1;
    return this.#firstFrom(guest + 1);
  }

  row(position: number): R {
    return this.#part.row(this.#domains.at(Math.floor(position / STRIDE)), position % STRIDE);
  }

  appendIndex(position: number, writer: Writer): void {
    const domain = this.#domains.at(Math.floor(position / STRIDE));
    for (const octet of domain.uuidOctets) writer.appendSubid(octet);
    for (const id of this.#part.index(domain, position % STRIDE)) writer.appendSubid(id);
  }

  #firstFrom(guest: number): number {
    const { size } = this.#domains;
    for (let i = guest; i < size; i++) if (this.#part.count(this.#domains.at(i)) > 0) return i * STRIDE;
    return -1;
  }
}

const NOTHING: Oid = [];

/** A table with at most one row for each guest, which is there while `row` gives something. */
export function oneForEach<R>(row: (domain: Domain) => R | undefined): GuestPart<R> {
  return {
    count: (domain) => (row(domain) === undefined ? 0 : 1),
    index: () => NOTHING,
    row: (domain) => row(domain)!,
  };
}

/** A table with a row for each of several things of a guest, numbered from 0. */
export function severalForEach<R>(
  count: (domain: Domain) => number,
  row: (domain: Domain, number: number) => R,
): GuestPart<R> {
  return { count, index: (_domain, place) => [place], row };
}

function findPlace(
  count: number,
  index: (place: number) => Oid,
  ids: ArrayLike<number>,
  from: number,
  to: number,
): number {
  const place = lowerBound(count, index, ids, from, to);
  return place < count && compareToSlice(index(place), ids, from, to) === 0 ? place : -1;
}

function placeAfter(
  count: number,
  index: (place: number) => Oid,
  ids: ArrayLike<number>,
  from: number,
  to: number,
): number {
  const place = lowerBound(count, index, ids, from, to);
  return place < count && compareToSlice(index(place), ids, from, to) === 0 ? place + 1 : place;
}

function lowerBound(
  count: number,
  index: (place: number) => Oid,
  ids: ArrayLike<number>,
  from: number,
  to: number,
): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareToSlice(index(middle), ids, from, to) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
