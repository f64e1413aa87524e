import { describe, expect, it } from 'vitest';
import { readDisk } from '../../../../agent/emulation/block/disk-read.ts';
import { readContainer, readContainerGauge } from '../../../../agent/emulation/container/container-read.ts';
import type { Domain } from '../../../../agent/emulation/domain/domain.ts';
import { MEMORY_EVENTS, readBalloonStatistic } from '../../../../agent/emulation/memory/guest-read.ts';
import { linkIsUp, readQueues } from '../../../../agent/emulation/net/nic-view.ts';
import { stateOf } from '../fleet.ts';
import { FaultyFleet, withoutTime } from './faulty.ts';

const MIB = 2 ** 20;
const GIB_KIB = 2 ** 20;

const memoryOf = ({ process }: Domain) => {
  const { machine, ram } = process!;
  return {
    swapOut: readBalloonStatistic(machine, ram!.part, ram!.guest, 'swap_out') ?? 0,
    oomKills: machine.numbers[ram!.part.state + MEMORY_EVENTS.oomKills]!,
  };
};
const frames = ({ process, nowMs }: Domain, way: 'txFrames' | 'rxFrames' | 'rxDropped' | 'rxOffered') =>
  readQueues(process!.machine, process!.nics[0]!.parts, way, nowMs);
const disk = ({ process, nowMs }: Domain, field: 'rd.reqs' | 'rd.times' | 'wr.reqs') =>
  readDisk(process!.machine, process!.disks[0]!.place, field, nowMs);

describe('memory-leak', () => {
  const leaky = { memoryKiB: 2 * GIB_KIB, currentMemoryKiB: 2 * GIB_KIB, load: 'idle' } as const;

  it('fills the memory, then the swap, and ends with the program that the OOM killer takes', () => {
    const fleet = new FaultyFleet({
      a: { ...leaky, guest: { swapKiB: 65_536 }, memballoon: { statsPeriodSeconds: 1 } },
    });
    const guest = fleet.guest('a');
    fleet.pass(20);
    expect(memoryOf(guest)).toEqual({ swapOut: 0, oomKills: 0 });
    fleet.raise('memory-leak', guest, { parameters: { bytesPerSecond: 64 * MIB }, durationMs: 60_000 });
    fleet.pass(15);
    expect(memoryOf(guest).oomKills).toBe(0);
    fleet.pass(45);
    const after = memoryOf(guest);
    expect(after.swapOut).toBeGreaterThan(0);
    expect(after.oomKills).toBeGreaterThan(0);
    fleet.pass(60);
    expect(memoryOf(guest).oomKills).toBe(after.oomKills);
    expect(withoutTime(fleet.takeAll())).toEqual([
      'memory-leak@a BEGUN control [1]',
      'memory-leak@a ENDED fault [1]',
    ]);
  });

  it('makes a balloon with autodeflate give way before anything is killed', () => {
    const fleet = new FaultyFleet({
      a: {
        ...leaky,
        currentMemoryKiB: GIB_KIB,
        memballoon: { autodeflate: true },
        guest: { swapKiB: 65_536, panicOnOom: true },
      },
    });
    const guest = fleet.guest('a');
    fleet.pass(30);
    fleet.takeAll();
    expect(guest.memoryKiB).toBe(GIB_KIB);
    const id = fleet.raise('memory-leak', guest, { parameters: { bytesPerSecond: 64 * MIB } });
    fleet.pass(18);
    expect(guest.memoryKiB).toBeGreaterThan(GIB_KIB);
    expect(fleet.takeAll()).toContainEqual(expect.stringMatching(`a BALLOON_CHANGE model \\[${id}\\]`));
  });

  it('panics a guest with vm.panic_on_oom: the event tells the model as its cause, and the fault', () => {
    const fleet = new FaultyFleet({
      a: { ...leaky, guest: { swapKiB: 1024, panicOnOom: true }, onCrash: 'destroy' },
    });
    fleet.raise('memory-leak', fleet.guest('a'), { parameters: { bytesPerSecond: 128 * MIB } });
    fleet.pass(60);
    expect(withoutTime(fleet.takeAll())).toEqual([
      'memory-leak@a BEGUN control [1]',
      'a CRASHED/PANICKED model [1]',
      'a STOPPED/CRASHED model [1]',
    ]);
  });

  it('fills the cgroup of a container until its kernel kills', () => {
    const fleet = new FaultyFleet({
      c: {
        type: 'lxc',
        memoryKiB: GIB_KIB / 2,
        currentMemoryKiB: GIB_KIB / 2,
        load: 'idle',
        disks: [],
        nics: [],
        container: { limits: { memory: { swapMax: 0 } } },
      },
    });
    const guest = fleet.guest('c');
    const kills = () => {
      const { machine, container } = guest.process!;
      return readContainer(machine, container!.place, 'memory.oom_kill', guest.nowMs);
    };
    fleet.pass(10);
    expect(kills()).toBe(0);
    fleet.raise('memory-leak', guest, { parameters: { bytesPerSecond: 32 * MIB } });
    fleet.pass(40);
    if (guest.process) expect(kills()).toBeGreaterThan(0);
    else expect(fleet.takeAll().at(-1)).toMatch(/c STOPPED\/CRASHED model \[1\]/);
  });
});

describe('noisy-neighbour and container-fork-bomb', () => {
  it('computes on all vCPUs, and no more once it is over', () => {
    const fleet = new FaultyFleet({ a: { load: 'idle', vcpus: 2 } });
    const guest = fleet.guest('a');
    const perSecond = (): number => {
      const before = guest.cpuTimeNs;
      fleet.pass(10);
      return (guest.cpuTimeNs - before) / 10e9;
    };
    expect(perSecond()).toBeLessThan(0.3);
    const id = fleet.raise('noisy-neighbour', guest);
    fleet.pass(1);
    expect(perSecond()).toBeGreaterThan(1.9);
    fleet.clear(id);
    fleet.pass(1);
    expect(perSecond()).toBeLessThan(0.3);
  });

  it('with locks makes its vCPUs spin', () => {
    const fleet = new FaultyFleet({ a: { load: 'idle', vcpus: 4, maxVcpus: 4 } });
    const guest = fleet.guest('a');
    fleet.pass(5);
    const spins = () => guest.vcpu(0)!.exits.total;
    const before = spins();
    fleet.pass(10);
    const calm = spins() - before;
    fleet.raise('noisy-neighbour', guest, { parameters: { lockShare: 0.3 } });
    fleet.pass(11);
    const start = spins();
    fleet.pass(10);
    expect(spins() - start).toBeGreaterThan(2 * calm);
  });

  it('starts processes up to pids.max', () => {
    const fleet = new FaultyFleet({
      c: { type: 'lxc', load: 'idle', disks: [], nics: [], container: { limits: { pidsMax: 500 } } },
      v: {},
    });
    const guest = fleet.guest('c');
    const pids = () => {
      const { machine, container } = guest.process!;
      return readContainerGauge(machine, container!.place, 'pids.current');
    };
    fleet.pass(5);
    expect(pids()).toBeLessThan(100);
    fleet.raise('container-fork-bomb', guest);
    fleet.pass(5);
    expect(pids()).toBe(500);
    const { machine, container } = guest.process!;
    expect(readContainer(machine, container!.place, 'pids.max', guest.nowMs)).toBeGreaterThan(0);
    expect(() => fleet.raise('container-fork-bomb', fleet.guest('v'))).toThrow('it is no container');
  });
});

describe('links and queues', () => {
  it('nic-down stops what moves, and what arrives is dropped at the tap', () => {
    const fleet = new FaultyFleet({ a: {} });
    const guest = fleet.guest('a');
    fleet.pass(5);
    fleet.raise('nic-down', guest, { durationMs: 10_000 });
    const { machine, nics } = guest.process!;
    expect(linkIsUp(machine, nics[0]!.parts)).toBe(false);
    const before = [frames(guest, 'txFrames'), frames(guest, 'rxFrames'), frames(guest, 'rxDropped')];
    fleet.pass(9);
    expect(frames(guest, 'txFrames')).toBe(before[0]);
    expect(frames(guest, 'rxFrames')).toBe(before[1]);
    expect(frames(guest, 'rxDropped')).toBeGreaterThan(before[2]!);
    fleet.pass(10);
    expect(linkIsUp(machine, nics[0]!.parts)).toBe(true);
    expect(frames(guest, 'rxFrames')).toBeGreaterThan(before[1]!);
  });

  it('stays down while the operator sets the link up, and as the definition says after that', () => {
    const fleet = new FaultyFleet({ a: {} });
    const guest = fleet.guest('a');
    const isUp = () => linkIsUp(guest.process!.machine, guest.process!.nics[0]!.parts);
    const id = fleet.raise('nic-down', guest);
    fleet.hypervisor.apply({ op: 'tune', domain: guest, link: { nic: 0, up: true } });
    expect(isUp()).toBe(false);
    fleet.hypervisor.apply({ op: 'tune', domain: guest, link: { nic: 0, up: false } });
    fleet.clear(id);
    expect(isUp()).toBe(false);
  });

  it('queue-stall fills one ring of two, and drops what comes for it', () => {
    const fleet = new FaultyFleet({ a: { load: 'steady' } });
    const guest = fleet.guest('a');
    fleet.pass(5);
    const id = fleet.raise('queue-stall', guest, { parameters: { queue: 1 } });
    fleet.pass(5);
    const dropped = frames(guest, 'rxDropped');
    const moved = frames(guest, 'rxFrames');
    fleet.pass(10);
    expect(frames(guest, 'rxDropped')).toBeGreaterThan(dropped);
    expect(frames(guest, 'rxFrames')).toBeGreaterThan(moved);
    fleet.clear(id);
    fleet.pass(2);
    const after = frames(guest, 'rxDropped');
    fleet.pass(10);
    expect(frames(guest, 'rxDropped')).toBe(after);
  });
});

describe('disks', () => {
  it('slow-disk: a request takes as many times as long, also after a restart', () => {
    const fleet = new FaultyFleet({ a: { load: 'steady' } });
    const guest = fleet.guest('a');
    const latency = (): number => {
      const [reqs, times] = [disk(guest, 'rd.reqs'), disk(guest, 'rd.times')];
      fleet.pass(30);
      return (disk(guest, 'rd.times') - times) / (disk(guest, 'rd.reqs') - reqs);
    };
    fleet.pass(5);
    const usual = latency();
    fleet.raise('slow-disk', guest, { parameters: { factor: 5 } });
    fleet.pass(2);
    expect(latency() / usual).toBeGreaterThan(4);
    fleet.act(guest, 'destroy');
    fleet.act(guest, 'start');
    fleet.pass(60);
    expect(latency() / usual).toBeGreaterThan(4);
  });

  it('disk-error: IO_ERROR, IO_ERROR_REASON, then the pause of error_policy=stop', () => {
    const stop = [
      { type: 'file', device: 'disk', target: 'vda', bus: 'virtio', errorPolicy: 'stop', source: '/a' },
    ] as const;
    const fleet = new FaultyFleet({ a: { load: 'steady', disks: stop } });
    fleet.pass(5);
    fleet.takeAll();
    fleet.raise('disk-error', fleet.guest('a'), { parameters: { disk: 'vda' } });
    fleet.pass(10);
    expect(stateOf(fleet.guest('a'))).toBe('PAUSED/IOERROR');
    const lines = withoutTime(fleet.takeAll());
    expect(lines[0]).toBe('disk-error@a BEGUN control [1]');
    expect(lines.slice(1, 3)).toEqual(['a IO_ERROR model [1]', 'a IO_ERROR_REASON model [1]']);
    expect(lines.at(-1)).toBe('a SUSPENDED/IOERROR model [1]');
    expect(() => fleet.raise('disk-error', fleet.guest('a'), { parameters: { disk: 'vdz' } })).toThrow(
      'a cannot have the fault disk-error: it has no disk vdz; it has vda',
    );
  });
});

describe('what happens to the system of a guest', () => {
  const watched = {
    devices: { watchdog: { action: 'reset' as const }, kernel: { pvpanic: 'panicked' as const } },
  };

  it('guest-hang: the watchdog runs out and acts; the fault ends with the reset', () => {
    const fleet = new FaultyFleet({ a: watched });
    fleet.raise('guest-hang', fleet.guest('a'));
    fleet.pass(120);
    expect(withoutTime(fleet.takeAll())).toEqual([
      'guest-hang@a BEGUN control [1]',
      'a WATCHDOG guest [1]',
      'a REBOOT guest [1]',
      'guest-hang@a ENDED fault [1]',
    ]);
    expect(fleet.hypervisor.faults).toEqual([]);
  });

  it('watchdog-starve does the same to a guest that works on', () => {
    const fleet = new FaultyFleet({ a: watched });
    fleet.raise('watchdog-starve', fleet.guest('a'));
    fleet.pass(120);
    expect(withoutTime(fleet.takeAll()).slice(0, 3)).toEqual([
      'watchdog-starve@a BEGUN control [1]',
      'a WATCHDOG guest [1]',
      'a REBOOT guest [1]',
    ]);
  });

  it('guest-panic: what the panic device and on_crash say', () => {
    const fleet = new FaultyFleet({ a: { ...watched, onCrash: 'restart' } });
    fleet.raise('guest-panic', fleet.guest('a'));
    fleet.pass(120);
    expect(withoutTime(fleet.takeAll())).toEqual([
      'guest-panic@a BEGUN control [1]',
      'a CRASHED/PANICKED fault [1]',
      'a REBOOT fault [1]',
      'a RESUMED/UNPAUSED fault [1]',
      'guest-panic@a ENDED fault [1]',
    ]);
  });

  it('agent-death: the agent is gone until its init starts it again', () => {
    const fleet = new FaultyFleet({
      a: { devices: { agent: { channel: true, installed: true, restartMs: 5000 } } },
    });
    fleet.raise('agent-death', fleet.guest('a'), { durationMs: 20_000 });
    fleet.pass(30);
    expect(withoutTime(fleet.takeAll())).toEqual([
      'agent-death@a BEGUN control [1]',
      'a AGENT_LIFECYCLE fault [1]',
      'a AGENT_LIFECYCLE guest [1]',
      'agent-death@a ENDED fault [1]',
    ]);
  });

  it('memory-failure: what QEMU and the guest do about the page', () => {
    const fleet = new FaultyFleet({ a: {}, b: {} });
    fleet.raise('memory-failure', fleet.guest('a'), { parameters: { recipient: 'HYPERVISOR' } });
    fleet.raise('memory-failure', fleet.guest('b'));
    fleet.pass(5);
    expect(withoutTime(fleet.takeAll())).toEqual([
      'memory-failure@a BEGUN control [1]',
      'a MEMORY_FAILURE fault [1]',
      'a STOPPED/CRASHED fault [1]',
      'memory-failure@b BEGUN control [2]',
      'b MEMORY_FAILURE fault [2]',
      'memory-failure@a ENDED fault [1]',
    ]);
  });

  it('qxl-guest-bug: the device stops reading its rings until a reset', () => {
    const fleet = new FaultyFleet({ a: { devices: { qxl: {} } }, b: {} });
    const guest = fleet.guest('a');
    fleet.raise('qxl-guest-bug', guest);
    expect(guest.devices!.display!.qxl.guestBug).toBe(true);
    fleet.act(guest, 'reset');
    fleet.pass(1);
    expect(guest.devices!.display!.qxl.guestBug).toBe(false);
    expect(fleet.hypervisor.faults).toEqual([]);
    expect(() => fleet.raise('qxl-guest-bug', fleet.guest('b'))).toThrow('it has no QXL display');
  });
});

describe('hung-monitor', () => {
  it('freezes what is read while the guest runs on, and refuses what needs the monitor', () => {
    const fleet = new FaultyFleet({ a: { load: 'steady' } });
    const guest = fleet.guest('a');
    fleet.pass(10.5);
    fleet.raise('hung-monitor', guest, { durationMs: 60_000 });
    const read = () => [
      guest.nowMs,
      guest.cpuTimeNs,
      guest.memoryKiB,
      guest.guestMs,
      guest.vcpu(0)!.timeNs,
      disk(guest, 'wr.reqs'),
      frames(guest, 'txFrames'),
    ];
    const frozen = read();
    expect(frozen[1]).toBeGreaterThan(0);
    fleet.pass(50);
    expect(read()).toEqual(frozen);
    expect(guest.isMonitorHung).toBe(true);
    expect(() => fleet.act(guest, 'suspend')).toThrow('monitor does not answer');
    expect(() => fleet.hypervisor.apply({ op: 'tune', domain: guest, balloonKiB: GIB_KIB })).toThrow(
      'monitor does not answer',
    );
    fleet.pass(10);
    expect(guest.nowMs).toBe(fleet.clock.nowMs);
    expect(guest.cpuTimeNs).toBeGreaterThan(frozen[1]! + 10e9);
    expect(withoutTime(fleet.takeAll())).toEqual([
      'hung-monitor@a BEGUN control [1]',
      'a CONTROL_ERROR fault [1]',
      'hung-monitor@a ENDED fault [1]',
    ]);
  });

  it('ends with the emulator, which can still be destroyed', () => {
    const fleet = new FaultyFleet({ a: {} });
    const guest = fleet.guest('a');
    fleet.raise('hung-monitor', guest);
    fleet.act(guest, 'destroy');
    fleet.pass(1);
    expect(guest.isMonitorHung).toBe(false);
    expect(guest.process).toBeUndefined();
    expect(fleet.hypervisor.faults).toEqual([]);
  });
});
