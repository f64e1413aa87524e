import { describe, expect, it } from 'vitest';
import type { BoundModule } from '../../../agent/mib/module.ts';
import { Registry } from '../../../agent/mib/registry.ts';
import { SortedRows } from '../../../agent/mib/rows.ts';
import { type ModuleSpec, syntheticModule } from '../../support/synthetic-module.ts';

const ROOT = '1.3.6.1.4.1.8072.9999.9999.81';
const integer = { at: 1, base: 'Integer32' as const };
const nothing = { commit() {}, undo() {} };
const column = { ...integer, read: () => 1 };
const rows = new SortedRows<number>();

/** Modules whose code and definition do not agree, and what is said of them. */
const REFUSED: readonly (readonly [what: string, modules: readonly ModuleSpec[], message: RegExp])[] = [
  ['a readable scalar without accessor', [{ root: ROOT, scalars: { it: integer } }], /it has no accessor/],
  [
    'a readable column without accessor',
    [{ root: ROOT, tables: { t: { at: 1, rows, columns: { it: integer } } } }],
    /it has no accessor/,
  ],
  [
    'an accessor of an object that cannot be read',
    [{ root: ROOT, scalars: { it: { ...integer, access: 'not-accessible', read: () => 1 } } }],
    /it is bound/,
  ],
  [
    'an accessor of a column that cannot be read',
    [
      {
        root: ROOT,
        tables: { t: { at: 1, rows, columns: { it: { ...column, access: 'accessible-for-notify' } } } },
      },
    ],
    /it is bound/,
  ],
  [
    'a writable scalar that tests no sets',
    [{ root: ROOT, scalars: { it: { ...column, access: 'read-write' } } }],
    /it is read-write/,
  ],
  [
    'a read-only scalar that tests sets',
    [{ root: ROOT, scalars: { it: { ...column, testSet: () => nothing } } }],
    /it is read-only/,
  ],
  [
    'a table with a writable column that tests no sets',
    [{ root: ROOT, tables: { t: { at: 1, rows, columns: { it: { ...column, access: 'read-create' } } } } }],
    /table t/,
  ],
  [
    'a table bound as read-only that tests sets',
    [
      {
        root: ROOT,
        tables: {
          t: {
            at: 1,
            rows,
            columns: { it: { ...column, access: 'read-create' } },
            testSet: () => nothing,
            readOnly: true,
          },
        },
      },
    ],
    /table t/,
  ],
  [
    'a read-only table that tests sets',
    [{ root: ROOT, tables: { t: { at: 1, rows, columns: { it: column }, testSet: () => nothing } } }],
    /table t/,
  ],
  [
    'two modules with one object',
    [
      { root: ROOT, scalars: { a: column } },
      { root: ROOT, scalars: { b: column } },
    ],
    /lies within/,
  ],
  [
    'an object within another',
    [
      { root: ROOT, scalars: { a: column } },
      { root: `${ROOT}.1`, scalars: { b: { ...column, at: 7 } } },
    ],
    /b .* lies within a/,
  ],
];

describe('a registry', () => {
  it.each(REFUSED)('refuses %s', (_what, specs, message) => {
    const make = () => new Registry(specs.map(syntheticModule));
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ code: 'MODULE_INVALID' }));
  });

  it.each(['tables', 'scalars'] as const)('refuses a binding in %s that no definition knows', (kind) => {
    const sound = syntheticModule({ root: ROOT, scalars: { it: column } });
    const stray = kind === 'tables' ? { rows, columns: {} } : { read: () => 1 };
    const module = { ...sound, [kind]: { ...sound[kind], stray } } as BoundModule;
    expect(() => new Registry([module])).toThrow(/stray is bound/);
  });

  it('takes a table with writable columns that is bound as read-only', () => {
    const columns = { it: { ...column, access: 'read-create' as const } };
    const module = syntheticModule({ root: ROOT, tables: { t: { at: 1, rows, columns, readOnly: true } } });
    expect(new Registry([module]).leaves).toMatchObject([{ name: 'it', writable: false }]);
  });

  it('orders the objects of several modules by their identifiers', () => {
    const modules = [9, 100, 1].map((at) =>
      syntheticModule({ root: `${ROOT}.${at}`, scalars: { second: { ...column, at: 2 }, first: column } }),
    );
    const numbers = new Registry(modules).leaves.map(({ oid }) => oid.slice(-2).join('.'));
    expect(numbers).toEqual(['1.1', '1.2', '9.1', '9.2', '100.1', '100.2']);
  });
});

describe('sorted rows', () => {
  it('keep their order whatever the order of insertion, and replace', () => {
    const sorted = new SortedRows<string>();
    const indexes = [[2], [1, 5], [1], [1, 4, 9], [4294967295], [0]];
    for (const index of indexes) sorted.set(index, index.join('.'));
    sorted.set([1], 'replaced');
    const seen: string[] = [];
    for (let at = sorted.first(); at >= 0; at = sorted.next(at)) seen.push(sorted.row(at));
    expect(seen).toEqual(['0', 'replaced', '1.4.9', '1.5', '2', '4294967295']);
    expect(sorted.size).toBe(6);
  });

  it('without any row have none', () => {
    const none = new SortedRows<string>();
    expect([none.first(), none.find([1], 0, 1), none.after([1], 0, 1), none.after([], 0, 0)]).toEqual([
      -1, -1, -1, -1,
    ]);
  });
});
