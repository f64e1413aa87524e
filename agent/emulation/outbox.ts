import { errorText } from '../util/errors.ts';
import type { Logger } from '../util/logger.ts';
import type { EmulationEvent, EventListener, LifecycleEvent, PlainEvent, RaisedEvent } from './events.ts';

/** An event that has no number yet: it gets one when it leaves. */
export type Draft =
  | Omit<LifecycleEvent, 'sequence'>
  | Omit<PlainEvent, 'sequence'>
  | Omit<RaisedEvent, 'sequence'>;

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
  #delivering = false;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Number of events that have left. */
  get sequence(): number {
    return this.#sequence;
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
    if (this.#holds === 0) this.#send();
  }

  /** Keeps events back until {@link release} or {@link drop} was called as often as this. */
  hold(): void {
    this.#holds++;
  }

  /** Sends what was kept back, when this is the last hold. */
  release(): void {
    if (--this.#holds === 0) this.#send();
  }

  /** Forgets what was kept back, and gives up the hold. */
  drop(): void {
    this.#holds--;
    this.#held = [];
  }

  #send(): void {
    const drafts = this.#held;
    this.#held = [];
    for (const draft of drafts) this.#queue.push({ ...draft, sequence: ++this.#sequence });
    this.#deliver();
  }

  #deliver(): void {
    if (this.#delivering) return;
    this.#delivering = true;
    try {
      for (let i = 0; i < this.#queue.length; i++) this.#tell(this.#queue[i]!);
    } finally {
      this.#queue = [];
      this.#delivering = false;
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
