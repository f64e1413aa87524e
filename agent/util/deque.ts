/** The least room; a power of two. */
const LEAST = 8;

/** A queue with both ends and access by position, each in constant time. Its room grows and shrinks with it. */
export class Deque<T> {
  #slots: (T | undefined)[] = new Array(LEAST);
  #first = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The item at a position, 0 being the first; it must be there. */
  at(position: number): T {
    return this.#slots[(this.#first + position) & (this.#slots.length - 1)]!;
  }

  get first(): T | undefined {
    return this.#length > 0 ? this.at(0) : undefined;
  }

  get last(): T | undefined {
    return this.#length > 0 ? this.at(this.#length - 1) : undefined;
  }

  push(item: T): void {
    if (this.#length === this.#slots.length) this.#resize(this.#slots.length * 2);
    this.#slots[(this.#first + this.#length++) & (this.#slots.length - 1)] = item;
  }

  /** Takes the first item out. */
  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#slots[this.#first];
    this.#slots[this.#first] = undefined;
    this.#first = (this.#first + 1) & (this.#slots.length - 1);
    this.#length--;
    if (this.#slots.length > LEAST && this.#length * 4 <= this.#slots.length)
      this.#resize(this.#slots.length / 2);
    return item;
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (let i = 0; i < this.#length; i++) yield this.at(i);
  }

  #resize(room: number): void {
    const slots: (T | undefined)[] = new Array(room);
    for (let i = 0; i < this.#length; i++) slots[i] = this.at(i);
    this.#slots = slots;
    this.#first = 0;
  }
}
