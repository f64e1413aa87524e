import type { Outcome } from './consequence.ts';

/** The clock that a domain is started with (`<clock offset= adjustment=>`). */
export interface RtcConfig {
  readonly offset: 'utc' | 'localtime' | 'variable';
  /** variable: seconds that the guest's clock is ahead of UTC at start. */
  readonly adjustmentSeconds: number;
  /** localtime: seconds that the host's time zone is ahead of UTC. */
  readonly zoneSeconds: number;
  /** What the guest's own clock gains on the host's, in parts per million; may be negative. */
  readonly driftPpm: number;
}

/** A guest's real-time clock. Immutable; times are simulated ms, for it runs while the guest is paused. */
export interface Rtc {
  readonly config: RtcConfig;
  /** Seconds that the hardware clock is ahead of UTC; may have a fraction. */
  readonly offsetSeconds: number;
  /** What the guest's own clock was ahead of UTC at `systemSinceMs`, in seconds. */
  readonly systemOffsetSeconds: number;
  readonly systemSinceMs: number;
  /** Times that the guest set the hardware clock since the emulator was started. */
  readonly changes: number;
}

function offsetAtStart(config: RtcConfig): number {
  if (config.offset === 'variable') return config.adjustmentSeconds;
  return config.offset === 'localtime' ? config.zoneSeconds : 0;
}

/** The clock of a domain that starts at `nowMs`; the guest reads its time from it. */
export function createRtc(config: RtcConfig, nowMs: number): Rtc {
  const offset = offsetAtStart(config);
  return { config, offsetSeconds: offset, systemOffsetSeconds: offset, systemSinceMs: nowMs, changes: 0 };
}

/** Seconds that the guest's own clock is ahead of UTC: it drifts from where it was last set. */
export function guestOffsetSeconds(rtc: Rtc, nowMs: number): number {
  return rtc.systemOffsetSeconds + ((nowMs - rtc.systemSinceMs) / 1000) * (rtc.config.driftPpm / 1_000_000);
}

/** The guest's clock is stepped by hand or by NTP, to this many seconds ahead of UTC. */
export function setGuestOffset(rtc: Rtc, nowMs: number, seconds: number): Rtc {
  return { ...rtc, systemOffsetSeconds: seconds, systemSinceMs: nowMs };
}

/**
 * The guest writes its time to the hardware clock (`hwclock -w`): one RTC_CHANGE, each time.
 *
 * The event's offset is in whole seconds, and what a `variable` clock starts with next time.
 */
export function writeRtc(rtc: Rtc, nowMs: number): Outcome<Rtc> {
  const utcOffsetSeconds = Math.round(guestOffsetSeconds(rtc, nowMs));
  const adjusted = rtc.config.offset === 'variable';
  return {
    record: {
      ...rtc,
      config: adjusted ? { ...rtc.config, adjustmentSeconds: utcOffsetSeconds } : rtc.config,
      offsetSeconds: utcOffsetSeconds,
      changes: rtc.changes + 1,
    },
    consequences: [{ kind: 'event', event: { event: 'RTC_CHANGE', utcOffsetSeconds } }],
  };
}

/** The guest boots again and reads its time from the hardware clock. */
export function rebootRtc(rtc: Rtc, nowMs: number): Rtc {
  return setGuestOffset(rtc, nowMs, rtc.offsetSeconds);
}
