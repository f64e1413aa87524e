import { type Layout, SINCE_MS, SPAN_MS } from './layout.ts';

/**
 * The numbers of one running emulator process: counters with what they grow by in the present tick, and what
 * the models remember.
 *
 * A tick is planned at its beginning: models write whole growths for the time until its end, and a read in
 * between takes its share of them. So a value is exact at any instant, does not depend on when or how often it
 * was read, and stands still when the next tick is late. Copying the array copies the machine.
 */
export interface Machine {
  readonly layout: Layout;
  readonly numbers: Float64Array;
}

/** A machine with all numbers 0. */
export function createMachine(layout: Layout): Machine {
  return { layout, numbers: new Float64Array(layout.size) };
}

/**
 * A counter's value at an instant: a whole number. `counter` is its index in the array.
 *
 * A growth that is a multiple of the span is exact at each whole ms: it is multiplied before it is divided.
 */
export function readCounter({ layout, numbers }: Machine, counter: number, nowMs: number): number {
  const growth = numbers[counter + layout.counterCount]!;
  return numbers[counter]! + Math.floor(grownPart(numbers, growth, nowMs));
}

function grownPart(numbers: Float64Array, growth: number, nowMs: number): number {
  const span = numbers[SPAN_MS]!;
  if (span === 0) return 0;
  const elapsed = nowMs - numbers[SINCE_MS]!;
  return elapsed >= span ? growth : (growth * elapsed) / span;
}

/**
 * Ends what is planned at an instant: counters take their share of the growth, and nothing grows any more.
 *
 * At the end of a tick a counter takes its growth whole; before it, the whole part of its share.
 */
export function settle({ layout, numbers }: Machine, nowMs: number): void {
  const { counterCount, firstCounter } = layout;
  const end = firstCounter + counterCount;
  if (nowMs - numbers[SINCE_MS]! >= numbers[SPAN_MS]!) {
    // Without a look at what grows: this is the hot path, and a branch that is hard to foretell costs more.
    for (let i = firstCounter; i < end; i++) {
      numbers[i]! += numbers[i + counterCount]!;
      numbers[i + counterCount] = 0;
    }
  } else {
    for (let i = firstCounter; i < end; i++) {
      const growth = numbers[i + counterCount]!;
      if (growth === 0) continue;
      numbers[i]! += Math.floor(grownPart(numbers, growth, nowMs));
      numbers[i + counterCount] = 0;
    }
  }
  numbers[SINCE_MS] = nowMs;
  numbers[SPAN_MS] = 0;
}

/** Begins a span of time for which models then write growths. The machine was settled. */
export function begin({ numbers }: Machine, nowMs: number, spanMs: number): void {
  numbers[SINCE_MS] = nowMs;
  numbers[SPAN_MS] = spanMs;
}
