import { nearest } from '../config/nearest.ts';
import type { ObjectSyntax, ScalarDefinition, TableDefinition } from '../mib/definition.ts';
import { ALL_MODULES } from '../mib/generated/all-modules.ts';
import type { Value } from '../mib/value.ts';
import { formatOid, type Oid, parseOid } from '../util/oid.ts';
import { canonicalUuid } from '../util/uuid.ts';

/** A scalar, or a column with its table. */
export interface NamedObject {
  readonly name: string;
  readonly definition: ScalarDefinition;
  /** Absent for a scalar. */
  readonly table?: TableDefinition;
}

/** Something wrong with what a text names, and what would be right. */
export class NameError extends Error {}

const objects = new Map<string, NamedObject>();
const carried = new Map<string, readonly string[]>();
const notifications = new Map<string, Oid>();
for (const module of ALL_MODULES) {
  for (const [name, definition] of Object.entries(module.scalars)) objects.set(name, { name, definition });
  for (const table of Object.values(module.tables))
    for (const [name, definition] of Object.entries(table.columns))
      objects.set(name, { name, definition, table });
  for (const [name, { oid, objects: objectNames }] of Object.entries(module.notifications)) {
    notifications.set(name, oid);
    carried.set(name, objectNames);
  }
}
const namesByOid = new Map(Array.from(notifications, ([name, oid]) => [formatOid(oid), name]));

/** The object of this name in the served modules. Throws {@link NameError} with the nearest name. */
export function objectNamed(name: string): NamedObject {
  return objects.get(name) ?? unknown(name, 'an object', objects);
}

/** The object that an instance belongs to, with the rest of the identifier; `undefined` for none that is known. */
export function objectAt(oid: Oid): { readonly object: NamedObject; readonly index: Oid } | undefined {
  for (const object of objects.values()) {
    const { oid: of } = object.definition;
    if (of.length < oid.length && of.every((subid, i) => subid === oid[i]))
      return { object, index: oid.slice(of.length) };
  }
  return undefined;
}

/** The identifier of a notification, given by its name or itself. Throws {@link NameError} with the nearest name. */
export function notificationOid(text: string): Oid {
  return notifications.get(text) ?? parseOid(text) ?? unknown(text, 'a notification', notifications);
}

/** Every name of a notification. */
export function notificationNames(): string[] {
  return Array.from(notifications.keys());
}

/** The objects that a notification carries, by its name; `undefined` for one that is not known. */
export function objectsOf(notification: string): readonly string[] | undefined {
  return carried.get(notification);
}

/** The name of a notification; its identifier where it has none. */
export function notificationText(oid: Oid): string {
  return namesByOid.get(formatOid(oid)) ?? formatOid(oid);
}

/**
 * What a column can be called as a label of its table's rows: its name; without the module's prefix; without that
 * of the table; a number that counts rows by what it counts (`lvsNicNumber` is `nic`).
 */
export function labelsOf({ entryName }: TableDefinition, column: string): string[] {
  const module = /^(lvs|libvirt|snmp)(?=[A-Z])/.exec(column)?.[0] ?? '';
  const plain = lowered(column.slice(module.length));
  const stem = entryName.replace(/Entry$/, '');
  const own =
    column.startsWith(stem) && column.length > stem.length ? [lowered(column.slice(stem.length))] : [];
  const counted = /^(.+)Number$/.exec(plain);
  return [column, plain, ...own, ...(counted ? [counted[1]!] : [])];
}

/** A value as people write it: enumerated numbers by their names, octets as text, UUIDs with dashes. */
export function valueText(syntax: ObjectSyntax, value: Value): string {
  if (typeof value === 'number' && syntax.enums) {
    const name = Object.entries(syntax.enums).find(([, number]) => number === value)?.[0];
    if (name !== undefined) return name;
  }
  if (value instanceof Uint8Array) return octetsText(syntax, value);
  return typeof value === 'object' ? formatOid(value) : String(value);
}

/** What a value may be called: its text, and the number that it is. */
export function namesOf(value: Value, text: string): (number | bigint | string)[] {
  return typeof value === 'number' || typeof value === 'bigint' ? [text, value] : [text];
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function octetsText({ displayHint, base }: ObjectSyntax, octets: Uint8Array): string {
  const hex = Buffer.from(octets).toString('hex');
  if (base === 'IpAddress') return Array.from(octets).join('.');
  if (displayHint === '4x-2x-2x-2x-6x' && octets.length === 16) return canonicalUuid(hex)!;
  if (displayHint === '1x:') return hex.replace(/(..)(?=.)/g, '$1:');
  try {
    return decoder.decode(octets);
  } catch {
    return hex;
  }
}

function lowered(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function unknown(name: string, what: string, known: ReadonlyMap<string, unknown>): never {
  const near = nearest(name, Array.from(known.keys()));
  const hint = near === undefined ? 'expected a name of the modules in mibs/' : `did you mean ${near}?`;
  throw new NameError(`${JSON.stringify(name)} is not ${what} that is served; ${hint}`);
}
