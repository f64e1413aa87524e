/**
 * Requests per second that a closed loop of `depth` requests gets through: at most depth in flight at once.
 *
 * The queue rule R = S / (1 - u) (facts, section 11), where u is what a request finds taken by the *others* of its
 * loop: with one request in flight nothing waits, and with many it is the open rule (arrival theorem, as
 * Schweitzer's approximation has it). Solved with Little's law, depth = rate * (delay + R). `delayNs` is spent
 * outside of the queue; `serviceNs` is the queue's service time, 0 or more, both for one request.
 */
export function closedLoopRate(depth: number, delayNs: number, serviceNs: number): number {
  const sum = serviceNs * depth + delayNs;
  const root = sum * sum - 4 * delayNs * serviceNs * (depth - 1);
  return (2e9 * depth) / (sum + Math.sqrt(Math.max(0, root)));
}

/** Mean latency in ns of a request, from Little's law: depth = rate * (think + latency). Rate above 0. */
export function closedLoopLatency(depth: number, ratePerSecond: number, thinkNs: number): number {
  return (depth * 1e9) / ratePerSecond - thinkNs;
}

/**
 * Bytes of a working set that are written for the first time by `touchedBytes` of random writes.
 *
 * `freshBytes` of the set were never written. Each write hits a fresh place with the chance freshBytes / setBytes,
 * so the fresh part decays exponentially: the result does not depend on how time is cut up.
 */
export function firstWrittenBytes(setBytes: number, freshBytes: number, touchedBytes: number): number {
  if (freshBytes <= 0 || setBytes <= 0) return 0;
  const turns = touchedBytes / setBytes;
  // The usual case in a tick, without a call: the term left out is below 10^-6 of the result.
  if (turns < 1e-3) return freshBytes * turns * (1 - turns / 2);
  return -freshBytes * Math.expm1(-turns);
}
