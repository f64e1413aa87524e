// Generated from the text of the module by `npm run gen`. Edit that, and generate again.
import type { ModuleDefinition } from '../definition.ts';

/** Definitions of SNMP-VIEW-BASED-ACM-MIB, as of 200210160000Z. */
export const SNMP_VIEW_BASED_ACM_MIB = {
  name: 'SNMP-VIEW-BASED-ACM-MIB',
  oid: [1, 3, 6, 1, 6, 3, 16],
  lastUpdated: '200210160000Z',
  scalars: {
    vacmViewSpinLock: {
      oid: [1, 3, 6, 1, 6, 3, 16, 1, 5, 1],
      syntax: { base: 'Integer32', convention: 'TestAndIncr', ranges: [[0, 2147483647]] },
      access: 'read-write',
      status: 'current',
    },
  },
  tables: {
    vacmContextTable: {
      oid: [1, 3, 6, 1, 6, 3, 16, 1, 1],
      entry: [1, 3, 6, 1, 6, 3, 16, 1, 1, 1],
      entryName: 'vacmContextEntry',
      status: 'current',
      index: [
        {
          name: 'vacmContextName',
          implied: false,
          syntax: {
            base: 'OctetString',
            convention: 'SnmpAdminString',
            sizes: [[0, 32]],
            displayHint: '255t',
          },
        },
      ],
      columns: {
        vacmContextName: {
          oid: [1, 3, 6, 1, 6, 3, 16, 1, 1, 1, 1],
          syntax: {
            base: 'OctetString',
            convention: 'SnmpAdminString',
            sizes: [[0, 32]],
            displayHint: '255t',
          },
          access: 'read-only',
          status: 'current',
        },
      },
    },
    vacmSecurityToGroupTable: {
      oid: [1, 3, 6, 1, 6, 3, 16, 1, 2],
      entry: [1, 3, 6, 1, 6, 3, 16, 1, 2, 1],
      entryName: 'vacmSecurityToGroupEntry',
      status: 'current',
      index: [
        {
          name: 'vacmSecurityModel',
          implied: false,
          syntax: { base: 'Integer32', convention: 'SnmpSecurityModel', ranges: [[1, 2147483647]] },
        },
        {
          name: 'vacmSecurityName',
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
        vacmSecurityModel: {
          oid: [1, 3, 6, 1, 6, 3, 16, 1, 2, 1, 1],
          syntax: { base: 'Integer32', convention: 'SnmpSecurityModel', ranges: [[1, 2147483647]] },
          access: 'not-accessible',
          status: 'current',
        },
        vacmSecurityName: {
          oid: [1, 3, 6, 1, 6, 3, 16, 1, 2, 1, 2],
          syntax: {
            base: 'OctetString',
            convention: 'SnmpAdminString',
            sizes: [[1, 32]],
            displayHint: '255t',
          },
          access: 'not-accessible',
          status: 'current',
        },
        vacmGroupName: {
          oid: [1, 3, 6, 1, 6, 3, 16, 1, 2, 1, 3],
          syntax: {
            base: 'OctetString',
            convention: 'SnmpAdminString',
            sizes: [[1, 32]],
            displayHint: '255t',
          },
          access: 'read-create',
          status: 'current',
        },
        vacmSecurityToGroupStorageType: {
          oid: [1, 3, 6, 1, 6, 3, 16, 1, 2, 1, 4],
          syntax: {
            base: 'Integer32',
            convention: 'StorageType',
            enums: { other: 1, volatile: 2, nonVolatile: 3, permanent: 4, readOnly: 5 },
          },
          access: 'read-create',
          status: 'current',
        },
        vacmSecurityToGroupStatus: {
          oid: [1, 3, 6, 1, 6, 3, 16, 1, 2, 1, 5],
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
    vacmAccessTable: {
      oid: [1, 3, 6, 1, 6, 3, 16, 1, 4],
      entry: [1, 3, 6, 1, 6, 3, 16, 1, 4, 1],
      entryName: 'vacmAccessEntry',
      status: 'current',
      index: [
        {
          name: 'vacmGroupName',
          implied: false,
          syntax: {
            base: 'OctetString',
            convention: 'SnmpAdminString',
            sizes: [[1, 32]],
            displayHint: '255t',
          },
        },
        {
          name: 'vacmAccessContextPrefix',
          implied: false,
          syntax: {
            base: 'OctetString',
            convention: 'SnmpAdminString',
            sizes: [[0, 32]],
            displayHint: '255t',
          },
        },
        {
          name: 'vacmAccessSecurityModel',
          implied: false,
          syntax: { base: 'Integer32', convention: 'SnmpSecurityModel', ranges: [[0, 2147483647]] },
        },
        {
          name: 'vacmAccessSecurityLevel',
          implied: false,
          syntax: {
            base: 'Integer32',
            convention: 'SnmpSecurityLevel',
            enums: { noAuthNoPriv: 1, authNoPriv: 2, authPriv: 3 },
          },
        },
      ],
      columns: {
        vacmAccessContextPrefix: {
          oid: [1, 3, 6, 1, 6, 3, 16, 1, 4, 1, 1],
          syntax: {
            base: 'OctetString',
            convention: 'SnmpAdminString',
            sizes: [[0, 32]],
            displayHint: '255t',
          },
          access: 'not-accessible',
          status: 'current',
        },
        vacmAccessSecurityModel: {
          oid: [1, 3, 6, 1, 6, 3, 16, 1, 4, 1, 2],
          syntax: { base: 'Integer32', convention: 'SnmpSecurityModel', ranges: [[0, 2147483647]] },
          access: 'not-accessible',
          status: 'current',
        },
        vacmAccessSecurityLevel: {
          oid: [1, 3, 6, 1, 6, 3, 16, 1, 4, 1, 3],
          syntax: {
            base: 'Integer32',
            convention: 'SnmpSecurityLevel',
            enums: { noAuthNoPriv: 1, authNoPriv: 2, authPriv: 3 },
          },
          access: 'not-accessible',
          status: 'current',
        },
        vacmAccessContextMatch: {
          oid: [1, 3, 6, 1, 6, 3, 16, 1, 4, 1, 4],
          syntax: { base: 'Integer32', enums: { exact: 1, prefix: 2 } },
          access: 'read-create',
          status: 'current',
        },
        vacmAccessReadViewName: {
          oid: [1, 3, 6, 1, 6, 3, 16, 1, 4, 1, 5],
          syntax: {
            base: 'OctetString',
            convention: 'SnmpAdminString',
            sizes: [[0, 32]],
            displayHint: '255t',
          },
          access: 'read-create',
          status: 'current',
        },
        vacmAccessWriteViewName: {
          oid: [1, 3, 6, 1, 6, 3, 16, 1, 4, 1, 6],
          syntax: {
            base: 'OctetString',
            convention: 'SnmpAdminString',
            sizes: [[0, 32]],
            displayHint: '255t',
          },
          access: 'read-create',
          status: 'current',
        },
        vacmAccessNotifyViewName: {
          oid: [1, 3, 6, 1, 6, 3, 16, 1, 4, 1, 7],
          syntax: {
            base: 'OctetString',
            convention: 'SnmpAdminString',
            sizes: [[0, 32]],
            displayHint: '255t',
          },
          access: 'read-create',
          status: 'current',
        },
        vacmAccessStorageType: {
          oid: [1, 3, 6, 1, 6, 3, 16, 1, 4, 1, 8],
          syntax: {
            base: 'Integer32',
            convention: 'StorageType',
            enums: { other: 1, volatile: 2, nonVolatile: 3, permanent: 4, readOnly: 5 },
          },
          access: 'read-create',
          status: 'current',
        },
        vacmAccessStatus: {
          oid: [1, 3, 6, 1, 6, 3, 16, 1, 4, 1, 9],
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
    vacmViewTreeFamilyTable: {
      oid: [1, 3, 6, 1, 6, 3, 16, 1, 5, 2],
      entry: [1, 3, 6, 1, 6, 3, 16, 1, 5, 2, 1],
      entryName: 'vacmViewTreeFamilyEntry',
      status: 'current',
      index: [
        {
          name: 'vacmViewTreeFamilyViewName',
          implied: false,
          syntax: {
            base: 'OctetString',
            convention: 'SnmpAdminString',
            sizes: [[1, 32]],
            displayHint: '255t',
          },
        },
        { name: 'vacmViewTreeFamilySubtree', implied: false, syntax: { base: 'ObjectIdentifier' } },
      ],
      columns: {
        vacmViewTreeFamilyViewName: {
          oid: [1, 3, 6, 1, 6, 3, 16, 1, 5, 2, 1, 1],
          syntax: {
            base: 'OctetString',
            convention: 'SnmpAdminString',
            sizes: [[1, 32]],
            displayHint: '255t',
          },
          access: 'not-accessible',
          status: 'current',
        },
        vacmViewTreeFamilySubtree: {
          oid: [1, 3, 6, 1, 6, 3, 16, 1, 5, 2, 1, 2],
          syntax: { base: 'ObjectIdentifier' },
          access: 'not-accessible',
          status: 'current',
        },
        vacmViewTreeFamilyMask: {
          oid: [1, 3, 6, 1, 6, 3, 16, 1, 5, 2, 1, 3],
          syntax: { base: 'OctetString', sizes: [[0, 16]] },
          access: 'read-create',
          status: 'current',
        },
        vacmViewTreeFamilyType: {
          oid: [1, 3, 6, 1, 6, 3, 16, 1, 5, 2, 1, 4],
          syntax: { base: 'Integer32', enums: { included: 1, excluded: 2 } },
          access: 'read-create',
          status: 'current',
        },
        vacmViewTreeFamilyStorageType: {
          oid: [1, 3, 6, 1, 6, 3, 16, 1, 5, 2, 1, 5],
          syntax: {
            base: 'Integer32',
            convention: 'StorageType',
            enums: { other: 1, volatile: 2, nonVolatile: 3, permanent: 4, readOnly: 5 },
          },
          access: 'read-create',
          status: 'current',
        },
        vacmViewTreeFamilyStatus: {
          oid: [1, 3, 6, 1, 6, 3, 16, 1, 5, 2, 1, 6],
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
    vacmMIBObjects: [1, 3, 6, 1, 6, 3, 16, 1],
    vacmMIBViews: [1, 3, 6, 1, 6, 3, 16, 1, 5],
    vacmMIBConformance: [1, 3, 6, 1, 6, 3, 16, 2],
    vacmMIBCompliances: [1, 3, 6, 1, 6, 3, 16, 2, 1],
    vacmMIBCompliance: [1, 3, 6, 1, 6, 3, 16, 2, 1, 1],
    vacmMIBGroups: [1, 3, 6, 1, 6, 3, 16, 2, 2],
    vacmBasicGroup: [1, 3, 6, 1, 6, 3, 16, 2, 2, 1],
  },
} as const satisfies ModuleDefinition;
