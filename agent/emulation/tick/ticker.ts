import type { Timer, VirtualClock } from '../../util/clock.ts';
import { dayPosition } from '../guest/load-profile.ts';
import type { HostEngine, TickSpan } from './host-engine.ts';

/** Guest-passes, of which a tick has two for each guest, that are done before others get their turn. */
const LEAST_SLICE = 128;
/** Running guests for each tick's length that a span lasts: a large fleet is planned less often, and as exactly. */
const GUESTS_PER_TICK = 2_000;
/** Ticks that a span lasts at most. */
const LONGEST_SPAN = 5;
/** Slices that a tick has at most: beside requests they all have to fit into its time. */
const MOST_SLICES = 800;

/**
 * Plays the ticks of all hosts at multiples of the tick's length: each, or with a large fleet every few of them.
 *
 * A large tick is done in slices, each a timer of the same instant ahead of all others due then: a clock that is
 * stepped does them all at once, and one that follows real time may answer requests between them, for which the
 * time stands still meanwhile. While nothing runs, there is no timer.
 */
export class Ticker {
  /** Length of a tick in simulated ms. */
  readonly tickMs: number;
  readonly #clock: VirtualClock;
  readonly #engines: HostEngine[] = [];
  readonly #afterwards: (() => boolean)[] = [];
  #timer: Timer | undefined;
  /** Hosts whose present tick is not over; the last is the next. */
  #ahead: HostEngine[] = [];
  #slice = LEAST_SLICE;
  /** Whether one tick has passed and the next is still to be scheduled. */
  #isBetween = false;
  /** Where what is planned ends. */
  #endMs = 0;

  constructor(clock: VirtualClock, tickMs = 1000) {
    this.#clock = clock;
    this.tickMs = tickMs;
  }

  /** Number of the present tick. */
  get tick(): number {
    return Math.floor(this.#clock.nowMs / this.tickMs);
  }

  /**
   * Adds a host; its guests take part from the next tick on. `afterwards` is called when a tick has passed, and
   * says whether it needs the next tick though nothing runs.
   */
  add(engine: HostEngine, afterwards: () => boolean): void {
    this.#engines.push(engine);
    this.#afterwards.push(afterwards);
  }

  /** What is left of the present tick. */
  rest(): TickSpan {
    const { nowMs, wallMs } = this.#clock;
    const { tick, tickMs } = this;
    const endMs = this.#endMs > nowMs ? this.#endMs : (tick + 1) * tickMs;
    return { tick, tickMs, nowMs, spanMs: endMs - nowMs, position: dayPosition(wallMs), begins: false };
  }

  /** To be called when a guest begins to run, or something else needs a tick: there are ticks from now on. */
  wake(): void {
    if (this.#timer?.pending || this.#isBetween) return;
    this.#schedule((this.tick + 1) * this.tickMs, () => this.#begin());
  }

  #schedule(atMs: number, run: () => void): void {
    this.#timer = this.#clock.schedule(atMs, run, { first: true });
  }

  #begin(): void {
    // What the models planned until now has come to pass.
    let isAwaited = false;
    this.#isBetween = true;
    try {
      for (const act of this.#afterwards) isAwaited = act() || isAwaited;
    } finally {
      this.#isBetween = false;
    }
    this.#ahead = this.#engines.filter(({ runningCount }) => runningCount > 0).reverse();
    if (this.#ahead.length === 0) {
      if (isAwaited) this.wake();
      return;
    }
    const guests = this.#ahead.reduce((sum, { runningCount }) => sum + runningCount, 0);
    this.#slice = Math.max(LEAST_SLICE, Math.ceil((2 * guests) / MOST_SLICES));
    const ticks = Math.min(LONGEST_SPAN, Math.ceil(guests / GUESTS_PER_TICK));
    this.#endMs = (this.tick + ticks) * this.tickMs;
    const span = { ...this.rest(), begins: true };
    for (const engine of this.#ahead) engine.start(span);
    this.#goOn();
  }

  #goOn(): void {
    let left = this.#slice;
    for (let engine = this.#ahead.at(-1); engine !== undefined; engine = this.#ahead.at(-1)) {
      left = engine.advance(left);
      if (left === 0) break;
      this.#ahead.pop();
    }
    if (this.#ahead.length > 0) {
      this.#schedule(this.#clock.nowMs, () => this.#goOn());
      return;
    }
    this.#schedule(this.#endMs, () => this.#begin());
  }
}
