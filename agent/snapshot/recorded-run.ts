import { alarmSettings } from '../emulation/alarm/settings.ts';
import { Hypervisor } from '../emulation/hypervisor.ts';
import { VirtualClock } from '../util/clock.ts';
import { type Logger, silentLogger } from '../util/logger.ts';
import { VERSION } from '../util/package-info.ts';
import { encodeSnapshot, FORMAT_VERSION, pictureLine, type RunStart } from './document.ts';
import { EventCounts } from './event-counts.ts';
import { takePictures } from './picture.ts';
import { WriteLog } from './write-log.ts';

/** What a run begins with; what is not given is as shipped. */
export type RunOptions = Pick<RunStart, 'seed'> & Partial<Omit<RunStart, 'seed' | 'epochMs'>>;

/** A fleet, empty at first, with the record of all that is done to it: what a snapshot can be taken of. */
export class RecordedRun {
  readonly hypervisor: Hypervisor;
  readonly start: RunStart;
  readonly #log = new WriteLog();
  readonly #counts = new EventCounts();

  /** `clock` is at its beginning. */
  constructor(clock: VirtualClock, options: RunOptions, logger: Logger = silentLogger) {
    this.start = {
      seed: options.seed,
      epochMs: clock.epochMs,
      profile: options.profile ?? 'modern',
      tickMs: options.tickMs ?? 1000,
      timings: options.timings ?? {},
      alarms: options.alarms ?? alarmSettings(),
    };
    this.hypervisor = new Hypervisor({
      ...this.start,
      clock,
      logger,
      onWrite: (write, at) => this.#log.add(write, at),
    });
    this.hypervisor.onEvent((event) => this.#counts.hear(event));
  }

  /** Keeps the record in a file: see {@link WriteLog.keepIn}. */
  keepIn(path: string, logger: Logger): void {
    this.#log.keepIn(path, logger);
  }

  /** What there is to be seen at the present instant, as lines of a snapshot. */
  pictures(): string[] {
    return Array.from(takePictures(this.hypervisor, this.#counts), pictureLine);
  }

  /**
   * A snapshot of the present instant, as octets in pieces. Throws OPERATION_INVALID in the midst of something, and
   * OPERATION_FAILED when the record is not whole.
   */
  snapshot(): Buffer[] {
    const { atMs, ran } = this.hypervisor.moment;
    const writes = this.#log.lines();
    const pictures = this.pictures();
    const head = {
      virtsnmpSnapshot: FORMAT_VERSION,
      program: VERSION,
      node: process.version,
      arch: process.arch,
      start: this.start,
      instant: { atMs, ran },
      writes: writes.length,
      pictures: pictures.length,
    } as const;
    return Array.from(encodeSnapshot(head, writes, pictures));
  }

  /** Closes the file. */
  async close(): Promise<void> {
    await this.#log.close();
  }
}

/** A run that begins as that of a snapshot did. */
export function runFrom(start: RunStart, logger?: Logger): RecordedRun {
  return new RecordedRun(new VirtualClock({ epochMs: start.epochMs }), start, logger);
}
