import { Deque } from '../../util/deque.ts';
import { lowerBound } from '../../util/lower-bound.ts';
import { type LoggedVariable, loggedVariables } from './logged-notification.ts';

/** How many values nlmLogIndex has: 1 to 2^32-1. */
const INDEXES = 2 ** 32 - 1;

/** A notification in a log. */
export interface LogEntry {
  /** Counts the entries of the log from 0 on and never wraps. */
  readonly serial: number;
  /** Counts the entries of all logs; not kept over a restart. */
  readonly order: number;
  /** nlmLogTime: sysUpTime when it was put in, in hundredths of a second; 0 for what an earlier run put in. */
  readonly upTimeCentiseconds: number;
  /** When it was put in, in ms since 1970. */
  readonly dateMs: number;
  /** What its age is counted from: not later than when this run learned of it. */
  readonly agedFromMs: number;
  /** As it stands in the journal, with the notification from `contentAt` on. */
  readonly record: Buffer;
  readonly contentAt: number;
  /** Bit `t` is set when a variable has type `t` of nlmLogVariableValueType, bit 0 when there are variables. */
  readonly types: number;
}

/** nlmLogIndex of an entry: it wraps from its greatest value to 1 (RFC 3014). */
export function logIndex({ serial }: LogEntry): number {
  return (serial % INDEXES) + 1;
}

let lastEntry: LogEntry | undefined;
let lastVariables: readonly LoggedVariable[] = [];

/** The variables of an entry; those of the entry asked for last are kept, since they are read in turn. */
export function variablesOf(entry: LogEntry): readonly LoggedVariable[] {
  if (lastEntry !== entry) {
    lastVariables = loggedVariables(entry.record, entry.contentAt);
    lastEntry = entry;
  }
  return lastVariables;
}

/** Some of a log's entries in the order that they were put in, read in the order of nlmLogIndex. */
export class EntryList {
  readonly #entries = new Deque<LogEntry>();

  get length(): number {
    return this.#entries.length;
  }

  /** The oldest. */
  get oldest(): LogEntry | undefined {
    return this.#entries.first;
  }

  push(entry: LogEntry): void {
    this.#entries.push(entry);
  }

  /** Takes the oldest out. */
  shift(): LogEntry | undefined {
    return this.#entries.shift();
  }

  /** From the oldest to the newest. */
  [Symbol.iterator](): IterableIterator<LogEntry> {
    return this.#entries[Symbol.iterator]();
  }

  /** The entry at a position in the order of nlmLogIndex. */
  at(position: number): LogEntry {
    return this.#at(position, this.#wrap());
  }

  /** Position of the first entry whose nlmLogIndex is not less than a number; the length when there is none. */
  firstFrom(index: number): number {
    const wrap = this.#wrap();
    return lowerBound(this.length, (place) => logIndex(this.#at(place, wrap)) < index);
  }

  /** The `wrap` oldest entries come last. */
  #at(position: number, wrap: number): LogEntry {
    const newer = this.length - wrap;
    return this.#entries.at(position < newer ? position + wrap : position - newer);
  }

  /** How many entries, from the oldest on, are from before nlmLogIndex wrapped; 0 when all are from the same round. */
  #wrap(): number {
    const { first, last } = this.#entries;
    if (!first || !last || round(first) === round(last)) return 0;
    return lowerBound(this.length, (place) => round(this.#entries.at(place)) < round(last));
  }
}

function round({ serial }: LogEntry): number {
  return Math.floor(serial / INDEXES);
}
