import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Children } from '../children.ts';

/** A script of this folder in a process of its own, which answers tasks with messages. */
export class Asked<Task extends object, Reply extends object> {
  readonly process: ChildProcess;

  constructor(children: Children, cpu: number | undefined, script: string) {
    const path = fileURLToPath(new URL(script, import.meta.url));
    this.process = children.start([process.execPath, '--import', 'tsx', path], cpu, [
      'ignore',
      'inherit',
      'inherit',
      'ipc',
    ]);
  }

  /** Gives it a task; its first message is the answer. */
  ask(task: Task): Promise<Reply> {
    const answer = this.next();
    this.process.send(task);
    return answer;
  }

  /** Its next message. Rejects with what it says has gone wrong, or when it ends. */
  next(): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const ended = () => reject(new Error('a process of the bench ended in the middle of a task'));
      this.process.once('exit', ended);
      this.process.once('message', (reply: Reply & { readonly error?: string }) => {
        this.process.off('exit', ended);
        if (reply.error === undefined) resolve(reply);
        else reject(new Error(reply.error));
      });
    });
  }
}

/** Real time to wait, in ms. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Ms of the machine's monotonic clock, which all processes share. */
export function machineMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
