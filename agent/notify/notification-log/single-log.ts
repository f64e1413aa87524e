import { nameIndex } from '../../mib/row-index.ts';
import type { Oid } from '../../util/oid.ts';
import { EntryList, type LogEntry } from './log-entry.ts';
import type { LogRow } from './log-settings.ts';
import { MAX_VALUE_TYPE } from './logged-notification.ts';

/** One log: what its row says, its entries, and what was counted. */
export class SingleLog {
  readonly name: string;
  /** Its part of the indexes of nlmLogTable and nlmLogVariableTable. */
  readonly index: Oid;
  row: LogRow;
  /** Serial number of the next entry. */
  next = 0;
  /** nlmStatsLogNotificationsLogged. */
  logged = 0;
  /** nlmStatsLogNotificationsBumped. */
  bumped = 0;
  readonly entries = new EntryList();
  /** Those with variables at 0, and at 1 to 9 those with variables of a type, so that a search passes over no others. */
  readonly #withType: readonly EntryList[] = Array.from(
    { length: MAX_VALUE_TYPE + 1 },
    () => new EntryList(),
  );

  constructor(row: LogRow) {
    this.name = row.name;
    this.index = nameIndex(row.name);
    this.row = row;
  }

  /** Serial number of the oldest entry, or of the next when there is none. */
  get firstSerial(): number {
    return this.entries.oldest?.serial ?? this.next;
  }

  /** The entries that have variables of a type of nlmLogVariableValueType; of any type for 0. */
  withType(type: number): EntryList {
    return this.#withType[type]!;
  }

  push(entry: LogEntry): void {
    this.entries.push(entry);
    this.next = entry.serial + 1;
    this.#withType.forEach((list, type) => {
      if (entry.types & (1 << type)) list.push(entry);
    });
  }

  /** Takes the oldest entry out. */
  shift(): LogEntry | undefined {
    const entry = this.entries.shift();
    if (entry) for (const list of this.#withType) if (list.oldest === entry) list.shift();
    return entry;
  }
}
