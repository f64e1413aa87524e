import type { Vacm } from '../access/vacm.ts';
import type { AccessRow, FamilyRow, GroupRow } from '../access/vacm-rows.ts';
import { SNMP_VIEW_BASED_ACM_MIB } from '../mib/generated/snmp-view-based-acm-mib.ts';
import type { BoundModule, TableBinding } from '../mib/module.ts';
import { nameIndex } from '../mib/row-index.ts';
import { type Rows, SortedRows } from '../mib/rows.ts';
import {
  adminString,
  column,
  enumeration,
  integer,
  type Keep,
  managedBinding,
  octets,
} from './managed-binding.ts';
import { type RandomOctets, testAndIncr } from './test-and-incr.ts';

const CONTEXT_MATCH = enumeration([
  [1, 'exact'],
  [2, 'prefix'],
] as const);
const FAMILY_TYPE = enumeration([
  [1, true],
  [2, false],
]);

/**
 * SNMP-VIEW-BASED-ACM-MIB (RFC 3415): the tables by which each request is judged, read and changed.
 *
 * A change counts from the next request on. `keep` makes it outlive the program. vacmViewSpinLock is advisory:
 * managers that want to keep out of each other's way set it along with their changes (RFC 3415 section 4).
 */
export function vacmMib(vacm: Vacm, keep: Keep, randomOctets: RandomOctets): BoundModule {
  return {
    definition: SNMP_VIEW_BASED_ACM_MIB,
    description: 'Who may see and set what',
    scalars: { vacmViewSpinLock: testAndIncr(randomOctets) },
    tables: {
      vacmContextTable: {
        rows: contextRows(vacm),
        columns: { vacmContextName: (name: string) => name },
      },
      vacmSecurityToGroupTable: groupTable(vacm, keep),
      vacmAccessTable: accessTable(vacm, keep),
      vacmViewTreeFamilyTable: familyTable(vacm, keep),
    },
  };
}

function groupTable({ groups }: Vacm, keep: Keep): TableBinding<GroupRow> {
  return managedBinding(
    groups,
    {
      vacmGroupName: column('groupName', adminString),
      vacmSecurityToGroupStorageType: column('storageType', integer()),
      vacmSecurityToGroupStatus: column('status', integer()),
    },
    keep,
  );
}

function accessTable({ access }: Vacm, keep: Keep): TableBinding<AccessRow> {
  return managedBinding(
    access,
    {
      vacmAccessContextMatch: column('contextMatch', CONTEXT_MATCH),
      vacmAccessReadViewName: column('readView', adminString),
      vacmAccessWriteViewName: column('writeView', adminString),
      vacmAccessNotifyViewName: column('notifyView', adminString),
      vacmAccessStorageType: column('storageType', integer()),
      vacmAccessStatus: column('status', integer()),
    },
    keep,
  );
}

function familyTable({ families }: Vacm, keep: Keep): TableBinding<FamilyRow> {
  return managedBinding(
    families,
    {
      vacmViewTreeFamilyMask: column('mask', octets),
      vacmViewTreeFamilyType: column('included', FAMILY_TYPE),
      vacmViewTreeFamilyStorageType: column('storageType', integer()),
      vacmViewTreeFamilyStatus: column('status', integer()),
    },
    keep,
  );
}

/** The contexts that an agent has; sorted anew when a configuration has brought others. */
function contextRows(vacm: Vacm): Rows<string> {
  let names: ReadonlySet<string> | undefined;
  let sorted = new SortedRows<string>();
  const rows = () => {
    if (names !== vacm.contexts) {
      names = vacm.contexts;
      sorted = new SortedRows();
      for (const name of names) sorted.set(nameIndex(name), name);
    }
    return sorted;
  };
  return {
    find: (ids, from, to) => rows().find(ids, from, to),
    after: (ids, from, to) => rows().after(ids, from, to),
    first: () => rows().first(),
    next: (position) => rows().next(position),
    row: (position) => rows().row(position),
    appendIndex: (position, writer) => rows().appendIndex(position, writer),
  };
}
