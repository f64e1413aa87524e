/**
 * The first of so many places in ascending order that is not below what is looked for; `count` when all are.
 *
 * `isBelow` is asked O(log count) times, and must be true for the places before one, and false from there on.
 */
export function lowerBound(count: number, isBelow: (place: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBelow(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
