// Generated from the text of the module by `npm run gen`. Edit that, and generate again.
import type { ModuleDefinition } from '../definition.ts';

/** Definitions of SNMP-FRAMEWORK-MIB, as of 200210140000Z. */
export const SNMP_FRAMEWORK_MIB = {
  name: 'SNMP-FRAMEWORK-MIB',
  oid: [1, 3, 6, 1, 6, 3, 10],
  lastUpdated: '200210140000Z',
  scalars: {
    snmpEngineID: {
      oid: [1, 3, 6, 1, 6, 3, 10, 2, 1, 1],
      syntax: { base: 'OctetString', convention: 'SnmpEngineID', sizes: [[5, 32]] },
      access: 'read-only',
      status: 'current',
    },
    snmpEngineBoots: {
      oid: [1, 3, 6, 1, 6, 3, 10, 2, 1, 2],
      syntax: { base: 'Integer32', ranges: [[1, 2147483647]] },
      access: 'read-only',
      status: 'current',
    },
    snmpEngineTime: {
      oid: [1, 3, 6, 1, 6, 3, 10, 2, 1, 3],
      syntax: { base: 'Integer32', ranges: [[0, 2147483647]] },
      access: 'read-only',
      status: 'current',
      units: 'seconds',
    },
    snmpEngineMaxMessageSize: {
      oid: [1, 3, 6, 1, 6, 3, 10, 2, 1, 4],
      syntax: { base: 'Integer32', ranges: [[484, 2147483647]] },
      access: 'read-only',
      status: 'current',
    },
  },
  tables: {},
  notifications: {},
  nodes: {
    snmpFrameworkAdmin: [1, 3, 6, 1, 6, 3, 10, 1],
    snmpAuthProtocols: [1, 3, 6, 1, 6, 3, 10, 1, 1],
    snmpPrivProtocols: [1, 3, 6, 1, 6, 3, 10, 1, 2],
    snmpFrameworkMIBObjects: [1, 3, 6, 1, 6, 3, 10, 2],
    snmpEngine: [1, 3, 6, 1, 6, 3, 10, 2, 1],
    snmpFrameworkMIBConformance: [1, 3, 6, 1, 6, 3, 10, 3],
    snmpFrameworkMIBCompliances: [1, 3, 6, 1, 6, 3, 10, 3, 1],
    snmpFrameworkMIBCompliance: [1, 3, 6, 1, 6, 3, 10, 3, 1, 1],
    snmpFrameworkMIBGroups: [1, 3, 6, 1, 6, 3, 10, 3, 2],
    snmpEngineGroup: [1, 3, 6, 1, 6, 3, 10, 3, 2, 1],
  },
} as const satisfies ModuleDefinition;
