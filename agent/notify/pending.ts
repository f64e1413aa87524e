import type { EncodedNotification } from './encode.ts';

/** A notification on its way to its targets. */
export interface PendingNotification extends EncodedNotification {
  /** Durable and ascending, from 1. */
  readonly id: number;
  readonly eventSequence: number | undefined;
}

/**
 * request-id of the messages that carry a notification, 0 to 2^31-1: the same each time that it is sent, also after
 * a restart, so that a receiver can tell a repetition.
 */
export function requestIdOf({ id }: PendingNotification): number {
  return id % 0x8000_0000;
}
