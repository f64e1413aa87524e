import { DecodeError, type Reader } from '../ber/reader.ts';
import { MAX_SUBIDS, TAG } from '../ber/tags.ts';

/**
 * One decoded PDU that carries variable bindings (RFC 3416 section 3), reused for every datagram.
 *
 * The bindings are kept as parallel arrays over the datagram's own octets. The arrays grow with what was
 * read, never with a length that was claimed, and a datagram of 65,507 octets bounds them at about
 * 11,000 bindings and 66,000 sub-identifiers.
 */
export class Pdu {
  /** The datagram that the offsets below point into. */
  bytes: Uint8Array = new Uint8Array(0);
  type = 0;
  requestId = 0;
  /** error-status, or non-repeaters of a GetBulkRequest. */
  errorStatus = 0;
  /** error-index, or max-repetitions of a GetBulkRequest. */
  errorIndex = 0;
  /** Number of bindings. */
  count = 0;
  /** Offsets of the content of the binding list. */
  bindingsStart = 0;
  bindingsEnd = 0;
  /** Sub-identifiers of all names, one name behind the other. */
  ids = new Uint32Array(1024);
  /** Per binding: where its name starts in `ids`; entry `count` is the end of the last one. */
  idsStart = new Uint32Array(65);
  /** Per binding: offset of its name's tag. */
  nameStart = new Uint32Array(64);
  /** Per binding: offset of its value's tag, which is also the end of the name. */
  valueStart = new Uint32Array(64);
  /** Per binding: offset behind its value. */
  valueEnd = new Uint32Array(64);

  /** The sub-identifiers of one binding's name. */
  name(index: number): number[] {
    return Array.from(this.ids.subarray(this.idsStart[index], this.idsStart[index + 1]));
  }
}

/**
 * Reads the PDU at the reader's position, which must be its last element.
 * Values are only delimited here: what they contain matters to a SetRequest alone.
 * Throws {@link DecodeError}.
 */
export function readPdu(reader: Reader, pdu: Pdu): void {
  pdu.bytes = reader.bytes;
  pdu.type = reader.peekTag();
  const pduEnd = reader.enter(pdu.type);
  const outerEnd = reader.end;
  if (pduEnd !== outerEnd) throw new DecodeError('octets behind the PDU', pduEnd);
  reader.end = pduEnd;
  pdu.requestId = reader.readInteger32();
  pdu.errorStatus = reader.readInteger32();
  pdu.errorIndex = reader.readInteger32();
  const listEnd = reader.enter(TAG.SEQUENCE);
  if (listEnd !== pduEnd) throw new DecodeError('octets behind the variable bindings', listEnd);
  pdu.bindingsStart = reader.position;
  pdu.bindingsEnd = listEnd;
  let count = 0;
  let used = 0;
  pdu.idsStart[0] = 0;
  while (reader.position < listEnd) {
    const bindingEnd = reader.enter(TAG.SEQUENCE);
    reader.end = bindingEnd;
    if (count === pdu.nameStart.length) growBindings(pdu);
    if (used + MAX_SUBIDS + 2 > pdu.ids.length) pdu.ids = grown(pdu.ids);
    pdu.nameStart[count] = reader.position;
    used = reader.readOid(pdu.ids, used);
    pdu.valueStart[count] = reader.position;
    reader.skip();
    if (reader.position !== bindingEnd) throw new DecodeError('octets behind a value', reader.position);
    pdu.valueEnd[count] = bindingEnd;
    count++;
    pdu.idsStart[count] = used;
    reader.end = pduEnd;
  }
  pdu.count = count;
  reader.end = outerEnd;
}

function growBindings(pdu: Pdu): void {
  pdu.idsStart = grown(pdu.idsStart);
  pdu.nameStart = grown(pdu.nameStart);
  pdu.valueStart = grown(pdu.valueStart);
  pdu.valueEnd = grown(pdu.valueEnd);
}

function grown(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}
