import type { HostStorage } from './block/disk.ts';
import { DomainList } from './domain-list.ts';
import type { HostConfig } from './host-config.ts';
import { HostEngine } from './host-engine.ts';
import type { HostMemory } from './memory/host-memory.ts';
import type { Segment } from './net/segment.ts';
import type { HostCpu } from './vcpu/host-cpu.ts';

/** One simulated hypervisor host. */
export class Host {
  /** Unique in the fleet. */
  readonly name: string;
  /** Every domain that the host knows, active or not. */
  readonly domains = new DomainList();
  /** What runs on it; only the hypervisor changes anything. */
  readonly engine: HostEngine;

  constructor(name: string, config: HostConfig, seed: number, nowMs: number) {
    this.name = name;
    this.engine = new HostEngine(name, config, seed, nowMs);
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
