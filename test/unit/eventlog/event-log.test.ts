import { appendFileSync, existsSync, mkdirSync, readFileSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { EmulationEvent } from '../../../agent/emulation/events.ts';
import { EventLog, type EventLogOptions } from '../../../agent/eventlog/event-log.ts';
import type { SentNotification } from '../../../agent/eventlog/record.ts';
import type { DeliveryReport } from '../../../agent/notify/target.ts';
import { type Logger, silentLogger } from '../../../agent/util/logger.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { Fleet } from '../emulation/fleet.ts';

type Line = Record<string, unknown> & { type: string };

const RUN = { seed: 7, epochMs: Date.UTC(2026, 0, 5, 9), hosts: ['one', 'two'], version: '1.2.3' };
const ACKNOWLEDGED: DeliveryReport = { notificationId: 1, target: 'noc', outcome: 'acknowledged' };

function folder(): string {
  return temporaryFolder();
}

function openLog(file: string, changes: Partial<EventLogOptions> = {}): EventLog {
  return new EventLog({
    file,
    maxOctets: 0,
    keep: 2,
    run: RUN,
    logger: silentLogger,
    realMs: () => Date.UTC(2030, 5, 7),
    ...changes,
  });
}

function linesOf(file: string): Line[] {
  const text = readFileSync(file, 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** What a logger was told, by level. */
function recordingLogger(): Logger & { told: string[] } {
  const told: string[] = [];
  return {
    ...silentLogger,
    told,
    info: (message) => void told.push(`info ${message}`),
    error: (message) => void told.push(`error ${message}`),
  };
}

/** A guest that is started, and the event of that. */
function someEvent(): EmulationEvent {
  const fleet = new Fleet();
  fleet.act(fleet.define('web'), 'start');
  return fleet.events[0]!;
}

describe('the event log', () => {
  it('begins with the run, has a line for each event and each delivery, and says when it ended', async () => {
    const file = join(folder(), 'log');
    const log = openLog(file);
    const event = someEvent();
    const sent: SentNotification[] = [
      { name: 'libvirtGuestNotif', id: 4 },
      { name: 'lvsGuestStarted', id: 5 },
    ];
    log.record(event, () => sent);
    log.delivered('one', { notificationId: 5, eventSequence: 2, target: 'noc', outcome: 'acknowledged' });
    await log.close();
    const real = { at: '2030-06-07T00:00:00.000Z' };
    expect(linesOf(file)).toEqual([
      {
        type: 'run',
        schema: 1,
        version: '1.2.3',
        seed: 7,
        epoch: '2026-01-05T09:00:00.000Z',
        hosts: ['one', 'two'],
        real,
      },
      {
        type: 'event',
        sequence: 2,
        atMs: 0,
        wall: '2026-01-05T09:00:00.000Z',
        kind: 'lifecycle',
        host: 'one',
        guest: 'web',
        uuid: event.kind === 'lifecycle' ? event.uuid : '',
        event: 'STARTED',
        detail: 'BOOTED',
        state: 'RUNNING',
        reason: 'BOOTED',
        cause: 'control',
        faults: [],
        notifications: ['libvirtGuestNotif', 'lvsGuestStarted'],
        real: { ...real, ids: [4, 5] },
      },
      {
        type: 'delivery',
        host: 'one',
        notification: 5,
        event: 2,
        target: 'noc',
        outcome: 'acknowledged',
        real,
      },
      { type: 'end', real },
    ]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('has an event before what became of its notifications, though that was known first', async () => {
    const file = join(folder(), 'log');
    const log = openLog(file);
    log.record(someEvent(), () => {
      log.delivered('one', { notificationId: 9, target: 'noc', outcome: 'denied' });
      return [{ name: 'lvsGuestStarted', id: 9 }];
    });
    await log.close();
    expect(linesOf(file).map(({ type }) => type)).toEqual(['run', 'event', 'delivery', 'end']);
  });

  it('has a notification that is no event’s own before what became of it, and none that was not sent', async () => {
    const file = join(folder(), 'log');
    const log = openLog(file);
    const moment = { host: 'one', atMs: 1500, wallMs: RUN.epochMs + 1500 };
    const denied: DeliveryReport = { notificationId: 6, eventSequence: 9, target: 'noc', outcome: 'denied' };
    log.recordNotification({ name: 'vmBulkPaused', events: [7, 9] }, moment, () => {
      log.delivered('one', denied);
      return 6;
    });
    log.recordNotification({ name: 'mteTriggerFired', trigger: { owner: 'o', name: 't' } }, moment, () => 7);
    const failing = () => {
      throw new Error('no');
    };
    expect(() => log.recordNotification({ name: 'linkUp' }, moment, failing)).toThrow('no');
    await log.close();
    const real = { at: '2030-06-07T00:00:00.000Z' };
    const common = { type: 'notification', host: 'one', atMs: 1500, wall: '2026-01-05T09:00:01.500Z' };
    expect(linesOf(file).slice(1, -1)).toEqual([
      { ...common, name: 'vmBulkPaused', events: [7, 9], real: { ...real, id: 6 } },
      { type: 'delivery', host: 'one', notification: 6, event: 9, target: 'noc', outcome: 'denied', real },
      { ...common, name: 'mteTriggerFired', trigger: { owner: 'o', name: 't' }, real: { ...real, id: 7 } },
    ]);
  });

  it('records an event although telling it failed', async () => {
    const file = join(folder(), 'log');
    const log = openLog(file);
    const failing = () => {
      throw new Error('nobody hears');
    };
    expect(() => log.record(someEvent(), failing)).toThrow('nobody hears');
    await log.close();
    expect(linesOf(file).map(({ type }) => type)).toEqual(['run', 'event', 'end']);
  });

  it('takes a storm of events in one tick, off the way of those who tell them', async () => {
    const file = join(folder(), 'log');
    const log = openLog(file);
    const event = someEvent();
    for (let sequence = 1; sequence <= 10_000; sequence++)
      log.record({ ...event, sequence }, () => [{ name: 'lvsGuestStarted', id: sequence }]);
    // Nothing is written in the tick itself.
    expect(existsSync(file)).toBe(false);
    await log.close();
    const events = linesOf(file).filter(({ type }) => type === 'event');
    expect(events.map((line) => line['sequence'])).toEqual(Array.from({ length: 10_000 }, (_, i) => i + 1));
  });

  it('is appended to, and a line that a killed program left without an end gets one', async () => {
    const file = join(folder(), 'log');
    appendFileSync(file, '{"type":"run"}\n{"type":"ev');
    const log = openLog(file);
    await log.close();
    const lines = readFileSync(file, 'utf8').split('\n');
    expect(lines.slice(0, 2)).toEqual(['{"type":"run"}', '{"type":"ev']);
    expect(lines.slice(2, -1).map((line) => JSON.parse(line).type)).toEqual(['run', 'end']);
  });

  it('begins another file when one is full, and keeps as many as it is to', async () => {
    const file = join(folder(), 'log');
    const log = openLog(file, { maxOctets: 1000 });
    const event = someEvent();
    for (let sequence = 1; sequence <= 60; sequence++) {
      log.record({ ...event, sequence }, () => []);
      await log.idle();
    }
    await log.close();
    expect(existsSync(`${file}.2`)).toBe(true);
    expect(existsSync(`${file}.3`)).toBe(false);
    const kept = [`${file}.2`, `${file}.1`, file].map(linesOf);
    for (const lines of kept) expect(lines[0]).toMatchObject({ type: 'run', continued: true });
    const numbers = kept.flat().flatMap(({ type, sequence }) => (type === 'event' ? [Number(sequence)] : []));
    expect(numbers.at(-1)).toBe(60);
    expect(numbers).toEqual(numbers.map((_, i) => numbers[0]! + i));
  });
});

describe('a file that cannot be written', () => {
  it('is no reason to stop when it is only that another cannot be begun', async () => {
    const file = join(folder(), 'log');
    // A folder with something in it gives way to no file.
    mkdirSync(join(`${file}.2`, 'kept'), { recursive: true });
    const logger = recordingLogger();
    const log = openLog(file, { logger, maxOctets: 1000 });
    const event = someEvent();
    for (let sequence = 1; sequence <= 20; sequence++) {
      log.record({ ...event, sequence }, () => []);
      await log.idle();
    }
    await log.close();
    expect(logger.told.filter((each) => each.startsWith('error'))).toEqual([
      'error the event log cannot be written',
    ]);
    const kept = [`${file}.1`, file].filter((each) => existsSync(each)).flatMap(linesOf);
    const numbers = kept.flatMap(({ type, sequence }) => (type === 'event' ? [sequence] : []));
    expect(numbers).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  it('is reported once and loses nothing when it can be written again', async () => {
    const file = join(folder(), 'log');
    // Where a folder is, no file can be opened.
    mkdirSync(file);
    const logger = recordingLogger();
    const log = openLog(file, { logger });
    const event = someEvent();
    for (let sequence = 1; sequence <= 600; sequence++) {
      log.record({ ...event, sequence }, () => []);
      if (sequence % 100 === 0) await log.idle();
    }
    expect(logger.told).toEqual(['error the event log cannot be written']);
    rmdirSync(file);
    log.record({ ...event, sequence: 601 }, () => []);
    await log.idle();
    expect(logger.told.slice(1)).toEqual(['info the event log is written again']);
    await log.close();
    const numbers = linesOf(file).flatMap(({ type, sequence }) => (type === 'event' ? [sequence] : []));
    expect(numbers).toEqual(Array.from({ length: 601 }, (_, i) => i + 1));
  });

  it('stays so to the end without an error but a message', async () => {
    const file = join(folder(), 'log');
    mkdirSync(file);
    onTestFinished(() => rmdirSync(file));
    const logger = recordingLogger();
    const log = openLog(file, { logger });
    log.record(someEvent(), () => []);
    await log.close();
    expect(logger.told).toEqual([
      'error the event log cannot be written',
      'error the end of the event log could not be written',
    ]);
  });

  it('says how many records did not fit where they wait', async () => {
    const file = join(folder(), 'log');
    const log = openLog(file, { maxWaiting: 300 });
    const event = someEvent();
    for (let sequence = 1; sequence <= 1000; sequence++) log.record({ ...event, sequence }, () => []);
    await log.idle();
    log.delivered('one', ACKNOWLEDGED);
    await log.close();
    const lines = linesOf(file);
    const types = lines.map(({ type }) => type);
    expect(types).toEqual(['run', ...Array(300).fill('event'), 'lost', 'delivery', 'end']);
    expect(lines.find(({ type }) => type === 'lost')).toMatchObject({ records: 700 });
  });
});
