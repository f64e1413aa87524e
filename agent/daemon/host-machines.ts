import type { Config } from '../config/schema.ts';
import type { Domain } from '../emulation/domain/domain.ts';
import type { Host } from '../emulation/host/host.ts';
import type { BoundModule } from '../mib/module.ts';
import type { Causes } from '../objects/causes.ts';
import type { Interfaces } from '../objects/if-mib/interfaces.ts';
import { vmMib } from '../objects/vm-mib/index.ts';
import { MachineWatch } from '../objects/vm-mib/machine-watch.ts';
import { NotificationSwitches, type VmSwitches } from '../objects/vm-mib/switches.ts';
import type { VirtualClock } from '../util/clock.ts';
import type { Oid } from '../util/oid.ts';
import type { NotifyAbout } from './notifications.ts';

const MS_PER_SECOND = 1000;

export interface HostMachinesOptions {
  readonly host: Host;
  readonly clock: VirtualClock;
  readonly config: Config;
  /** Where IF-MIB is served. */
  readonly interfaces: Interfaces | undefined;
  readonly objectId: Oid;
  /** sysUpTime now, in hundredths of a second. */
  readonly upTime: () => number;
  /** Whether notifications of VM-MIB are sent at all. */
  readonly isTold: () => boolean;
  readonly send: NotifyAbout;
}

/** The virtual machines of one host as VM-MIB has them, and tells of them. */
export class HostMachines {
  readonly module: BoundModule;
  readonly #switches: NotificationSwitches;
  readonly #watch: MachineWatch;
  #windowMs: number;

  constructor(options: HostMachinesOptions) {
    const { host, clock, config, interfaces, objectId, upTime, isTold, send } = options;
    this.#switches = new NotificationSwitches(switchesOf(config));
    this.#windowMs = windowOf(config);
    this.#watch = new MachineWatch({
      host,
      clock,
      switches: this.#switches,
      upTime,
      isTold,
      windowMs: () => this.#windowMs,
      send,
    });
    this.module = vmMib({
      host,
      watch: this.#watch,
      switches: this.#switches,
      interfaces,
      objectId,
      nowMs: () => clock.nowMs,
    });
  }

  /** Domains of the host have changed. */
  hear(domains: Iterable<Domain>, causes: Causes): void {
    this.#watch.hear(domains, causes);
  }

  /** Takes over another configuration. */
  reconfigure(config: Config): void {
    this.#switches.reconfigure(switchesOf(config));
    this.#windowMs = windowOf(config);
  }

  stop(): void {
    this.#watch.stop();
  }
}

function switchesOf({ traps: { vm } }: Config): VmSwitches {
  return { perVm: vm.perGuest, bulk: vm.bulk };
}

function windowOf({ traps: { vm } }: Config): number {
  return vm.window * MS_PER_SECOND;
}
