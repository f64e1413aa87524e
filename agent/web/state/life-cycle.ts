import { guestPath, RefusedError, request } from '../api/request.ts';
import type { Guest } from '../api/types.ts';
import { loadFleet } from './fleet.ts';
import { tell } from './toasts.ts';

/** Something that can be done to a guest. */
export interface GuestAction {
  readonly action: string;
  readonly label: string;
  /** States in which it makes sense. */
  readonly states: readonly string[];
  /** What is lost by it, for the question before it is done; asked when given. */
  readonly loses?: string;
}

const ACTIVE = ['RUNNING', 'BLOCKED', 'NOSTATE', 'PAUSED', 'SHUTDOWN', 'CRASHED', 'PMSUSPENDED'];
const UP = ['RUNNING', 'BLOCKED', 'NOSTATE'];

/** The life cycle's buttons, in the order of a guest's life. */
export const GUEST_ACTIONS: readonly GuestAction[] = [
  { action: 'start', label: 'Start', states: ['SHUTOFF'] },
  { action: 'restore', label: 'Restore', states: ['SHUTOFF'] },
  { action: 'suspend', label: 'Pause', states: UP },
  { action: 'resume', label: 'Resume', states: ['PAUSED'] },
  { action: 'wakeup', label: 'Wake up', states: ['PMSUSPENDED'] },
  { action: 'shutdown', label: 'Shut down', states: UP, loses: 'Its programs are ended.' },
  {
    action: 'reboot',
    label: 'Reboot',
    states: UP,
    loses: 'Its programs are ended, and its system boots anew.',
  },
  {
    action: 'reset',
    label: 'Reset',
    states: [...UP, 'PAUSED', 'CRASHED'],
    loses: 'What its programs have not written is lost.',
  },
  {
    action: 'managedsave',
    label: 'Save',
    states: [...UP, 'PAUSED'],
    loses: 'It stops until it is started again.',
  },
  {
    action: 'destroy',
    label: 'Destroy',
    states: ACTIVE,
    loses: 'Its emulator is killed at once; what its programs have not written is lost.',
  },
];

/** Does something to a guest, and tells how it went. */
export async function act(guest: Guest, action: string, label: string, more: object = {}): Promise<void> {
  await telling(`${label}: ${guest.name}`, () =>
    request('POST', guestPath(guest, '/actions'), { action, ...more }),
  );
  await loadFleet().catch(() => {});
}

/** Runs a request and tells that it was done, or in the API's words why it was refused. Returns whether it was done. */
export async function telling(what: string, run: () => Promise<unknown>): Promise<boolean> {
  try {
    await run();
    tell('done', what);
    return true;
  } catch (thrown) {
    if (!(thrown instanceof RefusedError)) throw thrown;
    tell('refused', `${what}: ${thrown.message}`);
    return false;
  }
}
