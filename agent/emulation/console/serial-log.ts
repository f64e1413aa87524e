/** One piece of what was written: its text is made again when somebody reads it. */
export interface LogPiece<S> {
  /** Position of its first byte, counted from the console's beginning. */
  readonly start: number;
  readonly length: number;
  readonly source: S;
}

/**
 * A serial line with a bounded memory. Immutable; times are guest ms and do not go back.
 *
 * What is written leaves at the line's speed in the order of writing. Positions count the bytes that were
 * written since the console began, so that a reader who comes back knows where to go on.
 * Pieces are BOUNDED: those that a reader could still see, and those that wait to be sent.
 */
export interface SerialLog<S> {
  readonly bytesPerSecond: number;
  readonly scrollbackBytes: number;
  readonly backlogBytes: number;
  readonly pieces: readonly LogPiece<S>[];
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
export function backlogBytes(log: SerialLog<unknown>, nowMs: number): number {
  return Math.max(0, Math.ceil(((log.clearMs - nowMs) * log.bytesPerSecond) / 1000 - EPSILON));
}

/** Bytes that the line has sent so far: never more than its speed in any second. */
export function sentBytes(log: SerialLog<unknown>, nowMs: number): number {
  return log.written - backlogBytes(log, nowMs);
}

/**
 * The line after `length` bytes more, which `source` can give.
 *
 * Written whole or, when too much waits before it, not at all. `extend` makes it part of the last piece.
 */
export function writeLog<S>(
  log: SerialLog<S>,
  nowMs: number,
  length: number,
  source: S,
  extend = false,
): SerialLog<S> {
  const waiting = backlogBytes(log, nowMs);
  if (waiting + length > log.backlogBytes) return { ...log, lost: log.lost + length };
  const oldest = log.written - waiting - log.scrollbackBytes;
  const kept = log.pieces.filter((piece) => piece.start + piece.length > oldest);
  const last = kept.at(-1);
  if (extend && last) kept[kept.length - 1] = { start: last.start, length: last.length + length, source };
  else kept.push({ start: log.written, length, source });
  return {
    ...log,
    pieces: kept,
    written: log.written + length,
    clearMs: Math.max(nowMs, log.clearMs) + (length * 1000) / log.bytesPerSecond,
  };
}

/** What was sent from a position on; of bytes that are older than the scroll-back, how many there were. */
export function readLog<S>(
  log: SerialLog<S>,
  nowMs: number,
  position: number,
  textOf: (source: S) => string,
): ConsoleText {
  const end = sentBytes(log, nowMs);
  const oldest = Math.max(0, end - log.scrollbackBytes);
  const start = Math.min(end, Math.max(position, oldest));
  let text = '';
  for (const piece of log.pieces) {
    const from = Math.max(start, piece.start) - piece.start;
    const to = Math.min(end, piece.start + piece.length) - piece.start;
    if (from < to) text += textOf(piece.source).slice(from, to);
  }
  return { text, start, next: end, missed: Math.max(0, start - position) };
}
