import { TAG } from './tags.ts';

/** Largest UDP payload over IPv4, in octets: 65,535 less the IP and UDP headers. */
export const MAX_DATAGRAM = 65_507;

const HEADROOM = 4096;
const CAPACITY = HEADROOM + 4 * 65_536;

/** Largest content that one value may have, in octets; a larger one cannot be sent in any datagram. */
export const MAX_VALUE = 65_535;

/** A value does not have the shape that its syntax asks for: a bug in whoever supplied it. */
export class ValueError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ValueError';
  }
}

/**
 * One reused buffer in which a message grows in both directions.
 *
 * The body is appended, because how many bindings fit is only known while they are written; the headers
 * around it are prepended, because their lengths are only known then. Nothing is moved but the content of
 * the rare element whose length needs more than one octet.
 */
export class Writer {
  bytes = new Uint8Array(CAPACITY);
  #words = new DataView(this.bytes.buffer);
  start = HEADROOM;
  end = HEADROOM;

  reset(): void {
    this.start = HEADROOM;
    this.end = HEADROOM;
  }

  /** Leaves the octets to whoever still needs them, and goes on with a new buffer. */
  detach(): void {
    this.bytes = new Uint8Array(CAPACITY);
    this.#words = new DataView(this.bytes.buffer);
  }

  /** The octets written so far; valid until the next write. */
  view(): Uint8Array {
    return this.bytes.subarray(this.start, this.end);
  }

  /** Appends a tag and a length octet to be filled in by {@link close}; returns the mark to close with. */
  open(tag: number): number {
    const bytes = this.bytes;
    bytes[this.end] = tag;
    this.end += 2;
    return this.end;
  }

  /** Fills in the length of the element opened at `mark`. */
  close(mark: number): void {
    const length = this.end - mark;
    if (length < 0x80) {
      this.bytes[mark - 1] = length;
      return;
    }
    const extra = length < 0x100 ? 1 : length < 0x1_0000 ? 2 : 3;
    this.bytes.copyWithin(mark + extra, mark, this.end);
    this.bytes[mark - 1] = 0x80 | extra;
    for (let i = extra - 1, rest = length; i >= 0; i--, rest >>>= 8) this.bytes[mark + i] = rest & 0xff;
    this.end += extra;
  }

  /** Appends octets as they are. */
  append(source: Uint8Array, from: number, to: number): void {
    const bytes = this.bytes;
    let end = this.end;
    // A copy loop beats set() below some hundred octets, and nearly all copies are shorter.
    if (to - from > 200) {
      bytes.set(source.subarray(from, to), end);
      this.end = end + to - from;
      return;
    }
    for (let i = from; i < to; i++) bytes[end++] = source[i]!;
    this.end = end;
  }

  /**
   * Appends `length` octets that {@link packWords} packed, from words[from] on. Four octets at a time: half of what
   * a GETBULK answer consists of are names, and they are known beforehand.
   */
  appendWords(words: Uint32Array, from: number, length: number): void {
    const view = this.#words;
    const end = this.end + length;
    // The last word may reach beyond `end`, into octets that are written next.
    for (let at = this.end, i = from; at < end; at += 4, i++) view.setUint32(at, words[i]!, true);
    this.end = end;
  }

  /** Appends one sub-identifier, 0 to 2^32-1 (X.690 section 8.19.2). */
  appendSubid(subid: number): void {
    const bytes = this.bytes;
    if (subid < 0x80) {
      bytes[this.end++] = subid;
      return;
    }
    if (subid >= 0x1000_0000) bytes[this.end++] = 0x80 | (subid >>> 28);
    if (subid >= 0x20_0000) bytes[this.end++] = 0x80 | ((subid >>> 21) & 0x7f);
    if (subid >= 0x4000) bytes[this.end++] = 0x80 | ((subid >>> 14) & 0x7f);
    bytes[this.end++] = 0x80 | ((subid >>> 7) & 0x7f);
    bytes[this.end++] = subid & 0x7f;
  }

  /** Appends an element without content: NULL or one of the exceptions of RFC 3416 section 3. */
  appendEmpty(tag: number): void {
    const bytes = this.bytes;
    bytes[this.end++] = tag;
    bytes[this.end++] = 0;
  }

  /** Appends a signed 32-bit INTEGER in its shortest form. */
  appendInteger(value: number): void {
    if ((value | 0) !== value) throw new ValueError(`${value} is not an integer of 32 bits`);
    const bytes = this.bytes;
    const size =
      value >= -0x80 && value < 0x80
        ? 1
        : value >= -0x8000 && value < 0x8000
          ? 2
          : value >= -0x80_0000 && value < 0x80_0000
            ? 3
            : 4;
    bytes[this.end++] = TAG.INTEGER;
    bytes[this.end++] = size;
    for (let shift = (size - 1) * 8; shift >= 0; shift -= 8) bytes[this.end++] = (value >> shift) & 0xff;
  }

  /** Appends an unsigned number below 2^32 with the given tag, in its shortest form. */
  appendUnsigned32(tag: number, value: number): void {
    const bytes = this.bytes;
    const size = value < 0x80 ? 1 : value < 0x8000 ? 2 : value < 0x80_0000 ? 3 : value < 0x8000_0000 ? 4 : 5;
    bytes[this.end++] = tag;
    bytes[this.end++] = size;
    if (size === 5) bytes[this.end++] = 0;
    for (let shift = Math.min(size - 1, 3) * 8; shift >= 0; shift -= 8)
      bytes[this.end++] = (value >>> shift) & 0xff;
  }

  /** Appends a Counter64 given as its two halves, each 0 to 2^32-1. */
  appendCounter64(high: number, low: number): void {
    if (high === 0) {
      this.appendUnsigned32(TAG.COUNTER64, low);
      return;
    }
    const bytes = this.bytes;
    bytes[this.end++] = TAG.COUNTER64;
    const mark = ++this.end;
    if (high >= 0x8000_0000) bytes[this.end++] = 0;
    let leading = high >= 0x80_0000 ? 24 : high >= 0x8000 ? 16 : high >= 0x80 ? 8 : 0;
    for (; leading >= 0; leading -= 8) bytes[this.end++] = (high >>> leading) & 0xff;
    for (let shift = 24; shift >= 0; shift -= 8) bytes[this.end++] = (low >>> shift) & 0xff;
    bytes[mark - 1] = this.end - mark;
  }

  /** Appends text as UTF-8 in an element with this tag. */
  appendText(tag: number, text: string): void {
    const mark = this.open(tag);
    const bytes = this.bytes;
    const start = this.end;
    if (text.length > MAX_VALUE) throw new ValueError(`text of ${text.length} characters is too long`);
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x80) {
        this.end = start;
        const utf8 = Buffer.from(text, 'utf8');
        if (utf8.length > MAX_VALUE) throw new ValueError(`text of ${utf8.length} octets is too long`);
        this.append(utf8, 0, utf8.length);
        break;
      }
      bytes[this.end++] = code;
    }
    this.close(mark);
  }

  /** Appends octets in an element with this tag. */
  appendOctets(tag: number, octets: Uint8Array): void {
    if (octets.length > MAX_VALUE) throw new ValueError(`value of ${octets.length} octets is too long`);
    const mark = this.open(tag);
    this.append(octets, 0, octets.length);
    this.close(mark);
  }

  /** Appends an OBJECT IDENTIFIER element. */
  appendOid(oid: readonly number[]): void {
    const mark = this.open(TAG.OBJECT_IDENTIFIER);
    this.appendOidContent(oid);
    this.close(mark);
  }

  /** Appends the content octets of an object identifier of at least two arcs. */
  appendOidContent(oid: readonly number[]): void {
    const first = oid[0]! * 40 + oid[1]!;
    // X.690 section 8.19.4: under root 2 the joined arcs can exceed 32 bits.
    if (first > 0xffff_ffff) this.bytes[this.end++] = 0x80 | Math.floor(first / 0x1000_0000);
    if (first > 0xffff_ffff) this.appendPadded(first % 0x1000_0000);
    else this.appendSubid(first);
    const bytes = this.bytes;
    for (let i = 2; i < oid.length; i++) {
      const subid = oid[i]!;
      if (subid < 0x80) bytes[this.end++] = subid;
      else this.appendSubid(subid);
    }
  }

  /** Puts a tag and the length of all that is written from `start` to `end` before it. */
  prependHeader(tag: number): void {
    const bytes = this.bytes;
    let length = this.end - this.start;
    if (length < 0x80) {
      bytes[--this.start] = length;
    } else {
      let count = 0;
      for (; length > 0; length >>>= 8, count++) bytes[--this.start] = length & 0xff;
      bytes[--this.start] = 0x80 | count;
    }
    bytes[--this.start] = tag;
  }

  /** Puts a signed 32-bit INTEGER element before what is written. */
  prependInteger(value: number): void {
    const bytes = this.bytes;
    const behind = this.start;
    let rest = value;
    do {
      bytes[--this.start] = rest & 0xff;
      rest >>= 8;
    } while (!(rest === 0 && bytes[this.start]! < 0x80) && !(rest === -1 && bytes[this.start]! >= 0x80));
    bytes[this.start - 1] = behind - this.start;
    bytes[this.start - 2] = TAG.INTEGER;
    this.start -= 2;
  }

  /** Puts octets in an element with this tag before what is written. */
  prependOctets(tag: number, octets: Uint8Array): void {
    const bytes = this.bytes;
    this.start -= octets.length;
    bytes.set(octets, this.start);
    const end = this.end;
    this.end = this.start + octets.length;
    this.prependHeader(tag);
    this.end = end;
  }

  private appendPadded(low: number): void {
    for (let shift = 21; shift > 0; shift -= 7) this.bytes[this.end++] = 0x80 | ((low >>> shift) & 0x7f);
    this.bytes[this.end++] = low & 0x7f;
  }
}

/** Packs octets for {@link Writer.appendWords} into `words` from `at` on. */
export function packWords(octets: Uint8Array, words: Uint32Array, at: number): void {
  for (let i = 0; i < octets.length; i++) {
    const word = at + (i >>> 2);
    if ((i & 3) === 0) words[word] = 0;
    words[word]! |= octets[i]! << ((i & 3) * 8);
  }
}

/** Octets of an element whose content has this length: tag, length field and content. */
export function elementSize(length: number): number {
  return length + (length < 0x80 ? 2 : length < 0x100 ? 3 : length < 0x1_0000 ? 4 : 5);
}

/** The longest content of an element that takes at most `total` octets; negative when there is none. */
export function contentWithin(total: number): number {
  if (total < 0x82) return total - 2;
  if (total < 0x103) return Math.max(total - 3, 0x7f);
  return total < 0x1_0004 ? Math.max(total - 4, 0xff) : Math.max(total - 5, 0xffff);
}

/** Octets of an INTEGER element for a signed 32-bit value. */
export function integerSize(value: number): number {
  return value >= -0x80 && value < 0x80
    ? 3
    : value >= -0x8000 && value < 0x8000
      ? 4
      : value >= -0x80_0000 && value < 0x80_0000
        ? 5
        : 6;
}
