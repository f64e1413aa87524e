// Generated from the text of the module by `npm run gen`. Edit that, and generate again.
import type { ModuleDefinition } from '../definition.ts';

/** Definitions of SNMP-TARGET-MIB, as of 200210140000Z. */
export const SNMP_TARGET_MIB = {
  name: 'SNMP-TARGET-MIB',
  oid: [1, 3, 6, 1, 6, 3, 12],
  lastUpdated: '200210140000Z',
  scalars: {
    snmpTargetSpinLock: {
      oid: [1, 3, 6, 1, 6, 3, 12, 1, 1],
      syntax: { base: 'Integer32', convention: 'TestAndIncr', ranges: [[0, 2147483647]] },
      access: 'read-write',
      status: 'current',
    },
    snmpUnavailableContexts: {
      oid: [1, 3, 6, 1, 6, 3, 12, 1, 4],
      syntax: { base: 'Counter32' },
      access: 'read-only',
      status: 'current',
    },
    snmpUnknownContexts: {
      oid: [1, 3, 6, 1, 6, 3, 12, 1, 5],
      syntax: { base: 'Counter32' },
      access: 'read-only',
      status: 'current',
    },
  },
  tables: {
    snmpTargetAddrTable: {
      oid: [1, 3, 6, 1, 6, 3, 12, 1, 2],
      entry: [1, 3, 6, 1, 6, 3, 12, 1, 2, 1],
      entryName: 'snmpTargetAddrEntry',
      status: 'current',
      index: [
        {
          name: 'snmpTargetAddrName',
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
        snmpTargetAddrName: {
          oid: [1, 3, 6, 1, 6, 3, 12, 1, 2, 1, 1],
          syntax: {
            base: 'OctetString',
            convention: 'SnmpAdminString',
            sizes: [[1, 32]],
            displayHint: '255t',
          },
          access: 'not-accessible',
          status: 'current',
        },
        snmpTargetAddrTDomain: {
          oid: [1, 3, 6, 1, 6, 3, 12, 1, 2, 1, 2],
          syntax: { base: 'ObjectIdentifier', convention: 'TDomain' },
          access: 'read-create',
          status: 'current',
        },
        snmpTargetAddrTAddress: {
          oid: [1, 3, 6, 1, 6, 3, 12, 1, 2, 1, 3],
          syntax: { base: 'OctetString', convention: 'TAddress', sizes: [[1, 255]] },
          access: 'read-create',
          status: 'current',
        },
        snmpTargetAddrTimeout: {
          oid: [1, 3, 6, 1, 6, 3, 12, 1, 2, 1, 4],
          syntax: { base: 'Integer32', convention: 'TimeInterval', ranges: [[0, 2147483647]] },
          access: 'read-create',
          status: 'current',
        },
        snmpTargetAddrRetryCount: {
          oid: [1, 3, 6, 1, 6, 3, 12, 1, 2, 1, 5],
          syntax: { base: 'Integer32', ranges: [[0, 255]] },
          access: 'read-create',
          status: 'current',
        },
        snmpTargetAddrTagList: {
          oid: [1, 3, 6, 1, 6, 3, 12, 1, 2, 1, 6],
          syntax: { base: 'OctetString', convention: 'SnmpTagList', sizes: [[0, 255]], displayHint: '255t' },
          access: 'read-create',
          status: 'current',
        },
        snmpTargetAddrParams: {
          oid: [1, 3, 6, 1, 6, 3, 12, 1, 2, 1, 7],
          syntax: {
            base: 'OctetString',
            convention: 'SnmpAdminString',
            sizes: [[1, 32]],
            displayHint: '255t',
          },
          access: 'read-create',
          status: 'current',
        },
        snmpTargetAddrStorageType: {
          oid: [1, 3, 6, 1, 6, 3, 12, 1, 2, 1, 8],
          syntax: {
            base: 'Integer32',
            convention: 'StorageType',
            enums: { other: 1, volatile: 2, nonVolatile: 3, permanent: 4, readOnly: 5 },
          },
          access: 'read-create',
          status: 'current',
        },
        snmpTargetAddrRowStatus: {
          oid: [1, 3, 6, 1, 6, 3, 12, 1, 2, 1, 9],
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
    snmpTargetParamsTable: {
      oid: [1, 3, 6, 1, 6, 3, 12, 1, 3],
      entry: [1, 3, 6, 1, 6, 3, 12, 1, 3, 1],
      entryName: 'snmpTargetParamsEntry',
      status: 'current',
      index: [
        {
          name: 'snmpTargetParamsName',
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
        snmpTargetParamsName: {
          oid: [1, 3, 6, 1, 6, 3, 12, 1, 3, 1, 1],
          syntax: {
            base: 'OctetString',
            convention: 'SnmpAdminString',
            sizes: [[1, 32]],
            displayHint: '255t',
          },
          access: 'not-accessible',
          status: 'current',
        },
        snmpTargetParamsMPModel: {
          oid: [1, 3, 6, 1, 6, 3, 12, 1, 3, 1, 2],
          syntax: { base: 'Integer32', convention: 'SnmpMessageProcessingModel', ranges: [[0, 2147483647]] },
          access: 'read-create',
          status: 'current',
        },
        snmpTargetParamsSecurityModel: {
          oid: [1, 3, 6, 1, 6, 3, 12, 1, 3, 1, 3],
          syntax: { base: 'Integer32', convention: 'SnmpSecurityModel', ranges: [[1, 2147483647]] },
          access: 'read-create',
          status: 'current',
        },
        snmpTargetParamsSecurityName: {
          oid: [1, 3, 6, 1, 6, 3, 12, 1, 3, 1, 4],
          syntax: {
            base: 'OctetString',
            convention: 'SnmpAdminString',
            sizes: [[0, 255]],
            displayHint: '255t',
          },
          access: 'read-create',
          status: 'current',
        },
        snmpTargetParamsSecurityLevel: {
          oid: [1, 3, 6, 1, 6, 3, 12, 1, 3, 1, 5],
          syntax: {
            base: 'Integer32',
            convention: 'SnmpSecurityLevel',
            enums: { noAuthNoPriv: 1, authNoPriv: 2, authPriv: 3 },
          },
          access: 'read-create',
          status: 'current',
        },
        snmpTargetParamsStorageType: {
          oid: [1, 3, 6, 1, 6, 3, 12, 1, 3, 1, 6],
          syntax: {
            base: 'Integer32',
            convention: 'StorageType',
            enums: { other: 1, volatile: 2, nonVolatile: 3, permanent: 4, readOnly: 5 },
          },
          access: 'read-create',
          status: 'current',
        },
        snmpTargetParamsRowStatus: {
          oid: [1, 3, 6, 1, 6, 3, 12, 1, 3, 1, 7],
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
    snmpTargetObjects: [1, 3, 6, 1, 6, 3, 12, 1],
    snmpTargetConformance: [1, 3, 6, 1, 6, 3, 12, 3],
    snmpTargetCompliances: [1, 3, 6, 1, 6, 3, 12, 3, 1],
    snmpTargetCommandResponderCompliance: [1, 3, 6, 1, 6, 3, 12, 3, 1, 1],
    snmpTargetGroups: [1, 3, 6, 1, 6, 3, 12, 3, 2],
    snmpTargetBasicGroup: [1, 3, 6, 1, 6, 3, 12, 3, 2, 1],
    snmpTargetResponseGroup: [1, 3, 6, 1, 6, 3, 12, 3, 2, 2],
    snmpTargetCommandResponderGroup: [1, 3, 6, 1, 6, 3, 12, 3, 2, 3],
  },
} as const satisfies ModuleDefinition;
