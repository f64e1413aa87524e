import { integer32, oidContent, unsigned64 } from '../ber/reader.ts';
import { MAX_SUBIDS, TAG } from '../ber/tags.ts';
import { ValueError, type Writer } from '../ber/writer.ts';
import { isOid } from '../util/oid.ts';
import type { ObjectSyntax } from './definition.ts';

/**
 * The value of one instance as an accessor gives it; `undefined` when the instance does not exist now.
 *
 * Numbers for INTEGER, Gauge32, Counter32 and TimeTicks; number or bigint for Counter64; text (UTF-8) or
 * octets for OCTET STRING; sub-identifiers for OBJECT IDENTIFIER.
 */
export type Value = number | bigint | string | Uint8Array | readonly number[];

/** The tag of each base syntax (RFC 2578 section 7.1). */
export const BASE_TAGS: Readonly<Record<ObjectSyntax['base'], number>> = {
  Integer32: TAG.INTEGER,
  Unsigned32: TAG.GAUGE32,
  Gauge32: TAG.GAUGE32,
  Counter32: TAG.COUNTER32,
  Counter64: TAG.COUNTER64,
  TimeTicks: TAG.TIME_TICKS,
  OctetString: TAG.OCTET_STRING,
  Bits: TAG.OCTET_STRING,
  ObjectIdentifier: TAG.OBJECT_IDENTIFIER,
  IpAddress: TAG.IP_ADDRESS,
  Opaque: TAG.OPAQUE,
};

const TWO32 = 0x1_0000_0000;

/** Appends a value as an element with its tag. Throws {@link ValueError} when it has the wrong shape. */
export function appendValue(writer: Writer, tag: number, value: Value): void {
  if (typeof value === 'number') {
    appendNumber(writer, tag, value);
  } else if (typeof value === 'string') {
    if (tag !== TAG.OCTET_STRING && tag !== TAG.OPAQUE) throw wrongShape(tag, value);
    writer.appendText(tag, value);
  } else if (value instanceof Uint8Array) {
    if (tag === TAG.IP_ADDRESS ? value.length !== 4 : tag !== TAG.OCTET_STRING && tag !== TAG.OPAQUE) {
      throw wrongShape(tag, value);
    }
    writer.appendOctets(tag, value);
  } else if (typeof value === 'bigint') {
    if (tag !== TAG.COUNTER64) throw wrongShape(tag, value);
    const wrapped = BigInt.asUintN(64, value);
    writer.appendCounter64(Number(wrapped >> 32n), Number(wrapped & 0xffff_ffffn));
  } else if (Array.isArray(value) && tag === TAG.OBJECT_IDENTIFIER && isOid(value)) {
    writer.appendOid(value);
  } else {
    throw wrongShape(tag, value);
  }
}

function appendNumber(writer: Writer, tag: number, value: number): void {
  if (!Number.isInteger(value) || (value < 0 && tag !== TAG.INTEGER)) throw wrongShape(tag, value);
  switch (tag) {
    case TAG.INTEGER:
      writer.appendInteger(value);
      return;
    // A gauge stays at its maximum (RFC 2578 section 7.1.7); counters and ticks wrap (7.1.6, 7.1.8).
    case TAG.GAUGE32:
      writer.appendUnsigned32(tag, value < TWO32 ? value : TWO32 - 1);
      return;
    case TAG.COUNTER32:
    case TAG.TIME_TICKS:
      writer.appendUnsigned32(tag, value < TWO32 ? value : value % TWO32);
      return;
    case TAG.COUNTER64:
      writer.appendCounter64(Math.floor(value / TWO32) % TWO32, value % TWO32);
      return;
    default:
      throw wrongShape(tag, value);
  }
}

function wrongShape(tag: number, value: unknown): ValueError {
  return new ValueError(`a value of type ${typeof value} does not fit tag 0x${tag.toString(16)}`);
}

/**
 * The value of the element at bytes[start..end), whose tag is one of {@link BASE_TAGS};
 * `undefined` when its content is not a legal encoding of that tag.
 */
export function decodeValue(bytes: Uint8Array, tag: number, start: number, end: number): Value | undefined {
  switch (tag) {
    case TAG.INTEGER:
      return integer32(bytes, start, end);
    case TAG.COUNTER32:
    case TAG.GAUGE32:
    case TAG.TIME_TICKS: {
      const value = unsigned64(bytes, start, end);
      return value === undefined || value >= 0x1_0000_0000n ? undefined : Number(value);
    }
    case TAG.COUNTER64:
      return unsigned64(bytes, start, end);
    case TAG.OBJECT_IDENTIFIER: {
      const ids = new Uint32Array(MAX_SUBIDS + 2);
      const count = oidContent(bytes, start, end, ids, 0);
      return count < 0 ? undefined : Array.from(ids.subarray(0, count));
    }
    default:
      // A copy: what is set outlives the datagram, and slice() of a Buffer would share its memory.
      return new Uint8Array(bytes.subarray(start, end));
  }
}
