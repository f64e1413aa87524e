import { ALARM_KINDS, type Severity } from '../../emulation/alarm/alarm.ts';
import { ALARM_DEFINITIONS, RAISED_KINDS, type RaisedKind } from '../../emulation/alarm/definitions.ts';
import { ALARM_MIB } from '../../mib/generated/alarm-mib.ts';
import { LIBVIRT_STATS_MIB } from '../../mib/generated/libvirt-stats-mib.ts';
import { ROW_STATUS } from '../../mib/managed-table.ts';
import type { TableBinding } from '../../mib/module.ts';
import { SortedRows } from '../../mib/rows.ts';
import type { Oid } from '../../util/oid.ts';
import { alarmNotification } from '../libvirt-stats/notifications/index.ts';

const { columns } = ALARM_MIB.tables.alarmModelTable;
const { notifications, tables } = LIBVIRT_STATS_MIB;
const SEVERITY_NUMBER = tables.lvsAlarmTable.columns.lvsAlarmSeverity.syntax.enums;

/** The list that every agent has: its name is empty (RFC 3877 section 5.2). */
export const DEFAULT_LIST: Oid = [0];
export const ZERO_DOT_ZERO: Oid = [0, 0];
/** sysUpTime.0 and snmpTrapOID.0, which stand before a notification's own objects. */
export const OBLIGATORY = 2;
/** alarmModelState when an alarm is not up; the others are ascending with the severity. */
const CLEAR = 1;
const STATES: readonly Severity[] = ['indeterminate', 'warning', 'minor', 'major', 'critical'];

interface ModelRow {
  readonly kind: RaisedKind;
  /** Absent for the state of not being up. */
  readonly severity?: Severity;
}

/** What follows a column in the name of a row of alarmModelTable; without a severity, that of the clear state. */
function indexOf({ kind, severity }: ModelRow): Oid {
  const state = severity === undefined ? CLEAR : CLEAR + 1 + STATES.indexOf(severity);
  return [...DEFAULT_LIST, ALARM_KINDS.indexOf(kind) + 1, state];
}

/** The first readable column of the row for an alarm in a state, as RowPointers have it (RFC 2579). */
export function modelPointer(kind: RaisedKind, severity: Severity): Oid {
  return [...columns.alarmModelNotificationId.oid, ...indexOf({ kind, severity })];
}

/**
 * alarmModelTable: each kind of alarm in each severity, and not up. Only shown: what there is follows from the
 * simulation, and its compliance statement has no lesser access.
 */
export function modelTable(): TableBinding<ModelRow> {
  const rows = new SortedRows<ModelRow>();
  for (const kind of RAISED_KINDS) {
    for (const row of [{ kind }, ...STATES.map((severity) => ({ kind, severity }))])
      rows.set(indexOf(row), row);
  }
  return {
    rows,
    readOnly: true,
    columns: {
      alarmModelNotificationId: ({ kind, severity }) => notificationOf(kind, severity !== undefined).oid,
      alarmModelVarbindIndex: ({ kind, severity }) =>
        severity === undefined ? 0 : severityPlace(kind) + OBLIGATORY + 1,
      alarmModelVarbindValue: ({ severity }) => (severity === undefined ? 0 : SEVERITY_NUMBER[severity]),
      alarmModelDescription: ({ kind, severity }) => {
        const { measured } = ALARM_DEFINITIONS[kind];
        return severity === undefined ? `no longer: ${measured}` : `${severity}: ${measured}`;
      },
      alarmModelSpecificPointer: () => ZERO_DOT_ZERO,
      alarmModelVarbindSubtree: () => ZERO_DOT_ZERO,
      alarmModelResourcePrefix: () => ZERO_DOT_ZERO,
      alarmModelRowStatus: () => ROW_STATUS.active,
    },
  };
}

function notificationOf(kind: RaisedKind, isUp: boolean) {
  return notifications[alarmNotification(kind, isUp ? 'RAISED' : 'CLEARED')];
}

/** The place of the object that tells the severity, among those of the notification that an alarm came up. */
function severityPlace(kind: RaisedKind): number {
  return (notificationOf(kind, true).objects as readonly string[]).indexOf('lvsAlarmSeverity');
}
