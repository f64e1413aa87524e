const POWERS = ['', 'k', 'm', 'g', 't', 'p', 'e'];

/** What a memory size may look like, for messages. */
export const MEMORY_SIZE = 'a whole number of KiB, or text with a unit such as "2 GiB" or "512 MiB"';

/**
 * Reads an amount of memory as libvirt does: a number is KiB; text has a unit, where K, M, G ... and KiB, MiB,
 * GiB ... count in 1024, and KB, MB, GB ... in 1000; rounded up to KiB.
 * Returns KiB, at least 1; `undefined` when it is no such amount or above 2^53-1.
 */
export function memorySizeKiB(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 1 ? value : undefined;
  if (typeof value !== 'string') return undefined;
  const match = /^\s*(\d{1,20})\s*([a-z]*)\s*$/i.exec(value);
  if (match === null) return undefined;
  const factor = unitOctets(match[2]!.toLowerCase());
  if (factor === undefined) return undefined;
  const kib = (BigInt(match[1]!) * factor + 1023n) / 1024n;
  return kib >= 1n && kib <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(kib) : undefined;
}

function unitOctets(unit: string): bigint | undefined {
  if (unit === '') return 1024n;
  if (unit === 'b' || unit === 'byte' || unit === 'bytes') return 1n;
  const match = /^([kmgtpe])(ib|b)?$/.exec(unit);
  if (match === null) return undefined;
  return (match[2] === 'b' ? 1000n : 1024n) ** BigInt(POWERS.indexOf(match[1]!));
}
