/** Sizes of a {@link SourceLimiter}. */
export interface SourceLimits {
  /** Requests of one source address that are admitted per second in the long run; 0 for no limit. */
  readonly requestsPerSecond: number;
  /** Requests of one source address that are admitted at once after a silence, at least 1. */
  readonly burst: number;
  /** Source addresses that are remembered, at least 1. */
  readonly sources: number;
}

/** A bucket counts thousandths of a request, so that whole rates and whole milliseconds make whole numbers. */
const REQUEST = 1000;
/** A source that is seen again this many milliseconds after the first time, or later, is a regular. */
const REGULAR_AFTER_MS = 1000;
/** One part of the table in so many is for newcomers. */
const NEWCOMERS_PART = 4;
const NONE = -1;

/**
 * Which requests are taken, by the address that they come from: a token bucket for each.
 *
 * It comes before all work on a datagram, so its own must be small: for a known address one look into a map and a
 * few array cells, without allocation.
 *
 * BOUNDED: `sources` addresses, in arrays made at the start. When the table is full, the address that was silent for
 * the longest goes, in one of two parts. New addresses take a quarter of the table, and turn each other out only.
 * The rest is for regulars: those seen again a second or more after the first time. So somebody who makes up an
 * address for each datagram can't make the table forget the managers that poll, nor those that are being held back.
 * To get at the regulars he must receive or at least keep up thousands of addresses over time; what he gains is that
 * a bucket is forgotten, which means that its owner has a full one again: never that a manager is refused.
 *
 * It is no protection from one who has many addresses: each has a bucket of its own.
 */
export class SourceLimiter {
  readonly #rate: number;
  readonly #full: number;
  readonly #now: () => number;
  readonly #maxNewcomers: number;
  readonly #maxRegulars: number;
  /** BOUNDED by `sources`. Address to its slot, which is its place in the arrays. */
  readonly #slots = new Map<string, number>();
  /** Address of each slot in use, for taking it out of the map. */
  readonly #addresses: string[] = [];
  /** What is in the bucket, in thousandths of a request. */
  readonly #levels: Float64Array;
  /** When the level was right, in ms. */
  readonly #levelAt: Float64Array;
  /** When the address was first seen, in ms. */
  readonly #firstSeen: Float64Array;
  readonly #newcomers: RecencyList;
  readonly #regulars: RecencyList;
  readonly #isRegular: Uint8Array;

  /** `now` gives milliseconds of a clock that is never set back. */
  constructor({ requestsPerSecond, burst, sources }: SourceLimits, now: () => number) {
    this.#rate = requestsPerSecond;
    this.#full = burst * REQUEST;
    this.#now = now;
    this.#maxNewcomers = Math.ceil(sources / NEWCOMERS_PART);
    this.#maxRegulars = sources - this.#maxNewcomers;
    // Without a limit nothing is remembered.
    const slots = requestsPerSecond === 0 ? 0 : sources;
    this.#levels = new Float64Array(slots);
    this.#levelAt = new Float64Array(slots);
    this.#firstSeen = new Float64Array(slots);
    this.#isRegular = new Uint8Array(slots);
    const links = { before: new Int32Array(slots), after: new Int32Array(slots) };
    this.#newcomers = new RecencyList(links);
    this.#regulars = new RecencyList(links);
  }

  /** Number of addresses that are remembered now. */
  get size(): number {
    return this.#slots.size;
  }

  /** Whether a request from this address is taken now; it counts as one if so. */
  admit(address: string): boolean {
    if (this.#rate === 0) return true;
    const now = this.#now();
    let slot = this.#slots.get(address);
    if (slot === undefined) slot = this.#remember(address, now);
    else this.#touch(slot, now);
    const elapsed = now - this.#levelAt[slot]!;
    const level = Math.min(this.#full, this.#levels[slot]! + (elapsed > 0 ? elapsed * this.#rate : 0));
    const admitted = level >= REQUEST;
    this.#levels[slot] = admitted ? level - REQUEST : level;
    this.#levelAt[slot] = now;
    return admitted;
  }

  /** Gives a new address a slot with a full bucket. */
  #remember(address: string, now: number): number {
    const newcomers = this.#newcomers;
    let slot = this.#slots.size;
    if (newcomers.length >= this.#maxNewcomers) {
      slot = newcomers.oldest;
      newcomers.remove(slot);
      this.#slots.delete(this.#addresses[slot]!);
    }
    newcomers.add(slot);
    this.#slots.set(address, slot);
    this.#addresses[slot] = address;
    this.#isRegular[slot] = 0;
    this.#levels[slot] = this.#full;
    this.#levelAt[slot] = now;
    this.#firstSeen[slot] = now;
    return slot;
  }

  /** Makes a known address the latest of its part, or of the regulars when it has become one. */
  #touch(slot: number, now: number): void {
    const regulars = this.#regulars;
    if (this.#isRegular[slot] === 1) {
      regulars.remove(slot);
      regulars.add(slot);
      return;
    }
    const newcomers = this.#newcomers;
    newcomers.remove(slot);
    if (this.#maxRegulars === 0 || now - this.#firstSeen[slot]! < REGULAR_AFTER_MS) {
      newcomers.add(slot);
      return;
    }
    if (regulars.length >= this.#maxRegulars) {
      // The regular that makes room is a newcomer again, in the place that has just become free.
      const oldest = regulars.oldest;
      regulars.remove(oldest);
      this.#isRegular[oldest] = 0;
      this.#firstSeen[oldest] = now;
      newcomers.add(oldest);
    }
    this.#isRegular[slot] = 1;
    regulars.add(slot);
  }
}

interface Links {
  readonly before: Int32Array;
  readonly after: Int32Array;
}

/** Slots in the order in which they were last added. Lists that no slot is in at once may share their links. */
class RecencyList {
  readonly #before: Int32Array;
  readonly #after: Int32Array;
  #latest = NONE;
  oldest = NONE;
  length = 0;

  constructor({ before, after }: Links) {
    this.#before = before;
    this.#after = after;
  }

  /** Puts in a slot that is in no list. */
  add(slot: number): void {
    this.#before[slot] = this.#latest;
    this.#after[slot] = NONE;
    if (this.#latest === NONE) this.oldest = slot;
    else this.#after[this.#latest] = slot;
    this.#latest = slot;
    this.length++;
  }

  /** Takes out a slot that is in this list. */
  remove(slot: number): void {
    const before = this.#before[slot]!;
    const after = this.#after[slot]!;
    if (before === NONE) this.oldest = after;
    else this.#after[before] = after;
    if (after === NONE) this.#latest = before;
    else this.#before[after] = before;
    this.length--;
  }
}
