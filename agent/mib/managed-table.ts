import type { Writer } from '../ber/writer.ts';
import { ERROR_STATUS, type ErrorStatus } from '../message/constants.ts';
import { lowerBound } from '../util/lower-bound.ts';
import type { Oid } from '../util/oid.ts';
import type { PreparedSet } from './module.ts';
import { compareToSlice, type Rows } from './rows.ts';

/** RowStatus (RFC 2579 section 2). */
export const ROW_STATUS = {
  active: 1,
  notInService: 2,
  notReady: 3,
  createAndGo: 4,
  createAndWait: 5,
  destroy: 6,
} as const;
/** A value that a manager may ask for. */
export type RowStatus = (typeof ROW_STATUS)[keyof typeof ROW_STATUS];
/** A value that a row may have. */
export type RowState = 1 | 2 | 3;

/** StorageType (RFC 2579 section 2). */
export const STORAGE_TYPE = { other: 1, volatile: 2, nonVolatile: 3, permanent: 4, readOnly: 5 } as const;
/** One of the values of {@link STORAGE_TYPE}. */
export type StorageType = (typeof STORAGE_TYPE)[keyof typeof STORAGE_TYPE];

/** A conceptual row that managers make, change and remove. It never changes: another content is another object. */
export interface ManagedRow {
  readonly storageType: StorageType;
  readonly status: RowState;
}

/** What a SetRequest wants of one row: some columns, perhaps with a status. */
export type RowChange<R extends ManagedRow> = Partial<Omit<R, 'status'>> & { readonly status?: RowStatus };

/** Why a change of a row was refused, and which column was to blame. */
export interface RowRefusal<R> {
  readonly refused: ErrorStatus;
  readonly column?: keyof R;
}

/** What one table needs to know of its rows. */
export interface RowRules<R> {
  indexOf(row: R): Oid;
  /** A row with this index and default values; `undefined` when no row can have it. */
  create(index: Oid): R | undefined;
  /** Whether the row has all that it takes to be active. */
  isComplete(row: R): boolean;
  /** Fields that do not change while a row is active: inconsistentValue then. */
  readonly fixedWhileActive?: readonly (keyof R)[];
  /**
   * Whether a row that managers have left gives way to what a configuration now says, which may be nothing
   * about it. Without this rule it never does.
   */
  givesWay?(row: R, configured: R | undefined): boolean;
}

/** Rows in one table; each holds less than some hundred octets. */
const MAX_ROWS = 4096;

/**
 * A table with RowStatus and StorageType, changed by a configuration and by managers.
 *
 * BOUNDED by MAX_ROWS for managers. Rows stand in the order of their indexes.
 */
export class ManagedTable<R extends ManagedRow> implements Rows<R> {
  readonly #rules: RowRules<R>;
  readonly #maxRows: number;
  #indexes: Oid[] = [];
  #rows: R[] = [];
  /** The rows that came from the configuration, by dotted index. */
  #configured = new Map<string, R>();
  #changes = 0;

  constructor(rules: RowRules<R>, maxRows = MAX_ROWS) {
    this.#rules = rules;
    this.#maxRows = maxRows;
  }

  /** How often the table was changed since it was made. */
  get changes(): number {
    return this.#changes;
  }

  get size(): number {
    return this.#rows.length;
  }

  [Symbol.iterator](): IterableIterator<R> {
    return this.#rows.values();
  }

  /** The row with this index. */
  get(index: Oid): R | undefined {
    const at = this.find(index, 0, index.length);
    return at < 0 ? undefined : this.#rows[at];
  }

  /**
   * Takes over the rows of a configuration in place of those of the one before.
   *
   * What a manager has made or changed stays, except where the configuration now has a readOnly row, and where
   * the table's rules say that it gives way. A row that is to outlive its removal by a manager must be permanent
   * or readOnly, for the next start brings it back.
   */
  configure(rows: Iterable<R>): void {
    const before = this.#configured;
    this.#configured = new Map(Array.from(rows, (row) => [this.#rules.indexOf(row).join('.'), row]));
    for (const row of this.#rows.slice()) {
      const index = this.#rules.indexOf(row);
      const key = index.join('.');
      const gone = before.get(key) === row || this.#rules.givesWay?.(row, this.#configured.get(key));
      if (gone) this.#write(index, undefined);
    }
    for (const row of this.#configured.values()) {
      const index = this.#rules.indexOf(row);
      if (row.storageType === STORAGE_TYPE.readOnly || !this.get(index)) this.#write(index, row);
    }
  }

  /** The rows that must outlive the program: what managers left in stable storage (RFC 2579, StorageType). */
  durable(): R[] {
    return this.#rows.filter((row) => {
      if (row.storageType !== STORAGE_TYPE.nonVolatile && row.storageType !== STORAGE_TYPE.permanent)
        return false;
      return this.#configured.get(this.#rules.indexOf(row).join('.')) !== row;
    });
  }

  /**
   * Puts rows back that {@link durable} gave, over a configuration. Not those in the place of a readOnly row of
   * the configuration, and not those that give way to it by the table's rules.
   */
  restore(rows: Iterable<R>): void {
    for (const row of rows) {
      const index = this.#rules.indexOf(row);
      if (this.get(index)?.storageType === STORAGE_TYPE.readOnly) continue;
      if (!this.#rules.givesWay?.(row, this.#configured.get(index.join('.')))) this.#write(index, row);
    }
  }

  /** Tests what a SetRequest wants of a row, and prepares it (RFC 3416 section 4.2.5, RFC 2579 RowStatus). */
  prepare(index: Oid, change: RowChange<R>): PreparedSet | RowRefusal<R> {
    const before = this.get(index);
    const { status, ...columns } = change;
    if (!before && status === ROW_STATUS.destroy) return nothingToDo;
    const refusal = before ? this.#refuseChange(before, change) : this.#refuseCreation(change);
    if (refusal) return refusal;
    if (status === ROW_STATUS.destroy) return this.#preparedWrite(index, () => undefined);
    const base = before ?? this.#rules.create(index);
    if (!base) return { refused: ERROR_STATUS.inconsistentName };
    const row: R = { ...base, ...columns };
    const state = nextState(before?.status, status, this.#rules.isComplete(row));
    if (state === undefined) return { refused: ERROR_STATUS.inconsistentValue, column: 'status' };
    return this.#preparedWrite(index, () => {
      // Another table may augment this one, and the same request have changed the row through that.
      const now = this.get(index);
      if (before && !now) throw new Error('the row was removed by the same request');
      if (!now && this.size >= this.#maxRows) throw new Error(`the table is full with ${this.#maxRows} rows`);
      return { ...(now ?? row), ...columns, status: state };
    });
  }

  find(ids: ArrayLike<number>, from: number, to: number): number {
    const at = this.#lowerBound(ids, from, to);
    return at < this.size && compareToSlice(this.#indexes[at]!, ids, from, to) === 0 ? at : -1;
  }

  after(ids: ArrayLike<number>, from: number, to: number): number {
    let at = this.#lowerBound(ids, from, to);
    if (at < this.size && compareToSlice(this.#indexes[at]!, ids, from, to) === 0) at++;
    return at < this.size ? at : -1;
  }

  first(): number {
    return this.size > 0 ? 0 : -1;
  }

  next(position: number): number {
    return position + 1 < this.size ? position + 1 : -1;
  }

  row(position: number): R {
    return this.#rows[position]!;
  }

  appendIndex(position: number, writer: Writer): void {
    for (const subid of this.#indexes[position]!) writer.appendSubid(subid);
  }

  #refuseCreation({ status, storageType }: RowChange<R>): RowRefusal<R> | undefined {
    // RFC 2579, RowStatus: without it there is nothing to create the row, and the rest of its values want one.
    if (status === undefined) return { refused: ERROR_STATUS.inconsistentName };
    if (status === ROW_STATUS.notReady) return { refused: ERROR_STATUS.wrongValue, column: 'status' };
    if (status !== ROW_STATUS.createAndGo && status !== ROW_STATUS.createAndWait) {
      return { refused: ERROR_STATUS.inconsistentValue, column: 'status' };
    }
    if (this.size >= this.#maxRows) return { refused: ERROR_STATUS.resourceUnavailable };
    return refuseStorage(undefined, storageType);
  }

  #refuseChange(before: R, change: RowChange<R>): RowRefusal<R> | undefined {
    const { status, storageType } = change;
    if (status === ROW_STATUS.notReady) return { refused: ERROR_STATUS.wrongValue, column: 'status' };
    // RFC 2579, RowStatus: a row that exists cannot be created.
    if (status === ROW_STATUS.createAndGo || status === ROW_STATUS.createAndWait) {
      return { refused: ERROR_STATUS.inconsistentValue, column: 'status' };
    }
    // RFC 2579, StorageType: readOnly rows cannot be changed or deleted, permanent ones not deleted.
    if (before.storageType === STORAGE_TYPE.readOnly) {
      const [column] = Object.keys(change) as (keyof R)[];
      return { refused: ERROR_STATUS.notWritable, ...(column !== undefined && { column }) };
    }
    if (status === ROW_STATUS.destroy && before.storageType === STORAGE_TYPE.permanent) {
      return { refused: ERROR_STATUS.inconsistentValue, column: 'status' };
    }
    // A request that takes the row out of service may change it as well: both happen at once.
    if (before.status === ROW_STATUS.active && status !== ROW_STATUS.notInService) {
      const fixed = this.#rules.fixedWhileActive?.find((field) => field in change);
      if (fixed !== undefined) return { refused: ERROR_STATUS.inconsistentValue, column: fixed };
    }
    return refuseStorage(before.storageType, storageType);
  }

  #preparedWrite(index: Oid, row: () => R | undefined): PreparedSet {
    let before: R | undefined;
    return {
      commit: () => {
        before = this.get(index);
        this.#write(index, row());
      },
      undo: () => this.#write(index, before),
    };
  }

  /** Puts a row at an index, in the place of one that is there; `undefined` takes it out. */
  #write(index: Oid, row: R | undefined): void {
    const at = this.#lowerBound(index, 0, index.length);
    const there = at < this.size && compareToSlice(this.#indexes[at]!, index, 0, index.length) === 0 ? 1 : 0;
    this.#indexes.splice(at, there, ...(row ? [index] : []));
    this.#rows.splice(at, there, ...(row ? [row] : []));
    this.#changes++;
  }

  #lowerBound(ids: ArrayLike<number>, from: number, to: number): number {
    return lowerBound(this.size, (place) => compareToSlice(this.#indexes[place]!, ids, from, to) < 0);
  }
}

/** The state of a row after a change, `undefined` when the change is impossible (RFC 2579, RowStatus, the table). */
function nextState(
  before: RowState | undefined,
  status: RowStatus | undefined,
  complete: boolean,
): RowState | undefined {
  switch (status) {
    case ROW_STATUS.createAndGo:
    case ROW_STATUS.active:
      return complete ? ROW_STATUS.active : undefined;
    case ROW_STATUS.createAndWait:
      return complete ? ROW_STATUS.notInService : ROW_STATUS.notReady;
    case ROW_STATUS.notInService:
      return complete ? ROW_STATUS.notInService : undefined;
    default:
      if (complete) return before === ROW_STATUS.notReady ? ROW_STATUS.notInService : before;
      return before === ROW_STATUS.notReady ? before : undefined;
  }
}

/** Managers choose between volatile and nonVolatile (RFC 2579, StorageType: all else is wrongValue). */
function refuseStorage<R>(
  before: StorageType | undefined,
  wanted: StorageType | undefined,
): RowRefusal<R> | undefined {
  if (wanted === undefined) return undefined;
  const free = before !== STORAGE_TYPE.permanent;
  if (free && (wanted === STORAGE_TYPE.volatile || wanted === STORAGE_TYPE.nonVolatile)) return undefined;
  return { refused: ERROR_STATUS.wrongValue, column: 'storageType' as keyof R };
}

const nothingToDo: PreparedSet = { commit() {}, undo() {} };
