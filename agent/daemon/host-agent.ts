import { join } from 'node:path';
import { Vacm } from '../access/vacm.ts';
import { MAX_DATAGRAM } from '../ber/writer.ts';
import type { Config } from '../config/schema.ts';
import type { EmulationEvent } from '../emulation/events.ts';
import type { Host } from '../emulation/host.ts';
import type { Hypervisor } from '../emulation/hypervisor.ts';
import { SnmpEngine } from '../engine/engine.ts';
import { EngineIdentity } from '../engine/identity.ts';
import type { ResponseLimits } from '../engine/responder.ts';
import type { Logging } from '../log/log.ts';
import { SnmpCounters } from '../message/counters.ts';
import { Registry } from '../mib/registry.ts';
import { Originator } from '../notify/originator.ts';
import { CommunityRows, communityMib } from '../objects/community-mib.ts';
import { DurableState } from '../objects/durable-state.ts';
import { frameworkMib } from '../objects/framework-mib.ts';
import { libvirtMib } from '../objects/libvirt-mib.ts';
import { libvirtStatsMib } from '../objects/libvirt-stats/index.ts';
import { mpdMib } from '../objects/mpd-mib.ts';
import { guestNotification, standardNotification } from '../objects/notifications.ts';
import { snmpv2Mib } from '../objects/snmpv2-mib.ts';
import { SystemSettings, type SystemValues } from '../objects/system-settings.ts';
import type { RandomOctets } from '../objects/test-and-incr.ts';
import { usmDhMib } from '../objects/usm-dh-mib.ts';
import { usmMib } from '../objects/usm-mib.ts';
import { vacmMib } from '../objects/vacm-mib.ts';
import { CommunityTable } from '../security/communities.ts';
import { SourceLimiter } from '../security/source-limiter.ts';
import { KeyDerivation } from '../security/usm/keys.ts';
import { UsmStats } from '../security/usm/stats.ts';
import { UserTable } from '../security/usm/user-table.ts';
import { Usm } from '../security/usm/usm.ts';
import { type Peer, UdpSocket } from '../transport/udp.ts';
import { VERSION } from '../util/package-info.ts';
import { communityConfigs, trapDestinations, usmUsers, vacmConfiguration } from './access.ts';
import { DropReport } from './drop-report.ts';

/**
 * sysObjectID: product 1 of this project, whose identifiers stand under Net-SNMP's arc for experiments as long
 * as no number is assigned to it (.3 leaves .0 to .2 to a module's notifications, objects and conformance).
 */
const SYS_OBJECT_ID = [1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 36957, 3, 1];
/** UDP payload that a frame of 1,500 octets carries over IPv4 and over IPv6. */
const FRAME_PAYLOAD = { ipv4: 1472, ipv6: 1452 } as const;

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
  /** Ms of the machine's clock that is never set: what SNMPv3's time and limits go by, whatever is simulated. */
  readonly monotonicMs: () => number;
  readonly randomOctets: RandomOctets;
}

/** The SNMP agent of one simulated host: its sockets, its engine, and what it tells the world. */
export class HostAgent {
  readonly host: Host;
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
  readonly #engine: SnmpEngine;
  readonly #originator: Originator;
  readonly #compat: { libvirtSnmp: boolean };
  #sockets: UdpSocket[] = [];

  constructor(options: HostAgentOptions) {
    const { hypervisor, host, config, logging } = options;
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
    const usmStats = new UsmStats();
    const others = [
      libvirtMib(hypervisor, host, this.#compat),
      libvirtStatsMib(hypervisor, host, (atMs) => this.#upTime(atMs)),
      frameworkMib(this.#identity, MAX_DATAGRAM),
      mpdMib(this.#counters),
      usmMib({
        users: this.#users,
        stats: usmStats,
        keep: durable.keep,
        randomOctets: options.randomOctets,
      }),
      usmDhMib(this.#users, durable.keep),
      vacmMib(this.#vacm, durable.keep, options.randomOctets),
      communityMib(this.#communities, this.#identity.id),
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
    this.#engine = new SnmpEngine({
      registry: new Registry([system, ...others]),
      communities: new CommunityTable(communityConfigs(config)),
      vacm: this.#vacm,
      usm: {
        usm: new Usm({ engine: this.#identity, users: this.#users, stats: usmStats }),
        engine: this.#identity,
        hasContext: (name) => this.#vacm.contexts.has(name),
      },
      counters: this.#counters,
      limits: responseLimits(config),
      logger: logging.logger('agent'),
      onAuthenticationFailure: () => this.#authenticationFailed(),
    });
    this.#originator = new Originator({
      address: options.addresses[0]!,
      vacm: this.#vacm,
      counters: this.#counters,
      logger: logging.logger('notify'),
    });
  }

  /** Where it listens. */
  get local(): readonly Peer[] {
    return this.#sockets.map((socket) => socket.local);
  }

  /** Opens the sockets and announces the start. Throws LISTEN_FAILED with nothing left open. */
  async start(): Promise<void> {
    const { addresses, port, logging, config } = this.#options;
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
    this.#originator.setDestinations(trapDestinations(config));
    this.#originator.send(standardNotification('coldStart', this.#upTime(this.#options.nowMs())));
  }

  /** Tells the world what happened on this host. */
  report(event: EmulationEvent): void {
    if (event.kind !== 'lifecycle') return;
    this.#originator.send(guestNotification(event, this.#upTime(event.atMs), this.#compat));
  }

  /** Takes over all of a configuration that needs no restart. */
  reconfigure(config: Config): void {
    this.#compat.libvirtSnmp = config.agent.compat.includes('libvirt-snmp');
    this.#settings.reconfigure(systemValues(config, this.host));
    this.#applyAccess(config);
    this.#limiter = new SourceLimiter(config.limits, this.#options.monotonicMs);
    this.#engine.communities = new CommunityTable(communityConfigs(config));
    this.#engine.limits = responseLimits(config);
    this.#originator.setDestinations(trapDestinations(config));
  }

  async stop(): Promise<void> {
    this.#drops.stop();
    await Promise.all([...this.#sockets.map((socket) => socket.close()), this.#originator.stop()]);
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
    if (answer && !socket.send(answer, from)) this.#engine.detachAnswer();
  };

  #authenticationFailed(): void {
    if (!this.#settings.values.authenTraps) return;
    this.#originator.send(standardNotification('authenticationFailure', this.#upTime(this.#options.nowMs())));
  }

  #upTime(atMs: number): number {
    return Math.floor(atMs / 10) % 0x1_0000_0000;
  }
}

function engineIdentity(
  { config: { agent }, monotonicMs, randomOctets }: HostAgentOptions,
  file: string | undefined,
): EngineIdentity {
  return new EngineIdentity({
    monotonicMs,
    randomOctets,
    ...(file !== undefined && { file }),
    ...(agent.engineId !== undefined && { id: Buffer.from(agent.engineId, 'hex') }),
  });
}

function systemValues(config: Config, host: Host): SystemValues {
  const { contact, location, name } = config.agent.system;
  return { contact, location, name: name ?? host.name, authenTraps: config.traps.authentication };
}

/** An answer that fits one frame over IPv4 is shortened where it may have to travel over IPv6. */
function responseLimits({ agent, limits }: Config): ResponseLimits {
  const { listen, maxBulkResponseSize, maxResponseSize } = agent;
  const overIpv6 = listen.some((address) => address.includes(':'));
  const tooLarge = maxBulkResponseSize > FRAME_PAYLOAD.ipv6 && maxBulkResponseSize <= FRAME_PAYLOAD.ipv4;
  return {
    bulk: overIpv6 && tooLarge ? FRAME_PAYLOAD.ipv6 : maxBulkResponseSize,
    any: maxResponseSize,
    amplification: limits.amplificationLimit ?? Number.POSITIVE_INFINITY,
  };
}
