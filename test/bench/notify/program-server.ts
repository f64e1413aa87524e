/** The whole program in a process, with so many guests, to which things happen. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { PerformanceObserver } from 'node:perf_hooks';
import { loadConfig } from '../../../agent/config/load.ts';
import { Daemon } from '../../../agent/daemon/daemon.ts';
import { createLogging } from '../../../agent/log/log.ts';
import { NOTIFICATION } from '../../support/notify-laboratory.ts';
import { trapV2 } from '../../support/trap-octets.ts';
import { percentile } from '../statistics.ts';
import { machineMs, pause } from './asked.ts';

/** What the program is started with. */
export interface ProgramSetup {
  readonly guests: number;
  /** Port of the receiver; `kind` as in `traps.destinations[].type`. */
  readonly port: number;
  readonly kind: 'trap' | 'inform';
  /** Folder of the state, with the journal. */
  readonly state: string;
}

export type ProgramTask =
  | ({ readonly do: 'start' } & ProgramSetup)
  /** All guests crash in one tick; the answer comes at once. */
  | { readonly do: 'storm' }
  /** What there was since the storm began. */
  | { readonly do: 'count' }
  /** p99 of the turns of the event loop since it was asked before. */
  | { readonly do: 'turns' }
  /** One guest is paused and runs again by turns, so many times, with a bare datagram after each. */
  | { readonly do: 'events'; readonly count: number; readonly everyMs: number };

/** An event, or a bare datagram, with the request-ids that it was told by; ms of the machine's clock. */
export interface Told {
  readonly atMs: number;
  /** When the operating system had the last datagram. */
  readonly sentMs: number;
  /** CPU time of the process from the one to the other. */
  readonly cpuMs: number;
  readonly ids: readonly number[];
}

/** What a storm has come to so far. */
export interface StormCount {
  /** Guests that are still to crash. */
  readonly left: number;
  /** Life-cycle events. */
  readonly events: number;
  /** Notifications that were made for the receiver, and what became of them. */
  readonly made: number;
  readonly acknowledged: number;
  /** Dropped, expired or denied. */
  readonly lost: number;
  /** Pauses of the garbage collector: the longest, and all, in ms. */
  readonly longestPauseMs: number;
  readonly pausesMs: number;
}

export interface ProgramReply {
  readonly port?: number;
  readonly count?: StormCount;
  /** p99 of the CPU time of a turn of the event loop, in microseconds. */
  readonly turnUs?: number;
  readonly events?: readonly Told[];
  readonly bare?: readonly Told[];
  readonly error?: string;
}

/** Request-ids of bare datagrams: far beyond those of notifications. */
const FIRST_BARE_ID = 0x7000_0000;

let daemon: Daemon;
let receiverPort = 0;
/** Identifiers of what was told since somebody last looked. */
let ids: number[] = [];
const count = { left: 0, events: 0, made: 0, acknowledged: 0, lost: 0, longestPauseMs: 0, pausesMs: 0 };

/**
 * The CPU time that turns of the event loop take: what a request that always waits would wait for on a machine that
 * nothing else disturbs. From when it is asked first, the loop does not sleep.
 */
class Turns {
  #before: number | undefined;
  #times: number[] = [];

  /** p99 in microseconds since it was asked last. */
  take(): number {
    if (this.#before === undefined) this.#turn();
    const sorted = this.#times.sort((a, b) => a - b);
    this.#times = [];
    return percentile(sorted, 0.99);
  }

  #turn(): void {
    const { user, system } = process.cpuUsage();
    if (this.#before !== undefined) this.#times.push(user + system - this.#before);
    this.#before = user + system;
    setImmediate(() => this.#turn());
  }
}

const turns = new Turns();

process.on('message', (task: ProgramTask) => {
  perform(task).then(
    (reply) => process.send?.(reply),
    (thrown: unknown) => process.send?.({ error: thrown instanceof Error ? thrown.stack : String(thrown) }),
  );
});

async function perform(task: ProgramTask): Promise<ProgramReply> {
  switch (task.do) {
    case 'start':
      return start(task);
    case 'storm':
      return storm();
    case 'count':
      return { count };
    case 'turns':
      return { turnUs: turns.take() };
    default:
      return oneByOne(task.count, task.everyMs);
  }
}

async function start({ guests, port, kind, state }: ProgramSetup): Promise<ProgramReply> {
  const config = loadConfig({ overrides: { port: 0, guests, state, trap: [`127.0.0.1:${port}`] }, env: {} });
  const destinations = config.traps.destinations.map((destination) => ({ ...destination, type: kind }));
  const logging = createLogging({ ...config.log, level: 'error' });
  receiverPort = port;
  daemon = await Daemon.start(
    {
      ...config,
      // Nobody is held back for asking much: it is what is measured.
      limits: { ...config.limits, requestsPerSecond: 0 },
      traps: { ...config.traps, destinations },
      control: { ...config.control, port: 0 },
    },
    logging,
    {
      onNotification: (_host, _notification, id) => {
        count.made++;
        ids.push(id);
      },
      onDelivery: (_host, { outcome }) => {
        if (outcome === 'acknowledged') count.acknowledged++;
        else if (outcome !== 'sent') count.lost++;
      },
    },
  );
  daemon.hypervisor.onEvent(({ kind: event }) => {
    if (event === 'lifecycle') count.events++;
  });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      count.longestPauseMs = Math.max(count.longestPauseMs, duration);
      count.pausesMs += duration;
    }
  }).observe({ entryTypes: ['gc'] });
  return { port: daemon.hosts[0]!.local[0]!.port };
}

/** Each guest has a timer of its own, as each has in a simulated power failure; all are due in the same instant. */
async function storm(): Promise<ProgramReply> {
  const { clock, hypervisor } = daemon;
  const [host] = hypervisor.hosts;
  const domains = Array.from(host!.domains).filter(({ isActive }) => isActive);
  // What was told before is none of the storm's.
  while (count.acknowledged + count.lost < count.made) await pause(10);
  ids = [];
  Object.assign(count, { events: 0, made: 0, acknowledged: 0, lost: 0, longestPauseMs: 0, pausesMs: 0 });
  count.left = domains.length;
  const atMs = clock.nowMs + 50;
  for (const domain of domains) {
    clock.schedule(atMs, () => {
      hypervisor.apply({ op: 'act', domain, action: 'panic' });
      count.left--;
    });
  }
  return {};
}

async function oneByOne(rounds: number, everyMs: number): Promise<ProgramReply> {
  const { hypervisor } = daemon;
  const domain = Array.from(hypervisor.hosts[0]!.domains).find(({ isActive }) => isActive)!;
  const socket = createSocket({
    type: 'udp4',
    lookup: (host, _options, callback) => callback(null, host, 4),
  });
  const listening = once(socket, 'listening');
  socket.bind(0, '127.0.0.1');
  await listening;
  const events: Told[] = [];
  const bare: Told[] = [];
  for (let i = 0; i < rounds; i++) {
    await pause(everyMs);
    ids = [];
    // Traps that find their queue empty are sent before this returns.
    const act = () => hypervisor.apply({ op: 'act', domain, action: i % 2 === 0 ? 'suspend' : 'resume' });
    const times = timed(act);
    events.push({ ...times, ids });
    await pause(everyMs);
    const id = FIRST_BARE_ID + i;
    const datagram = trapV2(NOTIFICATION, 'public', id);
    bare.push({ ...timed(() => socket.send(datagram, receiverPort, '127.0.0.1')), ids: [id] });
  }
  socket.close();
  return { events, bare };
}

function timed(act: () => void): Pick<Told, 'atMs' | 'sentMs' | 'cpuMs'> {
  const before = process.cpuUsage();
  const atMs = machineMs();
  act();
  const sentMs = machineMs();
  const { user, system } = process.cpuUsage(before);
  return { atMs, sentMs, cpuMs: (user + system) / 1000 };
}
