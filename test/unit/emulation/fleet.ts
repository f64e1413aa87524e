import type { ActChange } from '../../../agent/emulation/change.ts';
import type { Domain } from '../../../agent/emulation/domain/domain.ts';
import type { DomainConfig } from '../../../agent/emulation/domain/domain-config.ts';
import { type DomainEvent, type EmulationEvent, isDomainEvent } from '../../../agent/emulation/events.ts';
import type { Host } from '../../../agent/emulation/host/host.ts';
import { Hypervisor, type HypervisorOptions } from '../../../agent/emulation/hypervisor.ts';
import { eventName, stateName } from '../../../agent/emulation/states.ts';
import { VirtualClock } from '../../../agent/util/clock.ts';
import { derivedUuid } from '../../../agent/util/uuid.ts';

/** A definition for tests: shut off, 2 GiB, two vCPUs, steady. */
export function config(name: string, changes: Partial<DomainConfig> = {}): DomainConfig {
  return {
    name,
    uuid: derivedUuid('test', name),
    type: 'kvm',
    memoryKiB: 2 * 1024 * 1024,
    currentMemoryKiB: 2 * 1024 * 1024,
    vcpus: 2,
    maxVcpus: 4,
    nics: [],
    disks: [],
    numaCells: [],
    onCrash: 'destroy',
    autostart: false,
    initialState: 'shutoff',
    load: 'steady',
    ...changes,
  };
}

/** A NIC of two queue pairs and a thin disk, for {@link config}. */
export const FURNISHED: Pick<DomainConfig, 'nics' | 'disks'> = {
  nics: [{ type: 'network', source: 'default', model: 'virtio', queues: 2 }],
  disks: [{ type: 'file', device: 'disk', target: 'vda', bus: 'virtio', source: '/images/vda.qcow2' }],
};

/** The name of an event, as in `STOPPED/DESTROYED` or `REBOOT`. */
export function nameOfEvent(event: EmulationEvent): string {
  return event.kind === 'lifecycle' ? eventName(event.event, event.detail)! : event.event;
}

/** The state of a domain, as in `RUNNING/BOOTED`. */
export function stateOf(domain: { state: number; reason: number }): string {
  return stateName(domain.state, domain.reason) ?? `${domain.state}/${domain.reason}`;
}

/** Two hosts, `one` and `two`, on a clock of their own. */
export class Fleet {
  readonly clock = new VirtualClock({ epochMs: Date.UTC(2026, 0, 5, 9) });
  readonly hypervisor: Hypervisor;
  readonly one: Host;
  readonly two: Host;
  readonly events: DomainEvent[] = [];

  constructor(options: Partial<HypervisorOptions> = {}) {
    this.hypervisor = new Hypervisor({ seed: 7, ...options, clock: this.clock });
    this.one = this.hypervisor.addHost('one');
    this.two = this.hypervisor.addHost('two');
    this.hypervisor.onEvent((event) => void (isDomainEvent(event) && this.events.push(event)));
  }

  /** Defines a domain on host `one` and forgets the event of that. */
  define(name: string, changes: Partial<DomainConfig> = {}): Domain {
    this.hypervisor.apply({ op: 'define', host: this.one, config: config(name, changes) });
    this.events.length = 0;
    return this.one.domains.byName(name)!;
  }

  /** Does something to a domain. */
  act(domain: Domain, action: ActChange['action'], options: Partial<ActChange> = {}): void {
    this.hypervisor.apply({ ...options, op: 'act', domain, action });
  }

  /** Lets seconds pass. */
  pass(seconds: number): void {
    this.clock.advanceTo(this.clock.nowMs + seconds * 1000);
  }

  /** What happened since the last call, one line for each event: host, event, state of that moment. */
  takeTrace(): string[] {
    const lines = this.events.map((event) => `${event.host.name} ${nameOfEvent(event)} ${stateOf(event)}`);
    this.events.length = 0;
    return lines;
  }
}
