/**
 * A counter that grows evenly until its rate is changed: costs nothing while nothing happens. Immutable.
 *
 * `atMs` and the time of every call are of one clock, guest or simulated; calls do not go back in time.
 */
export interface LinearCounter {
  /** The value at `atMs`, with its fraction. */
  readonly value: number;
  /** What it grows by in 1000 ms; 0 or more. */
  readonly perSecond: number;
  readonly atMs: number;
}

/** A counter at 0 that stands still. */
export function createCounter(atMs: number): LinearCounter {
  return { value: 0, perSecond: 0, atMs };
}

function exactValue(counter: LinearCounter, nowMs: number): number {
  return counter.value + (counter.perSecond * (nowMs - counter.atMs)) / 1000;
}

/** The counter's value at an instant: a whole number. */
export function counterValue(counter: LinearCounter, nowMs: number): number {
  return Math.floor(exactValue(counter, nowMs));
}

/** The counter with another rate from `nowMs` on. */
export function setCounterRate(counter: LinearCounter, nowMs: number, perSecond: number): LinearCounter {
  return { value: exactValue(counter, nowMs), perSecond, atMs: nowMs };
}

/** The counter after a step of `amount`, 0 or more, at `nowMs`. */
export function addToCounter(counter: LinearCounter, nowMs: number, amount: number): LinearCounter {
  return { ...counter, value: exactValue(counter, nowMs) + amount, atMs: nowMs };
}
