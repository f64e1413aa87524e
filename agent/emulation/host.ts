import { DomainList } from './domain-list.ts';

/** One simulated hypervisor host. */
export class Host {
  /** Unique in the fleet. */
  readonly name: string;
  /** Every domain that the host knows, active or not. */
  readonly domains = new DomainList();

  constructor(name: string) {
    this.name = name;
  }
}
