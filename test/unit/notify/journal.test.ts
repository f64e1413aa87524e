import fs from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { Journal } from '../../../agent/notify/journal.ts';
import type { PendingNotification } from '../../../agent/notify/pending.ts';
import { silentLogger } from '../../../agent/util/logger.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const full = { value: false };
vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  const writeSync = (...args: Parameters<typeof real.writeSync>) => {
    if (full.value) throw new Error('ENOSPC: no space left on device, write');
    return real.writeSync(...args);
  };
  return { ...real, default: { ...real, writeSync }, writeSync };
});

afterEach(() => {
  full.value = false;
});

function pending(id: number): PendingNotification {
  const bindings = new Uint8Array(100).fill(id);
  const encoded = { oid: [1, 3, 6, id], upTimeCentiseconds: id, bindings, ownStart: 0, hasCounter64: false };
  return { id, eventSequence: undefined, ...encoded };
}

it('says once that the disk is full, and writes what is still wanted when there is room again', () => {
  const folder = join(temporaryFolder(), 'informs');
  const errors: string[] = [];
  const logger = { ...silentLogger, error: (message: string) => errors.push(message) };
  const journal = new Journal({ folder, logger, segmentOctets: 1000 });
  const put = () => {
    const id = journal.newId();
    journal.put(pending(id), ['nms']);
    journal.flush();
    return id;
  };
  const before = [put(), put()];
  full.value = true;
  const during = Array.from({ length: 20 }, put);
  journal.done('nms', before[0]!);
  journal.done('nms', during[3]!);
  full.value = false;
  const after = Array.from({ length: 30 }, put);
  expect(errors).toEqual(['the journal of informs cannot be written: a restart would lose what waits']);
  const again = new Journal({ folder, logger: silentLogger }).recovered.get('nms')!;
  const ids = again.pending.map(({ id }) => id);
  const wanted = [before[1]!, ...during.filter((id) => id !== during[3]), ...after];
  expect(ids).toEqual(wanted);
});

it('is refused where the folder cannot be made', () => {
  const file = join(temporaryFolder(), 'file');
  fs.writeFileSync(file, '');
  expect(() => new Journal({ folder: file, logger: silentLogger })).toThrow(`${file} cannot be used: `);
});

it('keeps nothing without a folder, and gives identifiers all the same', () => {
  const journal = new Journal({ logger: silentLogger });
  const ids = Array.from({ length: 3000 }, () => journal.newId());
  expect(ids).toEqual(ids.map((_, i) => i + 1));
  journal.put(pending(1), ['nms']);
  journal.done('nms', 1);
  journal.close();
  expect(journal.recovered.size).toBe(0);
});
