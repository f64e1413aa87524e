import type { Scenario, Step } from './timeline.ts';

/** What became of one step. */
export interface StepResult {
  readonly step: Step;
  /** `done` and `refused`: of an action; `met` and `not met`: of what is expected. */
  readonly outcome: 'done' | 'refused' | 'met' | 'not met';
  /** Simulated ms since the start at which it was done, or decided. */
  readonly atMs: number;
  /** Simulated ms from the step's time until it came to be so; absent where it did not. */
  readonly tookMs?: number;
  /** What was there, or why it was refused. */
  readonly seen: string;
}

/** What became of a run. */
export interface Result {
  readonly scenario: Scenario;
  /** In the order of the file. */
  readonly steps: readonly StepResult[];
  /** Simulated ms since the start at which it was over. */
  readonly endedMs: number;
}

/** Whether all that was to be done was, and all that was expected came to be so. */
export function isPassed({ steps }: Result): boolean {
  return steps.every(({ outcome }) => outcome === 'done' || outcome === 'met');
}
