import { formatOid } from '../util/oid.ts';
import type { ObjectSyntax } from './definition.ts';
import { hintedText } from './display-hint.ts';
import type { Value } from './value.ts';

const encoder = new TextEncoder();
const CENTISECONDS_PER_DAY = 8_640_000;

/** A value as managers show it: names of named numbers, text by its DISPLAY-HINT (RFC 2579 section 3.1). */
export function valueText(syntax: ObjectSyntax, value: Value): string {
  if (typeof value === 'string' || value instanceof Uint8Array) return octetText(syntax, value);
  if (typeof value === 'object') return formatOid(value);
  if (syntax.base === 'TimeTicks') return ticksText(Number(value));
  const name = Object.entries(syntax.enums ?? {}).find(([, number]) => number === Number(value))?.[0];
  return name === undefined ? String(value) : `${name}(${value})`;
}

function octetText(syntax: ObjectSyntax, value: string | Uint8Array): string {
  const octets = typeof value === 'string' ? encoder.encode(value) : value;
  if (syntax.base === 'IpAddress') return octets.join('.');
  if (syntax.base === 'Bits') return bitsText(syntax, octets);
  if (syntax.displayHint !== undefined) return hintedText(octets, syntax.displayHint, true);
  return typeof value === 'string' ? value : hex(octets);
}

/** Named bits that are set; bit 0 is the first octet's highest (RFC 2578 section 7.1.4). */
function bitsText({ enums = {} }: ObjectSyntax, octets: Uint8Array): string {
  const isSet = (bit: number) => ((octets[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0;
  return Object.entries(enums)
    .filter(([, bit]) => isSet(bit))
    .map(([name, bit]) => `${name}(${bit})`)
    .join(' ');
}

function hex(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join(' ');
}

/** Hundredths of a second as Net-SNMP writes them: days:hours:minutes:seconds.hundredths. */
function ticksText(ticks: number): string {
  const days = Math.floor(ticks / CENTISECONDS_PER_DAY);
  const two = (unit: number, modulus: number) => String(Math.floor(ticks / unit) % modulus).padStart(2, '0');
  return `(${ticks}) ${days}:${two(360_000, 24)}:${two(6000, 60)}:${two(100, 60)}.${two(1, 100)}`;
}
