/** The middle of some numbers, the mean of the two middle ones when their count is even; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length === 0) return Number.NaN;
  if (sorted.length % 2 === 1) return sorted[Math.floor(middle)]!;
  return (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The value that a share of ascending numbers lies below; 0 of none. */
export function percentile(ascending: readonly number[], share: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))] ?? 0;
}

/** How many values lie in each step of 2 %: step `i` begins at 1.02 to the power of `i`, the first at 0. */
export type Histogram = readonly number[];

const STEP = 1.02;

/** The histogram of some numbers of 0 or more. */
export function histogramOf(values: readonly number[]): Histogram {
  const counts: number[] = [];
  for (const value of values) {
    const step = value < 1 ? 0 : Math.floor(Math.log(value) / Math.log(STEP));
    while (counts.length <= step) counts.push(0);
    counts[step]!++;
  }
  return counts;
}

/** The value that a share of all that some histograms hold lies below, at most 2 % too much; 0 of none. */
export function percentileOf(histograms: readonly Histogram[], share: number): number {
  const steps = Math.max(0, ...histograms.map(({ length }) => length));
  const counts = Array.from({ length: steps }, (_, step) =>
    histograms.reduce((all, histogram) => all + (histogram[step] ?? 0), 0),
  );
  const all = counts.reduce((sum, count) => sum + count, 0);
  let below = 0;
  for (const [step, count] of counts.entries()) {
    below += count;
    if (below > all * share) return STEP ** (step + 1);
  }
  return 0;
}
