import { DecodeError, type Reader } from '../ber/reader.ts';
import { TAG } from '../ber/tags.ts';
import { PDU } from './constants.ts';
import { MSG_FLAG } from './v3-constants.ts';
import { readScopedPdu, ScopedPdu, type V3Envelope } from './v3-message.ts';

/** The Confirmed Class (RFC 3411 section 2.8): PDUs that want an answer, so that a Report is one. */
const CONFIRMED: readonly number[] = [PDU.GET, PDU.GET_NEXT, PDU.GET_BULK, PDU.SET, PDU.INFORM];

const scoped = new ScopedPdu();

/**
 * The request-id with which a message that could not be processed is answered by a Report;
 * `undefined` when it must not be (RFC 3412 section 7.1 steps 3 a to c).
 *
 * While the ScopedPDU can be read, its type decides; otherwise reportableFlag does (section 6.4), and the
 * request-id is 0. Moves the reader. Never throws DecodeError.
 */
export function reportRequestId(reader: Reader, envelope: V3Envelope): number | undefined {
  if (envelope.bytes[envelope.dataStart] === TAG.SEQUENCE && (envelope.flags & MSG_FLAG.PRIV) === 0) {
    reader.reset(envelope.bytes, envelope.dataStart, envelope.messageEnd);
    try {
      readScopedPdu(reader, scoped);
      return confirmedRequestId(reader);
    } catch (thrown) {
      if (!(thrown instanceof DecodeError)) throw thrown;
    }
  }
  return (envelope.flags & MSG_FLAG.REPORTABLE) !== 0 ? 0 : undefined;
}

/**
 * The request-id of the PDU at the reader's position, when it is one that wants an answer. Moves the reader.
 * Throws DecodeError.
 */
export function confirmedRequestId(reader: Reader): number | undefined {
  const type = reader.peekTag();
  reader.end = reader.enter(type);
  const requestId = reader.readInteger32();
  return CONFIRMED.includes(type) ? requestId : undefined;
}
