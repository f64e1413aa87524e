import type { Vacm } from '../access/vacm.ts';
import type { Config } from '../config/schema.ts';
import type { BoundModule } from '../mib/module.ts';
import type { Registry } from '../mib/registry.ts';
import type { DurableState } from '../objects/durable-state.ts';
import { CreatorViews } from '../objects/event-mib/creator-views.ts';
import { EventRunner, type EventRunnerOptions } from '../objects/event-mib/event-runner.ts';
import { eventMib } from '../objects/event-mib/index.ts';
import { TriggerResources } from '../objects/event-mib/resources.ts';
import { EventTables } from '../objects/event-mib/tables.ts';
import { Triggers } from '../objects/event-mib/triggers.ts';
import type { VirtualClock } from '../util/clock.ts';
import type { Logger } from '../util/logger.ts';
import type { NotifyAbout } from './notifications.ts';
import { objectSetter } from './object-setter.ts';
import { eventConfiguration } from './triggers.ts';

export interface HostTriggersOptions {
  readonly config: Config;
  readonly clock: VirtualClock;
  readonly durable: DurableState;
  readonly vacm: Vacm;
  readonly logger: Logger;
  readonly send: NotifyAbout;
  /** sysUpTime at a moment of the simulation, in hundredths of a second. */
  readonly upTimeAt: (atMs: number) => number;
}

/** The triggers of one host's agent: their tables, and what is done by them once the agent serves. */
export class HostTriggers {
  /** DISMAN-EVENT-MIB. */
  readonly module: BoundModule;
  readonly #options: HostTriggersOptions;
  readonly #tables = new EventTables();
  readonly #resources = new TriggerResources();
  #triggers: Triggers | undefined;

  /** Takes over what is stored. Throws STATE_FAILED. */
  constructor(options: HostTriggersOptions) {
    const { config, durable } = options;
    this.#options = options;
    this.#tables.configure(eventConfiguration(config));
    durable.add('triggers', this.#tables);
    durable.add('triggerLimits', this.#resources);
    this.module = eventMib({
      tables: this.#tables,
      resources: this.#resources,
      keep: (change) => {
        const kept = durable.keep(change);
        const finish = () => {
          kept.finish?.();
          this.#triggers?.follow();
        };
        return { ...kept, finish };
      },
    });
  }

  /** Begins to watch the objects of a registry. */
  start(registry: Registry): void {
    const { clock, vacm, logger, upTimeAt } = this.#options;
    const tables = this.#tables;
    const resources = this.#resources;
    const views = new CreatorViews(vacm, registry);
    const upTimeCentiseconds = () => upTimeAt(clock.nowMs);
    const set = objectSetter(registry, logger);
    const send: EventRunnerOptions['send'] = (notification, { owner, name }) =>
      this.#options.send(notification, { trigger: { owner, name } });
    const runner = new EventRunner({ tables, resources, registry, views, send, set, upTimeCentiseconds });
    this.#triggers = new Triggers({ clock, tables, resources, registry, views, runner, logger });
    this.#triggers.follow();
  }

  /** Takes over another configuration. */
  reconfigure(config: Config): void {
    this.#tables.configure(eventConfiguration(config));
    this.#triggers?.follow();
  }

  stop(): void {
    this.#triggers?.stop();
    this.#triggers = undefined;
  }
}
