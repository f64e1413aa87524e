import type { RoundOptions, RoundResult } from '../load/round.ts';
import type { Bench } from '../measure.ts';
import { COMMUNITY, ROOT } from '../servers.ts';
import { median, percentileOf } from '../statistics.ts';
import { type Program, type Sinks, withProgram } from './program.ts';
import type { StormCount } from './program-server.ts';
import type { SinkFigures } from './sink.ts';

const GUESTS = 10_000;
const IDLE_ROUNDS = 10;
const ROUND_MS = 500;
/** Rounds in which a storm must be over. */
const MAX_ROUNDS = 720;
/** A server that got less of its CPU than this was held up by something else. */
const UNDISTURBED = 0.9;

/** Requests in one part of the storm. */
export interface Answered {
  readonly requests: number;
  /** p99 of GET in microseconds, over all of them. */
  readonly p99: number;
  readonly lost: number;
  /** p99 of the CPU time that a turn of the program's event loop takes, in microseconds: what other programs do is not in it. */
  readonly turnUs: number;
  readonly rounds: number;
  /** Rounds in which the program got less than 90 % of its CPU. */
  readonly disturbed: number;
  /** The share of its CPU that it got in the middle round. */
  readonly busy: number;
}

/** What a storm came to. */
export interface StormFigures extends StormCount {
  readonly guests: number;
  /** What the receiver has seen of it. */
  readonly received: number;
  readonly gaps: number;
  readonly disorder: number;
  readonly repeated: number;
  /** From the first inform to the last, in seconds. */
  readonly seconds: number;
  readonly idle: Answered;
  /** All of the storm; until all guests have crashed; and after that, until all informs were acknowledged. */
  readonly storm: Answered;
  readonly crash: Answered;
  readonly drain: Answered;
}

/** Lets all guests crash in one instant, and asks meanwhile. It is over when every inform was acknowledged. */
export async function measureStorm(
  bench: Bench,
  sinks: Sinks,
  port: number,
  window: number,
): Promise<StormFigures> {
  return withProgram(bench, { guests: GUESTS, port, kind: 'inform' }, async (program, agentPort) => {
    const { generator } = bench;
    await generator.discover(agentPort, COMMUNITY, ROOT);
    const round = () => generator.load(getRound(agentPort, program.process.pid!, window));
    const turnUs = async () => (await program.ask({ do: 'turns' })).turnUs!;
    await turnUs();
    await round();
    await turnUs();
    const idle: RoundResult[] = [];
    for (let i = 0; i < IDLE_ROUNDS; i++) idle.push(await round());
    const idleTurnUs = await turnUs();
    await sinks.ask({ reset: 0 });
    await program.ask({ do: 'storm' });
    const crash: RoundResult[] = [];
    const drain: RoundResult[] = [];
    let count = await counted(program);
    let crashTurnUs = 0;
    for (let left = MAX_ROUNDS; left > 0 && !isOver(count); left--) {
      const isCrash = count.left > 0;
      (isCrash ? crash : drain).push(await round());
      count = await counted(program);
      if (isCrash && count.left === 0) crashTurnUs = await turnUs();
    }
    const drainTurnUs = await turnUs();
    const { received, gaps, disorder, repeated, arrivals } = (await sinks.ask({ take: 0 })).figures!;
    return {
      guests: GUESTS,
      ...count,
      received,
      gaps,
      disorder,
      repeated,
      seconds: lasted(arrivals),
      idle: answered(idle, idleTurnUs),
      storm: answered([...crash, ...drain], Math.max(crashTurnUs, drainTurnUs)),
      crash: answered(crash, crashTurnUs),
      drain: answered(drain, drainTurnUs),
    };
  });
}

async function counted(program: Program): Promise<StormCount> {
  return (await program.ask({ do: 'count' })).count!;
}

function isOver({ left, made, acknowledged, lost }: StormCount): boolean {
  return left === 0 && acknowledged + lost >= made;
}

function lasted(arrivals: SinkFigures['arrivals']): number {
  return arrivals.length === 0 ? 0 : (arrivals.at(-1)![1] - arrivals[0]![1]) / 1000;
}

function answered(rounds: readonly RoundResult[], turnUs: number): Answered {
  const busy = rounds.map(({ serverCpu, seconds }) => serverCpu / seconds);
  const sum = (of: (round: RoundResult) => number) => rounds.reduce((all, one) => all + of(one), 0);
  return {
    requests: sum(({ requests }) => requests),
    p99: percentileOf(
      rounds.map(({ histogram }) => histogram),
      0.99,
    ),
    lost: sum(({ lost }) => lost),
    turnUs,
    rounds: rounds.length,
    disturbed: busy.filter((share) => share < UNDISTURBED).length,
    busy: median(busy),
  };
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
