import { SNMP_COMMUNITY_MIB } from '../mib/generated/snmp-community-mib.ts';
import { type ManagedRow, ManagedTable, ROW_STATUS, STORAGE_TYPE } from '../mib/managed-table.ts';
import type { BoundModule } from '../mib/module.ts';
import { impliedNameIndex } from '../mib/row-index.ts';
import type { AddressRow } from '../notify/target-rows.ts';
import type { TargetTables } from '../notify/target-tables.ts';
import { column, integer, type Keep, managedBinding, octets } from './managed-binding.ts';

/** A row of snmpCommunityTable. */
export interface CommunityRow extends ManagedRow {
  /** The community itself, a shared secret. */
  readonly name: string;
  /** What VACM knows it by, 1 to 32 octets. It is the row's index, too. */
  readonly securityName: string;
}

/** snmpCommunityTable of one agent: a configuration fills it, and no manager changes it. */
export class CommunityRows extends ManagedTable<CommunityRow> {
  constructor() {
    super({
      indexOf: ({ securityName }) => impliedNameIndex(securityName),
      create: () => undefined,
      isComplete: () => true,
    });
  }

  /** Shows these communities in place of those before. */
  show(communities: readonly Pick<CommunityRow, 'name' | 'securityName'>[]): void {
    this.configure(
      communities.map(({ name, securityName }) => ({
        name,
        securityName,
        storageType: STORAGE_TYPE.readOnly,
        status: ROW_STATUS.active,
      })),
    );
  }
}

/**
 * SNMP-COMMUNITY-MIB (RFC 3584) of one engine. snmpCommunityTable is read-only, as snmpCommunityMIBCompliance allows.
 *
 * snmpCommunityName gives the communities away: views other than an administrator's must hide the table
 * (RFC 3584 section 9). Where requests may come from is no matter of snmpTargetAddrTable here, but of the
 * configuration, so that snmpCommunityTransportTag is empty (docs/decisions/0024). snmpTargetAddrExtTable adds columns to the rows of
 * snmpTargetAddrTable; a row is made and removed there.
 */
export function communityMib(
  rows: CommunityRows,
  engineId: Uint8Array,
  { addresses }: TargetTables,
  keep: Keep,
): BoundModule {
  return {
    definition: SNMP_COMMUNITY_MIB,
    description: 'Communities, and what access control knows them by',
    scalars: {},
    tables: {
      snmpCommunityTable: {
        rows,
        columns: {
          snmpCommunityName: ({ name }: CommunityRow) => name,
          snmpCommunitySecurityName: ({ securityName }: CommunityRow) => securityName,
          snmpCommunityContextEngineID: () => engineId,
          snmpCommunityContextName: () => '',
          snmpCommunityTransportTag: () => '',
          snmpCommunityStorageType: ({ storageType }: CommunityRow) => storageType,
          snmpCommunityStatus: ({ status }: CommunityRow) => status,
        },
        readOnly: true,
      },
      snmpTargetAddrExtTable: managedBinding<AddressRow>(
        addresses,
        {
          snmpTargetAddrTMask: column('mask', octets),
          snmpTargetAddrMMS: column('maxMessageSize', integer()),
        },
        keep,
      ),
    },
  };
}
