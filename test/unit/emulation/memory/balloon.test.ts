import { describe, expect, it } from 'vitest';
import {
  balloonStep,
  effectiveXenTarget,
  pagesAfter,
  requestsFor,
} from '../../../../agent/emulation/memory/balloon.ts';
import { resetMemory } from '../../../../agent/emulation/memory/guest-process.ts';
import {
  BALLOON_STATISTICS,
  lastUpdateMs,
  readBalloonStatistic,
  targetPages,
} from '../../../../agent/emulation/memory/guest-read.ts';
import { GIB, type LabGuest, KIB_PER_MIB as M, MemoryLaboratory } from './memory-laboratory.ts';

function statistics({ machine, part, memory }: LabGuest): (number | undefined)[] {
  return BALLOON_STATISTICS.map((name) => readBalloonStatistic(machine, part, memory, name));
}

describe('balloon requests', () => {
  it('move whole pages, the last request the rest', () => {
    expect([requestsFor(0, 256), requestsFor(256, 256), requestsFor(257, 256)]).toEqual([0, 1, 2]);
    expect([0, 1, 2, 3].map((done) => pagesAfter(done, 300, 256))).toEqual([0, 256, 300, 300]);
  });

  it('are as many as the driver can do in the time', () => {
    expect(balloonStep(100_000, 0, 256, 100, 1000)).toBe(25_600);
    expect(balloonStep(0, 100_000, 256, 100, 500)).toBe(-12_800);
    expect(balloonStep(10, 4, 256, 100, 1000)).toBe(6);
  });

  it('of Xen bring back only what was taken out', () => {
    expect(effectiveXenTarget(900, 500, 100)).toBe(600);
    expect(effectiveXenTarget(550, 500, 100)).toBe(550);
  });
});

describe('A3.1 a target below the current memory', () => {
  it('is reached in requests of 256 pages, and current = maximum - 4 KiB * actual all the way', () => {
    const lab = new MemoryLaboratory();
    const guest = lab.start({}, 2 * GIB, 512 * M);
    lab.run(2);
    guest.setTarget(GIB + 100);
    const wanted = (GIB - 100) / 4;
    let last = 0;
    let requests = 0;
    lab.plan();
    const begun = lab.nowMs;
    for (let at = begun; at <= begun + 1000; at++) {
      lab.nowMs = at;
      const { actual } = guest;
      const done = guest.events.inflateRequests - requests;
      expect(actual - last).toBeLessThanOrEqual(256 * done);
      expect(actual).toBeGreaterThanOrEqual(last);
      expect(guest.currentKiB).toBe(2 * GIB - 4 * actual);
      last = actual;
      requests += done;
    }
    expect(last).toBe(256_000);
    lab.run(1);
    expect([guest.actual, guest.currentKiB]).toEqual([wanted, GIB + 100]);
    expect(guest.events.inflateRequests).toBe(Math.ceil(wanted / 256));
  });

  it('makes the guest swap only when free memory and caches are used up', () => {
    const lab = new MemoryLaboratory();
    const guest = lab.start({}, 2 * GIB, GIB);
    guest.work.filePages = 20_000;
    lab.run(20);
    const before = guest.pages;
    expect(before.cache).toBeGreaterThan(guest.memory.cacheFloorPages);
    // Down to what kernel and processes use and the floors of cache and free memory.
    const { watermarkPages, cacheFloorPages } = guest.memory;
    guest.work.filePages = 0;
    guest.setTarget(4 * (before.kernel + before.processes + watermarkPages + cacheFloorPages));
    lab.run(10);
    expect(guest.pages).toMatchObject({ swapped: 0, free: watermarkPages, cache: cacheFloorPages });
    expect(guest.events.balloonRetries).toBe(0);
    guest.setTarget(guest.currentKiB - 100 * M);
    lab.run(10);
    expect(guest.pages.swapped).toBe(25 * 1024);
    expect(guest.events.balloonRetries).toBeGreaterThan(0);
    expect(guest.events.balloonRetries % 5).toBe(0);
    expect(guest.events.oomKills).toBe(0);
  });

  it('tells of each change of the current memory once a tick, and of the last exactly', () => {
    const lab = new MemoryLaboratory();
    const guest = lab.start({}, 2 * GIB, 512 * M);
    guest.setTarget(GIB - 300 * M);
    lab.run(5);
    expect(lab.consequences.map((one) => one.kind === 'balloon-change' && one.currentKiB)).toEqual([
      2 * GIB - 1000 * M,
      GIB - 300 * M,
    ]);
  });
});

describe('a tick that is cut short', () => {
  it('leaves the balloon where its requests had come, and the guest in balance', () => {
    const lab = new MemoryLaboratory();
    const guest = lab.start({}, 2 * GIB, 512 * M);
    guest.setTarget(GIB);
    lab.plan();
    lab.nowMs += 333;
    const { actual } = guest;
    expect(actual).toBe(333 * 256);
    guest.pause();
    lab.nowMs += 5000;
    expect(guest.actual).toBe(actual);
    const { kernel, processes, cache, free, total } = guest.pages;
    expect(kernel + processes + cache + free).toBe(total);
  });
});

describe('A3.3 a guest without a driver', () => {
  it('keeps all its memory whatever the target', () => {
    const lab = new MemoryLaboratory();
    const guest = lab.start({ balloonDriver: false }, 2 * GIB, 512 * M);
    guest.setTarget(512 * M);
    lab.run(5);
    expect(targetPages(guest.machine, guest.part)).toBe((1536 * M) / 4);
    expect([guest.actual, guest.currentKiB]).toEqual([0, 2 * GIB]);
  });

  it('does so while its system boots, too', () => {
    const lab = new MemoryLaboratory();
    const guest = lab.start({}, GIB);
    guest.work.up = false;
    lab.run(3);
    expect(guest.actual).toBe(0);
    guest.work.up = true;
    lab.run(3);
    expect(guest.currentKiB).toBe(GIB);
  });

  it('or without a device refuses a target, and so does one above the maximum', () => {
    const lab = new MemoryLaboratory();
    expect(() => lab.start({ balloonModel: 'none' }).setTarget(GIB)).toThrow(/no balloon device/);
    expect(() => lab.start().setTarget(2 * GIB + 1)).toThrow(/from 1 KiB to the maximum memory, 2097152 KiB/);
  });
});

describe('A3.3 DEFLATE_ON_OOM', () => {
  function starved(autodeflate: boolean): { lab: MemoryLaboratory; guest: LabGuest } {
    const lab = new MemoryLaboratory();
    const guest = lab.start({ autodeflate, guestSwapKiB: 0 }, GIB, 256 * M);
    lab.run(2);
    expect(guest.currentKiB).toBe(GIB);
    guest.work.anonKiB = 1300 * M;
    lab.run(10);
    return { lab, guest };
  }

  it('on: pressure takes actual below num_pages, and no process dies', () => {
    const { lab, guest } = starved(true);
    expect(guest.actual).toBeLessThan(GIB / 4);
    expect(guest.actual).toBeGreaterThan(0);
    expect(guest.events.oomKills).toBe(0);
    expect(guest.pages.processes).toBe((1300 * M) / 4);
    expect(lab.consequences.some(({ kind }) => kind === 'guest-oom')).toBe(false);
  });

  it('off: actual stays, and processes die', () => {
    const { lab, guest } = starved(false);
    expect(guest.actual).toBe(GIB / 4);
    expect(guest.events.oomKills).toBeGreaterThan(0);
    const kills = lab.consequences.filter(({ kind }) => kind === 'guest-oom');
    expect(kills).toHaveLength(guest.events.oomKills);
  });

  it('a guest that panics on OOM says so and kills nothing', () => {
    const lab = new MemoryLaboratory();
    const guest = lab.start({ panicOnOom: true, guestSwapKiB: 0 });
    guest.work.anonKiB = 3 * GIB;
    lab.run(6);
    expect(lab.consequences[0]).toEqual({ kind: 'guest-panic', guest: 0 });
    expect(guest.events.oomKills).toBe(0);
  });
});

describe('balloon statistics', () => {
  it('are absent, not 0, until the guest has sent some', () => {
    const lab = new MemoryLaboratory();
    const quiet = lab.start();
    const rhel6Host = lab.start({ statsPeriodSeconds: 5, hostProfile: 'rhel6' });
    const driverless = lab.start({ statsPeriodSeconds: 5, balloonDriver: false });
    const booting = lab.start({ statsPeriodSeconds: 5 });
    booting.work.up = false;
    lab.run(10);
    for (const guest of [quiet, rhel6Host, driverless, booting]) {
      expect(statistics(guest)).toEqual(BALLOON_STATISTICS.map(() => undefined));
      expect(lastUpdateMs(guest.machine, guest.part)).toBeUndefined();
    }
  });

  it('are those of the last poll, in KiB', () => {
    const lab = new MemoryLaboratory();
    const guest = lab.start({ statsPeriodSeconds: 5, guestHugePages: 10 }, 2 * GIB, 512 * M);
    lab.run(6);
    expect(lastUpdateMs(guest.machine, guest.part)).toBe(5000);
    const { free, cache, total } = guest.pages;
    const [swapIn, swapOut, major, minor, unused, available, usable, caches, alloc, failed] =
      statistics(guest);
    expect([swapIn, swapOut, major, unused, available, caches]).toEqual([
      0,
      0,
      0,
      4 * free,
      4 * total,
      4 * cache,
    ]);
    expect([alloc, failed]).toEqual([10, 0]);
    expect(minor).toBe(5 * 400);
    expect(usable).toBe(4 * (free + cache - guest.memory.watermarkPages - guest.memory.cacheFloorPages));
    guest.work.anonKiB = GIB;
    lab.run(3);
    expect(statistics(guest)[4]).toBe(4 * free);
    lab.run(3);
    expect(statistics(guest)[4]).toBe(4 * guest.pages.free);
  });

  it('of a RHEL 6 guest end with the total, and its minor faults count all', () => {
    const lab = new MemoryLaboratory();
    const guest = lab.start({ statsPeriodSeconds: 1, guestProfile: 'rhel6' }, 2 * GIB, 512 * M);
    lab.run(2);
    guest.work.anonKiB = 4 * GIB;
    lab.run(20);
    const [, , major, minor, , available, ...later] = statistics(guest);
    expect(later).toEqual([undefined, undefined, undefined, undefined]);
    expect(available).toBe(2 * GIB);
    expect(major).toBeGreaterThan(0);
    expect(minor! - major!).toBe(20 * 400 + 400);
  });

  it('are gone when the guest starts again, and so is its balloon', () => {
    const lab = new MemoryLaboratory();
    const guest = lab.start({ statsPeriodSeconds: 1 }, GIB, 512 * M);
    lab.run(3);
    expect(statistics(guest)[5]).toBe(GIB);
    lab.plan();
    guest.pause();
    resetMemory(guest.machine, guest.part, guest.memory);
    expect(statistics(guest)).toEqual(BALLOON_STATISTICS.map(() => undefined));
    expect(guest.currentKiB).toBe(2 * GIB);
    guest.running = true;
    lab.run(3);
    expect(guest.currentKiB).toBe(GIB);
    expect(lab.lost).toBe(0);
  });
});
