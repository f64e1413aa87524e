import { describe, expect, it } from 'vitest';
import { distinctPages, KSM_DEFAULTS, scanRate } from '../../../../agent/emulation/memory/ksm.ts';
import { GIB, KIB_PER_MIB as M, MemoryLaboratory } from './memory-laboratory.ts';

const running = { run: 1, pagesToScan: 1000, contentPages: 20_000 } as const;
const ksm = { content: 'rhel6', share: 0.1 };

describe('KSM', () => {
  it('scans 5000 pages a second with its defaults, and none while it does not run', () => {
    expect(scanRate({ ...KSM_DEFAULTS, run: 1 }, 1000)).toBe(5000);
    expect(scanRate(KSM_DEFAULTS, 1000)).toBe(0);
  });

  it('keeps one copy of each different page', () => {
    expect(distinctPages(1000, 1, 400)).toBe(400);
    expect(distinctPages(1000, 2, 2000)).toBe(1000);
    expect(distinctPages(1000, 2, 1000)).toBe(750);
    expect(distinctPages(1000, 0, 0)).toBe(0);
  });

  it('frees what guests have in common, and rss does not show it', () => {
    const lab = new MemoryLaboratory({}, running);
    const guests = [1, 2, 3].map(() => lab.start({ ksm }, 2 * GIB, GIB));
    const rss = guests[0]!.rssKiB;
    const { free } = lab.host.pages;
    lab.run(60);
    const { pagesShared, pagesSharing, fullScans } = lab.host.ksm.counters;
    expect(fullScans).toBeGreaterThan(1);
    expect(pagesSharing).toBeGreaterThan(30_000);
    // All of the content, and what the last scan found and the host has not yet got back.
    expect(pagesShared).toBeGreaterThanOrEqual(20_000);
    expect(pagesShared).toBeLessThan(20_100);
    expect(guests.reduce((sum, guest) => sum + guest.events.mergedPages, 0)).toBe(pagesShared + pagesSharing);
    expect(lab.host.pages.free - free).toBe(pagesSharing);
    expect(guests[0]!.rssKiB).toBe(rss);
    expect(lab.lost).toBe(0);
  });

  it('saves nothing for one guest alone, and gives copies back when guests end', () => {
    const lab = new MemoryLaboratory({}, running);
    const { free } = lab.host.pages;
    const guest = lab.start({ ksm }, 2 * GIB, 512 * M);
    lab.run(30);
    expect(lab.host.ksm.counters.pagesSharing).toBe(0);
    expect(lab.host.ksm.counters.pagesShared).toBeGreaterThan(0);
    guest.end();
    lab.run(1);
    expect(lab.host.ksm.counters).toMatchObject({ pagesShared: 0, pagesSharing: 0 });
    expect(lab.host.pages.free).toBe(free);
  });

  it('gives writers pages of their own again', () => {
    const merged = [0.001, 0.2].map((breakShare) => {
      const lab = new MemoryLaboratory({}, { ...running, breakShare });
      const guests = [1, 2].map(() => lab.start({ ksm }, 2 * GIB, GIB));
      lab.run(60);
      expect(lab.lost).toBe(0);
      return guests[0]!.events.mergedPages;
    });
    expect(merged[1]!).toBeLessThan(merged[0]! * 0.8);
  });

  it('does nothing while it is off', () => {
    const lab = new MemoryLaboratory();
    lab.start({ ksm }, 2 * GIB, GIB);
    lab.run(30);
    expect(lab.host.ksm.counters).toMatchObject({ pagesShared: 0, pagesSharing: 0, fullScans: 0 });
  });
});
