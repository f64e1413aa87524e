import type { Children, Placement } from './children.ts';
import type { JudgeFigures, RunJudge } from './judge.ts';
import type { RemoteGenerator } from './load/remote-generator.ts';
import { KINDS, type Kind } from './load/request-template.ts';
import type { RoundOptions, RoundResult } from './load/round.ts';
import { memoryOf } from './process-usage.ts';
import { COMMUNITY, ROOT, type Server, startAgent } from './servers.ts';
import { median } from './statistics.ts';

const WARM_UP_MS = 500;
/** A server that got less of its CPU than this was held up by something else, and its rate says little. */
const UNDISTURBED = 0.9;
/** Rounds that may be added, for each kind of request, to make up for disturbed ones. */
const EXTRA_ROUNDS = 3;

/** How the rounds are run. */
export interface MeasureOptions {
  /** Rounds of each kind of request, for the agent and for the echo. */
  readonly rounds: number;
  readonly seconds: number;
  readonly window: number;
  readonly repetitions: number;
  /** Walkers start spread over the instances rather than all before the first. */
  readonly spread: boolean;
}

/** One server under one kind of load: medians over the rounds, sums of what should not be. */
export interface LoadFigures {
  readonly requestsPerSecond: number;
  readonly varbindsPerSecond: number;
  /** Microseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Server's CPU time for one request, in microseconds, user and system. */
  readonly cpuPerRequest: number;
  /** Shares of their CPU that server and generator used. */
  readonly serverBusy: number;
  readonly generatorBusy: number;
  readonly lost: number;
  readonly errors: number;
  readonly disorder: number;
  readonly walks: number;
  readonly shortWalks: number;
}

/** Agent and echo under one kind of load. */
export interface KindFigures {
  readonly kind: Kind;
  readonly agent: LoadFigures;
  readonly echo: LoadFigures;
  /** Agent's rate over the echo's in the round beside it: the median. */
  readonly rateRatio: number;
  /** Echo's CPU time for one request over the agent's in the round beside it: the median. */
  readonly cpuRatio: number;
  /** Rounds among them in which agent or echo got less than 90 % of its CPU. */
  readonly disturbed: number;
  /** Rounds that the medians are of. */
  readonly rounds: number;
  readonly judge?: Comparison;
}

/** The agent, the echo and the judge, each for one round, right after each other. */
interface Round {
  readonly agent: RoundResult;
  readonly echo: RoundResult;
  readonly judge?: JudgeFigures;
}

/** The judge's best round, and the generator's best over it: what disturbs a round only makes it slower. */
interface Comparison extends JudgeFigures {
  readonly requestsRatio: number;
  readonly varbindsRatio: number;
}

/** An agent with one number of guests. */
export interface SizeFigures {
  readonly guests: number;
  readonly instances: number;
  /** From starting the process to its first answer, in milliseconds. */
  readonly startMs: number;
  /** MiB resident after the start, and the most until the end of the load. */
  readonly residentMiB: number;
  readonly peakMiB: number;
  readonly kinds: readonly KindFigures[];
}

/** What a measurement works with. */
export interface Bench {
  readonly children: Children;
  readonly placement: Placement;
  readonly generator: RemoteGenerator;
  readonly echo: Server;
  readonly judge?: RunJudge;
}

/** Starts an agent with some guests and measures it against the echo, round by round. */
export async function measureSize(
  bench: Bench,
  guests: number,
  options: MeasureOptions,
): Promise<SizeFigures> {
  const agent = await startAgent(bench.children, bench.placement.server, guests);
  const { resident } = memoryOf(agent.pid);
  const instances = await bench.generator.discover(agent.port, COMMUNITY, ROOT);
  const kinds: KindFigures[] = [];
  for (const kind of KINDS) kinds.push(await measureKind(bench, agent, kind, options));
  const { peak } = memoryOf(agent.pid);
  await bench.children.stop(agent.process);
  return { guests, instances, startMs: agent.startMs, residentMiB: resident, peakMiB: peak, kinds };
}

async function measureKind(
  bench: Bench,
  agent: Server,
  kind: Kind,
  options: MeasureOptions,
): Promise<KindFigures> {
  const { generator, echo } = bench;
  const round = (target: 'agent' | 'echo', durationMs: number) =>
    generator.load(roundOptions(target, target === 'agent' ? agent : echo, kind, options, durationMs));
  await round('agent', WARM_UP_MS);
  await round('echo', WARM_UP_MS);
  const rounds: Round[] = [];
  for (let left = options.rounds + EXTRA_ROUNDS; left > 0 && undisturbed(rounds) < options.rounds; left--) {
    rounds.push({
      agent: await round('agent', options.seconds * 1000),
      echo: await round('echo', options.seconds * 1000),
      ...(bench.judge ? { judge: await bench.judge(kind, agent.port, options) } : {}),
    });
  }
  const best = rounds.toSorted((a, b) => share(b) - share(a)).slice(0, options.rounds);
  return {
    kind,
    agent: loadFigures(best, rounds, 'agent'),
    echo: loadFigures(best, rounds, 'echo'),
    rateRatio: median(best.map((one) => rate(one.agent) / rate(one.echo))),
    cpuRatio: median(best.map((one) => cpuPerRequest(one.echo) / cpuPerRequest(one.agent))),
    disturbed: options.rounds - undisturbed(best),
    rounds: best.length,
    ...(bench.judge ? { judge: compare(rounds) } : {}),
  };
}

function roundOptions(
  target: 'agent' | 'echo',
  server: Server,
  kind: Kind,
  { window, repetitions, spread }: MeasureOptions,
  durationMs: number,
): RoundOptions {
  return {
    target,
    port: server.port,
    serverPid: server.pid,
    kind,
    community: COMMUNITY,
    repetitions,
    window,
    spread,
    durationMs,
  };
}

/** Medians of the rounds chosen, sums of all. */
function loadFigures(
  best: readonly Round[],
  rounds: readonly Round[],
  target: 'agent' | 'echo',
): LoadFigures {
  const middle = (figure: (result: RoundResult) => number) => median(best.map((one) => figure(one[target])));
  const sum = (figure: (result: RoundResult) => number) =>
    rounds.reduce((all, one) => all + figure(one[target]), 0);
  return {
    requestsPerSecond: middle(rate),
    varbindsPerSecond: middle(varbindRate),
    p50: middle((result) => result.p50),
    p99: middle((result) => result.p99),
    cpuPerRequest: middle(cpuPerRequest),
    serverBusy: middle(busy),
    generatorBusy: middle((result) => result.generatorCpu / result.seconds),
    lost: sum((result) => result.lost),
    errors: sum((result) => result.errors),
    disorder: sum((result) => result.disorder),
    walks: sum((result) => result.walks),
    shortWalks: sum((result) => result.shortWalks),
  };
}

function compare(rounds: readonly Round[]): Comparison {
  const best = (figure: (round: Round) => number) => Math.max(...rounds.map(figure));
  const requests = best(({ judge }) => judge!.requestsPerSecond);
  const varbinds = best(({ judge }) => judge!.varbindsPerSecond);
  return {
    requestsPerSecond: requests,
    varbindsPerSecond: varbinds,
    faults: rounds.reduce((all, { judge }) => all + judge!.faults, 0),
    requestsRatio: best(({ agent }) => rate(agent)) / requests,
    varbindsRatio: best(({ agent }) => varbindRate(agent)) / varbinds,
  };
}

/** How many rounds nothing else took much of the servers' CPU from. */
function undisturbed(rounds: readonly Round[]): number {
  return rounds.filter((round) => share(round) >= UNDISTURBED).length;
}

/** The share of its CPU that the server that got less of it got. */
function share({ agent, echo }: Round): number {
  return Math.min(busy(agent), busy(echo));
}

function busy(result: RoundResult): number {
  return result.serverCpu / result.seconds;
}

function rate(result: RoundResult): number {
  return result.requests / result.seconds;
}

function varbindRate(result: RoundResult): number {
  return result.varbinds / result.seconds;
}

/** Microseconds. */
function cpuPerRequest(result: RoundResult): number {
  return (result.serverCpu / result.requests) * 1e6;
}
