import type { Reader } from '../../ber/reader.ts';
import { TAG } from '../../ber/tags.ts';
import type { Writer } from '../../ber/writer.ts';
import { ERROR_STATUS } from '../../message/constants.ts';
import { Pdu, readPdu } from '../../message/pdu.ts';
import { decodeValue } from '../../mib/value.ts';
import { formatOid, type Oid } from '../../util/oid.ts';
import type { Outcome } from './exchange.ts';

/** One name and what it is bound to. */
export interface Binding {
  readonly oid: Oid;
  /** The tag of the value. */
  readonly tag: number;
  /** The value's content octets. */
  readonly content: Uint8Array;
}

/** A PDU that came as an answer, with its first binding only: doctor never asks for more. */
export interface PduAnswer {
  readonly type: number;
  readonly requestId: number;
  /** error-status, whatever number it is. */
  readonly status: number;
  readonly binding: Binding | undefined;
}

/** Asks for the value of one name, or for what follows it, as the request under diagnosis would. */
export type AskObject = (type: number, oid: Oid) => Promise<Outcome<PduAnswer>>;

/** Octets of a text value that are shown. */
const MAX_SHOWN = 60;
/** Sub-identifiers of an identifier that are shown. */
const MAX_SHOWN_SUBIDS = 40;

const pdu = new Pdu();

/** Reads the PDU at the reader's position. Throws DecodeError. */
export function readAnswer(reader: Reader): PduAnswer {
  readPdu(reader, pdu);
  const { type, requestId, errorStatus: status, bytes } = pdu;
  if (pdu.count === 0) return { type, requestId, status, binding: undefined };
  reader.reset(bytes, pdu.valueStart[0], pdu.valueEnd[0]);
  const tag = reader.peekTag();
  const end = reader.enter(tag);
  const content = bytes.subarray(reader.position, end);
  return { type, requestId, status, binding: { oid: pdu.name(0), tag, content } };
}

/** Writes a binding list with one name or none, each bound to NULL. */
export function writeNames(writer: Writer, oid: Oid | undefined): void {
  writer.reset();
  if (!oid) return;
  const mark = writer.open(TAG.SEQUENCE);
  writer.appendOid(oid);
  writer.appendEmpty(TAG.NULL);
  writer.close(mark);
}

/** The name of an error-status (RFC 3416 section 3), or its number. */
export function statusName(status: number): string {
  const known = Object.entries(ERROR_STATUS).find(([, number]) => number === status);
  return known?.[0] ?? `error-status ${status}`;
}

/** A value in words of one line, cut where it is long; nothing in it acts on a terminal. */
export function valueText({ tag, content }: Binding): string {
  const value = decodeValue(content, tag, 0, content.length);
  if (value === undefined) return 'a value that is badly encoded';
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') {
    return tag === TAG.TIME_TICKS ? `${value} hundredths of a second` : String(value);
  }
  if (value instanceof Uint8Array) return octetsText(tag, value);
  const ids = value as Oid;
  const shown = formatOid(ids.slice(0, MAX_SHOWN_SUBIDS));
  return ids.length > MAX_SHOWN_SUBIDS ? `${shown}...` : shown;
}

function octetsText(tag: number, octets: Uint8Array): string {
  if (tag === TAG.NULL) return 'NULL';
  if (tag === TAG.IP_ADDRESS && octets.length === 4) return octets.join('.');
  const shown = Buffer.from(octets.subarray(0, MAX_SHOWN));
  const rest = octets.length > MAX_SHOWN ? `... (${octets.length} octets)` : '';
  const text = shown.toString('utf8');
  if (tag === TAG.OCTET_STRING && !/[\p{C}\ufffd]/u.test(text)) return `"${text}"${rest}`;
  return `${shown.toString('hex')}${rest} (hexadecimal)`;
}

/** Text of others in which nothing acts on a terminal. */
export function printable(text: string): string {
  return text.replace(/\p{C}/gu, '?');
}
