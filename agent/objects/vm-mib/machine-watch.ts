import type { Domain } from '../../emulation/domain/domain.ts';
import type { Host } from '../../emulation/host/host.ts';
import type { Notification } from '../../notify/notification.ts';
import type { Timer, VirtualClock } from '../../util/clock.ts';
import { type Causes, GatheredOrigin, type Origin } from '../causes.ts';
import { bulkNotification, topicOf, VM_TOPICS, type VmTopic, vmNotification } from './notifications.ts';
import { OPER_STATE, type OperState, operState } from './states.ts';
import type { NotificationSwitches } from './switches.ts';

/** The machines that got into one state in a window of time. */
interface Gathered {
  readonly numbers: Set<number>;
  readonly by: GatheredOrigin;
}

export interface MachineWatchOptions {
  readonly host: Host;
  readonly clock: VirtualClock;
  readonly switches: NotificationSwitches;
  /** sysUpTime now, in hundredths of a second. */
  readonly upTime: () => number;
  /** Whether anybody wants to be told of machines. */
  readonly isTold: () => boolean;
  /** For how many simulated ms the changes of many machines are gathered. */
  readonly windowMs: () => number;
  /** `origin`: what brought about that which it tells of. */
  readonly send: (notification: Notification, origin: Origin) => void;
}

/**
 * Knows what each virtual machine of a host did when it last changed, and tells of the changes.
 *
 * A bulk notification tells of all that got into one state in a window of time, which begins with the first of
 * them. BOUNDED: by the domains of the host, and by those that change in one window.
 */
export class MachineWatch {
  readonly #options: MachineWatchOptions;
  readonly #states = new Map<Domain, OperState>();
  readonly #gathered = new Map<VmTopic, Gathered>();
  #timer: Timer | undefined;
  #listChanges: number;
  #lastChangeMs: number;

  /** What is there already is no news. */
  constructor(options: MachineWatchOptions) {
    const { host, clock } = options;
    this.#options = options;
    for (const domain of host.domains) this.#states.set(domain, operState(domain));
    this.#listChanges = host.domains.changes;
    this.#lastChangeMs = clock.nowMs;
  }

  /** When a machine last came or went, in simulated ms. */
  get lastChangeMs(): number {
    return this.#lastChangeMs;
  }

  /** These of the host's domains have changed. */
  hear(domains: Iterable<Domain>, causes: Causes): void {
    const { host, clock } = this.#options;
    if (this.#listChanges !== host.domains.changes) {
      this.#listChanges = host.domains.changes;
      this.#lastChangeMs = clock.nowMs;
    }
    for (const domain of domains) if (domain.host === host) this.#look(domain, causes);
  }

  /** Ends the window that is open, without a word. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#gathered.clear();
  }

  #look(domain: Domain, causes: Causes): void {
    const before = this.#states.get(domain);
    if (this.#options.host.domains.byUuid(domain.uuid) !== domain) {
      this.#states.delete(domain);
      if (before !== undefined) this.#tell(domain, 'Deleted', before, causes);
      return;
    }
    const state = operState(domain);
    if (state === before) return;
    this.#states.set(domain, state);
    // One that is defined does not become what it is by that: it was nothing before.
    if (before === undefined && state === OPER_STATE.shutdown) return;
    const topic = topicOf(state);
    if (topic) this.#tell(domain, topic, before ?? OPER_STATE.unknown, causes);
  }

  #tell(domain: Domain, topic: VmTopic, before: OperState, causes: Causes): void {
    const { switches, isTold, send, upTime, clock, windowMs } = this.#options;
    if (!isTold()) return;
    const { perVm, bulk } = switches.values;
    const origin = causes.ofGuest(domain);
    if (perVm) send(vmNotification(domain, topic, before, upTime()), origin);
    if (!bulk) return;
    const gathered = this.#gathered.get(topic) ?? { numbers: new Set(), by: new GatheredOrigin() };
    this.#gathered.set(topic, gathered);
    gathered.numbers.add(domain.number);
    gathered.by.add(origin);
    this.#timer ??= clock.schedule(clock.nowMs + windowMs(), () => this.#tellAll(), {
      // None of the simulation's own: a snapshot goes on without it.
      outside: true,
    });
  }

  #tellAll(): void {
    const { send, upTime } = this.#options;
    this.#timer = undefined;
    for (const topic of VM_TOPICS) {
      const gathered = this.#gathered.get(topic);
      if (gathered) send(bulkNotification(topic, gathered.numbers, upTime()), gathered.by.origin);
    }
    this.#gathered.clear();
  }
}
