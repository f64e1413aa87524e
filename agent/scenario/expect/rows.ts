import type { IndexDefinition, ObjectSyntax, TableDefinition } from '../../mib/definition.ts';
import { fixedSize } from '../../mib/syntax.ts';
import type { Value } from '../../mib/value.ts';
import { globMatch } from '../../util/glob.ts';
import type { Oid } from '../../util/oid.ts';
import { uuidOctets } from '../../util/uuid.ts';
import { valueText } from '../mib-names.ts';
import type { Instance, World } from '../world.ts';
import type { RowLabel, Selector } from './expression.ts';

/** The index object of a guest's row. */
const GUEST_INDEX = 'libvirtGuestUUID';

/** The instances that a selector means at this moment, in the order of a walk. */
export function selectInstances(world: World, { object, host: wanted, labels, index }: Selector): Instance[] {
  const host = wanted ?? world.hypervisor.hosts[0]!.name;
  const { oid } = object.definition;
  if (index) return exactly(world, [...oid, ...index], host);
  if (!object.table) return exactly(world, [...oid, 0], host);
  const { table } = object;
  const guest = labels.find((label) => label.object === 'guest');
  const byIndex = guest !== undefined && table.index[0]?.name === GUEST_INDEX;
  const below = byIndex ? guestIndexes(world, host, guest.value).map((uuid) => [...oid, ...uuid]) : [oid];
  const others = labels.filter((label) => !(byIndex && label === guest));
  return below
    .flatMap((each) => world.instances(each, host))
    .filter((instance) =>
      others.every((label) => fits(world, host, table, instance.oid.slice(oid.length), label)),
    );
}

/** The whole instance alone: nothing below a longer identifier. */
function exactly(world: World, oid: Oid, host: string): Instance[] {
  return world.instances(oid, host).filter((instance) => instance.oid.length === oid.length);
}

function guestIndexes(world: World, host: string, guest: string): number[][] {
  const { domains } = world.hypervisor.hosts.find(({ name }) => name === host) ?? { domains: [] };
  return Array.from(domains)
    .filter(({ name, uuid }) => uuid === guest.toLowerCase() || globMatch(guest, name))
    .map(({ uuid }) => Array.from(uuidOctets(uuid)));
}

function fits(world: World, host: string, table: TableDefinition, index: Oid, label: RowLabel): boolean {
  const isGuest = label.object === 'guest';
  const name = isGuest
    ? Object.keys(table.columns).find((column) => column.endsWith('GuestName'))
    : label.object;
  if (name === undefined) return false;
  const part = indexParts(table.index, index).find((each) => each.name === name);
  const column = table.columns[name];
  const value = part?.value ?? (column && exactly(world, [...column.oid, ...index], host)[0]?.value);
  const syntax = part?.syntax ?? column?.syntax;
  if (value === undefined || syntax === undefined) return false;
  const text = valueText(syntax, value);
  return isGuest ? globMatch(label.value, text) : text === label.value || String(value) === label.value;
}

interface IndexPart {
  readonly name: string;
  readonly syntax: ObjectSyntax;
  readonly value: Value;
}

/** An index taken apart (RFC 2578 section 7.7). */
function indexParts(index: readonly IndexDefinition[], ids: Oid): IndexPart[] {
  let at = 0;
  return index.map(({ name, syntax, implied }) => {
    if (syntax.base !== 'OctetString' && syntax.base !== 'ObjectIdentifier')
      return { name, syntax, value: ids[at++]! };
    const length = fixedSize(syntax) ?? (implied ? ids.length - at : ids[at++]!);
    const part = ids.slice(at, at + length);
    at += length;
    return { name, syntax, value: syntax.base === 'OctetString' ? Uint8Array.from(part) : part };
  });
}
