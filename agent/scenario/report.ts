import { isPassed, type Result, type StepResult } from './result.ts';
import type { Scenario, Step } from './timeline.ts';

/** Simulated time since the start as h:mm:ss, with ms where there are some. */
export function clockText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const rest = ms % 1000 === 0 ? '' : `.${String(ms % 1000).padStart(3, '0')}`;
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}${rest}`;
}

/** A length of simulated time in the unit that suits it. */
export function spanText(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  const seconds = ms / 1000;
  if (seconds < 120) return `${Number(seconds.toFixed(3))} s`;
  const minutes = Math.floor(seconds / 60);
  const rest = Math.round(seconds % 60);
  if (minutes < 120) return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** How long it took until something came to be so. */
export function tookText(ms: number): string {
  return ms === 0 ? 'at once' : `after ${spanText(ms)}`;
}

/** The line that tells what became of a step. */
export function stepLine({ step, outcome, atMs, tookMs, seen }: StepResult): string {
  const head = `${clockText(step.atMs).padStart(9)}  ${outcome.padEnd(7)}  ${step.title}`;
  switch (outcome) {
    case 'done':
      return seen === '' ? head : `${head} (${seen})`;
    case 'refused':
      return `${head}\n${below(`refused: ${seen}`)}`;
    case 'met':
      return tookMs === undefined ? head : `${head} (${tookText(tookMs)}: ${seen})`;
    case 'not met':
      return `${head}\n${below(`${expectedText(step)}; at ${clockText(atMs)} there was: ${seen}`)}`;
  }
}

/** What a run came to. */
export function summaryLines(result: Result): string[] {
  const { steps, scenario, endedMs } = result;
  const count = (outcome: StepResult['outcome']) => steps.filter((each) => each.outcome === outcome).length;
  const failed = [
    ...(count('not met') > 0 ? [`${count('not met')} not met`] : []),
    ...(count('refused') > 0 ? [`${count('refused')} refused`] : []),
  ];
  const figures = [`${count('met')} expectations met`, ...failed, `${spanText(endedMs)} of simulated time`];
  return [`${isPassed(result) ? 'passed' : 'FAILED'}: ${scenario.name} (${figures.join(', ')})`];
}

/** The lines that a scenario is announced with. */
export function headLines({ name, about }: Scenario): string[] {
  return [
    name,
    ...(about === undefined
      ? []
      : about
          .trimEnd()
          .split('\n')
          .map((line) => `  ${line}`)),
  ];
}

/** A run as data, for `--json`. */
export function resultData(result: Result): object {
  const { scenario, steps, endedMs } = result;
  return {
    scenario: scenario.name,
    file: scenario.file,
    passed: isPassed(result),
    endedMs,
    steps: steps.map(({ step, outcome, atMs, tookMs, seen }) => ({
      number: step.number,
      line: step.line,
      atMs: step.atMs,
      kind: step.kind,
      title: step.title,
      outcome,
      decidedMs: atMs,
      ...(tookMs !== undefined && { tookMs }),
      seen,
    })),
  };
}

/** What was wanted of a step, in the words of its timing. */
function expectedText(step: Step): string {
  if (step.kind === 'never') return `expected not to be so until ${clockText(step.untilMs)}`;
  if (step.kind !== 'expect') return '';
  const { withinMs, holdsMs, expectation, title } = step;
  const what = expectation.text === title ? '' : `${expectation.text} `;
  const when = withinMs === 0 ? 'at that time' : `within ${spanText(withinMs)}`;
  return `expected ${what}${when}${holdsMs > 0 ? ` for ${spanText(holdsMs)}` : ''}`;
}

function below(text: string): string {
  return `${' '.repeat(20)}${text}`;
}
