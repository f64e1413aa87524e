import { TAG } from '../../ber/tags.ts';
import { ALARM_MIB } from '../../mib/generated/alarm-mib.ts';
import { SNMPV2_MIB } from '../../mib/generated/snmpv2-mib.ts';
import type { TableBinding } from '../../mib/module.ts';
import type { Value } from '../../mib/value.ts';
import type { Varbind } from '../../notify/notification.ts';
import { NumberedRows } from '../numbered-rows.ts';
import type { ActiveEntry, AlarmLog } from './alarm-log.ts';
import { DEFAULT_LIST, OBLIGATORY } from './model.ts';

const TYPES = ALARM_MIB.tables.alarmActiveVariableTable.columns.alarmActiveVariableValueType.syntax.enums;
const SYS_UP_TIME = [...SNMPV2_MIB.scalars.sysUpTime.oid, 0];
const SNMP_TRAP_OID = [...SNMPV2_MIB.scalars.snmpTrapOID.oid, 0];

const TYPE_OF_TAG: ReadonlyMap<number, keyof typeof TYPES> = new Map([
  [TAG.INTEGER, 'integer32'],
  [TAG.OCTET_STRING, 'octetString'],
  [TAG.OBJECT_IDENTIFIER, 'objectId'],
  [TAG.IP_ADDRESS, 'ipAddress'],
  [TAG.COUNTER32, 'counter32'],
  [TAG.GAUGE32, 'unsigned32'],
  [TAG.TIME_TICKS, 'timeTicks'],
  [TAG.OPAQUE, 'opaque'],
  [TAG.COUNTER64, 'counter64'],
]);

/** How many variables the notification of an alarm has, sysUpTime.0 and snmpTrapOID.0 among them. */
export function variableCount({ told }: ActiveEntry): number {
  return OBLIGATORY + told.varbinds.length;
}

/** The variable at a place of the notification, from 0 on. */
function variableAt({ told }: ActiveEntry, place: number): Varbind {
  if (place === 0) return { oid: SYS_UP_TIME, tag: TAG.TIME_TICKS, value: told.upTimeCentiseconds };
  if (place === 1) return { oid: SNMP_TRAP_OID, tag: TAG.OBJECT_IDENTIFIER, value: told.oid };
  return told.varbinds[place - OBLIGATORY]!;
}

/** Columns by the type of the values in them. */
const VALUE_COLUMNS = {
  counter32: 'alarmActiveVariableCounter32Val',
  unsigned32: 'alarmActiveVariableUnsigned32Val',
  timeTicks: 'alarmActiveVariableTimeTicksVal',
  integer32: 'alarmActiveVariableInteger32Val',
  octetString: 'alarmActiveVariableOctetStringVal',
  ipAddress: 'alarmActiveVariableIpAddressVal',
  objectId: 'alarmActiveVariableOidVal',
  counter64: 'alarmActiveVariableCounter64Val',
  opaque: 'alarmActiveVariableOpaqueVal',
} as const;

/**
 * alarmActiveVariableTable: each alarm's notification, variable by variable.
 *
 * The notifications of all kinds have the same objects, so each type of values stands at the same places in all of them.
 */
export function variableTable(log: AlarmLog): TableBinding<Varbind> {
  const rowsOf = (has: (varbind: Varbind) => boolean) => {
    const places = (): readonly number[] => {
      const [first] = log.byNumber;
      if (!first) return [];
      return Array.from({ length: variableCount(first) }, (_, place) => place).filter((place) =>
        has(variableAt(first, place)),
      );
    };
    let known: readonly number[] = [];
    const at = (place: number) => ({
      entry: log.byNumber[Math.floor(place / known.length)]!,
      variable: known[place % known.length]!,
    });
    return new NumberedRows({
      count: () => {
        if (known.length === 0) known = places();
        return log.byNumber.length * known.length;
      },
      index: (place) => {
        const { entry, variable } = at(place);
        return [...DEFAULT_LIST, entry.alarm.number, variable + 1];
      },
      row: (place) => {
        const { entry, variable } = at(place);
        return variableAt(entry, variable);
      },
    });
  };
  const columns = Object.entries(VALUE_COLUMNS);
  return {
    rows: rowsOf(() => true),
    columnRows: Object.fromEntries(
      columns.map(([type, column]) => [column, rowsOf((varbind) => typeOf(varbind) === type)]),
    ),
    columns: {
      alarmActiveVariableID: ({ oid }) => oid,
      alarmActiveVariableValueType: (varbind) => TYPES[typeOf(varbind)],
      ...Object.fromEntries(
        columns.map(([type, column]) => [
          column,
          (varbind: Varbind): Value | undefined => (typeOf(varbind) === type ? varbind.value : undefined),
        ]),
      ),
    },
  };
}

function typeOf({ tag }: Varbind): keyof typeof TYPES {
  return TYPE_OF_TAG.get(tag)!;
}
