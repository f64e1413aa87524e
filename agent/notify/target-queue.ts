import type { PendingNotification } from './pending.ts';

/** Octets for each notification that a queue may hold: large ones count for several. */
const OCTETS_EACH = 1024;
/** Places at the front that are left empty before the rest is moved up. */
const MAX_HOLES = 1024;

/**
 * What one target is still to be told, in order.
 *
 * BOUNDED by its limit, and by 1 KiB for each of as many: when full, the oldest gives way.
 */
export class TargetQueue {
  #items: (PendingNotification | undefined)[] = [];
  #head = 0;
  #octets = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  /** The one to be told next. */
  get first(): PendingNotification | undefined {
    return this.#items[this.#head];
  }

  push(item: PendingNotification): void {
    this.#items.push(item);
    this.#octets += item.bindings.length;
  }

  /** Takes the first one out. */
  shift(): PendingNotification | undefined {
    return this.#takeAt(this.#head);
  }

  /**
   * Takes out and returns the oldest as long as there is more than `limit` allows. With `keepFirst` the first one
   * stays: it is on its way.
   */
  takeSurplus(limit: number, keepFirst: boolean): PendingNotification | undefined {
    const least = keepFirst ? 1 : 0;
    if (this.length <= least + 1) return undefined;
    if (this.length <= limit && this.#octets <= limit * OCTETS_EACH) return undefined;
    return this.#takeAt(this.#head + least);
  }

  #takeAt(at: number): PendingNotification | undefined {
    const taken = this.#items[at];
    if (!taken) return undefined;
    this.#octets -= taken.bindings.length;
    if (at > this.#head) this.#items[at] = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    if (this.#head > MAX_HOLES && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return taken;
  }
}
