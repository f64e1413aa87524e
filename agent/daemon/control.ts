import type { Config } from '../config/schema.ts';
import type { ControlContext, SnapshotControl, TimeControl } from '../control/context.ts';
import { eventView } from '../control/event-view.ts';
import { Feed } from '../control/feed.ts';
import { History } from '../control/history.ts';
import type { MibSource } from '../control/mib-source.ts';
import type { NotificationList } from '../control/notification-list.ts';
import type { MetricsText } from '../control/prometheus-text.ts';
import { ControlServer } from '../control/server.ts';
import type { Hypervisor } from '../emulation/hypervisor.ts';
import type { Logging } from '../log/log.ts';
import { advanceInSlices } from '../util/advance.ts';
import { VirtsnmpError } from '../util/errors.ts';
import type { RealTimeDriver } from '../util/real-time-driver.ts';

/** What the control API over a fleet reaches, and how that ends when another fleet is served. */
export interface DaemonContext {
  readonly control: ControlContext;
  /** Ends the streams of what happens, and a stepping of the time that is under way. */
  readonly end: () => void;
}

/** What {@link controlContext} is made of. */
export interface ContextParts {
  readonly hypervisor: Hypervisor;
  readonly driver: RealTimeDriver;
  readonly seed: number;
  readonly notifications: NotificationList;
  readonly snapshots: SnapshotControl;
  readonly mib: MibSource;
  readonly pageScripts: string;
  readonly agentMetrics: (text: MetricsText) => void;
}

/** What the control API over a fleet reaches. */
export function controlContext(parts: ContextParts): DaemonContext {
  const { driver, seed, ...lent } = parts;
  const { hypervisor, notifications } = lent;
  const feed = new Feed();
  notifications.onChange = (record) => feed.add('notifications', record);
  hypervisor.onEvent((event) =>
    feed.add(
      event.kind === 'alarm' ? 'alarms' : event.kind === 'fault' ? 'faults' : 'events',
      eventView(event),
    ),
  );
  const time = new DriverTime(hypervisor, driver, seed);
  return {
    control: { ...lent, time, feed, history: new History(hypervisor) },
    end: () => {
      time.end();
      feed.end();
    },
  };
}

/** The control API on its sockets; `undefined` when the configuration wants none. */
export function controlServer(
  { control: { listen, port, socket, token, names } }: Config,
  context: ControlContext,
  logging: Logging,
): ControlServer | undefined {
  if (listen.length === 0 && socket === undefined) return undefined;
  return new ControlServer(context, {
    addresses: listen,
    port,
    ...(socket !== undefined && { socket }),
    ...(token !== undefined && { token }),
    names,
    logger: logging.logger('control'),
  });
}

/** The simulation's time, in the hands of whoever controls it. */
class DriverTime implements TimeControl {
  readonly #hypervisor: Hypervisor;
  readonly #driver: RealTimeDriver;
  readonly seed: number;
  #stepping = false;
  /** What it was before the time was stepped. */
  #speed = 0;
  #ended = false;

  constructor(hypervisor: Hypervisor, driver: RealTimeDriver, seed: number) {
    this.#hypervisor = hypervisor;
    this.#driver = driver;
    this.seed = seed;
  }

  get nowMs(): number {
    return this.#hypervisor.clock.nowMs;
  }

  get wallMs(): number {
    return this.#hypervisor.clock.wallMs;
  }

  get speed(): number {
    return this.#driver.speed;
  }

  sync(): void {
    this.#driver.sync();
  }

  setSpeed(speed: number): void {
    if (this.#stepping)
      throw new VirtsnmpError('OPERATION_INVALID', 'the time is being stepped; wait until it is there');
    this.#driver.speed = speed;
  }

  /** The fleet is not served any more. */
  end(): void {
    this.#ended = true;
    if (this.#stepping) this.#driver.speed = this.#speed;
  }

  async goTo(ms: number): Promise<void> {
    if (this.#stepping)
      throw new VirtsnmpError(
        'OPERATION_INVALID',
        'the time is being stepped already; wait until it is there',
      );
    const { clock } = this.#hypervisor;
    if (ms < clock.nowMs)
      throw new VirtsnmpError(
        'OPERATION_INVALID',
        'the time does not go back; give an instant that is still to come',
      );
    this.#speed = this.#driver.speed;
    this.#stepping = true;
    this.#driver.speed = 0;
    try {
      await advanceInSlices(clock, ms, () => {
        if (this.#ended)
          throw new VirtsnmpError(
            'OPERATION_INVALID',
            'a snapshot was restored; the time goes on from there',
          );
      });
    } finally {
      this.#stepping = false;
      this.#driver.speed = this.#speed;
    }
  }
}
