import type { Change } from '../emulation/change.ts';
import type { Hypervisor, Transaction } from '../emulation/hypervisor.ts';
import type { PreparedSet } from '../mib/module.ts';

/**
 * Turns changes of the simulation into prepared sets.
 *
 * All that one SetRequest changes shares a transaction: it opens with the first commit, and ends when the
 * last of them is undone or finished, so that nobody hears of a change that was taken back. There is one for each
 * simulation, whichever module a change comes through.
 */
export class SetTransaction {
  static readonly #ofHypervisor = new WeakMap<Hypervisor, SetTransaction>();
  readonly #hypervisor: Hypervisor;
  #open: Transaction | undefined;
  #committed = 0;

  private constructor(hypervisor: Hypervisor) {
    this.#hypervisor = hypervisor;
  }

  /** The one of a simulation. */
  static of(hypervisor: Hypervisor): SetTransaction {
    let own = SetTransaction.#ofHypervisor.get(hypervisor);
    if (!own) {
      own = new SetTransaction(hypervisor);
      SetTransaction.#ofHypervisor.set(hypervisor, own);
    }
    return own;
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
    this.#open ??= this.#hypervisor.transaction('manager');
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
