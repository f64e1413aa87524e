import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HostCpu, WHOLE_HOST } from '../../../../agent/emulation/vcpu/host-cpu.ts';
import { FULL, HOST_CPU_DEFAULTS, WORK_PROFILES } from '../../../../agent/emulation/vcpu/vcpu-config.ts';
import {
  injectNmi,
  readBlocked,
  readEmulatorTime,
  readExits,
  readOffline,
  readVcpu,
  readWanted,
} from '../../../../agent/emulation/vcpu/vcpu-read.ts';
import { hostConfig, NS_PER_MS, SmallHost } from './small-host.ts';

/** Seconds that a guest's vCPUs have run, to a ms. */
function seconds(host: SmallHost, guest: number): number {
  return Math.round(host.guests[guest]!.sum('running', host.nowMs) / NS_PER_MS) / 1000;
}

describe('a host', () => {
  it('has as many pCPUs as threads, side by side in its nodes', () => {
    const host = new HostCpu(HOST_CPU_DEFAULTS.modern);
    expect(host.pcpuCount).toBe(64);
    expect([0, 31, 32, 63].map((pcpu) => host.nodeOf(pcpu))).toEqual([0, 0, 1, 1]);
  });

  it('knows a mask by its pCPUs, and no pCPU that it does not have', () => {
    const host = new HostCpu(hostConfig(4));
    expect(host.pool()).toBe(WHOLE_HOST);
    expect(host.pool([3, 2, 1, 0])).toBe(WHOLE_HOST);
    expect(host.pool([9])).toBe(WHOLE_HOST);
    expect(host.pool([2, 1, 2])).toBe(host.pool([1, 2, 7]));
    expect(host.pool([1])).not.toBe(host.pool([1, 2]));
  });

  it('spreads what is not pinned over pCPUs that are free of what is', () => {
    const host = new SmallHost(hostConfig(4));
    host.add({ vcpus: 1, tuning: { vcpupin: [[0]], emulatorpin: [0] } });
    host.add({ vcpus: 3, utilisation: 0.5 });
    host.play(1);
    expect([0, 1, 2, 3].map((pcpu) => host.cpu.busyNs(pcpu, 1000) / NS_PER_MS)).toEqual([
      1000, 500, 500, 500,
    ]);
  });
});

describe('what comes and goes inside a tick', () => {
  const arbLoad = fc.record({
    come: fc.boolean(),
    rate: fc.integer({ min: 1, max: 2 * FULL }),
    pinned: fc.boolean(),
    passMs: fc.constantFrom(0, 0, 0, 7),
  });

  it('lies on the pCPUs the same way, whoever looked at them or copied them in between', () => {
    const play = (
      loads: readonly { come: boolean; rate: number; pinned: boolean; passMs: number }[],
      look: number,
    ) => {
      const host = new HostCpu(hostConfig(4));
      const pinned = host.pool([1, 2]);
      host.beginTick();
      host.share();
      host.endTick(0, 1000);
      let nowMs = 10;
      loads.forEach(({ come, rate, pinned: confined, passMs }, i) => {
        const pool = confined ? pinned : WHOLE_HOST;
        if (come) host.takeLate(pool, rate, nowMs);
        else host.giveBack(pool, rate, nowMs);
        if (look & (1 << (i % 30))) host.busyNs(0, nowMs);
        if (look & (2 << (i % 30))) host.restore(host.snapshot());
        nowMs += passMs;
      });
      return [0, 1, 2, 3].map((pcpu) => [host.busyRate(pcpu), host.busyNs(pcpu, 1000)]);
    };
    fc.assert(
      fc.property(fc.array(arbLoad, { maxLength: 12 }), fc.nat(), (loads, look) => {
        expect(play(loads, look)).toEqual(play(loads, 0));
      }),
    );
  });
});

describe('pinned guests', () => {
  it('of disjoint masks do not disturb each other', () => {
    const host = new SmallHost(hostConfig(4));
    const left = { vcpupin: Array(4).fill([0, 1]), emulatorpin: [0, 1] };
    const right = { vcpupin: Array(4).fill([2, 3]), emulatorpin: [2, 3] };
    host.add({ vcpus: 4, tuning: left });
    host.add({ vcpus: 4, tuning: left });
    host.add({ vcpus: 2, tuning: right });
    host.play(10);
    expect([0, 1, 2].map((guest) => seconds(host, guest))).toEqual([10, 10, 20]);
  });

  it('of nested masks share fairly: who is confined to little gets no more than that, the rest is for others', () => {
    const host = new SmallHost(hostConfig(4));
    // Four guests of equal weight on four pCPUs, three of which have only one of them.
    for (let i = 0; i < 3; i++) host.add({ vcpus: 1, tuning: { vcpupin: [[0]], emulatorpin: [0] } });
    host.add({ vcpus: 4 });
    host.play(3);
    expect([0, 1, 2, 3].map((guest) => seconds(host, guest))).toEqual([1, 1, 1, 9]);
  });

  it('of crossing masks use each piece by its size', () => {
    const host = new SmallHost(hostConfig(6));
    const pinned = (cpus: number[]) => ({ vcpupin: Array(4).fill(cpus), emulatorpin: cpus });
    host.add({ vcpus: 4, tuning: pinned([0, 1, 2, 3]) });
    host.add({ vcpus: 4, tuning: pinned([2, 3, 4, 5]) });
    host.play(3);
    expect([seconds(host, 0), seconds(host, 1)]).toEqual([9, 9]);
  });

  it('with one vCPU pinned apart have that one beside the others', () => {
    const host = new SmallHost(hostConfig(2));
    host.add({ vcpus: 1, tuning: { vcpupin: [[1]], emulatorpin: [1] } });
    const mixed = host.add({ vcpus: 2, tuning: { vcpupin: [[0], [1]] } });
    host.play(2);
    const running = [0, 1].map((vcpu) => readVcpu(mixed.machine, mixed.places, vcpu, 'running', 2000));
    expect(running[0]).toBe(2000 * NS_PER_MS);
    // Half a guest's weight against a whole one.
    expect(running[1]! / NS_PER_MS).toBeCloseTo(2000 / 3, 0);
  });
});

describe('a guest', () => {
  it('shares its time equally among its threads, the emulator among them', () => {
    const host = new SmallHost(hostConfig(2));
    const guest = host.add({ vcpus: 3, input: { emulator: 100_000 } });
    host.play(1);
    expect(readEmulatorTime(guest.machine, guest.places, 1000)).toBe(100 * NS_PER_MS);
    for (const vcpu of [0, 1, 2]) {
      const ns = readVcpu(guest.machine, guest.places, vcpu, 'running', 1000);
      expect(ns / NS_PER_MS).toBeCloseTo(1900 / 3, 2);
    }
  });

  it('boots on one vCPU', () => {
    const host = new SmallHost(hostConfig(4));
    const guest = host.add({ vcpus: 4, utilisation: 0.2, input: { busyVcpus: 1 } });
    host.play(1);
    expect([0, 1].map((vcpu) => readWanted(guest.machine, guest.places, vcpu))).toEqual([0.8, 0]);
    expect(seconds(host, 0)).toBe(0.8);
  });

  it('has unplugged vCPUs offline, and those plugged in later from then on', () => {
    const host = new SmallHost(hostConfig(4));
    const guest = host.add({ vcpus: 2, utilisation: 0.5, input: { onlineVcpus: 1 } });
    host.play(2);
    guest.input.onlineVcpus = 2;
    host.play(3);
    expect(readOffline(guest.machine, guest.places, 1, host.nowMs)).toBe(2000 * NS_PER_MS);
    expect(readBlocked(guest.machine, guest.places, 1, host.nowMs)).toBe(1500 * NS_PER_MS);
  });

  it('works slower with remote memory, and runs no longer for it', () => {
    const host = new SmallHost(hostConfig(4));
    const local = host.add({ vcpus: 2 });
    const remote = host.add({ vcpus: 2, input: { slowdown: 1.25 } });
    host.play(2);
    expect(remote.sum('running', 2000)).toBe(local.sum('running', 2000));
    expect(local.sum('work', 2000) / remote.sum('work', 2000)).toBeCloseTo(1.25, 6);
  });

  it('that is not busy all the time runs longer for the same work when it spins', () => {
    const run = (pleGap: number) => {
      const host = new SmallHost(hostConfig(8, 'modern', { pleGap }));
      for (let i = 0; i < 3; i++) host.add({ vcpus: 8, utilisation: 0.5, work: WORK_PROFILES.contended });
      const [guest] = host.play(10).guests;
      return readWanted(guest!.machine, guest!.places, 0);
    };
    expect(run(0)).toBeGreaterThan(1.1 * run(128));
  });

  it('that starts in the middle of a tick gets what is left, and who stops leaves it', () => {
    const host = new SmallHost(hostConfig(2));
    const [first, second] = [host.add({ vcpus: 1 }), host.add({ vcpus: 2 })];
    second.running = false;
    host.begin(1000);
    host.nowMs = 500;
    host.resume(second);
    host.nowMs = 600;
    expect([seconds(host, 0), seconds(host, 1)]).toEqual([0.6, 0.1]);
    host.pause(first);
    const third = host.add({ vcpus: 1 });
    host.resume(third);
    host.nowMs = 1000;
    expect([0, 1, 2].map((guest) => seconds(host, guest))).toEqual([0.6, 0.5, 0.4]);
    expect(host.cpu.busyNs(0, 1000) + host.cpu.busyNs(1, 1000)).toBe(1500 * NS_PER_MS);
  });

  it('counts exits by their classes, what devices cause dealt out to its vCPUs', () => {
    const host = new SmallHost(hostConfig(4));
    const guest = host.add({
      vcpus: 2,
      utilisation: 0.5,
      input: { ioExits: 7, mmioExits: 2, interrupts: 100 },
    });
    host.play(2);
    injectNmi(guest.machine.numbers, guest.places, 1);
    const exits = [0, 1].map((vcpu) => readExits(guest.machine, guest.places, vcpu, host.nowMs));
    expect(exits[0]!.io + exits[1]!.io).toBe(14);
    expect(exits[0]!.mmio + exits[1]!.mmio).toBe(4);
    expect(exits.map(({ nmiWindow }) => nmiWindow)).toEqual([0, 1]);
    expect(exits[0]!.irq).toBe(250);
    const injected = [0, 1].map((vcpu) => readVcpu(guest.machine, guest.places, vcpu, 'irqInjections', 2000));
    expect(injected[0]! + injected[1]!).toBe(200);
  });
});

describe('a host with very many guests', () => {
  it('shares out to the last ns what ten thousand want, and treats equal ones alike', () => {
    const host = new SmallHost(hostConfig(64));
    for (let i = 0; i < 10_000; i++) host.add({ utilisation: 0.01 * (1 + (i % 7)) });
    host.play(1);
    const runs = host.guests.map((guest) => guest.sum('running', 1000));
    const total = runs.reduce((sum, ns) => sum + ns);
    expect(total).toBeLessThanOrEqual(64 * FULL * 1000);
    expect(total).toBeGreaterThan(64 * FULL * 1000 - 10_000 * 1000);
    expect(new Set(runs).size).toBeLessThanOrEqual(7);
  });
});
