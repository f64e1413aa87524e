import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { completionScript } from '../../agent/cli/completion.ts';
import { createProgram } from '../../agent/cli/program.ts';
import { FAULT_KINDS } from '../../agent/emulation/fault/fault-kind.ts';
import { served } from '../support/control-daemon.ts';
import { PROGRAM } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

/** A folder with `virtsnmp`, for the search path. */
function programFolder(): string {
  const folder = join(temporaryFolder(), 'bin');
  mkdirSync(folder);
  const file = join(folder, 'virtsnmp');
  writeFileSync(file, `#!/bin/sh\nexec ${[process.execPath, ...PROGRAM].join(' ')} "$@"\n`);
  chmodSync(file, 0o755);
  return folder;
}

/** What a shell would complete the last of some words to. */
async function completed(
  shell: 'bash' | 'zsh',
  words: readonly string[],
  bin = '/nonexistent',
  api = 'http://127.0.0.1:1',
): Promise<string[]> {
  const quoted = words.map((word) => `'${word}'`).join(' ');
  const file = join(temporaryFolder(), 'completion');
  writeFileSync(
    file,
    completionScript(
      createProgram(() => {}),
      shell,
    ),
  );
  // zsh sets these options when it calls a completion of bash.
  const mode = shell === 'zsh' ? 'emulate -L sh; setopt kshglob noshglob braceexpand' : '';
  const script = `. '${file}'
    ${mode}
    COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}
    _virtsnmp; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = await run(shell, [shell === 'zsh' ? '-f' : '--norc', '-c', script], {
    cwd: root,
    env: {
      ...process.env,
      PATH: `${bin}${delimiter}${process.env['PATH']}`,
      VIRTSNMP_API: api,
      VIRTSNMP_COMPLETION_TIMEOUT: '60',
    },
  });
  expect(stderr).toBe('');
  // zsh leaves out by itself what does not begin as the word does.
  return stdout.split('\n').filter((line) => line !== '' && line.startsWith(words.at(-1)!));
}

const hasZsh = !spawnSync('zsh', ['--version']).error;
if (!hasZsh && process.env['CI'] === 'true') throw new Error('zsh not found');
if (!hasZsh) console.warn('skipped: zsh is not there');
const shells = hasZsh ? (['bash', 'zsh'] as const) : (['bash'] as const);

describe.each(shells)('completion in %s', (shell) => {
  it.each([
    [['virtsnmp', 'dominf'], ['dominfo']],
    [
      ['virtsnmp', 'clock', 's'],
      ['show', 'seed', 'speed', 'step'],
    ],
    [['virtsnmp', 'list', '--in'], ['--inactive']],
    [['virtsnmp', 'notification', 'list', '--state', 'a'], ['acknowledged']],
    [
      ['virtsnmp', 'fault', 'raise', 'memory-'],
      Object.keys(FAULT_KINDS).filter((kind) => kind.startsWith('memory-')),
    ],
    [
      ['virtsnmp', 'get', '-v', ''],
      ['1', '2c', '3'],
    ],
    [
      ['virtsnmp', 'completion', ''],
      ['bash', 'zsh'],
    ],
    [['virtsnmp', 'define', 'package.js'], ['package.json']],
    [['virtsnmp', 'list', '--url', ''], []],
    // Nobody answers.
    [['virtsnmp', 'dominfo', ''], []],
  ])('completes %j', async (words, expected) => {
    expect((await completed(shell, words)).sort()).toEqual([...expected].sort());
  });

  it('knows every command', async () => {
    const names = createProgram(() => {}).commands.map((command) => command.name());
    expect((await completed(shell, ['virtsnmp', ''])).sort()).toEqual(names.sort());
  });

  it('asks the running daemon for guests and hosts', async () => {
    const { url, run: ask } = await served();
    const bin = programFolder();
    const guests = (await ask('list', '--all', '--name')).out.split('\n').filter((line) => line !== '');
    expect(guests.length).toBeGreaterThan(2);
    expect((await completed(shell, ['virtsnmp', 'suspend', ''], bin, url)).sort()).toEqual(guests.sort());
    expect(await completed(shell, ['virtsnmp', 'list', '--host', ''], bin, url)).toEqual(['host-1']);
    expect(
      await completed(shell, ['virtsnmp', 'fault', 'raise', 'panic', '--guest', guests[0]!], bin, url),
    ).toEqual([guests[0]]);
  });
});
