import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const files = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => `test/${name}`);

/** Those that put something else in a module's place, or look at what the whole process holds. */
const isApart = /\bvi\.mock\(|\bmemoryUsage\(|identity-faults/;
const apart = files.filter((name) => isApart.test(readFileSync(name, 'utf8')));

export default defineConfig({
  // The package by its own name, from its sources: what the examples import.
  resolve: { alias: { virtsnmp: fileURLToPath(new URL('agent/library/simulation.ts', import.meta.url)) } },
  test: {
    globalSetup: ['test/support/build-once.ts'],
    setupFiles: ['test/support/property-seed.ts'],
    // Nothing measures speed here: it is only for what never ends.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // There is always one that waits for another program, or for an answer that does not come.
    maxWorkers: availableParallelism() + 1,
    projects: [
      { extends: true, test: { name: 'apart', include: apart } },
      // Most of the time of a short file goes into reading the modules that it needs: those of one process share them.
      {
        extends: true,
        test: { name: 'together', include: ['test/**/*.test.ts'], exclude: apart, isolate: false },
      },
    ],
  },
});
