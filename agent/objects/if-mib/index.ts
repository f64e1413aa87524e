import { IF_MIB } from '../../mib/generated/if-mib.ts';
import type { BoundModule } from '../../mib/module.ts';
import { addressTable } from './address-table.ts';
import { extendedTable, type InterfaceObjects, interfaceTable } from './interface-tables.ts';
import { stackTable } from './stack-table.ts';

/**
 * IF-MIB (RFC 2863) over the interfaces of one host: ifCompliance3 with its mandatory groups and those for packets
 * of 64 bits, and ifStackGroup2, of which RFC 2863 section 6 leaves writing to the implementation.
 *
 * ifRcvAddressGroup is read-only, for which the statement has no MIN-ACCESS: it is served, and not claimed. Not
 * served: ifTestTable, which is deprecated.
 */
export function ifMib(objects: InterfaceObjects): BoundModule {
  const { interfaces, upTime } = objects;
  return {
    definition: IF_MIB,
    description: "The host's network interfaces, and the host's side of its guests'",
    scalars: {
      ifNumber: { read: () => interfaces.all.size },
      ifTableLastChange: { read: () => upTime(interfaces.lastChangeMs) },
      ifStackLastChange: { read: () => upTime(interfaces.stackChangeMs) },
    },
    tables: {
      ifTable: interfaceTable(objects),
      ifXTable: extendedTable(objects),
      ifStackTable: stackTable(interfaces),
      ifRcvAddressTable: addressTable(interfaces),
    },
  };
}
