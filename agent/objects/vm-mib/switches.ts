import { ManagedSettings } from '../managed-settings.ts';

/** Which notifications of VM-MIB are sent. */
export interface VmSwitches {
  /** vmPerVMNotificationsEnabled. */
  readonly perVm: boolean;
  /** vmBulkNotificationsEnabled. */
  readonly bulk: boolean;
}

/** The two switches of VM-MIB: as configured until a manager sets them, which is forgotten with the program (RFC 7666). */
export class NotificationSwitches extends ManagedSettings<VmSwitches> {}
