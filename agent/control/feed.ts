import { waited } from './wait.ts';

/** Something that followers are told of, as plain JSON. */
export interface FeedEntry {
  /** 1 for the first of the run, then without gaps. */
  readonly id: number;
  readonly topic: Topic;
  /** As a server-sent event with its body as JSON: written once for all followers. */
  readonly text: string;
}

/** What a follower can choose between. */
export const TOPICS = ['events', 'notifications', 'alarms', 'faults'] as const;
/** A name of {@link TOPICS}. */
export type Topic = (typeof TOPICS)[number];

/** An entry in the ring. What no follower reads is never written as text. */
class Kept implements FeedEntry {
  readonly id: number;
  readonly topic: Topic;
  readonly #body: object;
  #text: string | undefined;

  constructor(id: number, topic: Topic, body: object) {
    this.id = id;
    this.topic = topic;
    this.#body = body;
  }

  get text(): string {
    // JSON has no line breaks of its own.
    this.#text ??= `event: ${this.topic}\ndata: ${JSON.stringify(this.#body)}\nid: ${this.id}\n\n`;
    return this.#text;
  }
}

/** Entries that are kept for followers who read slowly or come back. */
const KEPT = 20_000;

/**
 * What has happened lately, for any number of followers.
 *
 * BOUNDED: a ring of entries that is the same for all; a follower is a place in it and nothing more. One that
 * falls behind by more than the ring holds is told how many entries it has missed.
 */
export class Feed {
  readonly #ring: (FeedEntry | undefined)[];
  readonly #waiting = new Set<() => void>();
  #last = 0;
  #ended = false;

  constructor(kept = KEPT) {
    this.#ring = new Array(kept);
  }

  /** Number of the latest entry; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  /** Whether nothing more will come. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Nothing more will come: followers are let go. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** Adds an entry, whose body does not change any more, and wakes the followers. */
  add(topic: Topic, body: object): void {
    const id = ++this.#last;
    this.#ring[id % this.#ring.length] = new Kept(id, topic, body);
    this.#wake();
  }

  #wake(): void {
    if (this.#waiting.size === 0) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  /**
   * Entries after `id`, at most `limit` of them, and how many of those before the first are lost.
   * An `id` ahead of the latest, from another run, counts as 0.
   */
  after(id: number, limit: number): { readonly entries: readonly FeedEntry[]; readonly missed: number } {
    const from = id > this.#last ? 0 : id;
    const oldest = Math.max(1, this.#last - this.#ring.length + 1);
    const first = Math.max(from + 1, oldest);
    const entries: FeedEntry[] = [];
    for (let next = first; next <= this.#last && entries.length < limit; next++) {
      entries.push(this.#ring[next % this.#ring.length]!);
    }
    return { entries, missed: first - from - 1 };
  }

  /**
   * Resolves with true when there is an entry after `id`, or will be none any more, with false when `signal` ends the wait or it has
   * taken `limitMs` real ms.
   */
  changed(id: number, signal: AbortSignal, limitMs: number): Promise<boolean> {
    if (this.#last > id || this.#ended) return Promise.resolve(true);
    const begin = (done: () => void) => {
      this.#waiting.add(done);
      return () => void this.#waiting.delete(done);
    };
    return waited(begin, signal, limitMs);
  }
}
