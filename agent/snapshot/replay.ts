import type { EmulationEvent } from '../emulation/events.ts';
import type { Hypervisor } from '../emulation/hypervisor.ts';
import type { Write } from '../emulation/write.ts';
import { errorText, VirtsnmpError } from '../util/errors.ts';
import type { Logger } from '../util/logger.ts';
import { VERSION } from '../util/package-info.ts';
import { differenceLines, diffPictures } from './diff.ts';
import { readPictures, type Snapshot } from './document.ts';
import { type RecordedRun, runFrom } from './recorded-run.ts';
import { reviveWrite } from './write-codec.ts';

/** Real ms for which is replayed in one go. */
const SLICE_MS = 5;
/** Differences that a refusal tells. */
const MOST_TOLD = 5;

/** How a snapshot is replayed. */
export interface ReplayOptions {
  readonly logger?: Logger;
  /** Told every now and then how many simulated ms have been replayed. */
  readonly onProgress?: (atMs: number) => void;
  /** Told of each event that happens again. */
  readonly onEvent?: (event: EmulationEvent) => void;
  /** Ends it: what {@link replay} gives is refused with OPERATION_FAILED. */
  readonly signal?: AbortSignal;
}

/**
 * Makes the fleet of a snapshot: does all that was done again, each at its moment, as fast as the machine can, with
 * other work in between. What comes of it has to be what the snapshot shows.
 *
 * Throws SNAPSHOT_INVALID when something cannot be done again, or something else comes of it.
 */
export async function replay(snapshot: Snapshot, options: ReplayOptions = {}): Promise<RecordedRun> {
  const run = runFrom(snapshot.head.start, options.logger);
  const deaf = options.onEvent && run.hypervisor.onEvent(options.onEvent);
  await new Replay(snapshot, run.hypervisor).run(options);
  deaf?.();
  verify(snapshot, run);
  return run;
}

function refuseWhen(signal: AbortSignal | undefined): void {
  if (signal?.aborted)
    throw new VirtsnmpError('OPERATION_FAILED', 'the snapshot was not restored: interrupted');
}

/** A replay under way. */
class Replay {
  readonly #snapshot: Snapshot;
  readonly #hypervisor: Hypervisor;
  /** Index of the write to come. */
  #next = 0;
  /** What went wrong while an event was told, where nobody catches. */
  #failure: VirtsnmpError | undefined;

  constructor(snapshot: Snapshot, hypervisor: Hypervisor) {
    this.#snapshot = snapshot;
    this.#hypervisor = hypervisor;
  }

  async run({ onProgress, signal }: ReplayOptions): Promise<void> {
    const { writes, head } = this.#snapshot;
    refuseWhen(signal);
    const deaf = this.#hypervisor.onEvent((event) => this.#during(event.sequence));
    let endsAt = performance.now() + SLICE_MS;
    const mayGoOn = (): boolean => performance.now() < endsAt;
    const breathe = async (): Promise<void> => {
      onProgress?.(this.#hypervisor.clock.nowMs);
      await new Promise((resolve) => setImmediate(resolve));
      refuseWhen(signal);
      endsAt = performance.now() + SLICE_MS;
    };
    while (this.#next < writes.length) {
      const index = this.#next;
      const [atMs, ran, during] = writes[index]!.at;
      // One that was done while an event was told is done when that is told again.
      const isThere = () =>
        during === undefined ? this.#isAt(atMs, ran) : this.#next !== index || this.#failure !== undefined;
      while (!this.#goTo(atMs, isThere, mayGoOn)) await breathe();
      if (during !== undefined && this.#next === index) throw this.#failure ?? this.#strays();
      if (during === undefined) {
        this.#checkMoment(atMs, ran);
        this.#doNext();
      }
      if (this.#failure) throw this.#failure;
      if (!mayGoOn()) await breathe();
    }
    const { atMs, ran } = head.instant;
    while (!this.#goTo(atMs, () => this.#isAt(atMs, ran), mayGoOn)) await breathe();
    this.#checkMoment(atMs, ran);
    deaf();
    onProgress?.(atMs);
  }

  #isAt(atMs: number, ran: number): boolean {
    const { clock } = this.#hypervisor;
    return clock.nowMs === atMs && clock.ran >= ran;
  }

  #checkMoment(atMs: number, ran: number): void {
    const { clock } = this.#hypervisor;
    if (clock.nowMs !== atMs || clock.ran !== ran) throw this.#strays();
  }

  /** Goes on to an instant, or until it is where it should be; false when it has to take breath on the way. */
  #goTo(atMs: number, isThere: () => boolean, mayGoOn: () => boolean): boolean {
    const { clock } = this.#hypervisor;
    if (isThere()) return true;
    try {
      return clock.advanceTo(atMs, () => !isThere() && mayGoOn()) || isThere();
    } catch (thrown) {
      throw this.#refusal(`something fails at ${clock.nowMs} ms: ${errorText(thrown)}`);
    }
  }

  /** Does what was done while this event was told. */
  #during(sequence: number): void {
    const { writes } = this.#snapshot;
    try {
      while (writes[this.#next]?.at[2] === sequence) this.#doNext();
    } catch (thrown) {
      this.#failure ??= thrown as VirtsnmpError;
    }
  }

  #doNext(): void {
    const index = this.#next++;
    try {
      perform(this.#hypervisor, reviveWrite(this.#snapshot.writes[index]!.write, this.#hypervisor));
    } catch (thrown) {
      throw this.#refusal(
        `change ${index + 1} of ${this.#snapshot.writes.length} fails: ${errorText(thrown)}`,
      );
    }
  }

  #strays(): VirtsnmpError {
    const { nowMs, ran } = this.#hypervisor.clock;
    const [atMs] = this.#snapshot.writes[this.#next]?.at ?? [this.#snapshot.head.instant.atMs];
    return this.#refusal(
      `change ${this.#next + 1}, at ${atMs} ms, is not reached: it is ${nowMs} ms, timer ${ran}`,
    );
  }

  #refusal(why: string): VirtsnmpError {
    return refusal(this.#snapshot, why);
  }
}

/** Does one thing again. */
function perform(hypervisor: Hypervisor, write: Write): void {
  switch (write.op) {
    case 'add-host':
      hypervisor.addHost(write.name, write.config);
      return;
    case 'fault-rules':
      hypervisor.setFaultRules(write.rules);
      return;
    case 'alarm-settings':
      hypervisor.alarmSettings = write.settings;
      return;
    case 'restore-alarms':
      hypervisor.restoreAlarms(write.alarms, write.lastNumber);
      return;
    case 'apply':
      hypervisor.apply(write.change, write.cause);
      return;
    case 'transaction': {
      const transaction = hypervisor.transaction(write.cause);
      for (const change of write.changes) transaction.apply(change);
      if (write.committed) transaction.commit();
      else transaction.rollback();
    }
  }
}

/** Whether the fleet is what the snapshot shows. */
function verify(snapshot: Snapshot, run: RecordedRun): void {
  const found = run.pictures();
  const { pictures } = snapshot;
  if (found.length === pictures.length && found.every((line, i) => line === pictures[i])) return;
  const wanted = readPictures(snapshot, 'the snapshot');
  const differences = diffPictures(wanted, readPictures({ ...snapshot, pictures: found }, 'the replay'));
  const lines = differences.flatMap((each) => differenceLines(each));
  const more = lines.length > MOST_TOLD ? `\n  and ${lines.length - MOST_TOLD} more` : '';
  const told = lines.slice(0, MOST_TOLD).map((line) => `\n  ${line}`);
  throw refusal(snapshot, `another state comes of it (in the snapshot, now):${told.join('')}${more}`);
}

function refusal({ head }: Snapshot, why: string): VirtsnmpError {
  const { program, node, arch } = head;
  const here = `${VERSION} on Node ${process.version}, ${process.arch}`;
  const there = `${program} on Node ${node}, ${arch}`;
  const hint = here === there ? 'it is damaged, or this is a bug' : `written by ${there}; this is ${here}`;
  return new VirtsnmpError('SNAPSHOT_INVALID', `the snapshot cannot be restored (${hint}): ${why}`);
}
