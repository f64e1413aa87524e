import { TAG } from '../../agent/ber/tags.ts';
import { type RowChange, STORAGE_TYPE } from '../../agent/mib/managed-table.ts';
import { nameIndex } from '../../agent/mib/row-index.ts';
import type { CompiledFilter } from '../../agent/notify/filter.ts';
import type { Notification, Varbind } from '../../agent/notify/notification.ts';
import type { LogEntry } from '../../agent/notify/notification-log/log-entry.ts';
import type { LogJournal } from '../../agent/notify/notification-log/log-journal.ts';
import { type LogRow, LogSettings } from '../../agent/notify/notification-log/log-settings.ts';
import {
  decodeLogged,
  type LoggedNotification,
} from '../../agent/notify/notification-log/logged-notification.ts';
import { type LogRoom, NotificationLog } from '../../agent/notify/notification-log/notification-log.ts';

/** A variable of each type of nlmLogVariableValueType, in the order of the types. */
export const VARIABLES: readonly Varbind[] = [
  { oid: [1, 3, 6, 1, 9, 1, 0], tag: TAG.COUNTER32, value: 4_294_967_295 },
  { oid: [1, 3, 6, 1, 9, 2, 0], tag: TAG.GAUGE32, value: 17 },
  { oid: [1, 3, 6, 1, 9, 3, 0], tag: TAG.TIME_TICKS, value: 100 },
  { oid: [1, 3, 6, 1, 9, 4, 0], tag: TAG.INTEGER, value: -5 },
  { oid: [1, 3, 6, 1, 9, 5, 0], tag: TAG.IP_ADDRESS, value: Uint8Array.of(192, 0, 2, 1) },
  { oid: [1, 3, 6, 1, 9, 6, 0], tag: TAG.OCTET_STRING, value: 'Grüße' },
  { oid: [1, 3, 6, 1, 9, 7, 0], tag: TAG.OBJECT_IDENTIFIER, value: [1, 3, 6, 1, 4, 1, 36957] },
  { oid: [1, 3, 6, 1, 9, 8, 0], tag: TAG.COUNTER64, value: 2n ** 64n - 1n },
  { oid: [1, 3, 6, 1, 9, 9, 0], tag: TAG.OPAQUE, value: Uint8Array.of(0x9f, 0x78, 4, 0x42, 0xf6, 0, 0) },
];

/** A notification that a number tells from others. */
export function notification(number: number, varbinds: readonly Varbind[] = []): Notification {
  return { oid: [1, 3, 6, 1, 9, 0, number], upTimeCentiseconds: number * 100, varbinds };
}

/** What an entry has kept of its notification. */
export function notificationOf({ record, contentAt }: LogEntry): LoggedNotification {
  return decodeLogged(record, contentAt)!;
}

/** Filters by name: everything, those with odd numbers. */
export const FILTERS: Readonly<Record<string, CompiledFilter>> = {
  all: { passes: () => true },
  odd: { passes: ({ oid }) => oid.at(-1)! % 2 === 1 },
};

export interface LogLaboratoryOptions {
  readonly room?: LogRoom;
  readonly journal?: LogJournal;
  /** What {@link LogLaboratory.stored} gave. */
  readonly stored?: unknown;
  readonly wallMs?: number;
}

/** 2026-01-05T00:00:00Z. */
const START_MS = 1_767_571_200_000;

/** Logs whose time the test moves; nobody called `nobody` has access to anything. */
export class LogLaboratory {
  wallMs: number;
  readonly settings = new LogSettings();
  readonly log: NotificationLog;

  constructor({ room, journal, stored, wallMs = START_MS }: LogLaboratoryOptions = {}) {
    this.wallMs = wallMs;
    this.settings.configure({ entryLimit: 0, ageOut: 0 }, 'all');
    if (stored !== undefined) this.settings.restore(stored);
    this.log = new NotificationLog({
      settings: this.settings,
      filter: (name) => FILTERS[name],
      mayKnow: ({ securityName }) => securityName !== 'nobody',
      wallMs: () => this.wallMs,
      room: room ?? { entries: 1000, octets: 1_000_000 },
      ...(journal && { journal }),
    });
  }

  /** What managers have set, as it comes out of a file. */
  get stored(): unknown {
    return JSON.parse(JSON.stringify(this.settings.snapshot()));
  }

  /** Changes a row as a SetRequest does; false when it was refused. */
  change(name: string, change: RowChange<LogRow>): boolean {
    const prepared = this.settings.table.prepare(nameIndex(name), change);
    if ('refused' in prepared) return false;
    prepared.commit();
    this.log.settle();
    return true;
  }

  /** Makes a log, for everything and in the name of somebody with access to it, where nothing else is said. */
  make(name: string, change: Partial<LogRow> = {}): boolean {
    const owner = { securityModel: 2, securityName: 'somebody', securityLevel: 1 };
    const { nonVolatile: storageType } = STORAGE_TYPE;
    return this.change(name, { filterName: 'all', owner, storageType, ...change, status: 4 });
  }

  /** Changes the limits of all logs as a SetRequest does. */
  limit(limits: { entryLimit?: number; ageOut?: number }): void {
    this.settings.change(limits);
    this.log.settle();
  }

  /** The numbers of the notifications in a log, from the first index to the last. */
  numbers(name = ''): number[] {
    const { entries } = this.log.logs.find((log) => log.name === name)!;
    return Array.from({ length: entries.length }, (_, i) => notificationOf(entries.at(i)).oid.at(-1)!);
  }
}
