import type { Config } from '../config/schema.ts';
import type { Host } from '../emulation/host/host.ts';
import type { Hypervisor } from '../emulation/hypervisor.ts';
import type { BoundModule } from '../mib/module.ts';
import type { Causes, Origin } from '../objects/causes.ts';
import type { DurableState } from '../objects/durable-state.ts';
import { ConfigChange, configChangeNotification } from '../objects/entity/config-change.ts';
import { Entities } from '../objects/entity/entities.ts';
import { entityMib } from '../objects/entity/index.ts';
import { OwnerNames } from '../objects/entity/owner-names.ts';
import { entitySensorMib } from '../objects/entity/sensor-mib.ts';
import type { InterfaceNumbers } from '../objects/interface-numbers.ts';
import type { NotifyAbout } from './notifications.ts';
import { ifServed } from './served-modules.ts';

const NOBODY: Origin = { events: [] };

export interface HostEntitiesOptions {
  readonly hypervisor: Hypervisor;
  readonly host: Host;
  readonly config: Config;
  readonly durable: DurableState;
  /** Absent where IF-MIB is not served. */
  readonly interfaces: InterfaceNumbers | undefined;
  readonly nowMs: () => number;
  /** sysUpTime at a simulated instant, in hundredths of a second. */
  readonly upTime: (atMs: number) => number;
  /** Whether entConfigChange is sent at all. */
  readonly isTold: () => boolean;
  readonly send: NotifyAbout;
}

/** The parts of one host as its agent serves them, and tells of them. */
export class HostEntities {
  /** ENTITY-MIB and ENTITY-SENSOR-MIB, as far as they are served. */
  readonly modules: readonly BoundModule[];
  readonly #entities: Entities;
  readonly #change: ConfigChange;
  /** What brought about that which it hears of. */
  #origin: Origin = NOBODY;

  /** Throws STATE_FAILED when what is stored of names of the parts cannot be used. */
  constructor(options: HostEntitiesOptions) {
    const { hypervisor, host, config, durable, interfaces, nowMs, upTime, isTold, send } = options;
    this.#change = new ConfigChange(hypervisor.clock, (origin) => {
      if (isTold()) send(configChangeNotification(upTime(nowMs())), origin);
    });
    this.#entities = new Entities(host, interfaces, nowMs, (cause) =>
      this.#change.note(cause ? { events: [], cause } : this.#origin),
    );
    const entities = this.#entities;
    const names = new OwnerNames();
    durable.add('entities', names);
    this.modules = [
      ...ifServed(config, 'ENTITY-MIB', () => entityMib({ entities, names, upTime, keep: durable.keep })),
      ...ifServed(config, 'ENTITY-SENSOR-MIB', () => entitySensorMib(host, entities, nowMs, upTime)),
    ];
  }

  /** The host has changed. */
  hear(causes: Causes): void {
    this.#origin = causes.ofHost();
    try {
      this.#entities.review();
    } finally {
      this.#origin = NOBODY;
    }
  }

  stop(): void {
    this.#change.stop();
  }
}
