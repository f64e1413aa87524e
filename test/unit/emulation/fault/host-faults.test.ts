import { describe, expect, it } from 'vitest';
import { hostDefaults } from '../../../../agent/emulation/host/host-config.ts';
import { stateOf } from '../fleet.ts';
import { FaultyFleet, withoutTime } from './faulty.ts';

const GIB = 2 ** 30;
const GIB_KIB = 2 ** 20;

describe('storage', () => {
  const [pool] = hostDefaults('modern').pools;
  const small = { pools: [{ ...pool!, capacityBytes: 40 * GIB }], grows: false };
  const space = ({ host, clock }: FaultyFleet) => host.storage.pools.read(0, clock.nowMs);
  const stop = [
    {
      type: 'file',
      device: 'disk',
      target: 'vda',
      bus: 'virtio',
      errorPolicy: 'enospace',
      source: '/a',
      requestsPerSecond: 20_000,
      work: { readShare: 0, workingSetBytes: 20 * GIB, sequential: 1 },
    },
  ] as const;

  it('disk-full: an image cannot grow, and its guest is paused; with space it can go on', () => {
    const fleet = new FaultyFleet({ a: { load: 'steady', disks: stop } }, small);
    fleet.pass(2);
    const id = fleet.raise('disk-full', fleet.host, { parameters: { pool: pool!.name } });
    fleet.pass(60);
    expect(space(fleet).available).toBe(0);
    expect(stateOf(fleet.guest('a'))).toBe('PAUSED/IOERROR');
    const lines = withoutTime(fleet.takeAll());
    expect(lines.slice(0, 3)).toEqual([
      'disk-full@host BEGUN control [1]',
      'a IO_ERROR model [1]',
      'a IO_ERROR_REASON model [1]',
    ]);
    expect(lines.at(-1)).toBe('a SUSPENDED/IOERROR model [1]');
    fleet.clear(id);
    expect(space(fleet).available).toBeGreaterThan(10 * GIB);
    fleet.act(fleet.guest('a'), 'resume');
    fleet.pass(5);
    expect(stateOf(fleet.guest('a'))).toBe('RUNNING/UNPAUSED');
  });

  it('thin-pool-fill takes the pool at its rate, and gives it back', () => {
    const fleet = new FaultyFleet({}, small);
    const before = space(fleet).available;
    const id = fleet.raise('thin-pool-fill', fleet.host, { parameters: { bytesPerSecond: GIB } });
    fleet.pass(9.5);
    expect(before - space(fleet).available).toBe(10 * GIB);
    fleet.pass(60);
    expect(space(fleet).available).toBe(0);
    fleet.clear(id);
    expect(space(fleet).available).toBe(before);
  });
});

describe('host-memory-pressure', () => {
  it('shrinks balloons, then swaps guests out, and kills one at last', () => {
    const { memory } = hostDefaults('modern');
    const guest = { memoryKiB: 2 * GIB_KIB, currentMemoryKiB: 2 * GIB_KIB, load: 'steady' as const };
    const fleet = new FaultyFleet(
      { a: guest, b: guest },
      {
        memory: { ...memory, nodesKiB: [8 * GIB_KIB], hostUseKiB: GIB_KIB / 2, swapKiB: GIB_KIB / 2 },
        cpu: { ...hostDefaults('modern').cpu, nodes: 1 },
        grows: false,
      },
    );
    fleet.pass(30);
    const { free, hostUse, total } = fleet.host.memory.pages;
    fleet.takeAll();
    fleet.raise('host-memory-pressure', fleet.host, { parameters: { bytesPerSecond: GIB / 4 } });
    fleet.pass(200);
    expect(fleet.host.memory.swapOuts).toBeGreaterThan(0);
    expect(fleet.host.memory.oomKills).toBeGreaterThan(0);
    const lines = withoutTime(fleet.takeAll());
    const balloon = lines.findIndex((line) => /^[ab] BALLOON_CHANGE model \[1\]$/.test(line));
    const killed = lines.findIndex((line) => /^[ab] STOPPED\/CRASHED model \[1\]$/.test(line));
    expect(balloon).toBeGreaterThan(0);
    expect(killed).toBeGreaterThan(balloon);
    expect(hostUse).toBeLessThan(total / 10);
    for (const domain of [fleet.guest('a'), fleet.guest('b')])
      if (domain.isActive) fleet.act(domain, 'destroy');
    fleet.clear(1);
    expect(fleet.host.memory.pages.hostUse).toBe(hostUse);
    expect(fleet.host.memory.pages.free).toBeGreaterThan(free);
    expect(fleet.host.memory.pages.free).toBe(total - hostUse);
  });
});

describe('host-nic-down and host-nic-flap', () => {
  const uplink = ({ host }: FaultyFleet) => [...host.segments][0]!.uplink!;
  const outside = (fleet: FaultyFleet) =>
    uplink(fleet).read('rxFrames', fleet.clock.nowMs) + uplink(fleet).read('txFrames', fleet.clock.nowMs);

  it('cuts the guests off from the world outside, until it is over', () => {
    const fleet = new FaultyFleet({ a: { load: 'steady' } });
    fleet.pass(10);
    expect(outside(fleet)).toBeGreaterThan(0);
    fleet.raise('host-nic-down', fleet.host, { durationMs: 20_000 });
    expect(uplink(fleet).up).toBe(false);
    fleet.pass(2);
    const before = outside(fleet);
    fleet.pass(15);
    expect(outside(fleet)).toBe(before);
    fleet.pass(10);
    expect(uplink(fleet).up).toBe(true);
    expect(outside(fleet)).toBeGreaterThan(before);
    expect(() => fleet.raise('host-nic-down', fleet.host, { parameters: { bridge: 'br9' } })).toThrow(
      'it has no uplink at "br9"; it has virbr0',
    );
  });

  it('goes down and up by its cycle, and stays down with another fault', () => {
    const fleet = new FaultyFleet({ a: {} });
    const seen: boolean[] = [];
    const watch = (seconds: number): boolean[] => {
      seen.length = 0;
      for (let i = 0; i < seconds; i++) {
        seen.push(uplink(fleet).up);
        fleet.pass(1);
      }
      return [...seen];
    };
    const flap = fleet.raise('host-nic-flap', fleet.host, { parameters: { cycleMs: 4000 } });
    expect(watch(8)).toEqual([false, false, true, true, false, false, true, true]);
    const down = fleet.raise('host-nic-down', fleet.host);
    expect(watch(8).some((up) => up)).toBe(false);
    fleet.clear(down);
    expect(watch(4)).toEqual([false, false, true, true]);
    fleet.clear(flap);
    expect(watch(4)).toEqual([true, true, true, true]);
  });

  it('is still there when the host has booted', () => {
    const fleet = new FaultyFleet({ a: { autostart: true } });
    const id = fleet.raise('host-nic-down', fleet.host);
    fleet.raise('host-crash', fleet.host);
    fleet.pass(100);
    expect([fleet.host.state, uplink(fleet).up]).toEqual(['up', false]);
    fleet.clear(id);
    expect(uplink(fleet).up).toBe(true);
  });
});

describe('sensor', () => {
  const read = (fleet: FaultyFleet, name: string) =>
    fleet.host.sensors.read(fleet.clock.nowMs).find(({ config }) => config.name === name)!;

  it('a fan that stops shows no turns, and all temperatures rise out of their limits', () => {
    const fleet = new FaultyFleet({ a: { load: 'idle' } });
    fleet.pass(10);
    expect(fleet.host.sensors.read(fleet.clock.nowMs).every(({ ok }) => ok)).toBe(true);
    const before = read(fleet, 'CPU temperature').value;
    const id = fleet.raise('sensor', fleet.host, { parameters: { sensor: 'Fan 1' } });
    fleet.pass(600);
    expect(read(fleet, 'Fan 1')).toMatchObject({ ok: false });
    expect(read(fleet, 'Fan 1').value).toBeLessThan(100_000);
    expect(read(fleet, 'CPU temperature').value).toBeGreaterThan(before + 40_000);
    fleet.clear(id);
    fleet.pass(1800);
    expect(fleet.host.sensors.read(fleet.clock.nowMs).every(({ ok }) => ok)).toBe(true);
  });

  it('another sensor gets out of hand alone', () => {
    const fleet = new FaultyFleet({});
    fleet.raise('sensor', fleet.host, { parameters: { sensor: 'System power' } });
    fleet.pass(60);
    expect(read(fleet, 'System power').ok).toBe(false);
    expect(read(fleet, 'CPU temperature').ok).toBe(true);
    expect(() => fleet.raise('sensor', fleet.host, { parameters: { sensor: 'Fan 9' } })).toThrow(
      'host cannot have the fault sensor: it has no sensor "Fan 9"; it has CPU temperature, Inlet',
    );
  });
});

describe('host-crash', () => {
  it('takes all guests along; the host boots when power is back, and autostart begins anew', () => {
    const fleet = new FaultyFleet({ a: { autostart: true }, b: {}, c: { initialState: 'paused' } });
    fleet.raise('host-crash', fleet.host, { durationMs: 30_000 });
    expect(fleet.host.state).toBe('down');
    expect(() => fleet.clear(1)).toThrow('ends by itself, when host host is up again');
    fleet.pass(119);
    expect(fleet.host.state).toBe('down');
    expect(() => fleet.raise('host-crash', fleet.host)).toThrow('it is down already');
    fleet.pass(2);
    expect(fleet.host.state).toBe('up');
    const lines = withoutTime(fleet.takeAll());
    expect(lines[0]).toBe('host-crash@host BEGUN control [1]');
    expect(lines.slice(1, 4).toSorted()).toEqual(
      ['a', 'b', 'c'].map((name) => `${name} STOPPED/DESTROYED fault [1]`),
    );
    expect(lines.slice(4)).toEqual([
      'host DOWN fault [1]',
      'host UP host [1]',
      'a STARTED/BOOTED host [1]',
      'host-crash@host ENDED fault [1]',
    ]);
  });

  it('goes on with the fault of the memory when the host has booted', () => {
    const fleet = new FaultyFleet({});
    const before = fleet.host.memory.pages.hostUse;
    const id = fleet.raise('host-memory-pressure', fleet.host, { parameters: { share: 0.5 } });
    fleet.pass(100);
    expect(fleet.host.memory.pages.hostUse).toBeGreaterThan(fleet.host.memory.pages.total / 2);
    fleet.raise('host-crash', fleet.host);
    fleet.pass(95);
    expect(fleet.host.memory.pages.hostUse).toBeLessThan(fleet.host.memory.pages.total / 4);
    fleet.pass(100);
    expect(fleet.host.memory.pages.hostUse).toBeGreaterThan(fleet.host.memory.pages.total / 2);
    fleet.clear(id);
    expect(fleet.host.memory.pages.hostUse).toBe(before);
  });
});

describe('events of a host', () => {
  it('tell its reboot and its images', () => {
    const fleet = new FaultyFleet({ a: {} });
    const change = (action: Parameters<typeof fleet.hypervisor.apply>[0]) => fleet.hypervisor.apply(action);
    change({ op: 'host', host: fleet.host, action: { install: [{ name: 'kvm', version: '9.0' }] } });
    change({ op: 'host', host: fleet.host, action: { select: 1 } });
    change({ op: 'host', host: fleet.host, action: 'reboot' });
    fleet.pass(200);
    expect(withoutTime(fleet.takeAll())).toEqual([
      'host IMAGE_INSTALLED control []',
      'host IMAGE_SELECTED control []',
      'host STOPPING control []',
      'a SHUTDOWN/GUEST host []',
      'a STOPPED/SHUTDOWN host []',
      'host DOWN host []',
      'host UP host []',
    ]);
  });
});
