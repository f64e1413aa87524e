import { DomainList } from './domain-list.ts';
import { HostEngine } from './host-engine.ts';
import type { HostCpu } from './vcpu/host-cpu.ts';
import type { KernelProfile } from './vcpu/vcpu-config.ts';

/** One simulated hypervisor host. */
export class Host {
  /** Unique in the fleet. */
  readonly name: string;
  /** Every domain that the host knows, active or not. */
  readonly domains = new DomainList();
  /** What runs on it; only the hypervisor changes anything. */
  readonly engine: HostEngine;

  constructor(name: string, profile: KernelProfile) {
    this.name = name;
    this.engine = new HostEngine(profile);
  }

  /** Its processors: how many, how they are shared, what each has done. */
  get cpu(): HostCpu {
    return this.engine.cpu;
  }
}
