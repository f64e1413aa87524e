import { describe, expect, it } from 'vitest';
import { distinct, readDetections } from '../../../agent/score/detections.ts';
import { score } from '../../../agent/score/score.ts';
import { readTruth } from '../../../agent/score/truth.ts';

const EPOCH = Date.parse('2026-01-05T09:00:00Z');
const at = (seconds: number) => new Date(EPOCH + seconds * 1000).toISOString();

const line = (seconds: number, fields: object) =>
  JSON.stringify({ type: 'event', wall: at(seconds), host: 'host-1', faults: [], ...fields });
const begun = (seconds: number, id: number, kind: string, guest?: string) =>
  line(seconds, { kind: 'fault', event: 'BEGUN', guest, fault: { id, kind, rule: '' }, faults: [id] });
const ended = (seconds: number, id: number, kind: string, guest?: string) =>
  line(seconds, { kind: 'fault', event: 'ENDED', guest, fault: { id, kind, rule: '' }, faults: [id] });
const raised = (seconds: number, number: number, kind: string, guest: string, faults: number[]) =>
  line(seconds, { kind: 'alarm', event: 'RAISED', guest, alarm: { number, kind }, faults });
const RUN = JSON.stringify({ type: 'run', schema: 1, epoch: at(0), hosts: ['host-1'] });

/** A leak that raised an alarm, a broken uplink, and an alarm that nobody is to blame for. */
const LOG = [
  RUN,
  begun(60, 1, 'memory-leak', 'web-01'),
  raised(100, 1, 'guestOom', 'web-01', [1]),
  ended(300, 1, 'memory-leak', 'web-01'),
  begun(400, 2, 'host-nic-down'),
  raised(500, 2, 'numaImbalance', 'web-03', []),
  ended(600, 2, 'host-nic-down'),
].join('\n');

const OPTIONS = { graceMs: 60_000, names: new Map([['LinkDown', ['host-nic-down']]]) };
const judge = (rows: readonly object[], log = LOG) =>
  score(readTruth(log, 'log'), readDetections(JSON.stringify(rows), 'found.json'), OPTIONS);

describe('the truth', () => {
  it('is what faults there were, and alarms that none was behind', () => {
    expect(readTruth(LOG, 'log').troubles.map(({ kind, guest, alarms }) => [kind, guest, alarms])).toEqual([
      ['memory-leak', 'web-01', ['guestOom']],
      ['host-nic-down', undefined, []],
      ['alarm numaImbalance', 'web-03', []],
    ]);
  });

  it('lets the neighbours of a noisy guest feel it', () => {
    const log = [
      RUN,
      begun(60, 1, 'noisy-neighbour', 'batch'),
      raised(130, 1, 'stealHigh', 'web-01', []),
    ].join('\n');
    expect(readTruth(log, 'log').troubles).toMatchObject([
      { kind: 'noisy-neighbour', alarms: ['stealHigh'], felt: ['web-01'] },
    ]);
  });

  it('is that of the last run of a file, and does without a line that was cut', () => {
    const { troubles } = readTruth(`${LOG}\n${RUN}\n${begun(5, 1, 'sensor')}\n{"type":"eve`, 'log');
    expect(troubles.map(({ kind }) => kind)).toEqual(['sensor']);
  });

  it('has the real times of whoever looked on', () => {
    const log = [
      RUN,
      line(60, { kind: 'fault', event: 'BEGUN', fault: { id: 1, kind: 'sensor' }, real: { at: at(9000) } }),
    ].join('\n');
    expect(readTruth(log, 'log', 'real').troubles).toMatchObject([{ beganMs: EPOCH + 9_000_000 }]);
  });

  it.each([
    ['', /has no record of a run/],
    ['hello\nyou\nthere\n', /log:1: is no record of an event log/],
    ['{"type":"run","schema":2}', /is of schema 2/],
  ])('is not %j', (text, message) => {
    expect(() => readTruth(text, 'log')).toThrow(message);
  });
});

describe('a score', () => {
  it('is perfect for whoever found everything', () => {
    const result = judge([
      { name: 'guestOom', guest: 'web-01', from: at(110), to: at(330) },
      { name: 'LinkDown', host: 'host-1', from: at(405), to: at(610) },
      { name: 'numaImbalance', guest: 'web-03', from: at(510) },
    ]);
    expect(result.all).toMatchObject({ happened: 3, found: 3, recall: 1, precision: 1 });
    expect(result.kinds.get('memory-leak')).toMatchObject({
      detectMs: { median: 50_000 },
      clearMs: { median: 30_000 },
    });
    expect(result.kinds.get('alarm numaImbalance')?.clearMs).toBeUndefined();
  });

  it('counts what was missed and what was made up', () => {
    const result = judge([
      { name: 'HighCpu', guest: 'web-02', from: at(110) },
      { name: 'Something', guest: 'web-01', from: at(120) },
    ]);
    expect(result.all).toMatchObject({ happened: 3, found: 1, precision: 0.5 });
    expect(result.all.recall).toBeCloseTo(1 / 3);
    expect(result.false.map(({ name }) => name)).toEqual(['HighCpu']);
  });

  it.each([
    ['before it began', { name: 'Something', guest: 'web-01', from: at(59) }],
    ['later than the grace allows', { name: 'Something', guest: 'web-01', from: at(361) }],
    ['of another guest', { name: 'guestOom', guest: 'web-02', from: at(110) }],
    ['of another host', { name: 'guestOom', host: 'host-2', guest: 'web-01', from: at(110) }],
    ['of something else', { name: 'stealHigh', guest: 'web-01', from: at(110) }],
    ['of nothing in particular', { name: 'Something', from: at(110) }],
  ])('does not take what was reported %s', (_what, row) => {
    expect(judge([row]).all.found).toBe(0);
  });

  it('takes what guests feel of their host', () => {
    expect(
      judge([{ name: 'Unreachable', guest: 'web-02', from: at(420) }]).kinds.get('host-nic-down')?.found,
    ).toBe(1);
  });

  it('has the median of several times, and their range', () => {
    const log = [RUN, ...[100, 200, 300].map((second, i) => begun(second, i + 1, 'sensor'))].join('\n');
    const rows = [{ name: 'Temperature', host: 'host-1:1161', from: at(310) }];
    expect(judge(rows, log).kinds.get('sensor')?.detectMs).toEqual({
      least: 10_000,
      median: 110_000,
      most: 210_000,
    });
  });

  it('of nothing has no shares', () => {
    expect(judge([], RUN).all).toEqual({ happened: 0, found: 0, reports: 0 });
  });
});

describe('what is reported again', () => {
  it('counts once, with its latest end', () => {
    const one = { name: 'a', guest: 'web-01', fromMs: 1 };
    const other = { ...one, guest: 'web-02' };
    expect(distinct([one, other, one, { ...one, toMs: 5 }, { ...one, toMs: 3 }])).toEqual([
      { ...one, toMs: 5 },
      other,
    ]);
  });
});

describe('what was reported', () => {
  const ROW = {
    name: 'Oom',
    host: 'host-1',
    guest: 'web, 01',
    fromMs: EPOCH + 60_000,
    toMs: EPOCH + 120_000,
  };

  it('may be CSV, with quotes, ends of lines of any kind and times as numbers', () => {
    const text = `name,guest,host,from,to\r\nOom,"web, 01",host-1,${at(60)},${at(120)}\r\n\r\n"a ""b""",,host-1,1767603600,\r\n`;
    expect(readDetections(text, 'a.csv')).toEqual([
      ROW,
      { name: 'a "b"', host: 'host-1', fromMs: 1_767_603_600_000 },
    ]);
  });

  it('may be JSON', () => {
    const { name, host, guest } = ROW;
    expect(
      readDetections(JSON.stringify([{ name, host, guest, from: at(60), to: at(120) }]), 'a.json'),
    ).toEqual([ROW]);
  });

  it('may be what Prometheus answers; what is pending is not reported', () => {
    const alert = (state: string) => ({
      labels: { alertname: 'HighSteal', domain: 'web-01', instance: 'host-1:9177' },
      annotations: {},
      state,
      activeAt: at(60),
      value: '1e+00',
    });
    const text = JSON.stringify({ status: 'success', data: { alerts: [alert('firing'), alert('pending')] } });
    expect(readDetections(text, 'a.json')).toEqual([
      { name: 'HighSteal', guest: 'web-01', host: 'host-1:9177', fromMs: EPOCH + 60_000 },
    ]);
  });

  it.each([
    ['[{"name": "a"}]', /a\[0\]: from is missing; expected RFC 3339 text/],
    ['[{"from": 1}]', /a\[0\]: name is missing; expected text/],
    ['[3]', /a\[0\] is 3; expected an object/],
    ['{"data": {}}', /has neither a list of detections nor data.alerts/],
    ['[', /a: is no JSON/],
    ['guest,from\nx,1\n', /a:1: has no heads/],
    ['name,from\nx,tomorrow\n', /a:2: from is "tomorrow"/],
    ['name,from\nx"y,1\n', /a:2: a quote in the middle of a cell/],
  ])('is refused: %j', (text, message) => {
    expect(() => readDetections(text, 'a')).toThrow(message);
  });
});
