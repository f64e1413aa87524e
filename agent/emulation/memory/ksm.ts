/** Knobs of kernel samepage merging, by the names of /sys/kernel/mm/ksm. */
export interface KsmConfig {
  /** 0 stops, 1 runs. */
  readonly run: 0 | 1;
  /** Pages looked at before each sleep; 100 by default. */
  readonly pagesToScan: number;
  /** 20 by default. */
  readonly sleepMillisecs: number;
  /** Pages that each kind of content has at most. */
  readonly contentPages: number;
  /** Share of its merged pages that a fully busy vCPU writes to, and so gets back, per second. */
  readonly breakShare: number;
}

/** Defaults: Linux's (emulation facts, section 3.2); off, as distributions ship it. */
export const KSM_DEFAULTS: KsmConfig = {
  run: 0,
  pagesToScan: 100,
  sleepMillisecs: 20,
  contentPages: 65_536,
  breakShare: 0.001,
};

/** The counters of /sys/kernel/mm/ksm, in pages of 4 KiB. */
export interface KsmCounters {
  /** Kept copies. */
  readonly pagesShared: number;
  /** Further users of them: the pages saved. */
  readonly pagesSharing: number;
  /** Looked at and found unique. */
  readonly pagesUnshared: number;
  /** Changing too fast to be looked at. */
  readonly pagesVolatile: number;
  readonly fullScans: number;
}

interface Content {
  /** Guests that have pages of it merged. */
  users: number;
  /** Merged pages of all of them. */
  merged: number;
  /** Pages that the host's nodes hold for it, by node. */
  held: number[];
}

/** What {@link Ksm.restore} takes back. */
export interface KsmSnapshot {
  readonly contents: ReadonlyMap<string, Content>;
  readonly scanned: number;
  readonly fullScans: number;
}

/**
 * Pages that a scan of `pagesToScan` pages every `sleepMillisecs` looks at in a span: 5000 a second with
 * Linux's defaults (emulation facts, section 3.2).
 */
export function scanRate(config: KsmConfig, spanMs: number): number {
  return config.run === 0 ? 0 : (config.pagesToScan * spanMs) / config.sleepMillisecs;
}

/**
 * Different pages among `users` sets of `merged` pages together, each drawn from `content` pages.
 *
 * content * (1 - (1 - mean share)^users): one user keeps all of its pages, many users share all of the content.
 */
export function distinctPages(content: number, users: number, merged: number): number {
  if (users === 0) return 0;
  const mean = Math.min(1, merged / users / content);
  return Math.min(merged, Math.ceil(content * (1 - (1 - mean) ** users)));
}

/**
 * Kernel samepage merging of one host.
 *
 * A guest gives pages up to a content ({@link merge}); the host keeps as many copies as there are different
 * pages and gets the rest back at the beginning of the next tick ({@link collect}). Nothing is freed twice:
 * merged pages of all guests = pages shared + pages sharing. Keeps one entry for each content in use.
 */
export class Ksm {
  readonly config: KsmConfig;
  readonly #nodeCount: number;
  #contents = new Map<string, Content>();
  #scanned = 0;
  #fullScans = 0;
  /** Of all pages that may be merged: those looked at in this tick, 0 to 1. */
  #scanShare = 0;
  #mergeable = 0;
  #mergeableBefore = 0;

  constructor(config: KsmConfig, nodeCount: number) {
    this.config = config;
    this.#nodeCount = nodeCount;
  }

  /** Adds pages of a guest to what is scanned in the coming tick. */
  offer(pages: number): void {
    this.#mergeable += pages;
  }

  /** Decides what is scanned in the coming tick, once every guest made its offer. */
  beginTick(spanMs: number): void {
    const all = this.#mergeable;
    this.#mergeable = 0;
    this.#mergeableBefore = all;
    const pages = all === 0 ? 0 : scanRate(this.config, spanMs);
    this.#scanShare = all === 0 ? 0 : Math.min(1, pages / all);
    this.#scanned += pages;
    if (all > 0 && this.#scanned >= all) {
      const rounds = Math.floor(this.#scanned / all);
      this.#fullScans += rounds;
      this.#scanned -= rounds * all;
    }
  }

  /** Share of the pages that may be merged that this tick looks at, 0 to 1. */
  get scanShare(): number {
    return this.#scanShare;
  }

  /** Takes pages of a node from a guest into a content; `joins` when the guest had none merged before. */
  merge(name: string, node: number, pages: number, joins: boolean): void {
    let content = this.#contents.get(name);
    if (content === undefined) {
      content = { users: 0, merged: 0, held: new Array<number>(this.#nodeCount).fill(0) };
      this.#contents.set(name, content);
    }
    if (joins) content.users++;
    content.merged += pages;
    content.held[node]! += pages;
  }

  /** A guest has pages of its own again, or ends; `leaves` when it has no more merged. */
  unmerge(name: string, pages: number, leaves: boolean): void {
    const content = this.#contents.get(name)!;
    content.merged -= pages;
    if (leaves) content.users--;
  }

  /** Gives the copies that nobody needs back to the nodes that hold them. */
  collect(give: (node: number, pages: number) => void): void {
    for (const [name, content] of this.#contents) {
      const needed = distinctPages(this.config.contentPages, content.users, content.merged);
      let surplus = content.held.reduce((sum, pages) => sum + pages, 0) - needed;
      for (let node = 0; node < this.#nodeCount && surplus > 0; node++) {
        const freed = Math.min(surplus, content.held[node]!);
        content.held[node]! -= freed;
        surplus -= freed;
        give(node, freed);
      }
      if (content.users === 0) this.#contents.delete(name);
    }
  }

  /** Copies that the host keeps, of all contents. */
  get pagesShared(): number {
    let sum = 0;
    for (const { held } of this.#contents.values()) for (const pages of held) sum += pages;
    return sum;
  }

  /** The counters at this instant. */
  get counters(): KsmCounters {
    const pagesShared = this.pagesShared;
    let merged = 0;
    for (const content of this.#contents.values()) merged += content.merged;
    const rest = Math.max(0, this.#mergeableBefore - merged);
    // A page is unique only once a full scan has seen it stand still.
    const pagesUnshared = this.#fullScans > 0 ? Math.floor(rest * 0.9) : 0;
    return {
      pagesShared,
      pagesSharing: merged - pagesShared,
      pagesUnshared,
      pagesVolatile: Math.floor(rest) - pagesUnshared,
      fullScans: this.#fullScans,
    };
  }

  /** A copy of everything that changes. */
  snapshot(): KsmSnapshot {
    return { contents: copy(this.#contents), scanned: this.#scanned, fullScans: this.#fullScans };
  }

  /** Puts everything back as it was at the snapshot. */
  restore(snapshot: KsmSnapshot): void {
    this.#contents = copy(snapshot.contents);
    this.#scanned = snapshot.scanned;
    this.#fullScans = snapshot.fullScans;
  }
}

function copy(contents: ReadonlyMap<string, Content>): Map<string, Content> {
  return new Map([...contents].map(([name, content]) => [name, { ...content, held: [...content.held] }]));
}
