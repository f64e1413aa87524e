import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Children } from '../children.ts';
import type { GeneratorReply, GeneratorTask } from './generator.ts';
import type { RoundOptions, RoundResult } from './round.ts';

const SCRIPT = fileURLToPath(new URL('generator.ts', import.meta.url));

/** The generator in a process of its own; takes one task at a time. */
export class RemoteGenerator {
  readonly #process: ChildProcess;

  constructor(children: Children, cpu: number | undefined) {
    const command = [process.execPath, '--import', 'tsx', SCRIPT];
    this.#process = children.start(command, cpu, ['ignore', 'inherit', 'inherit', 'ipc']);
  }

  /** Finds all instances that an agent serves under a root, for the rounds that follow; returns their number. */
  async discover(port: number, community: string, root: string): Promise<number> {
    const reply = await this.#perform({ do: 'discover', port, community, root });
    if (!('instances' in reply)) throw new Error('the generator answered another question');
    return reply.instances;
  }

  /** Runs one round. */
  async load(options: RoundOptions): Promise<RoundResult> {
    const reply = await this.#perform({ do: 'load', ...options });
    if (!('round' in reply)) throw new Error('the generator answered another question');
    return reply.round;
  }

  #perform(task: GeneratorTask): Promise<GeneratorReply> {
    return new Promise((resolve, reject) => {
      const ended = () => reject(new Error('the generator ended in the middle of a task'));
      this.#process.once('exit', ended);
      this.#process.once('message', (reply: GeneratorReply) => {
        this.#process.off('exit', ended);
        if ('error' in reply) reject(new Error(`load: ${reply.error}`));
        else resolve(reply);
      });
      this.#process.send(task);
    });
  }
}
