/**
 * How often the consumer of a ring falls asleep in a span, and so must be woken.
 *
 * Bursts of `burst` entries come `intervalNs` apart, entries in a burst `gapNs`. The consumer takes
 * `consumerNs` for each and runs `wakeNs` after it was told. It sleeps when it has caught up: never while it
 * is slower than what comes on the whole, once after each burst when it has time for it, and more than once
 * in a long burst that it is faster than (facts section 2.2). Returned per burst, with a fraction.
 */
export function sleepsPerBurst(
  intervalNs: number,
  burst: number,
  gapNs: number,
  consumerNs: number,
  wakeNs: number,
): number {
  const idleNs = intervalNs - burst * consumerNs;
  if (idleNs <= 0) return 0;
  // What came while it was waking keeps it busy into later bursts: one sleep in wakeNs / idleNs of them.
  const between = idleNs < wakeNs ? idleNs / wakeNs : 1;
  if (burst <= 1 || gapNs <= consumerNs) return between;
  const cycle = Math.max(1, Math.floor(wakeNs / gapNs) / (1 - consumerNs / gapNs));
  return Math.max(between, burst / cycle);
}

/**
 * Notifications for each sleep of the consumer: 1 with EVENT_IDX.
 *
 * With flags the producer goes on telling, at `costNs` each, until the consumer runs and forbids it:
 * 1 + floor(S / (tp + x)), at most the entries that there are (facts section 2.2).
 */
export function notificationsPerSleep(
  eventIdx: boolean,
  intervalNs: number,
  burst: number,
  gapNs: number,
  wakeNs: number,
  costNs: number,
): number {
  if (eventIdx) return 1;
  const bursts = Math.floor(wakeNs / intervalNs);
  const rest = wakeNs - bursts * intervalNs;
  return bursts * burst + Math.min(burst, 1 + Math.floor(rest / (gapNs + costNs)));
}

/** A producer that never pauses, faster or slower than its consumer: what one sleep of the consumer brings. */
export interface SteadyCycle {
  readonly notifications: number;
  readonly entries: number;
  readonly ns: number;
}

/** The cycle of a steady producer whose consumer is faster: `consumerNs` < `gapNs` (facts section 2.2). */
export function steadyCycle(
  eventIdx: boolean,
  gapNs: number,
  consumerNs: number,
  wakeNs: number,
  costNs: number,
): SteadyCycle {
  const notifications = eventIdx ? 1 : 1 + Math.floor(wakeNs / (gapNs + costNs));
  const whileWaking = eventIdx
    ? Math.floor((wakeNs - costNs) / gapNs)
    : Math.floor(wakeNs / (gapNs + costNs));
  const entries = Math.max(1, whileWaking / (1 - consumerNs / gapNs));
  return { notifications, entries, ns: entries * gapNs + notifications * costNs };
}
