import { join } from 'node:path';
import { Vacm } from '../access/vacm.ts';
import type { Config } from '../config/schema.ts';
import type { NotificationList } from '../control/notification-list.ts';
import type { AlarmEvent, EmulationEvent } from '../emulation/events.ts';
import type { Host } from '../emulation/host/host.ts';
import type { Hypervisor } from '../emulation/hypervisor.ts';
import { SnmpEngine } from '../engine/engine.ts';
import { EngineIdentity } from '../engine/identity.ts';
import type { SentNotification } from '../eventlog/record.ts';
import type { Logging } from '../log/log.ts';
import { SnmpCounters } from '../message/counters.ts';
import { Registry } from '../mib/registry.ts';
import type { Notification } from '../notify/notification.ts';
import type { DeliveryReport } from '../notify/target.ts';
import { Causes } from '../objects/causes.ts';
import { CommunityRows } from '../objects/community-mib.ts';
import { DurableState } from '../objects/durable-state.ts';
import { hostResourcesMib } from '../objects/host-resources/index.ts';
import { libvirtMib } from '../objects/libvirt-mib.ts';
import { libvirtStatsMib } from '../objects/libvirt-stats/index.ts';
import { lvsNotification } from '../objects/libvirt-stats/notifications/index.ts';
import { snmpv2Mib } from '../objects/snmpv2-mib.ts';
import { SystemSettings } from '../objects/system-settings.ts';
import type { RandomOctets } from '../objects/test-and-incr.ts';
import { CommunityTable } from '../security/communities.ts';
import { SourceLimiter } from '../security/source-limiter.ts';
import { KeyDerivation } from '../security/usm/keys.ts';
import { UsmStats } from '../security/usm/stats.ts';
import { UserTable } from '../security/usm/user-table.ts';
import { Usm } from '../security/usm/usm.ts';
import { type Peer, UdpSocket } from '../transport/udp.ts';
import { VERSION } from '../util/package-info.ts';
import { communityConfigs, usmUsers, vacmConfiguration } from './access.ts';
import { responseLimits, systemValues } from './agent-settings.ts';
import { DropReport } from './drop-report.ts';
import { frameworkModules } from './framework-modules.ts';
import { HostAlarms } from './host-alarms.ts';
import { HostEntities } from './host-entities.ts';
import { HostInterfaces } from './host-interfaces.ts';
import { HostMachines } from './host-machines.ts';
import { HostTriggers } from './host-triggers.ts';
import { HostNotifications, type NotifyAbout, type RecordNotification } from './notifications.ts';
import { ifServed } from './served-modules.ts';

/**
 * sysObjectID: product 1 of this project, whose identifiers stand under Net-SNMP's arc for experiments as long
 * as no number is assigned to it (.3 leaves .0 to .2 to a module's notifications, objects and conformance).
 */
const SYS_OBJECT_ID = [1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 36957, 3, 1];

export interface HostAgentOptions {
  readonly hypervisor: Hypervisor;
  readonly host: Host;
  readonly config: Config;
  /** Numeric addresses to listen on. */
  readonly addresses: readonly string[];
  readonly port: number;
  readonly logging: Logging;
  /** Brings the virtual clock up to the present, before anything is read. */
  readonly sync: () => void;
  /** Simulated ms since the simulation started. */
  readonly nowMs: () => number;
  /** The simulated date, in ms since 1970. */
  readonly wallMs: () => number;
  /** Ms of the machine's clock that is never set: what SNMPv3's time and limits go by, whatever is simulated. */
  readonly monotonicMs: () => number;
  readonly randomOctets: RandomOctets;
  /** Hears each notification. */
  readonly onNotification: (notification: Notification, id: number) => void;
  /** Sends a notification that is not an event's own, and keeps for the record that it was sent. */
  readonly record: RecordNotification;
  /** Hears what became of each notification. */
  readonly onDelivery?: (report: DeliveryReport) => void;
  /** Where it is kept how each notification fares. */
  readonly notifications: NotificationList;
  /** Present when the host is that of a snapshot. */
  readonly restored?: RestoredHost;
}

/** What an agent goes on from when its host is that of a snapshot. */
export interface RestoredHost {
  /** Simulated ms of the snapshot's instant. */
  readonly atMs: number;
  /** The latest alarms of the host that had been cleared by then, in order. */
  readonly cleared: readonly AlarmEvent[];
  /** The agent of the same name that has stopped for it. */
  readonly previous: HostAgent | undefined;
}

/** The SNMP agent of one simulated host: its sockets, its engine, and what it tells the world. */
export class HostAgent {
  readonly host: Host;
  /** All objects that it serves. */
  readonly registry: Registry;
  readonly #options: HostAgentOptions;
  readonly #counters = new SnmpCounters();
  readonly #settings: SystemSettings;
  readonly #vacm = new Vacm();
  readonly #communities = new CommunityRows();
  readonly #identity: EngineIdentity;
  readonly #users = new UserTable();
  readonly #keys = new KeyDerivation();
  #limiter: SourceLimiter;
  readonly #drops: DropReport;
  readonly #alarms: HostAlarms;
  readonly #engine: SnmpEngine;
  readonly #notifications: HostNotifications;
  /** Absent where IF-MIB is not served. */
  readonly #interfaces: HostInterfaces | undefined;
  /** Absent where VM-MIB is not served. */
  readonly #machines: HostMachines | undefined;
  readonly #entities: HostEntities;
  readonly #triggers: HostTriggers | undefined;
  readonly #unlisten: () => void;
  readonly #compat: { libvirtSnmp: boolean };
  #sockets: UdpSocket[] = [];
  #port: number | undefined;

  constructor(options: HostAgentOptions) {
    const { hypervisor, host, config, logging } = options;
    const upTime = (atMs: number) => this.#upTime(atMs);
    const send: NotifyAbout = (notification, origin) => this.#notifications.send(notification, origin);
    this.#options = options;
    this.host = host;
    this.#compat = { libvirtSnmp: config.agent.compat.includes('libvirt-snmp') };
    const stateFile = (name: string) =>
      config.state === undefined ? undefined : join(config.state, `${host.name}.${name}.json`);
    this.#settings = new SystemSettings(systemValues(config, host));
    const durable = new DurableState(stateFile('snmp'));
    durable.add('system', this.#settings);
    this.#identity = engineIdentity(options, stateFile('engine'));
    this.#limiter = new SourceLimiter(config.limits, options.monotonicMs);
    this.#drops = new DropReport(logging.logger('agent'));
    this.#applyAccess(config);
    durable.add('access', this.#vacm);
    durable.add('users', this.#users);
    this.#alarms = new HostAlarms({
      hypervisor,
      host,
      config,
      durable,
      logger: logging.logger('agent'),
      nowMs: options.nowMs(),
      notification: (event) => lvsNotification(event, upTime(event.atMs), this.#compat)!,
      upTime,
      engineId: this.#identity.id,
      address: options.addresses[0]!,
      ...(options.restored && { cleared: options.restored.cleared }),
    });
    const usmStats = new UsmStats();
    const usm = new Usm({ engine: this.#identity, users: this.#users, stats: usmStats });
    this.#notifications = new HostNotifications({
      host,
      config,
      address: options.addresses[0]!,
      port: options.port,
      vacm: this.#vacm,
      counters: this.#counters,
      durable,
      identity: this.#identity,
      usm,
      users: this.#users,
      keys: this.#keys,
      randomOctets: options.randomOctets,
      logger: logging.logger('notify'),
      compat: this.#compat,
      upTimeAt: upTime,
      nowMs: options.nowMs,
      wallMs: options.wallMs,
      onNotification: options.onNotification,
      record: options.record,
      ...(options.onDelivery && { onDelivery: options.onDelivery }),
      list: options.notifications,
    });
    if (config.agent.modules['IF-MIB']) {
      this.#interfaces = new HostInterfaces({
        hypervisor,
        host,
        config,
        durable,
        logger: logging.logger('agent'),
        nowMs: options.nowMs,
        upTimeAt: upTime,
        isTold: () => this.#notifications.tells('if'),
        send,
      });
    }
    const interfaces = this.#interfaces?.interfaces;
    if (config.agent.modules['VM-MIB']) {
      this.#machines = new HostMachines({
        host,
        clock: hypervisor.clock,
        config,
        interfaces,
        objectId: SYS_OBJECT_ID,
        upTime: () => this.#upTime(options.nowMs()),
        isTold: () => this.#notifications.tells('vm'),
        send,
      });
    }
    this.#entities = new HostEntities({
      hypervisor,
      host,
      config,
      durable,
      interfaces,
      nowMs: options.nowMs,
      upTime,
      isTold: () => this.#notifications.tells('entity'),
      send,
    });
    this.#unlisten = hypervisor.onSettled((domains, hosts, events, cause) => {
      if (!hosts.includes(host)) return;
      const causes = new Causes(events, host, cause);
      this.#interfaces?.hear(domains, causes);
      this.#machines?.hear(domains, causes);
      this.#entities.hear(causes);
    });
    if (config.agent.modules['DISMAN-EVENT-MIB']) {
      this.#triggers = new HostTriggers({
        config,
        clock: hypervisor.clock,
        durable,
        vacm: this.#vacm,
        logger: logging.logger('agent'),
        upTimeAt: upTime,
        send,
      });
    }
    const others = [
      ...ifServed(config, 'LIBVIRT-MIB', () => libvirtMib(hypervisor, host, this.#compat)),
      ...ifServed(config, 'LIBVIRT-STATS-MIB', () => libvirtStatsMib(hypervisor, host, upTime)),
      ...ifServed(config, 'HOST-RESOURCES-MIB', () => hostResourcesMib(hypervisor, host, interfaces, upTime)),
      ...this.#entities.modules,
      ...frameworkModules({
        identity: this.#identity,
        counters: this.#counters,
        users: this.#users,
        usmStats,
        vacm: this.#vacm,
        communities: this.#communities,
        notifications: this.#notifications,
        durable,
        randomOctets: options.randomOctets,
      }),
      ...this.#notifications.modules,
      ...this.#alarms.modules,
      ...(this.#interfaces ? [this.#interfaces.module] : []),
      ...(this.#machines ? [this.#machines.module] : []),
      ...(this.#triggers ? [this.#triggers.module] : []),
    ];
    const system = snmpv2Mib(
      {
        descr: config.agent.system.descr ?? `virtsnmp ${VERSION}, simulated libvirt host ${host.name}`,
        objectId: SYS_OBJECT_ID,
        settings: this.#settings,
        durable,
        counters: this.#counters,
        upTimeCentiseconds: () => this.#upTime(options.nowMs()),
        randomOctets: options.randomOctets,
      },
      others,
    );
    this.registry = new Registry([system, ...others]);
    this.#engine = new SnmpEngine({
      registry: this.registry,
      communities: new CommunityTable(communityConfigs(config)),
      vacm: this.#vacm,
      usm: {
        usm,
        engine: this.#identity,
        hasContext: (name) => this.#vacm.contexts.has(name),
      },
      counters: this.#counters,
      limits: responseLimits(config),
      logger: logging.logger('agent'),
      onAuthenticationFailure: () => this.#authenticationFailed(),
    });
  }

  /** What it has received, sent and dropped. */
  get counters(): SnmpCounters {
    return this.#counters;
  }

  /** Who its SNMP engine is. */
  get identity(): EngineIdentity {
    return this.#identity;
  }

  /** The UDP port that it listens on, or did; `undefined` before the start. */
  get port(): number | undefined {
    return this.#port;
  }

  /** Where it listens. */
  get local(): readonly Peer[] {
    return this.#sockets.map((socket) => socket.local);
  }

  /** Opens the sockets and announces the start. Throws LISTEN_FAILED with nothing left open. */
  async start(): Promise<void> {
    const { addresses, port, logging } = this.#options;
    const logger = logging.logger('transport');
    try {
      for (const address of addresses) {
        // With port 0 the first socket chooses, and the others follow.
        const wanted = port === 0 ? (this.#sockets[0]?.local.port ?? 0) : port;
        const onDatagram = this.#receive;
        this.#sockets.push(await UdpSocket.open({ address, port: wanted, logger, onDatagram }));
      }
    } catch (thrown) {
      await this.stop();
      throw thrown;
    }
    this.#port = this.#sockets[0]?.local.port;
    this.#notifications.start();
    this.#triggers?.start(this.registry);
  }

  /** Tells the world what happened on this host, and returns by which notifications. */
  report(event: EmulationEvent): SentNotification[] {
    const told = event.kind === 'alarm' ? this.#alarms.hear(event) : undefined;
    return this.#notifications.report(event, told);
  }

  /** Takes over all of a configuration that needs no restart. */
  reconfigure(config: Config): void {
    this.#compat.libvirtSnmp = config.agent.compat.includes('libvirt-snmp');
    this.#settings.reconfigure(systemValues(config, this.host));
    this.#applyAccess(config);
    this.#limiter = new SourceLimiter(config.limits, this.#options.monotonicMs);
    this.#engine.communities = new CommunityTable(communityConfigs(config));
    this.#engine.limits = responseLimits(config);
    this.#notifications.reconfigure(config);
    this.#triggers?.reconfigure(config);
    this.#machines?.reconfigure(config);
  }

  async stop(): Promise<void> {
    this.#drops.stop();
    this.#unlisten();
    this.#machines?.stop();
    this.#triggers?.stop();
    this.#entities.stop();
    await Promise.all([
      ...this.#sockets.map((socket) => socket.close()),
      this.#notifications.stop(),
      this.#alarms.close(),
      this.#interfaces?.close(),
    ]);
    this.#sockets = [];
  }

  /** Users and rights are those of the configuration. */
  #applyAccess(config: Config): void {
    const { id } = this.#identity;
    this.#users.configure(usmUsers(config, id, this.#keys));
    this.#vacm.configure(vacmConfiguration(config));
    this.#communities.show(communityConfigs(config));
  }

  readonly #receive = (datagram: Uint8Array, from: Peer, socket: UdpSocket): void => {
    if (!this.#limiter.admit(from.address)) {
      this.#counters.rateLimited++;
      this.#drops.add(from.address);
      return;
    }
    this.#options.sync();
    const answer = this.#engine.process(datagram, from);
    if (!answer) return;
    this.#notifications.flush();
    if (!socket.send(answer, from)) this.#engine.detachAnswer();
  };

  #authenticationFailed(): void {
    if (!this.#settings.values.authenTraps) return;
    this.#notifications.authenticationFailed();
  }

  /**
   * sysUpTime at a moment: since the agent began, which is not when its host's simulation began if that comes from
   * a snapshot (RFC 3418 section 2); what happened before was at 0 (RFC 2579 section 2, TimeStamp).
   */
  #upTime(atMs: number): number {
    const sinceMs = Math.max(0, atMs - (this.#options.restored?.atMs ?? 0));
    return Math.floor(sinceMs / 10) % 0x1_0000_0000;
  }
}

function engineIdentity(
  { config: { agent }, restored, monotonicMs, randomOctets }: HostAgentOptions,
  file: string | undefined,
): EngineIdentity {
  return new EngineIdentity({
    monotonicMs,
    randomOctets,
    ...(file !== undefined && { file }),
    ...(restored?.previous && { previous: restored.previous.identity }),
    ...(agent.engineId !== undefined && { id: Buffer.from(agent.engineId, 'hex') }),
  });
}
