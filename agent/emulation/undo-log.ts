/**
 * How to take back what an open transaction did, in the reverse order.
 *
 * As long as the transaction is open; a commit forgets it.
 */
export class UndoLog {
  readonly #steps: (() => void)[] = [];
  readonly #saved = new Set<object>();

  /** Adds what takes one change back. */
  add(undo: () => void): void {
    this.#steps.push(undo);
  }

  /** Like {@link add} for the whole of one thing: only the first call for it counts. */
  addOnce(thing: object, undo: () => () => void): void {
    if (this.#saved.has(thing)) return;
    this.#saved.add(thing);
    this.#steps.push(undo());
  }

  /** Takes everything back. */
  rollback(): void {
    for (const undo of this.#steps.reverse()) undo();
  }
}
