import type { Consequence, Outcome, WatchdogEventAction } from '../devices/consequence.ts';
import type { WatchdogAction, WatchdogConfig } from './watchdog-config.ts';

/**
 * A watchdog of one domain. Immutable; times are guest ms, so it cannot fire while the guest is paused.
 *
 * While the guest feeds it, nothing is to be done and nothing is due: each feeding is as good as the last.
 */
export interface Watchdog {
  readonly config: WatchdogConfig;
  /** The guest's driver has started it; it never fires before. */
  readonly armed: boolean;
  /** When the guest's program began to feed it, every `feedMs`. */
  readonly fedSinceMs: number;
  /** The last feeding, once the program has stopped; `undefined` while it goes on. */
  readonly starvedSinceMs: number | undefined;
  /** Times that it expired since the emulator was started. */
  readonly expirations: number;
}

/** A watchdog that the guest has not touched. */
export function createWatchdog(config: WatchdogConfig, nowMs: number): Watchdog {
  return { config, armed: false, fedSinceMs: nowMs, starvedSinceMs: undefined, expirations: 0 };
}

/** The guest's driver and its program start, or start again: the watchdog is armed and fed from now on. */
export function feedWatchdog(watchdog: Watchdog, nowMs: number): Watchdog {
  return { ...watchdog, armed: true, fedSinceMs: nowMs, starvedSinceMs: undefined };
}

/** The guest stops to feed it: a hang, a panic, or the program was killed. */
export function starveWatchdog(watchdog: Watchdog, nowMs: number): Watchdog {
  if (!watchdog.armed || watchdog.starvedSinceMs !== undefined) return watchdog;
  const { fedSinceMs, config } = watchdog;
  const last = nowMs - ((nowMs - fedSinceMs) % config.feedMs);
  return { ...watchdog, starvedSinceMs: last };
}

/** The driver stops it in order, or the machine is reset: not armed. */
export function disarmWatchdog(watchdog: Watchdog, nowMs: number): Watchdog {
  return { ...createWatchdog(watchdog.config, nowMs), expirations: watchdog.expirations };
}

/**
 * Which stage a starving watchdog is in at an instant; 0 for one that is fed or not armed.
 *
 * The i6300esb counts two halves of the timeout: the first ends with an interrupt that the guest may heed, the
 * second with the action. The ib700 has one stage.
 */
export function watchdogStage(watchdog: Watchdog, nowMs: number): 0 | 1 | 2 {
  const { config, starvedSinceMs } = watchdog;
  if (starvedSinceMs === undefined) return 0;
  const second = config.model === 'i6300esb' && nowMs - starvedSinceMs >= config.timeoutSeconds * 500;
  return second ? 2 : 1;
}

/** When it expires; `undefined` while it is fed or not armed. */
export function watchdogDueMs({ config, starvedSinceMs }: Watchdog): number | undefined {
  return starvedSinceMs === undefined ? undefined : starvedSinceMs + config.timeoutSeconds * 1000;
}

/** What the event says was done: a dump is libvirt's own, over a pause by the emulator. */
function eventAction(action: WatchdogAction): WatchdogEventAction {
  return action === 'dump' ? 'pause' : action;
}

/** What becomes of the domain, behind the event; `undefined` when nothing does. */
function change(action: WatchdogAction): Consequence | undefined {
  switch (action) {
    case 'reset':
      return { kind: 'act', action: 'reset' };
    case 'shutdown':
      // The emulator presses the power button.
      return { kind: 'act', action: 'guest-shutdown' };
    case 'poweroff':
      // The emulator quits by itself, without a word to libvirt.
      return { kind: 'act', action: 'kill' };
    case 'pause':
      return { kind: 'act', action: 'watchdog-pause' };
    case 'dump':
      return { kind: 'act', action: 'watchdog-dump' };
    case 'inject-nmi':
      return { kind: 'nmi' };
    case 'none':
    case 'debug':
      return undefined;
  }
}

/**
 * Lets it expire when that is due by `nowMs`: one event, then what the action does.
 *
 * Afterwards it is not armed: the guest's driver has to start it again. (A real i6300esb goes on only in its
 * free-running mode, which the usual driver does not use.)
 */
export function advanceWatchdog(watchdog: Watchdog, nowMs: number): Outcome<Watchdog> {
  const due = watchdogDueMs(watchdog);
  if (due === undefined || due > nowMs) return { record: watchdog, consequences: [] };
  const { action } = watchdog.config;
  const then = change(action);
  return {
    record: { ...disarmWatchdog(watchdog, due), expirations: watchdog.expirations + 1 },
    consequences: [
      { kind: 'event', event: { event: 'WATCHDOG', action: eventAction(action) } },
      ...(then ? [then] : []),
    ],
  };
}
