import { VirtsnmpError } from '../../util/errors.ts';
import type { Profile } from '../lifecycle/story.ts';

/** `<watchdog action=>` of libvirt, and QEMU's own debug. */
export const WATCHDOG_ACTIONS = [
  'reset',
  'shutdown',
  'poweroff',
  'pause',
  'none',
  'dump',
  'inject-nmi',
  'debug',
] as const;
/** A name of {@link WATCHDOG_ACTIONS}. */
export type WatchdogAction = (typeof WATCHDOG_ACTIONS)[number];

/** A domain's watchdog, and the program of its guest that feeds it. */
export interface WatchdogConfig {
  readonly model: 'i6300esb' | 'ib700';
  readonly action: WatchdogAction;
  /** What the guest's driver sets, in whole seconds: i6300esb 1 to 2046, ib700 2 to 30 in steps of 2. */
  readonly timeoutSeconds: number;
  /** How often the guest's program feeds it, in guest ms; well under the timeout. */
  readonly feedMs: number;
}

/** A watchdog as domains have it: 30 s is the driver's default, reset libvirt's. */
export const WATCHDOG_DEFAULTS: Readonly<Record<Profile, WatchdogConfig>> = {
  rhel6: { model: 'i6300esb', action: 'reset', timeoutSeconds: 30, feedMs: 10_000 },
  modern: { model: 'i6300esb', action: 'reset', timeoutSeconds: 30, feedMs: 10_000 },
};

/** Refuses a watchdog that hardware and libvirt of the profile cannot be: throws DOMAIN_INVALID. */
export function checkWatchdog(config: WatchdogConfig, profile: Profile): void {
  const { model, action, timeoutSeconds, feedMs } = config;
  const steps = model === 'ib700' ? 2 : 1;
  const longest = model === 'ib700' ? 30 : 2046;
  if (timeoutSeconds % steps !== 0 || timeoutSeconds < steps || timeoutSeconds > longest) {
    const right = steps === 1 ? `1 to ${longest} s` : `2 to ${longest} s in steps of 2`;
    throw refuse(`timeout ${timeoutSeconds} s; ${model} takes ${right}`);
  }
  if (!(feedMs > 0) || feedMs >= timeoutSeconds * 1000) {
    throw refuse(`fed every ${feedMs} ms; it must be more than 0 and less than the timeout`);
  }
  // inject-nmi came long after RHEL 6's libvirt.
  if (action === 'inject-nmi' && profile === 'rhel6') {
    throw refuse('action inject-nmi is not known in the profile rhel6; use reset, dump or another');
  }
}

function refuse(problem: string): VirtsnmpError {
  return new VirtsnmpError('DOMAIN_INVALID', `watchdog: ${problem}`);
}
