import { createHash } from 'node:crypto';

const PLAIN = /^[0-9a-f]{32}$/;
const DASH = '-'.charCodeAt(0);
const ZERO = '0'.charCodeAt(0);
const LETTER_A = 'a'.charCodeAt(0);
/** What comes before it are digits. */
const LETTERS = '9'.charCodeAt(0) + 1;

/**
 * The canonical form (lower case, 8-4-4-4-12) of a UUID as libvirt accepts it: 32 hexadecimal digits,
 * dashes and blanks ignored. `undefined` when it is not one.
 */
export function canonicalUuid(text: string): string | undefined {
  const digits = text.replace(/[\s-]/g, '').toLowerCase();
  if (!PLAIN.test(digits)) return undefined;
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** The 16 octets of a canonical UUID. */
export function uuidOctets(uuid: string): Uint8Array {
  const octets = new Uint8Array(16);
  let digits = 0;
  for (let i = 0; i < uuid.length; i++) {
    const code = uuid.charCodeAt(i);
    if (code === DASH) continue;
    const digit = code - (code < LETTERS ? ZERO : LETTER_A - 10);
    octets[digits >> 1] = (octets[digits >> 1]! << 4) | digit;
    digits++;
  }
  return octets;
}

/** A name-based UUID (RFC 9562 section 5.5, version 5): the same parts give the same UUID on every machine. */
export function derivedUuid(...parts: readonly (string | number)[]): string {
  const octets = createHash('sha1')
    .update(`virtsnmp\0${parts.join('\0')}`)
    .digest()
    .subarray(0, 16);
  octets[6] = (octets[6]! & 0x0f) | 0x50;
  octets[8] = (octets[8]! & 0x3f) | 0x80;
  return canonicalUuid(octets.toString('hex'))!;
}
