import { TAG } from '../ber/tags.ts';
import { packWords, Writer } from '../ber/writer.ts';
import { VirtsnmpError } from '../util/errors.ts';
import { compareOids, formatOid, type Oid } from '../util/oid.ts';
import type { ScalarDefinition, TableDefinition } from './definition.ts';
import {
  type Accessor,
  type BoundModule,
  isReadable,
  isWritable,
  type ScalarBinding,
  type TableBinding,
} from './module.ts';
import { type Rows, scalarRows } from './rows.ts';
import { BASE_TAGS } from './value.ts';

/** One served object type, scalar or column, ready for the way of a request. */
export interface Leaf {
  readonly name: string;
  readonly oid: Oid;
  /**
   * The beginning of each binding of it, packed in words: SEQUENCE, OBJECT IDENTIFIER, both with a length to be
   * filled in, and the object identifier without an instance.
   */
  readonly head: Uint32Array;
  /** Octets of `head`. */
  readonly headLength: number;
  readonly tag: number;
  readonly definition: ScalarDefinition;
  /** Whether instances of it can be set here. */
  readonly writable: boolean;
  // biome-ignore-start lint/suspicious/noExplicitAny: leaves of all row types stand in one list
  readonly rows: Rows<any>;
  readonly read: Accessor<any>;
  /** The table it is a column of, with what tests its sets; absent for a scalar. */
  readonly table?: { readonly definition: TableDefinition; readonly binding: TableBinding<any> };
  // biome-ignore-end lint/suspicious/noExplicitAny: end
  /** Present for a scalar. */
  readonly scalar?: ScalarBinding;
}

/**
 * All objects that one agent serves, in lexicographic order.
 *
 * Throws MODULE_INVALID when a readable object has no accessor and its table is not deprecated, an accessor has no object, a writable
 * object has nothing that tests its sets, or two modules claim the same identifier.
 */
export class Registry {
  readonly modules: readonly BoundModule[];
  readonly leaves: readonly Leaf[];

  constructor(modules: readonly BoundModule[]) {
    this.modules = modules;
    this.leaves = modules.flatMap(moduleLeaves).sort((a, b) => compareOids(a.oid, b.oid));
    this.leaves.forEach((leaf, i) => {
      const before = this.leaves[i - 1];
      if (before && isPrefix(before.oid, leaf.oid, 0, leaf.oid.length)) {
        throw new VirtsnmpError(
          'MODULE_INVALID',
          `${leaf.name} (${formatOid(leaf.oid)}) lies within ${before.name}: object identifiers must be distinct`,
        );
      }
    });
  }

  /** Index of the last leaf whose object identifier is not greater than ids[from..to); -1 when all are. */
  floor(ids: ArrayLike<number>, from: number, to: number): number {
    let low = 0;
    let high = this.leaves.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isGreater(this.leaves[middle]!.oid, ids, from, to)) high = middle;
      else low = middle + 1;
    }
    return low - 1;
  }

  /** The leaf that ids[from..to) belongs to: the one whose object identifier is a prefix of it. */
  covering(ids: ArrayLike<number>, from: number, to: number): Leaf | undefined {
    const at = this.floor(ids, from, to);
    if (at < 0) return undefined;
    const leaf = this.leaves[at]!;
    return isPrefix(leaf.oid, ids, from, to) ? leaf : undefined;
  }
}

/** Whether `oid` is a prefix of ids[from..to), or equal to it. */
export function isPrefix(oid: Oid, ids: ArrayLike<number>, from: number, to: number): boolean {
  if (oid.length > to - from) return false;
  // The last sub-identifiers differ first among the objects of one table.
  for (let i = oid.length - 1; i >= 0; i--) if (oid[i] !== ids[from + i]) return false;
  return true;
}

function isGreater(oid: Oid, ids: ArrayLike<number>, from: number, to: number): boolean {
  const length = to - from;
  const shared = Math.min(oid.length, length);
  for (let i = 0; i < shared; i++) {
    const a = oid[i]!;
    const b = ids[from + i]!;
    if (a !== b) return a > b;
  }
  return oid.length > length;
}

function moduleLeaves(module: BoundModule): Leaf[] {
  const { definition } = module;
  const leaves: Leaf[] = [];
  for (const [name, object] of Object.entries(definition.scalars)) {
    const binding = module.scalars[name];
    if (!isReadable(object)) continue;
    if (!binding) throw mismatch(module, `readable object ${name} has no accessor`);
    if ((isWritable(object) && !binding.readOnly) !== (binding.testSet !== undefined)) {
      throw mismatch(module, `${name} is ${object.access}, and its code says otherwise`);
    }
    leaves.push(leaf(name, object, scalarRows, binding.read, { scalar: binding }));
  }
  for (const [name, table] of Object.entries(definition.tables)) {
    const binding = module.tables[name];
    // What is deprecated need not be there (RFC 2578 section 7.4).
    if (!binding && table.status !== 'current') continue;
    if (!binding) throw mismatch(module, `table ${name} is not bound`);
    const writable = Object.values(table.columns).some(isWritable) && !binding.readOnly;
    if (writable !== (binding.testSet !== undefined)) {
      throw mismatch(module, `table ${name} has writable columns or tests sets, but not both`);
    }
    for (const [column, object] of Object.entries(table.columns)) {
      if (!isReadable(object)) continue;
      const read = binding.columns[column];
      if (!read) throw mismatch(module, `readable object ${column} has no accessor`);
      const rows = binding.columnRows?.[column] ?? binding.rows;
      leaves.push(leaf(column, object, rows, read, { table: { definition: table, binding } }));
    }
    refuseUnknown(
      module,
      binding.columns,
      (column) => column in table.columns && isReadable(table.columns[column]!),
    );
  }
  refuseUnknown(
    module,
    module.scalars,
    (name) => name in definition.scalars && isReadable(definition.scalars[name]!),
  );
  refuseUnknown(module, module.tables, (name) => name in definition.tables);
  return leaves;
}

function leaf(
  name: string,
  definition: ScalarDefinition,
  rows: Leaf['rows'],
  read: Leaf['read'],
  owner: Pick<Leaf, 'table' | 'scalar'>,
): Leaf {
  const tag = BASE_TAGS[definition.syntax.base];
  return {
    name,
    oid: definition.oid,
    ...bindingHead(definition.oid),
    tag,
    definition,
    writable: isWritable(definition) && !(owner.table?.binding ?? owner.scalar)?.readOnly,
    rows,
    read,
    ...owner,
  };
}

function refuseUnknown(module: BoundModule, bound: object, known: (name: string) => boolean): void {
  for (const name of Object.keys(bound)) {
    if (!known(name)) throw mismatch(module, `${name} is bound, but the module has no such readable object`);
  }
}

function mismatch(module: BoundModule, what: string): VirtsnmpError {
  return new VirtsnmpError('MODULE_INVALID', `${module.definition.name}: ${what}`);
}

const scratch = new Writer();

function bindingHead(oid: Oid): Pick<Leaf, 'head' | 'headLength'> {
  scratch.reset();
  scratch.open(TAG.SEQUENCE);
  scratch.open(TAG.OBJECT_IDENTIFIER);
  scratch.appendOidContent(oid);
  const octets = scratch.view();
  const head = new Uint32Array(Math.ceil(octets.length / 4));
  packWords(octets, head, 0);
  return { head, headLength: octets.length };
}
