/**
 * The level k at which the sum of min(demand, k * weight) is the capacity; Infinity when all demands fit.
 *
 * `claims` holds `count` pairs (demand, weight), weights above 0; they change places, not values. Demands and
 * weights that are whole numbers give the same level in whatever order they come. Weighted max-min fairness,
 * which is what CFS and Xen's credit scheduler tend to within some periods. O(n) for each round; a round drops
 * every claim that is satisfied, so few are needed.
 */
export function fairLevel(claims: Float64Array, count: number, capacity: number): number {
  let left = capacity;
  let weight = 0;
  for (let i = 0; i < count; i++) weight += claims[2 * i + 1]!;
  let unsatisfied = count;
  while (unsatisfied > 0) {
    const level = Math.max(0, left) / weight;
    let kept = 0;
    for (let i = 0; i < unsatisfied; i++) {
      const demand = claims[2 * i]!;
      const ownWeight = claims[2 * i + 1]!;
      if (demand <= level * ownWeight) {
        left -= demand;
        weight -= ownWeight;
        continue;
      }
      swap(claims, i, kept++);
    }
    if (kept === unsatisfied) return level;
    unsatisfied = kept;
  }
  return Number.POSITIVE_INFINITY;
}

function swap(claims: Float64Array, a: number, b: number): void {
  if (a === b) return;
  const demand = claims[2 * a]!;
  const weight = claims[2 * a + 1]!;
  claims[2 * a] = claims[2 * b]!;
  claims[2 * a + 1] = claims[2 * b + 1]!;
  claims[2 * b] = demand;
  claims[2 * b + 1] = weight;
}

/** What a claim gets at a level: whole, and never above its demand. */
export function grantAt(level: number, demand: number, weight: number): number {
  const share = level * weight;
  return share >= demand ? demand : Math.floor(share);
}
