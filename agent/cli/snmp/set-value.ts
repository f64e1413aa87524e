import { isIPv4 } from 'node:net';
import snmp from 'net-snmp';
import { nearest } from '../../config/nearest.ts';
import type { ObjectSyntax } from '../../mib/definition.ts';
import { formatOid, type Oid } from '../../util/oid.ts';
import { UsageError } from '../usage-error.ts';
import { nodeAbove } from './name-tree.ts';
import { readOid } from './oid-text.ts';

/** A type and a value as the library takes them. */
export interface SetValue {
  readonly type: number;
  readonly value: unknown;
}

const { ObjectType } = snmp;

/** The letters of snmpset for the base types of a module. */
const LETTERS: Readonly<Record<ObjectSyntax['base'], string>> = {
  Integer32: 'i',
  Unsigned32: 'u',
  Gauge32: 'u',
  Counter32: 'c',
  Counter64: 'C',
  TimeTicks: 't',
  OctetString: 's',
  ObjectIdentifier: 'o',
  IpAddress: 'a',
  Opaque: 'x',
  Bits: 'b',
};

/**
 * Reads a value for SET by a letter as snmpset has them: `i` INTEGER, `u` unsigned, `t` TimeTicks, `a` address, `o`
 * identifier, `s` text, `x` hexadecimal octets, `b` bits, `=` as the module has it. Throws {@link UsageError}.
 */
export function setValue(oid: Oid, letter: string, text: string): SetValue {
  const syntax = nodeAbove(oid)?.definition?.syntax;
  if (letter === '=' && !syntax)
    throw new UsageError(`no module here tells the type of ${formatOid(oid)}: give a letter instead of =`);
  switch (letter === '=' ? LETTERS[syntax!.base] : letter) {
    case 'i':
      return { type: ObjectType.Integer, value: integer(text, syntax) };
    case 'u':
      return { type: ObjectType.Gauge, value: whole(text) };
    case 't':
      return { type: ObjectType.TimeTicks, value: whole(text) };
    case 'a':
      if (!isIPv4(text)) throw new UsageError(`${text} is no IPv4 address`);
      return { type: ObjectType.IpAddress, value: text };
    case 'o': {
      const read = readOid(text);
      if ('problem' in read) throw new UsageError(`${read.problem}. ${read.change}`);
      return { type: ObjectType.OID, value: formatOid(read.oid) };
    }
    case 's':
      return { type: ObjectType.OctetString, value: Buffer.from(text) };
    case 'x':
      return { type: ObjectType.OctetString, value: octets(text) };
    case 'b':
      return { type: ObjectType.OctetString, value: bits(text, syntax) };
    default:
      throw new UsageError(
        `${letter} is no type of a value that is set; there are i, u, t, a, o, s, x, b and =`,
      );
  }
}

function integer(text: string, syntax: ObjectSyntax | undefined): number {
  const { enums } = syntax ?? {};
  if (enums?.[text] !== undefined) return enums[text];
  const value = /^-?\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= -0x8000_0000 && value <= 0x7fff_ffff) return value;
  if (!enums) throw new UsageError(`${text} is no whole number of -2147483648 to 2147483647`);
  const like = nearest(text, Object.keys(enums));
  throw new UsageError(
    like
      ? `${text} is no value of it; did you mean ${like}?`
      : `${text} is no value of it; there are ${Object.keys(enums).join(', ')}`,
  );
}

function whole(text: string): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value <= 0xffff_ffff) return value;
  throw new UsageError(`${text} is no whole number of 0 to 4294967295`);
}

function octets(text: string): Buffer {
  const digits = text.replace(/^0x/i, '').replace(/[\s:]/g, '');
  if (!/^(?:[\da-f]{2})*$/i.test(digits))
    throw new UsageError(`${text} is not hexadecimal: give two digits for each octet`);
  return Buffer.from(digits, 'hex');
}

/** Bits by name or number, with blanks or commas between; the first is the highest of the first octet. */
function bits(text: string, syntax: ObjectSyntax | undefined): Buffer {
  const names = text.split(/[\s,]+/).filter((name) => name !== '');
  const places = names.map((name) => {
    const place = syntax?.enums?.[name] ?? (/^\d{1,3}$/.test(name) ? Number(name) : undefined);
    if (place === undefined) throw new UsageError(`${name} is no bit of it`);
    return place;
  });
  const value = Buffer.alloc(Math.ceil((Math.max(-1, ...places) + 1) / 8));
  for (const place of places) value[place >> 3]! |= 0x80 >> (place & 7);
  return value;
}
