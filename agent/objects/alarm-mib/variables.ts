import { TAG } from '../../ber/tags.ts';
import { SNMPV2_MIB } from '../../mib/generated/snmpv2-mib.ts';
import type { TableBinding } from '../../mib/module.ts';
import type { Value } from '../../mib/value.ts';
import type { Varbind } from '../../notify/notification.ts';
import { VALUE_TYPES } from '../../notify/notification-log/logged-notification.ts';
import { NumberedRows } from '../numbered-rows.ts';
import { valueColumns } from '../value-columns.ts';
import type { ActiveEntry, AlarmLog } from './alarm-log.ts';
import { DEFAULT_LIST, OBLIGATORY } from './model.ts';

const SYS_UP_TIME = [...SNMPV2_MIB.scalars.sysUpTime.oid, 0];
const SNMP_TRAP_OID = [...SNMPV2_MIB.scalars.snmpTrapOID.oid, 0];

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
const VALUE_COLUMNS = valueColumns('alarmActiveVariable');

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
  return {
    rows: rowsOf(() => true),
    columnRows: Object.fromEntries(
      VALUE_COLUMNS.map(([column, type]) => [column, rowsOf((varbind) => typeOf(varbind) === type)]),
    ),
    columns: {
      alarmActiveVariableID: ({ oid }) => oid,
      alarmActiveVariableValueType: typeOf,
      ...Object.fromEntries(
        VALUE_COLUMNS.map(([column, type]) => [
          column,
          (varbind: Varbind): Value | undefined => (typeOf(varbind) === type ? varbind.value : undefined),
        ]),
      ),
    },
  };
}

function typeOf({ tag }: Varbind): number | undefined {
  return VALUE_TYPES.get(tag);
}
