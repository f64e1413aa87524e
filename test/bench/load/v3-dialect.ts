import {
  authProtocolByName,
  digestIsRight,
  messageDigest,
} from '../../../agent/security/usm/auth-protocols.ts';
import { KeyDerivation } from '../../../agent/security/usm/keys.ts';
import { type EngineTime, privProtocolByName } from '../../../agent/security/usm/priv-protocols.ts';
import { SALT_LENGTH, SaltSource } from '../../../agent/security/usm/salt.ts';
import type { Secret } from '../../../agent/util/secret.ts';
import type { DatagramDescriptor } from './datagram-descriptor.ts';
import type { Dialect } from './dialect.ts';
import {
  element,
  fillIn,
  integerElement,
  pduTemplate,
  putId,
  type RequestShape,
  type RequestTemplate,
  wrapped,
} from './request-template.ts';
import { ResponseReader } from './response-reader.ts';

/** Who asks, with SHA-256 and AES-128. */
export interface UserCredentials {
  readonly name: string;
  readonly authPassword: string;
  readonly privPassword: string;
}

/** The engine that is asked, and its clock when it was discovered. */
interface Engine extends EngineTime {
  readonly id: Uint8Array;
}

/** A message with all that is the same for names of one length, and the places of what is not. */
interface MessageTemplate {
  readonly bytes: Buffer;
  readonly scoped: RequestTemplate;
  readonly idAt: number;
  readonly digestAt: number;
  readonly saltAt: number;
  readonly dataAt: number;
}

const auth = authProtocolByName('SHA-256')!;
const priv = privProtocolByName('AES-128')!;
const SNMP_V3 = element(0x02, [3]);
const MAX_SIZE = integerElement(65_507);
const USM = element(0x02, [3]);
const REPORTABLE = element(0x04, [4]);
const REPORTABLE_AUTH_PRIV = element(0x04, [7]);
const PLACEHOLDER_ID = 0x4000_0000;
const ASK_AGAIN_MS = 500;
const GIVE_UP_MS = 5000;

/** Keys of the passwords, made once for each agent. */
const keys = new KeyDerivation();

/**
 * SNMPv3 with authentication and privacy (RFC 3414), for one agent.
 *
 * Every request is encrypted under a salt of its own and signed, and the digest of every response is checked before
 * it is decrypted: what a manager has to do. msgID and request-id are the same number. The engine's clock is that of
 * the discovery, so a dialect is good for less than 150 seconds (RFC 3414 section 2.2.3).
 */
export class V3Dialect implements Dialect {
  readonly #shape: RequestShape;
  readonly #user: UserCredentials;
  readonly #engine: Engine;
  readonly #authKey: Secret;
  readonly #privKey: Secret;
  readonly #salts = new SaltSource();
  /** By the length of the name. */
  readonly #templates: MessageTemplate[] = [];

  private constructor(shape: RequestShape, user: UserCredentials, engine: Engine) {
    this.#shape = shape;
    this.#user = user;
    this.#engine = engine;
    this.#authKey = keys.authKey(auth, { password: user.authPassword }, engine.id);
    this.#privKey = keys.privKey(auth, priv, { password: user.privPassword }, engine.id);
  }

  /** Discovers the engine behind a socket (RFC 3414 section 4). Throws when nothing answers. */
  static connect(socket: DatagramDescriptor, user: UserCredentials, shape: RequestShape): V3Dialect {
    return new V3Dialect(shape, user, discoverEngine(socket));
  }

  request(id: number, names: Uint8Array, at: number, length: number): Uint8Array {
    this.#templates[length] ??= this.#template(length);
    const { bytes, scoped, idAt, digestAt, saltAt, dataAt } = this.#templates[length];
    fillIn(scoped, id, names, at, length);
    const { data, salt } = priv.encrypt(this.#privKey, this.#engine, this.#salts, scoped.bytes);
    putId(bytes, idAt, id);
    bytes.set(salt, saltAt);
    bytes.set(data, dataAt);
    bytes.fill(0, digestAt, digestAt + auth.digestLength);
    bytes.set(messageDigest(auth, this.#authKey, bytes), digestAt);
    return bytes;
  }

  open(response: ResponseReader, length: number): boolean {
    const { cursor, bytes } = response;
    const id = openGlobalData(response, length);
    cursor.skip();
    const boots = cursor.integer();
    const time = cursor.integer();
    cursor.skip();
    cursor.enter(0x04);
    const digestAt = cursor.position;
    const digestEnd = cursor.contentEnd;
    cursor.position = digestEnd;
    cursor.enter(0x04);
    const salt = bytes.subarray(cursor.position, cursor.contentEnd);
    cursor.position = cursor.contentEnd;
    cursor.enterLast(0x04);
    if (!cursor.sound) return false;
    if (!digestIsRight(auth, this.#authKey, bytes.subarray(0, length), digestAt, digestEnd)) return false;
    const data = bytes.subarray(cursor.position, length);
    const plain = priv.decrypt(this.#privKey, { boots, time }, salt, data);
    if (!plain) return false;
    data.set(plain);
    cursor.enterLast(0x30);
    cursor.skip();
    cursor.skip();
    return response.openPdu() && response.requestId === id;
  }

  #template(oidLength: number): MessageTemplate {
    const { id, boots, time } = this.#engine;
    const scoped = wrapped(pduTemplate(this.#shape, oidLength), element(0x04, id), element(0x04));
    const security = [
      element(0x04, id),
      integerElement(boots),
      integerElement(time),
      element(0x04, Buffer.from(this.#user.name)),
      element(0x04, Buffer.alloc(auth.digestLength)),
      element(0x04, Buffer.alloc(SALT_LENGTH)),
    ];
    const data = element(0x04, scoped.bytes);
    const bytes = message(REPORTABLE_AUTH_PRIV, security, data);
    // From the end: data, salt with its header before it, digest.
    const saltAt = bytes.length - data.length - SALT_LENGTH;
    return {
      bytes,
      scoped,
      idAt: bytes.indexOf(integerElement(PLACEHOLDER_ID)) + 2,
      digestAt: saltAt - 2 - auth.digestLength,
      saltAt,
      dataAt: bytes.length - scoped.bytes.length,
    };
  }
}

/** Encodes a message around msgFlags, the security parameters and msgData; its msgID is to be filled in. */
function message(flags: Uint8Array, security: readonly Uint8Array[], data: Uint8Array): Buffer {
  const global = element(0x30, Buffer.concat([integerElement(PLACEHOLDER_ID), MAX_SIZE, flags, USM]));
  const parameters = element(0x04, element(0x30, Buffer.concat(security)));
  return element(0x30, Buffer.concat([SNMP_V3, global, parameters, data]));
}

/** Reads up to the first field of the security parameters; returns msgID. */
function openGlobalData({ cursor }: ResponseReader, length: number): number {
  cursor.reset(length);
  cursor.enterLast(0x30);
  if (cursor.integer() !== 3) cursor.sound = false;
  cursor.enter(0x30);
  const id = cursor.integer();
  cursor.integer();
  cursor.skip();
  cursor.integer();
  cursor.enter(0x04);
  cursor.enter(0x30);
  return id;
}

/** Asks without engine ID and user, and takes ID and clock from the Report that comes back. */
function discoverEngine(socket: DatagramDescriptor): Engine {
  const nobody = [
    element(0x04),
    integerElement(0),
    integerElement(0),
    element(0x04),
    element(0x04),
    element(0x04),
  ];
  const pdu = pduTemplate({ kind: 'GET', repetitions: 0 }, 2);
  const probe = message(REPORTABLE, nobody, wrapped(pdu, element(0x04), element(0x04)).bytes);
  const response = new ResponseReader(new Uint8Array(65_536));
  const { cursor, bytes } = response;
  const end = performance.now() + GIVE_UP_MS;
  let nextProbe = 0;
  for (let now = performance.now(); now < end; now = performance.now()) {
    if (now > nextProbe) {
      socket.send(probe);
      nextProbe = now + ASK_AGAIN_MS;
    }
    const length = socket.receive(bytes);
    if (length < 0 || openGlobalData(response, length) !== PLACEHOLDER_ID) continue;
    cursor.enter(0x04);
    const id = bytes.slice(cursor.position, cursor.contentEnd);
    cursor.position = cursor.contentEnd;
    const boots = cursor.integer();
    const time = cursor.integer();
    if (cursor.sound && id.length > 0) return { id, boots, time };
  }
  throw new Error(`the agent did not tell its engine ID within ${GIVE_UP_MS / 1000} s`);
}
