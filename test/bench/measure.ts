import type { Children, Placement } from './children.ts';
import {
  type Contender,
  compare,
  compareJudge,
  type KindFigures,
  type Round,
  undisturbed,
} from './figures.ts';
import type { RunJudge } from './judge.ts';
import type { RemoteGenerator } from './load/remote-generator.ts';
import { KINDS, type Kind } from './load/request-template.ts';
import type { RoundOptions } from './load/round.ts';
import { memoryOf } from './process-usage.ts';
import { COMMUNITY, ROOT, type Server, startAgent, USER } from './servers.ts';

const WARM_UP_SECONDS = 0.5;
/** Rounds that may be added, for each kind of request, to make up for disturbed ones. */
const EXTRA_ROUNDS = 3;
/** What is also measured with SNMPv3; a GETNEXT is to it what a GET is. */
const V3_KINDS: readonly Kind[] = ['GET', 'GETBULK'];

/** How the rounds are run. */
export interface MeasureOptions {
  /** Rounds of each kind of request and each contender. */
  readonly rounds: number;
  readonly seconds: number;
  readonly window: number;
  readonly repetitions: number;
  /** Walkers start spread over the instances rather than all before the first. */
  readonly spread: boolean;
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
  const { generator, echo, judge } = bench;
  const secured = V3_KINDS.includes(kind);
  const round = (contender: Contender, seconds: number) =>
    generator.load(roundOptions(contender, contender === 'echo' ? echo : agent, kind, options, seconds));
  const all = async (seconds: number): Promise<Round> => ({
    agent: await round('agent', seconds),
    echo: await round('echo', seconds),
    ...(secured ? { v3: await round('v3', seconds) } : {}),
  });
  await all(WARM_UP_SECONDS);
  const rounds: Round[] = [];
  const wanted = options.rounds;
  const enough = () =>
    undisturbed(rounds, 'agent', 'echo') >= wanted &&
    (!secured || undisturbed(rounds, 'v3', 'agent') >= wanted);
  for (let left = wanted + EXTRA_ROUNDS; left > 0 && !enough(); left--) {
    const judged = judge && { judge: await judge(kind, agent.port, options) };
    rounds.push({ ...(await all(options.seconds)), ...judged });
  }
  return {
    kind,
    echo: compare(rounds, wanted, 'agent', 'echo'),
    ...(secured ? { v3: compare(rounds, wanted, 'v3', 'agent') } : {}),
    ...(judge ? { judge: compareJudge(rounds) } : {}),
  };
}

function roundOptions(
  contender: Contender,
  server: Server,
  kind: Kind,
  { window, repetitions, spread }: MeasureOptions,
  seconds: number,
): RoundOptions {
  return {
    target: contender === 'echo' ? 'echo' : 'agent',
    as: contender === 'v3' ? USER : COMMUNITY,
    port: server.port,
    serverPid: server.pid,
    kind,
    repetitions,
    window,
    spread,
    durationMs: seconds * 1000,
  };
}
