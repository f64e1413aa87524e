import { DecodeError, type Reader } from '../ber/reader.ts';
import { MAX_DATAGRAM, type Writer } from '../ber/writer.ts';
import { type ErrorStatus, PDU } from '../message/constants.ts';
import type { SnmpCounters } from '../message/counters.ts';
import { levelOfFlags, MPD_REPORT, SECURITY_LEVEL, SECURITY_MODEL } from '../message/v3-constants.ts';
import { readScopedPdu, readV3Message, ScopedPdu, V3Envelope } from '../message/v3-message.ts';
import { confirmedRequestId, reportRequestId } from '../message/v3-report.ts';
import { finishScopedPdu, roomForV3Bindings, V3Outgoing, writeReport } from '../message/v3-response.ts';
import type { Principal } from '../security/principal.ts';
import type { UsmUser } from '../security/usm/user.ts';
import type { AcceptedMessage, AuthoritativeEngine, RefusedMessage, Usm } from '../security/usm/usm.ts';
import type { Oid } from '../util/oid.ts';
import type { Source } from './engine.ts';
import { type RequestFrame, type Responder, unauthenticatedLimit } from './responder.ts';

/** The buffers of an engine. */
export interface Workspace {
  readonly reader: Reader;
  readonly writer: Writer;
}

/** What an engine needs to speak SNMPv3. */
export interface V3Options {
  readonly usm: Usm;
  readonly engine: AuthoritativeEngine;
  /** Whether a context of this name exists (RFC 3411 section 3.3.1). */
  readonly hasContext: (name: string) => boolean;
}

interface Reporting {
  readonly counters: SnmpCounters;
  readonly onAuthenticationFailure?: (source: Source) => void;
}

/** Principals that are remembered; when full, the memory is emptied and starts again. */
const MAX_REMEMBERED = 1024;

const NO_NAME = new Uint8Array(0);

const envelope = new V3Envelope();
const scoped = new ScopedPdu();
const outgoing = new V3Outgoing();

/**
 * SNMPv3 message processing (RFC 3412 section 7): takes a message apart, has it checked by the user-based
 * security model, and answers with a Response or, where the RFC says so, a Report.
 */
export class V3Processor {
  readonly #options: V3Options;
  readonly #responder: Responder;
  readonly #workspace: Workspace;
  readonly #reporting: Reporting;
  /** BOUNDED by MAX_REMEMBERED. By level, security name and context. */
  readonly #principals = new Map<string, Principal>();
  /** The last of them, as most agents are asked by one manager. */
  #lastPrincipal: Principal | undefined;

  constructor(options: V3Options, responder: Responder, workspace: Workspace, reporting: Reporting) {
    this.#options = options;
    this.#responder = responder;
    this.#workspace = workspace;
    this.#reporting = reporting;
  }

  /** Processes a message whose version has been read. Throws DecodeError. */
  receive(source: Source): Uint8Array | undefined {
    const { reader } = this.#workspace;
    const { usm } = this.#options;
    const { counters } = this.#reporting;
    readV3Message(reader, envelope);
    // RFC 3412 section 7.2 step 3.
    if (envelope.securityModel !== SECURITY_MODEL.usm) {
      counters.unknownSecurityModels++;
      return undefined;
    }
    // Step 4 d.
    if (levelOfFlags(envelope.flags) === undefined) {
      counters.invalidMsgs++;
      return undefined;
    }
    // Step 5.
    const message = usm.processIncoming(reader, envelope);
    if (!message.ok) return this.#refuse(message, source);
    reader.reset(message.bytes, message.start, message.end);
    readScopedPdu(reader, scoped);
    return this.#serve(message);
  }

  /** Answers a message that the security model took (RFC 3412 section 7.2 steps 10 to 13). */
  #serve(message: AcceptedMessage): Uint8Array | undefined {
    const { reader } = this.#workspace;
    const { engine, hasContext } = this.#options;
    const { counters } = this.#reporting;
    const type = reader.peekTag();
    // SNMPv3 carries the PDUs of RFC 3416 section 3; another tag is no PDU (RFC 3412 section 7.2 step 7).
    if (type < PDU.GET || type > PDU.REPORT || type === PDU.TRAP_V1) {
      throw new DecodeError('not a PDU of SNMPv3', reader.position);
    }
    const isRequest = type === PDU.GET || type === PDU.GET_NEXT || type === PDU.GET_BULK || type === PDU.SET;
    this.#prepare(message.level, message.user);
    // RFC 3412 section 4.2.2: no application here is registered for another engine's contexts, or for other PDUs.
    if (!isRequest || Buffer.compare(scoped.contextEngineId, engine.id) !== 0) {
      const requestId = confirmedRequestId(reader);
      const value = ++counters.unknownPduHandlers;
      return this.#report(requestId, MPD_REPORT.unknownPDUHandlers, value, message.user);
    }
    const contextName =
      scoped.contextName.length === 0 ? '' : Buffer.from(scoped.contextName).toString('utf8');
    // RFC 3413 section 3.2: the context must be one that the responder knows.
    if (!hasContext(contextName)) {
      const requestId = confirmedRequestId(reader);
      return this.#report(requestId, MPD_REPORT.unknownContexts, ++counters.unknownContexts, message.user);
    }
    outgoing.contextName = scoped.contextName;
    return this.#responder.respond(reader, this.#frame(message, this.#principal(message, contextName)));
  }

  #refuse(message: RefusedMessage, source: Source): Uint8Array | undefined {
    if (message.stat === 'wrongDigests') this.#reporting.onAuthenticationFailure?.(source);
    this.#prepare(message.level, message.user);
    const requestId = reportRequestId(this.#workspace.reader, envelope);
    return this.#report(requestId, message.oid, message.value, message.user);
  }

  /** Begins the message that goes back: same msgID, our engine, the given level. */
  #prepare(level: AcceptedMessage['level'], user: UsmUser | undefined): void {
    outgoing.messageId = envelope.messageId;
    outgoing.maxSize = MAX_DATAGRAM;
    outgoing.userName = envelope.userName();
    outgoing.contextEngineId = this.#options.engine.id;
    outgoing.contextName = NO_NAME;
    this.#options.usm.prepareOutgoing(outgoing, level, user);
  }

  /** A Report (RFC 3412 section 7.1 step 3); none without a request-id, for the message wants no answer then. */
  #report(
    requestId: number | undefined,
    oid: Oid,
    value: number,
    user: UsmUser | undefined,
  ): Uint8Array | undefined {
    const { writer } = this.#workspace;
    if (requestId === undefined) return undefined;
    writer.reset();
    writeReport(writer, outgoing, requestId, oid, value);
    this.#options.usm.protectOutgoing(writer, outgoing, user);
    // Not one of snmpSilentDrops, which are Responses (RFC 3418): the cause of the Report is counted already.
    if (writer.end - writer.start > this.#maxSize(SECURITY_LEVEL.noAuthNoPriv)) return undefined;
    this.#reporting.counters.outPkts++;
    return writer.view();
  }

  #frame({ user, level }: AcceptedMessage, principal: Principal): RequestFrame {
    const { usm } = this.#options;
    return {
      v1: false,
      isCommunity: false,
      maxSize: this.#maxSize(level),
      principal,
      room: (requestId, limit) => roomForV3Bindings(outgoing, requestId, limit),
      finish(writer: Writer, requestId: number, status: ErrorStatus, index: number) {
        finishScopedPdu(writer, outgoing, PDU.RESPONSE, requestId, status, index);
        usm.protectOutgoing(writer, outgoing, user);
      },
    };
  }

  /** Octets that an answer may have: what the sender takes, and less when he has not proven who he is. */
  #maxSize(level: AcceptedMessage['level']): number {
    if (level !== SECURITY_LEVEL.noAuthNoPriv) return envelope.maxSize;
    return Math.min(envelope.maxSize, unauthenticatedLimit(this.#responder.limits, envelope.messageEnd));
  }

  #principal({ user, level }: AcceptedMessage, contextName: string): Principal {
    const { securityName } = user;
    const last = this.#lastPrincipal;
    if (
      last?.securityName === securityName &&
      last.securityLevel === level &&
      last.contextName === contextName
    ) {
      return last;
    }
    const key = `${level} ${securityName.length} ${securityName} ${contextName}`;
    let principal = this.#principals.get(key);
    if (!principal) {
      if (this.#principals.size >= MAX_REMEMBERED) this.#principals.clear();
      principal = { securityModel: SECURITY_MODEL.usm, securityName, securityLevel: level, contextName };
      this.#principals.set(key, principal);
    }
    this.#lastPrincipal = principal;
    return principal;
  }
}
