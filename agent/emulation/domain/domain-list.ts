import { type Domain, noteChange } from './domain.ts';
import { type DomainOrder, DomainSubset, type Has } from './domain-subset.ts';
import type { DomainView, ViewSource } from './domain-view.ts';
import { NumberOrder } from './number-order.ts';
import { ProcessOrder } from './process-order.ts';
import { UuidOrder } from './uuid-order.ts';

/** Share of the domains up to which it is cheaper to tell a view what changed than to have it begin anew. */
const FEW = 1 / 16;

/**
 * The domains of one host, sorted by the 16 octets of their UUIDs.
 *
 * Additions are gathered and merged at the next ordered read, so that building a list of n domains costs
 * O(n log n) whichever way they come. Only the hypervisor adds, removes and reports changes.
 */
export class DomainList {
  readonly #order = new UuidOrder();
  #added: Domain[] = [];
  #changes = 0;
  readonly #byUuid = new Map<string, Domain>();
  readonly #byName = new Map<string, Domain>();
  /** UNBOUNDED: a UUID that comes back has its number again. */
  readonly #numbers = new Map<string, number>();
  readonly #views: DomainView[] = [];
  readonly #source: ViewSource = {
    all: () => this.#merged().sorted,
    contains: (domain) => this.#byUuid.get(domain.uuid) === domain,
    settle: () => this.#settle(),
  };
  /** Domains that the views have not been told of yet. BOUNDED: past {@link FEW} of the list they begin anew. */
  readonly #changed = new Set<Domain>();

  /** Number of domains. */
  get size(): number {
    return this.#byUuid.size;
  }

  /** How often a domain was added or removed: positions are good while this stays. */
  get changes(): number {
    return this.#changes;
  }

  /** The domain at a position of the sorted list, 0 to size - 1. */
  at(position: number): Domain {
    const domain = this.#merged().sorted[position];
    if (!domain) throw new RangeError(`no domain at position ${position}: the list has ${this.size}`);
    return domain;
  }

  /** As {@link UuidOrder.find}. */
  find(subids: ArrayLike<number>, from: number): number {
    return this.#merged().find(subids, from);
  }

  /** As {@link UuidOrder.after}. */
  after(subids: ArrayLike<number>, from: number, to: number): number {
    return this.#merged().after(subids, from, to);
  }

  /** The domain with this UUID in canonical form. */
  byUuid(uuid: string): Domain | undefined {
    return this.#byUuid.get(uuid);
  }

  /** The domain with this name. */
  byName(name: string): Domain | undefined {
    return this.#byName.get(name);
  }

  /** The number of a UUID, which it is given now when it has none. For the hypervisor. */
  numberFor(uuid: string): number {
    const known = this.#numbers.get(uuid);
    if (known !== undefined) return known;
    const number = this.#numbers.size + 1;
    this.#numbers.set(uuid, number);
    return number;
  }

  /** Every domain, in order. */
  *[Symbol.iterator](): IterableIterator<Domain> {
    yield* this.#merged().sorted;
  }

  /** The domains that have something, kept up to date: for walking what few have without looking at all. */
  having(has: Has): DomainSubset {
    return this.#subset(has, () => new UuidOrder());
  }

  /** The same, sorted by the domains' numbers. */
  numbered(has: Has): DomainSubset {
    return this.#subset(has, () => new NumberOrder());
  }

  #subset(has: Has, order: () => DomainOrder): DomainSubset {
    const subset = new DomainSubset(has, order, this.#source);
    this.#views.push(subset);
    return subset;
  }

  /** The active domains by their processes, kept up to date. */
  processes(): ProcessOrder {
    const order = new ProcessOrder(this.#source);
    this.#views.push(order);
    return order;
  }

  /** Puts a domain in; its name and UUID must be free. For the hypervisor. */
  add(domain: Domain): void {
    this.#byUuid.set(domain.uuid, domain);
    this.#byName.set(domain.name, domain);
    this.#added.push(domain);
    this.#changes++;
    this.changed(domain);
  }

  /** Takes a domain out. For the hypervisor. */
  remove(domain: Domain): void {
    if (!this.#merged().remove(domain)) return;
    this.#changes++;
    this.#byUuid.delete(domain.uuid);
    this.#byName.delete(domain.name);
    this.changed(domain);
  }

  /** Files a domain under another name; the name must be free. For the hypervisor. */
  renamed(domain: Domain, oldName: string, name: string): void {
    this.#byName.delete(oldName);
    this.#byName.set(name, domain);
  }

  /** Notes that a domain changes, or has been put back, before the next read. For the hypervisor. */
  changed(domain: Domain): void {
    noteChange(domain);
    if (this.#views.length === 0) return;
    this.#changed.add(domain);
    if (this.#changed.size <= 1 + this.size * FEW) return;
    for (const view of this.#views) view.forget();
    this.#changed.clear();
  }

  #settle(): void {
    if (this.#changed.size === 0) return;
    for (const view of this.#views) view.review(this.#changed);
    this.#changed.clear();
  }

  #merged(): UuidOrder {
    if (this.#added.length > 0) {
      this.#order.add(this.#added);
      this.#added = [];
    }
    return this.#order;
  }
}
