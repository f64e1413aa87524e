/** Knobs of the balloon manager, which works as oVirt's does. */
export interface BalloonManagerConfig {
  readonly enabled: boolean;
  /** It looks at each guest once in so many ms. */
  readonly intervalMs: number;
  /** Free share of the host's memory below which guests shrink, 0 to 1; 1 = always. */
  readonly pressureThreshold: number;
  /** Free memory that a guest keeps, as a share of what it uses. */
  readonly headroomShare: number;
  /** A guest never gets less than this share of what it started with. */
  readonly floorShare: number;
  /** Largest step in one interval, as a share of the memory at start. */
  readonly stepShare: number;
  /** Smaller changes are not worth it, as a share of the memory at start (assumed); the last step back is. */
  readonly leastShare: number;
}

/**
 * Defaults: guests shrink when less than a fifth of the host's memory is free, by 5 % of their memory every 10 s
 * at most, and grow back as fast.
 */
export const BALLOON_MANAGER_DEFAULTS: BalloonManagerConfig = {
  enabled: true,
  intervalMs: 10_000,
  pressureThreshold: 0.2,
  headroomShare: 0.25,
  floorShare: 0.25,
  stepShare: 0.05,
  leastShare: 0.0025,
};

/**
 * The next balloon target of a guest, in pages that it shall have.
 *
 * `current`: what it has; `used`: what its kernel and processes use; `atStart`: `<currentMemory>`.
 * Under pressure the guest goes down towards what it uses with some headroom, in steps; without, up again.
 */
export function nextTarget(
  config: BalloonManagerConfig,
  hostFreeShare: number,
  current: number,
  used: number,
  atStart: number,
): number {
  const least = Math.min(
    atStart,
    Math.max(Math.ceil(atStart * config.floorShare), Math.ceil(used * (1 + config.headroomShare))),
  );
  const wanted = hostFreeShare < config.pressureThreshold ? least : atStart;
  const step = Math.ceil(atStart * config.stepShare);
  const next = Math.max(current - step, Math.min(current + step, wanted));
  return next !== atStart && Math.abs(next - current) < atStart * config.leastShare ? current : next;
}

/** Whether a guest's turn is in the span that begins: guests take turns, by a number of their own. */
export function isTurn(config: BalloonManagerConfig, turn: number, nowMs: number, spanMs: number): boolean {
  if (!config.enabled) return false;
  const offset = turn % config.intervalMs;
  return (
    Math.floor((nowMs + spanMs - 1 - offset) / config.intervalMs) >
    Math.floor((nowMs - 1 - offset) / config.intervalMs)
  );
}
