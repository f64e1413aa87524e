// Generated from the text of the module by `npm run gen`. Edit that, and generate again.
import type { ModuleDefinition } from '../definition.ts';

/** Definitions of SNMP-COMMUNITY-MIB, as of 200308060000Z. */
export const SNMP_COMMUNITY_MIB = {
  name: 'SNMP-COMMUNITY-MIB',
  oid: [1, 3, 6, 1, 6, 3, 18],
  lastUpdated: '200308060000Z',
  scalars: {
    snmpTrapAddress: {
      oid: [1, 3, 6, 1, 6, 3, 18, 1, 3],
      syntax: { base: 'IpAddress' },
      access: 'accessible-for-notify',
      status: 'current',
    },
    snmpTrapCommunity: {
      oid: [1, 3, 6, 1, 6, 3, 18, 1, 4],
      syntax: { base: 'OctetString' },
      access: 'accessible-for-notify',
      status: 'current',
    },
  },
  tables: {
    snmpCommunityTable: {
      oid: [1, 3, 6, 1, 6, 3, 18, 1, 1],
      entry: [1, 3, 6, 1, 6, 3, 18, 1, 1, 1],
      entryName: 'snmpCommunityEntry',
      status: 'current',
      index: [
        {
          name: 'snmpCommunityIndex',
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
        snmpCommunityIndex: {
          oid: [1, 3, 6, 1, 6, 3, 18, 1, 1, 1, 1],
          syntax: {
            base: 'OctetString',
            convention: 'SnmpAdminString',
            sizes: [[1, 32]],
            displayHint: '255t',
          },
          access: 'not-accessible',
          status: 'current',
        },
        snmpCommunityName: {
          oid: [1, 3, 6, 1, 6, 3, 18, 1, 1, 1, 2],
          syntax: { base: 'OctetString' },
          access: 'read-create',
          status: 'current',
        },
        snmpCommunitySecurityName: {
          oid: [1, 3, 6, 1, 6, 3, 18, 1, 1, 1, 3],
          syntax: {
            base: 'OctetString',
            convention: 'SnmpAdminString',
            sizes: [[1, 32]],
            displayHint: '255t',
          },
          access: 'read-create',
          status: 'current',
        },
        snmpCommunityContextEngineID: {
          oid: [1, 3, 6, 1, 6, 3, 18, 1, 1, 1, 4],
          syntax: { base: 'OctetString', convention: 'SnmpEngineID', sizes: [[5, 32]] },
          access: 'read-create',
          status: 'current',
        },
        snmpCommunityContextName: {
          oid: [1, 3, 6, 1, 6, 3, 18, 1, 1, 1, 5],
          syntax: {
            base: 'OctetString',
            convention: 'SnmpAdminString',
            sizes: [[0, 32]],
            displayHint: '255t',
          },
          access: 'read-create',
          status: 'current',
        },
        snmpCommunityTransportTag: {
          oid: [1, 3, 6, 1, 6, 3, 18, 1, 1, 1, 6],
          syntax: { base: 'OctetString', convention: 'SnmpTagValue', sizes: [[0, 255]], displayHint: '255t' },
          access: 'read-create',
          status: 'current',
        },
        snmpCommunityStorageType: {
          oid: [1, 3, 6, 1, 6, 3, 18, 1, 1, 1, 7],
          syntax: {
            base: 'Integer32',
            convention: 'StorageType',
            enums: { other: 1, volatile: 2, nonVolatile: 3, permanent: 4, readOnly: 5 },
          },
          access: 'read-create',
          status: 'current',
        },
        snmpCommunityStatus: {
          oid: [1, 3, 6, 1, 6, 3, 18, 1, 1, 1, 8],
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
    snmpTargetAddrExtTable: {
      oid: [1, 3, 6, 1, 6, 3, 18, 1, 2],
      entry: [1, 3, 6, 1, 6, 3, 18, 1, 2, 1],
      entryName: 'snmpTargetAddrExtEntry',
      status: 'current',
      index: [
        {
          name: 'snmpTargetAddrName',
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
        snmpTargetAddrTMask: {
          oid: [1, 3, 6, 1, 6, 3, 18, 1, 2, 1, 1],
          syntax: { base: 'OctetString', sizes: [[0, 255]] },
          access: 'read-create',
          status: 'current',
        },
        snmpTargetAddrMMS: {
          oid: [1, 3, 6, 1, 6, 3, 18, 1, 2, 1, 2],
          syntax: { base: 'Integer32', ranges: [[0, 0], [484, 2147483647]] },
          access: 'read-create',
          status: 'current',
        },
      },
      augments: 'snmpTargetAddrEntry',
    },
  },
  notifications: {},
  nodes: {
    snmpCommunityMIBObjects: [1, 3, 6, 1, 6, 3, 18, 1],
    snmpCommunityMIBConformance: [1, 3, 6, 1, 6, 3, 18, 2],
    snmpCommunityMIBCompliances: [1, 3, 6, 1, 6, 3, 18, 2, 1],
    snmpCommunityMIBCompliance: [1, 3, 6, 1, 6, 3, 18, 2, 1, 1],
    snmpProxyTrapForwardCompliance: [1, 3, 6, 1, 6, 3, 18, 2, 1, 2],
    snmpCommunityMIBFullCompliance: [1, 3, 6, 1, 6, 3, 18, 2, 1, 3],
    snmpCommunityMIBGroups: [1, 3, 6, 1, 6, 3, 18, 2, 2],
    snmpCommunityTableGroup: [1, 3, 6, 1, 6, 3, 18, 2, 2, 1],
    snmpProxyTrapForwardGroup: [1, 3, 6, 1, 6, 3, 18, 2, 2, 3],
  },
} as const satisfies ModuleDefinition;
