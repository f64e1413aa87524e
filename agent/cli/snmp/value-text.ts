import type { ObjectSyntax } from '../../mib/definition.ts';
import { hintedText } from '../../mib/display-hint.ts';
import { formatOid, parseOid } from '../../util/oid.ts';
import { nameText } from './name-text.ts';
import { nodeAbove } from './name-tree.ts';
import type { OutputOptions } from './output-options.ts';
import type { ReadVarbind } from './varbind.ts';

/** What exceptions of SNMPv2 are in words (RFC 3416 section 3). */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  noSuchObject: 'No Such Object available on this agent at this OID',
  noSuchInstance: 'No Such Instance currently exists at this OID',
  endOfMibView: 'No more variables left in this MIB View (It is past the end of the MIB tree)',
};

/** What a module's base type comes as. */
const EXPECTED: Readonly<Record<ObjectSyntax['base'], readonly [type: ReadVarbind['type'], name: string]>> = {
  Integer32: ['Integer', 'INTEGER'],
  Unsigned32: ['Gauge', 'Gauge32 or Unsigned32'],
  Gauge32: ['Gauge', 'Gauge32 or Unsigned32'],
  Counter32: ['Counter', 'Counter32'],
  Counter64: ['Counter64', 'Counter64'],
  TimeTicks: ['TimeTicks', 'Timeticks'],
  OctetString: ['OctetString', 'OCTET STRING'],
  ObjectIdentifier: ['OID', 'OBJECT IDENTIFIER'],
  IpAddress: ['IpAddress', 'IpAddress'],
  Opaque: ['Opaque', 'Opaque'],
  Bits: ['OctetString', 'BITS'],
};

const HEX_LINE = 16;

/** A variable with its value, as a line of Net-SNMP's tools; a long value has line feeds. */
export function varbindText(varbind: ReadVarbind, options: OutputOptions): string {
  const value = valueText(varbind, options);
  if (options.valueOnly) return value;
  return `${nameText(varbind.oid, options)}${options.quick && !options.quickEquals ? ' ' : ' = '}${value}`;
}

/** A value alone, by what the modules say of its object. */
export function valueText(varbind: ReadVarbind, options: OutputOptions): string {
  const exception = EXCEPTIONS[varbind.type];
  if (exception) return exception;
  const definition = nodeAbove(varbind.oid)?.definition;
  if (!definition) return untypedText(varbind, undefined, options);
  const { syntax, units } = definition;
  const [type, name] = EXPECTED[syntax.base];
  const isQuick = options.quick || options.quickEquals;
  if (varbind.type !== type)
    return `${isQuick ? '' : `Wrong Type (should be ${name}): `}${untypedText(varbind, undefined, options)}`;
  const text = untypedText(varbind, syntax, options);
  const isEmpty = text === '""';
  return units === undefined || options.noUnits || isEmpty ? text : `${text} ${units}`;
}

function untypedText(
  { type, value }: ReadVarbind,
  syntax: ObjectSyntax | undefined,
  options: OutputOptions,
): string {
  const prefix = options.quick || options.quickEquals ? () => '' : (text: string) => `${text}: `;
  switch (type) {
    case 'Integer':
      return prefix('INTEGER') + integerText(Number(value), syntax, options);
    case 'Gauge':
      return prefix('Gauge32') + String(value);
    case 'Counter':
      return prefix('Counter32') + String(value);
    case 'Counter64':
      return prefix('Counter64') + String(value);
    case 'TimeTicks':
      return ticksText(Number(value), options);
    case 'OctetString':
      return syntax?.base === 'Bits'
        ? bitsText(value as Uint8Array, syntax, options)
        : stringText(value as Uint8Array, syntax, options);
    case 'OID':
      return prefix('OID') + nameText(parseOid(String(value)) ?? [], options);
    case 'IpAddress':
      return prefix('IpAddress') + String(value);
    case 'Opaque':
      return prefix('OPAQUE') + hexText(value as Uint8Array);
    default:
      return 'NULL';
  }
}

function integerText(value: number, syntax: ObjectSyntax | undefined, options: OutputOptions): string {
  const { enums, displayHint } = syntax ?? {};
  const name = enums && Object.keys(enums).find((key) => enums[key] === value);
  if (name !== undefined && !options.numericEnums)
    return options.quick || options.quickEquals ? name : `${name}(${value})`;
  return displayHint === undefined ? String(value) : hintedNumber(value, displayHint);
}

/** A number by a hint such as `d-2` or `x` (RFC 2579 section 3.1). */
function hintedNumber(value: number, hint: string): string {
  if (hint === 'x') return value.toString(16);
  if (hint === 'o') return value.toString(8);
  if (hint === 'b') return value.toString(2);
  const places = Number(/^d-(\d+)$/.exec(hint)?.[1] ?? 0);
  if (places === 0) return String(value);
  const digits = String(Math.abs(value)).padStart(places + 1, '0');
  return `${value < 0 ? '-' : ''}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

function ticksText(ticks: number, options: OutputOptions): string {
  if (options.rawTicks) return String(ticks);
  const [hundredths, seconds, minutes, hours] = [
    ticks % 100,
    Math.floor(ticks / 100) % 60,
    Math.floor(ticks / 6000) % 60,
    Math.floor(ticks / 360_000) % 24,
  ];
  const days = Math.floor(ticks / 8_640_000);
  const two = (n: number) => String(n).padStart(2, '0');
  const time = `${hours}:${two(minutes)}:${two(seconds)}.${two(hundredths)}`;
  if (options.quick || options.quickEquals) return `${days}:${time}`;
  return `Timeticks: (${ticks}) ${days === 0 ? '' : days === 1 ? '1 day, ' : `${days} days, `}${time}`;
}

function stringText(
  octets: Uint8Array,
  syntax: ObjectSyntax | undefined,
  { quick, quickEquals, hex }: OutputOptions,
): string {
  const isQuick = quick || quickEquals;
  const hint = syntax?.displayHint;
  if (hint !== undefined) return `${isQuick ? '' : 'STRING: '}${hintedText(octets, hint)}`;
  if (octets.length === 0) return '""';
  if (hex || !octets.every(isText))
    return isQuick ? `"${hexText(octets)}"` : `Hex-STRING: ${hexText(octets)}`;
  const text = Buffer.from(octets)
    .toString('latin1')
    .replace(/[\\"]/g, (character) => `\\${character}`);
  return isQuick ? `"${text}"` : `STRING: "${text}"`;
}

/** What C's isprint and isspace take in the C locale. */
function isText(octet: number): boolean {
  return (octet >= 0x20 && octet < 0x7f) || (octet >= 0x09 && octet <= 0x0d);
}

/** Octets in hexadecimal, a blank behind each, sixteen to a line. */
function hexText(octets: Uint8Array): string {
  const pairs = Array.from(octets, (octet) => octet.toString(16).toUpperCase().padStart(2, '0'));
  const lines: string[] = [];
  for (let i = 0; i < pairs.length; i += HEX_LINE) lines.push(`${pairs.slice(i, i + HEX_LINE).join(' ')} `);
  return lines.join('\n');
}

function bitsText(octets: Uint8Array, { enums = {} }: ObjectSyntax, options: OutputOptions): string {
  if (options.quick || options.quickEquals) return `"${hexText(octets)}"`;
  const set: string[] = [];
  for (let bit = 0; bit < octets.length * 8; bit++) {
    if ((octets[bit >> 3]! & (0x80 >> (bit & 7))) === 0) continue;
    const name = Object.keys(enums).find((key) => enums[key] === bit);
    set.push(name === undefined || options.numericEnums ? `${bit} ` : `${name}(${bit}) `);
  }
  return `BITS: ${hexText(octets)}${set.join('')}`;
}

/**
 * A variable as data: its identifier and name, what it came as, its value (octets as text where they are, otherwise in
 * hexadecimal behind `0x`; Counter64 as text, for a number of JSON may lose digits), and the value as it is printed.
 */
export function varbindJson({ oid, type, value }: ReadVarbind, options: OutputOptions): object {
  const text = valueText({ oid, type, ...(value !== undefined && { value }) }, { ...options, quick: true });
  return {
    oid: formatOid(oid),
    name: nameText(oid, options),
    type,
    ...(value !== undefined && { value: plainValue(value) }),
    text,
  };
}

function plainValue(value: NonNullable<ReadVarbind['value']>): number | string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object') return value;
  const octets = Buffer.from(value);
  return octets.every(isText) ? octets.toString('latin1') : `0x${octets.toString('hex')}`;
}
