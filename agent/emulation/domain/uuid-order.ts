import type { Domain } from './domain.ts';
import type { DomainOrder } from './domain-subset.ts';

const OCTETS = 16;
/** Heads are numbers below this. */
const HEADS = 2 ** 32;
/** Rows below which halving alone is as good. */
const SMALL = 256;

/** Compares one row's 16 octets with a sequence of numbers; the sign of (row - sequence). */
function compareRow(
  keys: Uint8Array,
  row: number,
  subids: ArrayLike<number>,
  from: number,
  length: number,
): number {
  const offset = row * OCTETS;
  for (let i = 0; i < length; i++) {
    const difference = keys[offset + i]! - subids[from + i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Domains of one host, sorted by the 16 octets of their UUIDs: look-ups are binary searches over one flat array. */
export class UuidOrder implements DomainOrder {
  #sorted: Domain[] = [];
  #keys = new Uint8Array(0);
  /** The first four octets of each key as one number: most comparisons end there. */
  #heads = new Uint32Array(0);

  /** Every domain, in order. */
  get sorted(): readonly Domain[] {
    return this.#sorted;
  }

  /**
   * Position of the domain whose 16 octets equal `subids[from]` to `subids[from + 15]`; -1 when there is none.
   *
   * A number above 255, or a sequence that ends early, matches nothing.
   */
  find(subids: ArrayLike<number>, from: number): number {
    if (subids.length < from + OCTETS) return -1;
    const position = this.#firstGreater(subids, from, OCTETS) - 1;
    if (position < 0) return -1;
    return compareRow(this.#keys, position, subids, from, OCTETS) === 0 ? position : -1;
  }

  /**
   * First position whose 16 octets are lexicographically greater than `subids[from]` to `subids[to - 1]`.
   *
   * The sequence may be shorter or longer than 16, and its numbers may exceed 255; of two sequences that
   * agree as far as they go, the longer is the greater. -1 when there is none.
   */
  after(subids: ArrayLike<number>, from: number, to: number): number {
    const position = this.#firstGreater(subids, from, to - from);
    return position < this.#sorted.length ? position : -1;
  }

  /** Position of this very domain; -1 when it is not there, though another with its UUID may be. */
  position(domain: Domain): number {
    const position = this.find(domain.uuidOctets, 0);
    return this.#sorted[position] === domain ? position : -1;
  }

  /** Puts domains in that are not there yet: O(n) and a sort of the new ones, however many they are. */
  add(domains: Domain[]): void {
    const added = domains.sort((a, b) => (a.uuid < b.uuid ? -1 : 1));
    const old = this.#sorted;
    const count = old.length + added.length;
    const sorted: Domain[] = new Array(count);
    // Spare room for the odd addition, so that the arrays are not made anew each time.
    const room = this.#heads.length >= count ? this.#heads.length : count + (count >> 3);
    const keys = new Uint8Array(room * OCTETS);
    const heads = new Uint32Array(room);
    for (let i = 0, a = 0, b = 0; i < count; i++) {
      const takeOld = b >= added.length || (a < old.length && old[a]!.uuid < added[b]!.uuid);
      const domain = takeOld ? old[a++]! : added[b++]!;
      sorted[i] = domain;
      keys.set(domain.uuidOctets, i * OCTETS);
      heads[i] = headOf(domain.uuidOctets, 0);
    }
    this.#sorted = sorted;
    this.#keys = keys;
    this.#heads = heads;
  }

  /** Takes a domain out; false when it is not there. */
  remove(domain: Domain): boolean {
    const position = this.find(domain.uuidOctets, 0);
    if (position < 0) return false;
    const count = this.#sorted.length;
    this.#sorted.splice(position, 1);
    this.#keys.copyWithin(position * OCTETS, (position + 1) * OCTETS, count * OCTETS);
    this.#heads.copyWithin(position, position + 1, count);
    return true;
  }

  /** Position of the first row greater than a sequence of `length` numbers; the row count when there is none. */
  #firstGreater(subids: ArrayLike<number>, from: number, length: number): number {
    const keys = this.#keys;
    const heads = this.#heads;
    const compared = Math.min(length, OCTETS);
    // A row that equals a shorter sequence as far as it goes is longer, hence greater.
    const equalIsGreater = length < OCTETS;
    const head = compared >= 4 ? headOf(subids, from) : -1;
    let low = 0;
    let high = this.#sorted.length;
    if (head >= 0 && high > SMALL) {
      // UUIDs are spread evenly, so a head tells about where it stands: two looks instead of most of the halvings.
      const guess = Math.floor((head / HEADS) * high);
      const spread = Math.ceil(Math.sqrt(high)) * 2;
      const before = guess - spread;
      const behind = guess + spread;
      if (before > 0 && heads[before]! < head) low = before + 1;
      if (behind < high && heads[behind]! > head) high = behind;
    }
    while (low < high) {
      const middle = (low + high) >>> 1;
      let order = head < 0 ? 0 : heads[middle]! - head;
      if (order === 0) order = compareRow(keys, middle, subids, from, compared);
      if (order > 0 || (order === 0 && equalIsGreater)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** Four numbers as one; -1 when one of them is no octet. */
function headOf(subids: ArrayLike<number>, from: number): number {
  const a = subids[from]!;
  const b = subids[from + 1]!;
  const c = subids[from + 2]!;
  const d = subids[from + 3]!;
  if (a > 255 || b > 255 || c > 255 || d > 255) return -1;
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
}
