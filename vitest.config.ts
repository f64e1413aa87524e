import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // The package by its own name, from its sources: what the examples import.
  resolve: { alias: { virtsnmp: fileURLToPath(new URL('agent/library/simulation.ts', import.meta.url)) } },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/build-once.ts'],
    setupFiles: ['test/support/property-seed.ts'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // Half of the tests wait for other programs: a machine of two CPUs has work for two.
    maxWorkers: '100%',
  },
});
