import { BerCursor } from './ber-cursor.ts';

/**
 * Reads a response in place; one reader is used for all of a round.
 *
 * A {@link Dialect} moves the cursor to the PDU; after {@link openPdu} the reader stands before the first binding,
 * and each {@link next} reads one of them.
 */
export class ResponseReader {
  readonly bytes: Uint8Array;
  readonly cursor: BerCursor;
  /** Tag of the PDU: 0xa2 for a Response. */
  pduTag = 0;
  requestId = 0;
  errorStatus = 0;
  /** Offset and length of the name's content octets in the binding read last. */
  oidAt = 0;
  oidLength = 0;
  /** Tag of the value in the binding read last. */
  valueTag = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.cursor = new BerCursor(bytes);
  }

  /** False as soon as something could not be read. */
  get sound(): boolean {
    return this.cursor.sound;
  }

  /** Reads a PDU that reaches to the end up to its bindings. Returns false when there is none. */
  openPdu(): boolean {
    const { cursor } = this;
    this.pduTag = this.bytes[cursor.position]!;
    cursor.enterLast(this.pduTag);
    this.requestId = cursor.integer();
    this.errorStatus = cursor.integer();
    cursor.integer();
    cursor.enterLast(0x30);
    return cursor.sound;
  }

  /** Reads the next binding. Returns false at the end, and on octets that cannot be read. */
  next(): boolean {
    const { cursor } = this;
    if (!cursor.sound || cursor.position >= cursor.end) return false;
    cursor.enter(0x30);
    const behind = cursor.contentEnd;
    cursor.enter(0x06);
    this.oidAt = cursor.position;
    this.oidLength = cursor.contentEnd - cursor.position;
    cursor.position = cursor.contentEnd;
    cursor.enter();
    this.valueTag = this.bytes[this.oidAt + this.oidLength]!;
    if (cursor.contentEnd !== behind) cursor.sound = false;
    cursor.position = behind;
    return cursor.sound;
  }
}
