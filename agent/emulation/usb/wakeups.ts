/** UHCI frames and EHCI's base rate: 1 ms each (facts 8). */
export const FRAMES_PER_SECOND = 1000;
/** EHCI's idle period grows by 1 ms with each idle pass, so often: from 1 ms to 65 ms. */
const STRETCHES = 64;
const LONGEST_MS = STRETCHES + 1;
/** How long the stretching takes: the sum of 2 ms to 65 ms. */
const STRETCHING_MS = STRETCHES + (STRETCHES * (STRETCHES + 1)) / 2;

/**
 * Timer wakeups of a controller that polls frame by frame, in a time of `ms`.
 *
 * One in each ms, whether or not anything moves, until `stopsAfterMs`.
 */
export function frameWakeups(ms: number, stopsAfterMs = Number.POSITIVE_INFINITY): number {
  return Math.floor((Math.min(ms, stopsAfterMs) * FRAMES_PER_SECOND) / 1000);
}

/**
 * Wakeups of an EHCI whose periodic schedule has been idle for `ms`, until `stopsAfterMs`.
 *
 * The nth pass comes n + 1 ms after the one before: n(n+3)/2 <= ms; from the 64th on every 65 ms, 15.4 Hz.
 */
export function stretchedWakeups(ms: number, stopsAfterMs = Number.POSITIVE_INFINITY): number {
  const time = Math.min(ms, stopsAfterMs);
  if (time >= STRETCHING_MS) return STRETCHES + Math.floor((time - STRETCHING_MS) / LONGEST_MS);
  return Math.floor((Math.sqrt(9 + 8 * time) - 3) / 2);
}
