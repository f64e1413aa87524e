/**
 * A serial line with a bounded memory. Immutable; times are guest ms and do not go back.
 *
 * What is written leaves at the line's speed in the order of writing. Positions count the bytes that were
 * written since the console began, so that a reader who comes back knows where to go on.
 */
export interface SerialLog {
  readonly bytesPerSecond: number;
  readonly scrollbackBytes: number;
  readonly backlogBytes: number;
  /** The last bytes written. BOUNDED: those that a reader could still see, and those that wait to be sent. */
  readonly text: string;
  /** Bytes written so far; the position of the next one. */
  readonly written: number;
  /** When the last of them has been sent. */
  readonly clearMs: number;
  /** Bytes that found too much waiting before them. */
  readonly lost: number;
}

/** What a reader of a serial line gets. */
export interface ConsoleText {
  readonly text: string;
  /** Position of the text's first byte. */
  readonly start: number;
  /** Where to read on. */
  readonly next: number;
  /** Bytes between the position asked for and the start, which nobody can read any more. */
  readonly missed: number;
}

/** Guards a whole number of bytes against what floating point adds to it. */
const EPSILON = 1e-6;

/** Bytes that wait to be sent at an instant. */
function waitingBytes(log: SerialLog, nowMs: number): number {
  return Math.max(0, Math.ceil(((log.clearMs - nowMs) * log.bytesPerSecond) / 1000 - EPSILON));
}

/** Bytes that the line has sent so far: never more than its speed in any second. */
export function sentBytes(log: SerialLog, nowMs: number): number {
  return log.written - waitingBytes(log, nowMs);
}

/**
 * The line after a message of ASCII text, so that one character is one byte.
 *
 * Written whole or, when too much waits before it, not at all.
 */
export function writeLog(log: SerialLog, nowMs: number, message: string): SerialLog {
  const waiting = waitingBytes(log, nowMs);
  const { length } = message;
  if (waiting + length > log.backlogBytes) return { ...log, lost: log.lost + length };
  const text = log.text + message;
  const needed = log.scrollbackBytes + waiting + length;
  return {
    ...log,
    text: text.length > needed ? text.slice(-needed) : text,
    written: log.written + length,
    clearMs: Math.max(nowMs, log.clearMs) + (length * 1000) / log.bytesPerSecond,
  };
}

/** What was sent from a position on; of bytes that are older than the scroll-back, how many there were. */
export function readLog(log: SerialLog, nowMs: number, position: number): ConsoleText {
  const next = sentBytes(log, nowMs);
  const oldest = Math.max(0, next - log.scrollbackBytes);
  const start = Math.min(next, Math.max(position, oldest));
  const first = log.written - log.text.length;
  const text = log.text.slice(start - first, next - first);
  return { text, start, next, missed: Math.max(0, start - position) };
}
