import { DecodeError, Reader } from '../../ber/reader.ts';
import { MAX_SUBIDS, TAG } from '../../ber/tags.ts';
import { Writer } from '../../ber/writer.ts';
import { appendValue, decodeValue, type Value } from '../../mib/value.ts';
import type { Oid } from '../../util/oid.ts';
import type { Notification, Varbind } from '../notification.ts';

/** Values of nlmLogVariableValueType (RFC 3014) and alarmActiveVariableValueType (RFC 3877), by the tag of the value. */
export const VALUE_TYPES: ReadonlyMap<number, number> = new Map([
  [TAG.COUNTER32, 1],
  [TAG.GAUGE32, 2],
  [TAG.TIME_TICKS, 3],
  [TAG.INTEGER, 4],
  [TAG.IP_ADDRESS, 5],
  [TAG.OCTET_STRING, 6],
  [TAG.OBJECT_IDENTIFIER, 7],
  [TAG.COUNTER64, 8],
  [TAG.OPAQUE, 9],
]);
/** The greatest of {@link VALUE_TYPES}. */
export const MAX_VALUE_TYPE = 9;

/** What a log keeps of a notification. */
export interface LoggedNotification {
  /** Value of its snmpTrapOID.0. */
  readonly oid: Oid;
  /** What followed sysUpTime.0 and snmpTrapOID.0. */
  readonly varbinds: readonly Varbind[];
}

const writer = new Writer();
const reader = new Reader();
const ids = new Uint32Array(MAX_SUBIDS + 2);

/**
 * A notification as octets, a tenth of what it takes as objects: its OBJECT IDENTIFIER and each variable binding
 * as in a message (RFC 3416 section 3), one behind the other. Throws ValueError for a value that has not the shape of
 * its tag.
 */
export function encodeLogged({ oid, varbinds }: Notification): Buffer {
  writer.reset();
  writer.appendOid(oid);
  for (const { oid: name, tag, value } of varbinds) {
    const mark = writer.open(TAG.SEQUENCE);
    writer.appendOid(name);
    appendValue(writer, tag, value);
    writer.close(mark);
  }
  return Buffer.from(writer.view());
}

/** The notification at octets[from..); `undefined` when they are none. */
export function decodeLogged(octets: Uint8Array, from: number): LoggedNotification | undefined {
  reader.reset(octets, from);
  try {
    const oid = readOid();
    const varbinds: Varbind[] = [];
    while (reader.position < reader.end) {
      const end = reader.enter(TAG.SEQUENCE);
      const name = readOid();
      const tag = reader.peekTag();
      if (!VALUE_TYPES.has(tag)) return undefined;
      if (reader.enter(tag) !== end) return undefined;
      const value = decodeValue(octets, tag, reader.position, end);
      if (value === undefined) return undefined;
      varbinds.push({ oid: name, tag, value });
      reader.position = end;
    }
    return { oid, varbinds };
  } catch (thrown) {
    if (thrown instanceof DecodeError) return undefined;
    throw thrown;
  }
}

/** One variable binding of a notification that is kept as octets, undecoded until it is asked for. */
export interface LoggedVariable {
  readonly octets: Uint8Array;
  /** Where the binding begins. */
  readonly at: number;
  /** Tag of the value. */
  readonly tag: number;
}

/** The variable bindings of the notification at octets[from..), which are those of {@link encodeLogged}. */
export function loggedVariables(octets: Uint8Array, from: number): LoggedVariable[] {
  const variables: LoggedVariable[] = [];
  reader.reset(octets, from);
  reader.skip();
  while (reader.position < reader.end) {
    const at = reader.position;
    const end = reader.enter(TAG.SEQUENCE);
    reader.skip();
    variables.push({ octets, at, tag: reader.peekTag() });
    reader.position = end;
  }
  return variables;
}

/** Name of a variable, with its instance. */
export function loggedName({ octets, at }: LoggedVariable): Oid {
  reader.reset(octets, at);
  reader.enter(TAG.SEQUENCE);
  return readOid();
}

/** Value of a variable. */
export function loggedValue({ octets, at, tag }: LoggedVariable): Value {
  reader.reset(octets, at);
  const end = reader.enter(TAG.SEQUENCE);
  reader.skip();
  reader.enter(tag);
  return decodeValue(octets, tag, reader.position, end)!;
}

/** What happened in the notification at octets[from..). */
export function loggedId(octets: Uint8Array, from: number): Oid {
  reader.reset(octets, from);
  return readOid();
}

function readOid(): Oid {
  return Array.from(ids.subarray(0, reader.readOid(ids, 0)));
}
