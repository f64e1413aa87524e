import type { Logger } from '../util/logger.ts';

/** How long a report stands before the next one, in ms. */
const QUIET_MS = 60_000;

/**
 * Tells the log of datagrams that the source limiter dropped: at once of the first, then at most once a minute how
 * many there were since and which source was the last.
 */
export class DropReport {
  readonly #logger: Logger;
  #dropped = 0;
  #source = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Counts a datagram of this source. */
  add(source: string): void {
    this.#dropped++;
    this.#source = source;
    if (!this.#timer) this.#tell();
  }

  /** Ends with a last report, if there is something left to tell. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#dropped > 0) this.#warn();
  }

  #tell(): void {
    this.#warn();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#dropped > 0) this.#tell();
    }, QUIET_MS).unref();
  }

  #warn(): void {
    this.#logger.warn(
      'requests were dropped: a source asks more than limits.requestsPerSecond and burst allow',
      {
        dropped: this.#dropped,
        source: this.#source,
      },
    );
    this.#dropped = 0;
  }
}
