import { type Cipher, createCipheriv } from 'node:crypto';

/** Octets of an AES block. */
const BLOCK = 16;
const BLOCK_WORDS = BLOCK / 4;

/** Longest text for which octets are kept ready: that of the largest datagram. */
const MAX_KEPT = 0x1_0000;

/** An initialization vector or register, and a text behind it, seen as octets and as words. */
interface Work {
  readonly octets: Uint8Array;
  readonly words: Uint32Array;
}

const kept = workFor(MAX_KEPT);

/**
 * AES in CFB mode with 128-bit feedback under one key (NIST SP 800-38A section 6.3).
 *
 * node:crypto has this mode, but a cipher of it serves one message only, and to make one costs more than to encrypt a
 * usual message with it. Here two ciphers, which both only ever go forward, serve all messages of a key. With P for
 * plaintext, C for ciphertext and E for the cipher, a block is C[i] = P[i] xor O[i], where O[i] = E(C[i-1]) and
 * C[-1] is the initialization vector:
 *
 * - to decrypt, all C are known: the O are what ECB makes of them;
 * - to encrypt, O[i] = E(P[i-1] xor O[i-1]): the O are what CBC makes of P. So that O[0] is E of the initialization
 *   vector, that is passed in before, less what CBC will add: the last block that it gave.
 */
export class AesCfb {
  readonly #ecb: Cipher;
  readonly #cbc: Cipher;
  /** The last block that #cbc gave. */
  readonly #register = new Uint8Array(BLOCK);

  /** `key`: 16, 24 or 32 octets. */
  constructor(key: Uint8Array) {
    const name = `aes-${key.length * 8}`;
    this.#ecb = createCipheriv(`${name}-ecb`, key, null).setAutoPadding(false);
    this.#cbc = createCipheriv(`${name}-cbc`, key, this.#register).setAutoPadding(false);
  }

  /** The ciphertext of a text of any length; `iv` is 16 octets. */
  encrypt(iv: Uint8Array, plain: Uint8Array): Uint8Array {
    if (plain.length === 0) return plain;
    const work = withText(plain);
    const register = this.#register;
    for (let i = 0; i < BLOCK; i++) work.octets[i] = iv[i]! ^ register[i]!;
    const stream = this.#cbc.update(work.octets.subarray(0, wholeBlocks(plain.length)));
    for (let i = 0, at = stream.length - BLOCK; i < BLOCK; i++) register[i] = stream[at + i]!;
    return added(stream, work, plain.length);
  }

  /** The plaintext of what {@link encrypt} gives. */
  decrypt(iv: Uint8Array, data: Uint8Array): Uint8Array {
    if (data.length === 0) return data;
    const work = withText(data);
    work.octets.set(iv);
    const stream = this.#ecb.update(work.octets.subarray(0, wholeBlocks(data.length)));
    return added(stream, work, data.length);
  }
}

function workFor(textLength: number): Work {
  const buffer = new ArrayBuffer(BLOCK + wholeBlocks(textLength));
  return { octets: new Uint8Array(buffer), words: new Uint32Array(buffer) };
}

function withText(text: Uint8Array): Work {
  const work = text.length <= MAX_KEPT ? kept : workFor(text.length);
  work.octets.set(text, BLOCK);
  return work;
}

/** Adds the text to the key stream, whole blocks of it and four octets at a time. */
function added(stream: Buffer, { words }: Work, length: number): Uint8Array {
  const result = new Uint32Array(stream.buffer, stream.byteOffset, stream.length / 4);
  for (let i = 0; i < result.length; i++) result[i]! ^= words[BLOCK_WORDS + i]!;
  return new Uint8Array(stream.buffer, stream.byteOffset, length);
}

function wholeBlocks(length: number): number {
  return Math.ceil(length / BLOCK) * BLOCK;
}
