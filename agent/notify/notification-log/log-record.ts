/** Kinds of records in the journal of a log; a number is never used again for something else. */
const KIND = { entry: 1, gone: 2, removed: 3 } as const;
/** Octets of a number, kept as IEEE 754 double: serial numbers outgrow 32 bits. */
const NUMBER = 8;

/** A notification that was put into a log. */
export interface EntryRecord {
  readonly kind: 'entry';
  readonly log: string;
  readonly serial: number;
  /** Serial number of the log's first entry once this one was in. */
  readonly firstSerial: number;
  /** When it was put in, in ms since 1970. */
  readonly dateMs: number;
  /** Where its notification begins in the octets of the record. */
  readonly contentAt: number;
}

/** Entries that went, without another that came into the same log. */
export interface GoneRecord {
  readonly kind: 'gone';
  readonly log: string;
  /** Serial number of the first entry that is left, or of the next to come. */
  readonly firstSerial: number;
}

/** A log that was removed with all that was in it. */
export interface RemovedRecord {
  readonly kind: 'removed';
  readonly log: string;
}

/** What a journal says of the logs, one thing after the other. */
export type LogRecord = EntryRecord | GoneRecord | RemovedRecord;

/** The record of an entry, with its notification at the end. */
export function entryRecord(entry: Omit<EntryRecord, 'kind' | 'contentAt'>, content: Uint8Array): Buffer {
  const { log, serial, firstSerial, dateMs } = entry;
  return encode(KIND.entry, log, [serial, firstSerial, dateMs], content);
}

export function goneRecord(log: string, firstSerial: number): Buffer {
  return encode(KIND.gone, log, [firstSerial]);
}

export function removedRecord(log: string): Buffer {
  return encode(KIND.removed, log, []);
}

/** Where the notification begins in the record of an entry whose log has a name of so many octets. */
export function contentAt(nameLength: number): number {
  return 2 + nameLength + 3 * NUMBER;
}

/** What a record says; `undefined` for one that this version does not understand. */
export function parseRecord(octets: Uint8Array): LogRecord | undefined {
  const [kind, nameLength = 0] = octets;
  const record = Buffer.from(octets.buffer, octets.byteOffset, octets.length);
  const log = record.toString('utf8', 2, 2 + nameLength);
  const numbers: number[] = [];
  for (let at = 2 + nameLength; at + NUMBER <= record.length && numbers.length < 3; at += NUMBER) {
    numbers.push(record.readDoubleBE(at));
  }
  const [first, second, third] = numbers;
  if (kind === KIND.entry && isSerial(first) && isSerial(second) && Number.isFinite(third)) {
    return {
      kind: 'entry',
      log,
      serial: first,
      firstSerial: second,
      dateMs: third!,
      contentAt: contentAt(nameLength),
    };
  }
  if (kind === KIND.gone && isSerial(first)) return { kind: 'gone', log, firstSerial: first };
  return kind === KIND.removed ? { kind: 'removed', log } : undefined;
}

function encode(
  kind: number,
  log: string,
  numbers: readonly number[],
  content: Uint8Array = new Uint8Array(0),
): Buffer {
  const name = Buffer.from(log, 'utf8');
  const record = Buffer.allocUnsafe(2 + name.length + numbers.length * NUMBER + content.length);
  record[0] = kind;
  record[1] = name.length;
  record.set(name, 2);
  let at = 2 + name.length;
  for (const number of numbers) at = record.writeDoubleBE(number, at);
  record.set(content, at);
  return record;
}

function isSerial(number: number | undefined): number is number {
  return Number.isSafeInteger(number) && number! >= 0;
}
