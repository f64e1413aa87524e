/**
 * The time that a guest has lived: it goes on only while its vCPUs run.
 *
 * Device models count in guest ms, so that nothing in them can fire while the guest is paused. Immutable.
 */
export interface GuestClock {
  /** Guest ms that had passed at `sinceMs`. */
  readonly guestMs: number;
  /** Simulated ms since when `running` holds. */
  readonly sinceMs: number;
  readonly running: boolean;
}

/** A clock at guest ms 0 that stands still. */
export function createGuestClock(nowMs: number): GuestClock {
  return { guestMs: 0, sinceMs: nowMs, running: false };
}

/** Guest ms at a simulated instant that is not before the clock's last change. */
export function guestTimeMs(clock: GuestClock, nowMs: number): number {
  return clock.running ? clock.guestMs + (nowMs - clock.sinceMs) : clock.guestMs;
}

/** The clock with vCPUs that run, or stand still, from `nowMs` on. */
export function setClockRunning(clock: GuestClock, nowMs: number, running: boolean): GuestClock {
  if (running === clock.running) return clock;
  return { guestMs: guestTimeMs(clock, nowMs), sinceMs: nowMs, running };
}

/** The simulated ms at which it will be `guestMs` in the guest; `undefined` while the vCPUs stand still. */
export function simulatedTimeMs(clock: GuestClock, guestMs: number): number | undefined {
  return clock.running ? clock.sinceMs + (guestMs - clock.guestMs) : undefined;
}
