import { ERROR_STATUS } from '../message/constants.ts';
import type { ManagedRow, ManagedTable, RowChange } from '../mib/managed-table.ts';
import type { Accessor, PreparedSet, RowSet, SetTest, TableBinding } from '../mib/module.ts';
import type { Value } from '../mib/value.ts';

/** How a field of a row is shown as a value, and a value understood as a field. */
export interface Codec<T> {
  /** `undefined` for a field that has no value yet. */
  toValue(field: T): Value | undefined;
  /** `undefined` for a value that fits the object's syntax but stands for no field (wrongValue). */
  fromValue(value: Value): T | undefined;
}

/** One column of a table whose rows managers change. */
export interface ManagedColumn<R> {
  readonly field: keyof R;
  readonly read: Accessor<R>;
  readonly fromValue: (value: Value) => unknown;
}

/** Makes what a SetRequest has changed outlive the program. */
export type Keep = (change: PreparedSet) => PreparedSet;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** SnmpAdminString (RFC 3411 section 5): text in UTF-8. */
export const adminString: Codec<string> = {
  toValue: (text) => text,
  fromValue(value) {
    try {
      return utf8.decode(value as Uint8Array);
    } catch {
      return undefined;
    }
  },
};

/** A field that has no value until it is set; what stands for that cannot be set (wrongValue). */
export function settable<T>({ toValue, fromValue }: Codec<T>, isSet: (field: T) => boolean): Codec<T> {
  return {
    toValue: (field) => (isSet(field) ? toValue(field) : undefined),
    fromValue(value) {
      const field = fromValue(value);
      return field !== undefined && isSet(field) ? field : undefined;
    },
  };
}

/** OCTET STRING as it is. */
export const octets: Codec<Uint8Array> = {
  toValue: (field) => field,
  fromValue: (value) => value as Uint8Array,
};

/** A number as it is; `N` says which numbers the object's syntax lets pass. */
export function integer<N extends number>(): Codec<N> {
  return { toValue: (field) => field, fromValue: (value) => value as N };
}

/** An enumerated INTEGER whose named numbers stand for other things here. */
export function enumeration<T>(meanings: readonly (readonly [number: number, meaning: T])[]): Codec<T> {
  return {
    toValue: (field) => meanings.find(([, meaning]) => meaning === field)![0],
    fromValue: (value) => meanings.find(([number]) => number === value)?.[1],
  };
}

/** Maps a column to a field of a row. */
export function column<R, K extends keyof R & string>(field: K, codec: Codec<R[K]>): ManagedColumn<R> {
  return {
    field,
    read: (row) => codec.toValue(row[field]),
    fromValue: (value) => codec.fromValue(value),
  };
}

/**
 * Serves a managed table through the columns of a MIB module, RowStatus and StorageType among them.
 *
 * A value that no field can have is wrongValue; all else is for the table to judge
 * ({@link ManagedTable.prepare}), which blames a field where it can. `noted` gives fields that no column shows, such
 * as who it was that made the change.
 */
export function managedBinding<R extends ManagedRow>(
  table: ManagedTable<R>,
  columns: Readonly<Record<string, ManagedColumn<R>>>,
  keep: Keep,
  noted?: (request: RowSet<R>) => Partial<Omit<R, 'status'>>,
): TableBinding<R> {
  const byField = new Map(Object.entries(columns).map(([name, { field }]) => [field, name]));
  return {
    rows: table,
    columns: Object.fromEntries(Object.entries(columns).map(([name, { read }]) => [name, read])),
    testSet(request: RowSet<R>): SetTest {
      const { index, values } = request;
      const change: Record<PropertyKey, unknown> = { ...noted?.(request) };
      for (const [name, value] of values) {
        const { field, fromValue } = columns[name]!;
        change[field] = fromValue(value);
        if (change[field] === undefined) return { refused: ERROR_STATUS.wrongValue, column: name };
      }
      const test = table.prepare(index, change as RowChange<R>);
      if (!('refused' in test)) return keep(test);
      const blamed = test.column === undefined ? undefined : byField.get(test.column);
      return { refused: test.refused, ...(blamed !== undefined && { column: blamed }) };
    },
  };
}
