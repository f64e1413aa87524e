import { TAG } from '../../ber/tags.ts';
import type { Value } from '../../mib/value.ts';

const TWO32 = 0x1_0000_0000;

/** A value that a comparison can be made with; `undefined` for one that is no integer (badType). */
export function asNumber(value: Value): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'bigint' ? Number(value) : undefined;
}

/** The difference from one sample to the next: counters go round (RFC 2578 sections 7.1.6 and 7.1.10). */
export function difference(tag: number, now: Value, before: Value): number | undefined {
  if (tag === TAG.COUNTER64 && isInteger(now) && isInteger(before))
    return Number(BigInt.asUintN(64, BigInt(now) - BigInt(before)));
  if (typeof now !== 'number' || typeof before !== 'number') return undefined;
  const apart = now - before;
  return apart < 0 && tag === TAG.COUNTER32 ? apart + TWO32 : apart;
}

/** mteHotValue: as near to the sample as Integer32 comes, and 0 for what is no number. */
export function hotValue(sample: number | undefined): number {
  if (sample === undefined) return 0;
  return Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.trunc(sample)));
}

/** Whether two values of one object are the same. */
export function isSame(a: Value, b: Value): boolean {
  if (typeof a === 'object' && typeof b === 'object') {
    if (a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
    return true;
  }
  // Counter64 may come as a number or as a bigint.
  return typeof a === 'bigint' || typeof b === 'bigint'
    ? isInteger(a) && isInteger(b) && BigInt(a) === BigInt(b)
    : a === b;
}

function isInteger(value: Value): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}
