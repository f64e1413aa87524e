// Generated from the text of the module by `npm run gen`. Edit that, and generate again.
import type { ModuleDefinition } from '../definition.ts';

/** Definitions of SNMP-MPD-MIB, as of 200210140000Z. */
export const SNMP_MPD_MIB = {
  name: 'SNMP-MPD-MIB',
  oid: [1, 3, 6, 1, 6, 3, 11],
  lastUpdated: '200210140000Z',
  scalars: {
    snmpUnknownSecurityModels: {
      oid: [1, 3, 6, 1, 6, 3, 11, 2, 1, 1],
      syntax: { base: 'Counter32' },
      access: 'read-only',
      status: 'current',
    },
    snmpInvalidMsgs: {
      oid: [1, 3, 6, 1, 6, 3, 11, 2, 1, 2],
      syntax: { base: 'Counter32' },
      access: 'read-only',
      status: 'current',
    },
    snmpUnknownPDUHandlers: {
      oid: [1, 3, 6, 1, 6, 3, 11, 2, 1, 3],
      syntax: { base: 'Counter32' },
      access: 'read-only',
      status: 'current',
    },
  },
  tables: {},
  notifications: {},
  nodes: {
    snmpMPDAdmin: [1, 3, 6, 1, 6, 3, 11, 1],
    snmpMPDMIBObjects: [1, 3, 6, 1, 6, 3, 11, 2],
    snmpMPDStats: [1, 3, 6, 1, 6, 3, 11, 2, 1],
    snmpMPDMIBConformance: [1, 3, 6, 1, 6, 3, 11, 3],
    snmpMPDMIBCompliances: [1, 3, 6, 1, 6, 3, 11, 3, 1],
    snmpMPDCompliance: [1, 3, 6, 1, 6, 3, 11, 3, 1, 1],
    snmpMPDMIBGroups: [1, 3, 6, 1, 6, 3, 11, 3, 2],
    snmpMPDGroup: [1, 3, 6, 1, 6, 3, 11, 3, 2, 1],
  },
} as const satisfies ModuleDefinition;
