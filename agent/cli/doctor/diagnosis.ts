/** What became of a step. */
export type StepStatus = 'ok' | 'failed' | 'skipped';

/** One step of a diagnosis, as `--json` prints it. */
export interface Step {
  readonly step: StepName;
  readonly status: StepStatus;
  /** What was seen, in words. */
  readonly says: string;
  /** What was seen, for programs: numbers and names that the words contain. */
  readonly facts?: Facts;
}

/** What was seen, for programs. */
export type Facts = Readonly<Record<string, string | number>>;

/** A whole diagnosis. */
export interface Diagnosis {
  readonly steps: readonly Step[];
  /** What to change, in whole sentences; empty when all is well. */
  readonly advice: readonly string[];
}

/** The steps for SNMPv3, in the order in which an agent checks what they are about. */
export const V3_STEPS = [
  'flags',
  'address',
  'answer',
  'engine',
  'user',
  'level',
  'authentication',
  'time',
  'privacy',
  'context',
  'access',
  'object',
] as const;

/** The steps for SNMPv1 and SNMPv2c. */
export const COMMUNITY_STEPS = ['flags', 'address', 'answer', 'community', 'access', 'object'] as const;

export type StepName = (typeof V3_STEPS)[number] | (typeof COMMUNITY_STEPS)[number];

/**
 * What a diagnosis has found so far. What is found later of a step replaces what was found before, but a failure
 * stays: behind it only guesses were tried.
 */
export class Findings {
  readonly #order: readonly StepName[];
  readonly #steps = new Map<StepName, Step>();
  readonly #advice: string[] = [];

  /** `order`: the steps that there are. */
  constructor(order: readonly StepName[]) {
    this.#order = order;
  }

  ok(step: StepName, says: string, facts?: Facts): void {
    this.#put(step, 'ok', says, facts);
  }

  skipped(step: StepName, says: string): void {
    this.#put(step, 'skipped', says);
  }

  /** Puts down a failure with what to change. */
  failed(step: StepName, says: string, advice: string | readonly string[], facts?: Facts): void {
    this.#put(step, 'failed', says, facts);
    this.advise(advice);
  }

  /** Adds sentences about what to change, each once. */
  advise(advice: string | readonly string[]): void {
    for (const sentence of [advice].flat()) {
      if (!this.#advice.includes(sentence)) this.#advice.push(sentence);
    }
  }

  /** All steps in order; those that nothing was put down for were not reached. */
  diagnosis(): Diagnosis {
    const steps = this.#order.map(
      (step): Step => this.#steps.get(step) ?? { step, status: 'skipped', says: 'not reached' },
    );
    return { steps, advice: [...this.#advice] };
  }

  #put(step: StepName, status: StepStatus, says: string, facts?: Facts): void {
    if (this.#steps.get(step)?.status === 'failed') return;
    this.#steps.set(step, { step, status, says, ...(facts && { facts }) });
  }
}

/** Whether no step failed. */
export function isWell(diagnosis: Diagnosis): boolean {
  return diagnosis.steps.every(({ status }) => status !== 'failed');
}
