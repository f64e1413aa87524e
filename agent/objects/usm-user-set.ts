import { ERROR_STATUS, type ErrorStatus } from '../message/constants.ts';
import { SNMP_USER_BASED_SM_MIB } from '../mib/generated/snmp-user-based-sm-mib.ts';
import { ROW_STATUS, type RowChange, type RowStatus, type StorageType } from '../mib/managed-table.ts';
import type { RowSet, SetRefusal, SetTest } from '../mib/module.ts';
import type { Value } from '../mib/value.ts';
import { authProtocolByOid } from '../security/usm/auth-protocols.ts';
import { privProtocolByOid } from '../security/usm/priv-protocols.ts';
import { clonedFrom, type UsmUser, withAuthKeyChange, withPrivKeyChange } from '../security/usm/user.ts';
import { USER_RULES } from '../security/usm/user-rules.ts';
import type { UserTable } from '../security/usm/user-table.ts';
import { Secret } from '../util/secret.ts';
import { type KeyChangeColumn, withKeyChanges } from './usm-key-changes.ts';

const { tables, nodes } = SNMP_USER_BASED_SM_MIB;
const { columns } = tables.usmUserTable;
type Column = keyof typeof columns;

/** What stands for a key in a row that has none yet. */
const NO_KEY = new Secret(new Uint8Array(0));

/** Columns that answer for a field of a row. */
const COLUMN_OF: Partial<Record<keyof UsmUser, Column>> = {
  status: 'usmUserStatus',
  storageType: 'usmUserStorageType',
  publicValue: 'usmUserPublic',
};

const KEY_CHANGES: readonly KeyChangeColumn[] = [
  { name: 'usmUserAuthKeyChange', part: 'auth', own: false, change: changed(withAuthKeyChange) },
  { name: 'usmUserOwnAuthKeyChange', part: 'auth', own: true, change: changed(withAuthKeyChange) },
  { name: 'usmUserPrivKeyChange', part: 'priv', own: false, change: changed(withPrivKeyChange) },
  { name: 'usmUserOwnPrivKeyChange', part: 'priv', own: true, change: changed(withPrivKeyChange) },
];

function changed(change: typeof withAuthKeyChange): KeyChangeColumn['change'] {
  return (user, value) => change(user, value) ?? ERROR_STATUS.wrongLength;
}

/** Tests a set of columns of one row of usmUserTable and prepares the one change that they ask for (RFC 3414 section 5). */
export function testUserSet(users: UserTable, request: RowSet<UsmUser>): SetTest {
  const { row, index, values } = request;
  const status = values.get('usmUserStatus') as RowStatus | undefined;
  const start = row ?? USER_RULES.create(index);
  if (!start) return refused(ERROR_STATUS.inconsistentName);
  const change: Writable<RowChange<UsmUser>> = { ...plainFields(values), ...(status && { status }) };
  // A row that goes, or that is not made, has nothing to protect: the table refuses or does the rest.
  if (status !== ROW_STATUS.destroy && (row || status !== undefined)) {
    const user = protectedUser(users, start, request);
    if ('refused' in user) return user;
    if (user.auth !== start.auth) change.auth = user.auth;
    if (user.priv !== start.priv) change.priv = user.priv;
    if (user.isCloned !== start.isCloned) change.isCloned = user.isCloned;
  }
  const test = users.rows.prepare(index, change);
  if (!('refused' in test)) return test;
  return refused(test.refused, test.column && COLUMN_OF[test.column]);
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The columns that are fields as they are. */
function plainFields(values: ReadonlyMap<string, Value>): RowChange<UsmUser> {
  const storageType = values.get('usmUserStorageType') as StorageType | undefined;
  const publicValue = values.get('usmUserPublic') as Uint8Array | undefined;
  return { ...(storageType && { storageType }), ...(publicValue && { publicValue }) };
}

/** The user with the protocols and keys that the request asks for: first cloned, then without what it gives up. */
function protectedUser(
  users: UserTable,
  start: UsmUser,
  { row, values, requester }: RowSet<UsmUser>,
): UsmUser | SetRefusal {
  const pointer = values.get('usmUserCloneFrom') as readonly number[] | undefined;
  // Only the first write clones; later ones succeed without effect (RFC 3414 section 5, usmUserCloneFrom).
  const template = pointer && !start.isCloned ? templateOf(users, pointer) : undefined;
  if (pointer && !start.isCloned && !template) {
    return refused(ERROR_STATUS.inconsistentName, 'usmUserCloneFrom');
  }
  const named = row
    ? withoutProtocols(template ? clonedFrom(start, template) : start, values)
    : withProtocols(start, values);
  if ('refused' in named) return named;
  return withKeyChanges(
    KEY_CHANGES,
    !row && template ? clonedFrom(named, template) : named,
    values,
    requester,
  );
}

/** The active row that a RowPointer names by its first accessible column (RFC 2579, RowPointer). */
function templateOf(users: UserTable, pointer: readonly number[]): UsmUser | undefined {
  const column = columns.usmUserSecurityName.oid;
  if (!column.every((subid, i) => subid === pointer[i])) return undefined;
  const user = users.rows.get(pointer.slice(column.length));
  return user?.status === ROW_STATUS.active ? user : undefined;
}

/** A new row with the protocols that the request names: they have no keys, and cloning puts others in their place. */
function withProtocols(user: UsmUser, values: ReadonlyMap<string, Value>): UsmUser | SetRefusal {
  const authOid = protocolOf(values, 'usmUserAuthProtocol', nodes.usmNoAuthProtocol);
  const auth = authOid && authProtocolByOid(authOid);
  if (authOid && !auth) return refused(ERROR_STATUS.wrongValue, 'usmUserAuthProtocol');
  const privOid = protocolOf(values, 'usmUserPrivProtocol', nodes.usmNoPrivProtocol);
  const priv = privOid && privProtocolByOid(privOid);
  if (privOid && !priv) return refused(ERROR_STATUS.wrongValue, 'usmUserPrivProtocol');
  if (priv && !auth && !values.has('usmUserCloneFrom')) {
    return refused(ERROR_STATUS.inconsistentValue, 'usmUserPrivProtocol');
  }
  return {
    ...user,
    auth: auth && { protocol: auth, key: NO_KEY },
    priv: priv && { protocol: priv, key: NO_KEY },
  };
}

/** A row that is there, without the protocols that the request gives up: it can change to no others. */
function withoutProtocols(user: UsmUser, values: ReadonlyMap<string, Value>): UsmUser | SetRefusal {
  const changed = { ...user };
  for (const [part, name, none] of [
    ['priv', 'usmUserPrivProtocol', nodes.usmNoPrivProtocol],
    ['auth', 'usmUserAuthProtocol', nodes.usmNoAuthProtocol],
  ] as const) {
    const value = values.get(name) as readonly number[] | undefined;
    if (!value || sameOid(value, user[part]?.protocol.oid ?? none)) continue;
    if (!sameOid(value, none)) return refused(ERROR_STATUS.inconsistentValue, name);
    changed[part] = undefined;
  }
  if (changed.priv && !changed.auth) return refused(ERROR_STATUS.inconsistentValue, 'usmUserAuthProtocol');
  return changed;
}

/** A protocol that the request names; `undefined` for none. */
function protocolOf(
  values: ReadonlyMap<string, Value>,
  name: Column,
  none: readonly number[],
): readonly number[] | undefined {
  const value = values.get(name) as readonly number[] | undefined;
  return value && !sameOid(value, none) ? value : undefined;
}

function sameOid(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((subid, i) => subid === b[i]);
}

function refused(status: ErrorStatus, column?: Column): SetRefusal {
  return { refused: status, ...(column !== undefined && { column }) };
}
