import { type Journal, openJournal } from '../../util/journal.ts';
import type { Logger } from '../../util/logger.ts';
import { type LogRecord, parseRecord } from './log-record.ts';

/** Octets that a journal may have beyond twice what is still wanted of it. */
const SLACK = 4 * 1024 * 1024;

export interface LogJournalOptions {
  readonly file: string;
  readonly logger: Logger;
  /** For tests: see SLACK. */
  readonly slack?: number;
}

/** A record that was found in the journal, and its octets. */
export interface FoundRecord {
  readonly record: LogRecord;
  readonly octets: Buffer;
}

/**
 * Where the logs of one agent outlive the program: all that happens to them, one record after the other, and the whole
 * anew when much of that no longer matters.
 *
 * A crash loses what was appended in the same turn of the event loop and not flushed.
 */
export class LogJournal {
  readonly #journal: Journal;
  /** What was found; taken once. */
  #found: readonly FoundRecord[];
  readonly #slack: number;
  #compactAbove = 0;
  #closed = false;

  /** Opens the file, or begins it. Throws STATE_FAILED. */
  constructor({ file, logger, slack = SLACK }: LogJournalOptions) {
    this.#slack = slack;
    const { journal, records, damage } = openJournal({
      file,
      sync: 'never',
      onError: (error) => logger.error('the notification log is not kept', { error: error.message }),
    });
    this.#journal = journal;
    if (damage) {
      const { goodOctets, lostOctets, keptIn } = damage;
      logger.warn('the end of the notification log was damaged', { file, goodOctets, lostOctets, keptIn });
    }
    this.#found = records.flatMap((octets) => {
      const record = parseRecord(octets);
      // Copied: a view would keep all of the file in memory.
      return record ? [{ record, octets: Buffer.from(octets) }] : [];
    });
  }

  /** What the journal held when it was opened, for the first who asks. */
  takeFound(): readonly FoundRecord[] {
    const found = this.#found;
    this.#found = [];
    return found;
  }

  /** Appends a record; what comes after the end is not kept. */
  append(record: Uint8Array): void {
    if (!this.#closed) this.#journal.append(record);
  }

  /** Writes what was appended, at once. */
  flush(): void {
    if (!this.#closed) this.#journal.flush();
  }

  /** Shortens the file when most of it is no longer wanted. `wanted` is what is, in octets, `snapshot` gives it. */
  compactIfLong(wanted: number, snapshot: () => readonly Uint8Array[]): void {
    if (this.#closed || this.#journal.size <= Math.max(this.#compactAbove, 2 * wanted + this.#slack)) return;
    // When it fails, it is tried again when the file has grown by as much.
    this.#compactAbove = this.#journal.size + wanted + this.#slack;
    void this.#journal.compact(snapshot()).then((done) => {
      if (done) this.#compactAbove = 0;
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#journal.close();
  }
}
