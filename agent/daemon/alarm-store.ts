import { ALARM_KINDS, type Alarm, SEVERITIES } from '../emulation/alarm/alarm.ts';
import type { AlarmEvent } from '../emulation/events.ts';
import type { Host } from '../emulation/host/host.ts';
import { errorText, VirtsnmpError } from '../util/errors.ts';
import { type Journal, openJournal } from '../util/journal.ts';
import type { Logger } from '../util/logger.ts';

/** Octets that the file may have for each alarm that is up, and beyond that, before it is written anew. */
const OCTETS_PER_ALARM = 2048;
const SPARE_OCTETS = 256 * 1024;

/** An alarm as it is stored: what it is about by name. */
type StoredAlarm = Omit<Alarm, 'host' | 'domain' | 'raisedMs'>;

/** One change, as JSON. */
type StoredRecord =
  | { readonly raised: StoredAlarm }
  | { readonly cleared: number }
  | { readonly last: number };

export interface AlarmStoreOptions {
  readonly file: string;
  readonly host: Host;
  /** Unix time in ms at which the simulation began. */
  readonly epochMs: number;
  readonly logger: Logger;
}

/**
 * Keeps the alarms of one host over a restart, in a journal that is readable by its owner alone.
 *
 * A change is written before anybody is told of it: the end of the program at any moment leaves no alarm that
 * was told and is not known any more. BOUNDED: the file is written anew when it holds much more than what is up.
 */
export class AlarmStore {
  /** What was up when the program ended. */
  readonly alarms: readonly Alarm[];
  /** The largest number that an alarm of the host has had. */
  readonly lastNumber: number;
  readonly #host: Host;
  readonly #journal: Journal;
  #last: number;

  /** Throws STATE_FAILED when the file cannot be read, written or understood. */
  constructor({ file, host, epochMs, logger }: AlarmStoreOptions) {
    const { journal, records, damage } = openJournal({
      file,
      sync: 'soon',
      onError: (error) => logger.error('alarms are not kept over a restart', { error: errorText(error) }),
    });
    if (damage) logger.warn('the end of the stored alarms was damaged and is left out', { file, ...damage });
    const active = new Map<number, StoredAlarm>();
    let last = 0;
    try {
      for (const octets of records) last = Math.max(last, replay(parse(octets), active));
    } catch (thrown) {
      void journal.close();
      throw new VirtsnmpError(
        'STATE_FAILED',
        `${file}: ${errorText(thrown)}; delete it to forget its alarms`,
      );
    }
    this.#host = host;
    this.#journal = journal;
    this.#last = last;
    this.lastNumber = last;
    this.alarms = Array.from(active.values(), (stored) => asAlarm(stored, host, epochMs));
  }

  /** Writes a change. A failure is logged, and the alarm goes on. */
  record({ event, alarm }: AlarmEvent): void {
    this.#last = Math.max(this.#last, alarm.number);
    this.#append(event === 'RAISED' ? { raised: asStored(alarm) } : { cleared: alarm.number });
    this.#journal.flush();
    const { active } = this.#host.alarms;
    if (this.#journal.size > SPARE_OCTETS + active.length * OCTETS_PER_ALARM) this.replace();
  }

  /** Puts what is up now in the place of all that is stored. */
  replace(): void {
    const { active } = this.#host.alarms;
    this.#last = Math.max(this.#last, ...active.map(({ number }) => number));
    void this.#journal.compact([
      encode({ last: this.#last }),
      ...active.map((each) => encode({ raised: asStored(each) })),
    ]);
  }

  /** Closes the file. */
  async close(): Promise<void> {
    await this.#journal.close();
  }

  #append(record: StoredRecord): void {
    this.#journal.append(encode(record));
  }
}

/** The largest number that a record tells of. */
function replay(record: StoredRecord, active: Map<number, StoredAlarm>): number {
  if ('last' in record) return record.last;
  if ('cleared' in record) {
    active.delete(record.cleared);
    return record.cleared;
  }
  active.set(record.raised.number, record.raised);
  return record.raised.number;
}

function encode(record: StoredRecord): Uint8Array {
  return Buffer.from(JSON.stringify(record));
}

function parse(octets: Uint8Array): StoredRecord {
  const record = JSON.parse(Buffer.from(octets).toString()) as StoredRecord;
  if ('last' in record || 'cleared' in record) return record;
  const { kind, severity } = record.raised;
  if (!ALARM_KINDS.includes(kind) || !SEVERITIES.includes(severity))
    throw new Error(`there is no alarm ${kind} of severity ${severity}`);
  return record;
}

function asStored(alarm: Alarm): StoredAlarm {
  const { host: _host, domain: _domain, raisedMs: _raisedMs, ...stored } = alarm;
  return stored;
}

function asAlarm(stored: StoredAlarm, host: Host, epochMs: number): Alarm {
  const { guest, raisedWallMs } = stored;
  const domain = guest && host.domains.byUuid(guest.uuid);
  // A simulation that ran ahead of the real time raised it later than this one begins.
  return { ...stored, host, ...(domain && { domain }), raisedMs: Math.min(-1, raisedWallMs - epochMs) };
}
