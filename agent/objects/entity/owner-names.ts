import { ERROR_STATUS } from '../../message/constants.ts';
import type { RowSet, SetTest } from '../../mib/module.ts';
import { VirtsnmpError } from '../../util/errors.ts';
import type { DurablePart } from '../durable-state.ts';
import type { Keep } from '../managed-binding.ts';
import type { Entity } from './entities.ts';

/** What the owner of a host calls one of its parts. */
interface Names {
  readonly alias: string;
  readonly assetId: string;
  readonly uris: string;
}

const NONE: Names = { alias: '', assetId: '', uris: '' };
const FIELDS: Readonly<Record<string, keyof Names>> = {
  entPhysicalAlias: 'alias',
  entPhysicalAssetID: 'assetId',
  entPhysicalUris: 'uris',
};
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * entPhysicalAlias, entPhysicalAssetID and entPhysicalUris: what managers call the entities, over restarts
 * (RFC 6933, sections of the same names).
 */
export class OwnerNames implements DurablePart {
  /** By entPhysicalIndex. BOUNDED: only what has been an entity is named. */
  readonly #names = new Map<number, Names>();

  /** What an entity is called. */
  of({ index }: Entity): Names {
    return this.#names.get(index) ?? NONE;
  }

  snapshot(): unknown {
    return Object.fromEntries(this.#names);
  }

  restore(stored: unknown): void {
    const names = soundNames(stored);
    if (!names)
      throw new VirtsnmpError(
        'STATE_FAILED',
        'expected alias, assetId and uris of entities by their indexes',
      );
    this.#names.clear();
    for (const [index, each] of names) this.#names.set(index, each);
  }

  /** Tests a set of a row of entPhysicalTable; `finished` is called when it has been made for good. */
  testSet({ row, values }: RowSet<Entity>, keep: Keep, finished: () => void): SetTest {
    // Serial numbers are printed on the parts, which the agent can read.
    if (values.has('entPhysicalSerialNum'))
      return { refused: ERROR_STATUS.notWritable, column: 'entPhysicalSerialNum' };
    // Entities are there, and not made by managers (RFC 3416 section 4.2.5).
    if (!row) return { refused: ERROR_STATUS.noCreation };
    const before = this.#names.get(row.index);
    let names = before ?? NONE;
    for (const [column, value] of values) {
      const field = FIELDS[column]!;
      const text = textOf(value as Uint8Array);
      if (text === undefined) return { refused: ERROR_STATUS.wrongValue, column };
      // Only what can be replaced is kept account of.
      if (field === 'assetId' && text !== '' && !row.component.isReplaceable)
        return { refused: ERROR_STATUS.inconsistentValue, column };
      names = { ...names, [field]: text };
    }
    return keep({
      commit: () => this.#put(row.index, names),
      undo: () => this.#put(row.index, before),
      finish: finished,
    });
  }

  #put(index: number, names: Names | undefined): void {
    if (names === undefined || (names.alias === '' && names.assetId === '' && names.uris === ''))
      this.#names.delete(index);
    else this.#names.set(index, names);
  }
}

function textOf(value: Uint8Array): string | undefined {
  try {
    return utf8.decode(value);
  } catch {
    return undefined;
  }
}

function soundNames(stored: unknown): [number, Names][] | undefined {
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) return undefined;
  const names = Object.entries(stored).map(([index, each]) => [Number(index), each] as [number, Names]);
  const isText = (each: unknown, field: keyof Names): boolean =>
    typeof each === 'object' && each !== null && typeof (each as Names)[field] === 'string';
  const sound = names.every(
    ([index, each]) =>
      Number.isInteger(index) && isText(each, 'alias') && isText(each, 'assetId') && isText(each, 'uris'),
  );
  return sound ? names : undefined;
}
