import { type ChildProcess, type StdioOptions, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { allowedCpus } from './process-usage.ts';

/** util-linux's program that pins a process to a CPU. */
const TASKSET = 'taskset';
const TERMINATION_MS = 5000;

/** Where servers and generators run: a CPU for each when there are two and `taskset`. */
export interface Placement {
  readonly server?: number;
  readonly generator?: number;
}

/** Chooses the CPUs; nothing is pinned when there is no `taskset` or only one CPU. */
export function choosePlacement(): Placement {
  const [server, generator] = allowedCpus();
  const pinnable = spawnSync(TASKSET, ['--version']).error === undefined;
  if (!pinnable || server === undefined || generator === undefined) return {};
  return { server, generator };
}

/** The processes that the bench has started, so that none outlives it. */
export class Children {
  readonly #running = new Set<ChildProcess>();

  /** Starts a program, on one CPU when it is given; the process is the program itself, not a wrapper. */
  start(command: readonly string[], cpu: number | undefined, stdio: StdioOptions): ChildProcess {
    const [file, ...args] = cpu === undefined ? command : [TASKSET, '-c', String(cpu), ...command];
    const child = spawn(file!, args, { stdio });
    this.#running.add(child);
    child.once('exit', () => this.#running.delete(child));
    child.once('error', () => this.#running.delete(child));
    return child;
  }

  /** Asks a process to end, and ends it when it has not after some seconds. */
  async stop(child: ChildProcess): Promise<void> {
    if (!this.#running.has(child)) return;
    const gone = once(child, 'exit');
    const impatience = setTimeout(() => child.kill('SIGKILL'), TERMINATION_MS);
    child.kill('SIGTERM');
    await gone;
    clearTimeout(impatience);
  }

  /** Asks all that still run to end. */
  async stopAll(): Promise<void> {
    await Promise.all([...this.#running].map((child) => this.stop(child)));
  }
}
