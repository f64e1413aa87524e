/** Frames with their octets: whole numbers. */
export interface Amount {
  frames: number;
  bytes: number;
}

/** Takes frames and octets from one place, where there is one, and puts them into another. */
export function move(from: Amount | undefined, to: Amount, frames: number, bytes: number): void {
  if (from) {
    from.frames -= frames;
    from.bytes -= bytes;
  }
  to.frames += frames;
  to.bytes += bytes;
}

/** The part of `amount` that belongs to the first `count` of `total` frames: a whole number. */
export function partOf(amount: number, count: number, total: number): number {
  return count === 0 ? 0 : Math.floor(amount * (count / total));
}

/** Named amounts, each with a place of its own. */
export function copyAmounts<T extends Record<string, Amount>>(amounts: T): T {
  return Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, { ...amount }])) as T;
}

/** Limits a share to 0 to 1. */
export function clamp01(value: number): number {
  return Math.min(1, Math.max(0, value));
}
