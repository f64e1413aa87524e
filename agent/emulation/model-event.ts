import type { IoErrorAction } from './block/block-consequence.ts';
import type { BlockJobEvent } from './block/block-job.ts';
import type { DeviceEvent } from './devices/consequence.ts';
import type { ManagementEvent } from './management-event.ts';

/** An event of libvirt that follows from what a tick's models did, with the payload that libvirt gives it. */
export type ModelEvent =
  /** `currentKiB`: what the guest has now. */
  | { readonly event: 'BALLOON_CHANGE'; readonly currentKiB: number }
  | {
      readonly event: 'IO_ERROR';
      readonly source: string;
      readonly alias: string;
      readonly action: IoErrorAction;
    }
  | {
      readonly event: 'IO_ERROR_REASON';
      readonly source: string;
      readonly alias: string;
      readonly action: IoErrorAction;
      readonly reason: 'enospc' | '';
    }
  /** Bytes; `dev` is the disk's target. */
  | {
      readonly event: 'BLOCK_THRESHOLD';
      readonly dev: string;
      readonly path: string;
      readonly threshold: number;
      readonly excess: number;
    }
  | BlockJobEvent
  | ManagementEvent;

/** Names of the events that devices, models and management raise. */
export const LIBVIRT_EVENTS = [
  'RTC_CHANGE',
  'WATCHDOG',
  'IO_ERROR',
  'GRAPHICS',
  'IO_ERROR_REASON',
  'CONTROL_ERROR',
  'BLOCK_JOB',
  'DISK_CHANGE',
  'TRAY_CHANGE',
  'BALLOON_CHANGE',
  'DEVICE_REMOVED',
  'BLOCK_JOB_2',
  'TUNABLE',
  'AGENT_LIFECYCLE',
  'DEVICE_ADDED',
  'MIGRATION_ITERATION',
  'JOB_COMPLETED',
  'DEVICE_REMOVAL_FAILED',
  'METADATA_CHANGE',
  'BLOCK_THRESHOLD',
  'MEMORY_FAILURE',
  'MEMORY_DEVICE_SIZE_CHANGE',
] as const satisfies readonly (ModelEvent | DeviceEvent)['event'][];
