import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { onTestFinished } from 'vitest';
import { PROGRAM } from './program.ts';

const root = resolve(import.meta.dirname, '../..');

/** The program in a process of its own. */
export interface Served {
  readonly child: ChildProcess;
  readonly out: () => string;
  readonly err: () => string;
  /** Resolves when standard output or error holds the text. */
  until(text: string): Promise<void>;
  /** Resolves with the exit code. */
  readonly exit: Promise<number | null>;
}

/** Runs `virtsnmp` from its sources in a process of its own, which ends with the test. */
export function virtsnmp(args: readonly string[], env: NodeJS.ProcessEnv = {}): Served {
  // Several run at once, and the control API has one port by default.
  const own = args[0] === 'serve' && !args.includes('--api') ? ['--api', 'off'] : [];
  const child = spawn(process.execPath, [...PROGRAM, ...args, ...own], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  const waiting = new Set<() => void>();
  const look = () => {
    for (const wake of waiting) wake();
  };
  child.stdout!.on('data', (chunk) => {
    out += chunk;
    look();
  });
  child.stderr!.on('data', (chunk) => {
    err += chunk;
    look();
  });
  const exit = once(child, 'close').then(([code]) => code as number | null);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exit;
  });
  const until = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const wake = () => {
        if (!out.includes(text) && !err.includes(text)) return;
        waiting.delete(wake);
        resolve();
      };
      waiting.add(wake);
      wake();
      exit.then(() => reject(new Error(`ended without saying ${text}:\n${out}${err}`)));
    });
  return { child, out: () => out, err: () => err, until, exit };
}
