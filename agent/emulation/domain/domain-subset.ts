import type { Domain } from './domain.ts';
import type { DomainView, ViewSource } from './domain-view.ts';

/** Whether a domain is in a subset; may change only with a change that goes through the hypervisor's door. */
export type Has = (domain: Domain) => boolean;

/** Domains sorted by a key of one or several numbers. */
export interface DomainOrder {
  readonly sorted: readonly Domain[];
  /** Position of the domain whose key stands at `subids[from]`; -1 when there is none. */
  find(subids: ArrayLike<number>, from: number): number;
  /** First position whose key is greater than `subids[from]` to `subids[to - 1]`; -1 when there is none. */
  after(subids: ArrayLike<number>, from: number, to: number): number;
  /** Position of a domain; -1 when it is not there, though another with its key may be. */
  position(domain: Domain): number;
  /** Puts domains in that are not there yet. */
  add(domains: Domain[]): void;
  /** Takes a domain out; false when it is not there. */
  remove(domain: Domain): boolean;
}

/**
 * Those domains of a list that have something, in an order of their own.
 *
 * All domains are looked at when it is first read; from then on only those that have changed, at the next read.
 */
export class DomainSubset implements DomainView {
  readonly #has: Has;
  readonly #source: ViewSource;
  readonly #empty: () => DomainOrder;
  #order: DomainOrder | undefined;

  /** `empty` makes the order without domains. */
  constructor(has: Has, empty: () => DomainOrder, source: ViewSource) {
    this.#has = has;
    this.#empty = empty;
    this.#source = source;
  }

  /** Number of domains. */
  get size(): number {
    return this.#read().sorted.length;
  }

  /** The domain at a position, 0 to size - 1; positions are good until the next change. */
  at(position: number): Domain {
    return (this.#order ?? this.#read()).sorted[position]!;
  }

  /** As {@link DomainOrder.find}, among the domains of the subset. */
  find(subids: ArrayLike<number>, from: number): number {
    return this.#read().find(subids, from);
  }

  /** As {@link DomainOrder.after}, among the domains of the subset. */
  after(subids: ArrayLike<number>, from: number, to: number): number {
    return this.#read().after(subids, from, to);
  }

  forget(): void {
    this.#order = undefined;
  }

  review(changed: Iterable<Domain>): void {
    const order = this.#order;
    if (!order) return;
    const added: Domain[] = [];
    for (const domain of changed) {
      // Another domain may have taken its UUID since.
      const isIn = order.position(domain) >= 0;
      const belongs = this.#source.contains(domain) && this.#has(domain);
      if (isIn && !belongs) order.remove(domain);
      if (!isIn && belongs) added.push(domain);
    }
    if (added.length > 0) order.add(added);
  }

  #read(): DomainOrder {
    this.#source.settle();
    if (!this.#order) {
      this.#order = this.#empty();
      this.#order.add(this.#source.all().filter(this.#has));
    }
    return this.#order;
  }
}
