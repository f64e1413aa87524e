import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';

/** Whether a program is there. */
export function isThere(program: string): boolean {
  return !spawnSync(program, ['--version']).error;
}

/** Where a program is; itself when it is not found. */
export function pathOf(program: string): string {
  return spawnSync('which', [program], { encoding: 'utf8' }).stdout.trim() || program;
}

/** Other people's programs that were started here; they end with their owner. */
export class Programs implements AsyncDisposable {
  readonly #children: ChildProcess[] = [];

  /** Starts one; what it prints is returned by the function, from its beginning. */
  start(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): () => string {
    const child = spawn(program, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#children.push(child);
    let printed = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        printed += chunk.toString();
      });
    child.on('error', (error) => {
      printed += error.message;
    });
    return () => printed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) continue;
      child.kill('SIGTERM');
      await Promise.race([once(child, 'exit'), setTimeout(5000)]);
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    }
  }
}

/** Resolves once a URL answers with 200; throws with what its program has printed when it does not within 2 min. */
export async function answers(url: string, printed: () => string): Promise<void> {
  const endsAt = performance.now() + 120_000;
  while (performance.now() < endsAt) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return;
    await setTimeout(100);
  }
  throw new Error(`${url} does not answer:\n${printed()}`);
}
