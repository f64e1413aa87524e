/** What an {@link IndexedHeap} keeps: it writes the item's place, so that any item can be taken out again. */
export interface HeapItem {
  /** Place in the heap, -1 when the item is in none. Written by the heap only. */
  heapIndex: number;
}

/**
 * A binary heap whose items know their place.
 *
 * `first` is O(1), `add`, `remove` and `shift` are O(log n). UNBOUNDED: whoever adds must also take out.
 */
export class IndexedHeap<T extends HeapItem> {
  readonly #before: (a: T, b: T) => boolean;
  readonly #items: T[] = [];

  /** `before(a, b)` says whether a comes out earlier than b; it must be a strict order. */
  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  /** Number of items. */
  get size(): number {
    return this.#items.length;
  }

  /** The item that would come out next, without taking it. */
  get first(): T | undefined {
    return this.#items[0];
  }

  /** Puts an item in; an item that is already in the heap stays where it is. */
  add(item: T): void {
    if (item.heapIndex >= 0) return;
    this.#items.push(item);
    this.#rise(item, this.#items.length - 1);
  }

  /** Takes one item out, wherever it is; false when it was in no heap. */
  remove(item: T): boolean {
    const index = item.heapIndex;
    if (index < 0) return false;
    item.heapIndex = -1;
    const last = this.#items.pop()!;
    if (last === item) return true;
    this.#rise(last, index);
    this.#sink(last, last.heapIndex);
    return true;
  }

  /** Takes the first item out. */
  shift(): T | undefined {
    const first = this.#items[0];
    if (first) this.remove(first);
    return first;
  }

  #rise(item: T, from: number): void {
    const items = this.#items;
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = items[parent]!;
      if (!this.#before(item, above)) break;
      items[index] = above;
      above.heapIndex = index;
      index = parent;
    }
    items[index] = item;
    item.heapIndex = index;
  }

  #sink(item: T, from: number): void {
    const items = this.#items;
    let index = from;
    for (;;) {
      let child = index * 2 + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && this.#before(items[child + 1]!, items[child]!)) child++;
      const below = items[child]!;
      if (!this.#before(below, item)) break;
      items[index] = below;
      below.heapIndex = index;
      index = child;
    }
    items[index] = item;
    item.heapIndex = index;
  }
}
