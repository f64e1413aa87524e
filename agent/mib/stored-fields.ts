import { VirtsnmpError } from '../util/errors.ts';
import type { Oid } from '../util/oid.ts';
import { type ManagedRow, STORAGE_TYPE } from './managed-table.ts';
import { octetLength } from './row-index.ts';

/** Octets that most names in SNMP's own tables may have (SnmpAdminString (SIZE(1..32))). */
const MAX_NAME = 32;

/**
 * The fields of one object that came out of a file, each checked as it is read. All methods throw STATE_FAILED with
 * the place and what would be right.
 */
export class StoredFields {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #where: string;

  constructor(stored: unknown, where: string) {
    this.#where = where;
    if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) {
      throw new VirtsnmpError('STATE_FAILED', `${where} is not an object`);
    }
    this.#fields = stored as Record<string, unknown>;
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#fields, key);
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

  /** Text of `min` to `max` octets in UTF-8. */
  name(key: string, min: number, max = MAX_NAME): string {
    const isRight = (value: unknown): value is string =>
      typeof value === 'string' && octetLength(value) >= min && octetLength(value) <= max;
    return this.checked(key, isRight, `text of ${min} to ${max} octets`);
  }

  /** Sub-identifiers in dotted form. */
  subtree(key: string, isRight: (ids: Oid) => boolean): Oid {
    const text = this.#text(key, /^\d{1,10}(\.\d{1,10})*$/, 'an object identifier in dotted form');
    const subtree = text.split('.').map(Number);
    if (isRight(subtree)) return subtree;
    throw new VirtsnmpError('STATE_FAILED', `${this.#where}: ${key} is damaged, it is no object identifier`);
  }

  /** `min` to `max` octets in hexadecimal. */
  octets(key: string, min: number, max: number): Uint8Array {
    const isRight = (value: string) =>
      /^([0-9a-f]{2})*$/i.test(value) && value.length >= 2 * min && value.length <= 2 * max;
    const hex = this.checked(
      key,
      (value): value is string => typeof value === 'string' && isRight(value),
      `${min} to ${max} octets in hexadecimal`,
    );
    return Uint8Array.from(Buffer.from(hex, 'hex'));
  }

  /** StorageType and RowStatus of a row that was stored. */
  managed(): ManagedRow {
    const { nonVolatile, permanent } = STORAGE_TYPE;
    return {
      storageType: this.oneOf('storageType', [nonVolatile, permanent]),
      status: this.oneOf('status', [1, 2, 3]),
    };
  }

  list(key: string): StoredFields[] {
    const isRight = (value: unknown): value is unknown[] => Array.isArray(value);
    const entries = this.checked(key, isRight, 'a list');
    return entries.map((entry, i) => new StoredFields(entry, `${this.#where}: ${key}[${i}]`));
  }

  #text(key: string, form: RegExp, right: string): string {
    const isRight = (value: unknown): value is string => typeof value === 'string' && form.test(value);
    return this.checked(key, isRight, right);
  }
}
