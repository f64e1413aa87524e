/** Columns of one pool; bytes and ms. */
const STRIDE = 7;
const CAPACITY = 0;
/** Allocated when the present tick began. */
const BASE = 1;
/** Allocated on top of it until the tick's end. */
const GROWTH = 2;
const WANTED = 3;
const SINCE = 4;
const SPAN = 5;
/** How often somebody wanted space and did not get all of it. */
const FAILURES = 6;

/** What can be read of a pool, in bytes: capacity = allocation + available. */
export interface PoolSpace {
  readonly capacity: number;
  readonly allocation: number;
  readonly available: number;
}

/**
 * The storage pools of a host: space that images take on first writes, until there is none.
 *
 * Thin images claim space before a tick; when more is claimed than there is, each gets the same share of its
 * claim, whatever the order. Bounded by the pools of the configuration.
 */
export class StoragePools {
  readonly #numbers: Float64Array;

  /** `capacities` in bytes, one for each pool. */
  constructor(capacities: readonly number[]) {
    this.#numbers = new Float64Array(STRIDE * capacities.length);
    capacities.forEach((capacity, pool) => {
      this.#numbers[pool * STRIDE + CAPACITY] = capacity;
    });
  }

  /** A tick begins: what was planned has come. */
  beginTick(nowMs: number, spanMs: number): void {
    const numbers = this.#numbers;
    for (let at = 0; at < numbers.length; at += STRIDE) {
      numbers[at + BASE]! += numbers[at + GROWTH]!;
      numbers[at + GROWTH] = 0;
      numbers[at + WANTED] = 0;
      numbers[at + SINCE] = nowMs;
      numbers[at + SPAN] = spanMs;
    }
  }

  /** An image wants so many more bytes in this tick: a whole number. */
  claim(pool: number, bytes: number): void {
    this.#numbers[pool * STRIDE + WANTED]! += bytes;
  }

  /** What an image gets of its claim when all claims are in: whole clusters. */
  granted(pool: number, claim: number, cluster: number): number {
    const numbers = this.#numbers;
    const at = pool * STRIDE;
    const left = Math.max(0, numbers[at + CAPACITY]! - numbers[at + BASE]!);
    const wanted = numbers[at + WANTED]!;
    if (wanted <= left) return claim;
    return Math.floor(((claim / wanted) * left) / cluster) * cluster;
  }

  /** Bytes that nobody has claimed or taken in this tick. */
  left(pool: number): number {
    const numbers = this.#numbers;
    const at = pool * STRIDE;
    const taken = Math.max(numbers[at + WANTED]!, numbers[at + GROWTH]!);
    return Math.max(0, numbers[at + CAPACITY]! - numbers[at + BASE]! - taken);
  }

  /** An image takes bytes until the end of the tick; not more than it was granted. */
  take(pool: number, bytes: number): void {
    this.#numbers[pool * STRIDE + GROWTH]! += bytes;
  }

  /** An image that stops in the middle of a tick does not take so many of the bytes that it would have. */
  giveBack(pool: number, bytes: number): void {
    this.#numbers[pool * STRIDE + GROWTH]! -= bytes;
  }

  /** Takes bytes at once, as a new thick volume does: false, and nothing happens, when there is no room. */
  allocate(pool: number, bytes: number): boolean {
    const at = pool * STRIDE;
    const numbers = this.#numbers;
    const taken = numbers[at + BASE]! + Math.max(numbers[at + GROWTH]!, numbers[at + WANTED]!);
    if (taken + bytes > numbers[at + CAPACITY]!) {
      numbers[at + FAILURES]! += 1;
      return false;
    }
    numbers[at + BASE]! += bytes;
    return true;
  }

  /** Gives bytes back at once, as a deleted volume does. */
  free(pool: number, bytes: number): void {
    this.#numbers[pool * STRIDE + BASE]! -= bytes;
  }

  /** Makes a pool larger. */
  extend(pool: number, bytes: number): void {
    this.#numbers[pool * STRIDE + CAPACITY]! += bytes;
  }

  /** A pool's space at an instant. */
  read(pool: number, nowMs: number): PoolSpace {
    const at = pool * STRIDE;
    const [capacity, base, growth, , since, span] = this.#numbers.subarray(at, at + STRIDE);
    const share = span === 0 ? 1 : Math.min(1, (nowMs - since!) / span!);
    const allocation = base! + Math.floor(growth! * share);
    return { capacity: capacity!, allocation, available: capacity! - allocation };
  }

  /** So many requests for space were refused. */
  refuse(pool: number, requests: number): void {
    this.#numbers[pool * STRIDE + FAILURES]! += requests;
  }

  /** How often somebody wanted space of a pool and did not get all of it, since the host was made. */
  failures(pool: number): number {
    return this.#numbers[pool * STRIDE + FAILURES]!;
  }

  /** What {@link restore} needs: a plain copy. */
  snapshot(): Float64Array {
    return this.#numbers.slice();
  }

  /** Puts everything back. */
  restore(snapshot: Float64Array): void {
    this.#numbers.set(snapshot);
  }
}
