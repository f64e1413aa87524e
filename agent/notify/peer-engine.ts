import { DecodeError, Reader } from '../ber/reader.ts';
import { MAX_DATAGRAM, type Writer } from '../ber/writer.ts';
import { readVersion } from '../message/community-message.ts';
import { ERROR_STATUS, PDU, VERSION } from '../message/constants.ts';
import { Pdu, readPdu } from '../message/pdu.ts';
import {
  levelOfFlags,
  MPD_REPORT,
  MSG_FLAG,
  SECURITY_LEVEL,
  SECURITY_MODEL,
  type SecurityLevel,
} from '../message/v3-constants.ts';
import {
  readScopedPdu,
  readUsmParameters,
  readV3Message,
  ScopedPdu,
  V3Envelope,
} from '../message/v3-message.ts';
import { finishScopedPdu, V3Outgoing } from '../message/v3-response.ts';
import { openAnswer } from '../security/usm/open-answer.ts';
import type { SaltSource } from '../security/usm/salt.ts';
import { USM_STATS_OIDS, type UsmStat, UsmStats } from '../security/usm/stats.ts';
import type { UsmUser } from '../security/usm/user.ts';
import { UserTable } from '../security/usm/user-table.ts';
import { Usm } from '../security/usm/usm.ts';
import type { Oid } from '../util/oid.ts';
import type { Timers } from '../util/timers.ts';

/** Half of the time window, in seconds (RFC 3414 section 2.2.3). */
const TIME_WINDOW_SECONDS = 150;
const MAX_TIME = 0x7fff_ffff;
const MAX_ENGINE_ID = 32;
const MIN_ENGINE_ID = 5;
const NOTHING = new Uint8Array(0);

/**
 * What an answer says: that the inform arrived, or came and was refused; that more is known of the engine than
 * before, so that it is worth sending again; or the counter by which the engine refused the message.
 */
export type PeerAnswer =
  | 'acknowledged'
  | 'learned'
  | { readonly errorStatus: number }
  | { readonly report: UsmStat | keyof typeof MPD_REPORT | 'unknown' };

export interface PeerEngineOptions {
  readonly securityName: string;
  readonly securityLevel: SecurityLevel;
  /** The user with keys for an engine; `undefined` when there are none. */
  readonly userAt: (engineId: Uint8Array, securityName: string) => UsmUser | undefined;
  /** One for all engines, so that no key sees a salt twice. */
  readonly salts: SaltSource;
  readonly timers: Timers;
}

interface EngineClock {
  readonly id: Uint8Array;
  /** 0 as long as no authenticated message has told it. */
  readonly boots: number;
  readonly time: number;
  readonly atMs: number;
}

const reader = new Reader();
const envelope = new V3Envelope();
const scoped = new ScopedPdu();
const pdu = new Pdu();
const outgoing = new V3Outgoing();

const REPORTS = Object.entries({ ...USM_STATS_OIDS, ...MPD_REPORT }) as [
  UsmStat | keyof typeof MPD_REPORT,
  Oid,
][];

/**
 * The engine of a receiver of SNMPv3 informs, which is authoritative for them (RFC 3414 section 1.5.1): its ID is
 * discovered, the keys of the user are those for it, and its clock is followed (section 4).
 */
export class PeerEngine {
  readonly #options: PeerEngineOptions;
  readonly #usm: Usm;
  #clock: EngineClock | undefined;
  #user: UsmUser | undefined;

  constructor(options: PeerEngineOptions) {
    this.#options = options;
    const known = () => this.#clock;
    const engine = {
      get id() {
        return known()?.id ?? NOTHING;
      },
      boots: () => known()?.boots ?? 0,
      timeSeconds: () => this.#timeNow(),
    };
    this.#usm = new Usm({ engine, users: new UserTable(), stats: new UsmStats(), salts: options.salts });
  }

  /** Whether its ID is known, so that an inform can be sent. */
  get isDiscovered(): boolean {
    return this.#clock !== undefined;
  }

  /** Begins anew with discovery: it may have become another engine, or have lost its boots. */
  forget(): void {
    this.#clock = undefined;
    this.#user = undefined;
  }

  /** Writes the message that asks who is there: no engine ID, user or bindings (RFC 3414 section 4). */
  writeDiscovery(writer: Writer, messageId: number): void {
    writer.reset();
    this.#prepare(messageId, SECURITY_LEVEL.noAuthNoPriv, undefined);
    finishScopedPdu(writer, outgoing, PDU.GET, messageId, 0, 0);
    this.#usm.protectOutgoing(writer, outgoing, undefined);
  }

  /** Writes an InformRequest; false when the user has not the keys that the level takes. */
  writeInform(writer: Writer, bindings: Uint8Array, messageId: number, requestId: number): boolean {
    writer.reset();
    if (!this.#user || !this.#prepare(messageId, this.#options.securityLevel, this.#user)) return false;
    writer.append(bindings, 0, bindings.length);
    finishScopedPdu(writer, outgoing, PDU.INFORM, requestId, 0, 0);
    this.#usm.protectOutgoing(writer, outgoing, this.#user);
    return true;
  }

  /**
   * Reads a datagram as the answer to one of the messages with these msgIDs, which carried an inform of this
   * request-id or were a discovery. `undefined` when it is none, or proves too little.
   */
  read(datagram: Uint8Array, messageIds: readonly number[], requestId: number): PeerAnswer | undefined {
    try {
      return this.#read(datagram, messageIds, requestId);
    } catch (thrown) {
      if (thrown instanceof DecodeError) return undefined;
      throw thrown;
    }
  }

  #prepare(messageId: number, level: SecurityLevel, user: UsmUser | undefined): boolean {
    outgoing.messageId = messageId;
    outgoing.maxSize = MAX_DATAGRAM;
    outgoing.userName = NOTHING;
    outgoing.contextEngineId = this.#clock?.id ?? NOTHING;
    outgoing.contextName = NOTHING;
    if (!this.#usm.prepareOutgoing(outgoing, level, user)) return false;
    outgoing.flags |= MSG_FLAG.REPORTABLE;
    return true;
  }

  #read(datagram: Uint8Array, messageIds: readonly number[], requestId: number): PeerAnswer | undefined {
    reader.reset(datagram);
    if (readVersion(reader) !== VERSION.V3) return undefined;
    readV3Message(reader, envelope);
    if (!messageIds.includes(envelope.messageId)) return undefined;
    if (envelope.securityModel !== SECURITY_MODEL.usm) return undefined;
    const level = levelOfFlags(envelope.flags);
    if (level === undefined) return undefined;
    readUsmParameters(reader, envelope);
    const engineId = envelope.bytes.slice(envelope.engineIdStart, envelope.engineIdEnd);
    const isKnown = this.#clock !== undefined && Buffer.compare(engineId, this.#clock.id) === 0;
    if (level !== SECURITY_LEVEL.noAuthNoPriv && !isKnown) return undefined;
    if (openAnswer(reader, envelope, level, this.#user) !== undefined) return undefined;
    readScopedPdu(reader, scoped);
    readPdu(reader, pdu);
    if (pdu.type === PDU.REPORT) return this.#takeReport(level, engineId);
    // RFC 3412 section 7.2 step 12 b: a response must be as protected as its request was.
    if (pdu.type !== PDU.RESPONSE || !isKnown || level < this.#options.securityLevel) return undefined;
    if (pdu.requestId !== requestId) return undefined;
    if (level !== SECURITY_LEVEL.noAuthNoPriv && !this.#isTimely()) return undefined;
    return pdu.errorStatus === ERROR_STATUS.noError ? 'acknowledged' : { errorStatus: pdu.errorStatus };
  }

  #takeReport(level: SecurityLevel, engineId: Uint8Array): PeerAnswer {
    const name = reportName();
    if (name === 'unknownEngineIDs') {
      if (engineId.length < MIN_ENGINE_ID || engineId.length > MAX_ENGINE_ID) return { report: name };
      const isNew = !this.#clock || Buffer.compare(engineId, this.#clock.id) !== 0;
      if (isNew) this.#meet(engineId);
      return isNew ? 'learned' : { report: name };
    }
    // RFC 3414 section 3.2 step 7 b: a clock is taken from an authenticated message alone.
    if (name === 'notInTimeWindows' && level !== SECURITY_LEVEL.noAuthNoPriv && this.#follow()) {
      return 'learned';
    }
    return { report: name };
  }

  #meet(id: Uint8Array): void {
    const { userAt, securityName, timers } = this.#options;
    this.#clock = { id, boots: 0, time: 0, atMs: timers.nowMs() };
    this.#user = userAt(id, securityName);
  }

  /** Takes over the clock of an authenticated message, unless it is older than what is known. */
  #follow(): boolean {
    const { boots, time, id } = this.#clock!;
    const { engineBoots, engineTime } = envelope;
    if (engineBoots < boots || (engineBoots === boots && engineTime <= time)) return false;
    this.#clock = { id, boots: engineBoots, time: engineTime, atMs: this.#options.timers.nowMs() };
    return true;
  }

  /** RFC 3414 section 3.2 step 7 b, for an engine that is not authoritative. */
  #isTimely(): boolean {
    this.#follow();
    const { engineBoots, engineTime } = envelope;
    const { boots } = this.#clock!;
    if (boots === MAX_TIME || engineBoots < boots) return false;
    return engineBoots > boots || engineTime >= this.#timeNow() - TIME_WINDOW_SECONDS;
  }

  /** snmpEngineTime as it should be now, going by when it was learnt; 0 before. */
  #timeNow(): number {
    if (!this.#clock || this.#clock.boots === 0) return 0;
    const seconds = (this.#options.timers.nowMs() - this.#clock.atMs) / 1000;
    return Math.min(MAX_TIME, this.#clock.time + Math.floor(seconds));
  }
}

/** The counter that the Report in `pdu` names, with or without its instance. */
function reportName(): UsmStat | keyof typeof MPD_REPORT | 'unknown' {
  const oid = pdu.count > 0 ? pdu.name(0) : [];
  const is = (known: Oid) =>
    oid.length >= known.length - 1 && known.every((subid, i) => subid === (oid[i] ?? 0));
  return REPORTS.find(([, known]) => is(known))?.[0] ?? 'unknown';
}
