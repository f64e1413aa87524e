import { DecodeError, Reader } from '../../ber/reader.ts';
import { MAX_DATAGRAM, Writer } from '../../ber/writer.ts';
import { readVersion } from '../../message/community-message.ts';
import { PDU, VERSION } from '../../message/constants.ts';
import {
  levelOfFlags,
  MPD_REPORT,
  MSG_FLAG,
  SECURITY_LEVEL,
  SECURITY_MODEL,
  type SecurityLevel,
} from '../../message/v3-constants.ts';
import {
  readScopedPdu,
  readUsmParameters,
  readV3Message,
  ScopedPdu,
  V3Envelope,
} from '../../message/v3-message.ts';
import { finishScopedPdu, V3Outgoing } from '../../message/v3-response.ts';
import { openAnswer } from '../../security/usm/open-answer.ts';
import { USM_STATS_OIDS, type UsmStat, UsmStats } from '../../security/usm/stats.ts';
import type { UsmUser } from '../../security/usm/user.ts';
import { UserTable } from '../../security/usm/user-table.ts';
import { Usm } from '../../security/usm/usm.ts';
import type { Oid } from '../../util/oid.ts';
import type { Exchange, Outcome, Reading } from './exchange.ts';
import { type PduAnswer, readAnswer, writeNames } from './pdu-answer.ts';

/** The counters that a Report can name, without the MIB modules' prefixes. */
export type ReportName = UsmStat | keyof typeof MPD_REPORT;

/** An answer in SNMPv3, with what it tells of the engine that wrote it. */
export interface V3Answer {
  /** Whether its digest was found right. */
  readonly authenticated: boolean;
  readonly engine: EngineClock;
  readonly pdu: PduAnswer;
  /** Which counter a Report names: `undefined` for a Response, `unknown` for a counter of no RFC. */
  readonly report: ReportName | 'unknown' | undefined;
}

/** An engine's ID and clock as a message had them. */
export interface EngineClock {
  readonly id: Uint8Array;
  readonly boots: number;
  /** Seconds. */
  readonly time: number;
  /** When it came, in milliseconds of a clock that is never set. */
  readonly atMs: number;
}

/** One question; what is left out is empty. */
export interface V3Question {
  readonly level: SecurityLevel;
  /** Keys for the engine, for a level above noAuthNoPriv, and the name. */
  readonly user?: UsmUser;
  readonly contextName?: string;
  /** The engine's own when absent. */
  readonly contextEngineId?: Uint8Array | undefined;
  readonly type?: number;
  readonly oid?: Oid;
}

const NOTHING = new Uint8Array(0);
const NO_ENGINE: EngineClock = { id: NOTHING, boots: 0, time: 0, atMs: 0 };
const MAX_TIME = 0x7fff_ffff;

const REPORTS = Object.entries({ ...USM_STATS_OIDS, ...MPD_REPORT }) as [ReportName, Oid][];

/** A manager's side of SNMPv3 with the user-based security model (RFC 3412, RFC 3414), towards one engine. */
export class V3Manager {
  /** The engine that is asked; set after discovery, and again to follow its clock. */
  engine: EngineClock = NO_ENGINE;
  readonly #exchange: Exchange;
  readonly #usm: Usm;
  readonly #writer = new Writer();
  readonly #reader = new Reader();
  readonly #envelope = new V3Envelope();
  readonly #scoped = new ScopedPdu();
  readonly #outgoing = new V3Outgoing();
  /** BOUNDED by the requests of one diagnosis. */
  readonly #earlier = new Set<number>();

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
    // What goes out carries the authoritative engine's clock, and here that is the other one's.
    const now = () => this.engine;
    const engine = {
      get id() {
        return now().id;
      },
      boots: () => now().boots,
      timeSeconds: () => timeNow(now()),
    };
    this.#usm = new Usm({ engine, users: new UserTable(), stats: new UsmStats() });
  }

  /** Asks who is there, as RFC 3414 section 4 has it: without engine ID, user and bindings. */
  async discover(tries?: number): Promise<Outcome<V3Answer>> {
    const known = this.engine;
    this.engine = NO_ENGINE;
    try {
      return await this.ask({ level: SECURITY_LEVEL.noAuthNoPriv }, tries);
    } finally {
      this.engine = known;
    }
  }

  /** Asks one question. What does not prove what the question asked for, or is for another one, is noise. */
  async ask(question: V3Question, tries?: number): Promise<Outcome<V3Answer>> {
    const messageId = this.#exchange.newId();
    const requestId = this.#exchange.newId();
    const datagram = this.#write(question, messageId, requestId);
    const read = (received: Uint8Array) => this.#read(received, question, messageId, requestId);
    const outcome = await this.#exchange.ask(datagram, read, tries);
    this.#earlier.add(messageId);
    return outcome;
  }

  #write(question: V3Question, messageId: number, requestId: number): Uint8Array {
    const outgoing = this.#outgoing;
    const { user, level } = question;
    outgoing.messageId = messageId;
    outgoing.maxSize = MAX_DATAGRAM;
    outgoing.userName = NOTHING;
    outgoing.contextEngineId = question.contextEngineId ?? this.engine.id;
    outgoing.contextName = Buffer.from(question.contextName ?? '', 'utf8');
    if (!this.#usm.prepareOutgoing(outgoing, level, user)) {
      throw new TypeError(`a question at level ${level} for a user without the keys`);
    }
    outgoing.flags |= MSG_FLAG.REPORTABLE;
    writeNames(this.#writer, question.oid);
    finishScopedPdu(this.#writer, outgoing, question.type ?? PDU.GET, requestId, 0, 0);
    this.#usm.protectOutgoing(this.#writer, outgoing, user);
    return this.#writer.view().slice();
  }

  #read(datagram: Uint8Array, question: V3Question, messageId: number, requestId: number): Reading<V3Answer> {
    try {
      const read = this.#answer(datagram, question, messageId, requestId);
      if (read === 'late') return { kind: 'late' };
      return typeof read === 'string' ? { kind: 'noise', why: read } : { kind: 'answer', answer: read };
    } catch (thrown) {
      if (!(thrown instanceof DecodeError)) throw thrown;
      return { kind: 'noise', why: `it is no SNMPv3 message: ${thrown.message}` };
    }
  }

  /** The answer in a datagram, `late`, or why it is none. Throws DecodeError. */
  #answer(
    datagram: Uint8Array,
    { user, level }: V3Question,
    messageId: number,
    requestId: number,
  ): V3Answer | string {
    const reader = this.#reader;
    const envelope = this.#envelope;
    reader.reset(datagram);
    if (readVersion(reader) !== VERSION.V3) return 'it is of another SNMP version';
    readV3Message(reader, envelope);
    if (this.#earlier.has(envelope.messageId)) return 'late';
    if (envelope.messageId !== messageId) return 'it answers another message';
    if (envelope.securityModel !== SECURITY_MODEL.usm) return 'it is of another security model';
    const answered = levelOfFlags(envelope.flags);
    if (answered === undefined) return 'it is encrypted but not authenticated';
    readUsmParameters(reader, envelope);
    const engine: EngineClock = {
      id: datagram.slice(envelope.engineIdStart, envelope.engineIdEnd),
      boots: envelope.engineBoots,
      time: envelope.engineTime,
      atMs: performance.now(),
    };
    const problem = openAnswer(reader, envelope, answered, user);
    if (problem) return problem;
    readScopedPdu(reader, this.#scoped);
    const pdu = readAnswer(reader);
    const authenticated = answered !== SECURITY_LEVEL.noAuthNoPriv;
    if (pdu.type === PDU.REPORT) return { authenticated, engine, pdu, report: reportName(pdu.binding?.oid) };
    if (pdu.type !== PDU.RESPONSE) return 'it is neither a response nor a Report';
    if (pdu.requestId !== requestId) return 'it answers another request';
    // RFC 3412 section 7.2 step 12 b: a response must be as protected as its request was.
    if (answered < level) return 'it is less protected than the request was';
    return { authenticated, engine, pdu, report: undefined };
  }
}

/** snmpEngineTime as it should be now, going by when it was learnt. */
function timeNow({ time, atMs }: EngineClock): number {
  return Math.min(MAX_TIME, time + Math.floor((performance.now() - atMs) / 1000));
}

/** Which counter a name is, with or without its instance. */
function reportName(oid: Oid | undefined): ReportName | 'unknown' {
  const is = (known: Oid) =>
    oid !== undefined && oid.length >= known.length - 1 && known.every((subid, i) => subid === (oid[i] ?? 0));
  return REPORTS.find(([, known]) => is(known))?.[0] ?? 'unknown';
}
