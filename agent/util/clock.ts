import { type HeapItem, IndexedHeap } from './heap.ts';

/** One thing that will happen at a point of simulated time. */
export interface Timer {
  /** When it is due, in ms since the simulation started. */
  readonly atMs: number;
  /** Whether it is still going to happen. */
  readonly pending: boolean;
  /** Takes it out; does nothing when it has run or was cancelled. */
  cancel(): void;
  /**
   * Puts a cancelled timer back in the very place that it had among those due at the same time.
   * For undoing a change; only before the clock has moved past its time.
   */
  restore(): void;
}

/** When a timer runs among others that are due at the same instant. */
export interface TimerOptions {
  /** Before all those scheduled without it: what the instant's own tick is for. */
  readonly first?: boolean;
  /**
   * It is none of the simulation's own but acts on it from outside, as a script does: it does not count as
   * {@link VirtualClock.ran}.
   */
  readonly outside?: boolean;
}

class Entry implements HeapItem, Timer {
  heapIndex = -1;
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
  readonly outside: boolean;
  readonly #clock: EntryOwner;

  constructor(clock: EntryOwner, atMs: number, order: number, run: () => void, outside: boolean) {
    this.#clock = clock;
    this.atMs = atMs;
    this.order = order;
    this.run = run;
    this.outside = outside;
  }

  get pending(): boolean {
    return this.heapIndex >= 0;
  }

  cancel(): void {
    this.#clock.drop(this);
  }

  restore(): void {
    this.#clock.put(this);
  }
}

interface EntryOwner {
  put(entry: Entry): void;
  drop(entry: Entry): void;
}

/** Orders by time, then by order of insertion. */
function runsBefore(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/**
 * Simulated time: it moves only when it is told to, and runs what is due on the way.
 *
 * Nothing in the simulation reads another clock, so the same script of advances gives the same run.
 */
export class VirtualClock {
  /** Unix time in ms of the simulation's start. */
  readonly epochMs: number;
  /** Called when the next due time became earlier or was cleared; for the driver that follows real time. */
  onEarlier: (() => void) | undefined;
  #nowMs = 0;
  #inserted = 0;
  /** Timers of the simulation that have run at {@link #ranAtMs}. */
  #ran = 0;
  #ranAtMs = 0;
  /** Timers that act from outside and are going to run. */
  #outside = 0;
  #advancing = false;
  readonly #timers = new IndexedHeap<Entry>(runsBefore);
  readonly #owner: EntryOwner = {
    put: (entry) => this.#put(entry),
    drop: (entry) => this.#drop(entry),
  };

  constructor({ epochMs }: { epochMs: number }) {
    this.epochMs = epochMs;
  }

  /** Simulated ms since the simulation started. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Simulated Unix time in ms. */
  get wallMs(): number {
    return this.epochMs + this.#nowMs;
  }

  /**
   * How many timers of the simulation have run at the present instant: with {@link nowMs}, a place in the order of
   * all that happens. Timers that act from outside do not count.
   */
  get ran(): number {
    return this.#ranAtMs === this.#nowMs ? this.#ran : 0;
  }

  /** When the next timer is due, in ms since the start; Infinity when there is none. */
  get nextDueMs(): number {
    return this.#timers.first?.atMs ?? Number.POSITIVE_INFINITY;
  }

  /** Number of timers of the simulation that are going to run; those that act from outside do not count. */
  get pending(): number {
    return this.#timers.size - this.#outside;
  }

  /** True while {@link advanceTo} is running timers. */
  get advancing(): boolean {
    return this.#advancing;
  }

  /** Has `run` called when the clock reaches `atMs`; a time in the past means now, at the next advance. */
  schedule(atMs: number, run: () => void, options?: TimerOptions): Timer {
    if (Number.isNaN(atMs)) throw new RangeError('a timer needs a time in ms, not NaN');
    const order = options?.first ? -1 : this.#inserted++;
    const entry = new Entry(this.#owner, Math.max(atMs, this.#nowMs), order, run, options?.outside ?? false);
    this.#put(entry);
    return entry;
  }

  /**
   * Moves time forward to `ms`, running due timers in order of time, then of insertion.
   *
   * `nowMs` is each timer's own time while it runs. `mayGoOn` is asked after each timer; when it says no,
   * the clock stays at that timer's time. Returns whether `ms` was reached. A time in the past changes nothing.
   * What a timer throws goes to the caller, with the clock at that timer's time and the timer done.
   */
  advanceTo(ms: number, mayGoOn?: () => boolean): boolean {
    if (Number.isNaN(ms)) throw new RangeError('the clock cannot be advanced to NaN');
    if (this.#advancing) throw new Error('the clock is being advanced already: a timer must not advance it');
    this.#advancing = true;
    try {
      for (let next = this.#timers.first; next && next.atMs <= ms; next = this.#timers.first) {
        this.#timers.shift();
        this.#nowMs = Math.max(this.#nowMs, next.atMs);
        if (next.outside) this.#outside--;
        else this.#count();
        next.run();
        if (mayGoOn && (this.#timers.first?.atMs ?? ms + 1) <= ms && !mayGoOn()) return false;
      }
      if (ms > this.#nowMs) this.#nowMs = ms;
      return true;
    } finally {
      this.#advancing = false;
    }
  }

  #count(): void {
    this.#ran = this.ran + 1;
    this.#ranAtMs = this.#nowMs;
  }

  #drop(entry: Entry): void {
    if (entry.pending && entry.outside) this.#outside--;
    this.#timers.remove(entry);
  }

  #put(entry: Entry): void {
    if (entry.pending) return;
    const due = this.nextDueMs;
    this.#timers.add(entry);
    if (entry.outside) this.#outside++;
    if (entry.atMs < due) this.onEarlier?.();
  }
}
