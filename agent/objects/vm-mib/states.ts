import type { Domain } from '../../emulation/domain/domain.ts';
import { DOMAIN_STATE, STATE_REASON } from '../../emulation/states.ts';
import { VM_MIB } from '../../mib/generated/vm-mib.ts';

const { vmAdminState, vmOperState } = VM_MIB.tables.vmTable.columns;
/** Numbers of VirtualMachineAdminState. */
export const ADMIN_STATE = vmAdminState.syntax.enums;
/** Numbers of VirtualMachineOperState. */
export const OPER_STATE = vmOperState.syntax.enums;
/** A number of {@link OPER_STATE}. */
export type OperState = (typeof OPER_STATE)[keyof typeof OPER_STATE];
/** A number of {@link ADMIN_STATE}. */
export type AdminState = (typeof ADMIN_STATE)[keyof typeof ADMIN_STATE];

const { PAUSED, SHUTOFF } = STATE_REASON;

/** What a domain is doing, in the words of VM-MIB (RFC 7666 section 4.2, VirtualMachineOperState). */
export function operState(domain: Domain): OperState {
  const { state, reason, operation } = domain;
  if (operation === 'migrate' && domain.isActive) return OPER_STATE.migrating;
  switch (state) {
    case DOMAIN_STATE.SHUTDOWN:
      return OPER_STATE.shuttingdown;
    case DOMAIN_STATE.SHUTOFF:
      if (isSaved(domain)) return OPER_STATE.suspended;
      return reason === SHUTOFF.CRASHED ? OPER_STATE.crashed : OPER_STATE.shutdown;
    case DOMAIN_STATE.CRASHED:
      return OPER_STATE.crashed;
    case DOMAIN_STATE.PMSUSPENDED:
      return OPER_STATE.suspended;
    case DOMAIN_STATE.PAUSED:
      return ofPaused(domain);
    default:
      // Under Xen a domain that waits for a processor, or whose processors wait for something, runs.
      return OPER_STATE.running;
  }
}

function ofPaused({ reason, operation, memoryImage }: Domain): OperState {
  switch (reason) {
    case PAUSED.SAVE:
      return OPER_STATE.suspending;
    case PAUSED.STARTING_UP:
      // What is started with an image, or from one, is read back; the rest is a start as such.
      return operation === 'fail-start' || memoryImage === 'none'
        ? OPER_STATE.preparing
        : OPER_STATE.resuming;
    case PAUSED.MIGRATION:
    case PAUSED.POSTCOPY:
    case PAUSED.POSTCOPY_FAILED:
      return OPER_STATE.migrating;
    case PAUSED.SHUTTING_DOWN:
      return OPER_STATE.shuttingdown;
    default:
      return OPER_STATE.paused;
  }
}

/** What whoever manages a domain wants it to be: what happens to it by itself changes nothing of that. */
export function adminState(domain: Domain): AdminState {
  const { state, reason } = domain;
  switch (state) {
    case DOMAIN_STATE.SHUTDOWN:
      return ADMIN_STATE.shutdown;
    case DOMAIN_STATE.SHUTOFF:
      if (isSaved(domain)) return ADMIN_STATE.suspended;
      return reason === SHUTOFF.CRASHED ? ADMIN_STATE.running : ADMIN_STATE.shutdown;
    case DOMAIN_STATE.PMSUSPENDED:
      return ADMIN_STATE.suspended;
    case DOMAIN_STATE.PAUSED:
      if (reason === PAUSED.SAVE) return ADMIN_STATE.suspended;
      if (reason === PAUSED.SHUTTING_DOWN) return ADMIN_STATE.shutdown;
      return BY_REQUEST.has(reason) ? ADMIN_STATE.paused : ADMIN_STATE.running;
    default:
      return ADMIN_STATE.running;
  }
}

/** Why a domain is paused if somebody wanted that: not for a while, and not by an error. */
const BY_REQUEST: ReadonlySet<number> = new Set([PAUSED.UNKNOWN, PAUSED.USER, PAUSED.FROM_SNAPSHOT]);

/** Whether its memory lies in an image that it goes on from. */
function isSaved({ reason, memoryImage }: Domain): boolean {
  return memoryImage === 'managed' || (memoryImage === 'file' && reason === SHUTOFF.SAVED);
}
