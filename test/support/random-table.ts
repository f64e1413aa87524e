import fc from 'fast-check';
import type { BaseSyntax } from '../../agent/mib/definition.ts';
import type { BoundModule } from '../../agent/mib/module.ts';
import { SortedRows } from '../../agent/mib/rows.ts';
import { type ColumnSpec, type ScalarSpec, syntheticModule, type TableSpec } from './synthetic-module.ts';
import { value, type WireValue, type WireVarbind } from './wire.ts';

/** Root of the modules below. */
export const RANDOM_ROOT = '1.3.6.1.4.1.8072.9999.9999.79';

/** A module with its instances as a plain list: what a walk must show. */
export interface RandomMib {
  readonly module: BoundModule;
  /** Every readable instance in lexicographic order. */
  readonly instances: readonly WireVarbind[];
  /** Readable object types, dotted. */
  readonly objects: readonly string[];
}

interface TableShape {
  readonly at: number;
  readonly columns: readonly { readonly at: number; readonly kind: Kind }[];
  readonly indexes: readonly (readonly number[])[];
  /** Which cells are holes, by row and column. */
  readonly holes: readonly boolean[];
}

/** What a column or scalar holds; `hidden` can only be notified. */
type Kind = 'integer' | 'text' | 'counter64' | 'hidden';

const subid = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 4 }) },
  { weight: 1, arbitrary: fc.constantFrom(127, 128, 255, 16_384, 2 ** 31, 2 ** 32 - 1) },
);
const kind = fc.constantFrom<Kind>('integer', 'integer', 'text', 'counter64', 'hidden');
const tableShape: fc.Arbitrary<Omit<TableShape, 'at'>> = fc.record({
  columns: fc.uniqueArray(fc.record({ at: fc.integer({ min: 1, max: 9 }), kind }), {
    selector: ({ at }) => at,
    minLength: 1,
    maxLength: 5,
  }),
  indexes: fc.uniqueArray(fc.array(subid, { minLength: 1, maxLength: 4 }), {
    selector: (index) => index.join('.'),
    maxLength: 12,
  }),
  holes: fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }),
});

/** Modules with random scalars and tables, with holes, unreadable objects and indexes of several lengths. */
export const randomMib: fc.Arbitrary<RandomMib> = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.oneof(kind, tableShape)), {
    selector: ([at]) => at,
    maxLength: 5,
  })
  .map(build);

function build(objects: readonly (readonly [number, Kind | Omit<TableShape, 'at'>])[]): RandomMib {
  const instances: WireVarbind[] = [];
  const names: string[] = [];
  const scalars: Record<string, ScalarSpec> = {};
  const tables: Record<string, TableSpec<number>> = {};
  for (const [at, shape] of objects) {
    if (typeof shape === 'string') {
      const cell = cellOf(shape, `${at}`);
      scalars[`scalar${at}`] = { at, ...cell.spec, ...(cell.held && { read: () => cell.held!.agent }) };
      if (!cell.held) continue;
      names.push(`${RANDOM_ROOT}.${at}`);
      instances.push({ oid: `${RANDOM_ROOT}.${at}.0`, value: cell.held.wire });
    } else {
      tables[`table${at}`] = buildTable({ at, ...shape }, instances, names);
    }
  }
  instances.sort((a, b) => compareDotted(a.oid, b.oid));
  return { module: syntheticModule({ root: RANDOM_ROOT, scalars, tables }), instances, objects: names };
}

function buildTable(shape: TableShape, instances: WireVarbind[], names: string[]): TableSpec<number> {
  const rows = new SortedRows<number>();
  for (const [row, index] of shape.indexes.entries()) rows.set(index, row);
  const columns: Record<string, ColumnSpec<number>> = {};
  for (const { at, kind: held } of shape.columns) {
    const column = `${RANDOM_ROOT}.${shape.at}.1.${at}`;
    const isHole = (row: number) => shape.holes[(row * 3 + at) % shape.holes.length]!;
    const read = (row: number) => (isHole(row) ? undefined : cellOf(held, `${at}-${row}`).held?.agent);
    columns[`column${shape.at}x${at}`] = { at, ...cellOf(held, '').spec, ...(held !== 'hidden' && { read }) };
    if (held === 'hidden') continue;
    names.push(column);
    for (const [row, index] of shape.indexes.entries()) {
      if (isHole(row)) continue;
      instances.push({ oid: `${column}.${index.join('.')}`, value: cellOf(held, `${at}-${row}`).held!.wire });
    }
  }
  return { at: shape.at, rows, columns };
}

/** The syntax of a kind, and what an instance with this tag holds, for the agent and on the wire. */
function cellOf(kind: Kind, text: string) {
  const spec = (base: BaseSyntax) => ({ base });
  const number = text.length * 1000 + (text.codePointAt(0) ?? 0);
  switch (kind) {
    case 'integer':
      return { spec: spec('Integer32'), held: { agent: number, wire: value.integer(number) } };
    case 'text':
      return { spec: spec('OctetString'), held: { agent: text, wire: value.octets(text) } };
    case 'counter64':
      return { spec: spec('Counter64'), held: { agent: number, wire: value.counter64(number) } };
    default:
      return {
        spec: { base: 'Integer32' as const, access: 'accessible-for-notify' as const },
        held: undefined,
      };
  }
}

/** Lexicographic order of dotted identifiers, sub-identifier by sub-identifier. */
export function compareDotted(a: string, b: string): number {
  const left = a.split('.').map(BigInt);
  const right = b.split('.').map(BigInt);
  for (let i = 0; i < left.length && i < right.length; i++) {
    if (left[i] !== right[i]) return left[i]! < right[i]! ? -1 : 1;
  }
  return left.length - right.length;
}

/** Names near the instances and objects of a module: on them, before, behind, above, below and far off. */
export function nearbyName(mib: RandomMib): fc.Arbitrary<string> {
  const known = [...mib.instances.map(({ oid }) => oid), ...mib.objects, RANDOM_ROOT];
  const tail = fc.array(subid, { maxLength: 3 }).map((ids) => ids.map((id) => `.${id}`).join(''));
  return fc.oneof(
    fc.tuple(fc.constantFrom(...known), fc.integer({ min: 0, max: 3 }), tail).map(([name, less, more]) => {
      const kept = name.split('.').slice(0, -less || undefined);
      return `${kept.length < 2 ? '1.3' : kept.join('.')}${more}`;
    }),
    fc
      .tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 39 }), tail)
      .map(([a, b, more]) => `${a}.${b}${more}`),
  );
}

/** The value of `name`, or which exception says why there is none. */
export function getOracle(mib: RandomMib, name: string): WireValue {
  const found = mib.instances.find(({ oid }) => oid === name);
  if (found) return found.value;
  const within = mib.objects.some((object) => name === object || name.startsWith(`${object}.`));
  return within ? value.noSuchInstance : value.noSuchObject;
}

/** The first of `instances` behind `name`. */
export function nextOracle(instances: readonly WireVarbind[], name: string): WireVarbind | undefined {
  return instances.find(({ oid }) => compareDotted(oid, name) > 0);
}
