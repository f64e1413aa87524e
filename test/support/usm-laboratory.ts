import { Reader } from '../../agent/ber/reader.ts';
import { Writer } from '../../agent/ber/writer.ts';
import { readVersion } from '../../agent/message/community-message.ts';
import type { SecurityLevel } from '../../agent/message/v3-constants.ts';
import { readV3Message, V3Envelope } from '../../agent/message/v3-message.ts';
import { reportRequestId } from '../../agent/message/v3-report.ts';
import { V3Outgoing, writeReport } from '../../agent/message/v3-response.ts';
import { authProtocolByName } from '../../agent/security/usm/auth-protocols.ts';
import { KeyDerivation } from '../../agent/security/usm/keys.ts';
import { privProtocolByName } from '../../agent/security/usm/priv-protocols.ts';
import { UsmStats } from '../../agent/security/usm/stats.ts';
import { createUser } from '../../agent/security/usm/user.ts';
import { UserTable } from '../../agent/security/usm/user-table.ts';
import { type AcceptedMessage, type RefusedMessage, Usm } from '../../agent/security/usm/usm.ts';
import { type AuthName, localizedKey, localizedPrivKey, type PrivName } from './v3-messages.ts';

/** What all users of a laboratory have as passwords. */
export const AUTH_PASSWORD = 'maplesyrup';
export const PRIV_PASSWORD = 'pancakes+butter';

/** An engine ID in the format of RFC 3411. */
export const ENGINE_ID = Uint8Array.from(Buffer.from('80001f88800001020304050607', 'hex'));

/** An engine's security model with a clock to set, for messages by raw octets. */
export class UsmLaboratory {
  boots = 5;
  timeSeconds = 1000;
  readonly stats = new UsmStats();
  readonly users = new UserTable();
  readonly keys = new KeyDerivation();
  readonly usm: Usm;
  readonly reader = new Reader();
  readonly envelope = new V3Envelope();
  readonly writer = new Writer();
  readonly outgoing = new V3Outgoing();

  constructor(engineId: Uint8Array = ENGINE_ID) {
    this.usm = new Usm({
      engine: { id: engineId, boots: () => this.boots, timeSeconds: () => this.timeSeconds },
      users: this.users,
      stats: this.stats,
    });
  }

  /** Adds a user with the passwords above. */
  addUser(name: string, auth?: AuthName, priv?: PrivName): void {
    const user = createUser(
      {
        name,
        ...(auth && { auth: { protocol: authProtocolByName(auth)!, key: { password: AUTH_PASSWORD } } }),
        ...(priv && { priv: { protocol: privProtocolByName(priv)!, key: { password: PRIV_PASSWORD } } }),
      },
      ENGINE_ID,
      this.keys,
    );
    this.users.configure([...this.users.rows, user]);
  }

  /** Reads the outer fields and processes the message. */
  receive(datagram: Uint8Array): AcceptedMessage | RefusedMessage {
    this.reader.reset(datagram);
    readVersion(this.reader);
    readV3Message(this.reader, this.envelope);
    return this.usm.processIncoming(this.reader, this.envelope);
  }

  /** The Report to a message just refused, as an engine would send it; `undefined` when there is none. */
  report(refused: RefusedMessage): Uint8Array | undefined {
    const { outgoing, writer, envelope } = this;
    const requestId = reportRequestId(this.reader, envelope);
    if (requestId === undefined) return undefined;
    outgoing.messageId = envelope.messageId;
    outgoing.maxSize = 65_507;
    outgoing.userName = envelope.userName();
    outgoing.contextEngineId = ENGINE_ID;
    outgoing.contextName = new Uint8Array(0);
    if (!this.usm.prepareOutgoing(outgoing, refused.level, refused.user)) throw new Error('level refused');
    writer.reset();
    writeReport(writer, outgoing, requestId, refused.oid, refused.value);
    this.usm.protectOutgoing(writer, outgoing, refused.user);
    return writer.view();
  }

  /** Prepares the outer fields of an answer to the message just accepted. */
  prepareAnswer(accepted: AcceptedMessage, level: SecurityLevel = accepted.level): V3Outgoing {
    const { outgoing } = this;
    outgoing.messageId = this.envelope.messageId;
    outgoing.maxSize = 65_507;
    outgoing.contextEngineId = ENGINE_ID;
    outgoing.contextName = new Uint8Array(0);
    if (!this.usm.prepareOutgoing(outgoing, level, accepted.user)) throw new Error('level refused');
    return outgoing;
  }
}

const known = new Map<string, Buffer>();

function once(id: string, make: () => Buffer): Buffer {
  const key = known.get(id) ?? make();
  known.set(id, key);
  return key;
}

/** The keys of the passwords above at the laboratory's engine, computed by the tests' own means. */
export function authKey(name: AuthName): { name: AuthName; key: Uint8Array } {
  return { name, key: once(name, () => localizedKey(name, Buffer.from(AUTH_PASSWORD), ENGINE_ID)) };
}

/** The same for privacy, with a salt to send. */
export function privKey(
  auth: AuthName,
  name: PrivName,
): { name: PrivName; key: Uint8Array; salt: Uint8Array } {
  const key = once(`${auth} ${name}`, () =>
    localizedPrivKey(auth, name, Buffer.from(PRIV_PASSWORD), ENGINE_ID),
  );
  return { name, key, salt: Uint8Array.of(9, 8, 7, 6, 5, 4, 3, 2) };
}
