import { randomBytes } from 'node:crypto';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { needsRestart } from '../config/diff.ts';
import { hostListeners } from '../config/listeners.ts';
import type { Config } from '../config/schema.ts';
import type { DomainConfig } from '../emulation/domain-config.ts';
import type { Host } from '../emulation/host.ts';
import { Hypervisor } from '../emulation/hypervisor.ts';
import type { Logging } from '../log/log.ts';
import type { Peer } from '../transport/udp.ts';
import { VirtualClock } from '../util/clock.ts';
import { errorText, VirtsnmpError } from '../util/errors.ts';
import { RealTimeDriver } from '../util/real-time-driver.ts';
import { HostAgent } from './host-agent.ts';
import { assembleInventory } from './inventory.ts';
import { StateLock } from './state-lock.ts';

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
}

/**
 * The running program: the simulated fleet, its clock, and an agent for each host.
 * The composition root: it alone knows everyone.
 */
export class Daemon {
  readonly clock: VirtualClock;
  readonly hypervisor: Hypervisor;
  readonly #logging: Logging;
  readonly #surroundings: Required<Surroundings>;
  readonly #driver: RealTimeDriver;
  readonly #agents = new Map<Host, HostAgent>();
  #config: Config;
  #lock: StateLock | undefined;
  #stopping: Promise<void> | undefined;

  private constructor(config: Config, logging: Logging, surroundings: Required<Surroundings>) {
    const { clock } = surroundings;
    this.#config = config;
    this.#logging = logging;
    this.#surroundings = surroundings;
    this.clock = clock;
    this.#driver = new RealTimeDriver(clock, { speed: config.emulation.speed });
    this.hypervisor = new Hypervisor({
      clock,
      seed: config.emulation.seed,
      profile: config.emulation.profile,
      logger: logging.logger('emulation'),
    });
  }

  /**
   * Builds the fleet and starts to serve it. Throws DOMAIN_INVALID, DUPLICATE, STATE_FAILED or LISTEN_FAILED,
   * with nothing left open.
   */
  static async start(config: Config, logging: Logging, given: Surroundings = {}): Promise<Daemon> {
    const daemon = new Daemon(config, logging, {
      clock: new VirtualClock({ epochMs: Date.now() }),
      monotonicMs: () => performance.now(),
      randomOctets: randomBytes,
      ...given,
    });
    try {
      await daemon.#start(given.clock === undefined);
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

  /** Takes over another configuration: all of it that needs no restart. Throws with the old one kept. */
  reload(config: Config): void {
    const logger = this.#logging.logger('config');
    const inventory = assembleInventory(config, this.#logging.logger('inventory'));
    this.#logging.reconfigure(config.log);
    for (const path of needsRestart(this.#config, config))
      logger.warn(`${path} takes effect at the next start`);
    this.#driver.sync();
    for (const [host, agent] of this.#agents) {
      agent.reconfigure(config);
      const wanted = inventory.find(({ name }) => name === host.name);
      if (wanted) this.#adjustDomains(host, wanted.domains);
    }
    this.#driver.speed = config.emulation.speed;
    this.#config = config;
    logger.info('configuration read again');
  }

  /** Stops serving; a second call waits for the first. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #start(realTime: boolean): Promise<void> {
    const config = this.#config;
    this.#lock = lockStateFolder(config.state);
    assembleInventory(config, this.#logging.logger('inventory')).forEach((one, index) => {
      const { name, domains } = one;
      const host = this.hypervisor.addHost(name, one.config);
      this.hypervisor.apply({ op: 'populate', host, configs: domains });
      this.#agents.set(host, this.#hostAgent(host, index));
    });
    // What was there before the agent started is no news.
    this.hypervisor.onEvent((event) => this.#agents.get(event.host)?.report(event));
    if (realTime) this.#driver.start();
    for (const agent of this.#agents.values()) await agent.start();
  }

  async #stop(): Promise<void> {
    this.#driver.stop();
    await Promise.all(Array.from(this.#agents.values(), (agent) => agent.stop()));
    this.#lock?.release();
  }

  #hostAgent(host: Host, index: number): HostAgent {
    const config = this.#config;
    const { addresses, port } = hostListeners(config, index)!;
    return new HostAgent({
      hypervisor: this.hypervisor,
      host,
      config,
      addresses,
      port,
      logging: this.#logging,
      sync: () => this.#driver.sync(),
      nowMs: () => this.clock.nowMs,
      monotonicMs: this.#surroundings.monotonicMs,
      randomOctets: this.#surroundings.randomOctets,
    });
  }

  /** Defines, changes and removes domains until the host has those that are wanted. */
  #adjustDomains(host: Host, wanted: readonly DomainConfig[]): void {
    const logger = this.#logging.logger('inventory');
    const uuids = new Set(wanted.map(({ uuid }) => uuid));
    const surplus = Array.from(host.domains).filter(({ uuid }) => !uuids.has(uuid));
    try {
      for (const domain of surplus) {
        if (domain.isActive) this.hypervisor.apply({ op: 'act', domain, action: 'destroy' });
        this.hypervisor.apply({ op: 'undefine', domain });
      }
      for (const config of wanted) {
        const domain = host.domains.byUuid(config.uuid);
        if (!domain) this.#addDomain(host, config);
        else if (JSON.stringify(domain.persistentConfig) !== JSON.stringify(config)) {
          this.hypervisor.apply({ op: 'update', domain, config });
        }
      }
    } catch (thrown) {
      logger.error('the inventory could not be adjusted', { host: host.name, error: errorText(thrown) });
    }
  }

  #addDomain(host: Host, config: DomainConfig): void {
    this.hypervisor.apply({ op: 'define', host, config });
    if (config.initialState === 'shutoff') return;
    const domain = host.domains.byUuid(config.uuid)!;
    this.hypervisor.apply({ op: 'act', domain, action: 'start', paused: config.initialState === 'paused' });
  }
}

function lockStateFolder(folder: string | undefined): StateLock | undefined {
  if (folder === undefined) return undefined;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK);
  } catch (thrown) {
    throw new VirtsnmpError('STATE_FAILED', `the state folder cannot be used: ${errorText(thrown)}`);
  }
  return StateLock.acquire(folder);
}
