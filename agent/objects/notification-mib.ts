import { SNMP_NOTIFICATION_MIB } from '../mib/generated/snmp-notification-mib.ts';
import type { BoundModule, TableBinding } from '../mib/module.ts';
import { type FilterRow, isTag, type NotifyRow, type ProfileRow } from '../notify/target-rows.ts';
import type { TargetTables } from '../notify/target-tables.ts';
import {
  adminString,
  type Codec,
  column,
  enumeration,
  integer,
  type Keep,
  managedBinding,
  octets,
  settable,
} from './managed-binding.ts';

const NOTIFY_TYPE = enumeration([
  [1, 'trap'],
  [2, 'inform'],
] as const);
const FILTER_TYPE = enumeration([
  [1, true],
  [2, false],
]);

/** SnmpTagValue (RFC 3413 section 4.1.1). */
const tagValue: Codec<string> = {
  toValue: adminString.toValue,
  fromValue(value) {
    const text = adminString.fromValue(value);
    return text !== undefined && isTag(text) ? text : undefined;
  },
};

/**
 * SNMP-NOTIFICATION-MIB (RFC 3413): which targets are told, in traps or informs, and what is kept from them.
 * It is read and changed by managers, as SNMP-TARGET-MIB is.
 */
export function notificationMib(tables: TargetTables, keep: Keep): BoundModule {
  return {
    definition: SNMP_NOTIFICATION_MIB,
    description: 'Who is sent notifications, and which',
    scalars: {},
    tables: {
      snmpNotifyTable: notifyTable(tables, keep),
      snmpNotifyFilterProfileTable: profileTable(tables, keep),
      snmpNotifyFilterTable: filterTable(tables, keep),
    },
  };
}

function notifyTable({ notifies }: TargetTables, keep: Keep): TableBinding<NotifyRow> {
  return managedBinding(
    notifies,
    {
      snmpNotifyTag: column('tag', tagValue),
      snmpNotifyType: column('kind', NOTIFY_TYPE),
      snmpNotifyStorageType: column('storageType', integer()),
      snmpNotifyRowStatus: column('status', integer()),
    },
    keep,
  );
}

function profileTable({ profiles }: TargetTables, keep: Keep): TableBinding<ProfileRow> {
  return managedBinding(
    profiles,
    {
      snmpNotifyFilterProfileName: column(
        'filter',
        settable(adminString, (text) => text !== ''),
      ),
      snmpNotifyFilterProfileStorType: column('storageType', integer()),
      snmpNotifyFilterProfileRowStatus: column('status', integer()),
    },
    keep,
  );
}

function filterTable({ filters }: TargetTables, keep: Keep): TableBinding<FilterRow> {
  return managedBinding(
    filters,
    {
      snmpNotifyFilterMask: column('mask', octets),
      snmpNotifyFilterType: column('included', FILTER_TYPE),
      snmpNotifyFilterStorageType: column('storageType', integer()),
      snmpNotifyFilterRowStatus: column('status', integer()),
    },
    keep,
  );
}
