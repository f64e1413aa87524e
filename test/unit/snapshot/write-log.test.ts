import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Write } from '../../../agent/emulation/write.ts';
import { WriteLog } from '../../../agent/snapshot/write-log.ts';
import { silentLogger } from '../../../agent/util/logger.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { config, Fleet, FURNISHED } from '../emulation/fleet.ts';

const AT = { atMs: 5, ran: 1 };

function writes(count: number): Write[] {
  const fleet = new Fleet();
  const web = fleet.define('web', FURNISHED);
  const suspend = {
    op: 'apply',
    change: { op: 'act', domain: web, action: 'suspend' },
    cause: 'manager',
  } as const;
  const populate = { op: 'populate', host: fleet.one, configs: [config('web', FURNISHED)] } as const;
  return [
    { op: 'add-host', name: 'one', config: fleet.one.config },
    { op: 'apply', change: populate, cause: 'config' },
    ...Array.from({ length: count }, () => suspend),
  ];
}

describe('the record of what was done', () => {
  it('is the same in memory, in a file, and in one that it moves to', async () => {
    const file = (name: string) => join(folder, name);
    const folder = temporaryFolder();
    writeFileSync(file('written'), 'of an earlier run');
    const [inMemory, written, moved] = [new WriteLog(), new WriteLog(), new WriteLog()];
    written.keepIn(file('written'), silentLogger);
    writes(100).forEach((write, i) => {
      for (const log of [inMemory, written, moved]) log.add(write, AT);
      if (i === 50) moved.keepIn(file('moved'), silentLogger);
    });
    expect(inMemory.lines()).toHaveLength(102);
    expect(written.lines()).toEqual(inMemory.lines());
    expect(moved.lines()).toEqual(inMemory.lines());
    await Promise.all([written.close(), moved.close()]);
    // What made the fleet is not written: it is in memory anyway.
    expect(readFileSync(file('written'), 'latin1')).not.toContain('populate');
  });

  it('is given up when it is too large, and says so', () => {
    const log = new WriteLog(1000);
    for (const write of writes(5)) log.add(write, AT);
    expect(log.lines()).toHaveLength(7);
    for (const write of writes(50).slice(2)) log.add(write, AT);
    expect(() => log.lines()).toThrow(
      'this run has no snapshots any more: more was done than can be kept (1000 octets); with a state folder there is room for more',
    );
  });

  it('is not taken for whole when somebody else has changed its file', async () => {
    const file = join(temporaryFolder(), 'changes.journal');
    const log = new WriteLog();
    log.keepIn(file, silentLogger);
    for (const write of writes(20)) log.add(write, AT);
    log.lines();
    const octets = readFileSync(file);
    octets[octets.length >> 1]! ^= 1;
    writeFileSync(file, octets);
    expect(() => log.lines()).toThrow('was changed by somebody else');
    await log.close();
  });
});
