import { ROW_STATUS } from '../../mib/managed-table.ts';
import { compareOids } from '../../util/oid.ts';
import type { CompiledFilter } from '../filter.ts';
import type { Notification } from '../notification.ts';
import type { LogEntry } from './log-entry.ts';
import type { FoundRecord, LogJournal } from './log-journal.ts';
import { contentAt, entryRecord, goneRecord, removedRecord } from './log-record.ts';
import type { LogOwner, LogRow, LogSettings } from './log-settings.ts';
import { decodeLogged, encodeLogged, VALUE_TYPES } from './logged-notification.ts';
import { SingleLog } from './single-log.ts';

const MINUTE_MS = 60_000;

/** What an entry takes beside its record, in octets. */
const OVERHEAD = 256;

export interface NotificationLogOptions {
  readonly settings: LogSettings;
  /** The filter of this name in snmpNotifyFilterTable. */
  readonly filter: (name: string) => CompiledFilter | undefined;
  /** Whether the owner of a log has access to what a notification tells. */
  readonly mayKnow: (owner: LogOwner, notification: Notification) => boolean;
  /** The date in ms since 1970. */
  readonly wallMs: () => number;
  /** What all logs together may hold whatever managers set: entries, at most 2^20, and octets. */
  readonly room: LogRoom;
  /** Without it, nothing outlives the program. */
  readonly journal?: LogJournal;
}

export interface LogRoom {
  readonly entries: number;
  readonly octets: number;
}

/** nlmConfigLogOperStatus. */
export type LogState = 'disabled' | 'operational' | 'noFilter';

/**
 * The notification logs of one agent (RFC 3014): the default log, and those that managers have made.
 *
 * To log is a matter of the number of logs, however many entries they have. Entries that are too old go when somebody
 * looks, so that nobody sees them. BOUNDED by the room in entries and in octets.
 */
export class NotificationLog {
  readonly #options: NotificationLogOptions;
  room: LogRoom;
  /** In the order of nlmLogName as an index. BOUNDED by the rows of nlmConfigLogTable. */
  #logs: SingleLog[] = [];
  #order = 0;
  #entries = 0;
  #octets = 0;
  /** nlmStatsGlobalNotificationsLogged. */
  logged = 0;
  /** nlmStatsGlobalNotificationsBumped. */
  bumped = 0;

  /** Takes over what the journal holds. */
  constructor(options: NotificationLogOptions) {
    this.#options = options;
    this.room = options.room;
    this.#followRows();
    this.#recover(options.journal?.takeFound() ?? []);
    this.settle();
    // RFC 3014, nlmLogTable: the counters begin anew with each start.
    this.bumped = 0;
    for (const log of this.#logs) log.bumped = 0;
  }

  /** The logs in the order of their names as an index. What is too old is gone. */
  get logs(): readonly SingleLog[] {
    this.#expire();
    return this.#logs;
  }

  /** Entries of all logs. */
  get size(): number {
    return this.#entries;
  }

  /** What becomes of notifications for a log. */
  state({ enabled, status, filterName }: LogRow): LogState {
    if (!enabled || status !== ROW_STATUS.active) return 'disabled';
    return this.#options.filter(filterName) ? 'operational' : 'noFilter';
  }

  /** The log of this name. */
  log(name: string): SingleLog | undefined {
    return this.#logs.find((log) => log.name === name);
  }

  /** Puts a notification that happens now into each log that it is for. */
  add(notification: Notification): void {
    this.#expire();
    let content: Buffer | undefined;
    for (const log of this.#logs) {
      if (!this.#isFor(log, notification)) continue;
      content ??= encodeLogged(notification);
      this.#put(log, notification, content);
    }
    this.#compact();
  }

  /**
   * Follows changed settings: makes and removes logs as nlmConfigLogTable has them, and keeps the limits. To be called
   * once a change is made for good: what goes does not come back.
   */
  settle(): void {
    this.#followRows();
    this.#expire();
    for (const log of this.#logs) {
      const first = log.firstSerial;
      while (isOver(log.entries.length, log.row.entryLimit)) this.#bump(log);
      this.#tellGone(log, first);
    }
    this.#makeRoom(0, 0);
    this.#compact();
  }

  /** Makes what was logged so far outlive the program, before anybody hears of what caused it. */
  flush(): void {
    this.#options.journal?.flush();
  }

  async close(): Promise<void> {
    await this.#options.journal?.close();
  }

  #isFor(log: SingleLog, notification: Notification): boolean {
    const { name, enabled, status, filterName, owner } = log.row;
    if (!enabled || status !== ROW_STATUS.active) return false;
    if (!this.#options.filter(filterName)?.passes(notification)) return false;
    // RFC 3014, nlmLogEntry: the owner of a log with a name must have access to the information.
    return name === '' || (owner !== undefined && this.#options.mayKnow(owner, notification));
  }

  #put(log: SingleLog, notification: Notification, content: Buffer): void {
    const { entryLimit } = log.row;
    while (isOver(log.entries.length + 1, entryLimit)) this.#bump(log);
    // The index is the name with its length before it.
    const at = contentAt(log.index.length - 1);
    this.#makeRoom(1, at + content.length + OVERHEAD, log);
    const dateMs = this.#options.wallMs();
    const serial = log.next;
    const firstSerial = log.firstSerial;
    const record = entryRecord({ log: log.name, serial, firstSerial, dateMs }, content);
    this.#push(log, {
      serial,
      order: this.#order++,
      upTimeCentiseconds: notification.upTimeCentiseconds,
      dateMs,
      agedFromMs: dateMs,
      record,
      contentAt: at,
      types: typesOf(notification),
    });
    log.logged++;
    this.logged++;
    this.#options.journal?.append(record);
  }

  #push(log: SingleLog, entry: LogEntry): void {
    log.push(entry);
    this.#entries++;
    this.#octets += entry.record.length + OVERHEAD;
  }

  #shift(log: SingleLog): void {
    const entry = log.shift()!;
    this.#entries--;
    this.#octets -= entry.record.length + OVERHEAD;
  }

  /** Takes the oldest entry of a log out for want of room. */
  #bump(log: SingleLog): void {
    this.#shift(log);
    log.bumped++;
    this.bumped++;
  }

  /** Takes the oldest entries out, whichever log they are in, until so much more fits (RFC 3014, nlmLogEntry). */
  #makeRoom(entries: number, octets: number, into?: SingleLog): void {
    const { entryLimit } = this.#options.settings.limits;
    for (;;) {
      const count = this.#entries + entries;
      const full = count > this.room.entries || isOver(count, entryLimit);
      if (!full && this.#octets + octets <= this.room.octets) return;
      const log = this.#oldest();
      if (!log) return;
      const first = log.firstSerial;
      this.#bump(log);
      // The record of the entry that comes tells what its own log has left.
      if (log !== into) this.#tellGone(log, first);
    }
  }

  /** The log with the oldest entry of all. */
  #oldest(): SingleLog | undefined {
    let oldest: SingleLog | undefined;
    for (const log of this.#logs) {
      const order = log.entries.oldest?.order ?? Number.POSITIVE_INFINITY;
      if (order < (oldest?.entries.oldest?.order ?? Number.POSITIVE_INFINITY)) oldest = log;
    }
    return oldest;
  }

  /** Takes out what nlmConfigGlobalAgeOut no longer grants. */
  #expire(): void {
    const { ageOut } = this.#options.settings.limits;
    if (ageOut === 0 || this.#entries === 0) return;
    const before = this.#options.wallMs() - ageOut * MINUTE_MS;
    for (const log of this.#logs) {
      const first = log.firstSerial;
      while ((log.entries.oldest?.agedFromMs ?? Number.POSITIVE_INFINITY) <= before) this.#shift(log);
      this.#tellGone(log, first);
    }
  }

  #tellGone(log: SingleLog, firstBefore: number): void {
    if (log.firstSerial !== firstBefore) this.#options.journal?.append(goneRecord(log.name, log.firstSerial));
  }

  #followRows(): void {
    const { settings, journal } = this.#options;
    const known = new Map(this.#logs.map((log) => [log.name, log]));
    this.#logs = Array.from(settings.table, (row) => {
      const log = known.get(row.name) ?? new SingleLog(row);
      known.delete(row.name);
      log.row = row;
      return log;
    }).sort((a, b) => compareOids(a.index, b.index));
    for (const log of known.values()) {
      while (log.entries.length > 0) this.#shift(log);
      journal?.append(removedRecord(log.name));
    }
  }

  /** Puts back what was in the logs. What was in a log that is gone goes too: another may come to have its name. */
  #recover(found: readonly FoundRecord[]): void {
    const { journal, wallMs } = this.#options;
    const logs = new Map(this.#logs.map((log) => [log.name, log]));
    const strange = new Set(found.map(({ record }) => record.log).filter((name) => !logs.has(name)));
    for (const name of strange) journal?.append(removedRecord(name));
    const nowMs = wallMs();
    for (const { record, octets } of found) {
      const log = logs.get(record.log);
      if (!log) continue;
      if (record.kind === 'removed') {
        this.#leave(log, Number.POSITIVE_INFINITY);
        log.next = 0;
        continue;
      }
      this.#leave(log, record.firstSerial);
      log.next = Math.max(log.next, record.firstSerial);
      if (record.kind !== 'entry' || record.serial < log.next) continue;
      const notification = decodeLogged(octets, record.contentAt);
      if (!notification) continue;
      const { serial, dateMs } = record;
      const agedFromMs = Math.min(dateMs, nowMs);
      const types = typesOf(notification);
      // RFC 3014, nlmLogTime: 0 for what was logged before this start.
      const entry = { serial, order: this.#order++, upTimeCentiseconds: 0, dateMs, agedFromMs, types };
      this.#push(log, { ...entry, record: octets, contentAt: record.contentAt });
    }
  }

  /** Leaves the entries of a log from a serial number on. */
  #leave(log: SingleLog, firstSerial: number): void {
    while ((log.entries.oldest?.serial ?? Number.POSITIVE_INFINITY) < firstSerial) this.#shift(log);
  }

  #compact(): void {
    const wanted = this.#octets - this.#entries * OVERHEAD;
    this.#options.journal?.compactIfLong(wanted, () => this.#snapshot());
  }

  /** What there is as records: which entries the logs begin with, then all entries in the order they were put in. */
  #snapshot(): Uint8Array[] {
    const gone = this.#logs.map((log) => goneRecord(log.name, log.firstSerial));
    const entries = this.#logs.flatMap(({ entries }) => Array.from(entries));
    if (this.#logs.length > 1) entries.sort((a, b) => a.order - b.order);
    return [...gone, ...entries.map(({ record }) => record)];
  }
}

/** Whether there are more than a limit allows, 0 being none. */
function isOver(count: number, limit: number): boolean {
  return limit > 0 && count > limit;
}

function typesOf({ varbinds }: Pick<Notification, 'varbinds'>): number {
  let types = varbinds.length > 0 ? 1 : 0;
  for (const { tag } of varbinds) types |= 1 << VALUE_TYPES.get(tag)!;
  return types;
}
