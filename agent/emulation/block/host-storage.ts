import { fairLevel, grantAt } from '../vcpu/fair-share.ts';
import type { DeviceConfig } from './block-config.ts';

/** A device's claims and totals in ns per second, of which it has 10^9. */
interface Device {
  readonly config: DeviceConfig;
  claims: Float64Array;
  count: number;
  level: number;
  granted: number;
}

/** A device's whole time: ns per second. */
const WHOLE = 1e9;

/** What {@link HostDevices.restore} needs: plain copies. */
export type DevicesSnapshot = readonly { readonly level: number; readonly granted: number }[];

/**
 * The storage devices of a host: their time is shared out by weight, once for each tick.
 *
 * Bounded by the devices of the configuration; a device's claims by the disks that lie on it.
 */
export class HostDevices {
  readonly #devices: readonly Device[];

  constructor(configs: readonly DeviceConfig[]) {
    this.#devices = configs.map((config) => ({
      config,
      claims: new Float64Array(16),
      count: 0,
      level: Number.POSITIVE_INFINITY,
      granted: 0,
    }));
  }

  /** What a device is. */
  config(device: number): DeviceConfig {
    return this.#devices[device]!.config;
  }

  /** A tick begins: no claims yet. */
  beginTick(): void {
    for (const device of this.#devices) {
      device.count = 0;
      device.granted = 0;
    }
  }

  /** A disk wants so much of a device's time: whole ns per second; weight a whole number above 0. */
  claim(device: number, demand: number, weight: number): void {
    const each = this.#devices[device]!;
    if (2 * each.count === each.claims.length) {
      const claims = new Float64Array(4 * each.count);
      claims.set(each.claims);
      each.claims = claims;
    }
    each.claims[2 * each.count] = demand;
    each.claims[2 * each.count + 1] = weight;
    each.count++;
  }

  /** All claims are in: works out the level of each device, whatever the order of the claims. */
  share(): void {
    for (const device of this.#devices) {
      const { claims, count } = device;
      device.level = fairLevel(claims, count, WHOLE);
      let granted = 0;
      for (let i = 0; i < count; i++) granted += grantAt(device.level, claims[2 * i]!, claims[2 * i + 1]!);
      device.granted = granted;
    }
  }

  /** Share of a device's time that is left beside all others, 0 to 1, for a disk that claimed `demand`. */
  leftFor(device: number, demand: number, weight: number): number {
    const { level, granted } = this.#devices[device]!;
    const own = demand === 0 ? 0 : grantAt(level, demand, weight);
    return (WHOLE - granted + own) / WHOLE;
  }

  /** A disk that came in the middle of a tick uses so much of what was left. */
  takeLate(device: number, demand: number): void {
    this.#devices[device]!.granted += demand;
  }

  /** Share of its time that a device works in this tick at most, 0 to 1. */
  utilisation(device: number): number {
    return Math.min(1, this.#devices[device]!.granted / WHOLE);
  }

  /** What is needed to put everything back between two ticks' passes. */
  snapshot(): DevicesSnapshot {
    return this.#devices.map(({ level, granted }) => ({ level, granted }));
  }

  /** Puts everything back. */
  restore(snapshot: DevicesSnapshot): void {
    snapshot.forEach((each, i) => {
      Object.assign(this.#devices[i]!, each);
    });
  }
}
