import { type ManagedRow, STORAGE_TYPE } from '../mib/managed-table.ts';
import { octetLength } from '../mib/row-index.ts';
import { VirtsnmpError } from '../util/errors.ts';
import { formatOid, type Oid } from '../util/oid.ts';
import {
  type AccessRow,
  type FamilyRow,
  type GroupRow,
  isSecurityLevel,
  isSubtree,
  MAX_NAME,
} from './vacm-rows.ts';

/** The three tables that managers change, as plain JSON: subtrees dotted, masks in hexadecimal. */
export interface VacmSnapshot {
  readonly version: 1;
  readonly groups: readonly GroupRow[];
  readonly access: readonly AccessRow[];
  readonly families: readonly StoredFamily[];
}

type StoredFamily = Omit<FamilyRow, 'subtree' | 'mask'> & { readonly subtree: string; readonly mask: string };

/** The rows of a snapshot. */
export interface VacmRows {
  readonly groups: readonly GroupRow[];
  readonly access: readonly AccessRow[];
  readonly families: readonly FamilyRow[];
}

/** Makes a snapshot of rows. */
export function vacmSnapshot(
  groups: readonly GroupRow[],
  access: readonly AccessRow[],
  families: readonly FamilyRow[],
): VacmSnapshot {
  const stored = families.map((row) => ({
    ...row,
    subtree: formatOid(row.subtree),
    mask: Buffer.from(row.mask).toString('hex'),
  }));
  return { version: 1, groups, access, families: stored };
}

/** Reads a snapshot that came out of a file. Throws STATE_FAILED with the first thing that is wrong in it. */
export function parseVacmSnapshot(stored: unknown): VacmRows {
  const root = new Fields(stored, 'the stored access control');
  root.oneOf('version', [1]);
  return {
    groups: root.list('groups').map((row) => ({
      securityModel: row.integer('securityModel', 1, 2 ** 31 - 1),
      securityName: row.name('securityName', 1),
      // Only a row that is not ready has no group yet.
      groupName: row.name('groupName', row.oneOf('status', [1, 2, 3]) === 3 ? 0 : 1),
      ...managed(row),
    })),
    access: root.list('access').map((row) => ({
      groupName: row.name('groupName', 1),
      contextPrefix: row.name('contextPrefix', 0),
      securityModel: row.integer('securityModel', 0, 2 ** 31 - 1),
      securityLevel: row.checked('securityLevel', isSecurityLevel, '1, 2 or 3'),
      contextMatch: row.oneOf('contextMatch', ['exact', 'prefix']),
      readView: row.name('readView', 0),
      writeView: row.name('writeView', 0),
      notifyView: row.name('notifyView', 0),
      ...managed(row),
    })),
    families: root.list('families').map((row) => {
      const viewName = row.name('viewName', 1);
      return {
        viewName,
        subtree: row.subtree('subtree', viewName),
        mask: row.mask('mask'),
        included: row.oneOf('included', [true, false]),
        ...managed(row),
      };
    }),
  };
}

function managed(row: Fields): ManagedRow {
  const { nonVolatile, permanent } = STORAGE_TYPE;
  return {
    storageType: row.oneOf('storageType', [nonVolatile, permanent]),
    status: row.oneOf('status', [1, 2, 3]),
  };
}

/** The fields of one stored object, each checked as it is read. */
class Fields {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #where: string;

  constructor(stored: unknown, where: string) {
    this.#where = where;
    if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) {
      throw new VirtsnmpError('STATE_FAILED', `${where} is not an object`);
    }
    this.#fields = stored as Record<string, unknown>;
  }

  checked<T>(key: string, isRight: (value: unknown) => value is T, right: string): T {
    const value = Object.hasOwn(this.#fields, key) ? this.#fields[key] : undefined;
    if (!isRight(value)) {
      throw new VirtsnmpError('STATE_FAILED', `${this.#where}: ${key} is damaged, it must be ${right}`);
    }
    return value;
  }

  oneOf<const T>(key: string, values: readonly T[]): T {
    return this.checked(key, (value): value is T => values.includes(value as T), values.join(' or '));
  }

  integer(key: string, min: number, max: number): number {
    const isRight = (value: unknown): value is number =>
      Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
    return this.checked(key, isRight, `a whole number from ${min} to ${max}`);
  }

  name(key: string, min: number): string {
    const isRight = (value: unknown): value is string =>
      typeof value === 'string' && octetLength(value) >= min && octetLength(value) <= MAX_NAME;
    return this.checked(key, isRight, `text of ${min} to ${MAX_NAME} octets`);
  }

  subtree(key: string, viewName: string): Oid {
    const text = this.#text(key, /^\d{1,10}(\.\d{1,10})*$/, 'an object identifier in dotted form');
    const subtree = text.split('.').map(Number);
    if (isSubtree(viewName, subtree)) return subtree;
    throw new VirtsnmpError('STATE_FAILED', `${this.#where}: ${key} is damaged, it is no object identifier`);
  }

  mask(key: string): Uint8Array {
    const hex = this.#text(key, /^([0-9a-f]{2}){0,16}$/i, '0 to 16 octets in hexadecimal');
    return Uint8Array.from(Buffer.from(hex, 'hex'));
  }

  list(key: string): Fields[] {
    const isRight = (value: unknown): value is unknown[] => Array.isArray(value);
    const entries = this.checked(key, isRight, 'a list');
    return entries.map((entry, i) => new Fields(entry, `${this.#where}: ${key}[${i}]`));
  }

  #text(key: string, form: RegExp, right: string): string {
    const isRight = (value: unknown): value is string => typeof value === 'string' && form.test(value);
    return this.checked(key, isRight, right);
  }
}
