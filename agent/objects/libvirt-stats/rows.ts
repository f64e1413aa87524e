import type { Writer } from '../../ber/writer.ts';
import type { Domain } from '../../emulation/domain.ts';
import type { DomainList } from '../../emulation/domain-list.ts';
import type { DomainSubset } from '../../emulation/domain-subset.ts';
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

/** What the index of a guest's rows begins with, and its guests are sorted by. */
export interface GuestKey {
  /** Sub-identifiers. */
  readonly length: number;
  /** The guests that have something, sorted by the key. */
  readonly subset: (domains: DomainList, has: (domain: Domain) => boolean) => DomainSubset;
  readonly append: (domain: Domain, writer: Writer) => void;
}

const BY_UUID: GuestKey = {
  length: UUID_OCTETS,
  subset: (domains, has) => domains.having(has),
  append: ({ uuidOctets }, writer) => {
    for (const octet of uuidOctets) writer.appendSubid(octet);
  },
};

/** The guest's number on its host. */
export const BY_NUMBER: GuestKey = {
  length: 1,
  subset: (domains, has) => domains.numbered(has),
  append: ({ number }, writer) => writer.appendSubid(number),
};

/** The rows that one guest has in a table whose index begins with its key. */
export interface GuestPart<R> {
  /** Changes only when the guest is changed through the hypervisor's door, not as time goes by. */
  count(domain: Domain): number;
  /** What follows the key; ascending with the place. */
  index(domain: Domain, place: number): Oid;
  row(domain: Domain, place: number): R;
}

/**
 * The rows of a table whose index begins with a guest: with its UUID, without a length before it, or another key.
 *
 * Guests without a row are not looked at, however many they are.
 */
export class GuestRows<R> implements Rows<R> {
  readonly #guests: DomainSubset;
  readonly #part: GuestPart<R>;
  readonly #key: GuestKey;

  constructor(domains: DomainList, part: GuestPart<R>, key = BY_UUID) {
    this.#guests = key.subset(domains, (domain) => part.count(domain) > 0);
    this.#part = part;
    this.#key = key;
  }

  find(ids: ArrayLike<number>, from: number, to: number): number {
    const { length } = this.#key;
    if (to - from < length) return -1;
    const guest = this.#guests.find(ids, from);
    if (guest < 0) return -1;
    const domain = this.#guests.at(guest);
    const index = (place: number): Oid => this.#part.index(domain, place);
    const place = findPlace(this.#part.count(domain), index, ids, from + length, to);
    return place < 0 ? -1 : guest * STRIDE + place;
  }

  after(ids: ArrayLike<number>, from: number, to: number): number {
    const { length } = this.#key;
    const guest = to - from < length ? -1 : this.#guests.find(ids, from);
    if (guest < 0) {
      const next = this.#guests.after(ids, from, Math.min(to, from + length));
      return next < 0 ? -1 : next * STRIDE;
    }
    const domain = this.#guests.at(guest);
    const count = this.#part.count(domain);
    const index = (place: number): Oid => this.#part.index(domain, place);
    // A name that ends with the key stands before the row that has nothing behind it, too.
    const place =
      to - from === length && index(0).length > 0 ? 0 : placeAfter(count, index, ids, from + length, to);
    return place < count ? guest * STRIDE + place : this.#firstOf(guest + 1);
  }

  first(): number {
    return this.#firstOf(0);
  }

  next(position: number): number {
    const guest = Math.floor(position / STRIDE);
    const place = (position % STRIDE) + 1;
    if (place < this.#part.count(this.#guests.at(guest))) return position + 1;
    return this.#firstOf(guest + 1);
  }

  row(position: number): R {
    return this.#part.row(this.#guests.at(Math.floor(position / STRIDE)), position % STRIDE);
  }

  appendIndex(position: number, writer: Writer): void {
    const domain = this.#guests.at(Math.floor(position / STRIDE));
    this.#key.append(domain, writer);
    for (const id of this.#part.index(domain, position % STRIDE)) writer.appendSubid(id);
  }

  #firstOf(guest: number): number {
    return guest < this.#guests.size ? guest * STRIDE : -1;
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
