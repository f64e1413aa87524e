/** Somebody with work that can be done piece by piece. */
export interface Worker {
  /** Does one piece; true when there is more that could be done at once. */
  pump(): boolean;
}

/** Pieces that are done at once in one turn of the event loop. */
const MAX_AT_ONCE = 64;
/** Pieces that one worker does before the next has its turn. */
const MAX_IN_A_ROW = 8;
/** How long a slice may take, in ms: a request that comes meanwhile waits as long. */
const SLICE_MS = 0.5;

/**
 * Shares the time of the process between sending and all else: what little there is to send goes out at once, and a
 * storm in slices between which requests are answered. Workers take turns.
 */
export class SendSlices {
  /** BOUNDED by the workers. In the order of their turns. */
  readonly #ready = new Set<Worker>();
  #atOnce = 0;
  #slice: NodeJS.Immediate | undefined;

  /** The worker has something to do. */
  wake(worker: Worker): void {
    if (this.#ready.has(worker)) return;
    this.#atOnce++;
    if (this.#atOnce > MAX_AT_ONCE || worker.pump()) this.#ready.add(worker);
    // Also to begin a new turn.
    this.#slice ??= setImmediate(this.#run);
  }

  /** Does nothing more. */
  stop(): void {
    this.#ready.clear();
    clearImmediate(this.#slice);
    this.#slice = undefined;
  }

  /** Made once: a storm of informs asks for a slice with each. */
  readonly #run = (): void => {
    this.#slice = undefined;
    this.#atOnce = 0;
    const end = performance.now() + SLICE_MS;
    // Those that go to the end of the row have another turn in the same slice.
    for (const worker of this.#ready) {
      this.#ready.delete(worker);
      let more = true;
      for (let i = 0; more && i < MAX_IN_A_ROW; i++) more = worker.pump();
      if (more) this.#ready.add(worker);
      if (performance.now() >= end) break;
    }
    if (this.#ready.size > 0) this.#slice ??= setImmediate(this.#run);
  };
}
