import { DecodeError, type Reader } from '../../ber/reader.ts';
import { TAG } from '../../ber/tags.ts';
import type { Writer } from '../../ber/writer.ts';
import {
  flagsOfLevel,
  levelOfFlags,
  SECURITY_LEVEL,
  SECURITY_MODEL,
  type SecurityLevel,
} from '../../message/v3-constants.ts';
import { readUsmParameters, type V3Envelope } from '../../message/v3-message.ts';
import { prependV3Fields, type V3Outgoing } from '../../message/v3-response.ts';
import type { Oid } from '../../util/oid.ts';
import { digestIsRight, messageDigest } from './auth-protocols.ts';
import type { Encrypted, EngineTime } from './priv-protocols.ts';
import { SALT_LENGTH, SaltSource } from './salt.ts';
import { USM_STATS_OIDS, type UsmStat, type UsmStats } from './stats.ts';
import { highestLevel, type UsmUser } from './user.ts';
import type { UserTable } from './user-table.ts';

/** Half of the time window, in seconds (RFC 3414 section 2.2.3). */
const TIME_WINDOW_SECONDS = 150;

/** The value at which snmpEngineBoots stays: nothing authenticated is taken any more (RFC 3414 section 2.2.2). */
const LATCHED_BOOTS = 0x7fff_ffff;

/** Octets of padding that are taken: a block of the largest cipher, as some senders pad AES too. */
const MAX_PADDING = 16;

/** The engine that is authoritative for what is received and sent here. */
export interface AuthoritativeEngine {
  /** snmpEngineID, 5 to 32 octets. */
  readonly id: Uint8Array;
  /** snmpEngineBoots, 1 to 2^31-1. */
  boots(): number;
  /** snmpEngineTime in seconds, 0 to 2^31-1. */
  timeSeconds(): number;
}

/** A message that passed all checks. */
export interface AcceptedMessage {
  readonly ok: true;
  /** The user as it was when the message came: its answer goes out under these keys. */
  readonly user: UsmUser;
  readonly level: SecurityLevel;
  /** Where the plain ScopedPDU is: in the datagram, or in octets of its own when it was encrypted. */
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** A message that was refused and counted; the Report may go out as RFC 3412 section 7.1 step 3 says. */
export interface RefusedMessage {
  readonly ok: false;
  readonly stat: UsmStat;
  /** Instance of the counter, and its value after this message. */
  readonly oid: Oid;
  readonly value: number;
  /** The security level of the Report: authNoPriv for a message out of the time window, otherwise noAuthNoPriv. */
  readonly level: SecurityLevel;
  /** The user in whose name the Report goes out; `undefined` while it is not authenticated. */
  readonly user: UsmUser | undefined;
}

export interface UsmOptions {
  readonly engine: AuthoritativeEngine;
  readonly users: UserTable;
  readonly stats: UsmStats;
  /** Salts to use instead of random ones, for tests. */
  readonly salts?: SaltSource;
}

const NO_SALT = new Uint8Array(0);

/**
 * The user-based security model of an engine that is authoritative for all it exchanges (RFC 3414).
 *
 * Nothing here hashes a password: users carry their localized keys, so a flood of unknown names, or of wrong
 * digests, costs no more than a look-up and one HMAC each.
 */
export class Usm {
  readonly #engine: AuthoritativeEngine;
  readonly #users: UserTable;
  readonly #stats: UsmStats;
  readonly #salts: SaltSource;

  constructor({ engine, users, stats, salts }: UsmOptions) {
    this.#engine = engine;
    this.#users = users;
    this.#stats = stats;
    this.#salts = salts ?? new SaltSource();
  }

  /**
   * Checks a received message in the order of RFC 3414 section 3.2.
   *
   * `envelope` was read by readV3Message and its msgFlags are valid. Throws DecodeError where the RFC says
   * parseError: the message is dropped and counted as snmpInASNParseErrs. Moves the reader.
   */
  processIncoming(reader: Reader, envelope: V3Envelope): AcceptedMessage | RefusedMessage {
    const { bytes } = envelope;
    const level = levelOfFlags(envelope.flags);
    if (level === undefined) throw new DecodeError('privacy without authentication', envelope.dataStart);
    // Steps 1 and 2.
    readUsmParameters(reader, envelope);
    // Step 3 b. An empty engine ID asks for ours (RFC 3414 section 4).
    if (!this.#isOurEngineId(bytes, envelope.engineIdStart, envelope.engineIdEnd)) {
      return this.#refuse('unknownEngineIDs');
    }
    // Step 4.
    const user = this.#users.find(this.#engine.id, envelope.userName());
    if (!user) return this.#refuse('unknownUserNames');
    // Step 5.
    if (level > highestLevel(user)) return this.#refuse('unsupportedSecLevels');
    if (level !== SECURITY_LEVEL.noAuthNoPriv) {
      // Step 6.
      const { protocol, key } = user.auth!;
      const message = bytes.subarray(0, envelope.messageEnd);
      if (!digestIsRight(protocol, key, message, envelope.authStart, envelope.authEnd)) {
        return this.#refuse('wrongDigests');
      }
      // Step 7 a.
      if (!this.#isInTimeWindow(envelope)) {
        return this.#refuse('notInTimeWindows', SECURITY_LEVEL.authNoPriv, user);
      }
    }
    // Step 8 b.
    if (level !== SECURITY_LEVEL.authPriv) {
      if (bytes[envelope.dataStart] !== TAG.SEQUENCE) {
        throw new DecodeError('an encrypted PDU where msgFlags say plain', envelope.dataStart);
      }
      return { ok: true, user, level, bytes, start: envelope.dataStart, end: envelope.messageEnd };
    }
    // Step 8 a.
    const plain = this.#decrypt(reader, envelope, user);
    if (!plain) return this.#refuse('decryptionErrors');
    return { ok: true, user, level, bytes: plain, start: 0, end: plain.length };
  }

  /**
   * Fills in what this model decides of a message to be sent, so that its size is known before it is written
   * (RFC 3414 section 3.1 steps 5 to 8). `user` may be absent at noAuthNoPriv; `outgoing.userName` is then left.
   *
   * False when the user's protocols do not allow the level: unsupportedSecurityLevel (steps 2 and 3).
   */
  prepareOutgoing(outgoing: V3Outgoing, level: SecurityLevel, user: UsmUser | undefined): boolean {
    if (level > (user ? highestLevel(user) : SECURITY_LEVEL.noAuthNoPriv)) return false;
    outgoing.flags = flagsOfLevel(level);
    outgoing.securityModel = SECURITY_MODEL.usm;
    outgoing.engineId = this.#engine.id;
    outgoing.engineBoots = this.#engine.boots();
    outgoing.engineTime = this.#engine.timeSeconds();
    if (user) outgoing.userName = user.name;
    outgoing.authLength = level === SECURITY_LEVEL.noAuthNoPriv ? 0 : user!.auth!.protocol.digestLength;
    const isEncrypted = level === SECURITY_LEVEL.authPriv;
    outgoing.privLength = isEncrypted ? SALT_LENGTH : 0;
    outgoing.blockLength = isEncrypted ? user!.priv!.protocol.blockLength : 1;
    return true;
  }

  /**
   * Makes the ScopedPDU that stands in the writer a whole message, encrypted and authenticated
   * (RFC 3414 section 3.1 steps 4 to 9). `outgoing` was prepared for the same user.
   */
  protectOutgoing(writer: Writer, outgoing: V3Outgoing, user: UsmUser | undefined): void {
    const salt = outgoing.privLength > 0 ? this.#encrypt(writer, outgoing, user!) : NO_SALT;
    const authStart = prependV3Fields(writer, outgoing, salt);
    if (outgoing.authLength > 0) {
      const { protocol, key } = user!.auth!;
      writer.bytes.set(messageDigest(protocol, key, writer.view()), authStart);
    }
  }

  #isOurEngineId(bytes: Uint8Array, start: number, end: number): boolean {
    const { id } = this.#engine;
    if (end - start !== id.length) return false;
    for (let i = 0; i < id.length; i++) if (bytes[start + i] !== id[i]) return false;
    return true;
  }

  #isInTimeWindow(envelope: V3Envelope): boolean {
    const boots = this.#engine.boots();
    return (
      boots < LATCHED_BOOTS &&
      envelope.engineBoots === boots &&
      Math.abs(envelope.engineTime - this.#engine.timeSeconds()) <= TIME_WINDOW_SECONDS
    );
  }

  /** The plain ScopedPDU without padding; `undefined` when the octets cannot be decrypted. */
  #decrypt(reader: Reader, envelope: V3Envelope, user: UsmUser): Uint8Array | undefined {
    const { bytes } = envelope;
    reader.reset(bytes, envelope.dataStart, envelope.messageEnd);
    const end = reader.enter(TAG.OCTET_STRING);
    const { protocol, key } = user.priv!;
    const time: EngineTime = { boots: envelope.engineBoots, time: envelope.engineTime };
    const salt = bytes.subarray(envelope.privStart, envelope.privEnd);
    const plain = protocol.decrypt(key, time, salt, bytes.subarray(reader.position, end));
    if (!plain) return undefined;
    return trimmed(reader, plain);
  }

  /** Encrypts what stands in the writer, in place, and gives it the header of an OCTET STRING. */
  #encrypt(writer: Writer, outgoing: V3Outgoing, user: UsmUser): Uint8Array {
    const { protocol, key } = user.priv!;
    const time: EngineTime = { boots: outgoing.engineBoots, time: outgoing.engineTime };
    const { data, salt }: Encrypted = protocol.encrypt(key, time, this.#salts, writer.view());
    writer.bytes.set(data, writer.start);
    writer.end = writer.start + data.length;
    writer.prependHeader(TAG.OCTET_STRING);
    return salt;
  }

  #refuse(
    stat: UsmStat,
    level: SecurityLevel = SECURITY_LEVEL.noAuthNoPriv,
    user: UsmUser | undefined = undefined,
  ): RefusedMessage {
    const value = ++this.#stats[stat];
    return { ok: false, stat, oid: USM_STATS_OIDS[stat], value, level, user };
  }
}

/**
 * The ScopedPDU at the beginning of decrypted octets, without padding.
 *
 * No mode used here tells by itself that the key was wrong, but then what comes out hardly ever begins with a
 * SEQUENCE that fills it. That is said to the sender, who has proven its identity, instead of leaving it without
 * an answer: the message "could not be decrypted" (usmStatsDecryptionErrors, RFC 3414 section 5).
 */
function trimmed(reader: Reader, plain: Uint8Array): Uint8Array | undefined {
  reader.reset(plain);
  try {
    const end = reader.enter(TAG.SEQUENCE);
    return plain.length - end <= MAX_PADDING ? plain.subarray(0, end) : undefined;
  } catch (thrown) {
    if (thrown instanceof DecodeError) return undefined;
    throw thrown;
  }
}
