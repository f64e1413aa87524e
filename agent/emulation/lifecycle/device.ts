import { LIVE, type Step, type Story } from './story.ts';

const STOPPED_BY_WATCHDOG: Step = { state: 'PAUSED/WATCHDOG', emit: ['SUSPENDED/WATCHDOG'] };

/** What a domain's devices and its guest's kernel do to it by themselves. */
export const BY_DEVICES: readonly Story[] = [
  {
    action: 'watchdog-pause',
    from: LIVE,
    steps: [STOPPED_BY_WATCHDOG],
  },
  {
    // The emulator only pauses; the dump, and running on, are libvirt's.
    action: 'watchdog-dump',
    from: LIVE,
    steps: [STOPPED_BY_WATCHDOG, { after: 'dump', state: 'RUNNING/UNPAUSED', emit: ['RESUMED/UNPAUSED'] }],
    canceled: [{ state: 'RUNNING/UNPAUSED', emit: ['RESUMED/UNPAUSED'] }],
  },
  {
    action: 'io-error',
    from: LIVE,
    steps: [{ state: 'PAUSED/IOERROR', emit: ['SUSPENDED/IOERROR'] }],
  },
  {
    // The guest's kernel switches the power off, without a word to its services.
    action: 'guest-poweroff',
    from: LIVE,
    yields: true,
    steps: [
      {
        state: 'SHUTDOWN/UNKNOWN',
        guest: 'off',
        emit: ['SHUTDOWN/GUEST'],
        rhel6: ['SHUTDOWN/FINISHED'],
      },
      { after: 'exit', state: 'SHUTOFF/SHUTDOWN', emit: ['STOPPED/SHUTDOWN'] },
    ],
  },
];
