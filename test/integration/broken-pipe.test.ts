import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { PROGRAM } from '../support/program.ts';

const root = resolve(import.meta.dirname, '../..');

it('ends quietly when whoever reads what it prints has seen enough', async () => {
  // The reader is gone before the first line is written.
  const command = `${[process.execPath, ...PROGRAM].join(' ')} score --help | true`;
  const child = spawn('bash', ['-c', command], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  await once(child, 'close');
  expect(err).not.toMatch(/EPIPE|Unhandled/);
});
