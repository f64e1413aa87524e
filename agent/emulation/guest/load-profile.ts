import { wordNoise } from '../../util/random.ts';
import { LOAD_KINDS, type LoadKind } from '../domain/domain-config.ts';

/** Points of a day in the daily curve. */
const DAY_POINTS = 1024;
const DAY_MS = 86_400_000;
/** The busiest hour, UTC, of a guest without a shift. */
const BUSIEST_HOUR = 14;
/** Guests' working days begin up to this many hours earlier or later. */
const SHIFT_HOURS = 3;
/** Ticks that the state of a bursty guest lasts. */
const BURST_TICKS = 20;
/** Intervals of the memory model over which its demand drifts from one level to the next. */
const DRIFT_INTERVALS = 30;

/** Indices that set fixed traits of a guest apart from its values per tick. */
const LEVEL = -1;
const SHIFT = -2;
const MEMORY_LEVEL = -3;

/** What sets the slow courses of a guest apart from its flutter. */
const SPELL = 0x2545f491;
const DRIFT = 0x6c8e9cf5;

const IDLE = LOAD_KINDS.indexOf('idle');
const STEADY = LOAD_KINDS.indexOf('steady');
const DAILY = LOAD_KINDS.indexOf('daily');

const DAY_CURVE = Float32Array.from({ length: DAY_POINTS }, (_, i) => {
  const hours = (i / DAY_POINTS) * 24 - BUSIEST_HOUR;
  return (0.5 + 0.5 * Math.cos((hours / 24) * 2 * Math.PI)) ** 1.5;
});

/** The number of a load kind, for {@link utilisation} and {@link memoryDemand}. */
export function loadKindCode(kind: LoadKind): number {
  return LOAD_KINDS.indexOf(kind);
}

/** Where a moment lies in its day (UTC), 0 to 1023. */
export function dayPosition(wallMs: number): number {
  const intoDay = ((wallMs % DAY_MS) + DAY_MS) % DAY_MS;
  return Math.floor((intoDay / DAY_MS) * DAY_POINTS);
}

/** What is fixed about a guest's load: drawn once from its key. */
export interface LoadTraits {
  /** How busy it is among its kind, 0 to 1. */
  readonly level: number;
  /** How much earlier its day begins, in points of the day. */
  readonly shift: number;
  /** How much memory it wants among its kind, 0 to 1. */
  readonly memoryLevel: number;
}

/** The traits of the guest whose key has these two words. */
export function loadTraits(low: number, high: number): LoadTraits {
  return {
    level: wordNoise(low, high, LEVEL),
    shift: Math.floor((wordNoise(low, high, SHIFT) - 0.5) * 2 * (SHIFT_HOURS / 24) * DAY_POINTS),
    memoryLevel: wordNoise(low, high, MEMORY_LEVEL),
  };
}

/**
 * The share of all its vCPUs that a guest uses in one tick, 0 to 1.
 *
 * idle: one to three percent. steady: a level of its own, 20 to 70 %. daily: low at night, up to 80 % at its
 * busiest hour. bursty: nearly nothing, then nearly everything for 20 ticks now and then.
 */
export function utilisation(
  kind: number,
  level: number,
  shift: number,
  low: number,
  high: number,
  tick: number,
  position: number,
): number {
  const flutter = wordNoise(low, high, tick);
  if (kind === IDLE) return 0.004 + 0.012 * level + 0.02 * flutter * flutter;
  if (kind === STEADY) return (0.2 + 0.5 * level) * (0.9 + 0.2 * flutter);
  if (kind === DAILY) {
    const busy = DAY_CURVE[(position + shift + DAY_POINTS) & (DAY_POINTS - 1)]!;
    return (0.04 + (0.3 + 0.35 * level) * busy) * (0.85 + 0.3 * flutter);
  }
  const spell = wordNoise(low ^ SPELL, high, Math.floor(tick / BURST_TICKS));
  return spell < 0.08 + 0.12 * level ? 0.65 + 0.35 * flutter : 0.01 + 0.02 * flutter;
}

/**
 * The share of its maximum memory that a guest uses, 0 to 1: a level of its own that drifts slowly.
 *
 * `interval` counts the memory model's intervals, with a fraction.
 */
export function memoryDemand(
  kind: number,
  memoryLevel: number,
  low: number,
  high: number,
  interval: number,
): number {
  const drift = interval / DRIFT_INTERVALS;
  const step = Math.floor(drift);
  const fraction = drift - step;
  const here = wordNoise(low ^ DRIFT, high, step);
  const wander = here + (wordNoise(low ^ DRIFT, high, step + 1) - here) * fraction;
  return kind === IDLE ? 0.12 + 0.25 * memoryLevel + 0.08 * wander : 0.3 + 0.35 * memoryLevel + 0.25 * wander;
}
