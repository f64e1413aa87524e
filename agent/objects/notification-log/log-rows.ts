import type { Writer } from '../../ber/writer.ts';
import { compareToSlice, type Rows } from '../../mib/rows.ts';
import {
  type EntryList,
  type LogEntry,
  logIndex,
  variablesOf,
} from '../../notify/notification-log/log-entry.ts';
import { type LoggedVariable, VALUE_TYPES } from '../../notify/notification-log/logged-notification.ts';
import type { NotificationLog } from '../../notify/notification-log/notification-log.ts';
import type { SingleLog } from '../../notify/notification-log/single-log.ts';
import { lowerBound } from '../../util/lower-bound.ts';

/** Entries that the logs have at most, for positions. */
const MAX_ENTRIES = 2 ** 20;
/** Variables that a notification has at most, for positions: a datagram has no room for more. */
const MAX_VARIABLES = 2 ** 14;

/** A place in the index order of entries: `at` is a position in a list of the log. */
interface Place {
  readonly log: number;
  readonly at: number;
}

/** Where sub-identifiers lead: to the first log with rows behind them, and whether into the midst of its rows. */
interface Found {
  readonly log: number;
  /** What follows the name of the log; empty when all its rows are behind. */
  readonly from: number;
}

/** Finds the log whose rows ids[from..to) fall into, or else the first whose rows are all behind. */
function findLog(logs: readonly SingleLog[], ids: ArrayLike<number>, from: number, to: number): Found {
  /** Order of a log's name against as much of the sub-identifiers. */
  const order = ({ index }: SingleLog) => compareToSlice(index, ids, from, Math.min(to, from + index.length));
  const at = lowerBound(logs.length, (place) => order(logs[place]!) < 0);
  const log = logs[at];
  const inside = log !== undefined && order(log) === 0;
  return { log: at, from: inside ? from + log.index.length : to };
}

/** The place, or that of the first entry of the next log that has any. */
function settle(
  logs: readonly SingleLog[],
  list: (log: SingleLog) => EntryList,
  place: Place,
): Place | undefined {
  let { log, at } = place;
  while (log < logs.length && at >= list(logs[log]!).length) {
    log++;
    at = 0;
  }
  return log < logs.length ? { log, at } : undefined;
}

/** nlmLogTable: the entries of all logs, by name of the log and nlmLogIndex. */
export class LogRows implements Rows<LogEntry> {
  readonly #source: NotificationLog;
  /** As they were when a position was last searched for. */
  #logs: readonly SingleLog[] = [];

  constructor(source: NotificationLog) {
    this.#source = source;
  }

  find(ids: ArrayLike<number>, from: number, to: number): number {
    this.#logs = this.#source.logs;
    const found = findLog(this.#logs, ids, from, to);
    if (to - found.from !== 1) return -1;
    const { entries } = this.#logs[found.log]!;
    const at = entries.firstFrom(ids[found.from]!);
    return at < entries.length && logIndex(entries.at(at)) === ids[found.from]
      ? position({ log: found.log, at })
      : -1;
  }

  after(ids: ArrayLike<number>, from: number, to: number): number {
    this.#logs = this.#source.logs;
    const found = findLog(this.#logs, ids, from, to);
    const at = found.from < to ? this.#logs[found.log]!.entries.firstFrom(ids[found.from]! + 1) : 0;
    return position(settle(this.#logs, entriesOf, { log: found.log, at }));
  }

  first(): number {
    this.#logs = this.#source.logs;
    return position(settle(this.#logs, entriesOf, { log: 0, at: 0 }));
  }

  next(at: number): number {
    const place = placeOf(at);
    return position(settle(this.#logs, entriesOf, { log: place.log, at: place.at + 1 }));
  }

  row(at: number): LogEntry {
    const place = placeOf(at);
    return this.#logs[place.log]!.entries.at(place.at);
  }

  appendIndex(at: number, writer: Writer): void {
    const place = placeOf(at);
    const { index, entries } = this.#logs[place.log]!;
    for (const subid of index) writer.appendSubid(subid);
    writer.appendSubid(logIndex(entries.at(place.at)));
  }
}

function entriesOf({ entries }: SingleLog): EntryList {
  return entries;
}

function position(place: Place | undefined): number {
  return place ? place.log * MAX_ENTRIES + place.at : -1;
}

function placeOf(at: number): Place {
  return { log: Math.floor(at / MAX_ENTRIES), at: at % MAX_ENTRIES };
}

/**
 * Rows of nlmLogVariableTable, by name of the log, nlmLogIndex and place of the variable: all of them, or those of one
 * type of nlmLogVariableValueType.
 */
export class VariableRows implements Rows<LoggedVariable> {
  readonly #source: NotificationLog;
  readonly #type: number;
  readonly #list: (log: SingleLog) => EntryList;
  #logs: readonly SingleLog[] = [];

  /** `type` 0 is all types. */
  constructor(source: NotificationLog, type = 0) {
    this.#source = source;
    this.#type = type;
    this.#list = (log) => log.withType(type);
  }

  find(ids: ArrayLike<number>, from: number, to: number): number {
    this.#logs = this.#source.logs;
    const found = findLog(this.#logs, ids, from, to);
    if (to - found.from !== 2) return -1;
    const list = this.#list(this.#logs[found.log]!);
    const at = list.firstFrom(ids[found.from]!);
    if (at >= list.length || logIndex(list.at(at)) !== ids[found.from]) return -1;
    const variable = ids[found.from + 1]! - 1;
    if (variable < 0) return -1;
    return this.#variableFrom(list.at(at), variable) === variable
      ? variablePosition({ log: found.log, at }, variable)
      : -1;
  }

  after(ids: ArrayLike<number>, from: number, to: number): number {
    this.#logs = this.#source.logs;
    const { log, from: rest } = findLog(this.#logs, ids, from, to);
    if (rest >= to) return this.#firstAt({ log, at: 0 });
    const list = this.#list(this.#logs[log]!);
    const at = list.firstFrom(ids[rest]!);
    if (to - rest > 1 && at < list.length && logIndex(list.at(at)) === ids[rest]) {
      // nlmLogVariableIndex counts from 1, so that the number given is the place of the variable behind it.
      return this.#behind({ log, at }, ids[rest + 1]!);
    }
    return this.#firstAt({ log, at });
  }

  first(): number {
    this.#logs = this.#source.logs;
    return this.#firstAt({ log: 0, at: 0 });
  }

  next(at: number): number {
    return this.#behind(placeOf(Math.floor(at / MAX_VARIABLES)), (at % MAX_VARIABLES) + 1);
  }

  row(at: number): LoggedVariable {
    return variablesOf(this.#entry(at))[at % MAX_VARIABLES]!;
  }

  appendIndex(at: number, writer: Writer): void {
    const { log } = placeOf(Math.floor(at / MAX_VARIABLES));
    for (const subid of this.#logs[log]!.index) writer.appendSubid(subid);
    writer.appendSubid(logIndex(this.#entry(at)));
    writer.appendSubid((at % MAX_VARIABLES) + 1);
  }

  #entry(at: number): LogEntry {
    const place = placeOf(Math.floor(at / MAX_VARIABLES));
    return this.#list(this.#logs[place.log]!).at(place.at);
  }

  /** The first variable from one on in the entry at a place, else the first behind the entry. */
  #behind(place: Place, variable: number): number {
    const within = this.#variableFrom(this.#list(this.#logs[place.log]!).at(place.at), variable);
    return within >= 0
      ? variablePosition(place, within)
      : this.#firstAt({ log: place.log, at: place.at + 1 });
  }

  /** The first variable of the first entry from a place on: each entry in the list has one. */
  #firstAt(place: Place): number {
    const settled = settle(this.#logs, this.#list, place);
    if (!settled) return -1;
    return variablePosition(
      settled,
      this.#variableFrom(this.#list(this.#logs[settled.log]!).at(settled.at), 0),
    );
  }

  /** Place of the first variable of the type from one on; -1 when there is none. */
  #variableFrom(entry: LogEntry, variable: number): number {
    const variables = variablesOf(entry);
    for (let i = variable; i < variables.length; i++) {
      if (this.#type === 0 || VALUE_TYPES.get(variables[i]!.tag) === this.#type) return i;
    }
    return -1;
  }
}

function variablePosition(place: Place, variable: number): number {
  return position(place) * MAX_VARIABLES + variable;
}
