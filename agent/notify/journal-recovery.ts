import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '../util/logger.ts';
import { decodeSegment, type JournalRecord } from './journal-record.ts';
import type { PendingNotification } from './pending.ts';

const SEGMENT_NAME = /^\d{12}\.journal$/;
const SEGMENT_DIGITS = 12;

/** What a target had before it when the journal was opened. */
export interface RecoveredTarget {
  /** In ascending order of their identifiers. */
  readonly pending: readonly PendingNotification[];
  /** Notifications that its queue has lost since it was last empty. */
  readonly lost: number;
}

/** A target that the journal knows. */
export interface KnownTarget {
  readonly ref: number;
  lost: number;
}

/** A notification that at least one target still waits for. */
export interface Entry {
  readonly notification: PendingNotification;
  /** Targets that it is still to reach. */
  readonly refs: number[];
  /** Octets of its record; the segment that has it. */
  readonly octets: number;
  readonly segment: Segment;
}

/** One file of the journal. */
export interface Segment {
  readonly file: string;
  octets: number;
  /** Of `octets`, those of records of entries. */
  liveOctets: number;
  readonly entries: Set<Entry>;
}

/** All that the segments of a journal say together. */
export interface JournalContent {
  /** The oldest first. */
  readonly segments: Segment[];
  readonly entries: Map<number, Entry>;
  readonly targets: Map<string, KnownTarget>;
  readonly recovered: Map<string, RecoveredTarget>;
  readonly nextRef: number;
  /** No identifier from this one on was given. */
  readonly idsBelow: number;
  readonly nextSegment: number;
}

/** The name of a segment's file; their order is that of the segments. */
export function segmentName(number: number): string {
  return `${String(number).padStart(SEGMENT_DIGITS, '0')}.journal`;
}

/** Takes out an entry that nobody waits for. */
export function dropEntry(entries: Map<number, Entry>, entry: Entry): void {
  entries.delete(entry.notification.id);
  entry.segment.entries.delete(entry);
  entry.segment.liveOctets -= entry.octets;
}

/** Reads all segments in a folder. Throws what the file system throws. */
export function readJournal(folder: string, logger: Logger): JournalContent {
  const replay = new Replay();
  const names = readdirSync(folder).filter((name) => SEGMENT_NAME.test(name));
  let nextSegment = 1;
  for (const name of names.sort()) {
    const file = join(folder, name);
    const octets = readFileSync(file);
    const { records, readable } = decodeSegment(octets);
    const segment: Segment = { file, octets: octets.length, liveOctets: 0, entries: new Set() };
    replay.segments.push(segment);
    nextSegment = Number.parseInt(name, 10) + 1;
    for (const record of records) replay.take(record, segment);
    if (readable < octets.length) {
      const left = octets.length - readable;
      logger.warn('a journal of informs ends in octets that were not written whole', { file, left });
    }
  }
  return { ...replay.content(), nextSegment };
}

/** What follows from the records, one after the other. */
class Replay {
  readonly segments: Segment[] = [];
  readonly #entries = new Map<number, Entry>();
  readonly #names = new Map<number, string>();
  readonly #lost = new Map<number, number>();
  #nextRef = 0;
  #idsBelow = 1;

  take(record: JournalRecord, segment: Segment): void {
    switch (record.type) {
      case 'target':
        this.#names.set(record.ref, record.name);
        this.#lost.set(record.ref, record.lost);
        this.#nextRef = Math.max(this.#nextRef, record.ref + 1);
        return;
      case 'identifiers':
        this.#idsBelow = Math.max(this.#idsBelow, record.below);
        return;
      case 'notification':
        return this.#takeNotification(record.notification, record.refs, segment);
      default:
        return this.#takeDone(record.ref, record.id, record.lost);
    }
  }

  content(): Omit<JournalContent, 'nextSegment'> {
    const targets = new Map<string, KnownTarget>();
    for (const [ref, name] of this.#names) targets.set(name, { ref, lost: this.#lost.get(ref) ?? 0 });
    return {
      segments: this.segments,
      entries: this.#entries,
      targets,
      recovered: this.#recovered(targets),
      nextRef: this.#nextRef,
      idsBelow: this.#idsBelow,
    };
  }

  #takeNotification(notification: PendingNotification, refs: readonly number[], segment: Segment): void {
    // One that was carried forward stands twice until its first segment is removed.
    const before = this.#entries.get(notification.id);
    if (before) dropEntry(this.#entries, before);
    const octets = notification.bindings.length;
    const entry = { notification, refs: [...refs], octets, segment };
    this.#entries.set(notification.id, entry);
    segment.entries.add(entry);
    segment.liveOctets += octets;
    this.#idsBelow = Math.max(this.#idsBelow, notification.id + 1);
  }

  #takeDone(ref: number, id: number, lost: boolean): void {
    if (lost) this.#lost.set(ref, (this.#lost.get(ref) ?? 0) + 1);
    const entry = this.#entries.get(id);
    const at = entry?.refs.indexOf(ref) ?? -1;
    if (!entry || at < 0) return;
    entry.refs.splice(at, 1);
    if (entry.refs.length === 0) dropEntry(this.#entries, entry);
  }

  #recovered(targets: ReadonlyMap<string, KnownTarget>): Map<string, RecoveredTarget> {
    const pending = new Map<number, PendingNotification[]>();
    for (const { notification, refs } of this.#entries.values()) {
      for (const ref of refs) {
        const list = pending.get(ref);
        if (list) list.push(notification);
        else pending.set(ref, [notification]);
      }
    }
    const recovered = new Map<string, RecoveredTarget>();
    for (const [name, { ref, lost }] of targets) {
      const list = (pending.get(ref) ?? []).sort((a, b) => a.id - b.id);
      recovered.set(name, { pending: list, lost });
    }
    return recovered;
  }
}
