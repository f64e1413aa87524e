import type { Vacm } from '../access/vacm.ts';
import type { SecurityLevel } from '../access/vacm-rows.ts';
import type { Config } from '../config/schema.ts';
import type { CompiledFilter } from '../notify/filter.ts';
import { LogJournal } from '../notify/notification-log/log-journal.ts';
import { type LogOwner, LogSettings } from '../notify/notification-log/log-settings.ts';
import { type LogRoom, NotificationLog } from '../notify/notification-log/notification-log.ts';
import { NotifyView } from '../notify/notify-view.ts';
import type { DurableState } from '../objects/durable-state.ts';
import type { Logger } from '../util/logger.ts';

/** The filter of the default log: it lets everything pass. */
export const LOG_FILTER = 'everything';
const OCTETS_PER_KIB = 1024;

export interface HostLogOptions {
  readonly config: Config;
  /** Where the logs outlive the program; absent without a state folder. */
  readonly file: string | undefined;
  readonly durable: DurableState;
  readonly vacm: Vacm;
  /** The filter of this name in snmpNotifyFilterTable. */
  readonly filter: (name: string) => CompiledFilter | undefined;
  readonly wallMs: () => number;
  readonly logger: Logger;
}

/** The notification logs of one host's agent, with what managers may set of them. */
export class HostLog {
  readonly settings = new LogSettings();
  readonly log: NotificationLog;

  /** Takes over what is stored. Throws STATE_FAILED. */
  constructor({ config, file, durable, vacm, filter, wallMs, logger }: HostLogOptions) {
    this.settings.configure(config.notificationLog, LOG_FILTER);
    durable.add('notificationLog', this.settings);
    const views = new WeakMap<LogOwner, NotifyView>();
    this.log = new NotificationLog({
      settings: this.settings,
      filter,
      mayKnow: (owner, notification) => {
        const securityLevel = owner.securityLevel as SecurityLevel;
        const view = views.get(owner) ?? new NotifyView(vacm, { ...owner, securityLevel, contextName: '' });
        views.set(owner, view);
        return view.holds(notification);
      },
      wallMs,
      room: room(config),
      ...(file !== undefined && { journal: new LogJournal({ file, logger }) }),
    });
  }

  /** Takes over all of a configuration. */
  reconfigure(config: Config): void {
    this.settings.configure(config.notificationLog, LOG_FILTER);
    this.log.room = room(config);
    this.log.settle();
  }
}

function room({ notificationLog: { entries, size } }: Config): LogRoom {
  return { entries, octets: size * OCTETS_PER_KIB };
}
