import type { Timer } from '../../util/clock.ts';
import { HostAlarms } from '../alarm/host-alarms.ts';
import type { HostStorage } from '../block/disk.ts';
import { DomainList } from '../domain/domain-list.ts';
import type { HostMemory } from '../memory/host-memory.ts';
import type { Segment } from '../net/segment.ts';
import { Sensors } from '../platform/sensors.ts';
import { firstSoftware, type HostSoftware } from '../platform/software.ts';
import { HostEngine } from '../tick/host-engine.ts';
import type { HostCpu } from '../vcpu/host-cpu.ts';
import type { HostConfig } from './host-config.ts';

/** Whether a host takes guests: it does, it waits for them to go, or it is between two boots. */
export type HostState = 'up' | 'stopping' | 'down';

/** What changes about a host itself. Written by the hypervisor's own modules only. */
export interface HostFields {
  state: HostState;
  software: HostSoftware;
  /** When its kernel began, in simulated ms. */
  bootedMs: number;
  boots: number;
  /** When a domain last came, went or changed its state, in simulated ms. */
  guestsChangedMs: number;
  /** Ends the present state; absent while it is up. */
  timer: Timer | undefined;
  /** Lets its bonds notice that a link is up or down. */
  linkTimer: Timer | undefined;
}

let fields: (host: Host) => HostFields;

/** One simulated hypervisor host. */
export class Host {
  /** Unique in the fleet. */
  readonly name: string;
  /** Every domain that the host knows, active or not. */
  readonly domains = new DomainList();
  /** Its alarms and those of its guests. */
  readonly alarms = new HostAlarms();
  /** What runs on it; only the hypervisor changes anything. */
  readonly engine: HostEngine;
  /** The sensors of its board. */
  readonly sensors: Sensors;
  readonly #fields: HostFields;

  static {
    fields = (host) => host.#fields;
  }

  constructor(name: string, config: HostConfig, seed: number, nowMs: number) {
    this.name = name;
    this.engine = new HostEngine(name, config, seed, nowMs);
    this.sensors = new Sensors(config.sensors, name, seed, nowMs);
    const software = firstSoftware(config.software, config.packagePolicy, nowMs);
    this.#fields = {
      state: 'up',
      software,
      bootedMs: nowMs,
      boots: 1,
      guestsChangedMs: nowMs,
      timer: undefined,
      linkTimer: undefined,
    };
  }

  /** Whether it takes guests. */
  get state(): HostState {
    return this.#fields.state;
  }

  /** The software that it has installed, and what of it runs. */
  get software(): HostSoftware {
    return this.#fields.software;
  }

  /** Times that it has booted; 1 for the boot before the simulation began. */
  get boots(): number {
    return this.#fields.boots;
  }

  /** When a domain last came, went or changed its state, in simulated ms. */
  get guestsChangedMs(): number {
    return this.#fields.guestsChangedMs;
  }

  /** When its kernel began, in simulated ms. */
  get bootedMs(): number {
    return this.#fields.bootedMs;
  }

  /** What it is made of: as configured, and grown for its domains. */
  get config(): HostConfig {
    return this.engine.host.config;
  }

  /** Its processors: how many, how they are shared, what each has done. */
  get cpu(): HostCpu {
    return this.engine.host.cpu;
  }

  /** Its memory: NUMA nodes, swap, huge page pools and KSM. */
  get memory(): HostMemory {
    return this.engine.host.memory;
  }

  /** Its bridges and macvtap lower devices, with their uplinks. */
  get segments(): Iterable<Segment> {
    return this.engine.host.segments;
  }

  /** Its storage: the pools of {@link config} and their devices, by the same numbers. */
  get storage(): HostStorage {
    return this.engine.host.storage;
  }
}

/** What may be changed about a host; for the modules behind the hypervisor's door. */
export function hostFieldsOf(host: Host): HostFields {
  return fields(host);
}
