import { lowerBound } from '../../util/lower-bound.ts';
import type { Domain } from './domain.ts';
import type { DomainView, ViewSource } from './domain-view.ts';

/**
 * The active domains of a list in the order in which their processes were started.
 *
 * All domains are looked at when it is first read; from then on only those that have changed, at the next read.
 */
export class ProcessOrder implements DomainView {
  readonly #source: ViewSource;
  /** Ascending by number; one for each of {@link #domains}. */
  #numbers: number[] = [];
  #domains: Domain[] = [];
  /** The number by which each is listed; `undefined` until it is first read. */
  #listed: Map<Domain, number> | undefined;

  constructor(source: ViewSource) {
    this.#source = source;
  }

  /** How many there are. */
  get size(): number {
    this.#read();
    return this.#domains.length;
  }

  /** The domain at a place, 0 to size - 1; good until the next change. */
  at(place: number): Domain {
    return this.#domains[place]!;
  }

  /** The number of its process. */
  numberAt(place: number): number {
    return this.#numbers[place]!;
  }

  /** The first place whose number is not below `number`; the size when there is none. */
  placeOf(number: number): number {
    this.#read();
    return this.#lowerBound(number);
  }

  forget(): void {
    this.#listed = undefined;
  }

  review(changed: Iterable<Domain>): void {
    const listed = this.#listed;
    if (!listed) return;
    for (const domain of changed) {
      const before = listed.get(domain);
      const now = this.#source.contains(domain) ? domain.hostProcess?.number : undefined;
      if (before === now) continue;
      if (before !== undefined) {
        const place = this.#placeOf(domain, before);
        this.#numbers.splice(place, 1);
        this.#domains.splice(place, 1);
        listed.delete(domain);
      }
      if (now === undefined) continue;
      const place = this.#lowerBound(now);
      this.#numbers.splice(place, 0, now);
      this.#domains.splice(place, 0, domain);
      listed.set(domain, now);
    }
  }

  /** While several changes are looked at, two domains may be listed under one number. */
  #placeOf(domain: Domain, number: number): number {
    let place = this.#lowerBound(number);
    while (this.#domains[place] !== domain) place++;
    return place;
  }

  #lowerBound(number: number): number {
    const numbers = this.#numbers;
    return lowerBound(numbers.length, (place) => numbers[place]! < number);
  }

  #read(): void {
    this.#source.settle();
    if (this.#listed) return;
    const active = this.#source.all().filter((domain) => domain.hostProcess !== undefined);
    active.sort((a, b) => a.hostProcess!.number - b.hostProcess!.number);
    this.#domains = active;
    this.#numbers = active.map((domain) => domain.hostProcess!.number);
    this.#listed = new Map(active.map((domain, place) => [domain, this.#numbers[place]!]));
  }
}
