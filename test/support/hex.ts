/** Octets out of hexadecimal digits; blanks and line ends between them, and `#` comments to the end of a line. */
export function fromHex(text: string): Uint8Array {
  const digits = text.replaceAll(/#[^\n]*/g, '').replaceAll(/\s+/g, '');
  if (digits.length % 2 === 1 || /[^\da-f]/i.test(digits)) throw new Error(`not hexadecimal: ${digits}`);
  return Uint8Array.from(Buffer.from(digits, 'hex'));
}

/** Octets as pairs of hexadecimal digits with blanks between. */
export function toHex(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join(' ');
}
