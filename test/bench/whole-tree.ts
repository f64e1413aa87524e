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
const LONGEST_WALK_MS = 30_000;
/** Everything. */
const TREE = '1.3';

/** Walks over all that an agent serves, against walks over libvirtGuestTable, in turn. */
export interface WholeTreeFigures {
  readonly guests: number;
  /** Instances in the table, and in all. */
  readonly instances: readonly [table: number, tree: number];
  /** One manager walks from the first instance to the last, one request after the other. */
  readonly walk: Comparison;
  /** As many walkers as the window is large, spread over all instances, so that the agent has no pause and each table is met. */
  readonly full: Comparison;
  readonly faults: readonly string[];
}

/** Medians. */
interface Comparison {
  readonly varbindsPerSecond: readonly [table: number, tree: number];
  /** Rate of the tree over that of the table in the round beside it. */
  readonly ratio: number;
}

/** Walks the whole tree of an agent with all modules. */
export async function measureWholeTree(
  { children, placement }: Bench,
  options: MeasureOptions,
): Promise<WholeTreeFigures> {
  const agent = await startAgent(children, placement.server, GUESTS);
  const found: number[] = [];
  const generators: RemoteGenerator[] = [];
  for (const root of [ROOT, TREE]) {
    const generator = new RemoteGenerator(children, placement.generator);
    found.push(await generator.discover(agent.port, COMMUNITY, root));
    generators.push(generator);
  }
  const [table, tree] = found as [number, number];
  const request = {
    target: 'agent',
    as: COMMUNITY,
    port: agent.port,
    serverPid: agent.pid,
    kind: 'GETBULK',
    repetitions: REPETITIONS,
  } as const;
  const walkOnce = { ...request, window: 1, spread: false, durationMs: LONGEST_WALK_MS };
  const full = { ...request, window: options.window, spread: true, durationMs: options.seconds * 1000 };
  const rounds: Record<'walk' | 'full', [RoundResult, RoundResult][]> = { walk: [], full: [] };
  for (let round = 0; round <= options.rounds; round++) {
    rounds.walk.push([
      // As many instances as the tree has, so that both take about as long.
      await generators[0]!.load({ ...walkOnce, walks: Math.ceil(tree / table) }),
      await generators[1]!.load({ ...walkOnce, walks: 1 }),
    ]);
    rounds.full.push([await generators[0]!.load(full), await generators[1]!.load(full)]);
  }
  await children.stop(agent.process);
  // The first of each is to warm up.
  const [walks, fulls] = [rounds.walk.slice(1), rounds.full.slice(1)];
  return {
    guests: GUESTS,
    instances: [table, tree],
    walk: comparison(walks),
    full: comparison(fulls),
    faults: [
      ...walks
        .flat()
        .flatMap(({ walks: done }) => (done === 0 ? ['whole tree: a walk did not come to its end'] : [])),
      ...[...walks, ...fulls]
        .flat()
        .flatMap(({ errors, disorder }) =>
          errors + disorder > 0 ? [`whole tree: ${errors} errors, ${disorder} names out of order`] : [],
        ),
    ],
  };
}

function comparison(rounds: readonly [RoundResult, RoundResult][]): Comparison {
  return {
    varbindsPerSecond: [median(rounds.map(([own]) => rate(own))), median(rounds.map(([, all]) => rate(all)))],
    ratio: median(rounds.map(([own, all]) => rate(all) / rate(own))),
  };
}

function rate({ varbinds, seconds }: RoundResult): number {
  return varbinds / seconds;
}

/** Whether the whole is nearly as fast as the table. */
export function wholeTreeTarget({ walk: { ratio } }: WholeTreeFigures): Target {
  return {
    what: `a walk of the whole tree at least ${LEAST} of one of libvirtGuestTable, by varbinds`,
    measured: ratio.toFixed(2),
    verdict: ratio >= LEAST ? 'reached' : 'MISSED',
  };
}

/** The figures as lines. */
export function wholeTreeLine({ guests, instances, walk, full }: WholeTreeFigures): string {
  const line = (what: string, { varbindsPerSecond, ratio }: Comparison) => {
    const [table, tree] = varbindsPerSecond.map((each) => Math.round(each).toLocaleString('en'));
    return `${what}: libvirtGuestTable ${table} varbinds/s, the whole tree ${tree}, ratio ${ratio.toFixed(2)}`;
  };
  const [table, tree] = instances.map((each) => each.toLocaleString('en'));
  return [
    `GETBULK of ${REPETITIONS}, ${guests.toLocaleString('en')} guests, ${table} instances in libvirtGuestTable and ${tree} in all`,
    line('  one walk, a request after the other', walk),
    line('  walkers all over the tree at once', full),
  ].join('\n');
}
