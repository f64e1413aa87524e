import { StoredFields } from '../mib/stored-fields.ts';
import { formatOid } from '../util/oid.ts';
import { type AccessRow, type FamilyRow, type GroupRow, isSecurityLevel, isSubtree } from './vacm-rows.ts';

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
  const root = new StoredFields(stored, 'the stored access control');
  root.oneOf('version', [1]);
  return {
    groups: root.list('groups').map((row) => ({
      securityModel: row.integer('securityModel', 1, 2 ** 31 - 1),
      securityName: row.name('securityName', 1),
      // Only a row that is not ready has no group yet.
      groupName: row.name('groupName', row.oneOf('status', [1, 2, 3]) === 3 ? 0 : 1),
      ...row.managed(),
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
      ...row.managed(),
    })),
    families: root.list('families').map((row) => {
      const viewName = row.name('viewName', 1);
      return {
        viewName,
        subtree: row.subtree('subtree', (ids) => isSubtree(viewName, ids)),
        mask: row.octets('mask', 0, 16),
        included: row.oneOf('included', [true, false]),
        ...row.managed(),
      };
    }),
  };
}
