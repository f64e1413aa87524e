import { describe, expect, it } from 'vitest';
import { crossesEvent, inFlight, ringIndex, ringOctets } from '../../../../agent/emulation/net/ring.ts';
import {
  notificationsPerSleep,
  sleepsPerBurst,
  steadyCycle,
} from '../../../../agent/emulation/net/wake-ups.ts';

const US = 1000;

describe('notifications', () => {
  it('A2.3 a burst from an idle ring: 1 + floor(S / (tp + x)) with flags, capped by the burst, 1 with EVENT_IDX', () => {
    const kicks = (eventIdx: boolean, wake: number, burst = 1000) =>
      notificationsPerSleep(eventIdx, 1e9, burst, 1 * US, wake * US, 2 * US);
    expect([5, 20, 50].map((wake) => kicks(false, wake))).toEqual([2, 7, 17]);
    expect([5, 20, 50].map((wake) => kicks(true, wake))).toEqual([1, 1, 1]);
    expect(kicks(false, 50, 10)).toBe(10);
  });

  it('a steady producer: the figures of the derivation', () => {
    const flags = steadyCycle(false, 2 * US, 1 * US, 10 * US, 2 * US);
    const event = steadyCycle(true, 2 * US, 1 * US, 10 * US, 2 * US);
    expect(flags.notifications / flags.entries).toBe(0.75);
    expect(event.notifications / event.entries).toBe(0.125);
    expect(Math.round((flags.entries / flags.ns) * 1e6)).toBe(286);
    expect(Math.round((event.entries / event.ns) * 1e6)).toBe(444);
  });

  it('a consumer sleeps once after each burst that it has time for, and never when it is too slow', () => {
    const sleeps = (interval: number) => sleepsPerBurst(interval * US, 10, 1 * US, 2 * US, 20 * US);
    expect([100, 41, 40, 30, 25, 21, 20, 10].map(sleeps)).toEqual([1, 1, 1, 0.5, 0.25, 0.05, 0, 0]);
  });

  it('a fast consumer sleeps several times in a long burst', () => {
    expect(sleepsPerBurst(1e9, 64, 2 * US, 1 * US, 8 * US)).toBe(8);
  });
});

describe('a ring', () => {
  it('has 16-bit indexes that run freely', () => {
    expect(ringIndex(65_535)).toBe(65_535);
    expect(ringIndex(65_536)).toBe(0);
    expect(inFlight(ringIndex(65_540), ringIndex(65_530))).toBe(10);
  });

  it('must tell the other side when the event index is in [old, new)', () => {
    for (const base of [0, 65_534]) {
      const at = (offset: number) => ringIndex(base + offset);
      const told = [-1, 0, 1, 2, 3].map((event) =>
        crossesEvent(ringIndex(base + event + 65_536), at(0), at(3)),
      );
      expect(told).toEqual([false, true, true, true, false]);
    }
  });

  it('takes 16 q, 6 + 2 q and 6 + 8 q octets', () => {
    expect(ringOctets(256)).toEqual({ descriptors: 4096, available: 518, used: 2054 });
  });
});
