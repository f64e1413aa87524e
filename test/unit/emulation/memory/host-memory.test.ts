import { describe, expect, it } from 'vitest';
import { lastUpdateMs, stallShare } from '../../../../agent/emulation/memory/guest-read.ts';
import { GIB, type LabGuest, KIB_PER_MIB as M, MemoryLaboratory } from './memory-laboratory.ts';

describe('A3.2 memory of a host', () => {
  it('is host use + guests + free, and what one balloon takes is free for others', () => {
    const lab = new MemoryLaboratory();
    const a = lab.start({}, 2 * GIB, GIB);
    lab.start({}, 2 * GIB, GIB);
    a.work.anonKiB = 1700 * M;
    lab.run(5);
    a.work.anonKiB = 512 * M;
    lab.run(3);
    expect(lab.lost).toBe(0);
    const { free } = lab.host.pages;
    a.setTarget(GIB);
    lab.run(5);
    expect(lab.host.pages.free - free).toBe(GIB / 4);
    expect(lab.lost).toBe(0);
  });

  it('gives nothing back for balloon pages that the guest had never touched', () => {
    const lab = new MemoryLaboratory();
    const guest = lab.start({}, 2 * GIB, 256 * M);
    lab.run(2);
    const { free } = lab.host.pages;
    guest.setTarget(GIB);
    lab.run(5);
    expect(guest.currentKiB).toBe(GIB);
    expect(lab.host.pages.free).toBe(free);
  });

  it('takes everything back when a guest ends', () => {
    const lab = new MemoryLaboratory({ swapKiB: GIB });
    const { free, swapFree } = lab.host.pages;
    const guest = lab.start({}, 2 * GIB, GIB);
    lab.run(3);
    expect(lab.host.pages.free).toBeLessThan(free);
    guest.end();
    expect(lab.host.pages).toMatchObject({ free, swapFree });
  });
});

describe('free page reporting', () => {
  it('takes rss down without changing what the guest has', () => {
    const lab = new MemoryLaboratory();
    const guest = lab.start({ freePageReporting: true }, 2 * GIB, 1500 * M);
    lab.run(2);
    guest.work.anonKiB = 200 * M;
    lab.run(3);
    const { kernel, processes, cache } = guest.pages;
    const inUse = kernel + processes + cache + guest.memory.emulatorPages;
    expect(guest.rssKiB / 4 - inUse).toBeLessThan(512);
    expect(guest.events.reportedPages).toBeGreaterThan((1200 * M) / 4);
    expect([guest.actual, guest.currentKiB]).toEqual([0, 2 * GIB]);
    expect(lab.lost).toBe(0);
  });
});

describe('a host without enough memory', () => {
  function crowded(swapKiB: number): { lab: MemoryLaboratory; guests: LabGuest[] } {
    const lab = new MemoryLaboratory({ nodesKiB: [5 * GIB], swapKiB, reserveShare: 0.01 });
    const guests = [lab.start(), lab.start(), lab.start()];
    for (const guest of guests) guest.work.anonKiB = 1500 * M;
    return { lab, guests };
  }

  it('swaps guests, and they wait for their pages', () => {
    const { lab, guests } = crowded(4 * GIB);
    lab.run(60);
    expect(lab.consequences).toEqual([]);
    for (const guest of guests) {
      expect(guest.events.hostSwapOuts).toBeGreaterThan(0);
      expect(guest.events.hostSwappedPages).toBe(guest.events.hostSwapOuts - guest.events.hostSwapIns);
      expect(guest.pages.processes).toBe((1500 * M) / 4);
    }
    expect(guests.some(({ machine, part }) => stallShare(machine, part) > 0)).toBe(true);
    const swapped = guests.reduce((sum, guest) => sum + guest.events.hostSwappedPages, 0);
    const { swapTotal, swapFree } = lab.host.pages;
    expect(swapTotal - swapFree).toBe(swapped);
    expect(lab.lost).toBe(0);
  });

  it('kills the largest guest when it cannot swap', () => {
    const { lab, guests } = crowded(0);
    const [first, , third] = guests;
    for (const late of [first!, third!]) late.work.anonKiB = 0;
    lab.run(1);
    for (const late of [first!, third!]) late.work.anonKiB = 1500 * M;
    lab.run(3);
    expect(lab.consequences[0]).toEqual({ kind: 'host-oom-kill', guest: 1, constrained: false });
    guests[1]!.end();
    lab.consequences.length = 0;
    lab.run(5);
    expect(lab.consequences).toEqual([]);
    expect(lab.host.oomKills).toBe(1);
    expect(lab.lost).toBe(0);
  });

  it('never swaps locked memory', () => {
    const lab = new MemoryLaboratory({ nodesKiB: [5 * GIB], swapKiB: 4 * GIB, reserveShare: 0.01 });
    const locked = lab.start({ backing: 'locked' });
    const other = lab.start({ maximumKiB: 3 * GIB });
    other.work.anonKiB = 2500 * M;
    lab.run(30);
    expect(locked.events.hostSwapOuts).toBe(0);
    expect(locked.rssKiB / 4).toBe(locked.memory.maximumPages + locked.memory.emulatorPages);
    expect(other.events.hostSwapOuts).toBeGreaterThan(0);
  });

  it('shows its pressure', () => {
    const lab = new MemoryLaboratory({ nodesKiB: [10 * GIB], hostUseKiB: GIB });
    const levels = [lab.host.pressure];
    for (let i = 0; i < 4; i++) {
      lab.start({ backing: 'locked', maximumKiB: 2200 * M });
      levels.push(lab.host.pressure);
    }
    expect(levels).toEqual(['none', 'none', 'none', 'none', 'critical']);
  });
});

describe('huge pages', () => {
  const pools = [{ sizeKiB: 2048, perNode: [1500] }];

  it('come from the pool and go back; without enough of them the guest does not start', () => {
    const lab = new MemoryLaboratory({ hugePages: pools });
    const { free } = lab.host.pages;
    const guest = lab.start({ backing: 'hugepages' });
    expect(lab.host.huge.pools).toEqual([{ sizeKiB: 2048, total: [1500], free: [1500 - 1024] }]);
    expect(guest.onNodes).toEqual([GIB / 2 + guest.memory.emulatorPages]);
    // Linux counts huge pages of a pool in no process's resident memory.
    expect(guest.rssKiB).toBe(4 * guest.memory.emulatorPages);
    expect(() => lab.start({ backing: 'hugepages' })).toThrow(
      'needs 1024 pages of 2048 KiB, and host nodes 0 have 476 free',
    );
    expect(lab.lost).toBe(0);
    guest.end();
    expect(lab.host.pages.free).toBe(free);
    expect(lab.host.huge.freeOn(2048, [0])).toBe(1500);
  });

  it('stay with the guest whatever its balloon does', () => {
    const lab = new MemoryLaboratory({ hugePages: pools });
    const guest = lab.start({ backing: 'hugepages' });
    lab.run(2);
    const { free } = lab.host.pages;
    guest.setTarget(GIB);
    lab.run(4);
    expect(guest.currentKiB).toBe(GIB);
    expect(lab.host.pages.free).toBe(free);
    expect(lab.host.huge.freeOn(2048, [0])).toBe(476);
  });

  it('are looked for on the nodes of a strict policy only', () => {
    const lab = new MemoryLaboratory({
      nodesKiB: [8 * GIB, 8 * GIB],
      hugePages: [{ sizeKiB: 2048, perNode: [1500, 100] }],
    });
    const numatune = { mode: 'strict', nodeset: [1], memnodes: [] } as const;
    expect(() => lab.start({ backing: 'hugepages', numatune })).toThrow(/host nodes 1 have 100 free/);
    lab.start({ backing: 'hugepages', numatune: { ...numatune, mode: 'preferred' } });
    expect(lab.host.huge.pools[0]!.free).toEqual([1500 - 924, 0]);
  });
});

describe('putting a host back', () => {
  it('gives the same course again', () => {
    const lab = new MemoryLaboratory({ nodesKiB: [3 * GIB, 3 * GIB], swapKiB: GIB }, { run: 1 });
    const guests = [1, 2].map(() => lab.start({ ksm: { content: 'os', share: 0.3 } }, GIB));
    for (const guest of guests) guest.work.anonKiB = 1200 * M;
    lab.run(5);
    const host = lab.host.snapshot();
    const numbers = guests.map(({ machine }) => machine.numbers.slice());
    const course = () => {
      lab.run(5);
      return JSON.stringify([
        lab.host.pages,
        lab.host.ksm.counters,
        guests.map(({ pages, events }) => [pages, events]),
      ]);
    };
    const first = course();
    lab.rewind(5000);
    lab.host.restore(host);
    guests.forEach(({ machine }, i) => {
      machine.numbers.set(numbers[i]!);
    });
    expect(course()).toBe(first);
    expect(lastUpdateMs(guests[0]!.machine, guests[0]!.part)).toBeUndefined();
  });
});
