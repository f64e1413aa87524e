import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StateLock } from '../../../agent/daemon/state-lock.ts';

const CHILD = join(import.meta.dirname, 'state-lock-child.ts');

let folder: string;
const children: ChildProcessWithoutNullStreams[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'virtsnmp-'));
});
afterEach(async () => {
  await Promise.all(children.splice(0).map(kill));
  rmSync(folder, { recursive: true, force: true });
});

/** Kills as kill -9 does, and waits for the end. */
async function kill(child: ChildProcessWithoutNullStreams): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** Another process that is ready to try; `attempt` has it do so and gives what it says. */
async function otherProcess() {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, folder]);
  children.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  const attempt = async () => {
    child.stdin.write('go\n');
    return (await lines.next()).value as string;
  };
  return { child, attempt };
}

describe('the lock of a state folder', () => {
  it('is one process’s, until it is given back', () => {
    const lock = StateLock.acquire(folder);
    expect(readdirSync(folder)).toHaveLength(1);
    const link = `${folder}-link`;
    symlinkSync(folder, link);
    for (const path of [folder, link]) {
      expect(() => StateLock.acquire(path)).toThrow(
        expect.objectContaining({
          code: 'STATE_FAILED',
          message: expect.stringContaining('in use by this very process'),
        }),
      );
    }
    rmSync(link);
    lock.release();
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
    StateLock.acquire(folder).release();
  });

  it('is not to be had while another process has it, which is named, and is after kill -9', async () => {
    const other = await otherProcess();
    expect(await other.attempt()).toBe('held');
    expect(() => StateLock.acquire(folder)).toThrow(
      `the state folder ${folder} is in use by process ${other.child.pid}: stop that one first`,
    );
    expect(readdirSync(folder)).toHaveLength(1);
    await kill(other.child);
    const lock = StateLock.acquire(folder);
    // What the dead process has left is cleared away.
    expect(readdirSync(folder)).toHaveLength(1);
    lock.release();
  });

  it('is never two processes’, however close together they try', async () => {
    const others = await Promise.all(Array.from({ length: 4 }, otherProcess));
    const told = await Promise.all(others.map(({ attempt }) => attempt()));
    expect(told.filter((line) => line === 'held').length).toBeLessThanOrEqual(1);
    expect(told.filter((line) => line === 'held' || line.includes('is in use by process'))).toEqual(told);
  });

  it.runIf(existsSync('/proc/self/stat'))(
    'is not kept by a process that only has the number of a dead one',
    () => {
      writeFileSync(join(folder, `in-use.${process.ppid}.1`), '');
      const lock = StateLock.acquire(folder);
      expect(readdirSync(folder)).toHaveLength(1);
      lock.release();
    },
  );

  it('goes by the number alone where nothing more is known', () => {
    const claim = join(folder, `in-use.${process.ppid}.0`);
    writeFileSync(claim, '');
    expect(() => StateLock.acquire(folder)).toThrow(`in use by process ${process.ppid}`);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('leaves other files alone', () => {
    const names = ['host-1.snmp.json', 'in-use.txt', 'in-use.1'];
    for (const name of names) writeFileSync(join(folder, name), 'x');
    StateLock.acquire(folder).release();
    expect(readdirSync(folder).sort()).toEqual(names.sort());
  });
});
