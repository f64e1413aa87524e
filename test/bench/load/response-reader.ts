/**
 * Reads an SNMPv2c response in place; one reader is used for all of a round.
 *
 * After {@link open} it stands before the first binding; each {@link next} reads one of them.
 */
export class ResponseReader {
  readonly bytes: Uint8Array;
  /** Tag of the PDU: 0xa2 for a Response. */
  pduTag = 0;
  requestId = 0;
  errorStatus = 0;
  /** Offset and length of the name's content octets in the binding read last. */
  oidAt = 0;
  oidLength = 0;
  /** Tag of the value in the binding read last. */
  valueTag = 0;
  /** False as soon as something could not be read. */
  sound = true;
  #position = 0;
  #end = 0;
  #contentEnd = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Reads up to the bindings. Returns false when the octets are not a message. */
  open(length: number): boolean {
    this.#position = 0;
    this.#end = length;
    this.sound = true;
    this.#enter(0x30);
    if (this.#contentEnd !== length) this.sound = false;
    this.#skip();
    this.#skip();
    this.pduTag = this.bytes[this.#position]!;
    this.#enter(-1);
    this.requestId = this.#integer();
    this.errorStatus = this.#integer();
    this.#integer();
    this.#enter(0x30);
    if (this.#contentEnd !== length) this.sound = false;
    return this.sound;
  }

  /** Reads the next binding. Returns false at the end, and on octets that cannot be read. */
  next(): boolean {
    if (!this.sound || this.#position >= this.#end) return false;
    this.#enter(0x30);
    const behind = this.#contentEnd;
    this.#enter(0x06);
    this.oidAt = this.#position;
    this.oidLength = this.#contentEnd - this.#position;
    this.#position = this.#contentEnd;
    this.#enter(-1);
    this.valueTag = this.bytes[this.oidAt + this.oidLength]!;
    if (this.#contentEnd !== behind) this.sound = false;
    this.#position = behind;
    return this.sound;
  }

  #enter(tag: number): void {
    const { bytes } = this;
    const found = bytes[this.#position++]!;
    let length = bytes[this.#position++]!;
    if (length >= 0x80) {
      let octets = length & 0x7f;
      length = 0;
      for (; octets > 0; octets--) length = length * 256 + bytes[this.#position++]!;
    }
    this.#contentEnd = this.#position + length;
    if ((tag >= 0 && found !== tag) || !(this.#contentEnd <= this.#end)) {
      this.sound = false;
      this.#contentEnd = this.#end;
    }
  }

  #skip(): void {
    this.#enter(-1);
    this.#position = this.#contentEnd;
  }

  #integer(): number {
    this.#enter(0x02);
    let value = 0;
    for (; this.#position < this.#contentEnd; this.#position++) {
      value = (value << 8) | this.bytes[this.#position]!;
    }
    return value;
  }
}
