import { offTimeNs, type SlicePolicy, sliceNs } from './cfs.ts';
import type { PauseLoopConfig } from './vcpu-config.ts';

/** The exit handler of old kernels slept this long (Linux before 2.6.39). */
const SLEEP_NS = 100_000;

/** Spinning, as a share of the window, for which exits are in proportion to it within a percent. */
const NEAR_ZERO = 0.01;

/** Share of the waits behind a lock's running holder that are long enough to count as spinning. */
const SHORT_WAITS = 0.1;

/** A pause-loop detector as it works on a host: its window in ns of spinning. */
export interface PauseLoop {
  /** Spinning until the first exit, in ns. */
  readonly windowNs: number;
  /** Factor by which each further exit lengthens the window; 1 for a fixed one. */
  readonly grow: number;
  /** Its natural logarithm. */
  readonly logGrow: number;
  /** Whether being scheduled in brings the window back to its base at once. */
  readonly resets: boolean;
  /** Longest window in ns. */
  readonly maxNs: number;
  readonly onExit: PauseLoopConfig['onExit'];
}

/** The detector that a configuration means; `undefined` when spinning never exits. `mhz` is the TSC's rate. */
export function pauseLoopOf(config: PauseLoopConfig, mhz: number): PauseLoop | undefined {
  const { hardware, onExit } = config;
  if (hardware === 'ple') {
    if (config.pleGap === 0) return undefined;
    const perCycle = 1000 / mhz;
    return {
      windowNs: config.pleWindow * perCycle,
      grow: Math.max(1, config.pleWindowGrow),
      logGrow: Math.log(Math.max(1, config.pleWindowGrow)),
      resets: config.pleWindowShrink < 2,
      maxNs: config.pleWindowMax * perCycle,
      onExit,
    };
  }
  if (hardware === 'none' || config.pauseFilterCount === 0) return undefined;
  const perPause = (config.pauseCycles * 1000) / mhz;
  return {
    windowNs: config.pauseFilterCount * perPause,
    grow: Math.max(1, config.pauseFilterCountGrow),
    logGrow: Math.log(Math.max(1, config.pauseFilterCountGrow)),
    resets: config.pauseFilterCountShrink < 2,
    maxNs: config.pauseFilterCountMax * perPause,
    onExit,
  };
}

/** What runnable tasks do to each other on their pCPUs; the same for all guests of a pool in a tick. */
export interface Pressure {
  /** Runnable tasks for each pCPU. */
  readonly runnable: number;
  /** Times a task is preempted per ns of run time. */
  readonly preemptionsPerNs: number;
  /** How long in ns a preempted task stays off its pCPU. */
  readonly offNs: number;
  /** How long in ns a sibling is scheduled while a preempted lock holder is off. */
  readonly spinNs: number;
  /** Natural logarithm of the runnable tasks for each pCPU, at least 0. */
  readonly logRunnable: number;
}

/** The pressure of so many runnable tasks for each pCPU; none at 1 and below. */
export function pressureOf(policy: SlicePolicy, runnable: number): Pressure {
  if (runnable <= 1) return { runnable, preemptionsPerNs: 0, offNs: 0, spinNs: 0, logRunnable: 0 };
  const slice = sliceNs(policy, runnable);
  const offNs = offTimeNs(policy, runnable);
  return {
    runnable,
    preemptionsPerNs: 1 / slice,
    offNs,
    spinNs: Math.min(offNs / runnable, slice),
    logRunnable: Math.log(runnable),
  };
}

/**
 * Chance that one directed yield picks the lock's holder among the preempted siblings.
 *
 * `siblings` are the guest's other vCPUs that want to run; of those, 1 - 1/runnable are preempted.
 */
export function yieldHitChance(siblings: number, { runnable }: Pressure): number {
  return 1 / Math.max(1, siblings * (1 - 1 / Math.max(1, runnable)));
}

/** Chance that a directed yield finds any preempted sibling at all; 0 on a host that is not overcommitted. */
export function yieldFindChance(siblings: number, { logRunnable }: Pressure): number {
  return 1 - Math.exp(-siblings * logRunnable);
}

/**
 * Spinning behind preempted lock holders without a detector, per unit of useful run time.
 *
 * A holder is off its CPU for T_off, and each sibling spins for as long as it is scheduled in that time.
 */
export function plainSpin(lockShare: number, siblings: number, pressure: Pressure): number {
  return pressure.preemptionsPerNs * lockShare * siblings * pressure.spinNs;
}

/** Pause exits behind preempted lock holders, per ns of useful run time. */
export function pauseExitsPerNs(
  loop: PauseLoop,
  exitNs: number,
  lockShare: number,
  siblings: number,
  pressure: Pressure,
): number {
  const tries = loop.onExit === 'sleep' ? pressure.offNs / SLEEP_NS : 1 / yieldHitChance(siblings, pressure);
  // A spinner that exits this often has used up what it would have spun without exits.
  const most = pressure.spinNs / (loop.windowNs + exitNs);
  return pressure.preemptionsPerNs * lockShare * siblings * Math.min(tries, most);
}

/** Spinning behind holders that run, per unit of useful run time: short waits, no exit shortens them. */
export function shortSpin(lockShare: number, siblings: number): number {
  return SHORT_WAITS * lockShare * lockShare * siblings;
}

/**
 * Exits of one vCPU that spins for so many ns since it was last scheduled in.
 *
 * With a growing window this is the logarithm of the spin time until the window is as long as it can be.
 */
export function spinExits(loop: PauseLoop, spinNs: number): number {
  const { windowNs, grow, logGrow, maxNs } = loop;
  if (grow === 1) return spinNs / windowNs;
  // The logarithm is a straight line this near to its zero.
  if (spinNs < NEAR_ZERO * windowNs) return (spinNs * (grow - 1)) / (windowNs * logGrow);
  const untilMost = (maxNs - windowNs) / (grow - 1);
  const growing = Math.log1p((Math.min(spinNs, untilMost) * (grow - 1)) / windowNs) / logGrow;
  return spinNs <= untilMost ? growing : growing + (spinNs - untilMost) / maxNs;
}
