import { SNMP_FRAMEWORK_MIB } from '../mib/generated/snmp-framework-mib.ts';
import type { BoundModule } from '../mib/module.ts';

/** What SNMP-FRAMEWORK-MIB shows of an engine. */
export interface EngineFacts {
  /** snmpEngineID, 5 to 32 octets. */
  readonly id: Uint8Array;
  /** snmpEngineBoots, 1 to 2^31-1. */
  boots(): number;
  /** snmpEngineTime in seconds, 0 to 2^31-1. */
  timeSeconds(): number;
}

/** SNMP-FRAMEWORK-MIB (RFC 3411) of one engine; `maxMessageSize` in octets, at least 484. */
export function frameworkMib(engine: EngineFacts, maxMessageSize: number): BoundModule {
  return {
    definition: SNMP_FRAMEWORK_MIB,
    description: 'The engine: who it is, and when',
    scalars: {
      snmpEngineID: { read: () => engine.id },
      snmpEngineBoots: { read: () => engine.boots() },
      snmpEngineTime: { read: () => engine.timeSeconds() },
      snmpEngineMaxMessageSize: { read: () => maxMessageSize },
    },
    tables: {},
  };
}
