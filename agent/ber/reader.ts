import { MAX_SUBID, MAX_SUBIDS, TAG } from './tags.ts';

/** What the octets said is not what BER or SNMP allows. Caught once, at the door of `message/`. */
export class DecodeError extends Error {
  /** Offset in the datagram where reading stopped. */
  readonly offset: number;

  constructor(what: string, offset: number) {
    super(`${what} at octet ${offset}`);
    this.name = 'DecodeError';
    this.offset = offset;
  }
}

/**
 * Reads BER out of one datagram, front to back, without copying.
 *
 * Lengths are definite and never reach beyond the end of what encloses them; they need not be
 * minimal (X.690 section 8.1.3.5 allows it, and some managers always write four octets).
 * Every method throws {@link DecodeError} on octets it cannot accept.
 */
export class Reader {
  bytes: Uint8Array = new Uint8Array(0);
  /** Offset of the next octet. */
  position = 0;
  /** Offset behind the last octet that may be read. */
  end = 0;

  reset(bytes: Uint8Array, start = 0, end = bytes.length): void {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  /** The tag of the next element, without moving; -1 at the end. */
  peekTag(): number {
    return this.position < this.end ? this.bytes[this.position]! : -1;
  }

  /** Reads a length field; the content that it announces lies within the bounds. */
  readLength(): number {
    const bytes = this.bytes;
    if (this.position >= this.end) throw new DecodeError('missing length', this.position);
    const first = bytes[this.position++]!;
    let length = first;
    if (first >= 0x80) {
      const count = first & 0x7f;
      // 0x80 is the indefinite form, which SNMP forbids (RFC 3417 section 8 (2)).
      if (count === 0 || count > this.end - this.position) {
        throw new DecodeError('unusable length', this.position - 1);
      }
      length = 0;
      for (let i = 0; i < count; i++) {
        length = length * 256 + bytes[this.position++]!;
        if (length > 0xffff_ffff) throw new DecodeError('length too large', this.position);
      }
    }
    if (length > this.end - this.position) throw new DecodeError('length beyond the end', this.position);
    return length;
  }

  /** Reads the header of an element with this tag and returns the offset behind its content. */
  enter(tag: number): number {
    if (this.position >= this.end || this.bytes[this.position] !== tag) {
      throw new DecodeError(`expected tag 0x${tag.toString(16).padStart(2, '0')}`, this.position);
    }
    this.position++;
    const length = this.readLength();
    return this.position + length;
  }

  /** Reads an INTEGER that fits 32 signed bits; leading sign octets may be redundant. */
  readInteger32(): number {
    const contentEnd = this.enter(TAG.INTEGER);
    const value = integer32(this.bytes, this.position, contentEnd);
    if (value === undefined) throw new DecodeError('integer out of range', this.position);
    this.position = contentEnd;
    return value;
  }

  /** Moves behind one whole element of any tag. */
  skip(): void {
    if (this.position >= this.end) throw new DecodeError('missing element', this.position);
    this.position++;
    const length = this.readLength();
    this.position += length;
  }

  /**
   * Reads an OBJECT IDENTIFIER into `ids` from index `at` and returns the index behind its last sub-identifier.
   * `ids` must have room for {@link MAX_SUBIDS} more.
   */
  readOid(ids: Uint32Array, at: number): number {
    const contentEnd = this.enter(TAG.OBJECT_IDENTIFIER);
    const next = oidContent(this.bytes, this.position, contentEnd, ids, at);
    if (next < 0) throw new DecodeError('malformed object identifier', this.position);
    this.position = contentEnd;
    return next;
  }
}

/** The value of INTEGER content octets when it fits 32 signed bits, else `undefined`. */
export function integer32(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (start >= end) return undefined;
  const sign = bytes[start]! >= 0x80 ? 0xff : 0;
  let at = start;
  while (end - at > 4) if (bytes[at++] !== sign) return undefined;
  let value = sign === 0 ? 0 : -1;
  for (; at < end; at++) value = (value << 8) | bytes[at]!;
  return value < 0 === (sign === 0xff) ? value : undefined;
}

/** The value of unsigned content octets up to 2^64-1; `undefined` when negative, empty or larger. */
export function unsigned64(bytes: Uint8Array, start: number, end: number): bigint | undefined {
  if (start >= end || bytes[start]! >= 0x80) return undefined;
  let value = 0n;
  for (let at = start; at < end; at++) {
    value = (value << 8n) | BigInt(bytes[at]!);
    if (value > 0xffff_ffff_ffff_ffffn) return undefined;
  }
  return value;
}

/**
 * Writes the sub-identifiers of OBJECT IDENTIFIER content octets into `ids` from `at`.
 * Returns the index behind the last one, or -1 when the octets are malformed. Empty content is taken
 * as 0.0, as Net-SNMP writes it in older versions.
 */
export function oidContent(
  bytes: Uint8Array,
  start: number,
  end: number,
  ids: Uint32Array,
  at: number,
): number {
  if (start === end) {
    ids[at] = 0;
    ids[at + 1] = 0;
    return at + 2;
  }
  const limit = at + MAX_SUBIDS;
  let position = start;
  let out = at;
  while (position < end) {
    let octet = bytes[position++]!;
    let subid = octet & 0x7f;
    // X.690 section 8.19.2: the leading octet of a sub-identifier is never 0x80.
    if (octet === 0x80) return -1;
    while (octet >= 0x80) {
      if (position >= end) return -1;
      octet = bytes[position++]!;
      subid = subid * 128 + (octet & 0x7f);
      if (subid > MAX_SUBID + 80) return -1;
    }
    if (out === at) {
      // X.690 section 8.19.4: the first sub-identifier carries two arcs.
      const root = subid < 40 ? 0 : subid < 80 ? 1 : 2;
      ids[out++] = root;
      ids[out++] = subid - root * 40;
    } else {
      if (subid > MAX_SUBID || out >= limit) return -1;
      ids[out++] = subid;
    }
  }
  return out;
}
