/** Encodes a dotted object identifier under 1.x as BER content octets. */
export function encodeOid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const octets = [first * 40 + second];
  for (const subid of rest) {
    const groups = [subid & 0x7f];
    for (let left = Math.floor(subid / 128); left > 0; left = Math.floor(left / 128)) {
      groups.unshift(0x80 | (left & 0x7f));
    }
    octets.push(...groups);
  }
  return Buffer.from(octets);
}

/** Whether the content octets at a[aAt..) begin with all of `prefix`. */
export function startsWith(a: Uint8Array, aAt: number, aLength: number, prefix: Uint8Array): boolean {
  if (aLength < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) if (a[aAt + i] !== prefix[i]) return false;
  return true;
}

/** Whether one object identifier comes after another, both given as BER content octets. */
export function isAfter(
  a: Uint8Array,
  aAt: number,
  aLength: number,
  b: Uint8Array,
  bAt: number,
  bLength: number,
): boolean {
  const shared = Math.min(aLength, bLength);
  let i = 0;
  while (i < shared && a[aAt + i] === b[bAt + i]) i++;
  if (i === shared) return aLength > bLength;
  // Octets order only within sub-identifiers of one length, so the two that differ are decoded.
  while (i > 0 && a[aAt + i - 1]! >= 0x80) i--;
  return subidAt(a, aAt + i, aAt + aLength) > subidAt(b, bAt + i, bAt + bLength);
}

function subidAt(bytes: Uint8Array, at: number, end: number): number {
  let value = 0;
  for (let i = at; i < end; i++) {
    value = value * 128 + (bytes[i]! & 0x7f);
    if (bytes[i]! < 0x80) break;
  }
  return value;
}
