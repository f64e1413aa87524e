import { dictionary } from '../../../util/dictionary.ts';
import { VirtsnmpError } from '../../../util/errors.ts';

/** Encodings that a definition may declare, by the name that the decoder of the platform has for them. */
const ENCODINGS = dictionary<string>({
  'utf-8': 'utf-8',
  utf8: 'utf-8',
  'us-ascii': 'utf-8',
  ascii: 'utf-8',
  'iso-8859-1': 'latin1',
  latin1: 'latin1',
  'iso-8859-15': 'iso-8859-15',
  'windows-1252': 'windows-1252',
});

/**
 * The text of an XML file: UTF-16 with a byte order mark, else in the encoding that its declaration names, else
 * UTF-8.
 *
 * @throws VirtsnmpError DOMAIN_INVALID, `FILE:1:1: ...`, for an unknown encoding or octets that are not text in it.
 */
export function decodeXml(octets: Uint8Array, file: string): string {
  const encoding = byteOrderMark(octets) ?? declaredEncoding(octets, file);
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(octets);
  } catch {
    throw new VirtsnmpError(
      'DOMAIN_INVALID',
      `${file}:1:1: the file is not ${encoding} text; save it as UTF-8, or declare its encoding in <?xml ... ?>`,
    );
  }
}

function byteOrderMark(octets: Uint8Array): string | undefined {
  if (octets[0] === 0xff && octets[1] === 0xfe) return 'utf-16le';
  if (octets[0] === 0xfe && octets[1] === 0xff) return 'utf-16be';
  if (octets[0] === 0xef && octets[1] === 0xbb && octets[2] === 0xbf) return 'utf-8';
  return undefined;
}

function declaredEncoding(octets: Uint8Array, file: string): string {
  const start = Buffer.from(octets.subarray(0, 200)).toString('latin1');
  const name = /^<\?xml\s[^>]*?encoding\s*=\s*["']([^"']+)["']/.exec(start)?.[1];
  if (name === undefined) return 'utf-8';
  const encoding = ENCODINGS[name.toLowerCase()];
  if (encoding === undefined) {
    const known = 'UTF-8, ISO-8859-1 or ISO-8859-15, or UTF-16 with a byte order mark';
    throw new VirtsnmpError(
      'DOMAIN_INVALID',
      `${file}:1:1: encoding ${name} is not read; it must be ${known}`,
    );
  }
  return encoding;
}
