import type { Profile } from '../lifecycle/story.ts';
import { type Consequence, FAILURE_FLAG } from './consequence.ts';

/** A page of memory that the host found to be broken. */
export interface MemoryFault {
  /** Whose memory it is: the emulator's own, or the guest's. */
  readonly recipient: 'HYPERVISOR' | 'GUEST';
  /** The processor needs the page to go on; otherwise it was found by scrubbing. */
  readonly actionRequired: boolean;
  /** The guest's kernel has machine check exceptions enabled. */
  readonly guestReady: boolean;
  /** It hits a guest that is still busy with an earlier one. */
  readonly recursive: boolean;
}

/** What a guest's kernel made of a broken page, in its own words. */
export type PageOutcome = 'Ignored' | 'Failed' | 'Delayed' | 'Recovered';

/** What the emulator does about a {@link MemoryFault}; names of FAILURE_ACTION. */
export function failureAction(fault: MemoryFault): 'IGNORE' | 'INJECT' | 'FATAL' | 'RESET' {
  if (fault.recipient === 'HYPERVISOR') return fault.actionRequired ? 'FATAL' : 'IGNORE';
  if (fault.guestReady && !fault.recursive) return 'INJECT';
  return fault.actionRequired ? 'RESET' : 'IGNORE';
}

/**
 * What follows from a broken page, in order.
 *
 * FATAL ends the emulator, RESET resets the guest, INJECT leaves it to the guest's kernel, which says what it
 * made of it. The profile rhel6 does the same and tells no event: that came with QEMU 5.2 and libvirt 6.9.
 */
export function memoryFailure(
  fault: MemoryFault,
  profile: Profile,
  page: { readonly frame: number; readonly outcome: PageOutcome },
): readonly Consequence[] {
  const action = failureAction(fault);
  const consequences: Consequence[] = [];
  if (profile === 'modern') {
    const flags =
      (fault.actionRequired ? FAILURE_FLAG.ACTION_REQUIRED : 0) |
      (fault.recursive ? FAILURE_FLAG.RECURSIVE : 0);
    const { recipient } = fault;
    consequences.push({ kind: 'event', event: { event: 'MEMORY_FAILURE', recipient, action, flags } });
  }
  if (action === 'FATAL') consequences.push({ kind: 'act', action: 'kill' });
  if (action === 'RESET') consequences.push({ kind: 'act', action: 'reset' });
  if (action === 'INJECT') {
    const frame = `0x${page.frame.toString(16)}`;
    consequences.push({
      kind: 'machine-check',
      text: `mce: hardware memory error in frame ${frame}: ${page.outcome}\r\n`,
    });
  }
  return consequences;
}
