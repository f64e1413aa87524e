import { describe, expect, it } from 'vitest';
import { type PauseLoopConfig, WORK_PROFILES } from '../../../../agent/emulation/vcpu/vcpu-config.ts';
import {
  readBlocked,
  readExits,
  readGuestTime,
  readOffline,
  readPollFail,
  readSteal,
  readThreadTime,
  readVcpu,
} from '../../../../agent/emulation/vcpu/vcpu-read.ts';
import { type GuestOptions, hostConfig, NS_PER_MS, type SmallGuest, SmallHost } from './small-host.ts';

const OFF: Partial<PauseLoopConfig> = { pleGap: 0 };

/** A host where guests of so many vCPUs, all alike, want `overcommit` times what there is. */
function crowd(
  overcommit: number,
  options: GuestOptions,
  pauseLoop: Partial<PauseLoopConfig> = {},
  vcpus = 16,
): SmallHost {
  const host = new SmallHost(hostConfig(vcpus, 'modern', pauseLoop));
  for (let i = 0; i < overcommit; i++) host.add({ vcpus, ...options });
  return host.play(10);
}

function work(host: SmallHost): number {
  return host.guests[0]!.sum('work', host.nowMs);
}

/** How much more useful work is done with the detector than without. */
function gain(overcommit: number, lockShare: number, vcpus = 16): number {
  const options = { work: { lockShare } };
  return work(crowd(overcommit, options, {}, vcpus)) / work(crowd(overcommit, options, OFF, vcpus)) - 1;
}

function parts({ machine, places }: SmallGuest, vcpu: number, nowMs: number): number[] {
  return [
    readVcpu(machine, places, vcpu, 'running', nowMs),
    readSteal(machine, places, vcpu, nowMs),
    readBlocked(machine, places, vcpu, nowMs),
    readOffline(machine, places, vcpu, nowMs),
  ];
}

describe('A1.1 run + steal + blocked + offline is the time passed', () => {
  it('to the ns at each ms of a tick, also after a pause in the middle of it', () => {
    const host = new SmallHost(hostConfig(2));
    const utilisations = [0.333_333, 1, 0.7];
    for (const utilisation of utilisations) host.add({ vcpus: 2, utilisation, work: { imbalance: 0.5 } });
    host.play(3);
    host.begin(1000);
    const started = host.nowMs;
    const paused = host.guests[0]!;
    for (const ms of [1, 7, 333, 500, 501, 777, 999, 1000]) {
      host.nowMs = started + ms;
      if (ms === 500) host.pause(paused);
      if (ms === 777) host.resume(paused);
      for (const guest of host.guests) {
        for (const vcpu of [0, 1]) {
          const times = parts(guest, vcpu, host.nowMs);
          expect(times.every((ns) => Number.isSafeInteger(ns) && ns >= 0)).toBe(true);
          expect(times.reduce((sum, ns) => sum + ns)).toBe(host.nowMs * NS_PER_MS);
        }
      }
    }
    expect(parts(paused, 0, host.nowMs)[3]).toBe(277 * NS_PER_MS);
  });

  it('and no more runs than there are pCPUs: all run time, host tasks included, is some pCPU busy', () => {
    const host = new SmallHost(hostConfig(3));
    for (let i = 0; i < 4; i++) {
      host.add({
        vcpus: 2,
        utilisation: 0.9,
        input: { emulator: 123_457 },
        work: { wakeupsPerSecond: 5000 },
      });
    }
    host.play(5);
    const ran = host.guests.reduce(
      (sum, { machine, places }) => sum + readGuestTime(machine, places, host.nowMs),
      0,
    );
    const busy = [0, 1, 2].map((pcpu) => host.cpu.busyNs(pcpu, host.nowMs));
    expect(ran).toBe(busy.reduce((sum, ns) => sum + ns));
    expect(Math.max(...busy)).toBeLessThanOrEqual(host.nowMs * NS_PER_MS);
  });
});

describe('A1.2 all guests CPU-bound at twice what there is', () => {
  it('each vCPU of equal guests waits half of its time', () => {
    const host = crowd(2, {}, {}, 4);
    for (const guest of host.guests) {
      for (let vcpu = 0; vcpu < 4; vcpu++) {
        const [run, steal] = parts(guest, vcpu, host.nowMs);
        expect(steal! / (run! + steal!)).toBeCloseTo(0.5, 4);
      }
    }
  });

  it('shares of 2048 to 1024 run two to one', () => {
    const host = new SmallHost(hostConfig(4));
    const heavy = host.add({ vcpus: 4, tuning: { shares: 2048 } });
    const light = host.add({ vcpus: 4 });
    host.play(10);
    expect(heavy.sum('running', host.nowMs) / light.sum('running', host.nowMs)).toBeCloseTo(2, 3);
  });
});

describe('A1.3 a host that is not overcommitted', () => {
  it('steals nothing, and no yield finds anybody to yield to', () => {
    const host = crowd(1, { work: { lockShare: 0.3, wakeupsPerSecond: 100 } });
    const [guest] = host.guests;
    expect(guest!.steal(host.nowMs)).toBe(0);
    expect(guest!.sum('spin', host.nowMs)).toBeGreaterThan(0);
    expect(guest!.sum('pauseYieldsAttempted', host.nowMs)).toBeGreaterThan(0);
    expect(guest!.sum('pauseYieldsSuccessful', host.nowMs)).toBe(0);
  });

  it('exits only with the logarithm of the spin time when the window grows, and in step with it when not', () => {
    const exits = (ticks: number, grow: number): number => {
      const host = new SmallHost(hostConfig(16, 'modern', { pleWindowGrow: grow }));
      const guest = host.add({ vcpus: 16, work: { lockShare: 0.05 } });
      host.play(ticks);
      return guest.sum('pauseExits', host.nowMs) / 16;
    };
    const [after4, after32, after256] = [4, 32, 256].map((ticks) => exits(ticks, 2));
    // Eight times the spin time is three more doublings.
    expect(Math.abs(after32! - after4! - 3)).toBeLessThanOrEqual(1);
    expect(Math.abs(after256! - after32! - 3)).toBeLessThanOrEqual(1);
    expect(exits(32, 0) / exits(4, 0)).toBeCloseTo(8, 1);
  });
});

describe('A1.4 twice overcommitted', () => {
  it('lock-heavy guests do more with pause-loop exiting, spin at least 90 % less, exit more, and run as long', () => {
    const options = { work: WORK_PROFILES.contended };
    const off = crowd(2, options, OFF).guests[0]!;
    const on = crowd(2, options).guests[0]!;
    const at = 10_000;
    expect(on.sum('work', at)).toBeGreaterThan(off.sum('work', at));
    expect(on.sum('spin', at)).toBeLessThan(0.1 * off.sum('spin', at));
    const exits = (guest: SmallGuest) => readExits(guest.machine, guest.places, 0, at).total;
    expect(exits(on)).toBeGreaterThan(exits(off));
    expect(on.sum('running', at) / off.sum('running', at)).toBeCloseTo(1, 2);
    expect(on.sum('pauseYieldsSuccessful', at)).toBeGreaterThan(0);
  });

  it('the pause filter of AMD does it too, and sleeping instead of yielding does less', () => {
    const options = { work: WORK_PROFILES.contended };
    const off = work(crowd(2, options, OFF));
    const filter = work(crowd(2, options, { hardware: 'pause-filter' }));
    const sleeping = work(crowd(2, options, { onExit: 'sleep' }));
    expect(filter).toBeGreaterThan(off);
    expect(sleeping).toBeGreaterThan(off);
    expect(work(crowd(2, options))).toBeGreaterThan(sleeping);
  });

  it('guests without locks work the same to 1 %, also beside lock-heavy ones', () => {
    const beside = (pauseLoop: Partial<PauseLoopConfig>): number => {
      const host = new SmallHost(hostConfig(16, 'modern', pauseLoop));
      host.add({ vcpus: 16, work: { lockShare: 0.2 } });
      const free = host.add({ vcpus: 16 });
      return host.play(10) && free.sum('work', host.nowMs);
    };
    expect(Math.abs(beside({}) / beside(OFF) - 1)).toBeLessThan(0.01);
  });

  it('a guest with one vCPU sees no difference at all', () => {
    const run = (pauseLoop: Partial<PauseLoopConfig>): Float64Array => {
      const host = new SmallHost(hostConfig(1, 'modern', pauseLoop));
      for (let i = 0; i < 2; i++) host.add({ work: { lockShare: 0.5, wakeupsPerSecond: 100 } });
      return host.play(10).guests[0]!.machine.numbers;
    };
    expect(run({})).toEqual(run(OFF));
  });
});

describe('A1.5 the gain of pause-loop exiting', () => {
  it('rises with overcommitment and with the share of locks, and is nothing without locks', () => {
    const byCrowd = [1, 2, 3, 4].map((overcommit) => gain(overcommit, 0.02));
    const byLocks = [0.001, 0.01, 0.05, 0.2].map((lockShare) => gain(2, lockShare));
    for (const gains of [byCrowd, byLocks]) {
      expect([...gains].sort((a, b) => a - b)).toEqual(gains);
      expect(new Set(gains).size).toBe(gains.length);
    }
    expect(gain(4, 0)).toBe(0);
  });

  it('is 1 to 15 % for a kernel build at twice, and more for threads that fight for locks', () => {
    for (const vcpus of [8, 16, 32]) {
      const build = gain(2, WORK_PROFILES.build.lockShare, vcpus);
      expect(build).toBeGreaterThan(0.01);
      expect(build).toBeLessThan(0.15);
      expect(gain(2, WORK_PROFILES.contended.lockShare, vcpus)).toBeGreaterThan(build);
    }
  });
});

describe('A1.6 the detector switched off', () => {
  it.each([
    ['ple_gap = 0', OFF],
    ['pause_filter_count = 0', { hardware: 'pause-filter', pauseFilterCount: 0 }],
    ['no such hardware', { hardware: 'none' }],
  ] as const)('%s: no pause exit, no yield', (_, pauseLoop) => {
    const host = crowd(3, { work: WORK_PROFILES.contended }, pauseLoop);
    expect(host.guests[0]!.sum('pauseExits', host.nowMs)).toBe(0);
    expect(host.guests[0]!.sum('pauseYieldsAttempted', host.nowMs)).toBe(0);
  });

  it('and no more yields succeed than are tried', () => {
    for (const overcommit of [1, 2, 5]) {
      for (const vcpus of [2, 4, 16]) {
        const host = crowd(overcommit, { work: WORK_PROFILES.contended }, {}, vcpus);
        const [guest] = host.guests;
        expect(guest!.sum('pauseYieldsSuccessful', host.nowMs)).toBeLessThanOrEqual(
          guest!.sum('pauseYieldsAttempted', host.nowMs),
        );
      }
    }
  });
});

describe('A1.7 a quota', () => {
  it('holds a CPU-bound vCPU at quota / period, throttled in every period, and run + throttled is the time', () => {
    const host = new SmallHost(hostConfig(4));
    const guest = host.add({ tuning: { quotaUs: 25_000, periodUs: 100_000 } });
    host.play(10);
    const read = (field: Parameters<SmallGuest['sum']>[0]) => guest.sum(field, host.nowMs);
    expect(read('periods')).toBe(100);
    expect(read('throttledPeriods')).toBe(100);
    expect(read('running')).toBe(2_500 * NS_PER_MS);
    expect(read('running') + read('throttled')).toBe(host.nowMs * NS_PER_MS);
    expect(guest.steal(host.nowMs)).toBe(read('throttled'));
  });

  it('throttles nobody who stays below it, and counts no period of one who is idle', () => {
    const host = new SmallHost(hostConfig(4));
    const below = host.add({ utilisation: 0.2, tuning: { quotaUs: 25_000 } });
    const idle = host.add({ utilisation: 0, tuning: { quotaUs: 25_000 } });
    host.play(7, 130);
    expect(below.sum('periods', host.nowMs)).toBe(9);
    expect(below.sum('throttledPeriods', host.nowMs) + below.steal(host.nowMs)).toBe(0);
    expect(idle.sum('periods', host.nowMs)).toBe(0);
  });
});

describe('A1.8 halt polling', () => {
  const run = (profile: 'rhel6' | 'modern', wakeupsPerSecond: number, crowded = false): SmallHost => {
    const host = new SmallHost(hostConfig(2, profile));
    host.add({ utilisation: 0.1, work: { wakeupsPerSecond } });
    if (crowded) host.add({ vcpus: 4 });
    return host.play(10);
  };

  it('does not exist in the old kernel', () => {
    const host = run('rhel6', 20_000);
    expect(host.guests[0]!.sum('haltSuccessfulPoll', host.nowMs)).toBe(0);
    expect(host.guests[0]!.sum('haltExits', host.nowMs)).toBeGreaterThan(0);
  });

  it('succeeds for wakeups closer than 200 us, and takes host CPU time that the guest does not see', () => {
    const close = run('modern', 20_000);
    const far = run('modern', 100);
    const at = 10_000;
    const successes = (host: SmallHost) => host.guests[0]!.sum('haltSuccessfulPoll', at);
    expect(successes(close)).toBeGreaterThan(0.9 * close.guests[0]!.sum('haltExits', at));
    expect(successes(far)).toBeLessThan(0.001 * far.guests[0]!.sum('haltExits', at) + 1);
    const busy = (host: SmallHost) => host.cpu.busyNs(0, at) + host.cpu.busyNs(1, at);
    expect(busy(close)).toBeGreaterThan(5 * busy(far));
    const { machine, places } = close.guests[0]!;
    expect(readVcpu(machine, places, 0, 'running', at)).toBe(1000 * NS_PER_MS);
    const polled = readThreadTime(machine, places, 0, at) - 1000 * NS_PER_MS;
    expect(polled).toBe(
      readVcpu(machine, places, 0, 'haltPollSuccess', at) + readPollFail(machine, places, 0, at),
    );
    expect(readPollFail(machine, places, 0, at)).toBeGreaterThanOrEqual(0);
  });

  it('stops when another task wants the pCPU', () => {
    const host = run('modern', 20_000, true);
    const [guest] = host.guests;
    expect(guest!.sum('haltAttemptedPoll', host.nowMs)).toBeGreaterThan(0);
    expect(guest!.sum('haltSuccessfulPoll', host.nowMs)).toBe(0);
  });
});
