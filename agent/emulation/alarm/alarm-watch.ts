import type { VirtualClock } from '../../util/clock.ts';
import { type Domain, fieldsOf } from '../domain/domain.ts';
import { type EmulationEvent, isDomainEvent, type RaisedEvent } from '../events.ts';
import type { Host } from '../host/host.ts';
import type { Alarm } from './alarm.ts';
import { AlarmBook, type AlarmSubject } from './alarm-book.ts';
import { type GuestLevel, measureGuest } from './guest-measures.ts';
import { lookAtState } from './guest-state.ts';
import { measureHost } from './host-measures.ts';
import { LOOK_TICKS } from './look-turn.ts';
import type { AlarmSettings } from './settings.ts';

/** Looks after which what did not come up again is taken for gone. */
const STALE_LOOKS = 3;

const GUEST = { kind: 'guest' } as const;

/** What an {@link AlarmWatch} is made of. */
export interface AlarmWatchOptions {
  readonly clock: VirtualClock;
  readonly tickMs: number;
  readonly settings: AlarmSettings;
  readonly tell: (event: 'RAISED' | 'CLEARED', alarm: Alarm) => void;
  /** Asks for ticks: {@link AlarmWatch.afterTick} has something to do though no guest runs. */
  readonly wake: () => void;
}

/** What is kept of a host. */
interface Watched {
  readonly book: AlarmBook;
  /** What guests have measured in their turns since the latest tick. */
  levels: GuestLevel[];
  /** The latest tick that was looked at. */
  tick: number;
}

/**
 * Finds out what is wrong with the hosts and guests of a fleet, and has it told.
 *
 * Events are heard when they reach everybody, and the rest is looked at when a tick has passed, with what guests
 * have measured in their turns meanwhile. So nothing is raised by a transaction that is taken back, and how a
 * tick was sliced makes no difference. Each guest is looked at every {@link LOOK_TICKS}.
 */
export class AlarmWatch {
  settings: AlarmSettings;
  readonly #options: AlarmWatchOptions;
  readonly #hosts = new Map<Host, Watched>();
  #lastNumber = 0;

  constructor(options: AlarmWatchOptions) {
    this.#options = options;
    this.settings = options.settings;
  }

  /** Watches a host from now on. */
  add(host: Host): void {
    const { clock, tickMs, tell } = this.#options;
    const book = new AlarmBook(host, {
      now: () => clock,
      settings: () => this.settings,
      nextNumber: () => ++this.#lastNumber,
      tell,
    });
    const watched: Watched = { book, levels: [], tick: Math.floor(clock.nowMs / tickMs) };
    this.#hosts.set(host, watched);
    host.engine.measure = (process, nowMs) => measureGuest(process, nowMs, this.settings, watched.levels);
  }

  /** Numbers up to this one are not given to alarms from now on. */
  reserve(lastNumber: number): void {
    this.#lastNumber = Math.max(this.#lastNumber, lastNumber);
  }

  /** Takes over an alarm of a host that was up before the simulation began. */
  restore(alarm: Alarm): void {
    this.reserve(alarm.number);
    this.#bookOf(alarm.host).restore(alarm);
    this.#options.wake();
  }

  /** Something happened to a guest of which no event tells. */
  occur(domain: Domain, kind: AlarmSubject['kind'], detail: string): void {
    this.#bookOf(domain.host).occur({ kind, domain, resource: GUEST }, detail);
    this.#options.wake();
  }

  /** To be told of every event, in order. */
  hear(event: EmulationEvent): void {
    if (!isDomainEvent(event)) return;
    const { domain } = event;
    const book = this.#bookOf(domain.host);
    book.recheck(domain);
    if (event.kind === 'device') this.#hearDevice(book, event);
    const isThere = domain.host.domains.byUuid(domain.uuid) === domain;
    if (isThere) lookAtState(book, domain, this.#options.clock.nowMs);
    if (book.isWaiting) this.#options.wake();
  }

  /** A tick of a host has passed. Returns whether it needs the next one though no guest runs. */
  afterTick(host: Host): boolean {
    const { clock, tickMs } = this.#options;
    const watched = this.#hosts.get(host)!;
    const { book } = watched;
    const { nowMs } = clock;
    const tick = Math.floor(nowMs / tickMs);
    const from = Math.max(watched.tick, tick - LOOK_TICKS);
    watched.tick = tick;
    for (let turn = from + 1; turn <= tick; turn++) this.#look(book, host, turn % LOOK_TICKS);
    this.#takeLevels(watched, host);
    book.sweep(STALE_LOOKS * LOOK_TICKS * tickMs);
    return book.isWaiting;
  }

  #look(book: AlarmBook, host: Host, turn: number): void {
    const { nowMs } = this.#options.clock;
    const { domains } = host;
    if (turn === 0) measureHost(book, host, nowMs);
    for (let place = turn; place < domains.size; place += LOOK_TICKS) {
      const domain = domains.at(place);
      lookAtState(book, domain, nowMs);
    }
  }

  /** In the order of the guests' numbers: the host keeps those that run in an order of its own. */
  #takeLevels(watched: Watched, host: Host): void {
    const { book, levels } = watched;
    if (levels.length === 0) return;
    watched.levels = [];
    levels.sort((a, b) => a.process.number - b.process.number);
    for (const { process, kind, resource, value, sinceMs } of levels) {
      const domain = host.domains.byUuid(process.uuid);
      if (domain && fieldsOf(domain).process === process)
        book.observe({ kind, domain, resource }, value, sinceMs);
    }
  }

  #hearDevice(book: AlarmBook, { domain, payload }: RaisedEvent): void {
    if (payload.event === 'MEMORY_FAILURE') {
      const whose =
        payload.recipient === 'GUEST' ? "The guest's memory" : "The memory of the guest's emulator";
      const detail = `${whose} has a broken page; what was done: ${payload.action.toLowerCase()}`;
      book.occur({ kind: 'memoryFailure', domain, resource: GUEST }, detail);
    }
    if (payload.event !== 'IO_ERROR_REASON') return;
    const disk = fieldsOf(domain).process?.disks.find(({ plan }) => plan.spec.alias === payload.alias);
    if (!disk) return;
    const { target } = disk.config;
    const why = payload.reason === 'enospc' ? 'there is no space left' : 'the device failed it';
    book.occur(
      { kind: 'diskError', domain, resource: { kind: 'disk', target } },
      `A request to disk ${target} failed: ${why}`,
    );
  }

  #bookOf(host: Host): AlarmBook {
    return this.#hosts.get(host)!.book;
  }
}
