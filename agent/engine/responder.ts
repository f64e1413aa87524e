import type { View } from '../access/compiled-view.ts';
import { DecodeError, type Reader } from '../ber/reader.ts';
import { MAX_DATAGRAM, type Writer } from '../ber/writer.ts';
import { Evaluation } from '../dispatch/evaluation.ts';
import { evaluateGet } from '../dispatch/get.ts';
import { evaluateGetBulk } from '../dispatch/get-bulk.ts';
import { evaluateGetNext } from '../dispatch/get-next.ts';
import { evaluateSet } from '../dispatch/set.ts';
import { v1Status } from '../dispatch/v1-status.ts';
import { ERROR_STATUS, type ErrorStatus, PDU } from '../message/constants.ts';
import type { SnmpCounters } from '../message/counters.ts';
import { type Pdu, readPdu } from '../message/pdu.ts';
import type { Registry } from '../mib/registry.ts';
import type { Principal } from '../security/principal.ts';
import type { Logger } from '../util/logger.ts';
import type { RightsBook } from './rights.ts';

/** Bounds on the size of answers, in octets of UDP payload. */
export interface ResponseLimits {
  /** Largest GETBULK answer, 484 to 65,507: small enough to travel in one packet. */
  readonly bulk: number;
  /** Largest answer of any kind, 484 to 65,507. */
  readonly any: number;
  /** How many times the size of a request its answer may have when the requester has not authenticated; at least 1. */
  readonly amplification?: number;
}

/** The largest answer to a request of so many octets from somebody who has not authenticated, in octets. */
export function unauthenticatedLimit({ amplification }: ResponseLimits, requestLength: number): number {
  return amplification === undefined ? MAX_DATAGRAM : Math.min(MAX_DATAGRAM, requestLength * amplification);
}

/** The message around a PDU: what differs between the versions of SNMP when a request is answered. */
export interface RequestFrame {
  /** SNMPv1 (RFC 3584 section 4.2). */
  readonly v1: boolean;
  /** Whether a community, and not a user, is behind it. */
  readonly isCommunity: boolean;
  /** Largest message that the requester takes, in octets. */
  readonly maxSize: number;
  readonly principal: Principal;
  /** Octets that the bindings of a successful response may take in a message of at most `limit` octets. */
  room(requestId: number, limit: number): number;
  /** Makes the bindings that stand in the writer a whole Response message. */
  finish(writer: Writer, requestId: number, status: ErrorStatus, index: number): void;
}

export interface ResponderOptions {
  readonly pdu: Pdu;
  readonly writer: Writer;
  readonly registry: Registry;
  readonly rights: RightsBook;
  readonly counters: SnmpCounters;
  readonly limits: ResponseLimits;
  readonly logger: Logger;
}

/** The command responder (RFC 3413 section 3.2): a PDU and whom it comes from in, a message out. */
export class Responder {
  limits: ResponseLimits;
  readonly #pdu: Pdu;
  readonly #writer: Writer;
  readonly #counters: SnmpCounters;
  readonly #rights: RightsBook;
  readonly #evaluation: Evaluation;

  constructor({ pdu, writer, registry, rights, counters, limits, logger }: ResponderOptions) {
    this.limits = limits;
    this.#pdu = pdu;
    this.#writer = writer;
    this.#counters = counters;
    this.#rights = rights;
    this.#evaluation = new Evaluation(pdu, writer, registry, logger);
  }

  /**
   * Answers the PDU at the reader's position; `undefined` when it is none that is answered.
   * The answer is a view into the writer. Throws DecodeError.
   */
  respond(reader: Reader, frame: RequestFrame): Uint8Array | undefined {
    const counters = this.#counters;
    const { v1 } = frame;
    const type = reader.peekTag();
    // SNMPv1 has no GetBulkRequest (RFC 1157 section 4.1), and SNMPv2 no Trap-PDU of SNMPv1 (RFC 3416 section 3):
    // for them the tag is not a PDU at all.
    const known = v1 ? type <= PDU.TRAP_V1 : type <= PDU.REPORT && type !== PDU.TRAP_V1;
    if (type < PDU.GET || !known) {
      throw new DecodeError('not a PDU of this version', reader.position);
    }
    if (type === PDU.TRAP_V1) {
      this.#countUnhandled(type);
      return undefined;
    }
    readPdu(reader, this.#pdu);
    const rights = this.#rights.of(frame.principal);
    switch (type) {
      case PDU.GET:
        counters.inGetRequests++;
        return this.#answer(frame, evaluateGet, rights.read);
      case PDU.GET_NEXT:
        counters.inGetNexts++;
        return this.#answer(frame, evaluateGetNext, rights.read);
      case PDU.GET_BULK:
        return this.#answer(frame, evaluateGetBulk, rights.read);
      case PDU.SET:
        counters.inSetRequests++;
        return this.#answer(frame, evaluateSet, rights.write);
      default:
        this.#countUnhandled(type);
        return undefined;
    }
  }

  /**
   * A responder takes no Response, trap or report, whatever the version (RFC 3412 section 4.2.2). The snmp group
   * counts some of them by their kind besides (RFC 1213).
   */
  #countUnhandled(type: number): void {
    const counters = this.#counters;
    counters.unknownPduHandlers++;
    if (type === PDU.TRAP_V1 || type === PDU.TRAP_V2) {
      counters.inTraps++;
    } else if (type === PDU.RESPONSE) {
      counters.inGetResponses++;
      const { errorStatus } = this.#pdu;
      if (errorStatus === ERROR_STATUS.tooBig) counters.inTooBigs++;
      else if (errorStatus === ERROR_STATUS.noSuchName) counters.inNoSuchNames++;
      else if (errorStatus === ERROR_STATUS.badValue) counters.inBadValues++;
      else if (errorStatus === ERROR_STATUS.readOnly) counters.inReadOnlys++;
      else if (errorStatus === ERROR_STATUS.genErr) counters.inGenErrs++;
    }
  }

  #answer(
    frame: RequestFrame,
    evaluate: (e: Evaluation) => void,
    view: View | undefined,
  ): Uint8Array | undefined {
    const pdu = this.#pdu;
    const e = this.#evaluation;
    const limit = Math.min(this.limits.any, frame.maxSize, MAX_DATAGRAM);
    this.#writer.reset();
    const room = frame.room(pdu.requestId, limit);
    const isBulk = evaluate === evaluateGetBulk;
    const bulkRoom = isBulk ? frame.room(pdu.requestId, Math.min(this.limits.bulk, limit)) : room;
    e.begin(frame.v1, frame.principal, view ?? this.#rights.nothing, room, bulkRoom);
    // RFC 3413 section 3.2 (4): no access at all blames no binding.
    if (!view) e.fail(ERROR_STATUS.authorizationError, 0);
    else if (evaluate === evaluateSet && pdu.bindingsEnd - pdu.bindingsStart > room) e.tooBig();
    else evaluate(e);
    return this.#finish(frame, e, frame.v1 ? v1Status(e.status) : e.status, limit);
  }

  /** Builds the Response, and makes it smaller when it exceeds what may be sent. */
  #finish(frame: RequestFrame, e: Evaluation, status: ErrorStatus, limit: number): Uint8Array | undefined {
    const pdu = this.#pdu;
    const writer = this.#writer;
    if (e.bindings !== 'written') {
      writer.reset();
      if (e.bindings === 'echoed') writer.append(pdu.bytes, pdu.bindingsStart, pdu.bindingsEnd);
    }
    frame.finish(writer, pdu.requestId, status, e.index);
    if (writer.end - writer.start > limit) {
      // RFC 3416 section 4.2.1: when even tooBig is too big, the answer is dropped and counted.
      if (e.bindings === 'empty' || status === ERROR_STATUS.tooBig) {
        this.#counters.silentDrops++;
        return undefined;
      }
      e.tooBig();
      return this.#finish(frame, e, ERROR_STATUS.tooBig, limit);
    }
    this.#countResponse(frame, e, status);
    return writer.view();
  }

  #countResponse(frame: RequestFrame, e: Evaluation, status: ErrorStatus): void {
    const counters = this.#counters;
    counters.outPkts++;
    counters.outGetResponses++;
    if (status === ERROR_STATUS.noError) {
      if (this.#pdu.type === PDU.SET) counters.inTotalSetVars += this.#pdu.count;
      else counters.inTotalReqVars += e.valueCount;
      return;
    }
    // RFC 3418: an operation that the community does not allow.
    const refused = e.status === ERROR_STATUS.noAccess || e.status === ERROR_STATUS.authorizationError;
    if (refused && frame.isCommunity) counters.inBadCommunityUses++;
    if (status === ERROR_STATUS.tooBig) counters.outTooBigs++;
    else if (status === ERROR_STATUS.noSuchName) counters.outNoSuchNames++;
    else if (status === ERROR_STATUS.badValue) counters.outBadValues++;
    else if (status === ERROR_STATUS.genErr) counters.outGenErrs++;
  }
}
