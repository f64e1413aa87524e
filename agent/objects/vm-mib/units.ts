const KIBI = 1024;
const MEBI = 1024 * KIBI;
const INT32_MAX = 0x7fff_ffff;
const NS_PER_MICROSECOND = 1000;

/** The unit, in octets, that a size is shown in: KiB, or MiB where the number of KiB would not fit an Integer32. */
export function binaryUnit(octets: number): number {
  return octets / KIBI <= INT32_MAX ? KIBI : MEBI;
}

/** A size in whole units, at most what an Integer32 holds. */
export function inUnits(octets: number, unit: number): number {
  return Math.min(INT32_MAX, Math.floor(octets / unit));
}

/** ns as whole microseconds. */
export function micros(ns: number): number {
  return Math.floor(ns / NS_PER_MICROSECOND);
}
