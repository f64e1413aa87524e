import { join } from 'node:path';
import type { Config } from '../config/schema.ts';
import type { AlarmEvent } from '../emulation/events.ts';
import type { Host } from '../emulation/host/host.ts';
import type { Hypervisor } from '../emulation/hypervisor.ts';
import type { BoundModule } from '../mib/module.ts';
import type { Notification } from '../notify/notification.ts';
import { AlarmLog } from '../objects/alarm-mib/alarm-log.ts';
import { alarmMib, CLEAR_MAXIMUM, durableMaximum } from '../objects/alarm-mib/index.ts';
import type { DurableState } from '../objects/durable-state.ts';
import type { Logger } from '../util/logger.ts';
import { AlarmStore } from './alarm-store.ts';
import { ifServed } from './served-modules.ts';

/** What the alarms of one host are kept with. */
export interface HostAlarmsOptions {
  readonly hypervisor: Hypervisor;
  readonly host: Host;
  readonly config: Config;
  readonly durable: DurableState;
  readonly logger: Logger;
  /** Simulated ms since the simulation started. */
  readonly nowMs: number;
  /** The notification that an alarm is told by. */
  readonly notification: (event: AlarmEvent) => Notification;
  /** sysUpTime at a simulated instant, in hundredths of a second. */
  readonly upTime: (atMs: number) => number;
  readonly engineId: Uint8Array;
  /** Numeric, of the agent. */
  readonly address: string;
  /** The latest alarms that had been cleared by the instant of a snapshot, in order; present when the host is that of one. */
  readonly cleared?: readonly AlarmEvent[];
}

/** The alarms of one host: those that are up outlive the program, and ALARM-MIB shows them with the latest that were. */
export class HostAlarms {
  /** ALARM-MIB, unless it is switched off. */
  readonly modules: readonly BoundModule[];
  /** Absent without a state folder. */
  readonly #store: AlarmStore | undefined;
  readonly #log: AlarmLog;
  readonly #notification: HostAlarmsOptions['notification'];

  constructor(options: HostAlarmsOptions) {
    const { hypervisor, host, config, durable, nowMs, notification, cleared, engineId, address } = options;
    this.#store = storeOf(options);
    // The alarms of a snapshot are its own, whatever was up when the program ended.
    if (cleared) this.#store?.replace();
    else if (this.#store) hypervisor.restoreAlarms(this.#store.alarms, this.#store.lastNumber);
    const log = new AlarmLog(host, nowMs, hypervisor.clock.wallMs, notification, CLEAR_MAXIMUM);
    for (const event of cleared ?? []) log.recall(event);
    durable.add('alarms', durableMaximum(log));
    this.#log = log;
    this.#notification = notification;
    this.modules = ifServed(config, 'ALARM-MIB', () =>
      alarmMib({ host, log, engineId, address, upTime: options.upTime, keep: durable.keep }),
    );
  }

  /** To be told of each alarm of the host that comes or goes, in order. Returns the notification that tells of it. */
  hear(event: AlarmEvent): Notification {
    const told = this.#notification(event);
    this.#store?.record(event);
    this.#log.hear(event, told);
    return told;
  }

  async close(): Promise<void> {
    await this.#store?.close();
  }
}

function storeOf({ config, host, hypervisor, logger }: HostAlarmsOptions): AlarmStore | undefined {
  if (config.state === undefined) return undefined;
  const file = join(config.state, `${host.name}.alarms.journal`);
  return new AlarmStore({ file, host, epochMs: hypervisor.clock.epochMs, logger });
}
