import { type ConfigOverrides, loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { Daemon } from '../daemon/daemon.ts';
import { createLogging, type Logging } from '../log/log.ts';
import { errorText, VirtsnmpError } from '../util/errors.ts';
import { VERSION } from '../util/package-info.ts';
import { banner } from './banner.ts';
import { EXIT } from './exit-code.ts';
import { readSnapshot, replayProgress } from './snapshot-file.ts';

const PARENT_WATCH_MS = 200;

/** The flags of `virtsnmp serve`. */
export interface ServeFlags extends ConfigOverrides {
  readonly config?: string;
  readonly json?: boolean;
  /** File of a snapshot to go on from. */
  readonly snapshot?: string;
}

/**
 * `virtsnmp serve`: serves until SIGTERM or SIGINT, and reads the configuration again at SIGHUP.
 * Throws VirtsnmpError when it cannot start; returns the exit code when it has stopped.
 */
export async function serve(
  flags: ServeFlags,
  out: (line: string) => void,
  err: (line: string) => void,
): Promise<number> {
  const { config: file, json, snapshot, ...overrides } = flags;
  const read = () => loadConfig({ file, overrides, env: process.env });
  const config = read();
  const logging = createLogging(config.log);
  const stopped = Promise.race([nextSignal(['SIGTERM', 'SIGINT']), orphaned()]);
  let daemon: Daemon;
  try {
    daemon = await start(config, logging, snapshot, stopped);
  } catch (thrown) {
    await logging.close();
    throw thrown;
  }
  const reload = () => reloadDaemon(daemon, read, logging);
  process.on('SIGHUP', reload);
  if (json) out(JSON.stringify({ version: VERSION, hosts: daemon.hosts, api: daemon.controlUrls }));
  else for (const line of banner(daemon, config)) out(line);
  const signal = await stopped;
  logging.logger('agent').info('stopping', { signal });
  process.off('SIGHUP', reload);
  await daemon.stop();
  await logging.close();
  err(`virtsnmp: stopped by ${signal}`);
  return EXIT.ok;
}

/** Starts afresh, or from a snapshot; whoever stops the program meanwhile is not kept waiting. */
async function start(
  config: Config,
  logging: Logging,
  file: string | undefined,
  stopped: Promise<unknown>,
): Promise<Daemon> {
  if (file === undefined) return Daemon.start(config, logging);
  const snapshot = readSnapshot(file);
  const interrupted = new AbortController();
  void stopped.then(() => interrupted.abort());
  const replayed = replayProgress(snapshot.head.instant.atMs);
  try {
    const from = { snapshot, onProgress: replayed.at, signal: interrupted.signal };
    return await Daemon.start(config, logging, {}, from);
  } finally {
    replayed.end();
  }
}

function reloadDaemon(daemon: Daemon, read: () => Config, logging: Logging): void {
  try {
    daemon.reload(read());
  } catch (thrown) {
    const logger = logging.logger('config');
    if (thrown instanceof VirtsnmpError) {
      for (const line of thrown.message.split('\n')) logger.error(line);
      logger.error('the configuration stays as it was');
    } else {
      logger.error('the configuration could not be read again', { error: errorText(thrown) });
    }
  }
}

/**
 * Resolves when `npm start` was ended: npm passes SIGTERM to a shell that does not pass it on, so that the end
 * of the shell is all that is to be seen here. Never resolves without npm.
 */
function orphaned(): Promise<'SIGTERM'> {
  return new Promise((resolve) => {
    if (process.env['npm_lifecycle_event'] !== 'start') return;
    const parent = process.ppid;
    const watch = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(watch);
      resolve('SIGTERM');
    }, PARENT_WATCH_MS);
    watch.unref();
  });
}

function nextSignal(signals: readonly NodeJS.Signals[]): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of signals) process.once(signal, () => resolve(signal));
  });
}
