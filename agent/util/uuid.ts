import { createHash } from 'node:crypto';

const PLAIN = /^[0-9a-f]{32}$/;

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
  return new Uint8Array(Buffer.from(uuid.replaceAll('-', ''), 'hex'));
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
