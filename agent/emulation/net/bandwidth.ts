import type { BandwidthLimit } from './net-config.ts';

const OCTETS_PER_KIB = 1024;

/** Octets per ms that a limit allows on the long run. */
function averageRate(limit: BandwidthLimit): number {
  return (limit.average * OCTETS_PER_KIB) / 1000;
}

function burstOctets(limit: BandwidthLimit): number {
  return (limit.burst ?? limit.average) * OCTETS_PER_KIB;
}

/** Octets that a token bucket lets pass in a span. `spent` is what is missing to a full bucket. */
export function allowance(limit: BandwidthLimit, spent: number, spanMs: number): number {
  const saved = Math.max(0, burstOctets(limit) - spent) + averageRate(limit) * spanMs;
  return limit.peak === undefined ? saved : Math.min(saved, ((limit.peak * OCTETS_PER_KIB) / 1000) * spanMs);
}

/** What is missing to a full bucket after a span in which `octets` passed. */
export function spentAfter(limit: BandwidthLimit, spent: number, octets: number, spanMs: number): number {
  return Math.min(burstOctets(limit), Math.max(0, spent + octets - averageRate(limit) * spanMs));
}
