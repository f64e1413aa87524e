import { describe, expect, it } from 'vitest';
import { WATCHDOG_EVENT_ACTION } from '../../../../agent/emulation/devices/consequence.ts';
import {
  createGuestClock,
  guestTimeMs,
  setClockRunning,
  simulatedTimeMs,
} from '../../../../agent/emulation/devices/guest-clock.ts';
import {
  advanceWatchdog,
  createWatchdog,
  disarmWatchdog,
  feedWatchdog,
  starveWatchdog,
  type Watchdog,
  watchdogDueMs,
  watchdogStage,
} from '../../../../agent/emulation/watchdog/watchdog.ts';
import {
  checkWatchdog,
  WATCHDOG_ACTIONS,
  WATCHDOG_DEFAULTS,
  type WatchdogAction,
  type WatchdogConfig,
} from '../../../../agent/emulation/watchdog/watchdog-config.ts';
import { Fleet, stateOf } from '../fleet.ts';

function starved(changes: Partial<WatchdogConfig> = {}): Watchdog {
  const config = { ...WATCHDOG_DEFAULTS.modern, ...changes };
  return starveWatchdog(feedWatchdog(createWatchdog(config, 0), 1000), 25_000);
}

describe('a watchdog', () => {
  it('A11.3 starved for more than its timeout expires once, counted from the last feeding', () => {
    // Fed at 1, 11 and 21 s; 30 s after that it expires.
    const watchdog = starved();
    expect(watchdogDueMs(watchdog)).toBe(51_000);
    expect(advanceWatchdog(watchdog, 50_999)).toEqual({ record: watchdog, consequences: [] });
    const { record, consequences } = advanceWatchdog(watchdog, 51_000);
    expect(consequences).toEqual([
      { kind: 'event', event: { event: 'WATCHDOG', action: 'reset' } },
      { kind: 'act', action: 'reset' },
    ]);
    expect(record).toMatchObject({ armed: false, expirations: 1 });
    expect(advanceWatchdog(record, 1e9).consequences).toEqual([]);
    expect(feedWatchdog(record, 60_000)).toMatchObject({ armed: true, expirations: 1 });
  });

  it('A11.3 never fires while it is fed, stopped in order, or not armed', () => {
    const fed = feedWatchdog(createWatchdog(WATCHDOG_DEFAULTS.modern, 0), 0);
    expect([watchdogDueMs(fed), watchdogStage(fed, 1e9)]).toEqual([undefined, 0]);
    expect(advanceWatchdog(fed, 1e9).consequences).toEqual([]);
    expect(watchdogDueMs(disarmWatchdog(starved(), 26_000))).toBeUndefined();
    expect(watchdogDueMs(feedWatchdog(starved(), 26_000))).toBeUndefined();
    const alone = createWatchdog(WATCHDOG_DEFAULTS.modern, 0);
    expect(starveWatchdog(alone, 5000)).toBe(alone);
    expect(starveWatchdog(starved(), 40_000)).toEqual(starved());
  });

  it('A11.3 does not count the time that the guest is paused', () => {
    let clock = setClockRunning(createGuestClock(0), 0, true);
    const watchdog = starved();
    expect(simulatedTimeMs(clock, watchdogDueMs(watchdog)!)).toBe(51_000);
    clock = setClockRunning(clock, 40_000, false);
    expect(simulatedTimeMs(clock, watchdogDueMs(watchdog)!)).toBeUndefined();
    expect(advanceWatchdog(watchdog, guestTimeMs(clock, 3_600_000)).consequences).toEqual([]);
    clock = setClockRunning(clock, 3_600_000, true);
    expect(simulatedTimeMs(clock, watchdogDueMs(watchdog)!)).toBe(3_611_000);
    expect(advanceWatchdog(watchdog, guestTimeMs(clock, 3_611_000)).record.expirations).toBe(1);
  });

  it('counts two halves when it is an i6300esb, one whole when it is an ib700', () => {
    const stages = (watchdog: Watchdog) =>
      [21_000, 35_999, 36_000, 50_000].map((now) => watchdogStage(watchdog, now));
    expect(stages(starved())).toEqual([1, 1, 2, 2]);
    expect(stages(starved({ model: 'ib700' }))).toEqual([1, 1, 1, 1]);
    expect(watchdogDueMs(starved({ model: 'ib700' }))).toBe(51_000);
  });

  it.each<[WatchdogAction, string, string | undefined]>([
    ['reset', 'reset', 'reset'],
    ['shutdown', 'shutdown', 'guest-shutdown'],
    ['poweroff', 'poweroff', 'kill'],
    ['pause', 'pause', 'watchdog-pause'],
    ['dump', 'pause', 'watchdog-dump'],
    ['inject-nmi', 'inject-nmi', 'nmi'],
    ['none', 'none', undefined],
    ['debug', 'debug', undefined],
  ])('A11.1 action %s tells %s, then does %s', (action, event, then) => {
    const { consequences } = advanceWatchdog(starved({ action }), 51_000);
    expect(consequences[0]).toEqual({ kind: 'event', event: { event: 'WATCHDOG', action: event } });
    expect(Object.keys(WATCHDOG_EVENT_ACTION)).toContain(event);
    const rest = consequences.slice(1).map((one) => (one.kind === 'act' ? one.action : one.kind));
    expect(rest).toEqual(then ? [then] : []);
  });

  it.each<[WatchdogAction, string, string[]]>([
    ['reset', 'RUNNING/BOOTED', ['REBOOT']],
    ['shutdown', 'SHUTOFF/SHUTDOWN', ['SHUTDOWN/GUEST', 'STOPPED/SHUTDOWN']],
    ['poweroff', 'SHUTOFF/CRASHED', ['STOPPED/CRASHED']],
    ['pause', 'PAUSED/WATCHDOG', ['SUSPENDED/WATCHDOG']],
    ['dump', 'RUNNING/UNPAUSED', ['SUSPENDED/WATCHDOG', 'RESUMED/UNPAUSED']],
    ['inject-nmi', 'RUNNING/BOOTED', []],
    ['none', 'RUNNING/BOOTED', []],
    ['debug', 'RUNNING/BOOTED', []],
  ])('A11.1 action %s ends in %s', (action, state, events) => {
    const fleet = new Fleet();
    const domain = fleet.define('guest');
    fleet.act(domain, 'start');
    fleet.pass(60);
    fleet.takeTrace();
    const uuid = domain.uuid;
    const time = domain.cpuTimeNs;
    for (const one of advanceWatchdog(starved({ action }), 51_000).consequences) {
      if (one.kind === 'act') fleet.act(domain, one.action);
    }
    if (domain.isActive) expect(domain.cpuTimeNs).toBeGreaterThanOrEqual(time);
    fleet.pass(60);
    expect(fleet.takeTrace().map((line) => line.split(' ')[1])).toEqual(events);
    expect([stateOf(domain), domain.uuid]).toEqual([state, uuid]);
  });

  it('is refused with a timeout or an action that it cannot have', () => {
    const check =
      (changes: Partial<WatchdogConfig>, profile: 'rhel6' | 'modern' = 'modern') =>
      () =>
        checkWatchdog({ ...WATCHDOG_DEFAULTS.modern, ...changes }, profile);
    for (const action of WATCHDOG_ACTIONS) expect(check({ action })).not.toThrow();
    for (const timeoutSeconds of [11, 2046]) expect(check({ timeoutSeconds })).not.toThrow();
    for (const timeoutSeconds of [0, 2047, 1.5])
      expect(check({ timeoutSeconds })).toThrow('i6300esb takes 1 to 2046 s');
    expect(check({ timeoutSeconds: 31, model: 'ib700' })).toThrow('ib700 takes 2 to 30 s in steps of 2');
    expect(check({ timeoutSeconds: 28, model: 'ib700' })).not.toThrow();
    expect(check({ feedMs: 30_000 })).toThrow('less than the timeout');
    expect(check({ action: 'inject-nmi' }, 'rhel6')).toThrow('not known in the profile rhel6');
    expect(() => checkWatchdog(WATCHDOG_DEFAULTS.rhel6, 'rhel6')).not.toThrow();
  });
});
