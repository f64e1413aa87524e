import { noise, streamKey } from '../../util/random.ts';
import type { SensorConfig } from '../host/host-config.ts';

/** What a sensor shows now. */
export interface SensorReading {
  readonly config: SensorConfig;
  /** Thousandths of a degree Celsius, watt, or turn per minute. */
  readonly value: number;
  /** Least and greatest that is in order, in the same unit. */
  readonly low: number | undefined;
  readonly high: number | undefined;
  readonly ok: boolean;
}

/** Noise on either side, as a share of the way from idle to full. */
const NOISE_SHARE = 0.004;
/** How often the noise is another, in ms. */
const NOISE_MS = 1000;
/** How far over its full reading a sensor may go, and below its idle one, as a share of the way between. */
const MARGIN = 0.25;

/** How much hotter it gets when no fan turns, as a share of the way from idle to full. */
const HEAT = 1.25;
/** How far out of hand a sensor gets that is not a fan, as a share of the same way. */
const EXCESS = 1.5;

/**
 * The sensors of a host: each follows the utilisation of the processors with a first-order lag.
 *
 * Between two changes of what it follows, `u`, a level is `u + (level - u) * exp(-t / lag)`, so that nothing has to
 * be done until that is another. An instance keeps that of the latest change. What a sensor follows is the
 * utilisation; for a fan that has stopped, 0 turns; for temperatures, more by what the fans that stand still
 * would have carried off.
 */
export class Sensors {
  readonly #configs: readonly SensorConfig[];
  readonly #keys: readonly number[];
  readonly #levels: Float64Array;
  /** What each level goes to. */
  readonly #goals: Float64Array;
  #broken: ReadonlySet<string> = new Set();
  #utilisation = 0;
  #sinceMs: number;

  /** `host` and `seed` decide the noise. */
  constructor(configs: readonly SensorConfig[], host: string, seed: number, nowMs: number) {
    this.#configs = configs;
    this.#keys = configs.map((config) => streamKey(seed, 'sensor', host, config.name));
    this.#levels = new Float64Array(configs.length);
    this.#goals = new Float64Array(configs.length);
    this.#sinceMs = nowMs;
  }

  /** Has the processors so busy from now on, 0 to 1. */
  advance(nowMs: number, utilisation: number): void {
    if (utilisation === this.#utilisation) return;
    this.#settle(nowMs);
    this.#utilisation = Math.min(1, Math.max(0, utilisation));
    this.#aim();
  }

  /** Has these sensors, by name, and no others, out of order from now on. */
  breakDown(nowMs: number, names: readonly string[]): void {
    this.#settle(nowMs);
    this.#broken = new Set(names);
    this.#aim();
  }

  #settle(nowMs: number): void {
    for (let i = 0; i < this.#levels.length; i++) this.#levels[i] = this.#levelAt(i, nowMs);
    this.#sinceMs = nowMs;
  }

  #aim(): void {
    const fans = this.#configs.filter(({ kind }) => kind === 'fan');
    const still = fans.filter(({ name }) => this.#broken.has(name)).length;
    const heat = fans.length === 0 ? 0 : (HEAT * still) / fans.length;
    this.#configs.forEach(({ name, kind, idle, full }, i) => {
      const broken = this.#broken.has(name);
      if (kind === 'fan' && broken) this.#goals[i] = -idle / (full - idle);
      else this.#goals[i] = this.#utilisation + (broken ? EXCESS : 0) + (kind === 'temperature' ? heat : 0);
    });
  }

  /** What all show, in the order of their configuration. */
  read(nowMs: number): SensorReading[] {
    return this.#configs.map((_, i) => this.readOne(i, nowMs));
  }

  /** What one of them shows, by its place in the configuration. */
  readOne(i: number, nowMs: number): SensorReading {
    const config = this.#configs[i]!;
    const way = config.full - config.idle;
    const draw = (noise(this.#keys[i]!, Math.floor(nowMs / NOISE_MS)) * 2 - 1) * NOISE_SHARE;
    const shown = Math.round((config.idle + way * (this.#levelAt(i, nowMs) + draw)) * 1000);
    const value = config.kind === 'fan' ? Math.max(0, shown) : shown;
    const low = config.kind === 'fan' ? Math.round((config.idle - MARGIN * Math.abs(way)) * 1000) : undefined;
    const high = Math.round((Math.max(config.full, config.idle) + MARGIN * Math.abs(way)) * 1000);
    return { config, value, low, high, ok: value >= (low ?? value) && value <= high };
  }

  #levelAt(i: number, nowMs: number): number {
    const u = this.#goals[i]!;
    return u + (this.#levels[i]! - u) * Math.exp(-(nowMs - this.#sinceMs) / this.#configs[i]!.lagMs);
  }

  /** Returns what puts everything back as it is now. */
  save(): () => void {
    const levels = this.#levels.slice();
    const goals = this.#goals.slice();
    const broken = this.#broken;
    const utilisation = this.#utilisation;
    const sinceMs = this.#sinceMs;
    return () => {
      this.#levels.set(levels);
      this.#goals.set(goals);
      this.#broken = broken;
      this.#utilisation = utilisation;
      this.#sinceMs = sinceMs;
    };
  }
}
