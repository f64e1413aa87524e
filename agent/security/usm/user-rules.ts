import { ROW_STATUS, type RowRules, STORAGE_TYPE } from '../../mib/managed-table.ts';
import { IndexReader } from '../../mib/row-index.ts';
import type { Oid } from '../../util/oid.ts';
import { MAX_USER_NAME_LENGTH, type UsmUser } from './user.ts';

/** Octets of an engine ID, at least and at most (RFC 3411 section 5, SnmpEngineID). */
export const ENGINE_ID_LENGTH = { min: 5, max: 32 } as const;

/** The index of a row of usmUserTable: both parts with their length before them (RFC 2578 section 7.7). */
export function userIndex(engineId: Uint8Array, name: Uint8Array): Oid {
  return [engineId.length, ...engineId, name.length, ...name];
}

/**
 * What makes a row of usmUserTable (RFC 3414 section 5).
 *
 * A user that comes from a configuration's entry lives as long as that entry stays the same, with all that
 * managers have changed of it: where somebody gives a user new passwords there, or takes it out, that counts.
 */
export const USER_RULES: RowRules<UsmUser> = {
  indexOf: ({ engineId, name }) => userIndex(engineId, name),
  create(index) {
    const parts = new IndexReader(index);
    const engineId = parts.octets(ENGINE_ID_LENGTH.min, ENGINE_ID_LENGTH.max);
    // A name that is no UTF-8 is no SnmpAdminString, and access control could not tell it from others.
    const securityName = parts.name(1, MAX_USER_NAME_LENGTH);
    if (engineId === undefined || securityName === undefined || !parts.ended) return undefined;
    return {
      engineId,
      name: Buffer.from(securityName, 'utf8'),
      securityName,
      auth: undefined,
      priv: undefined,
      publicValue: new Uint8Array(0),
      isCloned: false,
      origin: undefined,
      storageType: STORAGE_TYPE.nonVolatile,
      status: ROW_STATUS.notReady,
    };
  },
  isComplete: ({ isCloned }) => isCloned,
  givesWay(row, configured) {
    const [was, is] = [row.origin, configured?.origin];
    if (was && is) return !was.reveal().equals(is.reveal());
    return was !== is;
  },
};
