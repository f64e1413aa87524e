/** One pool: all huge pages of a size. */
export interface HugePagePool {
  readonly sizeKiB: number;
  /** Pages on each node, in pages of this size. */
  readonly total: readonly number[];
  readonly free: readonly number[];
}

/** A host's pools of huge pages (nr_hugepages and free_hugepages of each node and size). */
export class HugePagePools {
  readonly #total = new Map<number, readonly number[]>();
  readonly #free = new Map<number, number[]>();

  constructor(pools: readonly { readonly sizeKiB: number; readonly perNode: readonly number[] }[]) {
    for (const { sizeKiB, perNode } of pools) {
      this.#total.set(sizeKiB, perNode);
      this.#free.set(sizeKiB, [...perNode]);
    }
  }

  /** Every pool, smallest pages first. */
  get pools(): readonly HugePagePool[] {
    return [...this.#total.keys()]
      .sort((a, b) => a - b)
      .map((sizeKiB) => ({ sizeKiB, total: this.#total.get(sizeKiB)!, free: this.#free.get(sizeKiB)! }));
  }

  /** Free huge pages of a size on these nodes. */
  freeOn(sizeKiB: number, nodeset: readonly number[]): number {
    const free = this.#free.get(sizeKiB);
    return free === undefined ? 0 : nodeset.reduce((sum, node) => sum + free[node]!, 0);
  }

  /**
   * Takes huge pages from these nodes, first those named first. Returns the pages taken on each node of the
   * host, or `undefined` and takes none when there are not enough.
   */
  take(sizeKiB: number, pages: number, nodeset: readonly number[]): readonly number[] | undefined {
    const free = this.#free.get(sizeKiB);
    if (free === undefined || this.freeOn(sizeKiB, nodeset) < pages) return undefined;
    const taken = free.map(() => 0);
    let rest = pages;
    for (const node of nodeset) {
      taken[node] = Math.min(rest, free[node]!);
      free[node]! -= taken[node]!;
      rest -= taken[node]!;
    }
    return taken;
  }

  /** Gives huge pages of a node back. */
  give(sizeKiB: number, node: number, pages: number): void {
    this.#free.get(sizeKiB)![node]! += pages;
  }

  /** A copy of what is free. */
  snapshot(): ReadonlyMap<number, readonly number[]> {
    return new Map([...this.#free].map(([size, free]) => [size, [...free]]));
  }

  /** Puts what was free at the snapshot back. */
  restore(snapshot: ReadonlyMap<number, readonly number[]>): void {
    for (const [size, free] of snapshot) this.#free.set(size, [...free]);
  }
}
