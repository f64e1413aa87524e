import { ERROR_STATUS, type ErrorStatus } from '../message/constants.ts';
import type { Oid } from '../util/oid.ts';
import type { Bounds, IndexDefinition, ObjectSyntax } from './definition.ts';
import type { Value } from './value.ts';

/**
 * Whether a value of the right tag is one that its syntax allows: noError, wrongLength or wrongValue
 * (RFC 3416 section 4.2.5, steps 4 and 6).
 */
export function checkValue(syntax: ObjectSyntax, value: Value): ErrorStatus {
  if (value instanceof Uint8Array) {
    if (syntax.base === 'IpAddress' && value.length !== 4) return ERROR_STATUS.wrongLength;
    if (syntax.sizes && !within(syntax.sizes, value.length)) return ERROR_STATUS.wrongLength;
    // DisplayString holds NVT ASCII only (RFC 2579 section 2).
    if (syntax.convention === 'DisplayString' && value.some((octet) => octet >= 0x80))
      return ERROR_STATUS.wrongValue;
  } else if (typeof value === 'number') {
    if (syntax.enums && !Object.values(syntax.enums).includes(value)) return ERROR_STATUS.wrongValue;
    if (syntax.ranges && !within(syntax.ranges, value)) return ERROR_STATUS.wrongValue;
  }
  return ERROR_STATUS.noError;
}

/** Whether sub-identifiers could be the index of some row of a table (RFC 2578 section 7.7). */
export function isPossibleIndex(index: readonly IndexDefinition[], ids: Oid): boolean {
  let at = 0;
  for (const part of index) {
    const { base, sizes, ranges } = part.syntax;
    if (base === 'OctetString' || base === 'Opaque' || base === 'Bits' || base === 'ObjectIdentifier') {
      const fixed = fixedSize(part.syntax);
      const length = fixed ?? (part.implied ? ids.length - at : ids[at++]);
      if (length === undefined || at + length > ids.length || (sizes && !within(sizes, length))) return false;
      if (base !== 'ObjectIdentifier' && ids.slice(at, at + length).some((subid) => subid > 255))
        return false;
      at += length;
    } else if (base === 'IpAddress') {
      if (at + 4 > ids.length || ids.slice(at, at + 4).some((subid) => subid > 255)) return false;
      at += 4;
    } else {
      const subid = ids[at++];
      if (subid === undefined || (ranges && !within(ranges, subid))) return false;
    }
  }
  return at === ids.length;
}

/** The one size that a string must have; `undefined` when it may have several. */
export function fixedSize({ sizes }: ObjectSyntax): number | undefined {
  const [only] = sizes ?? [];
  return sizes?.length === 1 && only![0] === only![1] ? only![0] : undefined;
}

function within(bounds: readonly Bounds[], value: number): boolean {
  return bounds.some(([min, max]) => value >= min && value <= max);
}
