import type { ErrorStatus } from '../message/constants.ts';
import type { Oid } from '../util/oid.ts';
import type { ModuleDefinition, ScalarDefinition } from './definition.ts';
import type { Rows } from './rows.ts';
import type { Value } from './value.ts';

/** Gives one object's value for a row; `undefined` when this instance does not exist now. */
export type Accessor<R> = (row: R) => Value | undefined;

/**
 * A tested change that belongs to one SetRequest (RFC 3416 section 4.2.5).
 *
 * `commit` makes it and throws when that cannot be done (commitFailed); `undo` takes a commit back and
 * throws when that cannot be done (undoFailed). Once every change of the request is made, `store` puts it
 * where it outlives the program, and throws when that cannot be done (commitFailed, with all undone). When
 * all that is done, `finish` lets the world know.
 */
export interface PreparedSet {
  commit(): void;
  undo(): void;
  store?(): void;
  finish?(): void;
}

/** Why a tested change was refused, and for a row which of the columns set was to blame. */
export interface SetRefusal {
  readonly refused: ErrorStatus;
  readonly column?: string;
}

export type SetTest = PreparedSet | SetRefusal;

/** Who sent a SetRequest, for objects that only certain users may set whatever their view (RFC 3411 section 4.2). */
export interface Requester {
  /** SnmpSecurityModel: 1, 2 or 3. */
  readonly securityModel: number;
  readonly securityName: string;
  /** SnmpSecurityLevel of the message: 1, 2 or 3. */
  readonly securityLevel: number;
}

/** What a SetRequest wants of one row: values that already fit their syntax, by column name. */
export interface RowSet<R> {
  /** The row, or `undefined` when no row has this index. */
  readonly row: R | undefined;
  readonly index: Oid;
  readonly values: ReadonlyMap<string, Value>;
  readonly requester: Requester;
}

export interface ScalarBinding {
  readonly read: Accessor<undefined>;
  /** Present for a writable scalar. */
  readonly testSet?: (value: Value) => SetTest;
  /** As that of a table: it cannot be set here. */
  readonly readOnly?: true;
}

export interface TableBinding<R> {
  readonly rows: Rows<R>;
  /** An accessor for each readable column. */
  readonly columns: Readonly<Record<string, Accessor<R>>>;
  /**
   * For a read-only column that few of the rows have a value in: those rows alone, so that no search has to pass over
   * the others.
   */
  readonly columnRows?: Readonly<Record<string, Rows<R>>>;
  /** Present for a table with writable columns. */
  readonly testSet?: (request: RowSet<R>) => SetTest;
  /**
   * Says that no column can be set here, though the module has some that could be: what a compliance statement
   * allows with MIN-ACCESS read-only (RFC 2580 section 5.4.2).
   */
  readonly readOnly?: true;
}

/** A module definition and the code that answers for each of its objects. */
export interface BoundModule {
  readonly definition: ModuleDefinition;
  readonly scalars: Readonly<Record<string, ScalarBinding>>;
  // biome-ignore lint/suspicious/noExplicitAny: tables of one module have rows of different types
  readonly tables: Readonly<Record<string, TableBinding<any>>>;
  /** Text for sysORDescr (RFC 3418). */
  readonly description: string;
}

/** Whether instances of an object can be read: not one that only notifications carry (RFC 2578 section 7.3). */
export function isReadable(object: ScalarDefinition): boolean {
  return object.access !== 'not-accessible' && object.access !== 'accessible-for-notify';
}

/** Whether instances of an object can be set. */
export function isWritable(object: ScalarDefinition): boolean {
  return object.access === 'read-write' || object.access === 'read-create';
}
