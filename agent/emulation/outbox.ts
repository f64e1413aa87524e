import { errorText } from '../util/errors.ts';
import type { Logger } from '../util/logger.ts';
import type { EmulationEvent, EventListener } from './events.ts';

type WithoutSequence<E> = E extends EmulationEvent ? Omit<E, 'sequence'> : never;

/** An event that has no number yet: it gets one when it leaves. */
export type Draft = WithoutSequence<EmulationEvent>;

/**
 * Numbers events and hands them to every listener in the same order.
 *
 * Events of an open transaction wait. An event that a listener causes is delivered after the one that
 * it heard of has reached everybody. BOUNDED by what one transaction or one step emits.
 */
export class Outbox {
  readonly #logger: Logger;
  readonly #listeners = new Set<EventListener>();
  #sequence = 0;
  #holds = 0;
  #held: Draft[] = [];
  #queue: EmulationEvent[] = [];
  #delivering: number | undefined;
  /** What was sent since {@link #settle} was called last. */
  #unsettled: EmulationEvent[] = [];
  readonly #settled: (events: readonly EmulationEvent[]) => void;

  /** `settled` is called whenever nothing is held back any more, behind the events, which it is given. */
  constructor(logger: Logger, settled: (events: readonly EmulationEvent[]) => void) {
    this.#logger = logger;
    this.#settled = settled;
  }

  /** Number of events that have left. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Number of the event that listeners are told of at this moment; `undefined` when they are told of none. */
  get delivering(): number | undefined {
    return this.#delivering;
  }

  /** Adds a listener; the returned function takes it out again. */
  listen(listener: EventListener): () => void {
    const own: EventListener = (event) => listener(event);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** Sends an event, or keeps it while events are held. */
  emit(draft: Draft): void {
    this.#held.push(draft);
    if (this.#holds > 0) return;
    this.#send();
    this.#settle();
  }

  /** Keeps events back until {@link release} or {@link drop} was called as often as this. */
  hold(): void {
    this.#holds++;
  }

  /** Sends what was kept back, when this is the last hold. */
  release(): void {
    if (--this.#holds > 0) return;
    this.#send();
    this.#settle();
  }

  /** Forgets what was kept back, and gives up the hold. */
  drop(): void {
    this.#holds--;
    this.#held = [];
  }

  #send(): void {
    const drafts = this.#held;
    this.#held = [];
    for (const draft of drafts) {
      const event = { ...draft, sequence: ++this.#sequence } as EmulationEvent;
      this.#queue.push(event);
      this.#unsettled.push(event);
    }
    this.#deliver();
  }

  /** What a listener causes is not out yet: it settles with what that listener heard of. */
  #settle(): void {
    if (this.#delivering !== undefined) return;
    const events = this.#unsettled;
    this.#unsettled = [];
    this.#settled(events);
  }

  #deliver(): void {
    if (this.#delivering !== undefined) return;
    try {
      for (let i = 0; i < this.#queue.length; i++) {
        const event = this.#queue[i]!;
        this.#delivering = event.sequence;
        this.#tell(event);
      }
    } finally {
      this.#queue = [];
      this.#delivering = undefined;
    }
  }

  #tell(event: EmulationEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (thrown) {
        this.#logger.error('an event listener failed', {
          sequence: event.sequence,
          error: errorText(thrown),
        });
      }
    }
  }
}
