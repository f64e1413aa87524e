import { createHash, randomBytes } from 'node:crypto';
import { Secret } from '../../util/secret.ts';

/**
 * The value to send to change a key: KeyChange of RFC 3414 section 5, the requester's side.
 * `random` has the key's length; both keys have the same.
 */
export function keyChangeValue(
  hash: string,
  oldKey: Secret,
  newKey: Secret,
  random: Uint8Array = randomBytes(oldKey.length),
): Uint8Array {
  const length = oldKey.length;
  if (newKey.length !== length || random.length !== length) {
    throw new RangeError(`keys and random value of ${length} octets are expected to be equally long`);
  }
  return Buffer.concat([random, maskWithHashes(hash, oldKey.reveal(), random, newKey.reveal())]);
}

/**
 * The key after a KeyChange was received, the responder's side of RFC 3414 section 5.
 * `undefined` when the value has not twice the key's length: wrongLength.
 */
export function changedKey(hash: string, oldKey: Secret, value: Uint8Array): Secret | undefined {
  const length = oldKey.length;
  if (value.length !== 2 * length) return undefined;
  const random = value.subarray(0, length);
  return new Secret(maskWithHashes(hash, oldKey.reveal(), random, value.subarray(length)));
}

/** Xors octets with H(old || random), then H(that || random), and so on: its own inverse. */
function maskWithHashes(hash: string, oldKey: Uint8Array, random: Uint8Array, octets: Uint8Array): Buffer {
  const result = Buffer.from(octets);
  let mask = oldKey;
  let used = 0;
  while (used < result.length) {
    mask = createHash(hash).update(mask).update(random).digest();
    for (let i = 0; i < mask.length && used < result.length; i++, used++) result[used]! ^= mask[i]!;
  }
  return result;
}
