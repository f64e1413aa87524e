import type { SnmpCounters } from '../message/counters.ts';
import { SNMP_MPD_MIB } from '../mib/generated/snmp-mpd-mib.ts';
import type { BoundModule } from '../mib/module.ts';

/** SNMP-MPD-MIB (RFC 3412) of one engine. */
export function mpdMib(counters: SnmpCounters): BoundModule {
  return {
    definition: SNMP_MPD_MIB,
    description: 'Message processing and dispatching: what was dropped, and why',
    scalars: {
      snmpUnknownSecurityModels: { read: () => counters.unknownSecurityModels },
      snmpInvalidMsgs: { read: () => counters.invalidMsgs },
      snmpUnknownPDUHandlers: { read: () => counters.unknownPduHandlers },
    },
    tables: {},
  };
}
