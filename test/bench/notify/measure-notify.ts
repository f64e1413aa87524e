import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Children } from '../children.ts';
import type { RoundOptions, RoundResult } from '../load/round.ts';
import type { Bench } from '../measure.ts';
import { COMMUNITY, ROOT } from '../servers.ts';
import { median, percentile } from '../statistics.ts';
import type { RateReply, RateTask } from './rate-server.ts';
import type { SinkFigures, SinkTask } from './sink.ts';
import type { StormReply, StormTask } from './storm-server.ts';

const STORM_GUESTS = 10_000;
/** Notifications of one round. */
const RATE_COUNT = 30_000;
const ROUNDS = 7;
/** Time in which what was sent last arrives. */
const SETTLE_MS = 100;
const EVENTS = 500;
/** Events before those that are measured: the first ones wait for the compiler. */
const WARM_UP_EVENTS = 200;
const EVENT_EVERY_MS = 4;
const IDLE_ROUNDS = 5;
const ROUND_MS = 500;
/** Rounds without an inform after which none is expected: more than an inform waits to be sent again. */
const SILENT_ROUNDS = 6;
/** Rounds in which a storm must be over. */
const MAX_STORM_ROUNDS = 240;

/** One round: notifications per second that arrived at each sink, and the sender's CPU time in seconds for one. */
interface RateRound {
  readonly rate: number;
  readonly cpu: number;
}

/** What sending came to for one number of sinks: medians over the rounds, of what arrived. */
export interface RateFigures {
  readonly sinks: number;
  /** Notifications per second, each to all sinks. */
  readonly perSecond: number;
  readonly barePerSecond: number;
  /** The medians of the ratios of neighbouring rounds: of rates, and of the CPU time that a notification takes. */
  readonly ratio: number;
  readonly cpuRatio: number;
}

/** What a storm came to. */
export interface StormFigures {
  readonly guests: number;
  readonly events: number;
  readonly informs: number;
  readonly gaps: number;
  readonly disorder: number;
  readonly repeated: number;
  /** From the first inform to the last, in seconds. */
  readonly seconds: number;
  /** p99 of GET in microseconds: the median of the idle rounds, of those in the storm, and the worst of these. */
  readonly idleP99: number;
  readonly stormP99: number;
  readonly worstP99: number;
  readonly requestsLost: number;
}

export interface NotifyFigures {
  readonly rates: readonly RateFigures[];
  readonly storm: StormFigures;
  /** From an event to its datagram at the receiver, in ms. */
  readonly latency: { readonly p50: number; readonly p99: number; readonly events: number };
}

/** A child process that answers each task with one message. */
class Asked<Task extends object, Reply> {
  readonly process: ChildProcess;

  constructor(children: Children, cpu: number | undefined, script: string) {
    const path = fileURLToPath(new URL(script, import.meta.url));
    this.process = children.start([process.execPath, '--import', 'tsx', path], cpu, [
      'ignore',
      'inherit',
      'inherit',
      'ipc',
    ]);
  }

  ask(task: Task): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const ended = () => reject(new Error('a process of the bench ended in the middle of a task'));
      this.process.once('exit', ended);
      this.process.once('message', (reply: Reply & { readonly error?: string }) => {
        this.process.off('exit', ended);
        if (reply.error === undefined) resolve(reply);
        else reject(new Error(reply.error));
      });
      this.process.send(task);
    });
  }
}

type SinkReply = { readonly ports?: readonly number[]; readonly figures?: SinkFigures };
type Sinks = Asked<SinkTask, SinkReply>;

/** Measures how fast notifications go out, what a storm of them does to requests, and how soon a single one leaves. */
export async function measureNotify(bench: Bench, window: number): Promise<NotifyFigures> {
  const { children, placement } = bench;
  const sinks: Sinks = new Asked(children, placement.generator, 'sink.ts');
  const { ports } = await sinks.ask({ open: 3 });
  const rates: RateFigures[] = [];
  const server = new Asked<RateTask, RateReply>(children, placement.server, 'rate-server.ts');
  for (const count of [1, 3]) rates.push(await measureRate(server, sinks, ports!.slice(0, count)));
  await children.stop(server.process);
  const latency = await measureLatency(bench, sinks, ports![0]!);
  const storm = await measureStorm(bench, sinks, ports![0]!, window);
  await children.stop(sinks.process);
  return { rates, storm, latency };
}

async function measureRate(
  server: Asked<RateTask, RateReply>,
  sinks: Sinks,
  ports: readonly number[],
): Promise<RateFigures> {
  const round = async (as: RateTask['as']): Promise<RateRound> => {
    for (const [i] of ports.entries()) await sinks.ask({ reset: i });
    const { seconds, cpuSeconds } = await server.ask({ as, ports, count: RATE_COUNT });
    await pause(SETTLE_MS);
    let arrived = 0;
    for (const [i] of ports.entries()) {
      const { received, repeated } = (await sinks.ask({ take: i })).figures!;
      arrived += received + repeated;
    }
    return { rate: arrived / ports.length / seconds, cpu: (cpuSeconds / arrived) * ports.length };
  };
  await round('bare');
  await round('traps');
  const rounds: { bare: RateRound; traps: RateRound }[] = [];
  for (let i = 0; i < ROUNDS; i++) rounds.push({ traps: await round('traps'), bare: await round('bare') });
  const middle = (of: (one: (typeof rounds)[number]) => number) => median(rounds.map(of));
  return {
    sinks: ports.length,
    perSecond: middle(({ traps }) => traps.rate),
    barePerSecond: middle(({ bare }) => bare.rate),
    ratio: middle(({ traps, bare }) => traps.rate / bare.rate),
    cpuRatio: middle(({ traps, bare }) => bare.cpu / traps.cpu),
  };
}

/** Runs the whole program towards a sink, and removes its state afterwards. */
async function withProgram<T>(
  { children, placement }: Bench,
  setup: { readonly guests: number; readonly port: number; readonly kind: 'trap' | 'inform' },
  body: (program: Asked<StormTask, StormReply>, port: number) => Promise<T>,
): Promise<T> {
  const state = mkdtempSync(join(tmpdir(), 'virtsnmp-bench-'));
  const program = new Asked<StormTask, StormReply>(children, placement.server, 'storm-server.ts');
  try {
    const { port } = await program.ask({ do: 'start', ...setup, state });
    return await body(program, port!);
  } finally {
    await children.stop(program.process);
    rmSync(state, { recursive: true, force: true });
  }
}

async function measureLatency(bench: Bench, sinks: Sinks, port: number): Promise<NotifyFigures['latency']> {
  return withProgram(bench, { guests: 1000, port, kind: 'trap' }, async (program) => {
    await pause(1000);
    await program.ask({ do: 'events', count: WARM_UP_EVENTS, everyMs: EVENT_EVERY_MS });
    await sinks.ask({ reset: 0 });
    const { happenedMs } = await program.ask({ do: 'events', count: EVENTS, everyMs: EVENT_EVERY_MS });
    await pause(200);
    const { arrivalsMs } = (await sinks.ask({ take: 0 })).figures!;
    const times = latencies(happenedMs!, arrivalsMs).sort((a, b) => a - b);
    return { p50: percentile(times, 0.5), p99: percentile(times, 0.99), events: times.length };
  });
}

/** An event has one notification or several: the last of them counts. Guests of the simulation may add their own. */
function latencies(happened: readonly number[], arrivals: readonly number[]): number[] {
  return happened.map((at, i) => {
    const end = happened[i + 1] ?? Number.POSITIVE_INFINITY;
    const last = arrivals.findLast((arrival) => arrival >= at && arrival < end);
    // What has not come before the next event was slower than that.
    return last === undefined ? end - at : last - at;
  });
}

async function measureStorm(bench: Bench, sinks: Sinks, port: number, window: number): Promise<StormFigures> {
  const setup = { guests: STORM_GUESTS, port, kind: 'inform' } as const;
  return withProgram(bench, setup, async (program, agentPort) => {
    const { generator } = bench;
    await generator.discover(agentPort, COMMUNITY, ROOT);
    const round = () => generator.load(getRound(agentPort, program.process.pid!, window));
    await round();
    const idle: RoundResult[] = [];
    for (let i = 0; i < IDLE_ROUNDS; i++) idle.push(await round());
    await sinks.ask({ reset: 0 });
    let haveCrashed = false;
    program.ask({ do: 'storm' }).then(() => {
      haveCrashed = true;
    });
    const during: RoundResult[] = [];
    const parts: SinkFigures[] = [];
    // It is over when all guests have crashed and some rounds have brought no inform any more.
    for (let left = MAX_STORM_ROUNDS, silent = 0; left > 0 && silent < SILENT_ROUNDS; left--) {
      during.push(await round());
      parts.push((await sinks.ask({ take: 0 })).figures!);
      silent = haveCrashed && parts.at(-1)!.received === 0 ? silent + 1 : 0;
    }
    during.splice(-SILENT_ROUNDS);
    const { events } = await program.ask({ do: 'count' });
    const sum = (of: (part: SinkFigures) => number) => parts.reduce((all, part) => all + of(part), 0);
    const arrivals = parts.flatMap(({ arrivalsMs }) => arrivalsMs);
    return {
      guests: STORM_GUESTS,
      events: events!,
      informs: sum(({ received }) => received),
      gaps: sum(({ gaps }) => gaps),
      disorder: sum(({ disorder }) => disorder),
      repeated: sum(({ repeated }) => repeated),
      seconds: (arrivals.at(-1)! - arrivals[0]!) / 1000,
      idleP99: median(idle.map(({ p99 }) => p99)),
      stormP99: median(during.map(({ p99 }) => p99)),
      worstP99: Math.max(...during.map(({ p99 }) => p99)),
      requestsLost: during.reduce((all, { lost }) => all + lost, 0),
    };
  });
}

function getRound(port: number, serverPid: number, window: number): RoundOptions {
  return {
    target: 'agent',
    as: COMMUNITY,
    port,
    serverPid,
    kind: 'GET',
    repetitions: 0,
    window,
    spread: false,
    durationMs: ROUND_MS,
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
