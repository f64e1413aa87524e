import { NOTIFICATION_LOG_MIB } from '../../mib/generated/notification-log-mib.ts';
import { ROW_STATUS } from '../../mib/managed-table.ts';
import type { Accessor, BoundModule, RowSet, ScalarBinding } from '../../mib/module.ts';
import type { Value } from '../../mib/value.ts';
import type { LogEntry } from '../../notify/notification-log/log-entry.ts';
import type {
  GlobalLimits,
  LogOwner,
  LogRow,
  LogSettings,
} from '../../notify/notification-log/log-settings.ts';
import {
  type LoggedVariable,
  loggedId,
  loggedName,
  loggedValue,
  VALUE_TYPES,
} from '../../notify/notification-log/logged-notification.ts';
import type { LogState, NotificationLog } from '../../notify/notification-log/notification-log.ts';
import type { TransportAddress } from '../../notify/transport-address.ts';
import { dateAndTime } from '../libvirt-stats/convert.ts';
import { adminString, column, enumeration, integer, type Keep, managedBinding } from '../managed-binding.ts';
import { valueColumns } from '../value-columns.ts';
import { LogRows, VariableRows } from './log-rows.ts';

/** What NOTIFICATION-LOG-MIB shows and changes. */
export interface NotificationLogObjects {
  readonly log: NotificationLog;
  readonly settings: LogSettings;
  /** The agent's own engine: all that is logged comes from it. */
  readonly engineId: Uint8Array;
  readonly address: TransportAddress;
  /** Makes what managers change outlive the program. */
  readonly keep: Keep;
}

const OPER_STATUS: Readonly<Record<LogState, number>> = { disabled: 1, operational: 2, noFilter: 3 };
const ADMIN_STATUS = enumeration([
  [1, true],
  [2, false],
]);
/** The default context, which all notifications come from. */
const CONTEXT = '';
const NOTHING = new Uint8Array(0);

/** Columns of nlmLogVariableTable by the type of the values in them. */
const VALUE_COLUMNS = valueColumns('nlmLogVariable');

/**
 * NOTIFICATION-LOG-MIB (RFC 3014): what the agent has told, for managers that were not there to hear it.
 *
 * The agent's own notifications are all that is logged, so nlmLogEngineID is empty.
 */
export function notificationLogMib(objects: NotificationLogObjects): BoundModule {
  const { log, settings, engineId, address } = objects;
  // What a change takes out of the logs does not come back: not before it is made for good.
  const keep: Keep = (change) => {
    const kept = objects.keep(change);
    return {
      ...kept,
      finish() {
        kept.finish?.();
        log.settle();
      },
    };
  };
  return {
    definition: NOTIFICATION_LOG_MIB,
    description: 'Notifications for managers that missed them',
    scalars: {
      nlmConfigGlobalEntryLimit: limit(settings, 'entryLimit', keep),
      nlmConfigGlobalAgeOut: limit(settings, 'ageOut', keep),
      nlmStatsGlobalNotificationsLogged: { read: () => log.logged },
      nlmStatsGlobalNotificationsBumped: { read: () => log.bumped },
    },
    tables: {
      nlmConfigLogTable: configTable(log, settings, keep),
      nlmStatsLogTable: {
        rows: settings.table,
        columns: {
          nlmStatsLogNotificationsLogged: ({ name }: LogRow) => log.log(name)?.logged,
          nlmStatsLogNotificationsBumped: ({ name }: LogRow) => log.log(name)?.bumped,
        },
      },
      nlmLogTable: {
        rows: new LogRows(log),
        columns: {
          nlmLogTime: (entry: LogEntry) => entry.upTimeCentiseconds,
          nlmLogDateAndTime: (entry: LogEntry) => dateAndTime(entry.dateMs),
          nlmLogEngineID: () => NOTHING,
          nlmLogEngineTAddress: () => address.address,
          nlmLogEngineTDomain: () => address.domain,
          nlmLogContextEngineID: () => engineId,
          nlmLogContextName: () => CONTEXT,
          nlmLogNotificationID: (entry: LogEntry) => loggedId(entry.record, entry.contentAt),
        },
      },
      nlmLogVariableTable: {
        rows: new VariableRows(log),
        columns: {
          nlmLogVariableID: loggedName,
          nlmLogVariableValueType: ({ tag }: LoggedVariable) => VALUE_TYPES.get(tag),
          ...Object.fromEntries(VALUE_COLUMNS.map(([name, type]) => [name, shownAs(type)])),
        },
        columnRows: Object.fromEntries(
          VALUE_COLUMNS.map(([name, type]) => [name, new VariableRows(log, type)]),
        ),
      },
    },
  };
}

function limit(settings: LogSettings, key: keyof GlobalLimits, keep: Keep): ScalarBinding {
  return {
    read: () => settings.limits[key],
    testSet(value: Value) {
      let undo = () => {};
      return keep({
        commit() {
          undo = settings.change({ [key]: value as number });
        },
        undo: () => undo(),
      });
    },
  };
}

function configTable(log: NotificationLog, settings: LogSettings, keep: Keep) {
  const binding = managedBinding(
    settings.table,
    {
      nlmConfigLogFilterName: column<LogRow, 'filterName'>('filterName', adminString),
      nlmConfigLogEntryLimit: column<LogRow, 'entryLimit'>('entryLimit', integer()),
      nlmConfigLogAdminStatus: column<LogRow, 'enabled'>('enabled', ADMIN_STATUS),
      nlmConfigLogStorageType: column<LogRow, 'storageType'>('storageType', integer()),
      nlmConfigLogEntryStatus: column<LogRow, 'status'>('status', integer()),
    },
    keep,
    ownerOf,
  );
  const columns = {
    ...binding.columns,
    nlmConfigLogOperStatus: (row: LogRow) => OPER_STATUS[log.state(row)],
  };
  return { ...binding, columns };
}

/** Who sets a log to active is its owner (RFC 3014, nlmConfigLogEntryStatus). The default log has none. */
function ownerOf({ index, values, requester }: RowSet<LogRow>): { owner?: LogOwner } {
  const status = values.get('nlmConfigLogEntryStatus');
  const activates = status === ROW_STATUS.active || status === ROW_STATUS.createAndGo;
  if (!activates || index[0] === 0) return {};
  const { securityModel, securityName, securityLevel } = requester;
  return { owner: { securityModel, securityName, securityLevel } };
}

function shownAs(type: number): Accessor<LoggedVariable> {
  return (variable) => (VALUE_TYPES.get(variable.tag) === type ? loggedValue(variable) : undefined);
}
