import { expect } from 'vitest';
import { Writer } from '../../agent/ber/writer.ts';
import type { ModuleDefinition, ScalarDefinition } from '../../agent/mib/definition.ts';
import type { BoundModule, SetTest } from '../../agent/mib/module.ts';
import { checkValue } from '../../agent/mib/syntax.ts';
import { appendValue, BASE_TAGS, type Value } from '../../agent/mib/value.ts';
import { writtenIndex } from './written-index.ts';

const REQUESTER = { securityModel: 2, securityName: 'test', securityLevel: 1 };

/** One row as the accessors give it. */
export interface ReadRow {
  readonly index: readonly number[];
  readonly values: Readonly<Record<string, Value | undefined>>;
}

/** An instance as a GET finds it: a column may have rows of its own. */
export function readInstance(
  module: BoundModule,
  table: string,
  column: string,
  index: readonly number[],
): Value | undefined {
  const { rows, columnRows, columns } = module.tables[table]!;
  const own = columnRows?.[column] ?? rows;
  const at = own.find(index, 0, index.length);
  return at < 0 ? undefined : columns[column]!(own.row(at));
}

/** Every row of a table with its values by column. */
export function readTable(module: BoundModule, table: string): ReadRow[] {
  const { rows } = module.tables[table]!;
  const found: ReadRow[] = [];
  for (let at = rows.first(); at >= 0; at = rows.next(at)) {
    const index = writtenIndex(rows, at);
    found.push({ index, values: valuesOf(module, table, index) });
  }
  return found;
}

/** The values of one row; `undefined` when there is none. */
export function readRow(
  module: BoundModule,
  table: string,
  ...index: number[]
): ReadRow['values'] | undefined {
  const isThere = module.tables[table]!.rows.find(index, 0, index.length) >= 0;
  return isThere ? valuesOf(module, table, index) : undefined;
}

function valuesOf(module: BoundModule, table: string, index: readonly number[]): ReadRow['values'] {
  const columns = Object.keys(module.tables[table]!.columns);
  return Object.fromEntries(columns.map((column) => [column, readInstance(module, table, column, index)]));
}

/** Tests a set of one row. */
export function testRow(
  module: BoundModule,
  table: string,
  index: readonly number[],
  values: Readonly<Record<string, Value>>,
): SetTest {
  const { rows, testSet } = module.tables[table]!;
  const at = rows.find(index, 0, index.length);
  const row = at < 0 ? undefined : rows.row(at);
  return testSet!({ row, index, values: new Map(Object.entries(values)), requester: REQUESTER });
}

/** Expects the rows of a table to be in order, and each to be found by its index and from before it. */
export function expectOrder(module: BoundModule, table: string): number {
  const { rows } = module.tables[table]!;
  let before: number[] | undefined;
  let count = 0;
  for (let at = rows.first(); at >= 0; at = rows.next(at)) {
    const index = writtenIndex(rows, at);
    expect(rows.find(index, 0, index.length), table).toBe(at);
    expect(rows.find([...index, 0], 0, index.length + 1), table).toBe(-1);
    expect(rows.after(index.slice(0, -1), 0, index.length - 1)).toBeGreaterThanOrEqual(0);
    if (before) {
      expect(rows.after(before, 0, before.length), table).toBe(at);
      // What lies between two rows leads to the second.
      expect(rows.after([...before, 0], 0, before.length + 1), table).toBe(at);
    }
    before = index;
    count++;
  }
  if (before) expect(rows.after(before, 0, before.length), table).toBe(-1);
  expect(rows.after([], 0, 0), table).toBe(rows.first());
  return count;
}

/** Expects every value of a module to be one that its syntax allows. */
export function expectSyntax(module: BoundModule, definition: ModuleDefinition): void {
  const writer = new Writer();
  const check = (name: string, { syntax }: ScalarDefinition, value: Value | undefined): void => {
    if (value === undefined) return;
    writer.end = 0;
    expect(() => appendValue(writer, BASE_TAGS[syntax.base], value), name).not.toThrow();
    const plain = typeof value === 'string' ? new Uint8Array(Buffer.from(value)) : value;
    expect([name, value, checkValue(syntax, plain)]).toEqual([name, value, 0]);
  };
  for (const [name, { read }] of Object.entries(module.scalars))
    check(name, definition.scalars[name]!, read(undefined));
  for (const [table, { columns }] of Object.entries(definition.tables))
    for (const { values } of readTable(module, table))
      for (const [name, value] of Object.entries(values)) check(name, columns[name]!, value);
}
