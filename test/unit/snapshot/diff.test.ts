import { describe, expect, it } from 'vitest';
import { differenceLines, diffPictures } from '../../../agent/snapshot/diff.ts';
import type { Picture } from '../../../agent/snapshot/picture.ts';

const WEB: Picture = {
  host: 'one',
  guest: { name: 'web', uuid: 'u-1' },
  values: { state: 'RUNNING/BOOTED', 'cpu.time': 5, 'net.0.rx.bytes': 10, ratio: 0.25 },
  alarms: [],
  faults: [],
  events: { 'STARTED/BOOTED': 1 },
  hidden: 'h',
};
const HOST: Picture = { host: 'one', values: { guests: 1 }, alarms: [], faults: [], events: {}, hidden: 'h' };

const ILL: Picture = {
  ...WEB,
  guest: { name: 'web-2', uuid: 'u-1' },
  values: { state: 'PAUSED/IOERROR', 'cpu.time': 2, ratio: 0.75, 'balloon.rss': 4 },
  alarms: [
    {
      number: 9,
      kind: 'diskError',
      severity: 'major',
      resource: 'disk vda',
      text: 'A request failed',
      raisedMs: 5,
    },
  ],
  faults: [{ id: 2, kind: 'disk-error', rule: 'nightly', begunMs: 4 }],
  events: { 'STARTED/BOOTED': 1, IO_ERROR: 3 },
  hidden: 'i',
};

describe('two snapshots', () => {
  it('that are the same do not differ', () => {
    expect(diffPictures([HOST, WEB], [structuredClone(WEB), structuredClone(HOST)])).toEqual([]);
  });

  it('differ in values, alarms, faults, events and what cannot be read', () => {
    const [web, ...others] = diffPictures([HOST, WEB], [HOST, ILL]);
    expect(others).toEqual([]);
    expect(differenceLines(web!)).toEqual([
      'web (one): name: web -> web-2',
      'web (one): state: RUNNING/BOOTED -> PAUSED/IOERROR',
      'web (one): cpu.time: 5 -> 2 (-3)',
      'web (one): net.0.rx.bytes: 10 -> none',
      'web (one): ratio: 0.25 -> 0.75 (+0.5)',
      'web (one): balloon.rss: none -> 4',
      'web (one): alarm only in B: major diskError, A request failed',
      'web (one): fault only in B: disk-error (nightly)',
      'web (one): events IO_ERROR: none -> 3',
      'web (one): what cannot be read of it differs',
    ]);
  });

  it('differ by guests that only one has', () => {
    expect(diffPictures([HOST, WEB], [HOST]).flatMap(differenceLines)).toEqual(['web (one): only in A']);
    expect(diffPictures([HOST], [HOST, WEB]).flatMap(differenceLines)).toEqual(['web (one): only in B']);
  });

  it('are compared in what is asked for', () => {
    const lines = (options: Parameters<typeof diffPictures>[2]) =>
      diffPictures([WEB], [ILL], options).flatMap(differenceLines);
    expect(lines({ only: ['cpu.*', 'faults'] })).toEqual([
      'web (one): cpu.time: 5 -> 2 (-3)',
      'web (one): fault only in B: disk-error (nightly)',
    ]);
    expect(lines({ ignore: ['*'] })).toEqual([]);
    expect(lines({ ignore: ['hidden'] })).toHaveLength(9);
  });
});
