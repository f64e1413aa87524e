import type { Change } from '../emulation/change.ts';
import type { Hypervisor, Transaction } from '../emulation/hypervisor.ts';
import type { PreparedSet } from '../mib/module.ts';

/**
 * Turns changes of the simulation into prepared sets.
 *
 * All that one SetRequest changes shares a transaction: it opens with the first commit, and ends when the
 * last of them is undone or finished, so that nobody hears of a change that was taken back.
 */
export class SetTransaction {
  readonly #hypervisor: Hypervisor;
  #open: Transaction | undefined;
  #committed = 0;

  constructor(hypervisor: Hypervisor) {
    this.#hypervisor = hypervisor;
  }

  /** The change as a prepared set; `undefined` when the simulation would refuse it now. */
  prepare(change: Change): PreparedSet | undefined {
    if (this.#hypervisor.check(change)) return undefined;
    return {
      commit: () => this.#commit(change),
      undo: () => this.#leave()?.rollback(),
      finish: () => this.#leave()?.commit(),
    };
  }

  #commit(change: Change): void {
    this.#open ??= this.#hypervisor.transaction();
    this.#committed++;
    try {
      this.#open.apply(change);
    } catch (thrown) {
      this.#leave()?.rollback();
      throw thrown;
    }
  }

  /** Takes one change's interest back; the transaction, when it was the last one's. */
  #leave(): Transaction | undefined {
    if (--this.#committed > 0) return undefined;
    const open = this.#open;
    this.#open = undefined;
    return open;
  }
}
