import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadScenario } from '../../agent/scenario/load.ts';
import type { Result } from '../../agent/scenario/result.ts';
import { type RunListener, runScenario } from '../../agent/scenario/runner.ts';
import type { Scenario } from '../../agent/scenario/timeline.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A scenario from the text of its file. */
export function scenarioOf(text: string): Scenario {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'test.yaml'), text);
  return loadScenario({ file: 'test.yaml', env: {}, cwd });
}

/** Runs a scenario from the text of its file. */
export function runText(text: string, listener?: RunListener): Promise<Result> {
  return runScenario(scenarioOf(text), listener);
}

/** What became of each step, shortly. */
export function outcomes({ steps }: Result): string[] {
  return steps.map(({ outcome }) => outcome);
}
