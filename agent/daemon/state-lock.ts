import {
  accessSync,
  constants,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { errorText, VirtsnmpError } from '../util/errors.ts';

/** The name of a claim: process, and when that was started where the system tells (0 where it doesn't). */
const CLAIM = /^in-use\.(\d+)\.(\d+)$/;

/** Folders that this process holds, by their real path. */
const held = new Set<string>();

/**
 * A claim on a state folder: of programs on one machine, one at a time has it.
 *
 * Two engines that store into the same file would give one pair of boots and time twice (RFC 3414 section 2.2).
 * A claim is a file of its own, named after its process, and is made before the others are looked at: so of two
 * programs that start at once each sees the other's, and one or both step back, but never both go on. A claim
 * whose process is gone, killed perhaps, counts for nothing and is cleared away. Processes of another PID namespace, or of another machine that mounts the folder, are not seen.
 */
export class StateLock {
  readonly #folder: string;
  readonly #claim: string;

  private constructor(folder: string, claim: string) {
    this.#folder = folder;
    this.#claim = claim;
  }

  /** Claims a folder, which is made when it is not there. Throws STATE_FAILED when it cannot be used. */
  static ofFolder(folder: string): StateLock {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      accessSync(folder, constants.W_OK);
    } catch (thrown) {
      throw new VirtsnmpError('STATE_FAILED', `the state folder cannot be used: ${errorText(thrown)}`);
    }
    return StateLock.acquire(folder);
  }

  /** Claims an existing folder. Throws STATE_FAILED, and says who has it, when it is in use. */
  static acquire(path: string): StateLock {
    const folder = realpathSync(path);
    if (held.has(folder)) throw inUse(path, process.pid);
    const name = `in-use.${process.pid}.${startOf(process.pid) ?? '0'}`;
    const claim = join(folder, name);
    try {
      // One that is there already was left by an earlier process that had our number.
      writeFileSync(claim, '', { mode: 0o600 });
    } catch (thrown) {
      throw new VirtsnmpError('STATE_FAILED', `the state folder cannot be used: ${errorText(thrown)}`);
    }
    for (const other of claimsIn(folder)) {
      if (other.file === name) continue;
      if (isAlive(other)) {
        clear(claim);
        throw inUse(path, other.pid);
      }
      clear(join(folder, other.file));
    }
    held.add(folder);
    return new StateLock(folder, claim);
  }

  /** Gives the folder back; a second call does nothing. */
  release(): void {
    if (!held.has(this.#folder)) return;
    held.delete(this.#folder);
    clear(this.#claim);
  }
}

interface Claim {
  readonly file: string;
  readonly pid: number;
  /** '0' where the system does not tell. */
  readonly started: string;
}

function claimsIn(folder: string): Claim[] {
  return readdirSync(folder).flatMap((file) => {
    const [, pid, started] = CLAIM.exec(file) ?? [];
    return pid === undefined ? [] : [{ file, pid: Number(pid), started: started! }];
  });
}

/** Whether the process that made a claim still runs; another one may have got its number since. */
function isAlive({ pid, started }: Claim): boolean {
  if (started !== '0') return startOf(pid) === started;
  try {
    process.kill(pid, 0);
    return pid !== process.pid;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When a running process was started, in the system's own ticks; `undefined` without /proc, or when it has ended. */
function startOf(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // Behind the name, which is in parentheses and may hold anything: the state, and 19 fields on the start time.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  const started = fields[19];
  // A zombie has ended, and waits for its parent to notice.
  return state === 'Z' || state === 'X' ? undefined : started;
}

function inUse(path: string, pid: number): VirtsnmpError {
  const who = pid === process.pid ? 'this very process' : `process ${pid}`;
  return new VirtsnmpError(
    'STATE_FAILED',
    `the state folder ${path} is in use by ${who}: stop that one first, or give this one a folder of its own`,
  );
}

/** A claim that cannot be removed does no harm: it ends with its process. */
function clear(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    return;
  }
}
