import { SECURITY_LEVEL, SECURITY_MODEL, type SecurityLevel } from '../message/v3-constants.ts';
import { type ManagedRow, ROW_STATUS, type RowRules, STORAGE_TYPE } from '../mib/managed-table.ts';
import { IndexReader, nameIndex, oidIndex } from '../mib/row-index.ts';
import type { Oid } from '../util/oid.ts';
import type { ViewFamily } from './view-tree.ts';

export { SECURITY_LEVEL, SECURITY_MODEL, type SecurityLevel };

/** Octets that a name in these tables may have (RFC 3415 section 4). */
export const MAX_NAME = 32;
/** What 128 sub-identifiers leave for the index of vacmViewTreeFamilyTable, whose columns have 12. */
const MAX_FAMILY_INDEX = 128 - 12;
const MAX_MODEL = 2 ** 31 - 1;

/** A row of vacmSecurityToGroupTable. */
export interface GroupRow extends ManagedRow {
  readonly securityModel: number;
  readonly securityName: string;
  /** Empty in a row that is not ready. */
  readonly groupName: string;
}

/** A row of vacmAccessTable. A view that is named '' or that has no families gives no access. */
export interface AccessRow extends ManagedRow {
  readonly groupName: string;
  readonly contextPrefix: string;
  /** {@link SECURITY_MODEL}.any for all of them. */
  readonly securityModel: number;
  /** The least level that the right is given to. */
  readonly securityLevel: SecurityLevel;
  /** Whether `contextPrefix` is the whole name of the context, or what it begins with. */
  readonly contextMatch: 'exact' | 'prefix';
  readonly readView: string;
  readonly writeView: string;
  readonly notifyView: string;
}

/** A row of vacmViewTreeFamilyTable. */
export interface FamilyRow extends ManagedRow, ViewFamily {
  readonly viewName: string;
}

const NEW = { storageType: STORAGE_TYPE.nonVolatile, status: ROW_STATUS.notReady } as const;

/** vacmSecurityToGroupTable: a row needs its group's name to be active. */
export const GROUP_RULES: RowRules<GroupRow> = {
  indexOf: ({ securityModel, securityName }) => [securityModel, ...nameIndex(securityName)],
  create(index) {
    const parts = new IndexReader(index);
    const securityModel = parts.number();
    const securityName = parts.name(1, MAX_NAME);
    if (securityModel === undefined || securityName === undefined || !parts.ended) return undefined;
    if (securityModel < 1 || securityModel > MAX_MODEL) return undefined;
    return { securityModel, securityName, groupName: '', ...NEW };
  },
  isComplete: ({ groupName }) => groupName !== '',
};

/** vacmAccessTable: every column has a default. */
export const ACCESS_RULES: RowRules<AccessRow> = {
  indexOf: ({ groupName, contextPrefix, securityModel, securityLevel }) => [
    ...nameIndex(groupName),
    ...nameIndex(contextPrefix),
    securityModel,
    securityLevel,
  ],
  create(index) {
    const parts = new IndexReader(index);
    const groupName = parts.name(1, MAX_NAME);
    const contextPrefix = parts.name(0, MAX_NAME);
    const securityModel = parts.number();
    const securityLevel = parts.number();
    if (groupName === undefined || contextPrefix === undefined || securityModel === undefined)
      return undefined;
    if (!parts.ended || securityModel > MAX_MODEL || !isSecurityLevel(securityLevel)) return undefined;
    const views = { readView: '', writeView: '', notifyView: '' };
    return {
      groupName,
      contextPrefix,
      securityModel,
      securityLevel,
      contextMatch: 'exact',
      ...views,
      ...NEW,
    };
  },
  isComplete: () => true,
};

/** vacmViewTreeFamilyTable: every column has a default. */
export const FAMILY_RULES: RowRules<FamilyRow> = {
  indexOf: ({ viewName, subtree }) => [...nameIndex(viewName), ...oidIndex(subtree)],
  create(index) {
    const parts = new IndexReader(index);
    const viewName = parts.name(1, MAX_NAME);
    const subtree = parts.oid();
    if (viewName === undefined || subtree === undefined || !parts.ended) return undefined;
    if (!isSubtree(viewName, subtree)) return undefined;
    return { viewName, subtree, mask: new Uint8Array(0), included: true, ...NEW };
  },
  isComplete: () => true,
};

/** Whether a number is one of {@link SECURITY_LEVEL}. */
export function isSecurityLevel(level: unknown): level is SecurityLevel {
  return level === 1 || level === 2 || level === 3;
}

/** Whether a view may have a family of this subtree: a single sub-identifier is one, as in `1` for all of iso. */
export function isSubtree(viewName: string, subtree: Oid): boolean {
  if (subtree.length < 1 || nameIndex(viewName).length + 1 + subtree.length > MAX_FAMILY_INDEX) return false;
  return subtree.every((subid) => Number.isInteger(subid) && subid >= 0 && subid <= 0xffff_ffff);
}
