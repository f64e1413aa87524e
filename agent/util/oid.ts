/** An object identifier: its sub-identifiers, each 0 to 2^32-1, at most 128 of them. */
export type Oid = readonly number[];

const DOTTED = /^\.?\d{1,10}(\.\d{1,10})*$/;

/** Reads dotted decimal, with or without a leading dot; `undefined` when it is not an object identifier. */
export function parseOid(text: string): Oid | undefined {
  if (!DOTTED.test(text)) return undefined;
  const oid = text.replace(/^\./, '').split('.').map(Number);
  return isOid(oid) ? oid : undefined;
}

/** Whether numbers are an object identifier that can be encoded: 2 to 128 sub-identifiers within their ranges. */
export function isOid(ids: Oid): boolean {
  const [root = 3, arc = 0] = ids;
  if (ids.length < 2 || ids.length > 128 || root > 2 || (root < 2 && arc >= 40)) return false;
  return ids.every((subid) => Number.isInteger(subid) && subid >= 0 && subid <= 0xffff_ffff);
}

/** Dotted decimal without a leading dot. */
export function formatOid(oid: ArrayLike<number>): string {
  return Array.prototype.join.call(oid, '.');
}

/** Lexicographic order, as a number to sort with (RFC 3416 section 4.2.2). */
export function compareOids(a: Oid, b: Oid): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}
