import { ERROR_STATUS, type ErrorStatus } from '../message/constants.ts';
import { SNMP_USM_DH_OBJECTS_MIB } from '../mib/generated/snmp-usm-dh-objects-mib.ts';
import type { BoundModule, PreparedSet, RowSet, SetTest } from '../mib/module.ts';
import { SortedRows } from '../mib/rows.ts';
import { DhAgreement } from '../security/usm/dh-agreement.ts';
import type { UsmUser } from '../security/usm/user.ts';
import { userIndex } from '../security/usm/user-rules.ts';
import type { UserTable } from '../security/usm/user-table.ts';
import { Secret } from '../util/secret.ts';
import type { Keep } from './managed-binding.ts';
import { type KeyChangeColumn, withKeyChanges } from './usm-key-changes.ts';

/** A user made as the agent starts: this agent makes none. */
interface KickstartRow {
  readonly myPublic: Uint8Array;
  readonly mgrPublic: Uint8Array;
  readonly securityName: string;
}

/** SNMP-USM-DH-OBJECTS-MIB (RFC 2786): keys that who listens to their change does not learn. */
export function usmDhMib(users: UserTable, keep: Keep): BoundModule {
  const agreement = new DhAgreement();
  const columns = keyChangeColumns(agreement);
  return {
    definition: SNMP_USM_DH_OBJECTS_MIB,
    description: 'Changes of keys by Diffie-Hellman key agreement',
    scalars: {
      usmDHParameters: {
        read: () => agreement.parameters,
        testSet: (value): SetTest =>
          Buffer.compare(value as Uint8Array, agreement.parameters) === 0
            ? nothingToDo
            : { refused: ERROR_STATUS.wrongValue },
      },
    },
    tables: {
      usmDHUserKeyTable: {
        rows: users.rows,
        columns: Object.fromEntries(columns.map(({ name }) => [name, () => agreement.publicValue])),
        testSet(request: RowSet<UsmUser>): SetTest {
          const test = testKeyChange(users, columns, request);
          return 'refused' in test ? test : keep({ ...test, finish: () => agreement.renew() });
        },
      },
      usmDHKickstartTable: {
        rows: new SortedRows<KickstartRow>(),
        columns: {
          usmDHKickstartMyPublic: (row: KickstartRow) => row.myPublic,
          usmDHKickstartMgrPublic: (row: KickstartRow) => row.mgrPublic,
          usmDHKickstartSecurityName: (row: KickstartRow) => row.securityName,
        },
      },
    },
  };
}

function keyChangeColumns(agreement: DhAgreement): readonly KeyChangeColumn[] {
  const change =
    (part: 'auth' | 'priv') =>
    (user: UsmUser, value: Uint8Array): UsmUser | ErrorStatus => {
      const secret = agreement.secret(value);
      if (!secret) return ERROR_STATUS.wrongValue;
      // snmpusm 5.9 leaves out a 0 in front, and tells its user of a key that is not the one at the secret's end.
      // One agreement in 256 is like this: better to have that refused than to lock the user out.
      if (secret.reveal()[0] === 0) return ERROR_STATUS.inconsistentValue;
      return withKey(user, part, secret);
    };
  return [
    { name: 'usmDHUserAuthKeyChange', part: 'auth', own: false, change: change('auth') },
    { name: 'usmDHUserOwnAuthKeyChange', part: 'auth', own: true, change: change('auth') },
    { name: 'usmDHUserPrivKeyChange', part: 'priv', own: false, change: change('priv') },
    { name: 'usmDHUserOwnPrivKeyChange', part: 'priv', own: true, change: change('priv') },
  ];
}

/** The key is the end of the secret, as many octets as the protocol takes (RFC 2786, usmDHUserAuthKeyChange). */
function withKey(user: UsmUser, part: 'auth' | 'priv', secret: Secret): UsmUser {
  const { protocol } = user[part]!;
  return { ...user, [part]: { protocol, key: new Secret(secret.reveal().subarray(-protocol.keyLength)) } };
}

function testKeyChange(
  users: UserTable,
  columns: readonly KeyChangeColumn[],
  { row, values, requester }: RowSet<UsmUser>,
): SetTest {
  // Users are made in usmUserTable.
  if (!row) return { refused: ERROR_STATUS.inconsistentName };
  const user = withKeyChanges(columns, row, values, requester);
  if ('refused' in user) return user;
  const test = users.rows.prepare(userIndex(row.engineId, row.name), {
    ...(user.auth !== row.auth && { auth: user.auth }),
    ...(user.priv !== row.priv && { priv: user.priv }),
  });
  return 'refused' in test ? { refused: test.refused } : test;
}

const nothingToDo: PreparedSet = { commit() {}, undo() {} };
