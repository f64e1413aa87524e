import type { Config } from '../config/schema.ts';
import type { WantedAction } from './actions.ts';
import type { Expectation } from './expect/expectation.ts';

interface StepBase {
  /** 1 for the first. */
  readonly number: number;
  /** Its name, or what it does or expects. */
  readonly title: string;
  /** When, in simulated ms since the start. */
  readonly atMs: number;
  /** The line of the file that it begins on. */
  readonly line: number;
}

/** Something is done. */
export interface ActionStep extends StepBase {
  readonly kind: 'do';
  readonly action: WantedAction;
}

/** Something has to be so at some time, and for some time. */
export interface ExpectStep extends StepBase {
  readonly kind: 'expect';
  readonly expectation: Expectation;
  /** The latest that it comes to be so, in simulated ms since the step's time. */
  readonly withinMs: number;
  /** How long it stays so, in simulated ms. */
  readonly holdsMs: number;
}

/** Something must not be so. */
export interface NeverStep extends StepBase {
  readonly kind: 'never';
  readonly expectation: Expectation;
  /** Up to when, in simulated ms since the start. */
  readonly untilMs: number;
}

/** One step of a scenario; its course does not depend on whether what is expected comes true. */
export type Step = ActionStep | ExpectStep | NeverStep;

/** A scenario that has been read and checked. */
export interface Scenario {
  /** Path of the file, as it was given. */
  readonly file: string;
  readonly name: string;
  readonly about: string | undefined;
  /** Simulated Unix time in ms at which it begins. */
  readonly epochMs: number;
  /** Simulated seconds for each real second. */
  readonly speed: number | 'max';
  /** Simulated ms from one look to the next. */
  readonly lookMs: number;
  /** Simulated ms after which it is over, whatever its expectations find. */
  readonly endMs: number;
  readonly config: Config;
  readonly steps: readonly Step[];
}

/** When the last that can happen in a step is over, in simulated ms since the start. */
export function endOf(step: Step): number {
  switch (step.kind) {
    case 'do':
      return step.atMs;
    case 'expect':
      return step.atMs + step.withinMs + step.holdsMs;
    case 'never':
      return step.untilMs;
  }
}
