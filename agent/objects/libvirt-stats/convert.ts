const TRUE = 1;
const FALSE = 2;

/** What the readers of this module's objects share. */
export interface Readers {
  /** sysUpTime at a simulated instant, in hundredths of a second. */
  readonly upTime: (atMs: number) => number;
  /** The simulated wall clock at a simulated instant, in ms since 1970. */
  readonly wallMs: (atMs: number) => number;
}

/** TruthValue (RFC 2579). */
export function truth(value: boolean): number {
  return value ? TRUE : FALSE;
}

/** Hundredths of a second. */
export function ticks(ms: number): number {
  return Math.floor(ms / 10);
}

/** DateAndTime in UTC (RFC 2579): year, month, day, hour, minute, second, tenth, direction, hours and minutes. */
export function dateAndTime(wallMs: number): Uint8Array {
  const date = new Date(wallMs);
  const year = date.getUTCFullYear();
  const day = [date.getUTCMonth() + 1, date.getUTCDate(), date.getUTCHours(), date.getUTCMinutes()];
  const tenth = Math.floor(date.getUTCMilliseconds() / 100);
  return Uint8Array.of(year >> 8, year & 255, ...day, date.getUTCSeconds(), tenth, 0x2b, 0, 0);
}

/** A list of ascending numbers with ranges, such as 0-7,16-23; cut at 255 octets, between two entries. */
export function numberList(numbers: readonly number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < numbers.length; ) {
    let j = i;
    while (numbers[j + 1] === numbers[j]! + 1) j++;
    parts.push(i === j ? `${numbers[i]}` : `${numbers[i]}-${numbers[j]}`);
    i = j + 1;
  }
  let text = '';
  for (const part of parts) {
    const longer = text === '' ? part : `${text},${part}`;
    if (longer.length > MOST_OCTETS) break;
    text = longer;
  }
  return text;
}

const MOST_OCTETS = 255;
/** Octets of UTF-8 that a code unit of UTF-16 takes at most. */
const MOST_OCTETS_OF_UNIT = 3;

/** Text of at most so many octets: what is longer is cut between two characters. */
export function cut(text: string, octets = MOST_OCTETS): string {
  if (text.length * MOST_OCTETS_OF_UNIT <= octets || Buffer.byteLength(text) <= octets) return text;
  let kept = text.slice(0, octets);
  while (Buffer.byteLength(kept) > octets) kept = kept.slice(0, -1);
  return kept;
}
