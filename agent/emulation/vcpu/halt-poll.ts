import type { HaltPollConfig } from './vcpu-config.ts';

/**
 * The share of halts that begin with polling, in the long run.
 *
 * `meanHaltNs` is the mean of halts whose lengths are exponentially distributed. A halt is polled when the one
 * before it was shorter than the ceiling: a longer one shrinks the window to 0 (Linux, halt-polling.rst).
 */
export function polledShare({ haltPollNs }: HaltPollConfig, meanHaltNs: number): number {
  return haltPollNs === 0 ? 0 : 1 - Math.exp(-haltPollNs / meanHaltNs);
}

/**
 * The mean window in ns with which halts are polled, given the share that is.
 *
 * It takes as many short halts in a row to reach the ceiling as the window has steps from its start.
 */
export function pollWindowNs(config: HaltPollConfig, polled: number): number {
  const { haltPollNs, haltPollNsGrow, haltPollNsGrowStart } = config;
  if (haltPollNs <= haltPollNsGrowStart) return haltPollNs * polled;
  // A factor below 2 never reaches the ceiling (Linux, grow_halt_poll_ns): the window stays at its start.
  if (haltPollNsGrow < 2) return haltPollNsGrowStart * polled;
  let steps = 1;
  for (let window = haltPollNsGrowStart; window < haltPollNs; window *= haltPollNsGrow) steps++;
  return haltPollNs * polled ** steps;
}

/** The share of polled halts that end inside a window of so many ns. */
export function pollSuccessShare(windowNs: number, meanHaltNs: number): number {
  return 1 - Math.exp(-windowNs / meanHaltNs);
}
