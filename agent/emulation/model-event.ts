import type { IoErrorAction } from './block/block-consequence.ts';
import type { BlockJobEvent } from './block/block-job.ts';

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
  | BlockJobEvent;
