import { isIPv4 } from 'node:net';
import type { RaisedKind } from '../../emulation/alarm/definitions.ts';
import type { Host } from '../../emulation/host/host.ts';
import { ERROR_STATUS } from '../../message/constants.ts';
import { ALARM_MIB } from '../../mib/generated/alarm-mib.ts';
import { LIBVIRT_STATS_MIB } from '../../mib/generated/libvirt-stats-mib.ts';
import type { BoundModule, ScalarBinding, SetTest, TableBinding } from '../../mib/module.ts';
import { writeTransportAddress } from '../../notify/transport-address.ts';
import { VirtsnmpError } from '../../util/errors.ts';
import type { DurablePart } from '../durable-state.ts';
import { alarmResource } from '../libvirt-stats/alarm-resource.ts';
import { cut, type Readers } from '../libvirt-stats/convert.ts';
import type { Keep } from '../managed-binding.ts';
import { NumberedRows } from '../numbered-rows.ts';
import type { ActiveEntry, AlarmLog, ClearedEntry } from './alarm-log.ts';
import { DEFAULT_LIST, modelPointer, modelTable, ZERO_DOT_ZERO } from './model.ts';
import { variableCount, variableTable } from './variables.ts';

const { lvsAlarmKind } = LIBVIRT_STATS_MIB.tables.lvsAlarmTable.columns;
const ADDRESS_TYPE = ALARM_MIB.tables.alarmActiveTable.columns.alarmActiveEngineAddressType.syntax.enums;
/** Rows of alarmClearTable until a manager wants another number, and the largest number that one may want. */
export const CLEAR_MAXIMUM = 1000;
const GREATEST_CLEAR_MAXIMUM = 10_000;
const PORT_OCTETS = 2;

export interface AlarmMibOptions {
  readonly host: Host;
  readonly log: AlarmLog;
  readonly engineId: Uint8Array;
  /** Numeric address that the agent listens on. */
  readonly address: string;
  readonly upTime: Readers['upTime'];
  readonly keep: Keep;
}

/**
 * ALARM-MIB (RFC 3877): the list with the empty name, in which every alarm of the host and its guests is.
 *
 * Not served: its two notifications, as each kind of alarm has its own in LIBVIRT-STATS-MIB.
 */
export function alarmMib(options: AlarmMibOptions): BoundModule {
  const { host, log, upTime } = options;
  const { alarms } = host;
  const sinceStart = (atMs: number | undefined) => (atMs === undefined ? 0 : upTime(atMs));
  return {
    definition: ALARM_MIB,
    description: 'Alarms that are up, and those that were',
    scalars: {
      alarmModelLastChanged: { read: () => 0 },
      alarmActiveLastChanged: {
        read: () => Math.max(sinceStart(alarms.lastRaisedMs), sinceStart(alarms.lastClearedMs)),
      },
      // Whatever is up is in the table.
      alarmActiveOverflow: { read: () => 0 },
      alarmClearMaximum: clearMaximum(log, options.keep),
    },
    tables: {
      alarmModelTable: modelTable(),
      alarmActiveTable: activeTable(options),
      alarmActiveVariableTable: variableTable(log),
      alarmActiveStatsTable: {
        rows: new NumberedRows({ count: () => 1, index: () => DEFAULT_LIST, row: () => alarms }),
        columns: {
          alarmActiveStatsActiveCurrent: ({ active }: Host['alarms']) => active.length,
          alarmActiveStatsActives: ({ raised }: Host['alarms']) => raised,
          alarmActiveStatsLastRaise: ({ lastRaisedMs }: Host['alarms']) => sinceStart(lastRaisedMs),
          alarmActiveStatsLastClear: ({ lastClearedMs }: Host['alarms']) => sinceStart(lastClearedMs),
        },
      },
      alarmClearTable: clearTable(options),
    },
  };
}

/** alarmClearMaximum as it outlives the program. */
export function durableMaximum(log: AlarmLog): DurablePart {
  return {
    snapshot: () => ({ clearMaximum: log.maximum }),
    restore(stored) {
      const maximum = typeof stored === 'object' && stored && 'clearMaximum' in stored && stored.clearMaximum;
      if (typeof maximum !== 'number' || !isMaximum(maximum)) {
        const expected = `a whole number from 0 to ${GREATEST_CLEAR_MAXIMUM}`;
        throw new VirtsnmpError('STATE_FAILED', `clearMaximum is not ${expected}`);
      }
      log.maximum = maximum;
    },
  };
}

function isMaximum(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= GREATEST_CLEAR_MAXIMUM;
}

function clearMaximum(log: AlarmLog, keep: Keep): ScalarBinding {
  return {
    read: () => log.maximum,
    testSet(value): SetTest {
      if (!isMaximum(value as number)) return { refused: ERROR_STATUS.wrongValue };
      const before = log.maximum;
      return keep({
        commit() {
          log.maximum = value as number;
        },
        undo() {
          log.maximum = before;
        },
        finish: () => log.trim(),
      });
    },
  };
}

function activeTable({ log, engineId, address }: AlarmMibOptions): TableBinding<ActiveEntry> {
  const engine = engineAddress(address);
  return {
    rows: new NumberedRows({
      count: () => log.byTime.length,
      index: (place) => log.byTime[place]!.index,
      row: (place) => log.byTime[place]!,
    }),
    columns: {
      alarmActiveEngineID: () => engineId,
      alarmActiveEngineAddressType: () => engine.type,
      alarmActiveEngineAddress: () => engine.octets,
      alarmActiveContextName: () => '',
      alarmActiveVariables: variableCount,
      alarmActiveNotificationID: ({ told }) => told.oid,
      alarmActiveResourceId: ({ alarm }) => alarmResource(alarm),
      alarmActiveDescription: ({ alarm }) => cut(alarm.text),
      alarmActiveLogPointer: () => ZERO_DOT_ZERO,
      alarmActiveModelPointer: ({ alarm }) => modelPointer(alarm.kind as RaisedKind, alarm.severity),
      alarmActiveSpecificPointer: ({ alarm }) => [...lvsAlarmKind.oid, alarm.number],
    },
  };
}

function clearTable({ log, engineId, address }: AlarmMibOptions): TableBinding<ClearedEntry> {
  const engine = engineAddress(address);
  return {
    rows: new NumberedRows({
      count: () => log.cleared.length,
      index: (place) => log.cleared[place]!.index,
      row: (place) => log.cleared[place]!,
    }),
    columns: {
      alarmClearEngineID: () => engineId,
      alarmClearEngineAddressType: () => engine.type,
      alarmClearEngineAddress: () => engine.octets,
      alarmClearContextName: () => '',
      alarmClearNotificationID: ({ told }) => told,
      alarmClearResourceId: ({ alarm }) => alarmResource(alarm),
      alarmClearLogIndex: () => 0,
      alarmClearModelPointer: ({ alarm }) => modelPointer(alarm.kind as RaisedKind, alarm.severity),
    },
  };
}

/** InetAddressType and InetAddress (RFC 4001) of a numeric address: a transport address without its port. */
function engineAddress(address: string): { readonly type: number; readonly octets: Uint8Array } {
  const [plain = ''] = address.split('%');
  const octets = writeTransportAddress({ host: plain, port: 0 }).address.slice(0, -PORT_OCTETS);
  return { type: isIPv4(plain) ? ADDRESS_TYPE.ipv4 : ADDRESS_TYPE.ipv6, octets };
}
