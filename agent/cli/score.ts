import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { reasonText } from '../config/reason.ts';
import { timeSpanMs } from '../config/time-span.ts';
import { type Detection, distinct, readDetections } from '../score/detections.ts';
import { type Figures, type Score, type Scored, type Spread, score } from '../score/score.ts';
import { readTruth, type Trouble, wrong } from '../score/truth.ts';
import { errorText } from '../util/errors.ts';
import { tableLines } from './client/table.ts';
import { EXIT } from './exit-code.ts';

/** Real ms that the answer of a monitoring system may take. */
const TIMEOUT_MS = 10_000;

interface ScoreFlags {
  readonly truth: string;
  readonly detected: readonly string[];
  readonly name?: readonly string[];
  readonly grace: string;
  readonly realTime?: boolean;
  readonly json?: boolean;
}

/** Adds the command that compares what happened with what a monitoring system reported. */
export function addScore(
  program: Command,
  out: (line: string) => void,
  done: (exitCode: number) => void,
): void {
  program
    .command('score')
    .description('hold what a monitoring system reported against an event log: precision, recall, times')
    .requiredOption('--truth <file>', 'the event log of the run (eventLog.file, scenario run --event-log)')
    .requiredOption(
      '--detected <source...>',
      'what was reported: JSON or CSV, files or URLs, such as http://HOST:9090/api/v1/alerts',
    )
    .option(
      '--name <alert=kind,...>',
      'the kinds of fault or alarm that an alert of this name reports',
      collect,
    )
    .option('--grace <time>', 'how long after its end a fault may still be reported', '5 min')
    .option('--real-time', 'what was reported has real times, not simulated ones')
    .option('--json', 'print data')
    .action(async (flags: ScoreFlags) => done(await run(flags, out)));
}

async function run(
  { truth: file, detected, name = [], grace, realTime, json }: ScoreFlags,
  out: (line: string) => void,
): Promise<number> {
  const graceMs = timeSpanMs(grace);
  if (graceMs === undefined) throw wrong(`--grace: ${grace} is no time; expected one such as "5 min"`);
  const truth = readTruth(readText(file), file, realTime ? 'real' : 'simulated');
  const detections: Detection[] = [];
  for (const source of detected) detections.push(...readDetections(await fetchText(source), source));
  const result = score(truth, distinct(detections), { graceMs, names: new Map(name.map(nameOf)) });
  if (json) out(JSON.stringify(dataOf(result), undefined, 2));
  else for (const line of linesOf(result)) out(line);
  return EXIT.ok;
}

function collect(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

function nameOf(text: string): [string, string[]] {
  const at = text.lastIndexOf('=');
  if (at <= 0 || at === text.length - 1)
    throw wrong(`--name: ${text} names no kind; expected ALERT=KIND, or ALERT=KIND,KIND`);
  return [text.slice(0, at), text.slice(at + 1).split(',')];
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (thrown) {
    throw wrong(`${file}: cannot be read (${reasonText(thrown)})`);
  }
}

async function fetchText(source: string): Promise<string> {
  if (!/^https?:\/\//.test(source)) return readText(source);
  try {
    const response = await fetch(source, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (response.ok) return await response.text();
    throw new Error(`status ${response.status}`);
  } catch (thrown) {
    throw wrong(`${source}: cannot be read (${errorText(thrown)})`);
  }
}

function linesOf({ all, kinds, troubles, false: wrongly }: Score): string[] {
  const rows = [...kinds].map(([kind, figures]) => [kind, ...figureCells(figures)]);
  const head = ['Kind', 'Happened', 'Found', 'Recall', 'Time to detect', 'Time to clear'];
  const missed = troubles.filter(({ detections }) => detections.length === 0);
  return [
    ...tableLines(head, [...rows, ['all', ...figureCells(all)]]),
    '',
    `precision ${share(all.precision)}; reports of nothing: ${wrongly.length}`,
    ...wrongly.map(({ name, guest, host, fromMs }) =>
      `  ${timeText(fromMs)} ${name} ${guest ?? host ?? ''}`.trimEnd(),
    ),
    `recall ${share(all.recall)}; missed: ${missed.length}`,
    ...missed.map(({ trouble }) => `  ${timeText(trouble.beganMs)} ${trouble.kind} ${placeText(trouble)}`),
  ];
}

function figureCells({ happened, found, recall, detectMs, clearMs }: Figures): string[] {
  return [String(happened), String(found), share(recall), spreadText(detectMs), spreadText(clearMs)];
}

function share(value: number | undefined): string {
  return value === undefined ? '-' : `${Number((value * 100).toFixed(1))} %`;
}

/** The median, and how far it ranges when there are several. */
function spreadText(spread: Spread | undefined): string {
  if (!spread) return '-';
  const { least, median, most } = spread;
  const seconds = (ms: number) => `${Number((ms / 1000).toFixed(1))}`;
  return least === most
    ? `${seconds(median)} s`
    : `${seconds(median)} s (${seconds(least)} to ${seconds(most)})`;
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}

function placeText({ guest, host }: Trouble): string {
  return guest === undefined ? host : `${guest} (${host})`;
}

function dataOf({ all, kinds, troubles, false: wrongly }: Score): object {
  return {
    all,
    kinds: Object.fromEntries(kinds),
    troubles: troubles.map(troubleData),
    false: wrongly.map(detectionData),
  };
}

function troubleData({ trouble, detections, detectMs, clearMs }: Scored): object {
  const { kind, host, guest, beganMs, endedMs } = trouble;
  return {
    kind,
    host,
    ...(guest !== undefined && { guest }),
    began: timeText(beganMs),
    ...(endedMs !== undefined && { ended: timeText(endedMs) }),
    ...(detectMs !== undefined && { detectMs }),
    ...(clearMs !== undefined && { clearMs }),
    detections: detections.map(detectionData),
  };
}

function detectionData({ fromMs, toMs, ...rest }: Detection): object {
  return { ...rest, from: timeText(fromMs), ...(toMs !== undefined && { to: timeText(toMs) }) };
}
