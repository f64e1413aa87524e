import { TAG } from '../../../ber/tags.ts';
import type { ModuleDefinition, ScalarDefinition } from '../../../mib/definition.ts';
import { LIBVIRT_MIB } from '../../../mib/generated/libvirt-mib.ts';
import { LIBVIRT_STATS_MIB } from '../../../mib/generated/libvirt-stats-mib.ts';
import { BASE_TAGS, type Value } from '../../../mib/value.ts';
import type { Notification, Varbind } from '../../../notify/notification.ts';
import type { Oid } from '../../../util/oid.ts';
import { cut } from '../convert.ts';

const { notifications } = LIBVIRT_STATS_MIB;

/** A notification of LIBVIRT-STATS-MIB. */
export type LvsNotificationName = keyof typeof notifications;

/** An object that some notification carries. */
export type NotifiedObject = (typeof notifications)[LvsNotificationName]['objects'][number];

/** Values of objects at the moment of an event. Text that is too long is cut. */
export type Values = Readonly<Partial<Record<NotifiedObject, Value>>>;

/** Index of the row that a notification tells of, by the table's first index object. */
export type RowIndexes = Readonly<Record<string, Oid>>;

/** What a notification says, and of which rows. */
export interface NotifiedValues {
  readonly own: Values;
  readonly shared: Values;
  readonly rows: RowIndexes;
}

interface NotifiedBinding {
  readonly name: NotifiedObject;
  readonly oid: Oid;
  readonly tag: number;
  /** The first index object of its table; absent for a scalar. */
  readonly row?: string;
}

const BINDINGS = new Map(
  Object.entries(notifications).map(([name, { objects }]) => [name, objects.map(bindingOf)]),
);

/** Text is not to be longer than the sizes of these objects allow. */
const MOST_OCTETS = 255;
const SCALAR: Oid = [0];

/**
 * A notification with the objects that its definition lists, in that order. `own` is looked at before `shared`: to
 * put them together for each event would take longer than all the rest. Throws when a value is missing.
 */
export function assemble(
  name: LvsNotificationName,
  upTimeCentiseconds: number,
  { own, shared, rows }: NotifiedValues,
  eventSequence?: number,
): Notification {
  const varbinds = BINDINGS.get(name)!.map(({ name: object, oid, tag, row }): Varbind => {
    const value = own[object] ?? shared[object];
    const index = row === undefined ? SCALAR : rows[row];
    if (value === undefined || index === undefined) throw new Error(`${name} has no value for ${object}`);
    return {
      oid: [...oid, ...index],
      tag,
      value: typeof value === 'string' ? cut(value, MOST_OCTETS) : value,
    };
  });
  const { oid } = notifications[name];
  return { oid, upTimeCentiseconds, varbinds, ...(eventSequence !== undefined && { eventSequence }) };
}

function bindingOf(name: NotifiedObject): NotifiedBinding {
  for (const module of [LIBVIRT_STATS_MIB, LIBVIRT_MIB] as readonly ModuleDefinition[]) {
    const scalar = module.scalars[name];
    if (scalar) return { name, ...typed(scalar) };
    for (const { columns, index } of Object.values(module.tables)) {
      const column = columns[name];
      if (column) return { name, ...typed(column), row: index[0]!.name };
    }
  }
  throw new Error(`no module defines ${name}`);
}

function typed({ oid, syntax }: ScalarDefinition): { oid: Oid; tag: number } {
  return { oid, tag: BASE_TAGS[syntax.base] ?? TAG.NULL };
}
