/**
 * How much longer work takes with memory on other nodes: s = 1 + m*r*(q-1).
 *
 * m: share of time that waits for memory when it is all local, 0 to 1; r: share of accesses that go to another
 * node, 0 to 1; q: remote latency over local latency, 1 or more. Work done in CPU time t is t/s (emulation
 * facts, section 4).
 */
export function slowdown(memoryBound: number, remoteShare: number, latencyRatio: number): number {
  return 1 + memoryBound * remoteShare * (latencyRatio - 1);
}

/**
 * The share of accesses that go to another node, 0 to 1.
 *
 * vCPUs spend equal time on each of `cpuNodes` and touch all pages alike: r = 1 - sum of cpu share * page
 * share. `pages` are the pages on each node, from `from` on in the array.
 */
export function remoteShare(
  pages: Float64Array,
  from: number,
  count: number,
  cpuNodes: readonly number[],
): number {
  let total = 0;
  for (let n = 0; n < count; n++) total += pages[from + n]!;
  if (total === 0) return 0;
  let local = 0;
  for (let i = 0; i < cpuNodes.length; i++) local += pages[from + cpuNodes[i]!]!;
  return 1 - local / (cpuNodes.length * total);
}
