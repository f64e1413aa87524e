import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/**
 * Builds the program for the tests that run it in processes of its own: from its sources it takes several times as long
 * to start. Only for the whole of the tests: a few of them are sooner done without.
 */
export function setup(): void {
  // Each project of vitest.config.ts asks for it.
  if (process.env['npm_lifecycle_event'] !== 'test' || process.env['VIRTSNMP_PROGRAM'] !== undefined) return;
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' });
  process.env['VIRTSNMP_PROGRAM'] = resolve(root, 'dist/main.js');
}
