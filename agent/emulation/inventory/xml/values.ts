import { refuse, type XmlElement } from './element.ts';
import { quoted } from './source-text.ts';

/** The largest amount of memory that libvirt takes, in KiB: 2^53-1, so that octets fit into 63 bits. */
export const MAX_MEMORY_KIB = Number.MAX_SAFE_INTEGER;

const DECIMAL = /^[ \t\n\v\f\r]*([+-]?[0-9]+)$/;
const ANY_BASE = /^[ \t\n\v\f\r]*([+-]?(?:0[xX][0-9a-fA-F]+|[0-9]+))$/;

/**
 * A whole number as libvirt reads one: blanks and a plus before it are taken, anything after it is not.
 * `undefined` when the text is no such number or is outside the bounds (by default those of 32 bits, unsigned).
 */
export function wholeNumber(text: string, bounds: { min?: number; max?: number } = {}): number | undefined {
  const match = DECIMAL.exec(text);
  return match === null ? undefined : within(Number(match[1]), bounds);
}

/** As {@link wholeNumber}, with 0x taken for hexadecimal and a leading 0 for octal. */
export function wholeNumberOfAnyBase(
  text: string,
  bounds: { min?: number; max?: number } = {},
): number | undefined {
  const digits = ANY_BASE.exec(text)?.[1];
  if (digits === undefined) return undefined;
  const negative = digits.startsWith('-');
  const plain = digits.replace(/^[+-]/, '');
  if (/^0[0-9]/.test(plain) && !/^[0-7]+$/.test(plain)) return undefined;
  const value = /^0[0-7]/.test(plain) ? Number.parseInt(plain, 8) : Number(plain);
  return within(negative ? -value : value, bounds);
}

function within(
  value: number,
  { min = 0, max = 0xffffffff }: { min?: number; max?: number },
): number | undefined {
  return value >= min && value <= max ? value : undefined;
}

/** Octets in one of libvirt's units, or `undefined` for a unit that libvirt does not know. Empty is KiB. */
export function unitOctets(unit: string): bigint | undefined {
  const lower = unit.toLowerCase();
  if (lower === '') return 1024n;
  if (lower === 'b' || lower === 'byte' || lower === 'bytes') return 1n;
  const match = /^([kmgtpe])(b|ib)?$/.exec(lower);
  if (match === null) return undefined;
  const power = BigInt('kmgtpe'.indexOf(match[1]!) + 1);
  return (match[2] === 'b' ? 1000n : 1024n) ** power;
}

/**
 * An amount of memory in KiB, rounded up: the text of an element or attribute in the unit given with it.
 * Refuses the definition at `element` when it is no number, has no known unit or is above 2^53-1 KiB.
 */
export function memoryKiB(element: XmlElement, text: string, unit: string | undefined, what: string): number {
  const digits = DECIMAL.exec(text)?.[1];
  if (digits === undefined || digits.startsWith('-')) {
    refuse(element, `${what} is ${quoted(text)}; it must be a whole decimal number that is not negative`);
  }
  const octets = unitOctets(unit ?? '');
  if (octets === undefined) {
    refuse(
      element,
      `unit=${quoted(unit!)} of ${what} is unknown; it must be b, KiB, MiB, GiB, TiB or KB, MB, GB, TB`,
    );
  }
  const kib = (BigInt(digits) * octets + 1023n) / 1024n;
  if (kib > BigInt(MAX_MEMORY_KIB)) {
    refuse(element, `${what} is too large; it must be at most ${MAX_MEMORY_KIB} KiB`);
  }
  return Number(kib);
}

/** The highest CPU or node number that a set may name. */
const MAX_SET_MEMBER = 16_383;

/**
 * A set of CPU or NUMA node numbers such as `0-3,^2,8`, in ascending order.
 *
 * As libvirt reads it: members from left to right, ^ takes one out again, blanks between them are taken, and so
 * is a comma at the end. `undefined` when it is no such set; a set that comes out empty is an empty array.
 */
export function numberSet(text: string): number[] | undefined {
  const members = new Set<number>();
  const parts = text.split(',').map((part) => part.trim());
  if (parts.length > 1 && parts.at(-1) === '') parts.pop();
  for (const part of parts) {
    const match = /^(\^)?\s*([0-9]{1,9})(?:\s*-\s*([0-9]{1,9}))?$/.exec(part);
    if (match === null) return undefined;
    const [, not, from, to] = match;
    if (not !== undefined && to !== undefined) return undefined;
    const first = Number(from);
    const last = to === undefined ? first : Number(to);
    if (last < first || last > MAX_SET_MEMBER) return undefined;
    for (let member = first; member <= last; member++) {
      if (not === undefined) members.add(member);
      else members.delete(member);
    }
  }
  return [...members].sort((a, b) => a - b);
}

/** As {@link numberSet}, where libvirt refuses an empty set too. */
export function filledNumberSet(text: string): number[] | undefined {
  const members = numberSet(text);
  return members?.length === 0 ? undefined : members;
}
