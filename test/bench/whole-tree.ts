import { RemoteGenerator } from './load/remote-generator.ts';
import type { RoundResult } from './load/round.ts';
import type { Bench, MeasureOptions } from './measure.ts';
import type { Target } from './report.ts';
import { COMMUNITY, ROOT, startAgent } from './servers.ts';
import { median } from './statistics.ts';

const GUESTS = 1000;
const LEAST = 0.9;
/** As `snmpbulkwalk -Cr50` asks. */
const REPETITIONS = 50;
/** Everything. */
const TREE = '1.3';

/** Walks over all that an agent serves, against walks over libvirtGuestTable, in turn. */
export interface WholeTreeFigures {
  readonly guests: number;
  /** Instances in the table, and in all. */
  readonly instances: readonly [table: number, tree: number];
  /** Medians. */
  readonly varbindsPerSecond: readonly [table: number, tree: number];
  /** Rate of the tree over that of the table in the round beside it: the median. */
  readonly ratio: number;
  readonly faults: readonly string[];
}

/** Walks the whole tree of an agent with all modules, with walkers spread over it so that each table is met. */
export async function measureWholeTree(
  { children, placement }: Bench,
  options: MeasureOptions,
): Promise<WholeTreeFigures> {
  const agent = await startAgent(children, placement.server, GUESTS);
  const rounds: [RoundResult, RoundResult][] = [];
  const found: number[] = [];
  const walkers: (() => Promise<RoundResult>)[] = [];
  for (const root of [ROOT, TREE]) {
    const generator = new RemoteGenerator(children, placement.generator);
    found.push(await generator.discover(agent.port, COMMUNITY, root));
    walkers.push(() =>
      generator.load({
        target: 'agent',
        as: COMMUNITY,
        port: agent.port,
        serverPid: agent.pid,
        kind: 'GETBULK',
        repetitions: REPETITIONS,
        window: options.window,
        spread: true,
        durationMs: options.seconds * 1000,
      }),
    );
  }
  const [table, tree] = walkers as [() => Promise<RoundResult>, () => Promise<RoundResult>];
  for (let round = 0; round <= options.rounds; round++) rounds.push([await table(), await tree()]);
  // The first is to warm up.
  rounds.shift();
  await children.stop(agent.process);
  return {
    guests: GUESTS,
    instances: [found[0]!, found[1]!],
    varbindsPerSecond: [median(rounds.map(([own]) => rate(own))), median(rounds.map(([, all]) => rate(all)))],
    ratio: median(rounds.map(([own, all]) => rate(all) / rate(own))),
    faults: rounds
      .flat()
      .flatMap(({ errors, disorder }) =>
        errors + disorder > 0 ? [`whole tree: ${errors} errors, ${disorder} names out of order`] : [],
      ),
  };
}

function rate({ varbinds, seconds }: RoundResult): number {
  return varbinds / seconds;
}

/** Whether the whole is nearly as fast as the table. */
export function wholeTreeTarget({ ratio }: WholeTreeFigures): Target {
  return {
    what: `GETBULK over the whole tree at least ${LEAST} of libvirtGuestTable, by varbinds`,
    measured: ratio.toFixed(2),
    verdict: ratio >= LEAST ? 'reached' : 'MISSED',
  };
}

/** The figures as a line. */
export function wholeTreeLine({ guests, instances, varbindsPerSecond, ratio }: WholeTreeFigures): string {
  const [tableRate, treeRate] = varbindsPerSecond.map((each) => Math.round(each).toLocaleString('en'));
  return (
    `Walks by GETBULK of ${REPETITIONS}, ${guests.toLocaleString('en')} guests: libvirtGuestTable alone (${instances[0].toLocaleString('en')} instances) ` +
    `${tableRate} varbinds/s, the whole tree (${instances[1].toLocaleString('en')}) ${treeRate}, ratio ${ratio.toFixed(2)}`
  );
}
