import { createDiffieHellmanGroup, type DiffieHellmanGroup } from 'node:crypto';
import { TAG } from '../../ber/tags.ts';
import { Secret } from '../../util/secret.ts';

/**
 * The group of 2048 bits of RFC 3526 section 3. RFC 2786 names those of 768 and 1024 bits, which have become too
 * small, and allows others.
 */
const GROUP = 'modp14';

/**
 * The agent's side of a Diffie-Hellman key agreement: DHKeyChange of RFC 2786 section 2.1.
 *
 * One pair of numbers serves all users and objects; it is made when it is first asked for, and another one after
 * each change of keys. So whoever sets an older number tries again.
 */
export class DhAgreement {
  readonly #group: DiffieHellmanGroup = createDiffieHellmanGroup(GROUP);
  readonly #prime = this.#group.getPrime();
  /** Prime and base as DHParameter of PKCS #3 section 9 in BER. */
  readonly parameters: Uint8Array = element(TAG.SEQUENCE, [
    unsigned(this.#prime),
    unsigned(this.#group.getGenerator()),
  ]);
  #publicValue: Uint8Array | undefined;

  /** The agent's public number: as many octets as the prime has, of which the first is not 0. */
  get publicValue(): Uint8Array {
    while (!this.#publicValue) {
      const value = this.#group.generateKeys();
      if (value.length === this.#prime.length && value[0] !== 0) this.#publicValue = value;
    }
    return this.#publicValue;
  }

  /**
   * The secret that a value agrees on, as many octets as the prime has. `undefined` for a value that does not begin
   * with the present public number, or goes on with none that can be taken: wrongValue.
   */
  secret(value: Uint8Array): Secret | undefined {
    const own = this.publicValue;
    if (Buffer.compare(value.subarray(0, own.length), own) !== 0) return undefined;
    try {
      return new Secret(this.#group.computeSecret(value.subarray(own.length)));
    } catch {
      // 0, 1, the prime less 1, and all beyond: the secret would be known to everybody.
      return undefined;
    }
  }

  /** Takes another pair of numbers from now on. */
  renew(): void {
    this.#publicValue = undefined;
  }
}

/** INTEGER of a positive number. */
function unsigned(octets: Uint8Array): Uint8Array {
  return element(TAG.INTEGER, octets[0]! >= 0x80 ? [Uint8Array.of(0), octets] : [octets]);
}

/** An element of less than 65,536 octets. */
function element(tag: number, parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 0x80) return Buffer.from([tag, length, ...content]);
  return Buffer.from([tag, 0x82, length >> 8, length & 0xff, ...content]);
}
