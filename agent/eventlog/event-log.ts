import type { EmulationEvent } from '../emulation/events.ts';
import type { DeliveryReport } from '../notify/target.ts';
import { errorText } from '../util/errors.ts';
import type { Logger } from '../util/logger.ts';
import { LogFile } from './log-file.ts';
import {
  deliveryRecord,
  eventRecord,
  type LogRecord,
  type NotificationMoment,
  notificationRecord,
  type Run,
  runRecord,
  type SentNotification,
  type ToldNotification,
  timestamp,
} from './record.ts';

/** Records made into text at once, so that requests are answered between two portions. */
const PORTION = 256;
/** Records that wait for a slow disk at most. */
const MAX_WAITING = 250_000;

export interface EventLogOptions {
  readonly file: string;
  /** Octets from which on another file is begun; 0 for never. */
  readonly maxOctets: number;
  /** Files that are kept beside the present one. */
  readonly keep: number;
  readonly run: Run;
  readonly logger: Logger;
  /** Real Unix time in ms. */
  readonly realMs: () => number;
  /** Records that wait at most; 250,000 when not given. */
  readonly maxWaiting?: number;
}

/**
 * The truth about a run: every event with its cause, its faults and the notifications that told of it, and what
 * became of each of these, as JSON lines in a file that is only appended to (docs/EVENTS.md).
 *
 * To record neither waits nor fails: lines are made and written between other work. What the disk does not take is
 * reported once, and tried again with the next record. BOUNDED by maxWaiting; what is beyond that is counted, and
 * the count recorded.
 */
export class EventLog {
  readonly #options: EventLogOptions;
  readonly #file: LogFile;
  readonly #maxWaiting: number;
  #waiting: LogRecord[] = [];
  /** How many of them have been taken already. */
  #taken = 0;
  #lost = 0;
  /** What is recorded while an event or a notification is being told: its record comes first. */
  #early: LogRecord[] | undefined;
  #draining: Promise<void> | undefined;
  #failing = false;
  #closed = false;

  constructor(options: EventLogOptions) {
    this.#options = options;
    this.#maxWaiting = options.maxWaiting ?? MAX_WAITING;
    const { file: path, maxOctets, keep, run } = options;
    const heading = (continued: boolean) => JSON.stringify(runRecord(run, this.#real(), continued));
    this.#file = new LogFile({ path, maxOctets, keep, heading });
    this.#wake();
  }

  /** Records an event that `tell` tells the world of, with the notifications that it gives. */
  record(event: EmulationEvent, tell: () => readonly SentNotification[]): void {
    let sent: readonly SentNotification[] = [];
    this.#before(
      () => {
        sent = tell();
      },
      () => eventRecord(event, sent, this.#real()),
    );
  }

  /** Records a notification that `send` sends, which is not an event's own; `send` returns its number. */
  recordNotification(told: ToldNotification, moment: NotificationMoment, send: () => number): void {
    let id: number | undefined;
    this.#before(
      () => {
        id = send();
      },
      () => (id === undefined ? undefined : notificationRecord(told, moment, id, this.#real())),
    );
  }

  /** Records what became of a notification of a host. */
  delivered(host: string, report: DeliveryReport): void {
    this.#put(deliveryRecord(host, report, this.#real()));
  }

  /** Resolves when everything recorded so far is written, or the disk has refused it. */
  async idle(): Promise<void> {
    await this.#draining;
  }

  /** Writes all that waits, as far as the disk takes it, and closes the file. */
  async close(): Promise<void> {
    await this.idle();
    this.#add({ type: 'end', real: this.#real() });
    this.#closed = true;
    await this.idle();
    const { logger, file } = this.#options;
    const lost = this.#lost + this.#waiting.length - this.#taken;
    if (lost > 0) logger.error('the end of the event log could not be written', { file, records: lost });
    try {
      await this.#file.close();
    } catch (thrown) {
      this.#failed(thrown);
    }
  }

  #real(): { at: string } {
    return { at: timestamp(this.#options.realMs()) };
  }

  /** Records what `act` does before what comes of that at once. */
  #before(act: () => void, record: () => LogRecord | undefined): void {
    const outer = this.#early;
    const early: LogRecord[] = [];
    this.#early = early;
    try {
      act();
    } finally {
      this.#early = outer;
      const first = record();
      if (first) this.#put(first);
      for (const each of early) this.#put(each);
    }
  }

  #put(record: LogRecord): void {
    if (this.#early) this.#early.push(record);
    else this.#add(record);
  }

  #add(record: LogRecord): void {
    if (this.#closed) return;
    if (this.#waiting.length - this.#taken < this.#maxWaiting) this.#waiting.push(record);
    else this.#lost++;
    this.#wake();
  }

  #wake(): void {
    this.#draining ??= this.#drain();
  }

  async #drain(): Promise<void> {
    await new Promise(setImmediate);
    try {
      await this.#file.flush();
      while (this.#waiting.length > 0) await this.#file.append(this.#take().map(line).join(''));
      if (this.#failing)
        this.#options.logger.info('the event log is written again', { file: this.#options.file });
      this.#failing = false;
    } catch (thrown) {
      this.#failed(thrown);
    } finally {
      this.#draining = undefined;
    }
  }

  /** The next portion. What was lost for want of room was behind all that waits now. */
  #take(): LogRecord[] {
    const portion = this.#waiting.slice(this.#taken, this.#taken + PORTION);
    this.#taken += portion.length;
    if (this.#lost > 0) this.#waiting.push({ type: 'lost', records: this.#lost, real: this.#real() });
    this.#lost = 0;
    if (this.#taken * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#taken);
      this.#taken = 0;
    }
    return portion;
  }

  #failed(thrown: unknown): void {
    const { logger, file } = this.#options;
    if (!this.#failing) logger.error('the event log cannot be written', { file, error: errorText(thrown) });
    this.#failing = true;
  }
}

function line(record: LogRecord): string {
  return `${JSON.stringify(record)}\n`;
}
