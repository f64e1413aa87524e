import type { RestoredView, SnapshotControl } from '../control/context.ts';
import { decodeSnapshot } from '../snapshot/document.ts';
import type { RecordedRun } from '../snapshot/recorded-run.ts';
import { VirtsnmpError } from '../util/errors.ts';
import type { Logger } from '../util/logger.ts';
import { type RestoredFleet, restoreFleet } from './restored-fleet.ts';

/** What a {@link SnapshotKeeper} needs of its daemon. */
export interface KeeperOptions {
  /** The run that is served. */
  readonly run: () => RecordedRun;
  /** Serves another fleet instead. */
  readonly replace: (fleet: RestoredFleet) => Promise<void>;
  readonly logger: Logger;
}

/** Takes and restores snapshots of a daemon that serves: one restoration at a time. */
export class SnapshotKeeper implements SnapshotControl {
  readonly #options: KeeperOptions;
  readonly #stopped = new AbortController();
  #restoring: Promise<RestoredView> | undefined;
  #progress: { atMs: number; ofMs: number } | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  get progress(): { readonly atMs: number; readonly ofMs: number } | undefined {
    return this.#progress;
  }

  take(): readonly Uint8Array[] {
    return this.#options.run().snapshot();
  }

  restore(octets: Uint8Array, signal: AbortSignal): Promise<RestoredView> {
    if (this.#restoring)
      throw new VirtsnmpError(
        'OPERATION_INVALID',
        'a snapshot is being restored already; wait until it is there',
      );
    this.#restoring = this.#restore(octets, AbortSignal.any([signal, this.#stopped.signal])).finally(() => {
      this.#restoring = undefined;
      this.#progress = undefined;
    });
    return this.#restoring;
  }

  /** Ends what is under way; nothing is restored any more. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#restoring?.catch(() => {});
  }

  async #restore(octets: Uint8Array, signal: AbortSignal): Promise<RestoredView> {
    const { logger, replace } = this.#options;
    const snapshot = decodeSnapshot(octets, 'the snapshot');
    const progress = { atMs: 0, ofMs: snapshot.head.instant.atMs };
    this.#progress = progress;
    const onProgress = (atMs: number): void => {
      progress.atMs = atMs;
    };
    const fleet = await restoreFleet({ snapshot, onProgress, signal }, logger);
    await replace(fleet);
    const { hosts, clock } = fleet.run.hypervisor;
    const guests = hosts.reduce((sum, { domains }) => sum + domains.size, 0);
    logger.info('a snapshot was restored', { hosts: hosts.length, guests, atMs: fleet.atMs });
    return { hosts: hosts.length, guests, nowMs: clock.nowMs, wallMs: clock.wallMs };
  }
}
