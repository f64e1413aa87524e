import { ERROR_STATUS, type ErrorStatus } from '../message/constants.ts';
import { SECURITY_LEVEL, SECURITY_MODEL } from '../message/v3-constants.ts';
import { ROW_STATUS } from '../mib/managed-table.ts';
import type { Requester, SetRefusal } from '../mib/module.ts';
import type { Value } from '../mib/value.ts';
import type { UsmUser } from '../security/usm/user.ts';

/** A column that changes a key of a user. */
export interface KeyChangeColumn {
  readonly name: string;
  /** Which of the user's keys. */
  readonly part: 'auth' | 'priv';
  /** Whether it is for the user himself, and nobody else. */
  readonly own: boolean;
  /** The user with the other key, or what is wrong with the value. The user has that part. */
  change(user: UsmUser, value: Uint8Array): UsmUser | ErrorStatus;
}

/** The user with the keys that a request asks for (RFC 3414 section 5, usmUserAuthKeyChange and those behind it). */
export function withKeyChanges(
  columns: readonly KeyChangeColumn[],
  before: UsmUser,
  values: ReadonlyMap<string, Value>,
  requester: Requester,
): UsmUser | SetRefusal {
  let user = before;
  const changed = new Set<string>();
  for (const { name: column, part, own, change } of columns) {
    const value = values.get(column) as Uint8Array | undefined;
    if (!value) continue;
    const refused = own ? refuseOwnChange(before, requester) : undefined;
    if (refused !== undefined) return { refused, column };
    // Nothing says which of two changes of one key would be the last.
    if (changed.has(part)) return { refused: ERROR_STATUS.inconsistentValue, column };
    changed.add(part);
    // There is no key to change before the row is cloned.
    if (!user.isCloned) return { refused: ERROR_STATUS.inconsistentName, column };
    // For a user without that protocol it is accepted and does nothing.
    if (!user[part]) continue;
    const next = change(user, value);
    if (typeof next === 'number') return { refused: next, column };
    user = next;
  }
  return user;
}

/** Why a requester must not use a column that is for the user himself; `undefined` when it is he. */
function refuseOwnChange(
  user: UsmUser,
  { securityModel, securityName, securityLevel }: Requester,
): ErrorStatus | undefined {
  if (securityModel !== SECURITY_MODEL.usm || securityName !== user.securityName) {
    return ERROR_STATUS.noAccess;
  }
  // Without authentication anybody can say to be the user: that counts only where the user has none.
  if (user.auth && securityLevel === SECURITY_LEVEL.noAuthNoPriv) return ERROR_STATUS.noAccess;
  return user.status === ROW_STATUS.active ? undefined : ERROR_STATUS.inconsistentValue;
}
