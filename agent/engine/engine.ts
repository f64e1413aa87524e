import type { View } from '../access/compiled-view.ts';
import type { Vacm } from '../access/vacm.ts';
import { DecodeError, Reader } from '../ber/reader.ts';
import { MAX_DATAGRAM, Writer } from '../ber/writer.ts';
import { Evaluation } from '../dispatch/evaluation.ts';
import { evaluateGet } from '../dispatch/get.ts';
import { evaluateGetBulk } from '../dispatch/get-bulk.ts';
import { evaluateGetNext } from '../dispatch/get-next.ts';
import { evaluateSet } from '../dispatch/set.ts';
import { v1Status } from '../dispatch/v1-status.ts';
import {
  CommunityEnvelope,
  finishResponse,
  readCommunity,
  readVersion,
  roomForBindings,
} from '../message/community-message.ts';
import { ERROR_STATUS, type ErrorStatus, PDU, VERSION } from '../message/constants.ts';
import type { SnmpCounters } from '../message/counters.ts';
import { Pdu, readPdu } from '../message/pdu.ts';
import type { Registry } from '../mib/registry.ts';
import type { CommunityTable } from '../security/communities.ts';
import type { Logger } from '../util/logger.ts';
import { type Rights, RightsBook } from './rights.ts';

/** Bounds on the size of answers, in octets of UDP payload. */
export interface ResponseLimits {
  /** Largest GETBULK answer, 484 to 65,507: small enough to travel in one packet. */
  readonly bulk: number;
  /** Largest answer of any kind, 484 to 65,507. */
  readonly any: number;
}

/** Where a datagram came from. */
export interface Source {
  readonly address: string;
  readonly port: number;
}

export interface EngineOptions {
  readonly registry: Registry;
  readonly communities: CommunityTable;
  /** Says what the sender of each request may do. */
  readonly vacm: Vacm;
  readonly counters: SnmpCounters;
  readonly limits: ResponseLimits;
  readonly logger: Logger;
  /** Called for a message that was not properly authenticated (RFC 3418 authenticationFailure). */
  readonly onAuthenticationFailure?: (source: Source) => void;
}

/** Buffers for one datagram at a time; shared by all engines of the process, as nothing waits in between. */
class Workspace {
  readonly reader = new Reader();
  readonly pdu = new Pdu();
  readonly envelope = new CommunityEnvelope();
  readonly writer = new Writer();
}

const workspace = new Workspace();

/**
 * An SNMP engine with a command responder: a datagram in, a datagram or nothing out, no I/O.
 *
 * Reading top to bottom is following a datagram through the agent; each early return adds to one counter.
 * A request is evaluated without waiting, so its answer shows one instant.
 */
export class SnmpEngine {
  communities: CommunityTable;
  limits: ResponseLimits;
  readonly #counters: SnmpCounters;
  readonly #logger: Logger;
  readonly #evaluation: Evaluation;
  readonly #rights: RightsBook;
  readonly #onAuthenticationFailure: (source: Source) => void;

  constructor(options: EngineOptions) {
    this.communities = options.communities;
    this.limits = options.limits;
    this.#counters = options.counters;
    this.#logger = options.logger;
    this.#evaluation = new Evaluation(workspace.pdu, workspace.writer, options.registry, options.logger);
    this.#rights = new RightsBook(options.vacm, options.registry);
    this.#onAuthenticationFailure = options.onAuthenticationFailure ?? (() => {});
  }

  /**
   * Takes one datagram and returns the answer, or `undefined` when there is none.
   * The answer is a view into a shared buffer: it must be sent or copied before the next call, or the
   * buffer given up with {@link detachAnswer}. Never throws.
   */
  process(datagram: Uint8Array, source: Source): Uint8Array | undefined {
    this.#counters.inPkts++;
    try {
      return this.#receive(datagram, source);
    } catch (thrown) {
      if (thrown instanceof DecodeError) {
        this.#counters.inAsnParseErrs++;
        if (this.#logger.debugEnabled) {
          this.#logger.debug('dropped a datagram', { from: source.address, reason: thrown.message });
        }
      } else {
        this.#counters.silentDrops++;
        const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
        this.#logger.error('a datagram could not be processed', { from: source.address, error: text });
      }
      return undefined;
    }
  }

  /** Leaves the last answer to the socket that is still sending it. */
  detachAnswer(): void {
    workspace.writer.detach();
  }

  #receive(datagram: Uint8Array, source: Source): Uint8Array | undefined {
    const { reader, envelope } = workspace;
    reader.reset(datagram);
    const version = readVersion(reader);
    if (version !== VERSION.V1 && version !== VERSION.V2C) {
      this.#counters.inBadVersions++;
      return undefined;
    }
    envelope.version = version;
    readCommunity(reader, envelope);
    const community = this.communities.match(envelope.community, source.address);
    if (!community) {
      this.#counters.inBadCommunityNames++;
      this.#onAuthenticationFailure(source);
      return undefined;
    }
    return this.#dispatch(version === VERSION.V1, this.#rights.of(community.principals[version]));
  }

  #dispatch(v1: boolean, rights: Rights): Uint8Array | undefined {
    const { reader, pdu } = workspace;
    const counters = this.#counters;
    const type = reader.peekTag();
    // SNMPv1 has no GetBulkRequest (RFC 1157 section 4.1), and SNMPv2 no Trap-PDU of SNMPv1 (RFC 3416 section 3):
    // for them the tag is not a PDU at all.
    const known = v1 ? type <= PDU.TRAP_V1 : type <= PDU.REPORT && type !== PDU.TRAP_V1;
    if (type < PDU.GET || !known) {
      throw new DecodeError('not a PDU of this version', reader.position);
    }
    if (type === PDU.TRAP_V1) {
      counters.inTraps++;
      return undefined;
    }
    readPdu(reader, pdu);
    switch (type) {
      case PDU.GET:
        counters.inGetRequests++;
        return this.#answer(evaluateGet, v1, rights.read);
      case PDU.GET_NEXT:
        counters.inGetNexts++;
        return this.#answer(evaluateGetNext, v1, rights.read);
      case PDU.GET_BULK:
        return this.#answer(evaluateGetBulk, v1, rights.read);
      case PDU.SET:
        counters.inSetRequests++;
        return this.#answer(evaluateSet, v1, rights.write);
      default:
        this.#countUnhandled(type);
        return undefined;
    }
  }

  /** A responder takes no Response, trap or report. */
  #countUnhandled(type: number): void {
    const counters = this.#counters;
    if (type === PDU.TRAP_V2) {
      counters.inTraps++;
    } else if (type === PDU.RESPONSE) {
      counters.inGetResponses++;
      const { errorStatus } = workspace.pdu;
      if (errorStatus === ERROR_STATUS.tooBig) counters.inTooBigs++;
      else if (errorStatus === ERROR_STATUS.noSuchName) counters.inNoSuchNames++;
      else if (errorStatus === ERROR_STATUS.badValue) counters.inBadValues++;
      else if (errorStatus === ERROR_STATUS.readOnly) counters.inReadOnlys++;
      else if (errorStatus === ERROR_STATUS.genErr) counters.inGenErrs++;
    } else {
      counters.unknownPduHandlers++;
    }
  }

  #answer(evaluate: (e: Evaluation) => void, v1: boolean, view: View | undefined): Uint8Array | undefined {
    const { pdu, envelope, writer } = workspace;
    const e = this.#evaluation;
    const { any, bulk } = this.limits;
    writer.reset();
    const room = roomForBindings(envelope, pdu.requestId, Math.min(any, MAX_DATAGRAM));
    const bulkRoom = evaluate === evaluateGetBulk ? roomForBindings(envelope, pdu.requestId, bulk) : room;
    e.begin(v1, view ?? this.#rights.nothing, room, bulkRoom);
    // RFC 3413 section 3.2 (4): no access at all blames no binding.
    if (!view) e.fail(ERROR_STATUS.authorizationError, 0);
    else if (evaluate === evaluateSet && pdu.bindingsEnd - pdu.bindingsStart > room) e.tooBig();
    else evaluate(e);
    const status = v1 ? v1Status(e.status) : e.status;
    return this.#respond(e, status, any);
  }

  /** Builds the Response, and makes it smaller when it exceeds what may be sent. */
  #respond(e: Evaluation, status: ErrorStatus, limit: number): Uint8Array | undefined {
    const { pdu, envelope, writer } = workspace;
    if (e.bindings !== 'written') {
      writer.reset();
      if (e.bindings === 'echoed') writer.append(pdu.bytes, pdu.bindingsStart, pdu.bindingsEnd);
    }
    finishResponse(writer, envelope, pdu.requestId, status, e.index);
    if (writer.end - writer.start > limit) {
      // RFC 3416 section 4.2.1: when even tooBig is too big, the answer is dropped and counted.
      if (e.bindings === 'empty' || status === ERROR_STATUS.tooBig) {
        this.#counters.silentDrops++;
        return undefined;
      }
      e.tooBig();
      return this.#respond(e, ERROR_STATUS.tooBig, limit);
    }
    this.#countResponse(e, status);
    return writer.view();
  }

  #countResponse(e: Evaluation, status: ErrorStatus): void {
    const counters = this.#counters;
    counters.outPkts++;
    counters.outGetResponses++;
    if (status === ERROR_STATUS.noError) {
      if (workspace.pdu.type === PDU.SET) counters.inTotalSetVars += workspace.pdu.count;
      else counters.inTotalReqVars += e.valueCount;
      return;
    }
    // RFC 3418: an operation that the community does not allow.
    if (e.status === ERROR_STATUS.noAccess || e.status === ERROR_STATUS.authorizationError) {
      counters.inBadCommunityUses++;
    }
    if (status === ERROR_STATUS.tooBig) counters.outTooBigs++;
    else if (status === ERROR_STATUS.noSuchName) counters.outNoSuchNames++;
    else if (status === ERROR_STATUS.badValue) counters.outBadValues++;
    else if (status === ERROR_STATUS.genErr) counters.outGenErrs++;
  }
}
