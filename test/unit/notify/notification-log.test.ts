import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TAG } from '../../../agent/ber/tags.ts';
import { ValueError } from '../../../agent/ber/writer.ts';
import { ROW_STATUS } from '../../../agent/mib/managed-table.ts';
import { type LogEntry, logIndex } from '../../../agent/notify/notification-log/log-entry.ts';
import { LogJournal } from '../../../agent/notify/notification-log/log-journal.ts';
import { decodeLogged, encodeLogged } from '../../../agent/notify/notification-log/logged-notification.ts';
import { type LogFields, silentLogger } from '../../../agent/util/logger.ts';
import { LogLaboratory, notification, notificationOf, VARIABLES } from '../../support/notification-log.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

function journalFile() {
  const file = join(temporaryFolder(), 'one.journal');
  const told: [string, LogFields | undefined][] = [];
  const logger = { ...silentLogger, warn: (...line: [string, LogFields?]) => told.push([line[0], line[1]]) };
  return { file, told, open: () => new LogJournal({ file, logger }) };
}

function entries({ log }: LogLaboratory, name = ''): LogEntry[] {
  return Array.from(log.log(name)!.entries);
}

describe('The default log', () => {
  it('has each notification with all its variables, in order', () => {
    const lab = new LogLaboratory();
    for (let number = 1; number <= 3; number++)
      lab.log.add(notification(number, VARIABLES.slice(0, number * 3)));
    expect(lab.numbers()).toEqual([1, 2, 3]);
    expect(entries(lab).map(logIndex)).toEqual([1, 2, 3]);
    const shown = entries(lab).map((entry) => notificationOf(entry).varbinds);
    const wanted = VARIABLES.map((one) => (one.value === 'Grüße' ? { ...one, value: octets('Grüße') } : one));
    expect(shown).toEqual([wanted.slice(0, 3), wanted.slice(0, 6), wanted]);
  });

  it('wraps its index from the greatest to 1 and stays in the order of the index (RFC 3014)', () => {
    const lab = new LogLaboratory({ room: { entries: 4, octets: 1_000_000 } });
    lab.log.logs[0]!.next = 2 ** 32 - 3;
    for (let number = 1; number <= 3; number++) lab.log.add(notification(number));
    expect(entries(lab).map(logIndex)).toEqual([2 ** 32 - 2, 2 ** 32 - 1, 1]);
    // By index: the newest comes first until the older ones are gone.
    expect(lab.numbers()).toEqual([3, 1, 2]);
    for (let number = 4; number <= 6; number++) lab.log.add(notification(number));
    expect(lab.numbers()).toEqual([3, 4, 5, 6]);
    expect(entries(lab).map(logIndex)).toEqual([1, 2, 3, 4]);
  });

  it('takes a storm in bounded room, and counts what had to go', () => {
    const lab = new LogLaboratory({ room: { entries: 1000, octets: 300_000 } });
    for (let number = 1; number <= 10_000; number++) lab.log.add(notification(number, VARIABLES));
    const [first, last] = [lab.numbers()[0]!, lab.numbers().at(-1)!];
    expect(last).toBe(10_000);
    expect(lab.log.size).toBe(last - first + 1);
    expect(lab.log.size).toBeLessThan(1000);
    expect(lab.log.logged).toBe(10_000);
    expect(lab.log.bumped).toBe(10_000 - lab.log.size);
    const kept = entries(lab).reduce((sum, { record }) => sum + record.length, 0);
    expect(kept).toBeLessThanOrEqual(300_000);
  });

  it('keeps one notification that alone is larger than the room', () => {
    const lab = new LogLaboratory({ room: { entries: 1000, octets: 1000 } });
    lab.log.add(notification(1));
    lab.log.add(notification(2, [{ oid: [1, 3, 9], tag: TAG.OCTET_STRING, value: 'x'.repeat(5000) }]));
    expect(lab.numbers()).toEqual([2]);
    lab.log.add(notification(3));
    expect(lab.numbers()).toEqual([3]);
  });

  it('is changed by nothing when a notification has a value that cannot be told', () => {
    const lab = new LogLaboratory();
    const broken = notification(1, [{ oid: [1, 3, 9], tag: TAG.COUNTER32, value: 'text' }]);
    expect(() => lab.log.add(broken)).toThrow(ValueError);
    expect(lab.log.size).toBe(0);
  });
});

describe('A log with a name', () => {
  it('has what its filter lets pass and what its owner has access to', () => {
    const lab = new LogLaboratory();
    lab.make('odd', { filterName: 'odd' });
    lab.make('hidden', { owner: { securityModel: 3, securityName: 'nobody', securityLevel: 3 } });
    for (let number = 1; number <= 4; number++) lab.log.add(notification(number));
    expect([lab.numbers(), lab.numbers('odd'), lab.numbers('hidden')]).toEqual([[1, 2, 3, 4], [1, 3], []]);
    expect(lab.log.logged).toBe(6);
  });

  it('has nothing without a filter, while it is disabled, or before somebody has made it active', () => {
    const lab = new LogLaboratory();
    lab.make('none', { filterName: '' });
    lab.make('missing', { filterName: 'missing' });
    lab.make('off', { enabled: false });
    lab.change('waits', { filterName: 'all', status: ROW_STATUS.createAndWait });
    lab.log.add(notification(1));
    for (const name of ['none', 'missing', 'off', 'waits'])
      expect([name, lab.numbers(name)]).toEqual([name, []]);
    const states = lab.log.logs.map(({ name, row }) => [name, lab.log.state(row)]);
    expect(Object.fromEntries(states)).toEqual({
      '': 'operational',
      none: 'noFilter',
      missing: 'noFilter',
      off: 'disabled',
      waits: 'disabled',
    });
  });

  it('begins anew after it was removed', () => {
    const lab = new LogLaboratory();
    lab.make('one');
    lab.log.add(notification(1));
    lab.change('one', { status: ROW_STATUS.destroy });
    expect(lab.log.log('one')).toBeUndefined();
    lab.make('one');
    lab.log.add(notification(2));
    expect(lab.numbers('one')).toEqual([2]);
    expect(logIndex(entries(lab, 'one')[0]!)).toBe(1);
  });
});

describe('What is on disk', () => {
  it('comes back with an index that goes on, and with nlmLogTime 0 (RFC 3014)', async () => {
    const { file, open } = journalFile();
    const before = new LogLaboratory({ journal: open() });
    for (let number = 1; number <= 3; number++) before.log.add(notification(number, VARIABLES));
    await before.log.close();
    expect(statSync(file).mode & 0o777).toBe(0o600);

    const after = new LogLaboratory({ journal: open(), wallMs: before.wallMs + 5000 });
    after.log.add(notification(4));
    const shown = entries(after).map((entry) => [logIndex(entry), entry.upTimeCentiseconds, entry.dateMs]);
    const { wallMs } = before;
    expect(shown).toEqual([
      [1, 0, wallMs],
      [2, 0, wallMs],
      [3, 0, wallMs],
      [4, 400, wallMs + 5000],
    ]);
    expect(notificationOf(entries(after)[1]!).varbinds).toEqual(notificationOf(entries(before)[1]!).varbinds);
    expect([after.log.logged, after.log.bumped]).toEqual([1, 0]);
    await after.log.close();
  });

  it('is there at once when it is flushed', async () => {
    const { open } = journalFile();
    const before = new LogLaboratory({ journal: open() });
    before.log.add(notification(1));
    before.log.flush();
    // Without a turn of the event loop: what a kill -9 leaves.
    const after = new LogLaboratory({ journal: open() });
    expect(after.numbers()).toEqual([1]);
    await Promise.all([before.log.close(), after.log.close()]);
  });

  it('keeps the index going when age has emptied the log', async () => {
    const { open } = journalFile();
    const before = new LogLaboratory({ journal: open() });
    before.log.add(notification(1));
    before.limit({ ageOut: 1 });
    before.wallMs += 60_000;
    expect(before.numbers()).toEqual([]);
    await before.log.close();
    const after = new LogLaboratory({ journal: open() });
    after.log.add(notification(2));
    expect(entries(after).map(logIndex)).toEqual([2]);
    await after.log.close();
  });

  it('is what stood before the damage, and that is told', async () => {
    const { file, told, open } = journalFile();
    const before = new LogLaboratory({ journal: open() });
    for (let number = 1; number <= 3; number++) before.log.add(notification(number));
    await before.log.close();
    const octetsOnDisk = readFileSync(file);
    octetsOnDisk[octetsOnDisk.length - 5]! ^= 1;
    writeFileSync(file, octetsOnDisk);
    const after = new LogLaboratory({ journal: open() });
    expect(after.numbers()).toEqual([1, 2]);
    expect(told).toEqual([
      [
        'the end of the notification log was damaged',
        expect.objectContaining({ file, keptIn: `${file}.damaged` }),
      ],
    ]);
    await after.log.close();
  });

  it('stays short however much was logged', async () => {
    const { file } = journalFile();
    const journal = new LogJournal({ file, logger: silentLogger, slack: 1000 });
    const lab = new LogLaboratory({ room: { entries: 10, octets: 1_000_000 }, journal });
    let told = 0;
    const add = (count: number) => {
      for (let i = 0; i < count; i++) lab.log.add(notification(++told));
    };
    add(500);
    await new Promise(setImmediate);
    expect(statSync(file).size).toBeGreaterThan(20_000);
    // Shortened in the background, at the latest with the next notification after that.
    while (statSync(file).size > 5000) {
      add(1);
      await new Promise(setImmediate);
    }
    await lab.log.close();
    const after = new LogLaboratory({ journal: new LogJournal({ file, logger: silentLogger }) });
    expect(after.numbers()).toEqual(Array.from({ length: 10 }, (_, i) => told - 9 + i));
    await after.log.close();
  });
});

describe('What managers have set', () => {
  it.each([
    ['text', 'entryLimit'],
    ['an unknown limit', { logs: [], other: 1 }],
    ['a limit that is none', { logs: [], ageOut: -1 }],
    ['no logs', { entryLimit: 5 }],
    ['a log that is none', { logs: [{ name: 'one' }] }],
  ])('is refused when it comes back as %s', (_, stored) => {
    expect(() => new LogLaboratory({ stored })).toThrow(expect.objectContaining({ code: 'STATE_FAILED' }));
  });
});

describe('A notification as octets', () => {
  it('is never more than was told when they are cut, and no error when they are altered', () => {
    const octetsOf = encodeLogged(notification(1, VARIABLES));
    for (let length = 0; length < octetsOf.length; length++) {
      const cut = decodeLogged(octetsOf.subarray(0, length), 0);
      if (cut) expect(VARIABLES.length).toBeGreaterThan(cut.varbinds.length);
      const altered = Uint8Array.from(octetsOf);
      altered[length]! ^= 0x55;
      expect(() => decodeLogged(altered, 0)).not.toThrow();
    }
  });
});

function octets(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text));
}
