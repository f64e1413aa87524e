import { randomBytes } from 'node:crypto';

/** Octets of msgPrivacyParameters for every privacy protocol known here. */
export const SALT_LENGTH = 8;

const TWO_32 = 0x1_0000_0000;

/**
 * Numbers that make each encryption's initialization vector differ from all others under one key.
 *
 * One counter of 64 bits serves all users and protocols of an engine: it starts at random at each start
 * (RFC 3826 section 3.1.2.1) and counts up; its lower half is the local integer of DES (RFC 3414 section 8.1.1.1).
 */
export class SaltSource {
  #high: number;
  #low: number;

  /** `start`: 8 octets to start from, most significant first; at random when absent. */
  constructor(start: Uint8Array = randomBytes(SALT_LENGTH)) {
    const octets = Buffer.from(start);
    this.#high = octets.readUInt32BE(0);
    this.#low = octets.readUInt32BE(4);
  }

  /** The salt of AES: the counter's 64 bits. */
  next64(): Uint8Array {
    return this.#next(this.#high);
  }

  /** The salt of DES: snmpEngineBoots, then 32 bits of the counter. */
  nextWithBoots(boots: number): Uint8Array {
    return this.#next(boots);
  }

  #next(upper: number): Uint8Array {
    const salt = Buffer.allocUnsafe(SALT_LENGTH);
    salt.writeUInt32BE(upper, 0);
    salt.writeUInt32BE(this.#low, 4);
    this.#low = (this.#low + 1) % TWO_32;
    if (this.#low === 0) this.#high = (this.#high + 1) % TWO_32;
    return salt;
  }
}
