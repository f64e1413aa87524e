import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** The calls that storing a file is made of. */
const STEPS = ['openSync', 'writeSync', 'fsyncSync', 'closeSync', 'renameSync', 'rmSync'] as const;
const original = Object.fromEntries(STEPS.map((step) => [step, fs[step]]));

/**
 * Has `before` called ahead of each step of storing a file, with its number from 0; what it throws takes the place
 * of the step, and so does nothing at all when it says `skip`. Reading is left alone.
 */
export function beforeEachStep(
  before: (step: number, name: string, args: readonly unknown[]) => unknown,
): void {
  let step = 0;
  for (const name of STEPS) {
    const run = original[name] as (...args: unknown[]) => unknown;
    Object.assign(fs, {
      [name]: (...args: unknown[]) => {
        return before(step++, name, args) === 'skip' ? undefined : run(...args);
      },
    });
  }
  syncBuiltinESMExports();
}

/** Nothing from this step on has any effect: as after a crash, nothing half done is cleaned up. */
export function failFromStep(first: number): void {
  beforeEachStep((step, name) => {
    if (step < first) return undefined;
    if (name === 'rmSync') return 'skip';
    throw Object.assign(new Error(`EIO: i/o error, ${name}`), { code: 'EIO' });
  });
}

/** Only this step fails; those that clean up after it work. */
export function failAtStep(at: number): void {
  beforeEachStep((step, name) => {
    if (step === at) throw Object.assign(new Error(`EIO: i/o error, ${name}`), { code: 'EIO' });
  });
}

/** Lets storing work again. */
export function withoutFaults(): void {
  Object.assign(fs, original);
  syncBuiltinESMExports();
}
