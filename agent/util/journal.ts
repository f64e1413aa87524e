import {
  closeSync,
  fdatasync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { errorText, VirtsnmpError } from './errors.ts';
import {
  FIRST_CHECKSUM,
  type FramedRecord,
  frameRecord,
  JOURNAL_MAGIC,
  parseJournal,
} from './journal-format.ts';

const syncData = promisify(fdatasync);

/** Octets that are gathered at most before they are written at once. */
const BATCH = 64 * 1024;
/** Octets that wait at most while the file cannot be written. */
const MAX_WAITING = 4 * 1024 * 1024;

export interface JournalOptions {
  readonly file: string;
  /**
   * `soon`: what is written is also forced to the disk, in the background; it then survives a power failure too.
   * `never`: the operating system decides when. Either way what is written survives the end of the program.
   */
  readonly sync: 'soon' | 'never';
  /** Told (STATE_FAILED) when writing, forcing or compacting begins to fail, once until it works again. */
  readonly onError: (error: VirtsnmpError) => void;
}

/** What was found when a journal was opened. */
export interface OpenedJournal {
  readonly journal: Journal;
  /** Every record up to the first damage, in the order they were appended. */
  readonly records: readonly Uint8Array[];
  /** Present when something was behind the last good record: a record that a crash cut off, or damage. */
  readonly damage?: JournalDamage;
}

export interface JournalDamage {
  /** Octets of the file that were good. */
  readonly goodOctets: number;
  /** Octets behind them, which are no longer in the journal. */
  readonly lostOctets: number;
  /** File that those octets were put aside in; absent when that failed. */
  readonly keptIn?: string;
}

/**
 * Opens a journal, or begins one, readable by its owner alone. What is behind the last good record is put aside in
 * `<file>.damaged`, in the place of what was there. Throws STATE_FAILED when the file cannot be read or written.
 */
export function openJournal(options: JournalOptions): OpenedJournal {
  const { file } = options;
  try {
    discard(newName(file));
    const content = readIfThere(file);
    const parsed = parseJournal(content);
    const damage = parsed.end < content.length ? putAside(file, content, parsed.end) : undefined;
    const descriptor = openSync(file, parsed.end > 0 ? 'r+' : 'w', 0o600);
    if (parsed.end === 0) writeAll(descriptor, JOURNAL_MAGIC, 0);
    else if (damage) ftruncateSync(descriptor, parsed.end);
    const end = parsed.end || JOURNAL_MAGIC.length;
    const journal = new Journal(options, { descriptor, end, checksum: parsed.checksum });
    return { journal, records: parsed.records, ...(damage && { damage }) };
  } catch (thrown) {
    throw new VirtsnmpError('STATE_FAILED', `${file} cannot be opened as a journal: ${errorText(thrown)}`);
  }
}

interface OpenFile {
  descriptor: number;
  /** Octets written, all good. */
  end: number;
  /** Of the last record that was appended, written or not. */
  checksum: number;
}

/**
 * A file of records that are only ever appended, until {@link compact} puts fewer in their place.
 *
 * Records are gathered for the rest of the turn of the event loop and then written in one go; {@link flush} writes
 * them at once. What is written survives the end of the program, however it ends. A crash at any moment leaves a
 * beginning of what was appended.
 *
 * BOUNDED: what waits by MAX_WAITING, beyond which records are refused. The file grows until it is compacted.
 */
export class Journal {
  readonly #options: JournalOptions;
  readonly #file: OpenFile;
  #waiting: Buffer[] = [];
  #waitingOctets = 0;
  #scheduled = false;
  /** What does not work at present. */
  readonly #failing = new Set<'writing' | 'forcing' | 'compacting'>();
  /** What was appended since a compaction began; BOUNDED by how long that takes. */
  #sinceSnapshot: Uint8Array[] | undefined;
  #compaction: Promise<boolean> | undefined;
  #unsynced = false;
  #syncing: Promise<void> | undefined;
  #closed = false;

  /** For {@link openJournal}. */
  constructor(options: JournalOptions, file: OpenFile) {
    this.#options = options;
    this.#file = file;
  }

  /** Octets of the file, with those that wait to be written. */
  get size(): number {
    return this.#file.end + this.#waitingOctets;
  }

  /** Appends a copy of a record. False, with nothing appended, when too much waits for a file that cannot be written. */
  append(record: Uint8Array): boolean {
    if (this.#closed) throw new Error('the journal is closed');
    this.#schedule();
    if (this.#waitingOctets > MAX_WAITING) return false;
    const { octets, checksum } = frameRecord(record, this.#file.checksum);
    this.#file.checksum = checksum;
    this.#waiting.push(octets);
    this.#waitingOctets += octets.length;
    this.#sinceSnapshot?.push(octets.subarray(octets.length - record.length));
    if (this.#waitingOctets >= BATCH && !this.#failing.has('writing')) this.flush();
    return true;
  }

  /** Writes what waits, at once. False when that failed; it is then tried again with the next record. */
  flush(): boolean {
    if (this.#waitingOctets === 0) return true;
    const octets = this.#waiting.length === 1 ? this.#waiting[0]! : Buffer.concat(this.#waiting);
    const { descriptor, end } = this.#file;
    try {
      writeAll(descriptor, octets, end);
    } catch (thrown) {
      // What was written of it in part is taken away; if that fails too, the next try overwrites it.
      truncate(descriptor, end);
      this.#fails('writing', thrown);
      return false;
    }
    this.#written(end + octets.length);
    return true;
  }

  /**
   * Puts a snapshot in the place of all records appended so far; those appended meanwhile stay behind it. The file is
   * replaced whole, so that a crash at any moment leaves the old or the new one. It is written in the background, in
   * pieces, so that a record of the snapshot may not change until then. Gives false, with the old file kept, when that
   * failed or another is under way.
   */
  compact(snapshot: Iterable<Uint8Array>): Promise<boolean> {
    if (this.#compaction || this.#closed) return Promise.resolve(false);
    this.#sinceSnapshot = [];
    this.#compaction = this.#replace(Array.from(snapshot))
      .then(
        () => true,
        (thrown) => {
          discard(newName(this.#options.file));
          this.#fails('compacting', thrown);
          return false;
        },
      )
      .finally(() => {
        this.#sinceSnapshot = undefined;
        this.#compaction = undefined;
      });
    return this.#compaction;
  }

  /** Writes what waits, lets what is under way end, and closes the file. False when something was not written. */
  async close(): Promise<boolean> {
    if (this.#closed) return true;
    this.#closed = true;
    await this.#compaction;
    const written = this.flush();
    await this.#syncing;
    closeSync(this.#file.descriptor);
    return written;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (!this.#closed) this.flush();
    });
  }

  async #replace(snapshot: readonly Uint8Array[]): Promise<void> {
    const { file } = this.#options;
    const content = await writeNew(newName(file), snapshot);
    // From here to the end nothing else runs, so that no record falls between the old file and the new one.
    const tail = frameAll(this.#sinceSnapshot!, content.checksum);
    const descriptor = openSync(newName(file), 'r+');
    try {
      writeAll(descriptor, tail.octets, content.end);
      renameSync(newName(file), file);
    } catch (thrown) {
      closeSync(descriptor);
      throw thrown;
    }
    const old = this.#file.descriptor;
    Object.assign(this.#file, { descriptor, checksum: tail.checksum });
    void (this.#syncing ?? Promise.resolve()).then(() => closeSync(old));
    this.#failing.delete('compacting');
    this.#written(content.end + tail.octets.length);
  }

  #written(end: number): void {
    this.#file.end = end;
    this.#waiting = [];
    this.#waitingOctets = 0;
    this.#failing.delete('writing');
    if (this.#options.sync === 'never') return;
    this.#unsynced = true;
    this.#syncing ??= this.#sync().finally(() => {
      this.#syncing = undefined;
    });
  }

  /** Forces what is written to the disk, one call at a time. */
  async #sync(): Promise<void> {
    while (this.#unsynced) {
      this.#unsynced = false;
      try {
        await syncData(this.#file.descriptor);
        this.#failing.delete('forcing');
      } catch (thrown) {
        this.#fails('forcing', thrown);
      }
    }
  }

  #fails(what: 'writing' | 'forcing' | 'compacting', thrown: unknown): void {
    if (this.#failing.has(what)) return;
    this.#failing.add(what);
    this.#options.onError(failure(this.#options.file, thrown));
  }
}

/** Writes a file of these records, a piece at a time, and forces it to the disk. */
async function writeNew(file: string, records: readonly Uint8Array[]): Promise<Omit<OpenFile, 'descriptor'>> {
  const handle = await open(file, 'w', 0o600);
  try {
    await handle.writeFile(JOURNAL_MAGIC);
    let end = JOURNAL_MAGIC.length;
    let checksum = FIRST_CHECKSUM;
    for (let from = 0; from < records.length; ) {
      let to = from;
      for (let octets = 0; to < records.length && octets < BATCH; to++) octets += records[to]!.length;
      const piece = frameAll(records.slice(from, to), checksum);
      await handle.writeFile(piece.octets);
      end += piece.octets.length;
      checksum = piece.checksum;
      from = to;
    }
    // Whatever the policy: a rename may reach the disk before the content of what takes the place.
    await handle.sync();
    return { end, checksum };
  } finally {
    await handle.close();
  }
}

function frameAll(records: readonly Uint8Array[], checksumBefore: number): FramedRecord {
  const frames: Buffer[] = [];
  let checksum = checksumBefore;
  for (const record of records) {
    const framed = frameRecord(record, checksum);
    frames.push(framed.octets);
    checksum = framed.checksum;
  }
  return { octets: Buffer.concat(frames), checksum };
}

function writeAll(descriptor: number, octets: Uint8Array, position: number): void {
  let written = 0;
  while (written < octets.length) {
    written += writeSync(descriptor, octets, written, octets.length - written, position + written);
  }
}

function truncate(descriptor: number, end: number): void {
  try {
    ftruncateSync(descriptor, end);
  } catch {
    // The failure that led here is what is told.
  }
}

function readIfThere(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw thrown;
  }
}

function putAside(file: string, content: Buffer, end: number): JournalDamage {
  const keptIn = `${file}.damaged`;
  const damage = { goodOctets: end, lostOctets: content.length - end };
  try {
    discard(keptIn);
    writeFileSync(keptIn, content.subarray(end), { mode: 0o600 });
    return { ...damage, keptIn };
  } catch (thrown) {
    // A torn end is no reason not to start; a file that may be something else is not overwritten.
    if (end === 0) throw thrown;
    return damage;
  }
}

function newName(file: string): string {
  return `${file}.new`;
}

/** A leftover is harmless: it is overwritten when it is in the way. */
function discard(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Whoever writes there is told why he cannot.
  }
}

function failure(file: string, thrown: unknown): VirtsnmpError {
  return new VirtsnmpError('STATE_FAILED', `${file} cannot be written: ${errorText(thrown)}`);
}
