import { noise, streamKey } from '../../util/random.ts';
import type { SensorConfig } from '../host-config.ts';

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

/**
 * The sensors of a host: each follows the utilisation of the processors with a first-order lag.
 *
 * Between two changes of the utilisation `u`, a level is `u + (level - u) * exp(-t / lag)`, so that nothing has
 * to be done until it is another. An instance keeps that of the latest change.
 */
export class Sensors {
  readonly #configs: readonly SensorConfig[];
  readonly #keys: readonly number[];
  readonly #levels: Float64Array;
  #utilisation = 0;
  #sinceMs: number;

  /** `host` and `seed` decide the noise. */
  constructor(configs: readonly SensorConfig[], host: string, seed: number, nowMs: number) {
    this.#configs = configs;
    this.#keys = configs.map((config) => streamKey(seed, 'sensor', host, config.name));
    this.#levels = new Float64Array(configs.length);
    this.#sinceMs = nowMs;
  }

  /** Has the processors so busy from now on, 0 to 1. */
  advance(nowMs: number, utilisation: number): void {
    if (utilisation === this.#utilisation) return;
    for (let i = 0; i < this.#levels.length; i++) this.#levels[i] = this.#levelAt(i, nowMs);
    this.#sinceMs = nowMs;
    this.#utilisation = Math.min(1, Math.max(0, utilisation));
  }

  /** What all show, in the order of their configuration. */
  read(nowMs: number): SensorReading[] {
    return this.#configs.map((config, i) => {
      const way = config.full - config.idle;
      const draw = (noise(this.#keys[i]!, Math.floor(nowMs / NOISE_MS)) * 2 - 1) * NOISE_SHARE;
      const value = Math.round((config.idle + way * (this.#levelAt(i, nowMs) + draw)) * 1000);
      const low =
        config.kind === 'fan' ? Math.round((config.idle - MARGIN * Math.abs(way)) * 1000) : undefined;
      const high = Math.round((Math.max(config.full, config.idle) + MARGIN * Math.abs(way)) * 1000);
      return { config, value, low, high, ok: value >= (low ?? value) && value <= high };
    });
  }

  #levelAt(i: number, nowMs: number): number {
    const u = this.#utilisation;
    return u + (this.#levels[i]! - u) * Math.exp(-(nowMs - this.#sinceMs) / this.#configs[i]!.lagMs);
  }

  /** Returns what puts everything back as it is now. */
  save(): () => void {
    const levels = this.#levels.slice();
    const utilisation = this.#utilisation;
    const sinceMs = this.#sinceMs;
    return () => {
      this.#levels.set(levels);
      this.#utilisation = utilisation;
      this.#sinceMs = sinceMs;
    };
  }
}
