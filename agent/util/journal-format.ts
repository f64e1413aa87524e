import { crc32 } from 'node:zlib';

/** What a journal begins with; the digit is the version of the format. */
export const JOURNAL_MAGIC = Buffer.from('vsjrnl1\n', 'latin1');
/** Length of the content and checksum, 32 bits each, most significant octet first. */
const HEAD = 8;

/** The checksum that the first record's is worked out from. */
export const FIRST_CHECKSUM = crc32(JOURNAL_MAGIC);

/** A record as it stands in the file, and its checksum. */
export interface FramedRecord {
  readonly octets: Buffer;
  readonly checksum: number;
}

/** What of a file is a journal. */
export interface ParsedJournal {
  /** In the order they were appended; views of the file's octets. */
  readonly records: readonly Uint8Array[];
  /** Octets that are good; what is behind them is torn or altered. 0 when not even the beginning is. */
  readonly end: number;
  /** Checksum of the last good record: what the next one's is worked out from. */
  readonly checksum: number;
}

/**
 * Frames one record. Its checksum (CRC-32) goes over the length, the content and the checksum of the record
 * before it, so that a record that is altered, left out, doubled or out of its place is not taken for a good one.
 */
export function frameRecord(content: Uint8Array, checksumBefore: number): FramedRecord {
  const octets = Buffer.allocUnsafe(HEAD + content.length);
  octets.writeUInt32BE(content.length, 0);
  octets.set(content, HEAD);
  const checksum = chained(octets, 0, checksumBefore);
  octets.writeUInt32BE(checksum, 4);
  return { octets, checksum };
}

/** The records of a file up to the first that is incomplete or altered. Never throws. */
export function parseJournal(file: Buffer): ParsedJournal {
  const records: Uint8Array[] = [];
  let checksum = FIRST_CHECKSUM;
  if (!file.subarray(0, JOURNAL_MAGIC.length).equals(JOURNAL_MAGIC)) return { records, end: 0, checksum };
  let end = JOURNAL_MAGIC.length;
  while (end + HEAD <= file.length) {
    const next = end + HEAD + file.readUInt32BE(end);
    if (next > file.length) break;
    const expected = chained(file.subarray(0, next), end, checksum);
    if (file.readUInt32BE(end + 4) !== expected) break;
    records.push(file.subarray(end + HEAD, next));
    checksum = expected;
    end = next;
  }
  return { records, end, checksum };
}

/** Checksum of the record that begins at `at` and ends with the octets. */
function chained(octets: Buffer, at: number, before: number): number {
  return crc32(octets.subarray(at + HEAD), crc32(octets.subarray(at, at + 4), before));
}
