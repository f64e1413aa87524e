import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { errorText, VirtsnmpError } from '../../util/errors.ts';

/** The editor that the environment names, as a command of the shell. */
export function editorOf(env: NodeJS.ProcessEnv): string {
  return env['VISUAL'] || env['EDITOR'] || 'vi';
}

/** A text in a temporary file of its own, which nobody else can read, for an editor. */
export class EditedFile {
  readonly path: string;

  constructor(text: string, extension: string) {
    this.path = join(mkdtempSync(join(tmpdir(), 'virtsnmp-')), `edit.${extension}`);
    writeFileSync(this.path, text, { mode: 0o600, flag: 'wx' });
  }

  /** Runs an editor on it; resolves with what it holds then. Throws OPERATION_FAILED when the editor fails. */
  async edit(editor: string): Promise<string> {
    const code = await new Promise<number | null>((resolve, reject) => {
      // The shell takes arguments of the editor apart, and gets the file as one that is none of them.
      const child = spawn('/bin/sh', ['-c', `${editor} "$1"`, 'sh', this.path], { stdio: 'inherit' });
      child.once('error', reject);
      child.once('exit', resolve);
    }).catch((thrown: unknown) => {
      throw new VirtsnmpError('OPERATION_FAILED', `the editor cannot be run: ${errorText(thrown)}`);
    });
    if (code !== 0)
      throw new VirtsnmpError(
        'OPERATION_FAILED',
        `the editor ${editor} failed; VISUAL or EDITOR names another one. The text is in ${this.path}`,
      );
    return readFileSync(this.path, 'utf8');
  }

  /** Asks on the terminal whether to edit again what was refused. */
  async askAgain(why: string): Promise<boolean> {
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    try {
      const answer = await terminal.question(`error: ${why}\nFailed. Try again? [y,n]: `);
      return /^y(es)?$/i.test(answer.trim());
    } finally {
      terminal.close();
    }
  }

  /** Removes the file and its folder. */
  remove(): void {
    rmSync(dirname(this.path), { recursive: true, force: true });
  }
}
