// Generated from the text of the module by `npm run gen`. Edit that, and generate again.
import type { ModuleDefinition } from '../definition.ts';

/** Definitions of SNMP-NOTIFICATION-MIB, as of 200210140000Z. */
export const SNMP_NOTIFICATION_MIB = {
  name: 'SNMP-NOTIFICATION-MIB',
  oid: [1, 3, 6, 1, 6, 3, 13],
  lastUpdated: '200210140000Z',
  scalars: {},
  tables: {
    snmpNotifyTable: {
      oid: [1, 3, 6, 1, 6, 3, 13, 1, 1],
      entry: [1, 3, 6, 1, 6, 3, 13, 1, 1, 1],
      entryName: 'snmpNotifyEntry',
      status: 'current',
      index: [
        {
          name: 'snmpNotifyName',
          implied: true,
          syntax: {
            base: 'OctetString',
            convention: 'SnmpAdminString',
            sizes: [[1, 32]],
            displayHint: '255t',
          },
        },
      ],
      columns: {
        snmpNotifyName: {
          oid: [1, 3, 6, 1, 6, 3, 13, 1, 1, 1, 1],
          syntax: {
            base: 'OctetString',
            convention: 'SnmpAdminString',
            sizes: [[1, 32]],
            displayHint: '255t',
          },
          access: 'not-accessible',
          status: 'current',
        },
        snmpNotifyTag: {
          oid: [1, 3, 6, 1, 6, 3, 13, 1, 1, 1, 2],
          syntax: { base: 'OctetString', convention: 'SnmpTagValue', sizes: [[0, 255]], displayHint: '255t' },
          access: 'read-create',
          status: 'current',
        },
        snmpNotifyType: {
          oid: [1, 3, 6, 1, 6, 3, 13, 1, 1, 1, 3],
          syntax: { base: 'Integer32', enums: { trap: 1, inform: 2 } },
          access: 'read-create',
          status: 'current',
        },
        snmpNotifyStorageType: {
          oid: [1, 3, 6, 1, 6, 3, 13, 1, 1, 1, 4],
          syntax: {
            base: 'Integer32',
            convention: 'StorageType',
            enums: { other: 1, volatile: 2, nonVolatile: 3, permanent: 4, readOnly: 5 },
          },
          access: 'read-create',
          status: 'current',
        },
        snmpNotifyRowStatus: {
          oid: [1, 3, 6, 1, 6, 3, 13, 1, 1, 1, 5],
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
    snmpNotifyFilterProfileTable: {
      oid: [1, 3, 6, 1, 6, 3, 13, 1, 2],
      entry: [1, 3, 6, 1, 6, 3, 13, 1, 2, 1],
      entryName: 'snmpNotifyFilterProfileEntry',
      status: 'current',
      index: [
        {
          name: 'snmpTargetParamsName',
          module: 'SNMP-TARGET-MIB',
          implied: true,
          syntax: {
            base: 'OctetString',
            convention: 'SnmpAdminString',
            sizes: [[1, 32]],
            displayHint: '255t',
          },
        },
      ],
      columns: {
        snmpNotifyFilterProfileName: {
          oid: [1, 3, 6, 1, 6, 3, 13, 1, 2, 1, 1],
          syntax: {
            base: 'OctetString',
            convention: 'SnmpAdminString',
            sizes: [[1, 32]],
            displayHint: '255t',
          },
          access: 'read-create',
          status: 'current',
        },
        snmpNotifyFilterProfileStorType: {
          oid: [1, 3, 6, 1, 6, 3, 13, 1, 2, 1, 2],
          syntax: {
            base: 'Integer32',
            convention: 'StorageType',
            enums: { other: 1, volatile: 2, nonVolatile: 3, permanent: 4, readOnly: 5 },
          },
          access: 'read-create',
          status: 'current',
        },
        snmpNotifyFilterProfileRowStatus: {
          oid: [1, 3, 6, 1, 6, 3, 13, 1, 2, 1, 3],
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
    snmpNotifyFilterTable: {
      oid: [1, 3, 6, 1, 6, 3, 13, 1, 3],
      entry: [1, 3, 6, 1, 6, 3, 13, 1, 3, 1],
      entryName: 'snmpNotifyFilterEntry',
      status: 'current',
      index: [
        {
          name: 'snmpNotifyFilterProfileName',
          implied: false,
          syntax: {
            base: 'OctetString',
            convention: 'SnmpAdminString',
            sizes: [[1, 32]],
            displayHint: '255t',
          },
        },
        { name: 'snmpNotifyFilterSubtree', implied: true, syntax: { base: 'ObjectIdentifier' } },
      ],
      columns: {
        snmpNotifyFilterSubtree: {
          oid: [1, 3, 6, 1, 6, 3, 13, 1, 3, 1, 1],
          syntax: { base: 'ObjectIdentifier' },
          access: 'not-accessible',
          status: 'current',
        },
        snmpNotifyFilterMask: {
          oid: [1, 3, 6, 1, 6, 3, 13, 1, 3, 1, 2],
          syntax: { base: 'OctetString', sizes: [[0, 16]] },
          access: 'read-create',
          status: 'current',
        },
        snmpNotifyFilterType: {
          oid: [1, 3, 6, 1, 6, 3, 13, 1, 3, 1, 3],
          syntax: { base: 'Integer32', enums: { included: 1, excluded: 2 } },
          access: 'read-create',
          status: 'current',
        },
        snmpNotifyFilterStorageType: {
          oid: [1, 3, 6, 1, 6, 3, 13, 1, 3, 1, 4],
          syntax: {
            base: 'Integer32',
            convention: 'StorageType',
            enums: { other: 1, volatile: 2, nonVolatile: 3, permanent: 4, readOnly: 5 },
          },
          access: 'read-create',
          status: 'current',
        },
        snmpNotifyFilterRowStatus: {
          oid: [1, 3, 6, 1, 6, 3, 13, 1, 3, 1, 5],
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
    snmpNotifyObjects: [1, 3, 6, 1, 6, 3, 13, 1],
    snmpNotifyConformance: [1, 3, 6, 1, 6, 3, 13, 3],
    snmpNotifyCompliances: [1, 3, 6, 1, 6, 3, 13, 3, 1],
    snmpNotifyBasicCompliance: [1, 3, 6, 1, 6, 3, 13, 3, 1, 1],
    snmpNotifyBasicFiltersCompliance: [1, 3, 6, 1, 6, 3, 13, 3, 1, 2],
    snmpNotifyFullCompliance: [1, 3, 6, 1, 6, 3, 13, 3, 1, 3],
    snmpNotifyGroups: [1, 3, 6, 1, 6, 3, 13, 3, 2],
    snmpNotifyGroup: [1, 3, 6, 1, 6, 3, 13, 3, 2, 1],
    snmpNotifyFilterGroup: [1, 3, 6, 1, 6, 3, 13, 3, 2, 2],
  },
} as const satisfies ModuleDefinition;
