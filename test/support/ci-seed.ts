/**
 * The seed of all that tests draw by chance, in CI: there the same cases decide about every change, as what a case that
 * comes by chance finds would be blamed on a change that is innocent. Elsewhere there is none, and each run tries others.
 */
export function ciSeed(): number | undefined {
  return process.env['CI'] === 'true' ? 20_261_126 : undefined;
}

/** What a fuzz test draws with: FUZZ_SEED, which repeats a run that failed, or CI's, or another one each time. */
export function fuzzSeed(): number {
  return Number(process.env['FUZZ_SEED'] ?? ciSeed() ?? Date.now() % 2 ** 32);
}
