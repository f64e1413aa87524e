import { IF_MIB } from '../../mib/generated/if-mib.ts';
import type { BoundModule } from '../../mib/module.ts';
import { addressTable } from './address-table.ts';
import { extendedTable, type InterfaceObjects, interfaceTable } from './interface-tables.ts';
import { stackTable } from './stack-table.ts';

/**
 * IF-MIB (RFC 2863) over the interfaces of one host: ifCompliance3 with all of its groups; what is stacked on what,
 * and what addresses an interface receives, cannot be set.
 *
 * Not served: ifTestTable, which is deprecated.
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
