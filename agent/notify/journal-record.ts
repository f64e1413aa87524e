import { crc32 } from 'node:zlib';
import type { PendingNotification } from './pending.ts';

/** First octets of a segment: what the file is, and of which version. */
export const SEGMENT_HEAD = Buffer.from('virtsnmp informs 1\n', 'latin1');

/** Octets before the body of a record: its length and its CRC-32. */
const RECORD_HEAD = 8;
const TYPE = { target: 1, identifiers: 2, notification: 3, done: 4 } as const;
const UINT48 = 6;

/** One thing that a journal says. Targets go by a number that a record of type `target` introduces. */
export type JournalRecord =
  | { readonly type: 'target'; readonly ref: number; readonly lost: number; readonly name: string }
  /** No identifier from this one on has been given yet. */
  | { readonly type: 'identifiers'; readonly below: number }
  | {
      readonly type: 'notification';
      readonly notification: PendingNotification;
      readonly refs: readonly number[];
    }
  | { readonly type: 'done'; readonly ref: number; readonly id: number; readonly lost: boolean };

/** Octets of a record. */
export function encodeRecord(record: JournalRecord): Buffer {
  const body = encodeBody(record);
  const octets = Buffer.allocUnsafe(RECORD_HEAD + body.length);
  octets.writeUInt32BE(body.length, 0);
  octets.writeUInt32BE(crc32(body), 4);
  octets.set(body, RECORD_HEAD);
  return octets;
}

/** The records that a segment begins with, and how many of its octets they take: all, when it is undamaged. */
export function decodeSegment(octets: Buffer): { records: JournalRecord[]; readable: number } {
  const records: JournalRecord[] = [];
  if (!octets.subarray(0, SEGMENT_HEAD.length).equals(SEGMENT_HEAD)) return { records, readable: 0 };
  let at = SEGMENT_HEAD.length;
  while (at + RECORD_HEAD < octets.length) {
    const length = octets.readUInt32BE(at);
    const end = at + RECORD_HEAD + length;
    // An empty body has a checksum of 0, as a hole of zeros in a file has.
    if (length === 0 || end > octets.length) break;
    const body = octets.subarray(at + RECORD_HEAD, end);
    if (crc32(body) !== octets.readUInt32BE(at + 4)) break;
    const record = decodeBody(body);
    if (!record) break;
    records.push(record);
    at = end;
  }
  return { records, readable: at };
}

function encodeBody(record: JournalRecord): Buffer {
  switch (record.type) {
    case 'target': {
      const body = Buffer.allocUnsafe(9 + Buffer.byteLength(record.name));
      body[0] = TYPE.target;
      body.writeUInt32BE(record.ref, 1);
      body.writeUInt32BE(record.lost, 5);
      body.write(record.name, 9);
      return body;
    }
    case 'identifiers': {
      const body = Buffer.allocUnsafe(1 + UINT48);
      body[0] = TYPE.identifiers;
      body.writeUIntBE(record.below, 1, UINT48);
      return body;
    }
    case 'done': {
      const body = Buffer.allocUnsafe(6 + UINT48);
      body[0] = TYPE.done;
      body.writeUInt32BE(record.ref, 1);
      body.writeUIntBE(record.id, 5, UINT48);
      body[5 + UINT48] = record.lost ? 1 : 0;
      return body;
    }
    default:
      return encodeNotificationBody(record.notification, record.refs);
  }
}

function encodeNotificationBody(notification: PendingNotification, refs: readonly number[]): Buffer {
  const { id, eventSequence, upTimeCentiseconds, hasCounter64, oid, ownStart, bindings } = notification;
  const body = Buffer.allocUnsafe(26 + 4 * (oid.length + refs.length) + bindings.length);
  body[0] = TYPE.notification;
  let at = body.writeUIntBE(id, 1, UINT48);
  // 0 stands for none.
  at = body.writeUIntBE(eventSequence === undefined ? 0 : eventSequence + 1, at, UINT48);
  at = body.writeUInt32BE(upTimeCentiseconds % 0x1_0000_0000, at);
  at = body.writeUInt8(hasCounter64 ? 1 : 0, at);
  at = body.writeUInt32BE(ownStart, at);
  at = body.writeUInt16BE(oid.length, at);
  for (const subid of oid) at = body.writeUInt32BE(subid, at);
  at = body.writeUInt16BE(refs.length, at);
  for (const ref of refs) at = body.writeUInt32BE(ref, at);
  body.set(bindings, at);
  return body;
}

/** `undefined` for what no version of this program has written. Never throws: the checksum was right. */
function decodeBody(body: Buffer): JournalRecord | undefined {
  try {
    switch (body[0]) {
      case TYPE.target:
        return {
          type: 'target',
          ref: body.readUInt32BE(1),
          lost: body.readUInt32BE(5),
          name: body.toString('utf8', 9),
        };
      case TYPE.identifiers:
        return { type: 'identifiers', below: body.readUIntBE(1, UINT48) };
      case TYPE.done:
        return {
          type: 'done',
          ref: body.readUInt32BE(1),
          id: body.readUIntBE(5, UINT48),
          lost: body.readUInt8(5 + UINT48) === 1,
        };
      case TYPE.notification:
        return decodeNotificationBody(body);
      default:
        return undefined;
    }
  } catch (thrown) {
    if (thrown instanceof RangeError) return undefined;
    throw thrown;
  }
}

function decodeNotificationBody(body: Buffer): JournalRecord {
  const eventSequence = body.readUIntBE(1 + UINT48, UINT48);
  let at = 1 + 2 * UINT48;
  const upTimeCentiseconds = body.readUInt32BE(at);
  const hasCounter64 = body.readUInt8(at + 4) === 1;
  const ownStart = body.readUInt32BE(at + 5);
  at += 9;
  const numbers = () => {
    const count = body.readUInt16BE(at);
    at += 2;
    return Array.from({ length: count }, () => {
      at += 4;
      return body.readUInt32BE(at - 4);
    });
  };
  const oid = numbers();
  const refs = numbers();
  return {
    type: 'notification',
    refs,
    notification: {
      id: body.readUIntBE(1, UINT48),
      eventSequence: eventSequence === 0 ? undefined : eventSequence - 1,
      upTimeCentiseconds,
      hasCounter64,
      oid,
      ownStart,
      bindings: Uint8Array.from(body.subarray(at)),
    },
  };
}
