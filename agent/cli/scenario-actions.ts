import { readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { ConfigOverrides } from '../config/load.ts';
import { reasonText } from '../config/reason.ts';
import type { Simulation } from '../library/simulation.ts';
import { junitXml } from '../scenario/junit.ts';
import { loadScenario } from '../scenario/load.ts';
import { headLines, resultData, stepLine, summaryLines } from '../scenario/report.ts';
import { isPassed, type Result } from '../scenario/result.ts';
import { runScenario } from '../scenario/runner.ts';
import type { Scenario } from '../scenario/timeline.ts';
import { errorText, VirtsnmpError } from '../util/errors.ts';
import { PACKAGE_ROOT } from '../util/package-info.ts';
import { EXIT } from './exit-code.ts';
import { type Progress, progress } from './progress.ts';

type Print = (line: string) => void;

/** Where the scenarios are that come with the program. */
const SHIPPED = join(PACKAGE_ROOT, 'config', 'scenarios');

/** The flags of `virtsnmp scenario run`. */
export interface RunFlags extends ConfigOverrides {
  readonly speed?: string;
  readonly eventLog?: string;
  readonly junit?: string;
  readonly json?: boolean;
}

/** Paths of the scenarios that come with the program, by name. */
export function shippedScenarios(): string[] {
  return readdirSync(SHIPPED)
    .filter((name) => name.endsWith('.yaml'))
    .toSorted()
    .map((name) => join(SHIPPED, name));
}

/** `scenario list`. */
export function listShipped(json: boolean, out: Print): void {
  const shipped = shippedScenarios().map((file) => ({
    file: relative('.', file),
    name: loadScenario({ file, env: process.env }).name,
  }));
  if (json) out(JSON.stringify(shipped, undefined, 2));
  else for (const { file, name } of shipped) out(`${file}  ${name}`);
}

/** `scenario run`: runs each and returns the exit code. */
export async function runFiles(
  files: readonly string[],
  flags: RunFlags,
  out: Print,
  err: Print,
): Promise<number> {
  const results: Result[] = [];
  let wrong = false;
  for (const file of files) {
    try {
      const scenario = withFlags(file, flags);
      results.push(flags.json ? await runScenario(scenario) : await runAloud(scenario, out));
    } catch (thrown) {
      if (!(thrown instanceof VirtsnmpError)) throw thrown;
      wrong = true;
      err(`virtsnmp: ${errorText(thrown)}`);
    }
  }
  if (flags.json) out(JSON.stringify(results.map(resultData), undefined, 2));
  if (flags.junit !== undefined) writeReport(flags.junit, junitXml(results));
  if (wrong) return EXIT.usage;
  return results.every(isPassed) ? EXIT.ok : EXIT.failed;
}

function withFlags(
  file: string,
  { speed, eventLog, junit: _junit, json: _json, ...overrides }: RunFlags,
): Scenario {
  const scenario = loadScenario({ file, overrides, env: process.env });
  const { config } = scenario;
  return {
    ...scenario,
    ...(speed !== undefined && { speed: speedOf(speed) }),
    ...(eventLog !== undefined && {
      config: { ...config, eventLog: { ...config.eventLog, file: eventLog } },
    }),
  };
}

function speedOf(text: string): number | 'max' {
  const speed = Number(text);
  if (text === 'max') return text;
  if (speed > 0 && speed <= 1000) return speed;
  throw new VirtsnmpError(
    'CONFIG_INVALID',
    `--speed: ${JSON.stringify(text)} is not accepted, expected max, or a number above 0, at most 1000`,
  );
}

/** Tells each step when it is over; on a terminal, with a bar below them. */
async function runAloud(scenario: Scenario, out: Print): Promise<Result> {
  for (const line of headLines(scenario)) out(line);
  const total = Math.ceil(scenario.endMs / 1000);
  const label = 'simulated seconds';
  let reached = 0;
  let bar: Progress | undefined;
  const draw = () => {
    if (!process.stderr.isTTY) return;
    bar = progress(total, label);
    bar.at(reached);
  };
  const say = (line: string) => {
    bar?.end();
    out(line);
    draw();
  };
  draw();
  try {
    const result = await runScenario(scenario, {
      started: (simulation) => {
        if (scenario.speed !== 'max') for (const line of whereLines(simulation)) say(line);
      },
      reached: (ms) => {
        reached = Math.floor(ms / 1000);
        bar?.at(reached);
      },
      ended: (step) => say(stepLine(step)),
    });
    bar?.end();
    for (const line of summaryLines(result)) out(line);
    out('');
    return result;
  } finally {
    bar?.end();
  }
}

/** Where others can look on while it runs. */
function whereLines({ hosts, controlUrls }: Simulation): string[] {
  return [
    ...hosts.map(
      ({ name, local }) =>
        `  ${name}: ${local.map(({ address, port }) => `${address}:${port}`).join(', ')} (SNMP)`,
    ),
    ...controlUrls.map((url) => `  ${url} (HTTP)`),
  ];
}

/** `scenario check`: reads each and returns the exit code. */
export function checkFiles(files: readonly string[], json: boolean, out: Print, err: Print): number {
  const checked: object[] = [];
  let wrong = false;
  for (const file of files) {
    try {
      const { steps } = loadScenario({ file, env: process.env });
      const actions = steps.filter(({ kind }) => kind === 'do').length;
      const expectations = steps.length - actions;
      if (json) checked.push({ file, actions, expectations });
      else out(`${file}: ${actions} actions, ${expectations} expectations`);
    } catch (thrown) {
      if (!(thrown instanceof VirtsnmpError)) throw thrown;
      wrong = true;
      if (json) checked.push({ file, problems: errorText(thrown).split('\n') });
      else err(errorText(thrown));
    }
  }
  if (json) out(JSON.stringify(checked, undefined, 2));
  return wrong ? EXIT.usage : EXIT.ok;
}

function writeReport(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (thrown) {
    throw new VirtsnmpError('CONFIG_INVALID', `${file}: cannot be written (${reasonText(thrown)})`);
  }
}
