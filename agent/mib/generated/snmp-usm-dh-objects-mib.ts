// Generated from the text of the module by `npm run gen`. Edit that, and generate again.
import type { ModuleDefinition } from '../definition.ts';

/** Definitions of SNMP-USM-DH-OBJECTS-MIB, as of 200003060000Z. */
export const SNMP_USM_DH_OBJECTS_MIB = {
  name: 'SNMP-USM-DH-OBJECTS-MIB',
  oid: [1, 3, 6, 1, 3, 101],
  lastUpdated: '200003060000Z',
  scalars: {
    usmDHParameters: {
      oid: [1, 3, 6, 1, 3, 101, 1, 1, 1],
      syntax: { base: 'OctetString' },
      access: 'read-write',
      status: 'current',
    },
  },
  tables: {
    usmDHUserKeyTable: {
      oid: [1, 3, 6, 1, 3, 101, 1, 1, 2],
      entry: [1, 3, 6, 1, 3, 101, 1, 1, 2, 1],
      entryName: 'usmDHUserKeyEntry',
      status: 'current',
      index: [
        {
          name: 'usmUserEngineID',
          module: 'SNMP-USER-BASED-SM-MIB',
          implied: false,
          syntax: { base: 'OctetString', convention: 'SnmpEngineID', sizes: [[5, 32]] },
        },
        {
          name: 'usmUserName',
          module: 'SNMP-USER-BASED-SM-MIB',
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
        usmDHUserAuthKeyChange: {
          oid: [1, 3, 6, 1, 3, 101, 1, 1, 2, 1, 1],
          syntax: { base: 'OctetString', convention: 'DHKeyChange' },
          access: 'read-create',
          status: 'current',
        },
        usmDHUserOwnAuthKeyChange: {
          oid: [1, 3, 6, 1, 3, 101, 1, 1, 2, 1, 2],
          syntax: { base: 'OctetString', convention: 'DHKeyChange' },
          access: 'read-create',
          status: 'current',
        },
        usmDHUserPrivKeyChange: {
          oid: [1, 3, 6, 1, 3, 101, 1, 1, 2, 1, 3],
          syntax: { base: 'OctetString', convention: 'DHKeyChange' },
          access: 'read-create',
          status: 'current',
        },
        usmDHUserOwnPrivKeyChange: {
          oid: [1, 3, 6, 1, 3, 101, 1, 1, 2, 1, 4],
          syntax: { base: 'OctetString', convention: 'DHKeyChange' },
          access: 'read-create',
          status: 'current',
        },
      },
      augments: 'usmUserEntry',
    },
    usmDHKickstartTable: {
      oid: [1, 3, 6, 1, 3, 101, 1, 2, 1],
      entry: [1, 3, 6, 1, 3, 101, 1, 2, 1, 1],
      entryName: 'usmDHKickstartEntry',
      status: 'current',
      index: [
        {
          name: 'usmDHKickstartIndex',
          implied: false,
          syntax: { base: 'Integer32', ranges: [[1, 2147483647]] },
        },
      ],
      columns: {
        usmDHKickstartIndex: {
          oid: [1, 3, 6, 1, 3, 101, 1, 2, 1, 1, 1],
          syntax: { base: 'Integer32', ranges: [[1, 2147483647]] },
          access: 'not-accessible',
          status: 'current',
        },
        usmDHKickstartMyPublic: {
          oid: [1, 3, 6, 1, 3, 101, 1, 2, 1, 1, 2],
          syntax: { base: 'OctetString' },
          access: 'read-only',
          status: 'current',
        },
        usmDHKickstartMgrPublic: {
          oid: [1, 3, 6, 1, 3, 101, 1, 2, 1, 1, 3],
          syntax: { base: 'OctetString' },
          access: 'read-only',
          status: 'current',
        },
        usmDHKickstartSecurityName: {
          oid: [1, 3, 6, 1, 3, 101, 1, 2, 1, 1, 4],
          syntax: {
            base: 'OctetString',
            convention: 'SnmpAdminString',
            sizes: [[0, 255]],
            displayHint: '255t',
          },
          access: 'read-only',
          status: 'current',
        },
      },
    },
  },
  notifications: {},
  nodes: {
    usmDHKeyObjects: [1, 3, 6, 1, 3, 101, 1],
    usmDHPublicObjects: [1, 3, 6, 1, 3, 101, 1, 1],
    usmDHKickstartGroup: [1, 3, 6, 1, 3, 101, 1, 2],
    usmDHKeyConformance: [1, 3, 6, 1, 3, 101, 2],
    usmDHKeyMIBCompliances: [1, 3, 6, 1, 3, 101, 2, 1],
    usmDHKeyMIBCompliance: [1, 3, 6, 1, 3, 101, 2, 1, 1],
    usmDHKeyMIBGroups: [1, 3, 6, 1, 3, 101, 2, 2],
    usmDHKeyMIBBasicGroup: [1, 3, 6, 1, 3, 101, 2, 2, 1],
    usmDHKeyParamGroup: [1, 3, 6, 1, 3, 101, 2, 2, 2],
    usmDHKeyKickstartGroup: [1, 3, 6, 1, 3, 101, 2, 2, 3],
  },
} as const satisfies ModuleDefinition;
