import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { commandHere } from './command-here.ts';
import { freePort } from './free-port.ts';
import { virtsnmp } from './own-process.ts';
import { PROGRAM } from './program.ts';
import { temporaryFolder } from './temporary-folder.ts';

const root = resolve(import.meta.dirname, '../..');

/** How a command ended, and what it printed. */
export interface Done {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command of virtsnmp against an API, in a process of its own. */
export function command(api: string, env: NodeJS.ProcessEnv, ...args: string[]): Promise<Done> {
  return new Promise((done) => {
    execFile(
      process.execPath,
      [...PROGRAM, ...args],
      { cwd: root, env: { ...process.env, VIRTSNMP_API: api, ...env } },
      (error, out, err) => done({ code: error ? Number(error.code) : 0, out, err }),
    );
  });
}

/** A daemon with a control API, and a way to run commands against it, one after another. */
export async function served(config = '', env: Readonly<Record<string, string>> = {}) {
  const folder = temporaryFolder();
  const file = join(folder, 'agent.yaml');
  const port = await freePort();
  const api = await freePort();
  writeFileSync(
    file,
    `agent: {port: ${port}}\ncontrol: {port: ${api}${config}}\nemulation: {speed: 0}\ninventory: {guests: 4}\n`,
  );
  const daemon = virtsnmp(['serve', '--config', file, '--api', String(api)], env);
  await daemon.until('snmptrapd');
  const url = `http://127.0.0.1:${api}`;
  return { folder, port, url, daemon, run: (...args: string[]) => commandHere(url, env, ...args) };
}
