import type { Oid } from '../../util/oid.ts';

/** What has no identifier of its maker (RFC 2790, ProductID). */
export const NO_PRODUCT: Oid = [0, 0];
/** A date that is not known (RFC 2790, hrFSLastFullBackupDate). */
export const NO_DATE = Uint8Array.of(0, 0, 1, 1, 0, 0, 0, 0);
/** The greatest KBytes (RFC 2790). */
const GREATEST_KIB = 2 ** 31 - 1;

/** KBytes: what does not fit stays at the greatest number. */
export function kBytes(octets: number): number {
  return Math.min(GREATEST_KIB, Math.floor(octets / 1024));
}

/** Text of a DisplayString, which holds NVT ASCII only (RFC 2579 section 2): anything else is a question mark. */
export function ascii(text: string): string {
  return text.replace(/[^\x20-\x7e]/gu, '?');
}
