import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { VirtsnmpError } from '../../../agent/util/errors.ts';
import { openJournal } from '../../../agent/util/journal.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** What the next calls do in place of their work. */
const broken = vi.hoisted(() => ({
  write: undefined as Error | undefined,
  rename: undefined as Error | undefined,
}));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return {
    ...fs,
    writeSync(descriptor: number, octets: Uint8Array, offset: number, length: number, position: number) {
      if (!broken.write) return fs.writeSync(descriptor, octets, offset, length, position);
      // A full disk takes the beginning of it.
      if (length > 3) return fs.writeSync(descriptor, octets, offset, 3, position);
      throw broken.write;
    },
    renameSync(from: string, to: string) {
      if (broken.rename) throw broken.rename;
      fs.renameSync(from, to);
    },
  };
});

afterEach(() => {
  broken.write = undefined;
  broken.rename = undefined;
});

function text(records: readonly Uint8Array[]): string[] {
  return records.map((record) => Buffer.from(record).toString());
}

function laboratory() {
  const file = join(temporaryFolder(), 'a.journal');
  const errors: VirtsnmpError[] = [];
  const open = () => openJournal({ file, sync: 'soon', onError: (error) => errors.push(error) });
  return { file, errors, open };
}

describe('A journal', () => {
  it('is readable by its owner alone, and so is what takes its place', async () => {
    const { file, open } = laboratory();
    const { journal } = open();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await journal.compact([Buffer.from('one')])).toBe(true);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await journal.close();
  });

  it('writes what was appended when the turn of the event loop ends', async () => {
    const { open } = laboratory();
    const { journal } = open();
    journal.append(Buffer.from('one'));
    journal.append(Buffer.from('two'));
    await new Promise(setImmediate);
    // A second reader stands for the start after a crash.
    expect(text(open().records)).toEqual(['one', 'two']);
    await journal.close();
  });

  it('tells once that a full disk takes nothing, and writes all of it when there is room again', async () => {
    const { errors, open } = laboratory();
    const { journal } = open();
    journal.append(Buffer.from('before'));
    expect(journal.flush()).toBe(true);
    broken.write = new Error('ENOSPC: no space left on device');
    for (const record of ['one', 'two']) {
      expect(journal.append(Buffer.from(record))).toBe(true);
      expect(journal.flush()).toBe(false);
    }
    expect(errors.map(({ code, message }) => [code, message])).toEqual([
      ['STATE_FAILED', expect.stringContaining('a.journal cannot be written: ENOSPC')],
    ]);
    // What was written of it in part does not count as damage.
    const crashed = open();
    expect(text(crashed.records)).toEqual(['before']);
    expect(crashed.damage).toBeUndefined();

    broken.write = undefined;
    expect(journal.flush()).toBe(true);
    await journal.close();
    expect(text(open().records)).toEqual(['before', 'one', 'two']);
    expect(errors).toHaveLength(1);
  });

  it('refuses records when too much waits for a file that cannot be written', async () => {
    const { open } = laboratory();
    const { journal } = open();
    broken.write = new Error('EIO');
    const record = Buffer.alloc(1024 * 1024, 1);
    const taken: boolean[] = [];
    for (let i = 0; i < 8; i++) taken.push(journal.append(record));
    expect(taken.indexOf(false)).toBeGreaterThan(2);
    expect(taken.slice(taken.indexOf(false))).not.toContain(true);
    broken.write = undefined;
    await journal.close();
    expect(open().records).toHaveLength(taken.indexOf(false));
  });

  it('keeps the old file when the new one cannot take its place', async () => {
    const { file, errors, open } = laboratory();
    const { journal } = open();
    journal.append(Buffer.from('one'));
    broken.rename = new Error('EACCES: permission denied');
    const compacting = journal.compact([]);
    journal.append(Buffer.from('two'));
    expect(await compacting).toBe(false);
    expect(errors).toHaveLength(1);
    expect(existsSync(`${file}.new`)).toBe(false);
    await journal.close();
    expect(text(open().records)).toEqual(['one', 'two']);
  });

  it('does not begin a compaction while another is under way', async () => {
    const { open } = laboratory();
    const { journal } = open();
    const first = journal.compact([Buffer.from('kept')]);
    expect(await journal.compact([])).toBe(false);
    expect(await first).toBe(true);
    await journal.close();
    expect(text(open().records)).toEqual(['kept']);
  });

  it('puts a file aside that is none', async () => {
    const { file, open } = laboratory();
    writeFileSync(file, '{"version": 1}\n');
    const { journal, records, damage } = open();
    expect(records).toEqual([]);
    expect(damage).toEqual({ goodOctets: 0, lostOctets: 15, keptIn: `${file}.damaged` });
    expect(readFileSync(`${file}.damaged`, 'utf8')).toBe('{"version": 1}\n');
    expect(statSync(`${file}.damaged`).mode & 0o777).toBe(0o600);
    await journal.close();
  });

  it('says which file cannot be opened', () => {
    const file = join(temporaryFolder(), 'no/such/folder/a.journal');
    const open = () => openJournal({ file, sync: 'never', onError: () => expect.unreachable() });
    expect(open).toThrow(
      expect.objectContaining({ code: 'STATE_FAILED', message: expect.stringContaining(file) }),
    );
  });
});
