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

/** Short halts in a row that bring the window from nothing to its ceiling; 0 when it cannot grow there. */
export function stepsToCeiling({ haltPollNs, haltPollNsGrow, haltPollNsGrowStart }: HaltPollConfig): number {
  if (haltPollNs <= haltPollNsGrowStart) return 1;
  // A factor below 2 never reaches the ceiling (Linux, grow_halt_poll_ns): the window stays at its start.
  if (haltPollNsGrow < 2) return 0;
  let steps = 1;
  for (let window = haltPollNsGrowStart; window < haltPollNs; window *= haltPollNsGrow) steps++;
  return steps;
}

/** The mean window in ns with which halts are polled, given the share that is and {@link stepsToCeiling}. */
export function pollWindowNs(config: HaltPollConfig, steps: number, polled: number): number {
  if (steps === 0) return config.haltPollNsGrowStart * polled;
  let window = config.haltPollNs;
  for (let i = 0; i < steps; i++) window *= polled;
  return window;
}

/** The share of polled halts that end inside a window of so many ns. */
export function pollSuccessShare(windowNs: number, meanHaltNs: number): number {
  return 1 - Math.exp(-windowNs / meanHaltNs);
}
