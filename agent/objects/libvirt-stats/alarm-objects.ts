import { ALARM_KINDS, type Alarm, SEVERITIES } from '../../emulation/alarm/alarm.ts';
import type { Host } from '../../emulation/host/host.ts';
import { LIBVIRT_STATS_MIB } from '../../mib/generated/libvirt-stats-mib.ts';
import type { TableBinding } from '../../mib/module.ts';
import type { Value } from '../../mib/value.ts';
import { uuidOctets } from '../../util/uuid.ts';
import { NumberedRows } from '../numbered-rows.ts';
import { alarmResource } from './alarm-resource.ts';
import { cut, dateAndTime, type Readers } from './convert.ts';

const { enums: SEVERITY_NUMBER } = LIBVIRT_STATS_MIB.tables.lvsAlarmTable.columns.lvsAlarmSeverity.syntax;
const NO_OCTETS = new Uint8Array(0);

/** lvsAlarmTable: what is up on a host, by its numbers. */
export function alarmTable({ alarms }: Host, { upTime }: Readers): TableBinding<Alarm> {
  return {
    rows: new NumberedRows({
      count: () => alarms.active.length,
      index: (place) => [alarms.active[place]!.number],
      row: (place) => alarms.active[place]!,
    }),
    columns: {
      lvsAlarmKind: ({ kind }) => ALARM_KINDS.indexOf(kind) + 1,
      lvsAlarmSeverity: ({ severity }) => SEVERITY_NUMBER[severity],
      lvsAlarmProbableCause: ({ probableCause }) => probableCause,
      lvsAlarmGuest: ({ guest }) => (guest ? uuidOctets(guest.uuid) : NO_OCTETS),
      lvsAlarmGuestName: ({ guest }) => cut(guest?.name ?? ''),
      lvsAlarmResource: (alarm) => alarmResource(alarm),
      lvsAlarmText: ({ text }) => cut(text),
      lvsAlarmRaisedTime: ({ raisedWallMs }) => dateAndTime(raisedWallMs),
      lvsAlarmRaisedUpTime: ({ raisedMs }) => (raisedMs < 0 ? 0 : upTime(raisedMs)),
    },
  };
}

/** lvsAlarmCounts: how many there are, and were. */
export function alarmScalars({ alarms }: Host, { upTime }: Readers): Record<string, () => Value> {
  const bySeverity = SEVERITIES.map((severity) => {
    const name = `lvsAlarms${severity[0]!.toUpperCase()}${severity.slice(1)}`;
    return [name, () => alarms.count(severity)] as const;
  });
  return {
    lvsAlarmsActive: () => alarms.active.length,
    ...Object.fromEntries(bySeverity),
    lvsAlarmsRaised: () => alarms.raised,
    lvsAlarmsCleared: () => alarms.cleared,
    lvsAlarmsLastChange: () => {
      const { lastRaisedMs, lastClearedMs } = alarms;
      return upTimeOf(Math.max(lastRaisedMs ?? -1, lastClearedMs ?? -1), upTime);
    },
  };
}

/** 0 for what has not happened since the agent was started. */
function upTimeOf(atMs: number, upTime: Readers['upTime']): number {
  return atMs < 0 ? 0 : upTime(atMs);
}
