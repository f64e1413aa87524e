import type { Alarm, AlarmKind } from '../../../../agent/emulation/alarm/alarm.ts';
import { alarmSettings } from '../../../../agent/emulation/alarm/settings.ts';
import type { Domain } from '../../../../agent/emulation/domain/domain.ts';
import type { DomainConfig } from '../../../../agent/emulation/domain/domain-config.ts';
import type { AlarmEvent } from '../../../../agent/emulation/events.ts';
import type { Host } from '../../../../agent/emulation/host/host.ts';
import { type HostConfig, hostDefaults } from '../../../../agent/emulation/host/host-config.ts';
import { config, Fleet, FURNISHED } from '../fleet.ts';

const GIB_KIB = 2 ** 20;

/** A host with domains that run, whose alarms are written down. */
export class Watched {
  readonly fleet: Fleet;
  readonly host: Host;
  readonly events: AlarmEvent[] = [];

  constructor(
    guests: Readonly<Record<string, Partial<DomainConfig>>>,
    host: Partial<HostConfig> = {},
    settings: Parameters<typeof alarmSettings>[0] = {},
  ) {
    this.fleet = new Fleet({ alarms: alarmSettings(settings) });
    this.fleet.hypervisor.onEvent((event) => {
      if (event.kind === 'alarm' && event.host === this.host) this.events.push(event);
    });
    this.host = this.fleet.hypervisor.addHost('host', { ...hostDefaults('modern'), ...host });
    const configs = Object.entries(guests).map(([name, changes]) =>
      config(name, { ...FURNISHED, initialState: 'running', ...changes }),
    );
    this.fleet.hypervisor.apply({ op: 'populate', host: this.host, configs });
  }

  of(name: string): Domain {
    return this.host.domains.byName(name)!;
  }

  /** What is up of a kind. */
  up(kind: AlarmKind): readonly Alarm[] {
    return this.host.alarms.active.filter((alarm) => alarm.kind === kind);
  }

  /** Lets time pass, second by second, until something is so; how many seconds that took. */
  until(isSo: () => boolean, seconds = 3600): number {
    for (let i = 0; i < seconds; i++) {
      if (isSo()) return i;
      this.fleet.pass(1);
    }
    throw new Error(`it did not come to that in ${seconds} s`);
  }

  /** The alarms of a kind that came and went, in order. */
  story(kind: AlarmKind): string[] {
    return this.events.filter(({ alarm }) => alarm.kind === kind).map(({ event }) => event);
  }
}

/** A host of few processors. */
export function fewCpus(cores: number): Partial<HostConfig> {
  const { cpu } = hostDefaults('modern');
  return { cpu: { ...cpu, sockets: 1, cores, threads: 1, nodes: 1 }, grows: false };
}

/** A host of so much memory on each node, and no swap. */
export function smallMemory(
  nodesGiB: readonly number[],
  changes: Partial<HostConfig['memory']> = {},
): Partial<HostConfig> {
  const { memory } = hostDefaults('modern');
  const nodesKiB = nodesGiB.map((gib) => gib * GIB_KIB);
  return {
    memory: { ...memory, nodesKiB, hostUseKiB: 0, swapKiB: 0, ...changes },
    grows: false,
  };
}

/** A host whose only pool has so many GiB. */
export function smallPool(gib: number): Partial<HostConfig> {
  const [pool] = hostDefaults('modern').pools;
  return { pools: [{ ...pool!, capacityBytes: gib * 2 ** 30 }], grows: false };
}

/** A disk whose guest only writes, and new places all the time. */
export const WRITING: Pick<DomainConfig, 'disks'> = {
  disks: [
    {
      ...FURNISHED.disks[0]!,
      capacityBytes: 16 * 2 ** 30,
      work: { workingSetBytes: 8 * 2 ** 30, readShare: 0, writeBytes: 65_536 },
      requestsPerSecond: 1000,
    },
  ],
};
