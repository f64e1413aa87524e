import type { StateName } from '../states.ts';
import { LIVE, type Step, type Story } from './story.ts';

const CAN_PANIC: readonly StateName[] = [...LIVE, 'SHUTDOWN'];

const PANICKED: Step = { state: 'CRASHED/PANICKED', guest: 'off', emit: ['CRASHED/PANICKED'] };

/** The reset comes first, then libvirt says that the vCPUs run again: no STOPPED, no STARTED. */
const RESTARTED: readonly Step[] = [
  { after: 'crashReset', emit: ['REBOOT'] },
  { state: 'RUNNING/CRASHED', guest: 'booting', emit: ['RESUMED/UNPAUSED'] },
];

/** Panics by what `<on_crash>` says, and core dumps. */
export const CRASHING: readonly Story[] = [
  {
    action: 'panic',
    when: { onCrash: ['destroy'] },
    from: CAN_PANIC,
    preempts: true,
    steps: [PANICKED, { after: 'exit', state: 'SHUTOFF/CRASHED', emit: ['STOPPED/CRASHED'] }],
  },
  {
    action: 'panic',
    when: { onCrash: ['coredump-destroy'] },
    from: CAN_PANIC,
    preempts: true,
    steps: [PANICKED, { after: 'dump', state: 'SHUTOFF/CRASHED', emit: ['STOPPED/CRASHED'] }],
  },
  {
    action: 'panic',
    when: { onCrash: ['restart', 'rename-restart'] },
    from: CAN_PANIC,
    preempts: true,
    steps: [PANICKED, ...RESTARTED],
  },
  {
    action: 'panic',
    when: { onCrash: ['coredump-restart'] },
    from: CAN_PANIC,
    preempts: true,
    steps: [PANICKED, { after: 'dump' }, ...RESTARTED],
  },
  {
    action: 'panic',
    when: { onCrash: ['preserve'] },
    from: CAN_PANIC,
    preempts: true,
    steps: [PANICKED],
  },
  {
    // kdump: the guest loads its crash kernel, writes its own dump and resets itself.
    action: 'crash-kernel',
    from: LIVE,
    yields: true,
    steps: [
      { guest: 'closing', emit: ['CRASHED/CRASHLOADED'] },
      { after: 'crashKernel', guest: 'booting', emit: ['REBOOT'] },
    ],
  },
  {
    action: 'dump',
    from: LIVE,
    steps: [
      { state: 'PAUSED/DUMP', emit: ['SUSPENDED/PAUSED'], rhel6: [] },
      { after: 'dump', state: 'RUNNING/UNPAUSED', emit: ['RESUMED/UNPAUSED'] },
    ],
    canceled: [{ state: 'RUNNING/UNPAUSED', emit: ['RESUMED/UNPAUSED'] }],
  },
  {
    // The only event is the end, whatever the profile.
    action: 'dump-crash',
    from: LIVE,
    steps: [{ state: 'PAUSED/DUMP' }, { after: 'dump', state: 'SHUTOFF/CRASHED', emit: ['STOPPED/CRASHED'] }],
    canceled: [{ state: 'RUNNING/UNPAUSED', emit: ['RESUMED/UNPAUSED'] }],
  },
];
