import type { Bench } from '../measure.ts';
import { median } from '../statistics.ts';
import { Asked } from './asked.ts';
import type { RateReply, RateTask } from './rate-server.ts';
import type { RateSinkReply, RateSinkTask } from './rate-sink.ts';

/** Notifications of one round. */
const COUNT = 30_000;
const ROUNDS = 7;
/** Rounds that may be added to make up for disturbed ones. */
const EXTRA_ROUNDS = 5;
/** A sender that got less of its CPU than this was held up by something else. */
const UNDISTURBED = 0.9;

/** One turn of a sender. */
interface Sent {
  /** Notifications that it handed to the operating system, per second, each to all sinks. */
  readonly rate: number;
  /** Its CPU time for one notification in microseconds, user and system. */
  readonly cpuUs: number;
  /** The share of a CPU that it used. */
  readonly busy: number;
  /** The share of its datagrams that arrived. */
  readonly arrived: number;
}

interface Round {
  readonly bare: Sent;
  readonly traps: Sent;
}

/** What sending came to for one number of sinks: medians over the rounds that were disturbed least. */
export interface RateFigures {
  readonly sinks: number;
  /** Notifications per second, each to all sinks. */
  readonly perSecond: number;
  readonly barePerSecond: number;
  /** CPU time for one notification to all sinks, in microseconds. */
  readonly cpuUs: number;
  readonly bareCpuUs: number;
  /** The medians of the ratios of neighbouring rounds: of rates, and of the CPU time that a notification takes. */
  readonly ratio: number;
  readonly cpuRatio: number;
  /** The least share of datagrams that arrived in a round. */
  readonly arrived: number;
  readonly bareArrived: number;
  /** Rounds of those that count in which one of the two senders got less than 90 % of its CPU. */
  readonly disturbed: number;
  readonly rounds: number;
}

/** Measures an originator against a bare sender in the same process, to one sink and to three. */
export async function measureRates({ children, placement }: Bench): Promise<RateFigures[]> {
  const sinks: RateSinks = new Asked(children, placement.generator, 'rate-sink.ts');
  const { ports } = await sinks.ask({ open: 3 });
  const server: RateServer = new Asked(children, placement.server, 'rate-server.ts');
  const rates: RateFigures[] = [];
  for (const count of [1, 3]) rates.push(await measureRate(server, sinks, ports!.slice(0, count)));
  await children.stop(server.process);
  await children.stop(sinks.process);
  return rates;
}

type RateSinks = Asked<RateSinkTask, RateSinkReply>;
type RateServer = Asked<RateTask, RateReply>;

async function measureRate(
  server: RateServer,
  sinks: RateSinks,
  ports: readonly number[],
): Promise<RateFigures> {
  const turn = async (as: RateTask['as']): Promise<Sent> => {
    const extra = as === 'traps' ? ports.length : 0;
    await sinks.ask({ sinks: ports.length, datagrams: COUNT * ports.length + extra });
    const taken = sinks.next();
    const { seconds, cpuSeconds } = await server.ask({ as, ports, count: COUNT });
    const { received } = await taken;
    return {
      rate: COUNT / seconds,
      cpuUs: (cpuSeconds / COUNT) * 1e6,
      busy: cpuSeconds / seconds,
      arrived: received! / (COUNT * ports.length + extra),
    };
  };
  const round = async (): Promise<Round> => ({ traps: await turn('traps'), bare: await turn('bare') });
  await round();
  const rounds: Round[] = [];
  const undisturbed = () => rounds.filter((one) => share(one) >= UNDISTURBED).length;
  while (rounds.length < ROUNDS + EXTRA_ROUNDS && undisturbed() < ROUNDS) rounds.push(await round());
  const best = rounds.toSorted((a, b) => share(b) - share(a)).slice(0, ROUNDS);
  const middle = (of: (one: Round) => number) => median(best.map(of));
  return {
    sinks: ports.length,
    perSecond: middle(({ traps }) => traps.rate),
    barePerSecond: middle(({ bare }) => bare.rate),
    cpuUs: middle(({ traps }) => traps.cpuUs),
    bareCpuUs: middle(({ bare }) => bare.cpuUs),
    ratio: middle(({ traps, bare }) => traps.rate / bare.rate),
    cpuRatio: middle(({ traps, bare }) => bare.cpuUs / traps.cpuUs),
    arrived: Math.min(...best.map(({ traps }) => traps.arrived)),
    bareArrived: Math.min(...best.map(({ bare }) => bare.arrived)),
    disturbed: best.filter((one) => share(one) < UNDISTURBED).length,
    rounds: best.length,
  };
}

/** The share of its CPU that the sender that got least of it got. */
function share({ bare, traps }: Round): number {
  return Math.min(bare.busy, traps.busy);
}
