import { describe, expect, it } from 'vitest';
import type { Domain } from '../../../agent/emulation/domain/domain.ts';
import type { DomainConfig } from '../../../agent/emulation/domain/domain-config.ts';
import type { Host } from '../../../agent/emulation/host/host.ts';
import type { HostEngine, TickSpan } from '../../../agent/emulation/tick/host-engine.ts';
import { Ticker } from '../../../agent/emulation/tick/ticker.ts';
import { VCPU_FIELDS, type VcpuField } from '../../../agent/emulation/vcpu/vcpu-read.ts';
import { VirtualClock } from '../../../agent/util/clock.ts';
import { config, Fleet } from './fleet.ts';
import { future, picture } from './snapshot.ts';

const NS_PER_MS = 1_000_000;
const FIELDS = Object.keys(VCPU_FIELDS) as VcpuField[];

/** So little that the host's memory is enough for all. */
const SMALL = { load: 'steady', memoryKiB: 2 ** 18, currentMemoryKiB: 2 ** 18 } as const;

function populate(fleet: Fleet, host: Host, count: number, changes: Partial<DomainConfig> = {}): void {
  const configs = Array.from({ length: count }, (_, i) =>
    config(`${host.name}-${i}`, { initialState: 'running', ...changes }),
  );
  fleet.hypervisor.apply({ op: 'populate', host, configs });
}

/** Slices of a tick of {@link largeFleet}: 128 guests at a time, twice for each of 1200. */
const SLICES = 19;

/** So many guests on both hosts that a tick takes several slices. */
function largeFleet(): Fleet {
  const fleet = new Fleet();
  populate(fleet, fleet.one, 700, { maxVcpus: 2 });
  populate(fleet, fleet.two, 500, { maxVcpus: 2, load: 'bursty' });
  return fleet;
}

/** Goes to a time, but leaves the tick that is due then after so many slices. */
function stopAfterSlices(fleet: Fleet, ms: number, slices: number): boolean {
  let left = slices;
  return !fleet.clock.advanceTo(ms, () => --left > 0);
}

function times(domain: Domain): number[] {
  return [0, 1, 2, 3].flatMap((n) => {
    const vcpu = domain.vcpu(n);
    return vcpu ? [vcpu.timeNs, vcpu.stealNs, vcpu.blockedNs, vcpu.offlineNs] : [];
  });
}

function total({ clock }: Fleet, host: Host): { readonly guests: number; readonly pcpus: number } {
  const pcpus = Array.from({ length: host.cpu.pcpuCount }, (_, n) => host.cpu.busyNs(n, clock.nowMs));
  return {
    guests: [...host.domains].reduce((sum, domain) => sum + domain.cpuTimeNs, 0),
    pcpus: pcpus.reduce((sum, ns) => sum + ns, 0),
  };
}

describe('who needs a tick', () => {
  const idle = { runningCount: 0 } as unknown as HostEngine;

  it('gets each once, also when he asks for it while one passes, and none when nobody needs one', () => {
    const clock = new VirtualClock({ epochMs: 0 });
    const ticker = new Ticker(clock);
    const passed: number[] = [];
    ticker.add(idle, () => {
      passed.push(clock.nowMs);
      ticker.wake();
      return clock.nowMs < 3000;
    });
    clock.advanceTo(500);
    ticker.wake();
    clock.advanceTo(9000);
    expect(passed).toEqual([1000, 2000, 3000]);
    expect(clock.pending).toBe(0);
  });
});

describe('the length of a plan', () => {
  it.each([
    [1, 1000],
    [2000, 1000],
    [2001, 2000],
    [8001, 5000],
    [10_000, 5000],
    [1_000_000, 5000],
  ])('with %d running guests is %d ms', (runningCount, spanMs) => {
    const clock = new VirtualClock({ epochMs: 0 });
    const ticker = new Ticker(clock);
    const spans: TickSpan[] = [];
    const engine = {
      runningCount,
      start: (span: TickSpan) => void spans.push(span),
      advance: (limit: number) => limit - 1,
    };
    ticker.add(engine as unknown as HostEngine, () => false);
    ticker.wake();
    clock.advanceTo(20_000);
    expect(spans.length).toBeGreaterThanOrEqual(4);
    let nowMs = 1000;
    for (const span of spans) {
      expect(span).toMatchObject({ nowMs, spanMs, begins: true });
      nowMs += spanMs;
    }
    expect(nowMs).toBeGreaterThan(20_000);
  });
});

describe('a tick in slices', () => {
  it.each([1, 12])('can be read after slice %d, as if it were over', (slices) => {
    const [sliced, whole] = [largeFleet(), largeFleet()];
    expect(stopAfterSlices(sliced, 3000, 2 * SLICES + slices)).toBe(true);
    whole.clock.advanceTo(3000);
    expect(sliced.clock.nowMs).toBe(3000);
    const read = (fleet: Fleet) => fleet.hypervisor.hosts.flatMap((host) => [...host.domains].map(times));
    expect(read(sliced)).toEqual(read(whole));
    sliced.clock.advanceTo(3500);
    whole.clock.advanceTo(3500);
    expect(picture(sliced)).toEqual(picture(whole));
  });

  it.each([1, 12])('meets changes after slice %d as one that is over does', (slices) => {
    const [sliced, whole] = [largeFleet(), largeFleet()];
    expect(stopAfterSlices(sliced, 3000, 2 * SLICES + slices)).toBe(true);
    whole.clock.advanceTo(3000);
    for (const fleet of [sliced, whole]) {
      const guest = (host: Host, n: number): Domain => host.domains.byName(`${host.name}-${n}`)!;
      fleet.act(guest(fleet.one, 3), 'suspend');
      fleet.act(guest(fleet.one, 699), 'destroy');
      fleet.act(guest(fleet.two, 0), 'destroy');
      fleet.act(guest(fleet.two, 0), 'start');
      fleet.act(guest(fleet.two, 499), 'migrate', { target: fleet.one });
      const transaction = fleet.hypervisor.transaction();
      transaction.apply({ op: 'act', domain: guest(fleet.one, 3), action: 'resume' });
      transaction.apply({ op: 'act', domain: guest(fleet.two, 7), action: 'kill' });
      transaction.rollback();
    }
    expect(future(sliced, 3)).toEqual(future(whole, 3));
  });

  it('is planned anew by a populate, and as it was when that is rolled back', () => {
    const [fleet, other] = [largeFleet(), largeFleet()];
    fleet.clock.advanceTo(1300);
    other.clock.advanceTo(1300);
    const transaction = fleet.hypervisor.transaction();
    const configs = [config('late', { initialState: 'running' })];
    transaction.apply({ op: 'populate', host: fleet.one, configs });
    transaction.rollback();
    expect(picture(fleet)).toEqual(picture(other));
    expect(future(fleet, 2)).toEqual(future(other, 2));
  });
});

describe('a large fleet', () => {
  it('is planned for several seconds at a time', () => {
    const fleet = new Fleet();
    populate(fleet, fleet.one, 2001, { maxVcpus: 2 });
    const guest = fleet.one.domains.at(0);
    const times = Array.from({ length: 6 }, () => {
      fleet.pass(1);
      return guest.cpuTimeNs;
    });
    const rates = times.slice(1).map((time, i) => time - times[i]!);
    // The first second is what is left of the tick that it came in.
    expect(rates[0]).toBe(rates[1]);
    expect(rates[2]).toBe(rates[3]);
    expect(rates[1]).not.toBe(rates[2]);
  });
});

describe('a host', () => {
  it.each([
    ['modern', 128, 64],
    ['modern', 129, 128],
    ['rhel6', 32, 16],
    ['rhel6', 33, 32],
  ] as const)('of the era %s with %d guests of 2 vCPUs has %d pCPUs: at most 4 vCPUs on each', (profile, guests, pcpus) => {
    const fleet = new Fleet({ profile });
    populate(fleet, fleet.one, guests);
    expect(fleet.one.cpu.pcpuCount).toBe(pcpus);
    expect(fleet.two.cpu.pcpuCount).toBe(profile === 'modern' ? 64 : 16);
    populate(fleet, fleet.one, 0);
    expect(fleet.one.cpu.pcpuCount).toBe(pcpus);
  });

  it('keeps its processors once a guest has run on it: later guests make it busier', () => {
    const fleet = new Fleet();
    const early = fleet.define('early');
    fleet.act(early, 'start');
    populate(fleet, fleet.one, 200, SMALL);
    expect(fleet.one.cpu.pcpuCount).toBe(64);
    fleet.pass(10);
    expect(fleet.one.cpu.runnablePerCpu(0)).toBeGreaterThan(1);
  });
});

describe("a domain's vCPUs", () => {
  it('run, wait, have nothing to do or stand still: together their age, at every ms', () => {
    const fleet = new Fleet();
    fleet.act(fleet.define('first'), 'start');
    populate(fleet, fleet.one, 150, SMALL);
    for (const ms of [1, 777, 1000, 1001, 20_500]) {
      fleet.clock.advanceTo(ms);
      for (const domain of fleet.one.domains) {
        for (let n = 0; n < 4; n++) {
          const vcpu = domain.vcpu(n)!;
          const sum = vcpu.read('running') + vcpu.stealNs + vcpu.blockedNs + vcpu.offlineNs;
          expect(sum).toBe(ms * NS_PER_MS);
          expect(vcpu.online).toBe(n < 2);
          if (n >= 2) expect(vcpu.offlineNs).toBe(ms * NS_PER_MS);
        }
        const threads = [0, 1].reduce((sum, n) => sum + domain.vcpu(n)!.timeNs, domain.emulatorTimeNs);
        expect(domain.cpuTimeNs).toBe(threads);
      }
    }
    const stolen = [...fleet.one.domains].filter((domain) => domain.vcpu(0)!.stealNs > 0);
    expect(stolen.length).toBeGreaterThan(100);
  });

  it('are on the processors for as long as these are busy, whatever happens in the middle of a tick', () => {
    const fleet = new Fleet();
    const types = ['kvm', 'xen', 'lxc', 'qemu'];
    const configs = Array.from({ length: 60 }, (_, i) =>
      config(`guest-${i}`, { type: types[i % 4]!, initialState: i % 5 === 0 ? 'paused' : 'running' }),
    );
    fleet.hypervisor.apply({ op: 'populate', host: fleet.one, configs });
    const guests = [...fleet.one.domains];
    for (let i = 0; i < 300; i++) {
      fleet.clock.advanceTo(fleet.clock.nowMs + ((i * 37) % 211));
      const guest = guests[(i * 7) % guests.length]!;
      const action = guest.state === 3 ? 'resume' : 'suspend';
      if (!fleet.hypervisor.check({ op: 'act', domain: guest, action })) fleet.act(guest, action);
      const { guests: ran, pcpus } = total(fleet, fleet.one);
      expect(ran).toBe(pcpus);
      expect(ran <= fleet.clock.nowMs * NS_PER_MS * fleet.one.cpu.pcpuCount).toBe(true);
    }
    expect(total(fleet, fleet.one).guests).toBeGreaterThan(0);
  });

  it('of a new emulator process count from 0, and are gone with it', () => {
    const fleet = new Fleet();
    const domain = fleet.define('guest');
    expect(domain.vcpu(0)).toBeUndefined();
    fleet.act(domain, 'start');
    fleet.pass(30.25);
    expect(domain.vcpu(0)!.timeNs).toBeGreaterThan(0);
    expect(domain.vcpu(0)!.exits.total).toBeGreaterThan(0);
    expect(domain.vcpu(4)).toBeUndefined();
    expect(domain.vcpu(-1)).toBeUndefined();
    fleet.act(domain, 'destroy');
    expect(domain.vcpu(0)).toBeUndefined();
    fleet.act(domain, 'start');
    for (const field of FIELDS) expect([field, domain.vcpu(0)!.read(field)]).toEqual([field, 0]);
    expect([domain.vcpu(0)!.offlineNs, domain.vcpu(0)!.haltPollFailNs]).toEqual([0, 0]);
  });

  it('of a moved guest count from 0 on its new host', () => {
    const fleet = new Fleet();
    const domain = fleet.define('guest');
    fleet.act(domain, 'start');
    fleet.pass(60.5);
    fleet.act(domain, 'migrate', { target: fleet.two });
    const copy = fleet.two.domains.at(0);
    expect(copy.cpuTimeNs).toBe(0);
    fleet.pass(30);
    expect(copy.vcpu(0)!.timeNs).toBeGreaterThan(0);
    expect(domain.vcpu(0)).toBeUndefined();
    expect(total(fleet, fleet.two)).toEqual({ guests: copy.cpuTimeNs, pcpus: copy.cpuTimeNs });
  });

  it('that start in a full tick get only what is left of it', () => {
    const fleet = new Fleet();
    const late = fleet.define('late', { vcpus: 4, initialState: 'shutoff' });
    fleet.act(late, 'start', { paused: true });
    populate(fleet, fleet.one, 300, SMALL);
    fleet.clock.advanceTo(5300);
    fleet.act(late, 'resume');
    fleet.clock.advanceTo(6000);
    // Shares are whole ns per ms: less than one of them for each guest is left over.
    expect(late.cpuTimeNs).toBeLessThan(NS_PER_MS);
    expect(late.vcpu(0)!.stealNs).toBeGreaterThan(0.5 * 700 * NS_PER_MS);
    fleet.pass(1);
    expect(late.cpuTimeNs).toBeGreaterThan(100 * NS_PER_MS);
  });
});
