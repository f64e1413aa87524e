import type { Kind } from './load/request-template.ts';
import type { KindFigures, LoadFigures, SizeFigures } from './measure.ts';

/** Least agent's rate over the echo's, at {@link TARGET_GUESTS}. */
const RATE_TARGETS: Record<Kind, number> = { GET: 0.75, GETNEXT: 0.75, GETBULK: 0.65 };
const TARGET_GUESTS = 1000;
const SMALL = 100;
const LARGE = 100_000;
/** Least part of the ratio at {@link SMALL} guests that is left at {@link LARGE}. */
const SCALE_TARGET = 0.9;
const START_TARGET_MS = 5000;
const MEMORY_TARGET_MIB = 500;

/** One thing to reach, and what was measured. */
export interface Target {
  readonly what: string;
  readonly measured: string;
  /** Unclear when the measurement was disturbed: then neither would mean anything. */
  readonly verdict: 'reached' | 'MISSED' | 'unclear';
}

/** The table of one size: a line for each kind of request. */
export function sizeTable(size: SizeFigures): string {
  const head = [
    'request',
    'requests/s',
    'varbinds/s',
    'p50 us',
    'p99 us',
    'echo/s',
    'ratio',
    'CPU us',
    'echo us',
    'CPU ratio',
    'busy %',
    'echo %',
    'gen %',
    'disturbed',
  ];
  const lines = size.kinds.map(({ kind, agent, echo, rateRatio, cpuRatio, disturbed }) => [
    kind,
    count(agent.requestsPerSecond),
    count(agent.varbindsPerSecond),
    count(agent.p50),
    count(agent.p99),
    count(echo.requestsPerSecond),
    rateRatio.toFixed(2),
    agent.cpuPerRequest.toFixed(1),
    echo.cpuPerRequest.toFixed(1),
    cpuRatio.toFixed(2),
    percent(agent.serverBusy),
    percent(echo.serverBusy),
    percent(Math.max(agent.generatorBusy, echo.generatorBusy)),
    String(disturbed),
  ]);
  const title =
    `${count(size.guests)} guests, ${count(size.instances)} instances: first answer after ` +
    `${(size.startMs / 1000).toFixed(2)} s, ${count(size.residentMiB)} MiB then, ${count(size.peakMiB)} MiB at most`;
  return [title, ...aligned([head, ...lines]), ...judged(size.kinds)].join('\n');
}

/** What the project is to reach, as far as the sizes measured tell. */
export function targets(sizes: readonly SizeFigures[]): Target[] {
  const found = (guests: number) => sizes.find((size) => size.guests === guests);
  const list: Target[] = [];
  for (const figures of found(TARGET_GUESTS)?.kinds ?? []) {
    const { kind, rateRatio, cpuRatio } = figures;
    const least = RATE_TARGETS[kind];
    const what = `${kind} at ${count(TARGET_GUESTS)} guests at least ${least} of the echo`;
    const measured = `${rateRatio.toFixed(2)} by rate, ${cpuRatio.toFixed(2)} by CPU time`;
    list.push({ what, measured, verdict: verdict(rateRatio >= least, figures) });
  }
  const small = found(SMALL);
  const large = found(LARGE);
  if (large) {
    for (const kind of small ? large.kinds : []) {
      const before = small!.kinds.find((other) => other.kind === kind.kind)!;
      const rest = kind.rateRatio / before.rateRatio;
      list.push({
        what: `${kind.kind} at ${count(LARGE)} guests at least ${SCALE_TARGET} of ${SMALL} guests`,
        measured: `${rest.toFixed(2)} by ratio to the echo, ${(before.agent.cpuPerRequest / kind.agent.cpuPerRequest).toFixed(2)} by CPU time`,
        verdict: verdict(rest >= SCALE_TARGET, before, kind),
      });
    }
    list.push({
      what: `${count(LARGE)} guests: first answer within ${START_TARGET_MS / 1000} s`,
      measured: `${(large.startMs / 1000).toFixed(2)} s`,
      verdict: verdict(large.startMs < START_TARGET_MS),
    });
    list.push({
      what: `${count(LARGE)} guests: below ${MEMORY_TARGET_MIB} MiB`,
      measured: `${count(large.residentMiB)} MiB after the start, ${count(large.peakMiB)} MiB at most`,
      verdict: verdict(large.peakMiB < MEMORY_TARGET_MIB),
    });
  }
  return list;
}

/** What to say of a comparison, unless most rounds of what it rests on were disturbed. */
function verdict(reached: boolean, ...basis: readonly KindFigures[]): Target['verdict'] {
  if (basis.some(({ disturbed, rounds }) => disturbed > rounds / 2)) return 'unclear';
  return reached ? 'reached' : 'MISSED';
}

/** The targets, a line for each. */
export function targetLines(list: readonly Target[]): string[] {
  return aligned(
    list.map(({ what, measured, verdict }) => [verdict, what, measured]),
    true,
  );
}

/** What went wrong under load; a bench with any of it says nothing. */
export function faults(sizes: readonly SizeFigures[]): string[] {
  return sizes.flatMap(({ guests, kinds }) =>
    kinds.flatMap(({ kind, agent, echo, judge }) => [
      ...faultsOf(`agent, ${guests} guests, ${kind}`, agent),
      ...faultsOf(`echo, ${guests} guests, ${kind}`, echo),
      ...(judge?.faults ? [`snmpload, ${guests} guests, ${kind}: ${judge.faults} errors`] : []),
    ]),
  );
}

/** Requests that were sent again, all together. */
export function lost(sizes: readonly SizeFigures[]): number {
  return sizes
    .flatMap(({ kinds }) => kinds)
    .reduce((sum, { agent, echo }) => sum + agent.lost + echo.lost, 0);
}

function faultsOf(where: string, figures: LoadFigures): string[] {
  const { errors, disorder, shortWalks, requestsPerSecond } = figures;
  if (errors + disorder + shortWalks === 0 && requestsPerSecond > 0) return [];
  return [
    `${where}: ${errors} errors, ${disorder} names out of order, ${shortWalks} walks that missed instances, ` +
      `${count(requestsPerSecond)} requests/s`,
  ];
}

function judged(kinds: readonly KindFigures[]): string[] {
  const lines = kinds.flatMap(({ kind, judge }) => {
    if (!judge) return [];
    const { requestsPerSecond, varbindsPerSecond, requestsRatio, varbindsRatio } = judge;
    const figures = [requestsPerSecond, requestsRatio, varbindsPerSecond, varbindsRatio];
    const texts = figures.map((figure, i) => (i % 2 ? figure.toFixed(2) : count(figure)));
    return [[kind, ...texts]];
  });
  if (lines.length === 0) return [];
  return aligned([['snmpload, best', 'requests/s', 'own to it', 'varbinds/s', 'own to it'], ...lines]);
}

/** Columns with two spaces between them: the first to the left, the others to the right or all to the left. */
function aligned(lines: readonly (readonly string[])[], left = false): string[] {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines.map((line) =>
    line
      .map((cell, i) => (left || i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd(),
  );
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function percent(share: number): string {
  return (share * 100).toFixed(0);
}
