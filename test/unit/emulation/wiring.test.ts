import { describe, expect, it } from 'vitest';
import { readDisk, readDiskError, readDiskSpace } from '../../../agent/emulation/block/disk-read.ts';
import type { BlockJobChange, HostChange } from '../../../agent/emulation/change.ts';
import {
  readContainer,
  readContainerGauge,
  readMemoryCurrent,
} from '../../../agent/emulation/container/container-read.ts';
import type { Domain } from '../../../agent/emulation/domain/domain.ts';
import type { DomainConfig } from '../../../agent/emulation/domain/domain-config.ts';
import type { Host } from '../../../agent/emulation/host/host.ts';
import { type HostConfig, hostDefaults } from '../../../agent/emulation/host/host-config.ts';
import { readCounter } from '../../../agent/emulation/machine/machine.ts';
import {
  guestPages,
  MEMORY_COUNTERS,
  MEMORY_EVENTS,
  pagesOnNode,
  rssKiB,
} from '../../../agent/emulation/memory/guest-read.ts';
import { readQueues } from '../../../agent/emulation/net/nic-view.ts';
import { config, Fleet, FURNISHED, stateOf } from './fleet.ts';

const GIB_KIB = 2 ** 20;

/** Domains that run on a host of their own in a new fleet. */
function running(
  guests: Readonly<Record<string, Partial<DomainConfig>>>,
  host: Partial<HostConfig> = {},
): { fleet: Fleet; host: Host; of: (name: string) => Domain } {
  const fleet = new Fleet();
  const made = fleet.hypervisor.addHost('host', { ...hostDefaults('modern'), ...host });
  const configs = Object.entries(guests).map(([name, changes]) =>
    config(name, { ...FURNISHED, initialState: 'running', ...changes }),
  );
  fleet.hypervisor.apply({ op: 'populate', host: made, configs });
  fleet.events.length = 0;
  return { fleet, host: made, of: (name) => made.domains.byName(name)! };
}

function small(
  nodesGiB: readonly number[],
  changes: Partial<HostConfig['memory']> = {},
): Partial<HostConfig> {
  const { memory } = hostDefaults('modern');
  return {
    memory: { ...memory, nodesKiB: nodesGiB.map((gib) => gib * GIB_KIB), hostUseKiB: 0, ...changes },
    grows: false,
  };
}

const frames = (domain: Domain, way: 'txFrames' | 'rxFrames'): number =>
  readQueues(domain.process!.machine, domain.process!.nics[0]!.parts, way, domain.nowMs);

describe('devices of a running guest', () => {
  it('work as much as the guest does', () => {
    const { fleet, of } = running({ busy: { load: 'steady' }, quiet: { load: 'idle' } });
    fleet.pass(60);
    const [busy, quiet] = ['busy', 'quiet'].map(of) as [Domain, Domain];
    for (const way of ['txFrames', 'rxFrames'] as const) {
      expect(frames(quiet, way)).toBeGreaterThan(0);
      expect(frames(busy, way)).toBeGreaterThan(3 * frames(quiet, way));
    }
    const writes = (domain: Domain): number => {
      const { machine, disks } = domain.process!;
      return readDisk(machine, disks[0]!.place, 'wr.reqs', domain.nowMs);
    };
    expect(writes(busy)).toBeGreaterThan(3 * writes(quiet));
    expect(writes(quiet)).toBeGreaterThan(0);
  });

  it('cost the guest and its host processor time', () => {
    const { fleet, of } = running({
      sender: { nics: [{ ...FURNISHED.nics[0]!, traffic: { txFps: 200_000 } }] },
      silent: { nics: [] },
    });
    fleet.pass(60);
    expect(of('sender').emulatorTimeNs).toBeGreaterThan(4 * of('silent').emulatorTimeNs);
  });

  it('stand still while the guest is paused, and start again from 0 with a new process', () => {
    const { fleet, of } = running({ guest: {} });
    const guest = of('guest');
    fleet.pass(30);
    fleet.act(guest, 'suspend');
    const sent = frames(guest, 'txFrames');
    fleet.pass(30);
    expect(frames(guest, 'txFrames')).toBe(sent);
    fleet.act(guest, 'destroy');
    fleet.act(guest, 'start');
    expect(frames(guest, 'txFrames')).toBe(0);
  });
});

describe('what guests share', () => {
  const mix = {
    a: {},
    b: { load: 'bursty' },
    c: { load: 'idle', type: 'xen' },
    d: { type: 'lxc', disks: [] },
  } as const;

  it('frames: what guests sent came from nowhere else, and nothing is lost unseen', () => {
    const { fleet, host, of } = running(mix);
    for (let i = 0; i < 40; i++) {
      fleet.pass(1);
      if (i === 20) fleet.act(of('b'), 'suspend');
      if (i === 30) fleet.act(of('b'), 'resume');
      const [segment] = [...host.segments];
      const sum = (
        name:
          | 'fromGuests'
          | 'fromOutside'
          | 'toGuests'
          | 'toOutside'
          | 'lineDropped'
          | 'switchDropped'
          | 'lost',
      ) => segment!.total(name).frames;
      expect(sum('fromGuests') + sum('fromOutside')).toBe(
        sum('toGuests') +
          sum('toOutside') +
          sum('lineDropped') +
          sum('switchDropped') +
          sum('lost') +
          segment!.inFlight().frames,
      );
    }
  });

  it('A3.2 memory: nodes hold what guests and containers have and what is free, and get it back', () => {
    const { fleet, host, of } = running(mix);
    const { count } = host.memory.nodes;
    const free = (): number => host.memory.pages.free;
    const held = (): number =>
      [...host.domains].reduce((sum, { process }) => {
        const memory = process?.ram ?? process?.container?.memory;
        if (!process || !memory) return sum;
        for (let node = 0; node < count; node++)
          sum += pagesOnNode(process.machine, memory.part, node, count);
        return sum;
      }, 0);
    const { total, hostUse, hugePool } = host.memory.pages;
    for (let i = 0; i < 20; i++) {
      fleet.pass(3);
      expect(held() + free()).toBe(total - hostUse - hugePool);
      // What its nodes hold is what its cgroup says.
      const { process } = of('d');
      const { place, plan, memory } = process!.container!;
      let pages = 0;
      for (let node = 0; node < count; node++)
        pages += pagesOnNode(process!.machine, memory.part, node, count);
      expect(pages * 4096).toBe(readMemoryCurrent(process!.machine, place, plan));
      expect(pages).toBeGreaterThan(10_000);
    }
    for (const name of Object.keys(mix)) fleet.act(of(name), 'destroy');
    expect(free()).toBe(total - hostUse - hugePool);
  });

  it('a pool: it has what its images take, also of guests that are off', () => {
    const { fleet, host, of } = running({ a: {}, b: { load: 'bursty' }, c: {} });
    fleet.pass(30);
    fleet.act(of('c'), 'destroy');
    const last = of('a').process!;
    const size = (domain: Domain): number => {
      const { machine, disks } = domain.process!;
      return readDiskSpace(machine, disks[0]!.place, disks[0]!.plan, domain.nowMs).allocation;
    };
    const before = host.storage.pools.read(0, fleet.clock.nowMs).allocation;
    const off = before - size(of('a')) - size(of('b'));
    expect(off).toBeGreaterThan(0);
    fleet.pass(30);
    expect(host.storage.pools.read(0, fleet.clock.nowMs).allocation).toBe(
      size(of('a')) + size(of('b')) + off,
    );
    fleet.act(of('c'), 'start');
    expect(size(of('c'))).toBe(off);
    expect(of('a').process).toBe(last);
  });
});

describe('consequences of a tick', () => {
  it('a thin pool that is full stops the guest that writes, which goes on once there is room', () => {
    const [pool] = hostDefaults('modern').pools;
    const capacityBytes = 2 ** 30;
    const work = { workingSetBytes: 4 * 2 ** 30, readShare: 0, writeBytes: 65_536 };
    const disks = [{ ...FURNISHED.disks[0]!, capacityBytes: 8 * 2 ** 30, work, requestsPerSecond: 5000 }];
    const { fleet, host, of } = running(
      { guest: { disks } },
      { pools: [{ ...pool!, capacityBytes }], grows: false },
    );
    const guest = of('guest');
    for (let i = 0; i < 600 && stateOf(guest) === 'RUNNING/BOOTED'; i++) fleet.pass(1);
    expect(stateOf(guest)).toBe('PAUSED/IOERROR');
    expect(fleet.takeTrace()).toEqual([
      'host IO_ERROR RUNNING/BOOTED',
      'host IO_ERROR_REASON RUNNING/BOOTED',
      'host SUSPENDED/IOERROR PAUSED/IOERROR',
    ]);
    const { machine, disks: opened } = guest.process!;
    expect(readDiskError(machine, opened[0]!.place)).toBe(2);
    expect(host.storage.pools.read(0, fleet.clock.nowMs).available).toBeLessThan(65_536);
    host.storage.pools.extend(0, 2 ** 30);
    fleet.act(guest, 'resume');
    fleet.pass(5);
    expect(stateOf(guest)).toBe('RUNNING/UNPAUSED');
    expect(readDiskError(machine, opened[0]!.place)).toBe(0);
  });

  it('a host without memory and swap kills its largest guest', () => {
    const memory = {
      swapKiB: 0,
      rates: { ...hostDefaults('modern').memory.rates, growthPagesPerSecond: 1e6 },
    };
    const guests = Object.fromEntries(
      ['a', 'b', 'c'].map(
        (name) =>
          [
            name,
            {
              memoryKiB: 4 * GIB_KIB,
              currentMemoryKiB: 4 * GIB_KIB,
              memballoon: { model: 'none' },
              initialState: 'shutoff',
            },
          ] as const,
      ),
    );
    const { fleet, host } = running(guests, small([5], memory));
    for (const domain of host.domains) fleet.act(domain, 'start');
    fleet.pass(900);
    expect(fleet.takeTrace()).toContain('host STOPPED/CRASHED SHUTOFF/CRASHED');
    expect(host.memory.oomKills).toBeGreaterThan(0);
  });

  it.each([
    ['deflates its balloon, and nothing is killed', { autodeflate: true }, {}],
    ['has a process killed, and its balloon stays', { autodeflate: false }, {}],
    ['panics when it is told to', { autodeflate: false }, { panicOnOom: true }],
  ])('A3.3 a guest whose programs want more than its balloon leaves them %s', (_what, memballoon, system) => {
    const guest = { swapKiB: 0, ...system };
    const { fleet, of } = running({ guest: { load: 'steady', memballoon, guest, onCrash: 'preserve' } });
    const domain = of('guest');
    fleet.hypervisor.apply({ op: 'tune', domain, balloonKiB: GIB_KIB * 0.7 });
    fleet.pass(1800);
    const { machine, ram } = domain.process!;
    const { part } = ram!;
    const oomKills = machine.numbers[part.state + MEMORY_EVENTS.oomKills]!;
    const deflateRequests = readCounter(
      machine,
      part.counters + MEMORY_COUNTERS.deflateRequests,
      domain.nowMs,
    );
    if (memballoon.autodeflate) {
      expect(oomKills).toBe(0);
      expect(deflateRequests).toBeGreaterThan(0);
      // Below its target: pages in the balloon are what is missing of the maximum.
      expect(domain.memoryKiB).toBeGreaterThan(GIB_KIB * 0.8);
      expect(fleet.takeTrace()).toContain('host BALLOON_CHANGE RUNNING/BOOTED');
    } else {
      expect(deflateRequests).toBe(0);
      expect(domain.memoryKiB).toBeLessThan(GIB_KIB);
    }
    if (!memballoon.autodeflate && !guest.panicOnOom) {
      expect(oomKills).toBeGreaterThan(0);
      // What was killed is started again, and needs a while for its memory.
      expect(oomKills).toBeLessThan(1800 / 15);
    }
    expect(stateOf(domain)).toBe(guest.panicOnOom ? 'CRASHED/PANICKED' : 'RUNNING/BOOTED');
  });

  describe('a host that is short of memory', () => {
    /** A container beside guests that lock what is left of the host's memory. */
    function crowded(swapKiB: number, limits: NonNullable<DomainConfig['container']> = {}) {
      const made = running(
        { ct: { type: 'lxc', disks: [], load: 'steady', container: limits } },
        small([4], { swapKiB }),
      );
      made.fleet.pass(60);
      const { fleet, host, of } = made;
      const lock = (mib: number): void => {
        const kib = mib * 1024;
        const name = `locked ${host.domains.size}`;
        const definition = { memoryKiB: kib, currentMemoryKiB: kib, backing: { kind: 'locked' } } as const;
        fleet.hypervisor.apply({ op: 'define', host, config: config(name, definition) });
        fleet.act(host.domains.byName(name)!, 'start');
      };
      const gauge = (name: Parameters<typeof readContainerGauge>[2]): number => {
        const { machine, container } = of('ct').process!;
        return readContainerGauge(machine, container!.place, name);
      };
      /** Locks memory until so many MiB are left beside what the kernel keeps. */
      const leave = (mib: number): void =>
        lock(Math.floor(host.memory.pages.free / 256 - host.memory.reserveOn(0) / 256) - mib - 41);
      return { ...made, gauge, leave };
    }

    it('takes page cache of its containers first', () => {
      const { fleet, host, gauge, leave } = crowded(0);
      const before = gauge('memory.file');
      expect(before).toBeGreaterThan(100 * 2 ** 20);
      leave(8);
      fleet.pass(5);
      expect(host.memory.pressure).toBe('critical');
      expect(gauge('memory.file')).toBeLessThan(before);
      expect(host.memory.oomKills).toBe(0);
      expect(gauge('memory.swap.current')).toBe(0);
    });

    it('swaps their processes out, into the swap that all share', () => {
      const { fleet, host, of, gauge, leave } = crowded(2 * GIB_KIB, {
        limits: { memory: { high: 700 * 2 ** 20 } },
      });
      leave(8);
      fleet.pass(120);
      const { pages } = host.memory;
      expect(gauge('memory.swap.current')).toBeGreaterThan(0);
      expect((pages.swapTotal - pages.swapFree) * 4096).toBe(gauge('memory.swap.current'));
      expect(host.memory.swapOuts).toBeGreaterThan(0);
      fleet.act(of('ct'), 'destroy');
      expect(host.memory.pages.swapFree).toBe(host.memory.pages.swapTotal);
    });

    it('kills the largest process of one when nothing is left to take, and the container stays', () => {
      const { fleet, of, host } = running(
        Object.fromEntries(
          ['a', 'b', 'c'].map((name) => [
            name,
            { type: 'lxc', disks: [], load: 'steady', initialState: 'shutoff' },
          ]),
        ),
        small([2], { swapKiB: 0 }),
      );
      for (const domain of host.domains) fleet.act(domain, 'start');
      fleet.pass(600);
      expect(host.memory.oomKills).toBeGreaterThan(0);
      for (const name of ['a', 'b', 'c']) expect(stateOf(of(name))).toBe('RUNNING/BOOTED');
      const kills = ['a', 'b', 'c'].reduce((sum, name) => {
        const { machine, container } = of(name).process!;
        return sum + readContainer(machine, container!.place, 'memory.oom_kill', fleet.clock.nowMs);
      }, 0);
      expect(kills).toBeGreaterThanOrEqual(host.memory.oomKills - 1);
      expect(host.memory.pages.free).toBeGreaterThanOrEqual(0);
    });

    it('refuses the start of another', () => {
      const { fleet, host, leave } = crowded(0);
      fleet.pass(1);
      leave(4);
      fleet.hypervisor.apply({ op: 'define', host, config: config('late', { type: 'lxc' }) });
      expect(() => fleet.act(host.domains.byName('late')!, 'start')).toThrow(
        'cannot allocate memory: a container needs 8192 KiB at least to start',
      );
    });
  });

  it('A4.2 a container that is bound to a node has its memory there', () => {
    const numatune = { mode: 'strict', nodeset: [1], memnodes: [] } as const;
    const { fleet, host, of } = running({ ct: { type: 'lxc', disks: [], load: 'steady', numatune } });
    fleet.pass(60);
    const { machine, container } = of('ct').process!;
    const on = (node: number): number => pagesOnNode(machine, container!.memory.part, node, 2);
    expect(on(0)).toBe(0);
    expect(on(1)).toBeGreaterThan(10_000);
    expect(host.memory.nodes.counters(1).numaHit).toBeGreaterThanOrEqual(on(1));
    expect(host.memory.nodes.counters(1).numaMiss).toBe(0);
  });

  it('a container that uses more than its limit has its processes killed, and stays', () => {
    const limits = { memory: { max: 64 * 2 ** 20, swapMax: 0 } };
    const { fleet, of } = running({ guest: { type: 'lxc', disks: [], container: { limits } } });
    fleet.pass(300);
    const { machine, container } = of('guest').process!;
    expect(readContainer(machine, container!.place, 'memory.oom_kill', fleet.clock.nowMs)).toBeGreaterThan(0);
    expect(stateOf(of('guest'))).toBe('RUNNING/BOOTED');
    expect(of('guest').memoryKiB).toBeLessThanOrEqual(65_536);
  });
});

describe('what a host refuses', () => {
  it('the start of a guest whose locked memory it has not', () => {
    const { fleet, host } = running({}, small([2, 2]));
    const large = config('large', {
      memoryKiB: 5 * GIB_KIB,
      currentMemoryKiB: 5 * GIB_KIB,
      backing: { kind: 'locked' },
    });
    fleet.hypervisor.apply({ op: 'define', host, config: large });
    const domain = host.domains.byName('large')!;
    expect(() => fleet.act(domain, 'start')).toThrow(/cannot allocate memory: the guest needs \d+ KiB/);
    expect(stateOf(domain)).toBe('SHUTOFF/UNKNOWN');
    expect(host.memory.pages.free).toBe(host.memory.pages.total);
  });

  it('a guest that moves here with more memory than is free: it stays where it was', () => {
    const { fleet, of } = running({ guest: { load: 'steady' } }, { ...small([8]) });
    const { memory } = small([0.5]) as { memory: HostConfig['memory'] };
    const target = fleet.hypervisor.addHost('narrow', { ...hostDefaults('modern'), memory, grows: false });
    fleet.pass(60);
    const guest = of('guest');
    fleet.takeTrace();
    for (const mode of ['precopy', 'postcopy'] as const) {
      fleet.act(guest, 'migrate', { target, mode });
      expect(guest.isBusy).toBe(false);
      expect(fleet.takeTrace()).toEqual(['narrow STOPPED/FAILED SHUTOFF/FAILED']);
      expect([...target.domains]).toEqual([]);
      expect(target.memory.pages.free).toBe(target.memory.pages.total);
    }
    expect(stateOf(guest)).toBe('RUNNING/BOOTED');
    const before = guest.cpuTimeNs;
    fleet.pass(5);
    expect(guest.cpuTimeNs).toBeGreaterThan(before);
    expect(fleet.takeTrace()).toEqual([]);
  });

  it('a guest that was there before and finds the host full: it is shut off', () => {
    const { fleet, host } = running({ first: { load: 'steady' } }, { ...small([1]), grows: true });
    const configs = Array.from({ length: 12 }, (_, i) =>
      config(`late ${i}`, { initialState: 'running', backing: { kind: 'locked' } }),
    );
    fleet.hypervisor.apply({ op: 'populate', host, configs });
    const states = new Set([...host.domains].map(stateOf));
    expect(states).toEqual(new Set(['RUNNING/BOOTED', 'SHUTOFF/FAILED']));
    for (const domain of host.domains) expect(domain.isActive).toBe(domain.process?.ram !== undefined);
    expect(fleet.takeTrace()).toEqual([]);
    fleet.pass(30);
    const { total, hostUse, hugePool, free } = host.memory.pages;
    const held = [...host.domains].reduce(
      (sum, { process }) => sum + (process?.ram ? pagesOnNode(process.machine, process.ram.part, 0, 1) : 0),
      0,
    );
    expect(held + free).toBe(total - hostUse - hugePool);
  });

  it('A3.3 a paravirtual Xen guest of more than 128 GiB, and not one with hardware', () => {
    const { fleet, host } = running({});
    const memory = { memoryKiB: 129 * GIB_KIB, currentMemoryKiB: GIB_KIB, type: 'xen' } as const;
    const define = (name: string, changes: Partial<DomainConfig>) => () =>
      fleet.hypervisor.apply({ op: 'define', host, config: config(name, { ...memory, ...changes }) });
    expect(define('pv', { osType: 'linux' })).toThrow(/at most 128 GiB .*make it an HVM guest/);
    expect(define('hvm', { osType: 'hvm' })).not.toThrow();
    expect(define('pv-fits', { osType: 'linux', memoryKiB: 128 * GIB_KIB })).not.toThrow();
  });

  it('NUMA nodes that it has not', () => {
    const { fleet, host } = running({});
    const numatune = { mode: 'strict', nodeset: [7], memnodes: [] } as const;
    expect(() => fleet.hypervisor.apply({ op: 'define', host, config: config('far', { numatune }) })).toThrow(
      'the host has no NUMA node 7; its nodes are 0 to 1',
    );
  });
});

describe('tuning of a running domain', () => {
  it('memory goes to its target at the pace of the balloon, and comes back', () => {
    const { fleet, of } = running({ guest: { load: 'idle' } });
    const guest = of('guest');
    fleet.hypervisor.apply({ op: 'tune', domain: guest, balloonKiB: GIB_KIB });
    expect(guest.memoryKiB).toBe(2 * GIB_KIB);
    fleet.pass(2);
    expect(guest.memoryKiB).toBeLessThan(2 * GIB_KIB);
    fleet.pass(60);
    expect(guest.memoryKiB).toBe(GIB_KIB);
    expect(fleet.takeTrace()).toContain('host BALLOON_CHANGE RUNNING/BOOTED');
    const { machine, ram } = guest.process!;
    expect(guestPages(machine, ram!.part, ram!.guest, guest.nowMs).total).toBe(GIB_KIB / 4);
    expect(rssKiB(machine, ram!.part)).toBeLessThan(1.1 * GIB_KIB);
    fleet.hypervisor.apply({ op: 'tune', domain: guest, balloonKiB: 2 * GIB_KIB });
    fleet.pass(60);
    expect(guest.memoryKiB).toBe(2 * GIB_KIB);
  });

  it('vCPUs are plugged in and out at once', () => {
    const { fleet, of } = running({ guest: { load: 'steady' } });
    const guest = of('guest');
    fleet.pass(5);
    const third = (): number => guest.vcpu(2)!.timeNs;
    expect(third()).toBe(0);
    fleet.hypervisor.apply({ op: 'tune', domain: guest, vcpus: 4 });
    fleet.pass(5);
    const ran = third();
    expect(ran).toBeGreaterThan(0);
    expect(guest.vcpus).toBe(4);
    fleet.hypervisor.apply({ op: 'tune', domain: guest, vcpus: 1 });
    const left = third();
    fleet.pass(5);
    expect(third()).toBe(left);
  });

  it('a quota holds the vCPUs, and goes with the process', () => {
    const { fleet, of } = running({ guest: { load: 'steady' } });
    const guest = of('guest');
    fleet.hypervisor.apply({ op: 'tune', domain: guest, cpu: { quotaUs: 5000 } });
    const before = guest.cpuTimeNs;
    fleet.pass(20);
    // Two vCPUs of 5 % each, and the emulator.
    expect(guest.cpuTimeNs - before).toBeLessThan(20e9 * 0.12);
    expect(guest.vcpu(0)!.stealNs).toBeGreaterThan(0);
    fleet.act(guest, 'destroy');
    expect(guest.config.cputune).toBeUndefined();
  });

  it('a container has another limit from the next tick on', () => {
    const { fleet, of } = running({ guest: { type: 'lxc', disks: [], load: 'steady' } });
    const guest = of('guest');
    fleet.pass(60);
    const before = guest.memoryKiB;
    const max = 100 * 2 ** 20;
    expect(before * 1024).toBeGreaterThan(max);
    fleet.hypervisor.apply({ op: 'tune', domain: guest, container: { memory: { max } } });
    fleet.pass(2);
    expect(guest.memoryKiB * 1024).toBeLessThanOrEqual(max);
  });

  it('a NIC whose link is down sends nothing', () => {
    const { fleet, of } = running({ guest: {} });
    const guest = of('guest');
    fleet.pass(5);
    fleet.hypervisor.apply({ op: 'tune', domain: guest, link: { nic: 0, up: false } });
    const sent = frames(guest, 'txFrames');
    fleet.pass(5);
    expect(frames(guest, 'txFrames')).toBe(sent);
    fleet.hypervisor.apply({ op: 'tune', domain: guest, link: { nic: 0, up: true } });
    fleet.pass(5);
    expect(frames(guest, 'txFrames')).toBeGreaterThan(sent);
  });

  it('autostart belongs to the definition', () => {
    const { fleet, of } = running({ guest: {} });
    const guest = of('guest');
    fleet.hypervisor.apply({ op: 'tune', domain: guest, autostart: true });
    expect(guest.persistentConfig.autostart).toBe(true);
    fleet.act(guest, 'destroy');
    expect(guest.config.autostart).toBe(true);
  });

  it.each([
    [
      { balloonKiB: 3 * GIB_KIB },
      'memory of 3145728 KiB; it must be from 1 KiB to the maximum of 2097152 KiB',
    ],
    [{ vcpus: 5 }, '5 vCPUs; it must be from 1 to the maximum of 4'],
    [{ vcpus: 0 }, '0 vCPUs; it must be from 1 to the maximum of 4'],
    [{ cpu: { shares: 1 } }, 'shares is 1; it must be from 2 to 262144'],
    [{ cpu: { periodUs: 999 } }, 'periodUs is 999; it must be from 1000 to 1000000'],
    [{ cpu: { quotaUs: 999 } }, 'quotaUs is 999; it must be from 1000'],
    [{ container: { pidsMax: 3 } }, 'it is no container'],
    [{ link: { nic: 1, up: true } }, 'it has no NIC 1; it has 1'],
    [{ threshold: { disk: 'vdz', bytes: 1 } }, 'has no disk vdz; it has vda'],
  ])('%j is refused, and nothing changes', (change, message) => {
    const { fleet, of } = running({ guest: {} });
    const before = of('guest').config;
    expect(() => fleet.hypervisor.apply({ ...change, op: 'tune', domain: of('guest') })).toThrow(message);
    expect(of('guest').config).toBe(before);
  });
});

describe('block jobs', () => {
  it('a copy catches up, waits to be ended, and tells of both by path and by target', () => {
    const { fleet, of } = running({ guest: { load: 'idle' } });
    const domain = of('guest');
    const act = (action: BlockJobChange['action']) =>
      fleet.hypervisor.apply({ op: 'block-job', domain, disk: 'vda', action });
    act({ start: 'copy', bandwidth: 500e6 });
    expect(() => act({ start: 'pull' })).toThrow('disk vda already has a copy job');
    expect(() => act('pivot')).toThrow('is not ready yet');
    fleet.pass(120);
    expect(fleet.takeTrace()).toEqual(['host BLOCK_JOB RUNNING/BOOTED', 'host BLOCK_JOB_2 RUNNING/BOOTED']);
    expect(domain.blockJob('vda')?.ready).toBe(true);
    act('pivot');
    expect(domain.blockJob('vda')).toBeUndefined();
    expect(fleet.events.map((event) => event.kind === 'device' && event.payload)).toEqual([
      { event: 'BLOCK_JOB', disk: '/images/vda.qcow2', type: 'copy', status: 'COMPLETED' },
      { event: 'BLOCK_JOB_2', disk: 'vda', type: 'copy', status: 'COMPLETED' },
    ]);
  });

  it('a job ends with the process, and comes back with a rollback', () => {
    const { fleet, of } = running({ guest: {} });
    const domain = of('guest');
    fleet.hypervisor.apply({
      op: 'block-job',
      domain,
      disk: 'vda',
      action: { start: 'pull', bandwidth: 1e6 },
    });
    const transaction = fleet.hypervisor.transaction();
    transaction.apply({ op: 'act', domain, action: 'destroy' });
    expect(domain.blockJob('vda')).toBeUndefined();
    transaction.rollback();
    expect(domain.blockJob('vda')?.type).toBe('pull');
    fleet.act(domain, 'destroy');
    fleet.takeTrace();
    fleet.pass(86_400);
    expect(fleet.takeTrace()).toEqual([]);
    expect(() => fleet.hypervisor.apply({ op: 'block-job', domain, disk: 'vda', action: 'cancel' })).toThrow(
      'needs it active',
    );
  });
});

describe('a host', () => {
  it('boots the image that was selected, and starts its guests again', () => {
    const { fleet, host, of } = running({
      always: { autostart: true },
      once: {},
      paused: { initialState: 'paused' },
    });
    const apply = (action: HostChange['action']) => fleet.hypervisor.apply({ op: 'host', host, action });
    apply({ install: [{ name: 'ovirt-node', version: '4.5.5-1' }] });
    apply({ select: 2 });
    apply({ select: 5 });
    expect(host.software.booted.image?.number).toBe(2);
    expect(host.software.next).toEqual({ kernel: 1, image: 5 });
    expect(() => apply({ install: [{ name: 'ovirt-node', version: '4.5.5-1' }] })).toThrow(
      'is installed already, as number 5',
    );
    expect(() => apply({ select: 6 })).toThrow('no package has number 6; installed are 1, 2, 3, 4, 5');
    fleet.pass(100);
    const [segment] = [...host.segments];
    const sent = segment!.uplink!.read('txFrames', fleet.clock.nowMs);
    expect(sent).toBeGreaterThan(0);
    const pool = host.storage.pools.read(0, fleet.clock.nowMs).allocation;
    apply('reboot');
    expect(() => apply('reboot')).toThrow('is going down or booting already');
    fleet.pass(61);
    expect([...host.domains].map(stateOf)).toEqual(
      expect.arrayContaining(['SHUTOFF/SHUTDOWN', 'SHUTOFF/DESTROYED']),
    );
    expect(() => fleet.act(of('once'), 'start')).toThrow('host host is rebooting; wait until it is up');
    fleet.pass(90);
    expect(host.bootedMs).toBe(250_000);
    expect(host.software.booted.image?.number).toBe(5);
    expect(stateOf(of('always'))).toBe('RUNNING/BOOTED');
    expect(stateOf(of('once'))).toBe('SHUTOFF/SHUTDOWN');
    expect([...host.segments][0]!.uplink!.read('txFrames', fleet.clock.nowMs)).toBeLessThan(sent);
    expect(host.storage.pools.read(0, fleet.clock.nowMs).allocation).toBeGreaterThanOrEqual(pool);
  });

  it('is warmer the busier it is, and cools down', () => {
    const busy = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [`g${i}`, { load: 'steady', maxVcpus: 4, vcpus: 4 } as const]),
    );
    const { fleet, host } = running(busy, { grows: false });
    const degrees = () => host.sensors.read(fleet.clock.nowMs)[0]!.value / 1000;
    const cold = degrees();
    fleet.pass(600);
    const warm = degrees();
    expect(warm).toBeGreaterThan(cold + 20);
    for (const domain of host.domains) fleet.act(domain, 'destroy');
    fleet.pass(900);
    expect(degrees()).toBeLessThan(cold + 1);
  });

  it('is as it was after a rollback', () => {
    const { fleet, host } = running({ guest: {} });
    const transaction = fleet.hypervisor.transaction();
    transaction.apply({ op: 'host', host, action: 'reboot' });
    transaction.rollback();
    expect(host.state).toBe('up');
    fleet.pass(300);
    expect(fleet.takeTrace()).toEqual([]);
  });
});
