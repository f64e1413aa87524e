/**
 * A ring that the guest fills and the renderer empties at its own speed. Immutable; times are guest ms.
 *
 * produced = fetched + waiting + discarded, at every instant.
 */
export interface QxlRing {
  readonly size: number;
  /** Entries that the guest has put in. */
  readonly produced: number;
  /** Entries that a reset threw away. */
  readonly discarded: number;
  /** When the renderer has taken the last one. */
  readonly clearMs: number;
  /** Entries that wait, while the renderer takes none. */
  readonly frozen: number | undefined;
  /** The guest found it full, and wants to be told when it is empty. */
  readonly guestWaits: boolean;
}

/** Guards a whole number of entries against what floating point adds to it. */
const EPSILON = 1e-6;

/** A ring that nothing has gone through. */
export function createRing(size: number, nowMs: number): QxlRing {
  return { size, produced: 0, discarded: 0, clearMs: nowMs, frozen: undefined, guestWaits: false };
}

/** Entries that wait for the renderer at an instant. */
export function ringWaiting(ring: QxlRing, nowMs: number, perSecond: number): number {
  if (ring.frozen !== undefined) return ring.frozen;
  return Math.max(0, Math.ceil(((ring.clearMs - nowMs) * perSecond) / 1000 - EPSILON));
}

/** Entries that the renderer has taken. */
export function ringFetched(ring: QxlRing, nowMs: number, perSecond: number): number {
  return ring.produced - ring.discarded - ringWaiting(ring, nowMs, perSecond);
}

/** The ring with `count` entries more, or as many as fit; the guest waits when not all do. */
export function pushRing(ring: QxlRing, nowMs: number, count: number, perSecond: number): QxlRing {
  const waiting = ringWaiting(ring, nowMs, perSecond);
  const taken = Math.min(count, ring.size - waiting);
  const more = { ...ring, produced: ring.produced + taken, guestWaits: ring.guestWaits || taken < count };
  if (ring.frozen !== undefined) return { ...more, frozen: waiting + taken };
  return { ...more, clearMs: Math.max(nowMs, ring.clearMs) + (taken * 1000) / perSecond };
}

/** The renderer stops to take entries. */
export function freezeRing(ring: QxlRing, nowMs: number, perSecond: number): QxlRing {
  return { ...ring, frozen: ringWaiting(ring, nowMs, perSecond) };
}

/** The ring after a reset of the device: what waited is gone. */
export function clearRing(ring: QxlRing, nowMs: number, perSecond: number): QxlRing {
  const discarded = ring.discarded + ringWaiting(ring, nowMs, perSecond);
  return { ...ring, discarded, clearMs: nowMs, frozen: undefined, guestWaits: false };
}

/** When a guest that waits will be told that the ring is empty; `undefined` for never. */
export function ringDueMs(ring: QxlRing): number | undefined {
  return ring.guestWaits && ring.frozen === undefined ? ring.clearMs : undefined;
}
