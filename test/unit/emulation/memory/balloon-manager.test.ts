import { describe, expect, it } from 'vitest';
import {
  BALLOON_MANAGER_DEFAULTS,
  isTurn,
  nextTarget,
} from '../../../../agent/emulation/memory/balloon-manager.ts';
import { GIB, KIB_PER_MIB as M, MemoryLaboratory } from './memory-laboratory.ts';

const config = BALLOON_MANAGER_DEFAULTS;

describe('the balloon manager', () => {
  it('goes down in steps under pressure, to what the guest uses with headroom', () => {
    expect(nextTarget(config, 0.1, 1000, 400, 1000)).toBe(950);
    expect(nextTarget(config, 0.1, 520, 400, 1000)).toBe(500);
    expect(nextTarget(config, 0.1, 500, 400, 1000)).toBe(500);
    expect(nextTarget(config, 0.1, 260, 10, 1000)).toBe(250);
  });

  it('goes up again without pressure, to the memory at start', () => {
    expect(nextTarget(config, 0.5, 500, 400, 1000)).toBe(550);
    expect(nextTarget(config, 0.5, 980, 400, 1000)).toBe(1000);
  });

  it('leaves alone what is nearly right, but gives all of it back at last', () => {
    expect(nextTarget(config, 0.1, 50_010, 40_000, 100_000)).toBe(50_010);
    expect(nextTarget(config, 0.1, 50_300, 40_000, 100_000)).toBe(50_000);
    expect(nextTarget(config, 0.5, 99_999, 40_000, 100_000)).toBe(100_000);
  });

  it('gives a guest that needs more than it has some of it back even under pressure', () => {
    expect(nextTarget(config, 0.1, 500, 600, 1000)).toBe(550);
  });

  it('looks at each guest once in an interval, whatever the tick', () => {
    for (const spanMs of [100, 1000, 3000]) {
      for (const turn of [0, 1, 9_999, 123_456_789]) {
        let turns = 0;
        for (let now = 0; now < 60_000; now += spanMs) if (isTurn(config, turn, now, spanMs)) turns++;
        expect(turns).toBe(6);
      }
    }
    expect(isTurn({ ...config, enabled: false }, 0, 0, 1000)).toBe(false);
  });

  it('brings a host out of pressure and lets guests grow back after it', () => {
    const lab = new MemoryLaboratory({ nodesKiB: [5 * GIB] });
    const guests = [1, 2].map(() => lab.start({}, 2 * GIB, 1700 * M));
    let least = 2 * GIB;
    const manage = (ticks: number) => {
      for (let i = 0; i < ticks; i++) {
        for (const [turn, guest] of guests.entries()) {
          if (!isTurn(config, turn * 5000, lab.nowMs, 1000)) continue;
          const { total, kernel, processes } = guest.pages;
          guest.setTarget(4 * nextTarget(config, lab.host.freeShare, total, kernel + processes, GIB / 2));
        }
        lab.run(1);
        least = Math.min(least, ...guests.map(({ currentKiB }) => currentKiB));
      }
    };
    lab.run(2);
    for (const guest of guests) guest.work.anonKiB = 600 * M;
    expect(lab.host.freeShare).toBeLessThan(0.2);
    manage(200);
    expect(lab.host.freeShare).toBeGreaterThanOrEqual(0.2);
    expect(least).toBeLessThan(1900 * M);
    expect(least).toBeGreaterThan(600 * M);
    guests.pop()!.end();
    manage(300);
    expect(guests[0]!.currentKiB).toBe(2 * GIB);
  });
});
