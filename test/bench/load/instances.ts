/** The names of all instances that were found, as BER content octets in one buffer. */
export class Instances {
  bytes = Buffer.alloc(1 << 16);
  /** Where each name begins; one more at the end, so that name i is bytes[offsets[i]..offsets[i + 1]). */
  readonly offsets: number[] = [0];

  get count(): number {
    return this.offsets.length - 1;
  }

  add(source: Uint8Array, at: number, length: number): void {
    const start = this.offsets[this.count]!;
    while (start + length > this.bytes.length) {
      this.bytes = Buffer.concat([this.bytes, Buffer.alloc(this.bytes.length)]);
    }
    this.bytes.set(source.subarray(at, at + length), start);
    this.offsets.push(start + length);
  }
}
