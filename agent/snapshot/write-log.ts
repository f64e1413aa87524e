import { readFileSync, rmSync } from 'node:fs';
import type { Write, WriteMoment } from '../emulation/write.ts';
import { VirtsnmpError } from '../util/errors.ts';
import { type Journal, openJournal } from '../util/journal.ts';
import { parseJournal } from '../util/journal-format.ts';
import type { Logger } from '../util/logger.ts';
import { plainValue } from './write-codec.ts';

/** Octets that are kept of what was done, in memory and in a file. */
const MOST_IN_MEMORY = 64 * 2 ** 20;
const MOST_IN_FILE = 256 * 2 ** 20;

/** A write with its moment, as it stands in a snapshot. */
export interface PlainWrite {
  /** Simulated ms, timers that had run then, and the event during which it was done when it was during one. */
  readonly at: readonly [number, number, number?];
  readonly write: unknown;
}

/** A write as one line of JSON. */
export function writeLine(write: Write, { atMs, ran, during }: WriteMoment): string {
  const at = during === undefined ? [atMs, ran] : [atMs, ran, during];
  return JSON.stringify({ at, write }, plainValue);
}

/**
 * All that was done to a fleet since its run began, in order.
 *
 * What the fleet was made of at its beginning is kept as it is, for it is in memory anyway. What was done since is
 * kept as text: in memory, or once there is a file in that. BOUNDED: beyond so many octets it is given up, and
 * the run has no snapshots any more.
 */
export class WriteLog {
  readonly #fleet: { readonly write: Write; readonly at: WriteMoment }[] = [];
  #lines: string[] = [];
  #octets = 0;
  #count = 0;
  #file: { readonly path: string; readonly journal: Journal } | undefined;
  /** Why the log is not whole any more. */
  #broken: string | undefined;
  readonly #mostInMemory: number;

  constructor(mostInMemory = MOST_IN_MEMORY) {
    this.#mostInMemory = mostInMemory;
  }

  /** Adds what is done now. */
  add(write: Write, at: WriteMoment): void {
    if (this.#broken !== undefined) return;
    this.#count++;
    if (this.#count === this.#fleet.length + 1 && isOfFleet(write)) {
      this.#fleet.push({ write, at });
      return;
    }
    this.#append(writeLine(write, at));
  }

  /**
   * Keeps what is done in a file from now on, with what was done so far; the file of an earlier run is replaced.
   * Throws STATE_FAILED when it cannot be written.
   */
  keepIn(path: string, logger: Logger): void {
    rmSync(path, { force: true });
    const { journal } = openJournal({
      file: path,
      sync: 'never',
      onError: (error) => logger.error('what is done is not kept', { error: error.message }),
    });
    this.#file = { path, journal };
    const lines = this.#lines;
    this.#lines = [];
    this.#octets = 0;
    for (const line of lines) this.#append(line);
  }

  /** Every write as a line. Throws OPERATION_FAILED when they are not all there. */
  lines(): string[] {
    const lines = this.#fleet.map(({ write, at }) => writeLine(write, at));
    lines.push(...(this.#file ? this.#read(this.#file) : this.#lines));
    if (this.#broken === undefined && lines.length !== this.#count)
      this.#break(`${this.#file?.path} was changed by somebody else`);
    if (this.#broken !== undefined)
      throw new VirtsnmpError('OPERATION_FAILED', `this run has no snapshots any more: ${this.#broken}`);
    return lines;
  }

  /** Closes the file. */
  async close(): Promise<void> {
    await this.#file?.journal.close();
  }

  #append(line: string): void {
    this.#octets += line.length;
    const most = this.#file ? MOST_IN_FILE : this.#mostInMemory;
    if (this.#octets > most) {
      const hint = this.#file ? '' : '; with a state folder there is room for more';
      this.#break(`more was done than can be kept (${most} octets)${hint}`);
    } else if (!this.#file) this.#lines.push(line);
    else if (!this.#file.journal.append(Buffer.from(line)))
      this.#break(`${this.#file.path} cannot be written`);
  }

  #break(why: string): void {
    this.#broken ??= why;
    this.#lines = [];
  }

  #read({ path, journal }: { readonly path: string; readonly journal: Journal }): string[] {
    if (!journal.flush()) {
      throw new VirtsnmpError(
        'OPERATION_FAILED',
        `${path} cannot be written; there is no snapshot without it`,
      );
    }
    return parseJournal(readFileSync(path)).records.map((record) => Buffer.from(record).toString());
  }
}

/** What makes a fleet before anything happens to it. */
function isOfFleet(write: Write): boolean {
  if (write.op === 'apply') return write.change.op === 'populate';
  return write.op === 'add-host' || write.op === 'restore-alarms';
}
