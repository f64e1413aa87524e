const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
/** A thousand years: what is longer is a mistake. */
const MOST_MS = 31_557_600_000_000;

/** What a time may look like, for messages. */
export const TIME_SPAN = 'a number of seconds, or text with a unit such as "90 s", "5 min", "2 h" or "1 d"';

/** Reads a time: a number is seconds. Returns whole ms, 0 or more; `undefined` when it is no such time. */
export function timeSpanMs(value: unknown): number | undefined {
  const [amount, unit] = parts(value);
  const factor = UNITS_MS[unit];
  if (amount === undefined || factor === undefined) return undefined;
  const ms = Math.round(amount * factor);
  return ms >= 0 && ms <= MOST_MS ? ms : undefined;
}

function parts(value: unknown): [number | undefined, string] {
  if (typeof value === 'number') return [value, 's'];
  const match = typeof value === 'string' ? /^\s*(\d{1,12}(?:\.\d{1,6})?)\s*([a-z]+)\s*$/.exec(value) : null;
  return match === null ? [undefined, ''] : [Number(match[1]), match[2]!];
}
