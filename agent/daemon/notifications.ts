import { join } from 'node:path';
import type { Vacm } from '../access/vacm.ts';
import type { Config } from '../config/schema.ts';
import type { NotificationList } from '../control/notification-list.ts';
import type { EmulationEvent } from '../emulation/events.ts';
import type { Host } from '../emulation/host/host.ts';
import type { EngineIdentity } from '../engine/identity.ts';
import type { NotificationOrigin, SentNotification, ToldNotification } from '../eventlog/record.ts';
import type { SnmpCounters } from '../message/counters.ts';
import type { BoundModule } from '../mib/module.ts';
import { Journal } from '../notify/journal.ts';
import type { Notification } from '../notify/notification.ts';
import { Originator } from '../notify/originator.ts';
import type { DeliveryReport, DeliveryStep } from '../notify/target.ts';
import { TargetTables } from '../notify/target-tables.ts';
import { writeTransportAddress } from '../notify/transport-address.ts';
import type { DurableState } from '../objects/durable-state.ts';
import { configChangeNotification } from '../objects/entity/config-change.ts';
import { lvsNotificationsLost } from '../objects/libvirt-stats/notifications/index.ts';
import type { Keep } from '../objects/managed-binding.ts';
import { notificationLogMib } from '../objects/notification-log/index.ts';
import { notificationMib } from '../objects/notification-mib.ts';
import {
  eventNotifications,
  type NotificationFamily,
  notificationName,
  standardNotification,
} from '../objects/notifications.ts';
import { targetMib } from '../objects/target-mib.ts';
import type { RandomOctets } from '../objects/test-and-incr.ts';
import type { KeyDerivation } from '../security/usm/keys.ts';
import type { UsmUser } from '../security/usm/user.ts';
import type { UserTable } from '../security/usm/user-table.ts';
import type { Usm } from '../security/usm/usm.ts';
import type { Logger } from '../util/logger.ts';
import { usmUserAt } from './access.ts';
import { HostLog } from './notification-log.ts';
import { changeOf, queuedNotification } from './notification-steps.ts';
import { ifServed, toldFamilies } from './served-modules.ts';
import { communitiesByName, targetConfiguration } from './targets.ts';

/** Has a notification sent by `send`, which returns its number, and keeps for the record what it was. */
export type RecordNotification = (told: ToldNotification, send: () => number) => void;

/** Sends a notification that is not an event's own, with where it comes from. */
export type NotifyAbout = (notification: Notification, origin: NotificationOrigin) => void;

export interface HostNotificationsOptions {
  readonly host: Host;
  readonly config: Config;
  /** The agent's own numeric address. */
  readonly address: string;
  /** UDP port that it listens on, by the configuration. */
  readonly port: number;
  readonly vacm: Vacm;
  readonly counters: SnmpCounters;
  readonly durable: DurableState;
  readonly identity: EngineIdentity;
  readonly usm: Usm;
  readonly users: UserTable;
  readonly keys: KeyDerivation;
  readonly randomOctets: RandomOctets;
  readonly logger: Logger;
  /** libvirt-snmp's way, see {@link eventNotifications}. */
  readonly compat: { readonly libvirtSnmp: boolean };
  /** sysUpTime at a moment of the simulation, in hundredths of a second. */
  readonly upTimeAt: (atMs: number) => number;
  /** Simulated ms since the simulation started. */
  readonly nowMs: () => number;
  /** The simulated date, in ms since 1970. */
  readonly wallMs: () => number;
  /** Hears each notification. */
  readonly onNotification: (notification: Notification, id: number) => void;
  /** Sends a notification that is not an event's own, and keeps for the record that it was sent. */
  readonly record: RecordNotification;
  /** Hears what became of each notification. */
  readonly onDelivery?: (report: DeliveryReport) => void;
  /** Where it is kept how each notification fares. */
  readonly list: NotificationList;
}

/** What one agent tells the world, and whom: its targets, its originator, its log, and what becomes notifications. */
export class HostNotifications {
  readonly tables = new TargetTables();
  /** SNMP-TARGET-MIB, SNMP-NOTIFICATION-MIB and, if it is served, NOTIFICATION-LOG-MIB. */
  readonly modules: readonly BoundModule[];
  /** Makes what managers change of the tables outlive the program, and count. */
  readonly keep: Keep;
  readonly #options: HostNotificationsOptions;
  readonly #originator: Originator;
  readonly #log: HostLog;
  #config: Config;
  #families: readonly NotificationFamily[];
  #started = false;
  /** The event that is being told. */
  #event: EmulationEvent | undefined;
  /** Number of the event that the notification tells of which is being sent. */
  #sequence: number | undefined;
  /** The state of the tables that the originator's targets are of. */
  #changes = -1;
  /** The latest date that was told, in ms since 1970 and as text. */
  #timeMs = Number.NaN;
  #timeText = '';

  /** Throws STATE_FAILED when the journal of informs cannot be used. */
  constructor(options: HostNotificationsOptions) {
    const { config, host, durable, counters, randomOctets, vacm, address, logger, identity, usm } = options;
    this.#options = options;
    this.#config = config;
    this.#families = toldFamilies(config, config);
    this.tables.configure(targetConfiguration(config));
    durable.add('targets', this.tables);
    this.keep = (change) => {
      const kept = durable.keep(change);
      const finish = () => {
        kept.finish?.();
        this.#retarget();
      };
      return { ...kept, finish };
    };
    this.#log = new HostLog({
      config,
      file: config.state === undefined ? undefined : join(config.state, `${host.name}.notifications.journal`),
      durable,
      vacm,
      filter: (name) => this.tables.filter(name),
      wallMs: options.wallMs,
      logger,
    });
    this.modules = [
      targetMib(this.tables, counters, this.keep, randomOctets),
      notificationMib(this.tables, this.keep),
      ...ifServed(config, 'NOTIFICATION-LOG-MIB', () =>
        notificationLogMib({
          ...this.#log,
          engineId: identity.id,
          address: writeTransportAddress({ host: address, port: options.port }),
          keep: durable.keep,
        }),
      ),
    ];
    this.#originator = new Originator({
      address,
      vacm,
      counters,
      logger,
      journal: new Journal({
        logger,
        ...(config.state !== undefined && { folder: join(config.state, `${host.name}.informs`) }),
      }),
      engine: { id: identity.id, usm },
      userAt: (engineId, name) => this.#userAt(engineId, name),
      onDrained: (target, lost) => this.#tellLost(target, lost),
    });
    if (options.onDelivery) this.#originator.onDelivery(options.onDelivery);
    const { list } = options;
    this.#originator.onStep((step) => this.#keepStep(list, step));
  }

  /** Takes up what was not acknowledged before, and announces the start. */
  start(): void {
    this.#started = true;
    this.#retarget();
    this.#tell('coldStart');
  }

  /**
   * Tells of an event of the simulation, and returns by which notifications. `stats`: that of LIBVIRT-STATS-MIB,
   * where it has been made already.
   */
  report(event: EmulationEvent, stats?: Notification): SentNotification[] {
    const { compat, upTimeAt } = this.#options;
    const options = { ...compat, families: this.#families, stats };
    this.#event = event;
    try {
      return eventNotifications(event, upTimeAt(event.atMs), options).map((notification) => ({
        name: notificationName(notification),
        id: this.#send(notification),
      }));
    } finally {
      this.#event = undefined;
    }
  }

  /** Whether notifications of a family are sent. */
  tells(family: NotificationFamily): boolean {
    return this.#families.includes(family);
  }

  /** Tells of a message that was not properly authenticated. */
  authenticationFailed(): void {
    this.#tell('authenticationFailure');
  }

  /** Tells that the parts of the host are others than before. */
  configChanged(): void {
    const { upTimeAt, nowMs } = this.#options;
    if (this.#families.includes('entity')) this.send(configChangeNotification(upTimeAt(nowMs())));
  }

  /** Sends a notification that is not an event's own; without an origin, the agent tells of itself. */
  send(notification: Notification, origin: NotificationOrigin = {}): void {
    const { record } = this.#options;
    const eventSequence = origin.events?.at(-1);
    const whole = eventSequence === undefined ? notification : { ...notification, eventSequence };
    record({ ...origin, name: notificationName(whole) }, () => this.#send(whole));
  }

  /** Logs a notification if there is a log, whoever is told of it, and sends it to whom it is for; see {@link Originator.send}. */
  #send(notification: Notification): number {
    if (this.#options.config.agent.modules['NOTIFICATION-LOG-MIB']) this.#log.log.add(notification);
    this.#sequence = notification.eventSequence;
    const id = this.#originator.send(notification);
    this.#sequence = undefined;
    this.#options.onNotification(notification, id);
    return id;
  }

  /** Takes over another configuration. */
  reconfigure(config: Config): void {
    this.#config = config;
    // Which modules are served is decided at the start.
    this.#families = toldFamilies(config, this.#options.config);
    this.tables.configure(targetConfiguration(config));
    this.#log.reconfigure(config);
    // Communities may have changed where no row has.
    this.#changes = -1;
    this.#retarget();
  }

  /** Makes what was sent so far outlive the program, before anybody hears of what caused it. */
  flush(): void {
    this.#originator.flush();
    this.#log.log.flush();
  }

  async stop(): Promise<void> {
    this.#started = false;
    await Promise.all([this.#originator.stop(), this.#log.log.close()]);
  }

  #keepStep(list: NotificationList, step: DeliveryStep): void {
    const { host } = this.#options;
    const time = this.#time();
    if (step.state === 'queued')
      list.add(queuedNotification(step, host.name, time, this.#sequence, this.#event));
    else list.change(host.name, step.target.name, step.notificationId, changeOf(step, time));
  }

  /** The simulated date, RFC 3339. A storm of notifications shares one text. */
  #time(): string {
    const wallMs = this.#options.wallMs();
    if (wallMs !== this.#timeMs) {
      this.#timeMs = wallMs;
      this.#timeText = new Date(wallMs).toISOString();
    }
    return this.#timeText;
  }

  #tell(name: 'coldStart' | 'authenticationFailure'): void {
    const { upTimeAt, nowMs } = this.#options;
    this.send(standardNotification(name, upTimeAt(nowMs())));
  }

  /** Whoever lost something is told how much, once he hears again. */
  #tellLost(target: string, lost: number): void {
    const { upTimeAt, nowMs, host } = this.#options;
    if (!this.tells('stats')) return;
    this.send(lvsNotificationsLost(host, target, lost, upTimeAt(nowMs())));
  }

  #retarget(): void {
    if (!this.#started || this.#changes === this.tables.changes) return;
    this.#changes = this.tables.changes;
    const communities = communitiesByName(this.#config);
    this.#originator.setTargets(this.tables.targets((name) => communities.get(name)));
  }

  /** A user of usmUserTable, or for a receiver's engine one of the configuration, whose passwords are known. */
  #userAt(engineId: Uint8Array, securityName: string): UsmUser | undefined {
    const { users, keys, identity } = this.#options;
    const known = users.find(engineId, Buffer.from(securityName, 'utf8'));
    if (known || Buffer.compare(engineId, identity.id) === 0) return known;
    return usmUserAt(this.#config, securityName, engineId, keys);
  }
}
