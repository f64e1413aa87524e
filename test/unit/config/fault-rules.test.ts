import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../agent/config/load.ts';
import { timeSpanMs } from '../../../agent/config/time-span.ts';
import { FAULT_KIND_NAMES, faultKindInfo } from '../../../agent/emulation/fault/fault-kind.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = temporaryFolder();

function load(text: string) {
  writeFileSync(join(folder, 'faults.yaml'), text);
  return loadConfig({ file: 'faults.yaml', env: {}, cwd: folder });
}

const rule = (text: string) => load(`faults: [{name: a, ${text}}]`);

describe('times', () => {
  it.each<[unknown, number | undefined]>([
    [0, 0],
    [1.5, 1500],
    ['90 s', 90_000],
    ['1.5min', 90_000],
    ['2 h', 7_200_000],
    ['1 d', 86_400_000],
    ['250 ms', 250],
    ['5', undefined],
    ['5 m', undefined],
    ['-5 s', undefined],
    [-1, undefined],
    [Number.NaN, undefined],
    [1e300, undefined],
    [null, undefined],
  ])('%j is %j ms', (value, ms) => {
    expect(timeSpanMs(value)).toBe(ms);
  });
});

describe('the section faults', () => {
  it('is empty when it is left out', () => {
    expect(load('emulation: {seed: 1}').faults).toEqual([]);
  });

  it('makes rules', () => {
    const { faults } = load(`faults:
  - { name: a, kind: memory-leak, at: 5 min, duration: 90 s, parameters: { rate: 2 MiB } }
  - name: b
    kind: slow-disk
    target: { name: "db-*", host: host-1, type: kvm, label: prod, probability: 0.5 }
    every: 1 h
    from: 10
    jitter: 5 min
    count: 3
    parameters: { disk: vda, factor: 4 }
  - { name: c, kind: host-crash, after: STOPPED/CRASHED, delay: 10 }
  - { name: d, kind: guest-hang, while: b }
`);
    expect(faults).toEqual([
      {
        name: 'a',
        kind: 'memory-leak',
        parameters: { bytesPerSecond: 2 * 2 ** 20 },
        target: { probability: 1 },
        when: { atMs: 300_000 },
        durationMs: 90_000,
      },
      {
        name: 'b',
        kind: 'slow-disk',
        parameters: { disk: 'vda', factor: 4 },
        target: { name: 'db-*', host: 'host-1', type: 'kvm', label: 'prod', probability: 0.5 },
        when: { everyMs: 3_600_000, fromMs: 10_000 },
        jitterMs: 300_000,
        count: 3,
      },
      {
        name: 'c',
        kind: 'host-crash',
        parameters: {},
        target: { probability: 1 },
        when: { after: 'STOPPED/CRASHED' },
        delayMs: 10_000,
      },
      { name: 'd', kind: 'guest-hang', parameters: {}, target: { probability: 1 }, when: { while: 'b' } },
    ]);
  });

  it('takes every kind with all of its parameters', () => {
    const values: Record<string, string> = {
      nic: '0',
      queue: '0',
      disk: 'vda',
      pool: 'default',
      bridge: 'br0',
      cycleMs: '4 s',
      sensor: 'Fan 1',
      factor: '2',
      share: '0.5',
      lockShare: '0.1',
      bytesPerSecond: '1 MiB',
      recipient: 'GUEST',
      actionRequired: 'false',
      outcome: 'Failed',
    };
    for (const kind of FAULT_KIND_NAMES) {
      const names = faultKindInfo(kind).parameters;
      const text = names.map(
        (name) => `${name === 'bytesPerSecond' ? 'rate' : name.replace('Ms', '')}: ${values[name]}`,
      );
      const { faults } = rule(`kind: ${kind}, at: 1, parameters: {${text.join(', ')}}`);
      expect(Object.keys(faults[0]!.parameters).toSorted()).toEqual([...names].toSorted());
    }
  });

  it.each([
    [
      'kind: memory-leek, at: 1',
      '1:26 faults[0].kind: "memory-leek" is not a kind of fault; did you mean memory-leak?',
    ],
    [
      'kind: rain, at: 1',
      '1:26 faults[0].kind: "rain" is not a kind of fault; expected one of memory-leak, ',
    ],
    [
      'kind: nic-down',
      '1:10 faults[0]: a does not say when it begins; expected one of at, every, after, while',
    ],
    [
      'kind: nic-down, at: 1, every: 5',
      '1:50 faults[0].every: beside at; expected one of at, every, after, while alone',
    ],
    [
      'kind: nic-down, at: soon',
      '1:40 faults[0].at: "soon" is not accepted, expected a number of seconds, or text',
    ],
    [
      'kind: nic-down, every: 0.01',
      '1:43 faults[0].every: 0.01 is not accepted, expected a number of seconds, or text',
    ],
    ['kind: nic-down, at: 1, from: 5', '1:49 faults[0].from: without every; expected at'],
    ['kind: nic-down, at: 1, delay: 5', '1:50 faults[0].delay: without after or while'],
    [
      'kind: nic-down, after: STOPPED/CRASH',
      '"STOPPED/CRASH" is not an event; did you mean STOPPED/CRASHED?',
    ],
    ['kind: nic-down, while: a', 'faults[0].while: its own name; expected that of another rule'],
    ['kind: nic-down, while: other', 'faults[0].while: there is no rule "other"; expected one of a'],
    [
      'kind: nic-down, at: 1, parameters: {disk: vda}',
      'faults[0].parameters.disk: not a parameter of nic-down; expected nic',
    ],
    [
      'kind: guest-hang, at: 1, parameters: {nic: 1}',
      'faults[0].parameters.nic: not a parameter of guest-hang; it has none',
    ],
    [
      'kind: disk-full, at: 1, target: {name: x}',
      'faults[0].target.name: about guests, and disk-full is a fault of hosts; expected host',
    ],
    [
      'kind: disk-full, at: 1, parameters: {pool: defalt}',
      'faults[0].parameters.pool: there is no pool "defalt"; did you mean default?',
    ],
    ['kind: sensor, at: 1, parameters: {sensor: Fan 7}', 'there is no sensor "Fan 7"; did you mean Fan 1?'],
    ['kind: nic-down, at: 1, target: {host: h2*}', 'faults[0].target.host: fits no host; there is host-1'],
    [
      'kind: nic-down, at: 1, target: {probability: 2}',
      'faults[0].target.probability: 2 is not accepted, expected a number from 0 to 1',
    ],
    ['kind: nic-down, at: 1, targets: {}', 'faults[0].targets: an unknown option; did you mean target?'],
  ])('%s: %s', (text, message) => {
    expect(() => rule(text)).toThrow(message);
  });

  it('names each rule once', () => {
    expect(() =>
      load('faults: [{name: a, kind: nic-down, at: 1}, {name: a, kind: nic-down, at: 2}]'),
    ).toThrow('faults[1].name: the name of faults[0]; expected another');
  });
});
