/** A name and the ifIndex that it has. */
export type NamedIndex = readonly [name: string, index: number];

/** Where names and their indexes outlive the program. */
export interface IndexStore {
  /** What was kept, in the order in which it was given out. */
  readonly kept: readonly NamedIndex[];
  add(entry: NamedIndex): void;
  /** Replaces all that is kept. */
  replace(all: Iterable<NamedIndex>): void;
  /** Makes what was added outlive the program, before anybody hears of it. */
  flush(): void;
}

/** The loopback interface is number 1 wherever Linux runs. */
export const LOOPBACK_INDEX = 1;
/** Names of interfaces that are gone which are remembered at most, about. */
const REMEMBERED = 65_536;

/**
 * The ifIndex of each name that a host's interfaces have or had (RFC 2863 section 3.1.5).
 *
 * A name that comes back has its number again; no number is given to another name, and the next one is always
 * larger than all before. BOUNDED: of names that are not in use, the oldest are forgotten.
 */
export class InterfaceIndexes {
  readonly #indexes = new Map<string, number>();
  readonly #store: IndexStore | undefined;
  #last = LOOPBACK_INDEX;

  constructor(store?: IndexStore) {
    this.#store = store;
    for (const [name, index] of store?.kept ?? []) this.#note(name, index);
  }

  /** The index of a name, which is given one when it has none. */
  take(name: string): number {
    const known = this.#indexes.get(name);
    if (known !== undefined) return known;
    const index = this.#last + 1;
    this.#note(name, index);
    this.#store?.add([name, index]);
    return index;
  }

  /** To be called when names were taken; `inUse` tells which must not be forgotten. */
  settle(inUse: { has(name: string): boolean; readonly size: number }): void {
    if (this.#indexes.size > inUse.size + REMEMBERED) this.#forget(inUse);
    this.#store?.flush();
  }

  #note(name: string, index: number): void {
    this.#indexes.set(name, index);
    this.#last = Math.max(this.#last, index);
  }

  #forget(inUse: { has(name: string): boolean }): void {
    let left = REMEMBERED / 2;
    for (const name of this.#indexes.keys()) {
      if (left === 0) break;
      if (inUse.has(name)) continue;
      this.#indexes.delete(name);
      left--;
    }
    this.#store?.replace(this.#indexes);
  }
}
