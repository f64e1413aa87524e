import snmp from 'net-snmp';
import { type Oid, parseOid } from '../../util/oid.ts';

/** What a value came as; the last three are exceptions of SNMPv2 (RFC 3416 section 3). */
export type ValueType =
  | 'Integer'
  | 'Gauge'
  | 'Counter'
  | 'Counter64'
  | 'TimeTicks'
  | 'OctetString'
  | 'OID'
  | 'IpAddress'
  | 'Opaque'
  | 'Null'
  | 'noSuchObject'
  | 'noSuchInstance'
  | 'endOfMibView';

/** A variable as it came. */
export interface ReadVarbind {
  readonly oid: Oid;
  readonly type: ValueType;
  /** Octets of strings; text of identifiers and addresses; a bigint for Counter64; absent for exceptions and Null. */
  readonly value?: number | bigint | string | Uint8Array;
}

const TYPES: Readonly<Record<number, ValueType>> = {
  [snmp.ObjectType.Integer]: 'Integer',
  [snmp.ObjectType.OctetString]: 'OctetString',
  [snmp.ObjectType.Null]: 'Null',
  [snmp.ObjectType.OID]: 'OID',
  [snmp.ObjectType.IpAddress]: 'IpAddress',
  [snmp.ObjectType.Counter]: 'Counter',
  [snmp.ObjectType.Gauge]: 'Gauge',
  [snmp.ObjectType.TimeTicks]: 'TimeTicks',
  [snmp.ObjectType.Opaque]: 'Opaque',
  [snmp.ObjectType.Counter64]: 'Counter64',
  [snmp.ObjectType.NoSuchObject]: 'noSuchObject',
  [snmp.ObjectType.NoSuchInstance]: 'noSuchInstance',
  [snmp.ObjectType.EndOfMibView]: 'endOfMibView',
};

/** A variable as the library gives it. */
export interface LibraryVarbind {
  readonly oid: string;
  readonly type?: number;
  readonly value?: unknown;
}

/** A variable of the library's in this project's terms. */
export function readVarbind({ oid, type = snmp.ObjectType.Null, value }: LibraryVarbind): ReadVarbind {
  const base = { oid: parseOid(oid) ?? [], type: TYPES[type] ?? 'Null' };
  if (base.type === 'Counter64') return { ...base, value: bigOf(value as Uint8Array) };
  if (value === null || value === undefined) return base;
  return { ...base, value: value as NonNullable<ReadVarbind['value']> };
}

/** An exception in place of a value. */
export function isException({ type }: ReadVarbind): boolean {
  return type === 'noSuchObject' || type === 'noSuchInstance' || type === 'endOfMibView';
}

function bigOf(octets: Uint8Array): bigint {
  return octets.reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
}
