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
  /** Prime and base as DHParameter of PKCS #3 section 9 in BER. */
  readonly parameters: Uint8Array;
  #pair: Pair | undefined;

  constructor() {
    const group = createDiffieHellmanGroup(GROUP);
    this.parameters = element(TAG.SEQUENCE, [unsigned(group.getPrime()), unsigned(group.getGenerator())]);
  }

  /** The agent's public number: as many octets as the prime has, of which the first is not 0. */
  get publicValue(): Uint8Array {
    return this.#present.publicValue;
  }

  /**
   * The secret that a value agrees on, as many octets as the prime has. `undefined` for a value that does not begin
   * with the present public number, or goes on with none that can be taken: wrongValue.
   */
  secret(value: Uint8Array): Secret | undefined {
    const { group, publicValue } = this.#present;
    const { length } = publicValue;
    if (Buffer.compare(value.subarray(0, length), publicValue) !== 0) return undefined;
    // Node takes these, but no number less than the prime is so long.
    if (value.length > 2 * length) return undefined;
    try {
      return new Secret(group.computeSecret(value.subarray(length)));
    } catch {
      // 0, 1, the prime less 1, and all above it: the secret would be known to everybody.
      return undefined;
    }
  }

  /** Takes another pair of numbers from now on. */
  renew(): void {
    this.#pair = undefined;
  }

  get #present(): Pair {
    this.#pair ??= newPair();
    return this.#pair;
  }
}

/** A group with a private number that was chosen, and the public one. */
interface Pair {
  readonly group: DiffieHellmanGroup;
  readonly publicValue: Uint8Array;
}

function newPair(): Pair {
  for (;;) {
    // A group keeps the private number that it has once chosen.
    const group = createDiffieHellmanGroup(GROUP);
    const publicValue = group.generateKeys();
    if (publicValue.length === group.getPrime().length) return { group, publicValue };
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
