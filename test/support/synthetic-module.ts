import type {
  BaseSyntax,
  IndexDefinition,
  MaxAccess,
  ModuleDefinition,
  ObjectSyntax,
  ScalarDefinition,
} from '../../agent/mib/definition.ts';
import type { BoundModule, RowSet, SetTest } from '../../agent/mib/module.ts';
import type { Rows } from '../../agent/mib/rows.ts';
import type { Value } from '../../agent/mib/value.ts';

/** What an accessor under test gives: anything at all, as a faulty one may. */
export type Anything = unknown;

/** One object of a module made for a test. */
export interface ObjectSpec {
  /** Its last sub-identifier. */
  readonly at: number;
  readonly base: BaseSyntax;
  /** read-only when absent. */
  readonly access?: MaxAccess;
  readonly syntax?: Partial<ObjectSyntax>;
}

export interface ScalarSpec extends ObjectSpec {
  readonly read?: () => Anything;
  readonly testSet?: (value: Value) => SetTest;
}

export interface ColumnSpec<R> extends ObjectSpec {
  readonly read?: (row: R) => Anything;
}

export interface TableSpec<R> {
  readonly at: number;
  /** One Integer32 when absent. */
  readonly index?: readonly IndexDefinition[];
  readonly rows: Rows<R>;
  readonly columns: Readonly<Record<string, ColumnSpec<R>>>;
  readonly testSet?: (request: RowSet<R>) => SetTest;
  readonly readOnly?: true;
}

export interface ModuleSpec {
  /** OID that all objects lie under, dotted. */
  readonly root: string;
  readonly scalars?: Readonly<Record<string, ScalarSpec>>;
  // biome-ignore lint/suspicious/noExplicitAny: tables of one module have rows of different types
  readonly tables?: Readonly<Record<string, TableSpec<any>>>;
}

/** An index of one sub-identifier. */
export const INTEGER_INDEX: IndexDefinition = {
  name: 'index',
  implied: false,
  syntax: { base: 'Integer32', ranges: [[0, 2 ** 31 - 1]] },
};

/** A module and its bindings out of a short description. */
export function syntheticModule({ root, scalars = {}, tables = {} }: ModuleSpec): BoundModule {
  const oid = root.split('.').map(Number);
  const definition: ModuleDefinition = {
    name: 'SYNTHETIC-MIB',
    oid,
    lastUpdated: '202601010000Z',
    scalars: mapValues(scalars, (spec) => objectDefinition(oid, spec)),
    tables: mapValues(tables, (spec, name) => ({
      oid: [...oid, spec.at],
      entry: [...oid, spec.at, 1],
      entryName: `${name}Entry`,
      status: 'current' as const,
      index: spec.index ?? [INTEGER_INDEX],
      columns: mapValues(spec.columns, (column) => objectDefinition([...oid, spec.at, 1], column)),
    })),
    notifications: {},
    nodes: {},
  };
  return {
    definition,
    description: 'Objects for a test',
    scalars: mapValues(withReader(scalars), ({ read, testSet }) => ({
      read: read as () => Value,
      ...(testSet && { testSet }),
    })),
    tables: mapValues(tables, ({ rows, columns, testSet, readOnly }) => ({
      rows,
      columns: mapValues(withReader(columns), ({ read }) => read as () => Value),
      ...(testSet && { testSet }),
      ...(readOnly && { readOnly }),
    })),
  };
}

function objectDefinition(parent: readonly number[], spec: ObjectSpec): ScalarDefinition {
  return {
    oid: [...parent, spec.at],
    syntax: { base: spec.base, ...spec.syntax },
    access: spec.access ?? 'read-only',
    status: 'current',
  };
}

function withReader<T extends { readonly read?: unknown }>(
  specs: Readonly<Record<string, T>>,
): Record<string, T> {
  return Object.fromEntries(Object.entries(specs).filter(([, { read }]) => read !== undefined));
}

function mapValues<A, B>(
  record: Readonly<Record<string, A>>,
  map: (value: A, key: string) => B,
): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}
