/** One specification of a hint for strings. */
interface Specification {
  /** The first octet says how often it is applied. */
  readonly repeats: boolean;
  /** Octets that it takes. */
  readonly width: number;
  readonly format: string;
  readonly separator: string;
  readonly terminator: string;
}

/** `*` or not, a width, a format; a separator, a terminator only behind a repetition (RFC 2579 section 3.1). */
const SPECIFICATION = /(\*?)(\d+)([xdoat])([^\d*]?)([^\d*]?)/g;

/**
 * Octets by a DISPLAY-HINT for strings (RFC 2579 section 3.1), the last specification again and again. Hexadecimal
 * numbers have both digits of each octet when they are `padded`, and no leading zeros otherwise, as Net-SNMP's tools print them.
 */
export function hintedText(octets: Uint8Array, hint: string, padded = false): string {
  const specifications = Array.from(
    hint.matchAll(SPECIFICATION),
    ([, star, width, format, separator, terminator]): Specification => ({
      repeats: star === '*',
      width: Number(width) || 1,
      format: format!,
      separator: separator!,
      terminator: terminator!,
    }),
  );
  let text = '';
  for (let at = 0, next = 0; at < octets.length; next++) {
    const one = specifications[Math.min(next, specifications.length - 1)];
    if (!one) return Buffer.from(octets).toString('utf8');
    let repeat = one.repeats ? octets[at++]! : 1;
    for (; repeat > 0 && at < octets.length; repeat--) {
      const end = Math.min(at + one.width, octets.length);
      text += part(octets.subarray(at, end), one.format, padded);
      at = end;
      // A terminator stands in place of the last separator.
      if (at < octets.length && !(repeat === 1 && one.terminator)) text += one.separator;
    }
    if (at < octets.length) text += one.terminator;
  }
  return text;
}

function part(octets: Uint8Array, format: string, padded: boolean): string {
  if (format === 'a' || format === 't') return Buffer.from(octets).toString('utf8');
  if (format === 'x' && padded) return Buffer.from(octets).toString('hex');
  const value = octets.reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
  return value.toString(format === 'x' ? 16 : format === 'o' ? 8 : 10);
}
