import { describe, expect, it } from 'vitest';
import { alarmSettings } from '../../../../agent/emulation/alarm/settings.ts';
import { hostDefaults } from '../../../../agent/emulation/host/host-config.ts';
import { smallMemory, smallPool, Watched, WRITING } from './watched.ts';

const GIB_KIB = 2 ** 20;
const LARGE = {
  memoryKiB: 3 * GIB_KIB,
  currentMemoryKiB: 3 * GIB_KIB,
  memballoon: { model: 'none' },
  backing: { kind: 'locked' },
} as const;

describe('hostMemoryPressure', () => {
  it('comes when nearly all is in use, for as long as it is', () => {
    const watched = new Watched({ a: LARGE, b: LARGE, c: LARGE }, smallMemory([10]));
    expect(watched.host.memory.freeShare).toBeLessThan(0.1);
    watched.until(() => watched.up('hostMemoryPressure').length === 1, 60);
    const [alarm] = watched.up('hostMemoryPressure');
    expect(alarm).toMatchObject({ severity: 'major', probableCause: 541, resource: { kind: 'host' } });
    expect(alarm!.domain).toBeUndefined();
    expect(alarm!.guest).toBeUndefined();
    watched.fleet.act(watched.of('a'), 'destroy');
    watched.until(() => watched.up('hostMemoryPressure').length === 0, 60);
    expect(watched.story('hostMemoryPressure')).toEqual(['RAISED', 'CLEARED']);
  });

  it('goes as well when the last guest was the cause: ticks go on until it is over', () => {
    const watched = new Watched({ a: LARGE }, smallMemory([3.2]));
    watched.until(() => watched.up('hostMemoryPressure').length === 1, 60);
    watched.fleet.act(watched.of('a'), 'destroy');
    watched.fleet.pass(60);
    expect(watched.story('hostMemoryPressure')).toEqual(['RAISED', 'CLEARED']);
    watched.fleet.pass(60);
    expect(watched.fleet.clock.pending).toBe(0);
  });
});

describe('numaImbalance', () => {
  it('comes for the node that has more in use than the host, and goes', () => {
    const pinned = { ...LARGE, numatune: { mode: 'strict', nodeset: [0], memnodes: [] } } as const;
    const watched = new Watched({ a: pinned, b: pinned }, smallMemory([8, 8]));
    watched.until(() => watched.up('numaImbalance').length === 1, 120);
    expect(watched.up('numaImbalance')[0]).toMatchObject({
      severity: 'warning',
      resource: { kind: 'node', node: 0 },
    });
    watched.fleet.act(watched.of('a'), 'destroy');
    watched.until(() => watched.up('numaImbalance').length === 0, 120);
    expect(watched.story('numaImbalance')).toEqual(['RAISED', 'CLEARED']);
  });
});

describe('a pool', () => {
  it('is nearly full, then full, and neither once it is larger', () => {
    const watched = new Watched({ guest: WRITING }, smallPool(6));
    watched.until(() => watched.up('poolFull').length + watched.up('diskError').length === 2);
    expect(watched.events.map(({ event, alarm }) => `${event} ${alarm.kind}`).sort()).toEqual([
      'RAISED diskError',
      'RAISED poolFull',
      'RAISED poolNearlyFull',
    ]);
    expect(watched.up('poolFull')[0]).toMatchObject({
      severity: 'critical',
      resource: { kind: 'pool', pool: 0 },
    });
    watched.host.storage.pools.extend(0, 18 * 2 ** 30);
    watched.fleet.pass(10);
    expect([...watched.story('poolFull'), ...watched.story('poolNearlyFull')]).toEqual([
      'RAISED',
      'CLEARED',
      'RAISED',
      'CLEARED',
    ]);
  });
});

describe('hostNicDown', () => {
  it('comes for the uplink whose link goes down, and goes when it is up again', () => {
    const watched = new Watched({ a: {} });
    const { name } = watched.host.config.segments[0]!;
    const link = (up: boolean): void =>
      watched.fleet.hypervisor.apply({ op: 'host', host: watched.host, action: { uplink: name, up } });
    link(false);
    watched.fleet.pass(10);
    expect(watched.up('hostNicDown')[0]).toMatchObject({
      severity: 'critical',
      probableCause: 527,
      resource: { kind: 'uplink', segment: name },
    });
    link(true);
    watched.fleet.pass(10);
    expect(watched.story('hostNicDown')).toEqual(['RAISED', 'CLEARED']);
  });
});

describe('sensorOutOfRange', () => {
  it('comes with load and goes with it, by thresholds that are nearer than the limits', () => {
    const [, , power] = hostDefaults('modern').sensors;
    const { cpu } = hostDefaults('modern');
    const busy = { load: 'steady', vcpus: 4, disks: [], nics: [] } as const;
    const watched = new Watched(
      { a: busy, b: busy },
      { sensors: [power!], cpu: { ...cpu, sockets: 1, cores: 1, threads: 1, nodes: 1 }, grows: false },
      { sensorOutOfRange: { raise: 70, clear: 40, holdSeconds: 10 } },
    );
    watched.until(() => watched.up('sensorOutOfRange').length === 1, 120);
    expect(watched.up('sensorOutOfRange')[0]!.text).toMatch(
      /^Sensor System power shows \d+\.\d % of its limit$/,
    );
    for (const name of ['a', 'b']) watched.fleet.act(watched.of(name), 'destroy');
    watched.fleet.pass(60);
    expect(watched.story('sensorOutOfRange')).toEqual(['RAISED', 'CLEARED']);
  });
});

describe('settings', () => {
  it('of a kind that is switched off clear what is up of it, and others count from then on', () => {
    const watched = new Watched({ a: LARGE, b: LARGE, c: LARGE }, smallMemory([10]));
    watched.until(() => watched.up('hostMemoryPressure').length === 1, 60);
    const { hypervisor } = watched.fleet;
    hypervisor.alarmSettings = alarmSettings({ hostMemoryPressure: { enabled: false } });
    watched.fleet.pass(60);
    expect(watched.story('hostMemoryPressure')).toEqual(['RAISED', 'CLEARED']);
    hypervisor.alarmSettings = alarmSettings({ hostMemoryPressure: { severity: 'warning', holdSeconds: 0 } });
    watched.fleet.pass(11);
    expect(watched.up('hostMemoryPressure')[0]).toMatchObject({ number: 2, severity: 'warning' });
  });
});
