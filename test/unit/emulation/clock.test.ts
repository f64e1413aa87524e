import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { VirtualClock } from '../../../agent/util/clock.ts';
import { silentLogger } from '../../../agent/util/logger.ts';
import { RealTimeDriver } from '../../../agent/util/real-time-driver.ts';

describe('the virtual clock', () => {
  it('runs timers in order of time, then of insertion, each at its own time', () => {
    const clock = new VirtualClock({ epochMs: 1000 });
    const ran: [string, number, number][] = [];
    const note = (name: string) => () => void ran.push([name, clock.nowMs, clock.wallMs]);
    clock.schedule(20, note('c'));
    clock.schedule(10, note('a'));
    clock.schedule(10, note('b'));
    clock.schedule(10, note('tick'), { first: true });
    clock.schedule(31, note('later'));
    clock.advanceTo(30);
    expect(ran).toEqual([
      ['tick', 10, 1010],
      ['a', 10, 1010],
      ['b', 10, 1010],
      ['c', 20, 1020],
    ]);
    expect([clock.nowMs, clock.nextDueMs, clock.pending]).toEqual([30, 31, 1]);
  });

  it('runs what a timer schedules on the way, also for its own instant', () => {
    const clock = new VirtualClock({ epochMs: 0 });
    const ran: number[] = [];
    const again = (): void => {
      ran.push(clock.nowMs);
      if (ran.length < 4) clock.schedule(ran.length === 2 ? 0 : clock.nowMs + 10, again);
    };
    clock.schedule(10, again);
    clock.advanceTo(100);
    expect(ran).toEqual([10, 20, 20, 30]);
  });

  it('takes timers out and puts them back in their old place', () => {
    const clock = new VirtualClock({ epochMs: 0 });
    const ran: string[] = [];
    const first = clock.schedule(10, () => ran.push('first'));
    clock.schedule(10, () => ran.push('second'));
    first.cancel();
    first.cancel();
    expect([first.pending, clock.pending]).toEqual([false, 1]);
    first.restore();
    first.restore();
    clock.advanceTo(10);
    expect(ran).toEqual(['first', 'second']);
  });

  it('never goes back, and stays where it may not go on', () => {
    const clock = new VirtualClock({ epochMs: 0 });
    for (const at of [1, 2, 3]) clock.schedule(at, () => {});
    expect(clock.advanceTo(10, () => clock.nowMs < 2)).toBe(false);
    expect(clock.nowMs).toBe(2);
    expect(clock.advanceTo(1)).toBe(true);
    expect(clock.nowMs).toBe(2);
    expect(clock.advanceTo(10)).toBe(true);
    expect(clock.nowMs).toBe(10);
  });

  it('survives a timer that throws, and refuses to be advanced by one', () => {
    const clock = new VirtualClock({ epochMs: 0 });
    clock.schedule(1, () => {
      throw new Error('broken');
    });
    clock.schedule(2, () => void clock.advanceTo(5));
    expect(() => clock.advanceTo(10)).toThrow('broken');
    expect(clock.nowMs).toBe(1);
    expect(() => clock.advanceTo(10)).toThrow(/being advanced already/);
    expect(clock.advanceTo(10)).toBe(true);
    expect(() => clock.schedule(Number.NaN, () => {})).toThrow(RangeError);
    expect(() => clock.advanceTo(Number.NaN)).toThrow(RangeError);
  });
});

describe('the real-time driver', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('runs what is due when it is due, with one timeout', () => {
    const clock = new VirtualClock({ epochMs: 0 });
    const driver = new RealTimeDriver(clock);
    const ran: number[] = [];
    for (const at of [300, 100, 200]) clock.schedule(at, () => ran.push(at));
    driver.start();
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(150);
    expect(ran).toEqual([100]);
    clock.schedule(160, () => ran.push(160));
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(200);
    expect(ran).toEqual([100, 160, 200, 300]);
    expect(vi.getTimerCount()).toBe(0);
    driver.stop();
  });

  it('is up to date after a sync, in whole ms and at its speed', () => {
    const clock = new VirtualClock({ epochMs: 0 });
    const driver = new RealTimeDriver(clock, { speed: 2.5 });
    driver.sync();
    driver.start();
    vi.advanceTimersByTime(101);
    expect(clock.nowMs).toBe(0);
    driver.sync();
    expect(clock.nowMs).toBe(252);
    driver.speed = 0;
    vi.advanceTimersByTime(1000);
    driver.sync();
    expect(clock.nowMs).toBe(252);
    driver.speed = 1;
    vi.advanceTimersByTime(1000);
    driver.sync();
    expect(clock.nowMs).toBe(1252);
    expect(() => new RealTimeDriver(clock, { speed: -1 })).toThrow('a speed must be 0 or more, not -1');
    driver.stop();
  });

  it('leaves no handle when it stops, and stands still from then on', () => {
    const clock = new VirtualClock({ epochMs: 0 });
    const driver = new RealTimeDriver(clock);
    clock.schedule(1000, () => {});
    driver.start();
    driver.start();
    driver.stop();
    driver.stop();
    expect(vi.getTimerCount()).toBe(0);
    clock.schedule(10, () => {});
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(5000);
    driver.sync();
    expect(clock.nowMs).toBe(0);
  });

  it('waits through spans longer than a timeout can be', () => {
    const clock = new VirtualClock({ epochMs: 0 });
    const driver = new RealTimeDriver(clock);
    const ran = vi.fn();
    clock.schedule(3_000_000_000, ran);
    driver.start();
    vi.advanceTimersByTime(2_999_999_999);
    expect(ran).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(ran).toHaveBeenCalledTimes(1);
    driver.stop();
  });

  it('bounds the time that timers take, runs late and drops what it cannot catch up', () => {
    let realMs = 0;
    const clock = new VirtualClock({ epochMs: 0 });
    const warn = vi.fn();
    const driver = new RealTimeDriver(clock, {
      monotonicMs: () => realMs,
      sliceMs: 5,
      syncSliceMs: 5,
      maxLagMs: 100,
      logger: { ...silentLogger, warn },
    });
    // Each simulated ms costs two real ones.
    const slow = (): void => {
      realMs += 2;
      clock.schedule(clock.nowMs + 1, slow);
    };
    clock.schedule(1, slow);
    driver.start();
    realMs = 50;
    driver.sync();
    expect(clock.nowMs).toBe(3);
    expect(warn).not.toHaveBeenCalled();
    realMs = 500;
    driver.sync();
    expect(clock.nowMs).toBe(3);
    vi.advanceTimersByTime(1);
    expect(clock.nowMs).toBe(6);
    expect(driver.droppedMs).toBe(494);
    expect(warn).toHaveBeenCalledTimes(1);
    realMs += 2;
    vi.advanceTimersByTime(1);
    expect(clock.nowMs).toBe(8);
    driver.sync();
    expect(clock.nowMs).toBe(11);
    driver.stop();
  });
});
