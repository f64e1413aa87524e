/**
 * Reads BER elements in place, front to back.
 *
 * It does not throw: what cannot be read makes {@link sound} false, and the cursor stay within its bounds.
 */
export class BerCursor {
  readonly bytes: Uint8Array;
  /** Where the next element begins, and where the octets end that may be read. */
  position = 0;
  end = 0;
  /** Where the content of the element entered last ends. */
  contentEnd = 0;
  /** False as soon as something could not be read. */
  sound = true;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Begins with the first of `length` octets. */
  reset(length: number): void {
    this.position = 0;
    this.end = length;
    this.sound = true;
  }

  /** Goes to the content of an element, which must have this tag when one is given. */
  enter(tag = -1): void {
    const { bytes } = this;
    const found = bytes[this.position++]!;
    let length = bytes[this.position++]!;
    if (length >= 0x80) {
      let octets = length & 0x7f;
      length = 0;
      for (; octets > 0; octets--) length = length * 256 + bytes[this.position++]!;
    }
    this.contentEnd = this.position + length;
    if ((tag >= 0 && found !== tag) || !(this.contentEnd <= this.end)) {
      this.sound = false;
      this.contentEnd = this.end;
    }
  }

  /** Goes to the content of an element that reaches to the end. */
  enterLast(tag: number): void {
    this.enter(tag);
    if (this.contentEnd !== this.end) this.sound = false;
  }

  /** Goes behind an element, whatever it is. */
  skip(): void {
    this.enter();
    this.position = this.contentEnd;
  }

  /** Reads an INTEGER of at most 32 bits. */
  integer(): number {
    this.enter(0x02);
    let value = 0;
    for (; this.position < this.contentEnd; this.position++) {
      value = (value << 8) | this.bytes[this.position]!;
    }
    return value;
  }
}
