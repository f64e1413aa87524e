// Generated from the text of the module by `npm run gen`. Edit that, and generate again.
import type { ModuleDefinition } from '../definition.ts';

/** Definitions of SNMP-USER-BASED-SM-MIB, as of 200210160000Z. */
export const SNMP_USER_BASED_SM_MIB = {
  name: 'SNMP-USER-BASED-SM-MIB',
  oid: [1, 3, 6, 1, 6, 3, 15],
  lastUpdated: '200210160000Z',
  scalars: {
    usmStatsUnsupportedSecLevels: {
      oid: [1, 3, 6, 1, 6, 3, 15, 1, 1, 1],
      syntax: { base: 'Counter32' },
      access: 'read-only',
      status: 'current',
    },
    usmStatsNotInTimeWindows: {
      oid: [1, 3, 6, 1, 6, 3, 15, 1, 1, 2],
      syntax: { base: 'Counter32' },
      access: 'read-only',
      status: 'current',
    },
    usmStatsUnknownUserNames: {
      oid: [1, 3, 6, 1, 6, 3, 15, 1, 1, 3],
      syntax: { base: 'Counter32' },
      access: 'read-only',
      status: 'current',
    },
    usmStatsUnknownEngineIDs: {
      oid: [1, 3, 6, 1, 6, 3, 15, 1, 1, 4],
      syntax: { base: 'Counter32' },
      access: 'read-only',
      status: 'current',
    },
    usmStatsWrongDigests: {
      oid: [1, 3, 6, 1, 6, 3, 15, 1, 1, 5],
      syntax: { base: 'Counter32' },
      access: 'read-only',
      status: 'current',
    },
    usmStatsDecryptionErrors: {
      oid: [1, 3, 6, 1, 6, 3, 15, 1, 1, 6],
      syntax: { base: 'Counter32' },
      access: 'read-only',
      status: 'current',
    },
    usmUserSpinLock: {
      oid: [1, 3, 6, 1, 6, 3, 15, 1, 2, 1],
      syntax: { base: 'Integer32', convention: 'TestAndIncr', ranges: [[0, 2147483647]] },
      access: 'read-write',
      status: 'current',
    },
  },
  tables: {
    usmUserTable: {
      oid: [1, 3, 6, 1, 6, 3, 15, 1, 2, 2],
      entry: [1, 3, 6, 1, 6, 3, 15, 1, 2, 2, 1],
      entryName: 'usmUserEntry',
      status: 'current',
      index: [
        {
          name: 'usmUserEngineID',
          implied: false,
          syntax: { base: 'OctetString', convention: 'SnmpEngineID', sizes: [[5, 32]] },
        },
        {
          name: 'usmUserName',
          implied: false,
          syntax: {
            base: 'OctetString',
            convention: 'SnmpAdminString',
            sizes: [[1, 32]],
            displayHint: '255t',
          },
        },
      ],
      columns: {
        usmUserEngineID: {
          oid: [1, 3, 6, 1, 6, 3, 15, 1, 2, 2, 1, 1],
          syntax: { base: 'OctetString', convention: 'SnmpEngineID', sizes: [[5, 32]] },
          access: 'not-accessible',
          status: 'current',
        },
        usmUserName: {
          oid: [1, 3, 6, 1, 6, 3, 15, 1, 2, 2, 1, 2],
          syntax: {
            base: 'OctetString',
            convention: 'SnmpAdminString',
            sizes: [[1, 32]],
            displayHint: '255t',
          },
          access: 'not-accessible',
          status: 'current',
        },
        usmUserSecurityName: {
          oid: [1, 3, 6, 1, 6, 3, 15, 1, 2, 2, 1, 3],
          syntax: {
            base: 'OctetString',
            convention: 'SnmpAdminString',
            sizes: [[0, 255]],
            displayHint: '255t',
          },
          access: 'read-only',
          status: 'current',
        },
        usmUserCloneFrom: {
          oid: [1, 3, 6, 1, 6, 3, 15, 1, 2, 2, 1, 4],
          syntax: { base: 'ObjectIdentifier', convention: 'RowPointer' },
          access: 'read-create',
          status: 'current',
        },
        usmUserAuthProtocol: {
          oid: [1, 3, 6, 1, 6, 3, 15, 1, 2, 2, 1, 5],
          syntax: { base: 'ObjectIdentifier', convention: 'AutonomousType' },
          access: 'read-create',
          status: 'current',
        },
        usmUserAuthKeyChange: {
          oid: [1, 3, 6, 1, 6, 3, 15, 1, 2, 2, 1, 6],
          syntax: { base: 'OctetString', convention: 'KeyChange' },
          access: 'read-create',
          status: 'current',
        },
        usmUserOwnAuthKeyChange: {
          oid: [1, 3, 6, 1, 6, 3, 15, 1, 2, 2, 1, 7],
          syntax: { base: 'OctetString', convention: 'KeyChange' },
          access: 'read-create',
          status: 'current',
        },
        usmUserPrivProtocol: {
          oid: [1, 3, 6, 1, 6, 3, 15, 1, 2, 2, 1, 8],
          syntax: { base: 'ObjectIdentifier', convention: 'AutonomousType' },
          access: 'read-create',
          status: 'current',
        },
        usmUserPrivKeyChange: {
          oid: [1, 3, 6, 1, 6, 3, 15, 1, 2, 2, 1, 9],
          syntax: { base: 'OctetString', convention: 'KeyChange' },
          access: 'read-create',
          status: 'current',
        },
        usmUserOwnPrivKeyChange: {
          oid: [1, 3, 6, 1, 6, 3, 15, 1, 2, 2, 1, 10],
          syntax: { base: 'OctetString', convention: 'KeyChange' },
          access: 'read-create',
          status: 'current',
        },
        usmUserPublic: {
          oid: [1, 3, 6, 1, 6, 3, 15, 1, 2, 2, 1, 11],
          syntax: { base: 'OctetString', sizes: [[0, 32]] },
          access: 'read-create',
          status: 'current',
        },
        usmUserStorageType: {
          oid: [1, 3, 6, 1, 6, 3, 15, 1, 2, 2, 1, 12],
          syntax: {
            base: 'Integer32',
            convention: 'StorageType',
            enums: { other: 1, volatile: 2, nonVolatile: 3, permanent: 4, readOnly: 5 },
          },
          access: 'read-create',
          status: 'current',
        },
        usmUserStatus: {
          oid: [1, 3, 6, 1, 6, 3, 15, 1, 2, 2, 1, 13],
          syntax: {
            base: 'Integer32',
            convention: 'RowStatus',
            enums: { active: 1, notInService: 2, notReady: 3, createAndGo: 4, createAndWait: 5, destroy: 6 },
          },
          access: 'read-create',
          status: 'current',
        },
      },
    },
  },
  notifications: {},
  nodes: {
    usmNoAuthProtocol: [1, 3, 6, 1, 6, 3, 10, 1, 1, 1],
    usmHMACMD5AuthProtocol: [1, 3, 6, 1, 6, 3, 10, 1, 1, 2],
    usmHMACSHAAuthProtocol: [1, 3, 6, 1, 6, 3, 10, 1, 1, 3],
    usmNoPrivProtocol: [1, 3, 6, 1, 6, 3, 10, 1, 2, 1],
    usmDESPrivProtocol: [1, 3, 6, 1, 6, 3, 10, 1, 2, 2],
    usmMIBObjects: [1, 3, 6, 1, 6, 3, 15, 1],
    usmStats: [1, 3, 6, 1, 6, 3, 15, 1, 1],
    usmUser: [1, 3, 6, 1, 6, 3, 15, 1, 2],
    usmMIBConformance: [1, 3, 6, 1, 6, 3, 15, 2],
    usmMIBCompliances: [1, 3, 6, 1, 6, 3, 15, 2, 1],
    usmMIBCompliance: [1, 3, 6, 1, 6, 3, 15, 2, 1, 1],
    usmMIBGroups: [1, 3, 6, 1, 6, 3, 15, 2, 2],
    usmMIBBasicGroup: [1, 3, 6, 1, 6, 3, 15, 2, 2, 1],
  },
} as const satisfies ModuleDefinition;
