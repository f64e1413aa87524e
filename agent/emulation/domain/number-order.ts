import { lowerBound } from '../../util/lower-bound.ts';
import type { Domain } from './domain.ts';
import type { DomainOrder } from './domain-subset.ts';

/** Domains of one host, sorted by their numbers: look-ups are binary searches. */
export class NumberOrder implements DomainOrder {
  readonly #sorted: Domain[] = [];

  /** Every domain, in order. */
  get sorted(): readonly Domain[] {
    return this.#sorted;
  }

  find(subids: ArrayLike<number>, from: number): number {
    const number = subids[from]!;
    const position = this.#firstNotBelow(number);
    return this.#sorted[position]?.number === number ? position : -1;
  }

  after(subids: ArrayLike<number>, from: number, to: number): number {
    // Of two sequences that agree as far as they go, the longer is the greater.
    const position = to > from ? this.#firstNotBelow(subids[from]! + 1) : 0;
    return position < this.#sorted.length ? position : -1;
  }

  position(domain: Domain): number {
    const position = this.#firstNotBelow(domain.number);
    return this.#sorted[position] === domain ? position : -1;
  }

  add(domains: Domain[]): void {
    const sorted = this.#sorted;
    let isSorted = true;
    for (const domain of domains) {
      isSorted &&= (sorted.at(-1)?.number ?? 0) < domain.number;
      sorted.push(domain);
    }
    // Most that come are the youngest.
    if (!isSorted) sorted.sort((a, b) => a.number - b.number);
  }

  remove(domain: Domain): boolean {
    const position = this.position(domain);
    if (position < 0) return false;
    this.#sorted.splice(position, 1);
    return true;
  }

  #firstNotBelow(number: number): number {
    return lowerBound(this.#sorted.length, (place) => this.#sorted[place]!.number < number);
  }
}
