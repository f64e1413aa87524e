import type { Alarm } from '../../emulation/alarm/alarm.ts';
import type { AlarmEvent } from '../../emulation/events.ts';
import type { Host } from '../../emulation/host/host.ts';
import type { Notification } from '../../notify/notification.ts';
import { lowerBound } from '../../util/lower-bound.ts';
import { compareOids, type Oid } from '../../util/oid.ts';
import { dateAndTime } from '../libvirt-stats/convert.ts';
import { DEFAULT_LIST } from './model.ts';

/** An alarm that is up, with the notification that told so. */
export interface ActiveEntry {
  readonly alarm: Alarm;
  readonly told: Notification;
  /** In alarmActiveTable. */
  readonly index: Oid;
}

/** An alarm that is up no longer. */
export interface ClearedEntry {
  readonly alarm: Alarm;
  readonly told: Oid;
  /** In alarmClearTable. */
  readonly index: Oid;
}

/** What a notification is made of an event of an alarm. */
export type TellAlarm = (event: AlarmEvent) => Notification;

/**
 * What the tables of ALARM-MIB show of one host, in the order of their indexes.
 *
 * The alarms that are up are the host's own; the latest that were are kept here. BOUNDED: those by
 * {@link maximum}, and those that are up by what the host and its guests have.
 */
export class AlarmLog {
  readonly #tell: TellAlarm;
  readonly #byTime: ActiveEntry[] = [];
  /** In the order of numbers. */
  readonly #byNumber: ActiveEntry[] = [];
  readonly #cleared: ClearedEntry[] = [];
  /** Most entries of {@link cleared}. */
  maximum: number;

  /** Begins with what is up already. */
  constructor(host: Host, nowMs: number, wallMs: number, tell: TellAlarm, maximum: number) {
    this.#tell = tell;
    this.maximum = maximum;
    for (const alarm of host.alarms.active) {
      const at = { atMs: nowMs, wallMs, host, cause: 'host', faults: [], sequence: 0 } as const;
      this.hear({ kind: 'alarm', event: 'RAISED', alarm, ...at });
    }
  }

  /** What is up, by date and time, then number. */
  get byTime(): readonly ActiveEntry[] {
    return this.#byTime;
  }

  /** What is up, by number. */
  get byNumber(): readonly ActiveEntry[] {
    return this.#byNumber;
  }

  /** What was up, by the date and time when it was cleared, then number. */
  get cleared(): readonly ClearedEntry[] {
    return this.#cleared;
  }

  /** To be told of each alarm of the host that comes or goes, in order; `told`: the notification of it. */
  hear(event: AlarmEvent, told = this.#tell(event)): void {
    const { alarm } = event;
    if (event.event === 'RAISED') {
      const entry = { alarm, told, index: timeIndex(alarm.raisedWallMs, alarm.number) };
      this.#byTime.splice(placeOf(this.#byTime, entry.index), 0, entry);
      this.#byNumber.splice(numberPlace(this.#byNumber, alarm.number), 0, entry);
      return;
    }
    this.#byTime.splice(placeOf(this.#byTime, timeIndex(alarm.raisedWallMs, alarm.number)), 1);
    this.#byNumber.splice(numberPlace(this.#byNumber, alarm.number), 1);
    this.recall(event, told);
  }

  /** To be told of an alarm that had been cleared before this log began. */
  recall(event: AlarmEvent, { oid } = this.#tell(event)): void {
    const { alarm, wallMs } = event;
    const cleared = { alarm, told: oid, index: timeIndex(wallMs, alarm.number) };
    this.#cleared.splice(placeOf(this.#cleared, cleared.index), 0, cleared);
    this.trim();
  }

  /** Forgets the oldest entries that are more than {@link maximum}. */
  trim(): void {
    const surplus = this.#cleared.length - this.maximum;
    if (surplus > 0) this.#cleared.splice(0, surplus);
  }
}

/** The index of a row by list, date and time, and number; a DateAndTime's length is told (RFC 2578 section 7.7). */
function timeIndex(wallMs: number, number: number): Oid {
  const octets = dateAndTime(wallMs);
  return [...DEFAULT_LIST, octets.length, ...octets, number];
}

/** Where an index stands, or would. Most are looked for at the end. */
function placeOf(entries: readonly { readonly index: Oid }[], index: Oid): number {
  const isBelow = (place: number): boolean => compareOids(entries[place]!.index, index) < 0;
  const last = entries.length - 1;
  return last >= 0 && isBelow(last) ? last + 1 : lowerBound(entries.length, isBelow);
}

function numberPlace(entries: readonly ActiveEntry[], number: number): number {
  return lowerBound(entries.length, (place) => entries[place]!.alarm.number < number);
}
