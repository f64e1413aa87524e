import type { AlarmEvent } from '../emulation/events.ts';
import { CLEAR_MAXIMUM } from '../objects/alarm-mib/index.ts';
import type { Snapshot } from '../snapshot/document.ts';
import type { RecordedRun } from '../snapshot/recorded-run.ts';
import { replay } from '../snapshot/replay.ts';
import type { Logger } from '../util/logger.ts';

/** What a daemon is to start from. */
export interface StartFrom {
  readonly snapshot: Snapshot;
  /** Told every now and then how many simulated ms have been replayed. */
  readonly onProgress?: (atMs: number) => void;
  /** Ends the replay. */
  readonly signal?: AbortSignal;
}

/** The fleet of a snapshot, made again, with what its agents tell of the time before. */
export interface RestoredFleet {
  readonly run: RecordedRun;
  /** Simulated ms of the snapshot's instant. */
  readonly atMs: number;
  /** The latest alarms that were cleared, by host, in order. */
  readonly cleared: ReadonlyMap<string, readonly AlarmEvent[]>;
}

/** Makes the fleet of a snapshot. Throws as {@link replay} does. */
export async function restoreFleet(from: StartFrom, logger: Logger): Promise<RestoredFleet> {
  const cleared = new Map<string, AlarmEvent[]>();
  const run = await replay(from.snapshot, {
    logger,
    ...(from.onProgress && { onProgress: from.onProgress }),
    ...(from.signal && { signal: from.signal }),
    onEvent: (event) => {
      if (event.kind !== 'alarm' || event.event !== 'CLEARED') return;
      const events = cleared.get(event.host.name) ?? [];
      cleared.set(event.host.name, events);
      // What the table would not show any more is not kept: BOUNDED by twice its size.
      if (events.push(event) >= 2 * CLEAR_MAXIMUM) events.splice(0, CLEAR_MAXIMUM);
    },
  });
  return { run, atMs: from.snapshot.head.instant.atMs, cleared };
}
