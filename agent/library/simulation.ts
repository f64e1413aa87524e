import { configFrom, loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { timeSpanMs } from '../config/time-span.ts';
import { Daemon, type ServedHost, type Surroundings } from '../daemon/daemon.ts';
import type { Host } from '../emulation/host/host.ts';
import type { Hypervisor } from '../emulation/hypervisor.ts';
import { createLogging, type Logging } from '../log/log.ts';
import { instanceAt, instancesBelow } from '../mib/instances.ts';
import type { Value } from '../mib/value.ts';
import type { Notification } from '../notify/notification.ts';
import { advanceInSlices } from '../util/advance.ts';
import { VirtualClock } from '../util/clock.ts';
import { VirtsnmpError } from '../util/errors.ts';
import { formatOid } from '../util/oid.ts';
import { ObjectNames } from './object-names.ts';
import { seededOctets } from './seeded-octets.ts';

/** When a simulation begins unless it is told otherwise. */
const DEFAULT_CLOCK = '2026-01-01T00:00:00Z';
/** Notifications that are kept for {@link Simulation.takeNotifications}; the oldest go first. */
const MOST_NOTIFICATIONS = 100_000;

/** A notification that was made. */
interface Told {
  readonly host: Host;
  readonly notification: Notification;
  readonly atMs: number;
}

/** How {@link createSimulation} starts. */
export interface SimulationOptions {
  /**
   * The configuration: the path of a YAML file, or what such a file would say. By default three guests on one host.
   * Ports that it does not name are any free ones, of loopback addresses.
   */
  readonly config?: string | Readonly<Record<string, unknown>>;
  /** Decides about everything that is left to chance; that of the configuration, or 1, when absent. */
  readonly seed?: number;
  /** The date at which the simulated time begins: ISO 8601 text, such as 2026-01-01T00:00:00Z. */
  readonly clock?: string;
}

/** A notification as it was made, whoever was told. */
export interface SimulatedNotification {
  readonly host: string;
  /** Name of the notification, such as `libvirtGuestNotif`. */
  readonly name: string;
  /** Value of snmpTrapOID.0. */
  readonly oid: string;
  /** Simulated ms since the start. */
  readonly atMs: number;
  /** What follows sysUpTime.0 and snmpTrapOID.0. */
  readonly varbinds: readonly { readonly name: string; readonly oid: string; readonly value: Value }[];
}

/**
 * Starts the whole agent inside this process, with a clock that stands until it is told to go on.
 *
 * The same configuration, seed, clock and calls give the same values and notifications, octet for octet. Not for
 * production: what must not be foreseen of a real agent comes from the seed here.
 *
 * @throws VirtsnmpError CONFIG_INVALID, DOMAIN_INVALID, DUPLICATE, STATE_FAILED or LISTEN_FAILED, with nothing left open.
 */
export async function createSimulation(options: SimulationOptions = {}): Promise<Simulation> {
  const epochMs = Date.parse(options.clock ?? DEFAULT_CLOCK);
  if (Number.isNaN(epochMs))
    throw new VirtsnmpError(
      'CONFIG_INVALID',
      `clock: ${JSON.stringify(options.clock)} is no date; expected ISO 8601, such as ${DEFAULT_CLOCK}`,
    );
  return startSimulation(readConfig(options), epochMs);
}

/** {@link createSimulation} of a configuration that has been read, in other surroundings where need be. */
export async function startSimulation(
  config: Config,
  epochMs: number,
  given: Omit<Surroundings, 'clock'> = {},
): Promise<Simulation> {
  const clock = new VirtualClock({ epochMs });
  const logging = createLogging(config.log);
  try {
    const notifications: Told[] = [];
    let daemon: Daemon | undefined;
    const now = () => (daemon?.clock ?? clock).nowMs;
    daemon = await Daemon.start(config, logging, {
      monotonicMs: now,
      randomOctets: seededOctets(config.emulation.seed),
      ...given,
      clock,
      onNotification: (host, notification, id) => {
        notifications.push({ host, notification, atMs: now() });
        if (notifications.length > MOST_NOTIFICATIONS) notifications.shift();
        given.onNotification?.(host, notification, id);
      },
    });
    return new Simulation(daemon, logging, notifications);
  } catch (thrown) {
    await logging.close();
    throw thrown;
  }
}

/** A running agent whose time its owner moves. */
export class Simulation implements AsyncDisposable {
  readonly #daemon: Daemon;
  readonly #logging: Logging;
  readonly #fetch: (request: Request) => Response | Promise<Response>;
  readonly #notifications: Told[];
  readonly #names = new Map<Host, ObjectNames>();

  /** For {@link createSimulation}. */
  constructor(daemon: Daemon, logging: Logging, notifications: Told[]) {
    this.#daemon = daemon;
    this.#notifications = notifications;
    this.#logging = logging;
    this.#fetch = daemon.api();
  }

  /** The simulated fleet itself, for what nothing else here reaches; another one after a snapshot was restored. */
  get hypervisor(): Hypervisor {
    return this.#daemon.hypervisor;
  }

  /** The hosts and the UDP addresses that their agents answer at. */
  get hosts(): readonly ServedHost[] {
    return this.#daemon.hosts;
  }

  /** Where the control API and the web console can be asked, when the configuration wants them. */
  get controlUrls(): readonly string[] {
    return this.#daemon.controlUrls;
  }

  /** Simulated ms since the start. */
  get nowMs(): number {
    return this.#daemon.clock.nowMs;
  }

  /** The simulated date. */
  get now(): Date {
    return new Date(this.#daemon.clock.wallMs);
  }

  /** Lets simulated time pass, as fast as it can: a number of ms, or text such as `90 s`, `5 min` or `2 h`. */
  async advance(span: number | string): Promise<void> {
    const ms = typeof span === 'number' ? span : timeSpanMs(span);
    if (typeof ms !== 'number' || !(ms >= 0) || !Number.isInteger(ms))
      throw new RangeError(
        `${JSON.stringify(span)} is no span of time; expected whole ms, or text such as 90 s`,
      );
    await this.advanceTo(this.nowMs + ms);
  }

  /** Lets simulated time pass until an instant, in ms since the start; requests are answered on the way. */
  async advanceTo(ms: number): Promise<void> {
    await advanceInSlices(this.#daemon.clock, ms);
  }

  /**
   * The value of one instance as a manager would get it; `undefined` when there is none.
   *
   * Names are those of {@link ObjectNames.resolve}: `sysUpTime.0`, `libvirtGuestState[web-01]`, or numbers.
   */
  get(name: string, host?: string): Value | undefined {
    const { registry, names } = this.#served(host);
    return instanceAt(registry, names.resolve(name))?.value;
  }

  /** All instances below a name, in the order of a walk, with the values that a manager would get. */
  walk(
    name: string,
    host?: string,
  ): { readonly name: string; readonly oid: string; readonly value: Value }[] {
    const { registry, names } = this.#served(host);
    return Array.from(instancesBelow(registry, names.resolve(name)), ({ oid, value }) => ({
      name: names.text(oid),
      oid: formatOid(oid),
      value,
    }));
  }

  /** The notifications made since the last time, in order. */
  takeNotifications(): readonly SimulatedNotification[] {
    return this.#notifications.splice(0).map(({ host, notification: { oid, varbinds }, atMs }) => {
      const { names } = this.#served(host.name);
      return {
        host: host.name,
        name: names.text(oid),
        oid: formatOid(oid),
        atMs,
        varbinds: varbinds.map((each) => ({
          name: names.text(each.oid),
          oid: formatOid(each.oid),
          value: each.value,
        })),
      };
    });
  }

  /**
   * Asks the control API, without a socket: a method, a path such as `/guests/web-01/actions`, and a body of data.
   * Returns the data of the answer; throws REFUSED with its explanation when it is refused.
   */
  async api(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await this.#fetch(
      new Request(`http://localhost${path}`, {
        method,
        headers: { Host: 'localhost' },
        ...(body !== undefined && {
          headers: { Host: 'localhost', 'Content-Type': 'application/json' },
          body: JSON.stringify(body),
        }),
      }),
    );
    const text = await response.text();
    const data: unknown = /[/+]json/.test(response.headers.get('Content-Type') ?? '')
      ? JSON.parse(text)
      : text;
    if (response.ok) return data;
    const { detail } = data as { detail?: string };
    throw new VirtsnmpError('REFUSED', `${method} ${path}: ${detail ?? response.statusText}`);
  }

  /** The whole state at this instant, as the octets of a file that `virtsnmp snapshot` knows. */
  snapshot(): Uint8Array {
    return Buffer.concat(this.#daemon.snapshots.take());
  }

  /**
   * Goes on from a snapshot instead; the agents start again, on the ports that they have. Throws SNAPSHOT_INVALID with
   * everything as it was.
   */
  async restore(snapshot: Uint8Array): Promise<void> {
    await this.#daemon.snapshots.restore(snapshot, new AbortController().signal);
  }

  /** Stops the agent; a second call waits for the first. */
  async stop(): Promise<void> {
    await this.#daemon.stop();
    await this.#logging.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #served(name: string | undefined) {
    const { hosts } = this.hypervisor;
    const host = name === undefined ? hosts[0] : hosts.find((each) => each.name === name);
    const registry = host && this.#daemon.registryOf(host);
    if (!host || !registry)
      throw new VirtsnmpError(
        'NOT_FOUND',
        `no host ${name}; expected one of ${hosts.map((each) => each.name).join(', ')}`,
      );
    let names = this.#names.get(host);
    if (!names) {
      names = new ObjectNames(registry, host);
      this.#names.set(host, names);
    }
    return { registry, names };
  }
}

/** Quiet, on free ports, and without a control API's port unless the configuration says otherwise. */
function readConfig({ config, seed }: SimulationOptions): Config {
  const overrides = { ...(seed !== undefined && { seed }) };
  const read = { overrides, env: process.env };
  if (typeof config === 'string') return loadConfig({ file: config, ...read });
  const data = {
    ...config,
    agent: { port: 0, ...(config?.['agent'] as object | undefined) },
    control: { listen: [], port: 0, ...(config?.['control'] as object | undefined) },
    log: { level: 'error', ...(config?.['log'] as object | undefined) },
  };
  const start = { line: 1, column: 1 };
  const source = { data, position: () => start, keyPosition: () => start };
  return configFrom({ file: 'config', source, ...read });
}
