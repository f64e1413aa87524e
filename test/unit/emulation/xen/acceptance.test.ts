import { describe, expect, it } from 'vitest';
import { readBlocked, readOffline, readVcpu } from '../../../../agent/emulation/vcpu/vcpu-read.ts';
import { CREDIT_DEFAULTS, planCredit } from '../../../../agent/emulation/xen/credit.ts';
import { checkPvMemory, PV_LIMIT_GIB, pvUsableKiB } from '../../../../agent/emulation/xen/pv-limit.ts';
import {
  postedSteal,
  RUNSTATES,
  readRunstate,
  readSchedClock,
  readStolen,
} from '../../../../agent/emulation/xen/xen-time.ts';
import { type GuestOptions, hostConfig, NS_PER_MS, type SmallGuest, SmallHost } from '../vcpu/small-host.ts';

const KIB_PER_GIB = 1_048_576;

function domain(credit: Partial<typeof CREDIT_DEFAULTS> = {}, options: GuestOptions = {}): GuestOptions {
  return { ...options, plan: (host, vcpus) => planCredit(host, { ...CREDIT_DEFAULTS, ...credit }, vcpus) };
}

function clocks({ machine, places }: SmallGuest, nowMs: number): { system: number; unstolen: number } {
  return {
    system: readSchedClock(machine, places, 0, 'system', nowMs),
    unstolen: readSchedClock(machine, places, 0, 'unstolen', nowMs),
  };
}

describe('A3.5 the runstate times of a Xen vCPU', () => {
  it('add up to its age, to the ns, through overcommitment and pauses', () => {
    const host = new SmallHost(hostConfig(2));
    host.play(2);
    for (let i = 0; i < 3; i++) host.add(domain({}, { vcpus: 2, utilisation: 0.3 + 0.3 * i }));
    host.play(2);
    host.begin(1000);
    const started = host.nowMs;
    for (const ms of [1, 250, 333, 700, 1000]) {
      host.nowMs = started + ms;
      if (ms === 250) host.pause(host.guests[0]!);
      for (const { machine, places, createdMs } of host.guests) {
        const times = RUNSTATES.map((state) => readRunstate(machine, places, 1, state, host.nowMs));
        expect(times.every((ns) => ns >= 0)).toBe(true);
        expect(times.reduce((sum, ns) => sum + ns)).toBe((host.nowMs - createdMs) * NS_PER_MS);
      }
    }
  });

  it('make the steal that the guest shows: runnable and offline, within one tick of its timer', () => {
    const host = new SmallHost(hostConfig(1));
    const guest = host.add(domain());
    host.add(domain());
    host.play(1);
    host.begin(1000);
    host.nowMs += 417;
    host.pause(guest);
    host.nowMs += 1000;
    const read = (state: (typeof RUNSTATES)[number]) =>
      readRunstate(guest.machine, guest.places, 0, state, host.nowMs);
    const stolen = readStolen(guest.machine, guest.places, 0, host.nowMs);
    expect(stolen).toBe(read('runnable') + read('offline'));
    expect(read('offline')).toBe(1000 * NS_PER_MS);
    for (const tick of [1, 4, 10].map((ms) => ms * NS_PER_MS)) {
      expect(postedSteal(stolen, tick) % tick).toBe(0);
      expect(stolen - postedSteal(stolen, tick)).toBeLessThan(tick);
    }
  });
});

describe('A3.6 the two scheduler clocks', () => {
  it('the new one always goes at rate 1, the old one at 1 less the stolen share', () => {
    const host = new SmallHost(hostConfig(1));
    const guest = host.add(domain({ weight: 256 }));
    host.add(domain({ weight: 768 }));
    host.play(4);
    const { system, unstolen } = clocks(guest, host.nowMs);
    expect(system).toBe(4000 * NS_PER_MS);
    expect(unstolen / system).toBeCloseTo(0.25, 4);
    expect(system - unstolen).toBe(readStolen(guest.machine, guest.places, 0, host.nowMs));
  });

  it('are equal on a host where nobody waits', () => {
    const host = new SmallHost(hostConfig(4));
    const guest = host.add(domain({}, { utilisation: 0.7 }));
    host.play(3);
    const { system, unstolen } = clocks(guest, host.nowMs);
    expect(unstolen).toBe(system);
  });

  it('differ while a domain is paused: offline grows, the old one stands', () => {
    const host = new SmallHost(hostConfig(4));
    const guest = host.add(domain());
    host.play(2);
    host.pause(guest);
    const before = clocks(guest, host.nowMs);
    host.play(3);
    const after = clocks(guest, host.nowMs);
    expect(after.unstolen).toBe(before.unstolen);
    expect(after.system - before.system).toBe(3000 * NS_PER_MS);
    expect(readOffline(guest.machine, guest.places, 0, host.nowMs)).toBe(3000 * NS_PER_MS);
  });
});

describe('the credit scheduler', () => {
  it('weighs each vCPU, where CFS weighs the guest', () => {
    const host = new SmallHost(hostConfig(3));
    const small = host.add(domain({}, { vcpus: 2 }));
    const large = host.add(domain({}, { vcpus: 4 }));
    host.play(3);
    expect(large.sum('running', host.nowMs) / small.sum('running', host.nowMs)).toBeCloseTo(2, 3);
  });

  it('caps the whole domain, in percent of one pCPU', () => {
    const host = new SmallHost(hostConfig(8));
    const capped = host.add(domain({ cap: 150 }, { vcpus: 4 }));
    host.play(2);
    expect(capped.sum('running', host.nowMs)).toBe(1.5 * 2000 * NS_PER_MS);
    expect(capped.steal(host.nowMs)).toBe(2.5 * 2000 * NS_PER_MS);
    expect(readBlocked(capped.machine, capped.places, 0, host.nowMs)).toBe(0);
  });

  it('knows no pause exits and no halt polling', () => {
    const host = new SmallHost(hostConfig(2));
    for (let i = 0; i < 2; i++) {
      host.add(
        domain({}, { vcpus: 2, utilisation: 0.6, work: { lockShare: 0.3, wakeupsPerSecond: 20_000 } }),
      );
    }
    host.play(3);
    const { machine, places } = host.guests[0]!;
    for (const field of ['pauseExits', 'haltAttemptedPoll', 'periods'] as const) {
      expect(readVcpu(machine, places, 0, field, host.nowMs)).toBe(0);
    }
    expect(host.guests[0]!.sum('spin', host.nowMs)).toBeGreaterThan(0);
  });
});

describe('the memory of a 64-bit PV guest', () => {
  it('is used up to the limit of its kernel, and refused above it', () => {
    const given = 160 * KIB_PER_GIB;
    expect(pvUsableKiB(given, PV_LIMIT_GIB.rhel6)).toBe(134_217_728);
    expect(pvUsableKiB(given, PV_LIMIT_GIB.upstream)).toBe(33_554_432);
    expect(pvUsableKiB(1024, PV_LIMIT_GIB.upstream)).toBe(1024);
    expect(checkPvMemory(given, PV_LIMIT_GIB.rhel6)).toBe(
      'a 64-bit PV guest uses at most 128 GiB (134217728 KiB), not 167772160 KiB; give it less, or make it an HVM guest',
    );
    expect(checkPvMemory(128 * KIB_PER_GIB, PV_LIMIT_GIB.rhel6)).toBeUndefined();
  });
});
