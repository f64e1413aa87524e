import { join } from 'node:path';
import type { Config } from '../config/schema.ts';
import type { Domain } from '../emulation/domain/domain.ts';
import type { Host } from '../emulation/host/host.ts';
import type { Hypervisor } from '../emulation/hypervisor.ts';
import type { BoundModule } from '../mib/module.ts';
import type { Causes } from '../objects/causes.ts';
import type { DurableState } from '../objects/durable-state.ts';
import { ifMib } from '../objects/if-mib/index.ts';
import { InterfaceIndexes } from '../objects/if-mib/interface-indexes.ts';
import { InterfaceSettings } from '../objects/if-mib/interface-settings.ts';
import { Interfaces } from '../objects/if-mib/interfaces.ts';
import { LinkWatch } from '../objects/if-mib/notifications.ts';
import { SetTransaction } from '../objects/set-transaction.ts';
import type { Logger } from '../util/logger.ts';
import { InterfaceStore } from './interface-store.ts';
import type { NotifyAbout } from './notifications.ts';

export interface HostInterfacesOptions {
  readonly hypervisor: Hypervisor;
  readonly host: Host;
  readonly config: Config;
  readonly durable: DurableState;
  readonly logger: Logger;
  readonly nowMs: () => number;
  /** sysUpTime at a simulated instant, in hundredths of a second. */
  readonly upTimeAt: (atMs: number) => number;
  /** Whether linkUp and linkDown are sent at all. */
  readonly isTold: () => boolean;
  readonly send: NotifyAbout;
}

/** The interfaces of one host as its agent serves them, and tells of them. */
export class HostInterfaces {
  readonly interfaces: Interfaces;
  readonly module: BoundModule;
  /** Absent without a state folder. */
  readonly #store: InterfaceStore | undefined;
  readonly #watch: LinkWatch;

  /** Throws STATE_FAILED when what is stored of interfaces cannot be used. */
  constructor(options: HostInterfacesOptions) {
    const { hypervisor, host, config, durable, logger, nowMs, isTold } = options;
    const upTime = (atMs: number) => options.upTimeAt(Math.max(0, atMs));
    this.#store =
      config.state === undefined
        ? undefined
        : new InterfaceStore(join(config.state, `${host.name}.interfaces.journal`), logger);
    const settings = new InterfaceSettings();
    durable.add('interfaces', settings);
    this.interfaces = new Interfaces(host, new InterfaceIndexes(this.#store), nowMs, (one) =>
      settings.gone(one),
    );
    this.module = ifMib({
      host,
      interfaces: this.interfaces,
      settings,
      transaction: SetTransaction.of(hypervisor),
      keep: durable.keep,
      nowMs,
      upTime,
    });
    this.#watch = new LinkWatch({
      interfaces: this.interfaces,
      settings,
      upTime: () => upTime(nowMs()),
      isTold,
      send: options.send,
    });
  }

  /** Domains of the host have changed, or the host itself. */
  hear(domains: Iterable<Domain>, causes: Causes): void {
    this.#watch.hear(domains, causes);
  }

  async close(): Promise<void> {
    await this.#store?.close();
  }
}
