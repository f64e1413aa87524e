import type { DomainConfig } from '../domain/domain-config.ts';
import type { Profile } from '../lifecycle/story.ts';
import { deviceKey, planDevices } from './device-plan.ts';
import { bootMachine, createGuestDevices, type GuestDevices, runDevices } from './guest-devices.ts';

/**
 * Makes guests' devices; guests of one instant with equal definitions share what is equal.
 *
 * Keeps what it made at one instant only. BOUNDED by the different definitions of one population.
 */
export class DeviceShelf {
  #atMs = -1;
  readonly #made = new Map<string, GuestDevices>();

  /** The devices of an emulator that starts now; `wasUp` as in `createGuestDevices`. */
  create(config: DomainConfig, host: Profile, nowMs: number, running: boolean, wasUp: boolean): GuestDevices {
    if (nowMs !== this.#atMs) this.#made.clear();
    this.#atMs = nowMs;
    const key = `${wasUp}${running}${deviceKey(config, host)}`;
    const shared = this.#made.get(key) ?? this.#make(key, config, host, nowMs, running, wasUp);
    const { console, plan } = shared;
    return console ? { ...shared, console: { ...console, machine: bootMachine(config, plan) } } : shared;
  }

  #make(
    key: string,
    config: DomainConfig,
    host: Profile,
    nowMs: number,
    running: boolean,
    wasUp: boolean,
  ): GuestDevices {
    const made = createGuestDevices(config, planDevices(config, host), nowMs, wasUp);
    const devices = runDevices(made, nowMs, running, false);
    this.#made.set(key, devices);
    return devices;
  }
}
