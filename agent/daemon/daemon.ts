import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { needsRestart, onRunningHosts } from '../config/diff.ts';
import { type HostListeners, hostListeners } from '../config/listeners.ts';
import type { Config } from '../config/schema.ts';
import { createApp } from '../control/app.ts';
import type { ControlContext, SnapshotControl } from '../control/context.ts';
import type { MibSource } from '../control/mib-source.ts';
import { NotificationList } from '../control/notification-list.ts';
import type { ControlServer } from '../control/server.ts';
import { alarmSettings } from '../emulation/alarm/settings.ts';
import type { EmulationEvent } from '../emulation/events.ts';
import type { Host } from '../emulation/host/host.ts';
import type { Hypervisor } from '../emulation/hypervisor.ts';
import { EventLog } from '../eventlog/event-log.ts';
import type { Logging } from '../log/log.ts';
import type { Registry } from '../mib/registry.ts';
import type { Notification } from '../notify/notification.ts';
import type { DeliveryReport } from '../notify/target.ts';
import { RecordedRun } from '../snapshot/recorded-run.ts';
import type { Peer } from '../transport/udp.ts';
import { VirtualClock } from '../util/clock.ts';
import { VirtsnmpError } from '../util/errors.ts';
import { PACKAGE_ROOT, VERSION } from '../util/package-info.ts';
import { RealTimeDriver } from '../util/real-time-driver.ts';
import { adjustDomains } from './adjust-domains.ts';
import { addAgentMetrics } from './agent-metrics.ts';
import { controlContext, controlServer, type DaemonContext } from './control.ts';
import { HostAgent, type RestoredHost } from './host-agent.ts';
import { assembleInventory } from './inventory.ts';
import { mibBrowser } from './mib-browser.ts';
import { type RestoredFleet, restoreFleet, type StartFrom } from './restored-fleet.ts';
import { SnapshotKeeper } from './snapshot-keeper.ts';
import { endpoint, reachable, readerFlags } from './snmp-command.ts';
import { StateLock } from './state-lock.ts';

const OCTETS_PER_MIB = 1024 * 1024;
/** File of the state folder that what is done to the fleet is kept in, for snapshots of this run. */
const RECORD_FILE = 'changes.journal';

/** One simulated host as it is served. */
export interface ServedHost {
  readonly name: string;
  readonly guests: number;
  /** Sockets that answer for it. */
  readonly local: readonly Peer[];
}

/** What the program takes from the machine that it runs on; tests bring their own. */
export interface Surroundings {
  /** The simulation's clock, for whoever steps the time himself; without it, time follows the real one. */
  readonly clock?: VirtualClock;
  /** Ms of a clock that is never set. It goes as managers' clocks do, so that SNMPv3's time agrees with theirs. */
  readonly monotonicMs?: () => number;
  /** Gives this many random octets: what must not be foreseen, unlike the simulation, which has a seed. */
  readonly randomOctets?: (count: number) => Uint8Array;
  /** Hears each notification when it is made, whoever it is sent to, with the number that reports of it have. */
  readonly onNotification?: (host: Host, notification: Notification, id: number) => void;
  /** Hears what became of each notification; before its number is known where that is at once. */
  readonly onDelivery?: (host: Host, report: DeliveryReport) => void;
  /** Folder with the compiled scripts of the web console; the build's when not given. */
  readonly pageScripts?: string;
}

/**
 * The running program: the simulated fleet, its clock, and an agent for each host.
 * The composition root: it alone knows everyone.
 */
export class Daemon {
  readonly #logging: Logging;
  readonly #surroundings: Required<Surroundings>;
  readonly #realTime: boolean;
  #run: RecordedRun;
  #driver: RealTimeDriver;
  #agents = new Map<Host, HostAgent>();
  /** Whether its fleet is that of a snapshot, and no longer that of the configuration. */
  #isRestored = false;
  readonly #snapshots: SnapshotKeeper;
  /** What it was started with, which decides about the hosts until it ends. */
  readonly #started: Config;
  #lock: StateLock | undefined;
  #eventLog: EventLog | undefined;
  #context: DaemonContext | undefined;
  readonly #notifications = new NotificationList();
  #control: ControlServer | undefined;
  #stopping: Promise<void> | undefined;

  private constructor(
    config: Config,
    logging: Logging,
    surroundings: Required<Surroundings>,
    realTime: boolean,
  ) {
    const { clock } = surroundings;
    this.#realTime = realTime;
    this.#started = config;
    this.#logging = logging;
    this.#surroundings = surroundings;
    this.#driver = new RealTimeDriver(clock, { speed: config.emulation.speed });
    const { seed, profile } = config.emulation;
    const made = { seed, profile, alarms: alarmSettings(config.alarms) };
    this.#run = new RecordedRun(clock, made, logging.logger('emulation'));
    this.#snapshots = new SnapshotKeeper({
      run: () => this.#run,
      replace: (fleet) => this.#replace(fleet),
      logger: logging.logger('emulation'),
    });
  }

  /** The clock of the fleet that is served; another one after a snapshot was restored. */
  get clock(): VirtualClock {
    return this.hypervisor.clock;
  }

  /** The fleet that is served; another one after a snapshot was restored. */
  get hypervisor(): Hypervisor {
    return this.#run.hypervisor;
  }

  /**
   * Builds the fleet, that of a snapshot when there is one to start from, and starts to serve it. Throws
   * DOMAIN_INVALID, DUPLICATE, STATE_FAILED, LISTEN_FAILED or SNAPSHOT_INVALID, with nothing left open.
   */
  static async start(
    config: Config,
    logging: Logging,
    given: Surroundings = {},
    from?: StartFrom,
  ): Promise<Daemon> {
    const surroundings = {
      clock: new VirtualClock({ epochMs: startMs(config) }),
      monotonicMs: () => performance.now(),
      randomOctets: randomBytes,
      onNotification: () => {},
      onDelivery: () => {},
      pageScripts: join(PACKAGE_ROOT, 'dist', 'web'),
      ...given,
    };
    const daemon = new Daemon(config, logging, surroundings, given.clock === undefined);
    try {
      await daemon.#start(from);
    } catch (thrown) {
      await daemon.stop();
      throw thrown;
    }
    return daemon;
  }

  /** What is served where, in the order of the hosts. */
  get hosts(): readonly ServedHost[] {
    return Array.from(this.#agents.values(), ({ host, local }) => ({
      name: host.name,
      guests: host.domains.size,
      local,
    }));
  }

  /** Where the control API can be asked, as URLs; none when the configuration wants none. */
  get controlUrls(): readonly string[] {
    return this.#control?.urls ?? [];
  }

  /** Takes snapshots, and restores them in place of the fleet that is served. */
  get snapshots(): SnapshotControl {
    return this.#snapshots;
  }

  /** The objects that the agent of a host serves; `undefined` for a host that is not served. */
  registryOf(host: Host): Registry | undefined {
    return this.#agents.get(host)?.registry;
  }

  /** The control API without its sockets, for whoever is in the same process: nobody there needs a token. */
  api(): (request: Request) => Response | Promise<Response> {
    const { names } = this.#started.control;
    let served: { readonly context: ControlContext; readonly app: ReturnType<typeof createApp> } | undefined;
    return (request) => {
      const context = this.#context!.control;
      if (served?.context !== context)
        served = {
          context,
          app: createApp(context, { token: undefined, names }, this.#logging.logger('control')),
        };
      return served.app.fetch(request);
    };
  }

  /**
   * Takes over another configuration: all of it that needs no restart, on the hosts as they were made at the start.
   * Of a fleet that is a snapshot's, hosts, guests, rules of faults and thresholds of alarms stay as they are. Throws
   * with the old one kept.
   */
  reload(config: Config): void {
    const logger = this.#logging.logger('config');
    const running = onRunningHosts(config, this.#started);
    const inventory = assembleInventory(running, this.#logging.logger('inventory'));
    this.#logging.reconfigure(config.log);
    for (const path of needsRestart(this.#started, config))
      logger.warn(`${path} takes effect at the next start`);
    this.#driver.sync();
    for (const [host, agent] of this.#agents) {
      agent.reconfigure(config);
      const wanted = inventory.find(({ name }) => name === host.name);
      if (wanted && !this.#isRestored)
        adjustDomains(this.hypervisor, host, wanted, this.#logging.logger('inventory'));
    }
    this.#driver.speed = config.emulation.speed;
    if (this.#isRestored) {
      logger.warn(
        'inventory, faults and alarms take effect at the next start: the fleet is that of a snapshot',
      );
    } else {
      this.hypervisor.setFaultRules(config.faults);
      this.hypervisor.alarmSettings = alarmSettings(config.alarms);
    }
    logger.info('configuration read again');
  }

  /** Stops serving; a second call waits for the first. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #start(from: StartFrom | undefined): Promise<void> {
    const config = this.#started;
    if (config.state !== undefined) this.#lock = StateLock.ofFolder(config.state);
    if (from) {
      this.#adopt(await restoreFleet(from, this.#logging.logger('emulation')));
    } else {
      this.#keepRecord();
      assembleInventory(config, this.#logging.logger('inventory')).forEach((one, index) => {
        const { name, domains } = one;
        const host = this.hypervisor.addHost(name, one.config);
        this.hypervisor.apply({ op: 'populate', host, configs: domains }, 'config');
        this.#agents.set(host, this.#hostAgent(host, index));
      });
    }
    await this.#serve();
    this.#control = controlServer(config, this.#context!.control, this.#logging);
    await this.#control?.start();
  }

  /** Begins to serve the fleet that is there. */
  async #serve(): Promise<void> {
    const config = this.#started;
    this.#eventLog = this.#openEventLog();
    // What was there before the agent started is no news.
    this.hypervisor.onEvent((event) => this.#tell(event));
    if (!this.#isRestored) this.hypervisor.setFaultRules(config.faults);
    if (this.#realTime) this.#driver.start();
    for (const agent of this.#agents.values()) await agent.start();
    this.#context = controlContext({
      hypervisor: this.hypervisor,
      driver: this.#driver,
      seed: this.#run.start.seed,
      notifications: this.#notifications,
      snapshots: this.#snapshots,
      mib: this.#mibBrowser(),
      pageScripts: this.#surroundings.pageScripts,
      agentMetrics: (text) => addAgentMetrics(text, this.#agents.values()),
    });
  }

  /** Makes the fleet of a snapshot, which nobody serves, this one's own. Throws LISTEN_FAILED before it does. */
  #adopt({ run, atMs, cleared }: RestoredFleet): void {
    const previous = [...this.#agents.values()];
    const { hosts } = run.hypervisor;
    this.#run = run;
    this.#driver = new RealTimeDriver(this.clock, { speed: this.#driver.speed });
    this.#isRestored = true;
    this.#keepRecord();
    this.#agents = new Map();
    hosts.forEach((host, index) => {
      const before = previous.find((agent) => agent.host.name === host.name);
      const restored = { atMs, cleared: cleared.get(host.name) ?? [], previous: before };
      this.#agents.set(host, this.#hostAgent(host, index, restored));
    });
  }

  /** Serves the fleet of a snapshot instead of the present one: to managers, agents that have started again. */
  async #replace(fleet: RestoredFleet): Promise<void> {
    for (const index of fleet.run.hypervisor.hosts.keys()) this.#listenersOf(index);
    this.#driver.stop();
    this.#context?.end();
    await Promise.all(Array.from(this.#agents.values(), (agent) => agent.stop()));
    await this.#eventLog?.close();
    await this.#run.close();
    this.#adopt(fleet);
    await this.#serve();
    this.#control?.replace(this.#context!.control);
  }

  #keepRecord(): void {
    const { state } = this.#started;
    if (state !== undefined) this.#run.keepIn(join(state, RECORD_FILE), this.#logging.logger('emulation'));
  }

  async #stop(): Promise<void> {
    await this.#snapshots.stop();
    this.#driver.stop();
    await this.#control?.stop();
    await Promise.all(Array.from(this.#agents.values(), (agent) => agent.stop()));
    await this.#eventLog?.close();
    await this.#run.close();
    this.#lock?.release();
  }

  #mibBrowser(): MibSource {
    const [first] = this.#agents.values();
    const definitions = first!.registry.modules.map(({ definition }) => definition);
    const flags = readerFlags(this.#started) ?? '';
    return mibBrowser(definitions, (host) => {
      const { registry, local } = this.#agents.get(host)!;
      return { registry, reach: `${flags} ${endpoint(reachable(local[0]!))}` };
    });
  }

  #tell(event: EmulationEvent): void {
    const tell = () => this.#agents.get(event.host)?.report(event) ?? [];
    if (this.#eventLog) this.#eventLog.record(event, tell);
    else tell();
  }

  #openEventLog(): EventLog | undefined {
    const { eventLog } = this.#started;
    if (eventLog.file === undefined) return undefined;
    return new EventLog({
      file: eventLog.file,
      maxOctets: eventLog.maxMiB * OCTETS_PER_MIB,
      keep: eventLog.keep,
      run: {
        seed: this.#run.start.seed,
        epochMs: this.clock.epochMs,
        ...(this.#isRestored && { restoredMs: this.clock.nowMs }),
        hosts: this.hypervisor.hosts.map(({ name }) => name),
        version: VERSION,
      },
      logger: this.#logging.logger('eventlog'),
      realMs: Date.now,
    });
  }

  #listenersOf(index: number): HostListeners {
    const listeners = hostListeners(this.#started, index);
    if (listeners) return listeners;
    const hint = 'the configured addresses and ports do not go that far';
    throw new VirtsnmpError(
      'LISTEN_FAILED',
      `host ${index + 1} of the snapshot has nowhere to listen: ${hint}`,
    );
  }

  #hostAgent(host: Host, index: number, restored?: RestoredHost): HostAgent {
    const config = this.#started;
    const { addresses, port } = this.#listenersOf(index);
    return new HostAgent({
      hypervisor: this.hypervisor,
      host,
      config,
      addresses,
      // Of any free port, the one that managers know already.
      port: restored?.previous?.port ?? port,
      ...(restored && { restored }),
      logging: this.#logging,
      sync: () => this.#driver.sync(),
      nowMs: () => this.clock.nowMs,
      wallMs: () => this.clock.wallMs,
      monotonicMs: this.#surroundings.monotonicMs,
      randomOctets: this.#surroundings.randomOctets,
      onNotification: (notification, id) => this.#surroundings.onNotification(host, notification, id),
      record: (told, send) => {
        if (!this.#eventLog) return void send();
        const { nowMs: atMs, wallMs } = this.clock;
        this.#eventLog.recordNotification(told, { host: host.name, atMs, wallMs }, send);
      },
      onDelivery: (report) => {
        this.#eventLog?.delivered(host.name, report);
        this.#surroundings.onDelivery(host, report);
      },
      notifications: this.#notifications,
    });
  }
}

/** Simulated Unix time at which a run begins. */
function startMs({ emulation: { clock } }: Config): number {
  return clock === undefined ? Date.now() : Date.parse(clock);
}
