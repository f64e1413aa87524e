import type { Comparison, KindFigures, LoadFigures } from './figures.ts';
import type { Kind } from './load/request-template.ts';
import type { SizeFigures } from './measure.ts';
import type { TickFigures } from './tick-cost.ts';

/** Least agent's rate over the echo's, at {@link TARGET_GUESTS}. */
const RATE_TARGETS: Record<Kind, number> = { GET: 0.75, GETNEXT: 0.75, GETBULK: 0.65 };
/** Least SNMPv3 rate over the SNMPv2c one, there, too. */
const V3_TARGETS: Partial<Record<Kind, number>> = { GET: 0.35, GETBULK: 0.5 };
const TARGET_GUESTS = 1000;
const SMALL = 100;
const LARGE = 100_000;
/** Least part of the ratio at {@link SMALL} guests that is left at {@link LARGE}. */
const SCALE_TARGET = 0.9;
const START_TARGET_MS = 5000;
const MEMORY_TARGET_MIB = 500;
/** Most CPU time for each simulated second, in ms, by the number of guests. */
const TICK_TARGETS_MS: Readonly<Record<number, number>> = { 10000: 10, 100000: 120 };
/** Longest that a request may wait for the emulation. */
const SLICE_TARGET_MS = 10;
const GUEST_TARGET_BYTES = 6 * 1024;

/** One thing to reach, and what was measured. */
export interface Target {
  readonly what: string;
  readonly measured: string;
  /** Unclear when the measurement was disturbed: then neither would mean anything. */
  readonly verdict: 'reached' | 'MISSED' | 'unclear';
}

/** The tables of one size: a line for each kind of request. */
export function sizeTable(size: SizeFigures): string {
  const title =
    `${count(size.guests)} guests, ${count(size.instances)} instances: first answer after ` +
    `${(size.startMs / 1000).toFixed(2)} s, ${count(size.residentMiB)} MiB then, ${count(size.peakMiB)} MiB at most`;
  const v2c = size.kinds.map(({ kind, echo }) => comparisonLine(kind, echo));
  const v3 = size.kinds.flatMap(({ kind, v3 }) => (v3 ? [comparisonLine(kind, v3)] : []));
  return [
    title,
    ...aligned([comparisonHead('SNMPv2c', 'echo'), ...v2c]),
    ...aligned([comparisonHead('SNMPv3', 'v2c'), ...v3]),
    ...judged(size.kinds),
  ].join('\n');
}

function comparisonHead(measured: string, yardstick: string): string[] {
  return [
    measured,
    'requests/s',
    'varbinds/s',
    'p50 us',
    'p99 us',
    `${yardstick}/s`,
    'ratio',
    'CPU us',
    `${yardstick} us`,
    'CPU ratio',
    'busy %',
    `${yardstick} %`,
    'gen %',
    'disturbed',
  ];
}

function comparisonLine(kind: Kind, comparison: Comparison): string[] {
  const { measured, yardstick, rateRatio, cpuRatio, disturbed } = comparison;
  return [
    kind,
    count(measured.requestsPerSecond),
    count(measured.varbindsPerSecond),
    count(measured.p50),
    count(measured.p99),
    count(yardstick.requestsPerSecond),
    rateRatio.toFixed(2),
    measured.cpuPerRequest.toFixed(1),
    yardstick.cpuPerRequest.toFixed(1),
    cpuRatio.toFixed(2),
    percent(measured.serverBusy),
    percent(yardstick.serverBusy),
    percent(Math.max(measured.generatorBusy, yardstick.generatorBusy)),
    String(disturbed),
  ];
}

/** What the emulation costs: a line for each number of guests. */
export function tickTable(ticks: readonly TickFigures[]): string {
  const head = [
    'emulation, guests',
    's planned at once',
    'CPU ms for it',
    'median',
    'CPU ms a second',
    'longest slice ms',
    'bytes a guest',
  ];
  const lines = ticks.map((figures) => [
    count(figures.guests),
    String(figures.spanSeconds),
    figures.planMs.toFixed(1),
    figures.medianPlanMs.toFixed(1),
    (figures.medianPlanMs / figures.spanSeconds).toFixed(1),
    figures.longestSliceMs.toFixed(2),
    count(figures.bytesPerGuest),
  ]);
  return aligned([head, ...lines]).join('\n');
}

function tickTargets(ticks: readonly TickFigures[]): Target[] {
  return ticks.flatMap(({ guests, medianPlanMs, spanSeconds, longestSliceMs, bytesPerGuest }) => {
    const most = TICK_TARGETS_MS[guests];
    if (most === undefined) return [];
    const perSecond = medianPlanMs / spanSeconds;
    return [
      {
        what: `emulation of ${count(guests)} guests: at most ${most} ms of CPU time a second`,
        measured: `${perSecond.toFixed(1)} ms`,
        verdict: verdict(perSecond <= most),
      },
      {
        what: `emulation of ${count(guests)} guests: no request waits longer than ${SLICE_TARGET_MS} ms for it`,
        measured: `${longestSliceMs.toFixed(2)} ms`,
        verdict: verdict(longestSliceMs <= SLICE_TARGET_MS),
      },
      {
        what: `emulation of ${count(guests)} guests: at most ${count(GUEST_TARGET_BYTES)} bytes a guest`,
        measured: count(bytesPerGuest),
        verdict: verdict(bytesPerGuest <= GUEST_TARGET_BYTES),
      },
    ];
  });
}

/** What the project is to reach, as far as what was measured tells. */
export function targets(sizes: readonly SizeFigures[], ticks: readonly TickFigures[]): Target[] {
  const found = (guests: number) => sizes.find((size) => size.guests === guests);
  const list: Target[] = [];
  const kinds = found(TARGET_GUESTS)?.kinds ?? [];
  for (const { kind, echo } of kinds) list.push(rateTarget(kind, 'the echo', RATE_TARGETS[kind], echo));
  for (const { kind, v3 } of kinds) {
    const least = V3_TARGETS[kind];
    if (v3 && least !== undefined) list.push(rateTarget(`SNMPv3 ${kind}`, 'SNMPv2c', least, v3));
  }
  const small = found(SMALL);
  const large = found(LARGE);
  if (large) {
    for (const kind of small ? large.kinds : []) {
      const before = small!.kinds.find((other) => other.kind === kind.kind)!;
      const rest = kind.echo.rateRatio / before.echo.rateRatio;
      const cpu = before.echo.measured.cpuPerRequest / kind.echo.measured.cpuPerRequest;
      list.push({
        what: `${kind.kind} at ${count(LARGE)} guests at least ${SCALE_TARGET} of ${SMALL} guests`,
        measured: `${rest.toFixed(2)} by ratio to the echo, ${cpu.toFixed(2)} by CPU time`,
        verdict: verdict(rest >= SCALE_TARGET, before.echo, kind.echo),
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
  list.push(...tickTargets(ticks));
  return list;
}

function rateTarget(what: string, of: string, least: number, comparison: Comparison): Target {
  const { rateRatio, cpuRatio } = comparison;
  return {
    what: `${what} at ${count(TARGET_GUESTS)} guests at least ${least} of ${of}`,
    measured: `${rateRatio.toFixed(2)} by rate, ${cpuRatio.toFixed(2)} by CPU time`,
    verdict: verdict(rateRatio >= least, comparison),
  };
}

/** What to say of a comparison, unless most rounds of what it rests on were disturbed. */
function verdict(reached: boolean, ...basis: readonly Comparison[]): Target['verdict'] {
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
    kinds.flatMap((figures) => [
      ...loads(figures).flatMap(([who, load]) => faultsOf(`${who}, ${guests} guests, ${figures.kind}`, load)),
      ...(figures.judge?.faults
        ? [`snmpload, ${guests} guests, ${figures.kind}: ${figures.judge.faults} errors`]
        : []),
    ]),
  );
}

/** Requests that were sent again, all together. */
export function lost(sizes: readonly SizeFigures[]): number {
  return sizes
    .flatMap(({ kinds }) => kinds)
    .flatMap(loads)
    .reduce((sum, [, load]) => sum + load.lost, 0);
}

/** Each contender once. */
function loads({ echo, v3 }: KindFigures): [string, LoadFigures][] {
  return [
    ['agent', echo.measured],
    ['echo', echo.yardstick],
    ...(v3 ? [['agent by SNMPv3', v3.measured] satisfies [string, LoadFigures]] : []),
  ];
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
