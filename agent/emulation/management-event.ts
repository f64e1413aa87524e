/** virDomainControlErrorReason, with libvirt's numbers. */
export const CONTROL_ERROR_REASON = { NONE: 0, UNKNOWN: 1, MONITOR: 2, INTERNAL: 3 } as const;
/** virConnectDomainEventDiskChangeReason, with libvirt's numbers. */
export const DISK_CHANGE_REASON = { MISSING_ON_START: 0, DROP_MISSING_ON_START: 1 } as const;
/** virDomainMetadataType, with libvirt's numbers. */
export const METADATA_TYPE = { DESCRIPTION: 0, TITLE: 1, ELEMENT: 2 } as const;
/** virDomainJobOperation, with libvirt's numbers. */
export const JOB_OPERATION = {
  UNKNOWN: 0,
  START: 1,
  SAVE: 2,
  RESTORE: 3,
  MIGRATION_IN: 4,
  MIGRATION_OUT: 5,
  SNAPSHOT: 6,
  SNAPSHOT_REVERT: 7,
  DUMP: 8,
  BACKUP: 9,
  SNAPSHOT_DELETE: 10,
} as const;

/** A value of a typed parameter (virTypedParameter), by libvirt's name. */
export type TypedParameters = Readonly<Record<string, number | string>>;

/** An event of libvirt about how a domain is managed, with the payload that libvirt gives it. */
export type ManagementEvent =
  /** What virDomainGetControlInfo says of it; the event itself has no payload. */
  | { readonly event: 'CONTROL_ERROR'; readonly reason: keyof typeof CONTROL_ERROR_REASON }
  | {
      readonly event: 'DISK_CHANGE';
      readonly oldSource: string;
      readonly alias: string;
      readonly reason: keyof typeof DISK_CHANGE_REASON;
    }
  | {
      readonly event: 'DEVICE_ADDED' | 'DEVICE_REMOVED' | 'DEVICE_REMOVAL_FAILED';
      readonly alias: string;
    }
  /** What a memory device has now, in KiB. */
  | { readonly event: 'MEMORY_DEVICE_SIZE_CHANGE'; readonly alias: string; readonly sizeKiB: number }
  | { readonly event: 'TUNABLE'; readonly parameters: TypedParameters }
  /** `iteration`: the number of the pass over the memory that begins, from 1. */
  | { readonly event: 'MIGRATION_ITERATION'; readonly iteration: number }
  | {
      readonly event: 'JOB_COMPLETED';
      readonly operation: keyof typeof JOB_OPERATION;
      readonly statistics: TypedParameters;
    }
  /** `uri`: the namespace of an element, empty for the others. */
  | { readonly event: 'METADATA_CHANGE'; readonly type: keyof typeof METADATA_TYPE; readonly uri: string };
