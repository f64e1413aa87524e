import type { JudgeFigures } from './judge.ts';
import type { Kind } from './load/request-template.ts';
import type { RoundResult } from './load/round.ts';
import { median } from './statistics.ts';

/** A server that got less of its CPU than this was held up by something else, and its rate says little. */
const UNDISTURBED = 0.9;

/** What answers in a round: the echo, the agent asked with SNMPv2c, the agent asked with SNMPv3. */
export type Contender = 'echo' | 'agent' | 'v3';

/** One round of each contender, and of the judge, right after each other. */
export interface Round extends Readonly<Partial<Record<Contender, RoundResult>>> {
  readonly agent: RoundResult;
  readonly echo: RoundResult;
  readonly judge?: JudgeFigures;
}

/** One contender under one kind of load: medians over the rounds chosen, sums over all of what went wrong. */
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

/** One contender against another: over the rounds in which these two were held up least. */
export interface Comparison {
  readonly measured: LoadFigures;
  readonly yardstick: LoadFigures;
  /** Rate over the yardstick's in the round beside it: the median. */
  readonly rateRatio: number;
  /** The yardstick's CPU time for one request over that measured in the round beside it: the median. */
  readonly cpuRatio: number;
  /** Rounds among them in which one of the two got less than 90 % of its CPU. */
  readonly disturbed: number;
  /** Rounds that the medians are of. */
  readonly rounds: number;
}

/** The agent under one kind of load. */
export interface KindFigures {
  readonly kind: Kind;
  /** SNMPv2c against the echo. */
  readonly echo: Comparison;
  /** SNMPv3 against SNMPv2c. */
  readonly v3?: Comparison;
  readonly judge?: JudgeComparison;
}

/** The judge's best round, and the generator's best over it: what disturbs a round only makes it slower. */
export interface JudgeComparison extends JudgeFigures {
  readonly requestsRatio: number;
  readonly varbindsRatio: number;
}

/** How many rounds nothing else took much of the CPU of these servers from. */
export function undisturbed(rounds: readonly Round[], ...contenders: readonly Contender[]): number {
  return rounds.filter((round) => share(round, contenders) >= UNDISTURBED).length;
}

/** Compares two contenders over some of the rounds, those with the least disturbance of the two. */
export function compare(
  rounds: readonly Round[],
  count: number,
  measured: Contender,
  yardstick: Contender,
): Comparison {
  const pair = [measured, yardstick];
  const best = rounds.toSorted((a, b) => share(b, pair) - share(a, pair)).slice(0, count);
  const ratio = (figure: (result: RoundResult) => number) =>
    median(best.map((round) => figure(round[measured]!) / figure(round[yardstick]!)));
  return {
    measured: loadFigures(best, rounds, measured),
    yardstick: loadFigures(best, rounds, yardstick),
    rateRatio: ratio(rate),
    cpuRatio: ratio((result) => 1 / cpuPerRequest(result)),
    disturbed: best.length - undisturbed(best, ...pair),
    rounds: best.length,
  };
}

/** Compares the generator, over all rounds, with the judge. */
export function compareJudge(rounds: readonly Round[]): JudgeComparison {
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

/** Medians of the rounds chosen, sums of all. */
function loadFigures(best: readonly Round[], rounds: readonly Round[], contender: Contender): LoadFigures {
  const middle = (figure: (result: RoundResult) => number) =>
    median(best.map((round) => figure(round[contender]!)));
  const sum = (figure: (result: RoundResult) => number) =>
    rounds.reduce((all, round) => all + figure(round[contender]!), 0);
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

/** The share of its CPU that the server that got least of it got. */
function share(round: Round, contenders: readonly Contender[]): number {
  return Math.min(...contenders.map((contender) => busy(round[contender]!)));
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
