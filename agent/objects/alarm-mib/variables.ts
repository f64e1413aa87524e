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

/** alarmActiveVariableTable: each alarm's notification, variable by variable. All of them have as many. */
export function variableTable(log: AlarmLog): TableBinding<Varbind> {
  const perAlarm = () => (log.byNumber.length === 0 ? 1 : variableCount(log.byNumber[0]!));
  const at = (place: number) => {
    const each = perAlarm();
    return { entry: log.byNumber[Math.floor(place / each)]!, variable: place % each };
  };
  // The columns of the other types have no instance.
  const valueIf =
    (type: keyof typeof TYPES) =>
    (varbind: Varbind): Value | undefined =>
      typeOf(varbind) === type ? varbind.value : undefined;
  return {
    rows: new NumberedRows({
      count: () => log.byNumber.length * perAlarm(),
      index: (place) => {
        const { entry, variable } = at(place);
        return [...DEFAULT_LIST, entry.alarm.number, variable + 1];
      },
      row: (place) => {
        const { entry, variable } = at(place);
        return variableAt(entry, variable);
      },
    }),
    columns: {
      alarmActiveVariableID: ({ oid }) => oid,
      alarmActiveVariableValueType: (varbind) => TYPES[typeOf(varbind)],
      alarmActiveVariableCounter32Val: valueIf('counter32'),
      alarmActiveVariableUnsigned32Val: valueIf('unsigned32'),
      alarmActiveVariableTimeTicksVal: valueIf('timeTicks'),
      alarmActiveVariableInteger32Val: valueIf('integer32'),
      alarmActiveVariableOctetStringVal: valueIf('octetString'),
      alarmActiveVariableIpAddressVal: valueIf('ipAddress'),
      alarmActiveVariableOidVal: valueIf('objectId'),
      alarmActiveVariableCounter64Val: valueIf('counter64'),
      alarmActiveVariableOpaqueVal: valueIf('opaque'),
    },
  };
}

function typeOf({ tag }: Varbind): keyof typeof TYPES {
  return TYPE_OF_TAG.get(tag)!;
}
