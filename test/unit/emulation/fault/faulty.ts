import type { FaultChange } from '../../../../agent/emulation/change.ts';
import type { Domain } from '../../../../agent/emulation/domain/domain.ts';
import type { DomainConfig } from '../../../../agent/emulation/domain/domain-config.ts';
import { type AlarmEvent, type EmulationEvent, isDomainEvent } from '../../../../agent/emulation/events.ts';
import type { Host } from '../../../../agent/emulation/host/host.ts';
import { type HostConfig, hostDefaults } from '../../../../agent/emulation/host/host-config.ts';
import type { HypervisorOptions } from '../../../../agent/emulation/hypervisor.ts';
import { config, Fleet, FURNISHED, nameOfEvent } from '../fleet.ts';

type Raise = Extract<FaultChange['action'], { raise: string }>;

/** A fleet with one more host, on which guests run that things go wrong with; every event is kept, alarms apart. */
export class FaultyFleet extends Fleet {
  readonly host: Host;
  readonly all: EmulationEvent[] = [];
  readonly alarms: AlarmEvent[] = [];

  constructor(
    guests: Readonly<Record<string, Partial<DomainConfig>>>,
    host: Partial<HostConfig> = {},
    options: Partial<HypervisorOptions> = {},
  ) {
    super(options);
    this.host = this.hypervisor.addHost('host', { ...hostDefaults(options.profile ?? 'modern'), ...host });
    const configs = Object.entries(guests).map(([name, changes]) =>
      config(name, { ...FURNISHED, initialState: 'running', ...changes }),
    );
    this.hypervisor.apply({ op: 'populate', host: this.host, configs });
    this.hypervisor.onEvent((event) => {
      if (event.kind === 'alarm') this.alarms.push(event);
      else this.all.push(event);
    });
  }

  guest(name: string): Domain {
    return this.host.domains.byName(name)!;
  }

  /** Raises a fault by hand; returns its number. */
  raise(kind: Raise['raise'], target: Domain | Host, more: Partial<Raise> = {}): number {
    this.hypervisor.apply({ op: 'fault', action: { ...more, raise: kind, target } });
    return this.hypervisor.faults.at(-1)?.id ?? 0;
  }

  clear(id: number): void {
    this.hypervisor.apply({ op: 'fault', action: { clear: id } });
  }

  /** What happened since the last call: `seconds who event cause [faults]`. */
  takeAll(): string[] {
    const lines = this.all.map((event) => line(event));
    this.all.length = 0;
    return lines;
  }
}

/** An event as a line, with when, whom, why and the faults in effect. */
export function line(event: EmulationEvent): string {
  const who = isDomainEvent(event)
    ? event.name
    : event.kind === 'fault'
      ? `${event.fault.kind}@${(event.fault.domain ?? event.fault.host).name}`
      : event.host.name;
  return `${event.atMs / 1000} ${who} ${nameOfEvent(event)} ${event.cause} [${event.faults.join()}]`;
}

/** The same without the time. */
export function withoutTime(lines: readonly string[]): string[] {
  return lines.map((each) => each.replace(/^\S+ /, ''));
}
