import { SNMP_USER_BASED_SM_MIB } from '../mib/generated/snmp-user-based-sm-mib.ts';
import type { BoundModule, RowSet, ScalarBinding, SetTest } from '../mib/module.ts';
import type { UsmStat, UsmStats } from '../security/usm/stats.ts';
import type { UsmUser } from '../security/usm/user.ts';
import type { UserTable } from '../security/usm/user-table.ts';
import type { Keep } from './managed-binding.ts';
import { type RandomOctets, testAndIncr } from './test-and-incr.ts';
import { testUserSet } from './usm-user-set.ts';

const { usmNoAuthProtocol, usmNoPrivProtocol } = SNMP_USER_BASED_SM_MIB.nodes;
const ZERO_DOT_ZERO = [0, 0];
/** What reading a change of keys gives. */
const NOTHING = new Uint8Array(0);

/** What SNMP-USER-BASED-SM-MIB shows and changes. */
export interface UsmObjects {
  readonly users: UserTable;
  readonly stats: UsmStats;
  /** Makes what managers change outlive the program. */
  readonly keep: Keep;
  readonly randomOctets: RandomOctets;
}

/**
 * SNMP-USER-BASED-SM-MIB (RFC 3414): the users, what was refused for their sake, and how keys are changed.
 *
 * A change counts from the next message on: the answer to the one that brought it is protected as that was.
 */
export function usmMib({ users, stats, keep, randomOctets }: UsmObjects): BoundModule {
  return {
    definition: SNMP_USER_BASED_SM_MIB,
    description: 'The User-based Security Model of SNMPv3',
    scalars: { ...statBindings(stats), usmUserSpinLock: testAndIncr(randomOctets) },
    tables: {
      usmUserTable: {
        rows: users.rows,
        columns: {
          usmUserSecurityName: (user: UsmUser) => user.securityName,
          usmUserCloneFrom: () => ZERO_DOT_ZERO,
          usmUserAuthProtocol: (user: UsmUser) => user.auth?.protocol.oid ?? usmNoAuthProtocol,
          usmUserAuthKeyChange: () => NOTHING,
          usmUserOwnAuthKeyChange: () => NOTHING,
          usmUserPrivProtocol: (user: UsmUser) => user.priv?.protocol.oid ?? usmNoPrivProtocol,
          usmUserPrivKeyChange: () => NOTHING,
          usmUserOwnPrivKeyChange: () => NOTHING,
          usmUserPublic: (user: UsmUser) => user.publicValue,
          usmUserStorageType: (user: UsmUser) => user.storageType,
          usmUserStatus: (user: UsmUser) => user.status,
        },
        testSet(request: RowSet<UsmUser>): SetTest {
          const test = testUserSet(users, request);
          return 'refused' in test ? test : keep(test);
        },
      },
    },
  };
}

/** Which counter each object of usmStats shows. */
const STATS: Readonly<Record<string, UsmStat>> = {
  usmStatsUnsupportedSecLevels: 'unsupportedSecLevels',
  usmStatsNotInTimeWindows: 'notInTimeWindows',
  usmStatsUnknownUserNames: 'unknownUserNames',
  usmStatsUnknownEngineIDs: 'unknownEngineIDs',
  usmStatsWrongDigests: 'wrongDigests',
  usmStatsDecryptionErrors: 'decryptionErrors',
};

function statBindings(stats: UsmStats): Record<string, ScalarBinding> {
  return Object.fromEntries(Object.entries(STATS).map(([name, stat]) => [name, { read: () => stats[stat] }]));
}
