/**
 * A whole number of things for a span, from an expected number with a fraction.
 *
 * Spreads the fraction over the spans: 0.25 gives one in four. So many short spans count as much as a long one.
 */
export function spread(expected: number, { nowMs, spanMs }: { nowMs: number; spanMs: number }): number {
  const span = Math.floor(nowMs / spanMs);
  return Math.floor(expected * (span + 1)) - Math.floor(expected * span);
}
