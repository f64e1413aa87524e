import { closeSync, fdatasync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { errorText, VirtsnmpError } from '../util/errors.ts';
import type { Logger } from '../util/logger.ts';
import { encodeRecord, type JournalRecord, SEGMENT_HEAD } from './journal-record.ts';
import {
  dropEntry,
  type Entry,
  type KnownTarget,
  type RecoveredTarget,
  readJournal,
  type Segment,
  segmentName,
} from './journal-recovery.ts';
import type { PendingNotification } from './pending.ts';

/** Octets after which a new segment is begun. */
const SEGMENT_OCTETS = 1024 * 1024;
/** Octets that are collected at most before they are written. */
const MAX_BUFFERED = 64 * 1024;
/** Identifiers that are set aside at a time. */
const ID_BLOCK = 1024;
/** How long after a write the disk is told to keep it, in ms. */
const SYNC_MS = 1000;
/** Segments that are left alone, however little of them is still wanted. */
const MIN_SEGMENTS = 4;

export interface JournalOptions {
  /** Folder of its own; without it nothing outlives the program. */
  readonly folder?: string;
  readonly logger: Logger;
  /** For tests: see SEGMENT_OCTETS. */
  readonly segmentOctets?: number;
}

/**
 * What was to be told and has not been acknowledged yet, so that `kill -9` loses nothing: an append-only journal.
 *
 * It is a row of segments, files of some 1 MiB. Records are only added, to the last; a segment goes when none of its
 * notifications is wanted any more, always the oldest first, so that a record which says that a notification is done
 * outlives the one that says that it is to be sent. Where one target holds up a segment of which little is left, that
 * is written again at the end. A segment is read up to the first damage: what stands behind could be anything.
 *
 * Records are written when the present turn of the event loop ends, and before anything of them is seen outside when
 * {@link flush} is called; the disk is told to keep them within a second. So the end of the program loses nothing, and
 * a failure of power the last second.
 *
 * BOUNDED by the queues of the targets: what is on disk is at most twice what they hold, and some segments.
 */
export class Journal {
  readonly #options: Required<Omit<JournalOptions, 'folder'>>;
  readonly #folder: string | undefined;
  /** BOUNDED by the targets: see {@link forget}. */
  readonly #targets = new Map<string, KnownTarget>();
  /** BOUNDED by what is pending. */
  readonly #entries = new Map<number, Entry>();
  /** The oldest first. */
  readonly #segments: Segment[] = [];
  #recovered = new Map<string, RecoveredTarget>();
  #nextRef = 0;
  #nextId = 1;
  /** No identifier from this one on was set aside. */
  #idsBelow = 1;
  #nextSegment = 1;
  #descriptor: number | undefined;
  #buffered: Buffer[] = [];
  #bufferedOctets = 0;
  #flushQueued = false;
  #syncTimer: NodeJS.Timeout | undefined;
  #failing = false;

  /** Reads what is there. Throws STATE_FAILED when the folder cannot be used. */
  constructor({ folder, logger, segmentOctets = SEGMENT_OCTETS }: JournalOptions) {
    this.#folder = folder;
    this.#options = { logger, segmentOctets };
    if (folder === undefined) return;
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      this.#read(folder);
      this.#begin();
      this.#removeOldest();
    } catch (thrown) {
      throw new VirtsnmpError('STATE_FAILED', `${folder} cannot be used: ${errorText(thrown)}`);
    }
  }

  /** What was pending when the journal was opened, by target. */
  get recovered(): ReadonlyMap<string, RecoveredTarget> {
    return this.#recovered;
  }

  /** Gives an identifier that was never given before. */
  newId(): number {
    const id = this.#nextId++;
    // Early enough to be written before the last of them is given.
    if (id + ID_BLOCK / 2 >= this.#idsBelow) {
      this.#idsBelow = id + ID_BLOCK;
      this.#append({ type: 'identifiers', below: this.#idsBelow });
    }
    return id;
  }

  /** Keeps a notification until it is done for each of these targets. */
  put(notification: PendingNotification, targets: readonly string[]): void {
    if (this.#folder === undefined) return;
    this.#putEntry(
      notification,
      targets.map((name) => this.#target(name).ref),
    );
  }

  /** Says that a target has got a notification, or that it is not to get it: `lost` when its queue was full. */
  done(target: string, id: number, lost = false): void {
    const entry = this.#entries.get(id);
    const known = this.#targets.get(target);
    const at = entry && known ? entry.refs.indexOf(known.ref) : -1;
    if (!entry || !known || at < 0) return;
    this.#append({ type: 'done', ref: known.ref, id, lost });
    // After that: a segment that this record begins says how many were lost before it.
    if (lost) known.lost++;
    entry.refs.splice(at, 1);
    if (entry.refs.length === 0) dropEntry(this.#entries, entry);
    this.#removeOldest();
  }

  /** The target's queue is empty, and it was told how many notifications it had lost. */
  clearLost(target: string): void {
    const known = this.#targets.get(target);
    if (!known || known.lost === 0) return;
    known.lost = 0;
    this.#append({ type: 'target', ref: known.ref, lost: 0, name: target });
  }

  /** A target for which nothing is pending is there no more. */
  forget(target: string): void {
    this.#targets.delete(target);
    this.#recovered.delete(target);
  }

  /** Hands all records to the operating system. */
  flush(): void {
    if (this.#bufferedOctets === 0 || this.#descriptor === undefined) return;
    const octets = Buffer.concat(this.#buffered, this.#bufferedOctets);
    this.#buffered = [];
    this.#bufferedOctets = 0;
    // Behind a record that was not written whole, nothing would be read: the next segment has it all again.
    if (this.#failing) return;
    try {
      for (let at = 0; at < octets.length; ) at += writeSync(this.#descriptor, octets, at);
      this.#syncSoon();
    } catch (thrown) {
      this.#failed(thrown);
    }
  }

  /** Writes what is left and closes the file; nothing may be added afterwards. */
  close(): void {
    this.flush();
    clearTimeout(this.#syncTimer);
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #target(name: string): KnownTarget {
    const known = this.#targets.get(name);
    if (known) return known;
    const made = { ref: this.#nextRef++, lost: 0 };
    this.#targets.set(name, made);
    this.#append({ type: 'target', ref: made.ref, lost: 0, name });
    return made;
  }

  #putEntry(notification: PendingNotification, refs: number[]): void {
    const octets = this.#append({ type: 'notification', notification, refs });
    const segment = this.#segments.at(-1)!;
    const entry = { notification, refs, octets, segment };
    this.#entries.set(notification.id, entry);
    segment.entries.add(entry);
    segment.liveOctets += octets;
  }

  /** Returns the octets of the record. */
  #append(record: JournalRecord): number {
    if (this.#descriptor === undefined) return 0;
    const octets = encodeRecord(record);
    const segment = this.#segments.at(-1)!;
    if (segment.octets > this.#options.segmentOctets && record.type !== 'target') {
      this.#roll();
      return this.#append(record);
    }
    segment.octets += octets.length;
    this.#buffered.push(octets);
    this.#bufferedOctets += octets.length;
    if (this.#bufferedOctets > MAX_BUFFERED) this.flush();
    else this.#queueFlush();
    return octets.length;
  }

  #queueFlush(): void {
    if (this.#flushQueued) return;
    this.#flushQueued = true;
    queueMicrotask(this.#flushNow);
  }

  /** Made once: each turn of the event loop in a storm asks for it. */
  readonly #flushNow = (): void => {
    this.#flushQueued = false;
    this.flush();
  };

  /** Goes on in a new segment, and makes room when most of the old ones is no longer wanted. */
  #roll(): void {
    this.flush();
    const descriptor = this.#descriptor!;
    const segment = this.#segments.at(-1)!;
    const wasFailing = this.#failing;
    try {
      this.#begin();
    } catch (thrown) {
      this.#failed(thrown);
      return;
    }
    closeSync(descriptor);
    this.#failing = false;
    if (wasFailing) this.#writeAgain(segment);
    this.#carryForward();
    this.#removeOldest();
  }

  /** Begins a segment with all that is known of targets and identifiers. Throws when it cannot be made. */
  #begin(): void {
    const file = join(this.#folder!, segmentName(this.#nextSegment));
    const head = [SEGMENT_HEAD, encodeRecord({ type: 'identifiers', below: this.#idsBelow })];
    for (const [name, { ref, lost }] of this.#targets) {
      head.push(encodeRecord({ type: 'target', ref, lost, name }));
    }
    const descriptor = openSync(file, 'wx', 0o600);
    this.#nextSegment++;
    try {
      writeSync(descriptor, Buffer.concat(head));
    } catch (thrown) {
      closeSync(descriptor);
      rmSync(file, { force: true });
      throw thrown;
    }
    this.#descriptor = descriptor;
    this.#segments.push({ file, octets: 0, liveOctets: 0, entries: new Set() });
  }

  /** Writes the rest of the oldest segment again, when less than half of all segments is wanted. */
  #carryForward(): void {
    const [oldest, ...others] = this.#segments;
    if (!oldest || others.length < MIN_SEGMENTS) return;
    const sum = (of: (segment: Segment) => number) =>
      this.#segments.reduce((all, segment) => all + of(segment), 0);
    if (sum(({ liveOctets }) => liveOctets) * 2 > sum(({ octets }) => octets)) return;
    this.#writeAgain(oldest);
  }

  #writeAgain(segment: Segment): void {
    for (const entry of Array.from(segment.entries)) {
      // A segment that was filled meanwhile may have made room in turn.
      if (!segment.entries.has(entry)) continue;
      dropEntry(this.#entries, entry);
      this.#putEntry(entry.notification, entry.refs);
    }
  }

  #removeOldest(): void {
    while (this.#segments.length > 1 && this.#segments[0]!.entries.size === 0) {
      // What was carried forward must be written before it goes where it was.
      this.flush();
      const { file } = this.#segments.shift()!;
      rmSync(file, { force: true });
    }
  }

  /**
   * Has the disk keep what was written, once a second at most: a write to what is just being kept may have to wait
   * for that.
   */
  #syncSoon(): void {
    this.#syncTimer ??= setTimeout(() => {
      this.#syncTimer = undefined;
      // Whether it could be done is told by the next write.
      if (this.#descriptor !== undefined) fdatasync(this.#descriptor, () => {});
    }, SYNC_MS).unref();
  }

  /** Notifications still go out of memory; only a restart would not know of them. */
  #failed(thrown: unknown): void {
    if (!this.#failing) {
      this.#options.logger.error(
        'the journal of informs cannot be written: a restart would lose what waits',
        {
          folder: this.#folder,
          error: errorText(thrown),
        },
      );
    }
    this.#failing = true;
    // Another segment is tried when this one would have grown by as much again.
    this.#segments.at(-1)!.octets = 0;
  }

  #read(folder: string): void {
    const found = readJournal(folder, this.#options.logger);
    for (const segment of found.segments) this.#segments.push(segment);
    for (const [id, entry] of found.entries) this.#entries.set(id, entry);
    for (const [name, target] of found.targets) this.#targets.set(name, target);
    this.#recovered = found.recovered;
    this.#nextRef = found.nextRef;
    this.#nextId = found.idsBelow;
    this.#idsBelow = found.idsBelow;
    this.#nextSegment = found.nextSegment;
  }
}
