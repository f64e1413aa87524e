import { noise } from '../util/random.ts';
import { LOAD_KINDS, type LoadKind } from './domain-config.ts';

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

/**
 * The share of all its vCPUs that a guest uses in one tick, 0 to 1.
 *
 * idle: a percent or two. steady: a level of its own, 20 to 70 %. daily: low at night, up to 75 % at its
 * busiest hour. bursty: nearly nothing, then everything for 20 ticks now and then.
 */
export function utilisation(kind: number, key: number, tick: number, position: number): number {
  const flutter = noise(key, tick);
  const level = noise(key, LEVEL);
  if (kind === IDLE) return 0.004 + 0.012 * level + 0.02 * flutter * flutter;
  if (kind === STEADY) return (0.2 + 0.5 * level) * (0.9 + 0.2 * flutter);
  if (kind === DAILY) {
    const shift = Math.floor((noise(key, SHIFT) - 0.5) * 2 * (SHIFT_HOURS / 24) * DAY_POINTS);
    const busy = DAY_CURVE[(position + shift + DAY_POINTS) & (DAY_POINTS - 1)]!;
    return (0.04 + (0.3 + 0.35 * level) * busy) * (0.85 + 0.3 * flutter);
  }
  const spell = noise(key + 1, Math.floor(tick / BURST_TICKS));
  return spell < 0.08 + 0.12 * level ? 0.65 + 0.35 * flutter : 0.01 + 0.02 * flutter;
}

/**
 * The share of its maximum memory that a guest uses, 0 to 1: a level of its own that drifts slowly.
 *
 * `intervalTicks` is the length of the memory model's interval in ticks.
 */
export function memoryDemand(kind: number, key: number, tick: number, intervalTicks: number): number {
  const drift = tick / (intervalTicks * DRIFT_INTERVALS);
  const step = Math.floor(drift);
  const fraction = drift - step;
  const wander = noise(key + 2, step) * (1 - fraction) + noise(key + 2, step + 1) * fraction;
  const level = noise(key, MEMORY_LEVEL);
  return kind === IDLE ? 0.12 + 0.25 * level + 0.08 * wander : 0.3 + 0.35 * level + 0.25 * wander;
}
