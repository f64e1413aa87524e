import { packWords, Writer } from '../ber/writer.ts';
import type { Domain } from '../emulation/domain/domain.ts';
import type { DomainList } from '../emulation/domain/domain-list.ts';
import type { DomainSubset } from '../emulation/domain/domain-subset.ts';
import type { Rows } from '../mib/rows.ts';
import { lowerBound } from '../util/lower-bound.ts';
import type { Oid } from '../util/oid.ts';

const UUID_OCTETS = 16;
/** More than any guest has rows in one table: 256 NICs of 256 pairs of queues. */
const STRIDE = 2 ** 20;
/** Octets that a sub-identifier takes at most (X.690 section 8.19.2). */
const SUBID_OCTETS = 5;
/** How many rows of one table are kept; with more, all are made anew when they are asked for. */
const MOST_ROWS = 2 ** 16;
/** Guests whose rows are kept though they have none any more, beyond as many as have some. */
const SPARE_GUESTS = 64;
const KEPT = 4;
const FIRST = 1;
const COUNT = 2;
const ROOM = 3;

/** What the index of a guest's rows begins with, and its guests are sorted by. */
export interface GuestKey {
  /** Sub-identifiers. */
  readonly length: number;
  /** Octets of it in BER at most. */
  readonly octets: number;
  /** The guests that have something, sorted by the key. */
  readonly subset: (domains: DomainList, has: (domain: Domain) => boolean) => DomainSubset;
  readonly append: (domain: Domain, writer: Writer) => void;
}

/** The UUID, without a length before it. */
const BY_UUID: GuestKey = {
  length: UUID_OCTETS,
  octets: 2 * UUID_OCTETS,
  subset: (domains, has) => domains.having(has),
  append: ({ uuidOctets }, writer) => {
    for (const octet of uuidOctets) writer.appendSubid(octet);
  },
};

/** The guest's number on its host. */
export const BY_NUMBER: GuestKey = {
  length: 1,
  octets: SUBID_OCTETS,
  subset: (domains, has) => domains.numbered(has),
  append: ({ number }, writer) => writer.appendSubid(number),
};

/**
 * The rows that one guest has in a table whose index begins with its key.
 *
 * They are kept until the guest is changed through the hypervisor's door: a row may hold what stays until then, such as the
 * guest's process, and its columns look up what goes on in there when they are read.
 */
export interface GuestPart<R> {
  /** How many sub-identifiers follow the key. */
  readonly width: number;
  /** How many rows; 0 to {@link STRIDE} - 1. */
  count(domain: Domain): number;
  /** In the order of their indexes; asked for at any time, when a tick may have left fewer than the latest change did. */
  rows(domain: Domain): readonly R[];
  /** What follows the key in a row's index. */
  index(row: R): Oid;
}

const scratch = new Writer();

/**
 * The rows of a table whose index begins with a guest.
 *
 * Guests without a row are not looked at, however many they are. What is kept of the others lies together in the order in
 * which it was first asked for, which is that of a walk.
 */
export class GuestRows<R> implements Rows<R> {
  readonly #domains: DomainList;
  readonly #guests: DomainSubset;
  readonly #part: GuestPart<R>;
  readonly #key: GuestKey;
  /** Numbers kept for a row: how many octets its index has, what follows the key in it, and all of it in BER. */
  readonly #stride: number;
  #rows: (R | undefined)[] = [];
  #indexes = new Uint32Array(0);
  /**
   * {@link KEPT} numbers for each guest, by its number: the revision whose rows are kept, the first of them, how many, and for
   * how many there is room.
   */
  #kept = new Float64Array(0);
  /** How many guests have room. */
  #guestsKept = 0;

  constructor(domains: DomainList, part: GuestPart<R>, key = BY_UUID) {
    this.#domains = domains;
    this.#guests = key.subset(domains, (domain) => part.count(domain) > 0);
    this.#part = part;
    this.#key = key;
    this.#stride = 1 + part.width + Math.ceil((key.octets + part.width * SUBID_OCTETS) / 4);
  }

  /**
   * The rows of those guests that have something. For a column that the others have no value in, so that no search passes over
   * them; what it asks of guests with rows may change only when the guest is changed through the hypervisor's door.
   */
  whereGuest(has: (domain: Domain) => boolean): GuestRows<R> {
    const part = this.#part;
    const count = (domain: Domain) => {
      const all = part.count(domain);
      return all > 0 && has(domain) ? all : 0;
    };
    return new GuestRows(this.#domains, { ...part, count }, this.#key);
  }

  /** The same for those rows that have something. */
  where(has: (row: R) => boolean): GuestRows<R> {
    const part = this.#part;
    const rows = (domain: Domain) => (part.count(domain) === 0 ? [] : part.rows(domain).filter(has));
    const count = (domain: Domain) => rows(domain).length;
    return new GuestRows(this.#domains, { ...part, count, rows }, this.#key);
  }

  find(ids: ArrayLike<number>, from: number, to: number): number {
    const { length } = this.#key;
    const guest = to - from < length ? -1 : this.#guests.find(ids, from);
    if (guest < 0) return -1;
    const kept = this.#keptOf(guest);
    const place = this.#placeNotBefore(kept, ids, from + length, to);
    return this.#isAt(kept, place, ids, from + length, to) ? guest * STRIDE + place : -1;
  }

  after(ids: ArrayLike<number>, from: number, to: number): number {
    const { length } = this.#key;
    const guest = to - from < length ? -1 : this.#guests.find(ids, from);
    if (guest < 0) {
      const next = this.#guests.after(ids, from, Math.min(to, from + length));
      return next < 0 ? -1 : this.#firstOf(next);
    }
    const kept = this.#keptOf(guest);
    let place = this.#placeNotBefore(kept, ids, from + length, to);
    if (this.#isAt(kept, place, ids, from + length, to)) place++;
    return place < this.#kept[kept + COUNT]! ? guest * STRIDE + place : this.#firstOf(guest + 1);
  }

  first(): number {
    return this.#firstOf(0);
  }

  next(position: number): number {
    const guest = Math.floor(position / STRIDE);
    const kept = this.#keptOf(guest);
    return (position % STRIDE) + 1 < this.#kept[kept + COUNT]! ? position + 1 : this.#firstOf(guest + 1);
  }

  row(position: number): R {
    // To look it up may make the arrays anew.
    const at = this.#at(position);
    return this.#rows[at]!;
  }

  appendIndex(position: number, writer: Writer): void {
    const at = this.#at(position) * this.#stride;
    writer.appendWords(this.#indexes, at + 1 + this.#part.width, this.#indexes[at]!);
  }

  /** The first row of a guest, or of those behind it. */
  #firstOf(guest: number): number {
    for (let each = guest; each < this.#guests.size; each++) {
      const kept = this.#keptOf(each);
      // What a tick took away of a guest is noticed with its next change.
      if (this.#kept[kept + COUNT]! > 0) return each * STRIDE;
    }
    return -1;
  }

  #at(position: number): number {
    const kept = this.#keptOf(Math.floor(position / STRIDE));
    return this.#kept[kept + FIRST]! + (position % STRIDE);
  }

  /** Where in #kept a guest stands, whose rows are kept then. */
  #keptOf(guest: number): number {
    const domain = this.#guests.at(guest);
    const at = domain.number * KEPT;
    if (this.#kept[at] !== domain.revision) this.#keep(domain, at);
    return at;
  }

  #keep(domain: Domain, at: number): void {
    const rows = this.#part.rows(domain);
    this.#kept = withRoom(this.#kept, at + KEPT);
    const first = this.#roomFor(rows.length, at);
    this.#indexes = withRoom(this.#indexes, this.#rows.length * this.#stride);
    for (let place = 0; place < rows.length; place++) {
      this.#rows[first + place] = rows[place]!;
      this.#encode(domain, this.#part.index(rows[place]!), (first + place) * this.#stride);
    }
    this.#kept[at] = domain.revision;
    this.#kept[at + COUNT] = rows.length;
  }

  /** Where so many rows of a guest go: over its former ones, which are let go with all that they hold. */
  #roomFor(count: number, at: number): number {
    const before = this.#kept[at + FIRST]!;
    const room = this.#kept[at + ROOM]!;
    this.#rows.fill(undefined, before, before + room);
    if (count <= room) return before;
    const isNew = room === 0;
    const isMuch =
      this.#rows.length + count > MOST_ROWS ||
      (isNew && this.#guestsKept > 2 * this.#guests.size + SPARE_GUESTS);
    if (isMuch) this.#forget();
    if (isNew || isMuch) this.#guestsKept++;
    const first = this.#rows.length;
    for (let i = 0; i < count; i++) this.#rows.push(undefined);
    this.#kept[at + FIRST] = first;
    this.#kept[at + ROOM] = count;
    return first;
  }

  #forget(): void {
    this.#rows = [];
    this.#kept.fill(0);
    this.#guestsKept = 0;
  }

  #encode(domain: Domain, index: Oid, at: number): void {
    scratch.reset();
    this.#key.append(domain, scratch);
    for (const id of index) scratch.appendSubid(id);
    const octets = scratch.view();
    this.#indexes[at] = octets.length;
    this.#indexes.set(index, at + 1);
    packWords(octets, this.#indexes, at + 1 + index.length);
  }

  /** The first place of a guest whose index does not stand before ids[from..to), which follows the key. */
  #placeNotBefore(kept: number, ids: ArrayLike<number>, from: number, to: number): number {
    const first = this.#kept[kept + FIRST]!;
    return lowerBound(this.#kept[kept + COUNT]!, (place) => this.#compare(first + place, ids, from, to) < 0);
  }

  #isAt(kept: number, place: number, ids: ArrayLike<number>, from: number, to: number): boolean {
    if (place >= this.#kept[kept + COUNT]!) return false;
    return this.#compare(this.#kept[kept + FIRST]! + place, ids, from, to) === 0;
  }

  /** Lexicographic order of what follows the key in a row's index against ids[from..to). */
  #compare(row: number, ids: ArrayLike<number>, from: number, to: number): number {
    const { width } = this.#part;
    const at = row * this.#stride + 1;
    const shared = Math.min(width, to - from);
    for (let i = 0; i < shared; i++) {
      const difference = this.#indexes[at + i]! - ids[from + i]!;
      if (difference !== 0) return difference;
    }
    return width - (to - from);
  }
}

/** An array of at least so many numbers that begins with those of another one. */
function withRoom<A extends Uint32Array | Float64Array>(numbers: A, needed: number): A {
  if (numbers.length >= needed) return numbers;
  const larger = new (numbers.constructor as new (length: number) => A)(needed + (needed >>> 1));
  larger.set(numbers);
  return larger;
}

const NOTHING: Oid = [];

/** A table with at most one row for each guest, which is there while `row` gives something. */
export function oneForEach<R>(row: (domain: Domain) => R | undefined): GuestPart<R> {
  return {
    width: 0,
    count: (domain) => (row(domain) === undefined ? 0 : 1),
    rows: (domain) => {
      const one = row(domain);
      return one === undefined ? [] : [one];
    },
    index: () => NOTHING,
  };
}

/** A table with a row for each of several things of a guest, with one number behind the key. */
export function severalForEach<R>(
  count: (domain: Domain) => number,
  row: (domain: Domain, place: number) => R,
  number: (row: R) => number,
): GuestPart<R> {
  return {
    width: 1,
    count,
    rows: (domain) => Array.from({ length: count(domain) }, (_, place) => row(domain, place)),
    index: (each) => [number(each)],
  };
}
