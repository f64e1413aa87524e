import type { Details } from '../api/types.ts';

/** What was seen of a guest's inside at two instants. */
export interface TwoLooks {
  readonly now?: Details;
  readonly before?: Details;
}

/** Growth of counters in a simulated second, between two looks. */
export class Rate {
  readonly #looks: TwoLooks;
  readonly #seconds: number;

  constructor(looks: TwoLooks) {
    this.#looks = looks;
    this.#seconds = looks.now && looks.before ? (looks.now.atMs - looks.before.atMs) / 1000 : 0;
  }

  /** How much a counter grows in a second; null before the second look, and for what was not there at the first. */
  of(counter: (details: Details) => number | undefined): number | null {
    const { now, before } = this.#looks;
    if (!now || !before || this.#seconds <= 0) return null;
    const latest = counter(now);
    const earlier = counter(before);
    return latest === undefined || earlier === undefined ? null : (latest - earlier) / this.#seconds;
  }

  /** The mean time of an operation in ms: of time in ns and of how often it was done. */
  meanMs(
    ns: (details: Details) => number | undefined,
    count: (details: Details) => number | undefined,
  ): number | null {
    const time = this.of(ns);
    const often = this.of(count);
    return time === null || !often ? null : time / often / 1e6;
  }
}
