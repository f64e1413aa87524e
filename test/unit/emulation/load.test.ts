import { describe, expect, it } from 'vitest';
import { LOAD_KINDS } from '../../../agent/emulation/domain/domain-config.ts';
import { hostDefaults } from '../../../agent/emulation/host/host-config.ts';
import { config, Fleet } from './fleet.ts';

const NS_PER_SECOND = 1e9;

/** Fifty guests of one kind that have been up since the start. */
function crowd(changes: Parameters<typeof config>[1], tickMs?: number): Fleet {
  const fleet = new Fleet(tickMs === undefined ? {} : { tickMs });
  const configs = Array.from({ length: 50 }, (_, i) =>
    config(`guest-${i}`, { initialState: 'running', ...changes }),
  );
  fleet.hypervisor.apply({ op: 'populate', host: fleet.one, configs });
  return fleet;
}

function meanShare(fleet: Fleet, seconds: number): number {
  const domains = [...fleet.one.domains];
  const before = domains.map((domain) => domain.cpuTimeNs);
  fleet.pass(seconds);
  const used = domains.reduce((sum, domain, i) => sum + domain.cpuTimeNs - before[i]!, 0);
  return used / (domains.length * domains[0]!.vcpus * seconds * NS_PER_SECOND);
}

describe('vCPU time', () => {
  it.each([
    ['idle', 0.005, 0.04],
    ['steady', 0.3, 0.6],
    ['bursty', 0.05, 0.3],
  ] as const)('of %s guests is plausible on average', (load, low, high) => {
    const share = meanShare(crowd({ load }), 600);
    expect(share).toBeGreaterThan(low);
    expect(share).toBeLessThan(high);
  });

  it('of daily guests is high by day and low by night', () => {
    const fleet = crowd({ load: 'daily' }, 60_000);
    fleet.pass(4 * 3600);
    const afternoon = meanShare(fleet, 3600);
    fleet.pass(11 * 3600);
    const night = meanShare(fleet, 3600);
    expect(afternoon).toBeGreaterThan(0.35);
    expect(night).toBeLessThan(0.15);
  });

  it('does not depend on when or how often it is read', () => {
    const [seldom, often] = [crowd({}), crowd({})];
    const last = (fleet: Fleet): number[] => [...fleet.one.domains].map((domain) => domain.cpuTimeNs);
    seldom.clock.advanceTo(12_345);
    for (let ms = 0; ms <= 12_345; ms += 5) {
      often.clock.advanceTo(ms);
      last(often);
    }
    expect(last(often)).toEqual(last(seldom));
  });

  it('grows evenly inside a tick, to the ns', () => {
    const fleet = crowd({});
    const guest = fleet.one.domains.at(3);
    const at = (ms: number): number => {
      fleet.clock.advanceTo(ms);
      return guest.cpuTimeNs;
    };
    const first = at(100);
    expect(first).toBeGreaterThan(0);
    expect([at(200), at(500), at(1000)]).toEqual([first * 2, first * 5, first * 10]);
  });

  it('stands still in a pause, goes on over a reboot and begins anew at a start', () => {
    const fleet = new Fleet();
    const domain = fleet.define('guest');
    expect(domain.cpuTimeNs).toBe(0);
    fleet.act(domain, 'start');
    fleet.pass(30);
    fleet.act(domain, 'suspend');
    const paused = domain.cpuTimeNs;
    expect(paused).toBeGreaterThan(0);
    fleet.pass(30);
    expect(domain.cpuTimeNs).toBe(paused);
    fleet.act(domain, 'resume');
    fleet.act(domain, 'reboot');
    fleet.pass(60);
    expect(domain.cpuTimeNs).toBeGreaterThan(paused);
    fleet.act(domain, 'destroy');
    expect(domain.cpuTimeNs).toBe(0);
    fleet.act(domain, 'start');
    expect(domain.cpuTimeNs).toBe(0);
  });

  it('is high while a guest boots, whatever it does later', () => {
    const fleet = new Fleet({ timings: { boot: { seconds: 20, jitterSeconds: 0 } } });
    const domain = fleet.define('guest', { load: 'idle' });
    fleet.act(domain, 'start');
    fleet.pass(20);
    const booting = domain.cpuTimeNs;
    fleet.pass(20);
    expect(booting).toBeGreaterThan(0.6 * 20 * NS_PER_SECOND);
    expect(domain.cpuTimeNs - booting).toBeLessThan(0.1 * 20 * 2 * NS_PER_SECOND);
  });

  it('is that of one vCPU at work while a guest shuts down, and none once it is off', () => {
    const timings = { shutdown: { seconds: 10, jitterSeconds: 0 }, exit: { seconds: 5, jitterSeconds: 0 } };
    const fleet = new Fleet({ timings });
    const domain = fleet.define('guest', { load: 'idle', initialState: 'shutoff' });
    fleet.act(domain, 'start');
    fleet.pass(60);
    const before = domain.cpuTimeNs;
    fleet.act(domain, 'shutdown');
    fleet.pass(10);
    const off = domain.cpuTimeNs;
    expect(off - before).toBeGreaterThan(0.3 * 10 * NS_PER_SECOND);
    fleet.pass(4);
    expect(domain.cpuTimeNs).toBe(off);
  });

  it('of a guest without vCPUs stays 0', () => {
    const fleet = new Fleet();
    const domain = fleet.define('guest', { vcpus: 0 });
    fleet.act(domain, 'start');
    fleet.pass(30);
    expect(domain.cpuTimeNs).toBe(0);
  });

  it('costs no timer while nothing runs', () => {
    const fleet = crowd({ initialState: 'shutoff' });
    expect(fleet.clock.pending).toBe(0);
    fleet.act(fleet.one.domains.at(0), 'start', { paused: true });
    expect(fleet.clock.pending).toBe(0);
  });

  it('of one guest does not depend on which others there are', () => {
    const [alone, among] = [new Fleet(), crowd({})];
    for (const fleet of [alone, among]) {
      const guest = config('me', { initialState: 'running', load: 'bursty' });
      fleet.hypervisor.apply({ op: 'populate', host: fleet.one, configs: [guest] });
      fleet.pass(333);
    }
    const values = [alone, among].map((fleet) => {
      const me = fleet.one.domains.byName('me')!;
      return [me.cpuTimeNs, me.memoryKiB];
    });
    expect(values[0]).toEqual(values[1]);
  });
});

describe('memory', () => {
  it.each(
    LOAD_KINDS.flatMap((load) => ['kvm', 'xen', 'lxc', 'bhyve'].map((type) => ({ load, type }))),
  )('of $type guests under $load load stays between 1 and the maximum, in whole KiB', ({ load, type }) => {
    const fleet = crowd({ load, type, memoryKiB: 1_000_001, currentMemoryKiB: 600_001 });
    for (let i = 0; i < 30; i++) {
      fleet.pass(10);
      for (const domain of fleet.one.domains) {
        expect(Number.isInteger(domain.memoryKiB)).toBe(true);
        expect(domain.memoryKiB).toBeGreaterThanOrEqual(1);
        expect(domain.memoryKiB).toBeLessThanOrEqual(type === 'lxc' ? 1_000_001 : 600_001);
      }
    }
  });

  it('of a guest with a balloon is what it was given while its host has enough', () => {
    const fleet = new Fleet();
    const domain = fleet.define('guest', { load: 'idle' });
    fleet.act(domain, 'start');
    fleet.pass(600);
    expect(domain.memoryKiB).toBe(domain.config.currentMemoryKiB);
  });

  it('shrinks in small steps, above a floor, while its host is short of it', () => {
    const fleet = new Fleet();
    const usual = hostDefaults('modern');
    const memory = { ...usual.memory, nodesKiB: [2 ** 21, 2 ** 21], hostUseKiB: 3 * 2 ** 20 };
    const host = fleet.hypervisor.addHost('small', { ...usual, memory, grows: false });
    const guest = config('guest', { load: 'idle', initialState: 'running' });
    fleet.hypervisor.apply({ op: 'populate', host, configs: [guest] });
    const domain = host.domains.byName('guest')!;
    const atStart = domain.config.currentMemoryKiB;
    expect(domain.memoryKiB).toBe(atStart);
    const seen = [atStart];
    for (let i = 0; i < 60; i++) {
      fleet.pass(10);
      seen.push(domain.memoryKiB);
    }
    // It is looked at when it starts and again in its turn, so that the first interval may have two steps.
    const steps = seen.slice(2).map((value, i) => Math.abs(value - seen[i + 1]!));
    // Whole requests of the balloon device: 1 MiB.
    expect(Math.max(...steps)).toBeLessThanOrEqual(Math.ceil(atStart * 0.05) + 1024);
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(Math.ceil(atStart * 0.25));
    expect(seen.at(-1)).toBeLessThan(atStart * 0.7);
  });

  it('has moved for a tick before anything else that is due then', () => {
    const [timed, stepped] = [crowd({}), crowd({})];
    const pauseAll = (fleet: Fleet): void => {
      for (const domain of fleet.one.domains) fleet.act(domain, 'suspend');
    };
    timed.clock.schedule(10_000, () => pauseAll(timed));
    timed.clock.advanceTo(10_000);
    stepped.clock.advanceTo(10_000);
    pauseAll(stepped);
    const memory = (fleet: Fleet): number[] => [...fleet.one.domains].map((domain) => domain.memoryKiB);
    expect(memory(timed)).toEqual(memory(stepped));
  });

  it('of a container grows from little at its start to what it uses', () => {
    const fleet = new Fleet();
    const domain = fleet.define('guest', { type: 'lxc' });
    fleet.act(domain, 'start');
    const first = domain.memoryKiB;
    fleet.pass(300);
    expect(first).toBeLessThan(domain.maxMemoryKiB * 0.1);
    expect(domain.memoryKiB).toBeGreaterThan(domain.maxMemoryKiB * 0.25);
  });

  it('is what a start would give while the domain is shut off', () => {
    const fleet = new Fleet();
    const domain = fleet.define('guest', { currentMemoryKiB: 12_345 });
    expect(domain.memoryKiB).toBe(12_345);
    expect(domain.maxMemoryKiB).toBe(2 * 1024 * 1024);
  });

  it('moves with the guest to another host, and so does the course of its load', () => {
    const [moved, stayed] = [new Fleet(), new Fleet()];
    const [source, unmoved] = [moved, stayed].map((fleet) => {
      const domain = fleet.define('guest');
      fleet.act(domain, 'start');
      fleet.pass(120);
      return domain;
    }) as [ReturnType<Fleet['define']>, ReturnType<Fleet['define']>];
    moved.act(source, 'migrate', { target: moved.two });
    const copy = moved.two.domains.at(0);
    expect(copy.memoryKiB).toBe(unmoved.memoryKiB);
    for (const fleet of [moved, stayed]) fleet.pass(30);
    const before = [copy.cpuTimeNs, unmoved.cpuTimeNs];
    for (const fleet of [moved, stayed]) fleet.pass(30);
    expect(copy.cpuTimeNs - before[0]!).toBe(unmoved.cpuTimeNs - before[1]!);
  });
});

describe('what the programs do', () => {
  const change = (fleet: Fleet) => {
    for (const domain of fleet.one.domains) fleet.hypervisor.apply({ op: 'tune', domain, load: 'steady' });
  };

  it('can be changed while they run, and is forgotten when the guest stops', () => {
    const fleet = crowd({ load: 'idle' });
    expect(meanShare(fleet, 60)).toBeLessThan(0.05);
    change(fleet);
    expect(meanShare(fleet, 60)).toBeGreaterThan(0.2);
    const domain = fleet.one.domains.at(0)!;
    expect([domain.config.load, domain.persistentConfig.load]).toEqual(['steady', 'idle']);
    fleet.hypervisor.apply({ op: 'act', domain, action: 'destroy' });
    expect(domain.config.load).toBe('idle');
  });

  it('goes on as before when the change is taken back', () => {
    const [changed, plain] = [crowd({ load: 'idle' }), crowd({ load: 'idle' })];
    const transaction = changed.hypervisor.transaction();
    for (const domain of changed.one.domains) transaction.apply({ op: 'tune', domain, load: 'steady' });
    transaction.rollback();
    expect(meanShare(changed, 60)).toBe(meanShare(plain, 60));
  });
});
