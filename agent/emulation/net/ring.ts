const INDEX_SPACE = 0x1_0000;

/** A free-running 16-bit ring index, from the number of entries ever put in (facts section 2.1). */
export function ringIndex(entries: number): number {
  return entries % INDEX_SPACE;
}

/** Entries between a used and an available index: what is in flight, 0 to the ring's size. */
export function inFlight(available: number, used: number): number {
  return (available - used + INDEX_SPACE) % INDEX_SPACE;
}

/**
 * Whether moving an index from `from` to `to` passes `event`, so that the other side must be told.
 *
 * The EVENT_IDX rule of the virtio specification: (new - event - 1) mod 2^16 < (new - old) mod 2^16.
 */
export function crossesEvent(event: number, from: number, to: number): boolean {
  return inFlight(to, event + 1) < inFlight(to, from);
}

/** Octets of a split ring's three parts: descriptors, available, used. `size` is its number of entries. */
export function ringOctets(size: number): { descriptors: number; available: number; used: number } {
  return { descriptors: 16 * size, available: 6 + 2 * size, used: 6 + 8 * size };
}
