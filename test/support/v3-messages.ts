/**
 * SNMPv3 messages for tests, written from RFC 3412 and RFC 3414 with nothing of the agent's codec or cryptography:
 * lengths by wire.ts, the password expanded whole, DES as EDE with three equal keys.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto';
import { element, elements, integerOctets, pduElement, value, valueElement, WIRE } from './wire.ts';

/** Hash and digest length of each authentication protocol (RFC 3414, RFC 7860). */
export const AUTH = {
  MD5: { hash: 'md5', digest: 12 },
  SHA: { hash: 'sha1', digest: 12 },
  'SHA-224': { hash: 'sha224', digest: 16 },
  'SHA-256': { hash: 'sha256', digest: 24 },
  'SHA-384': { hash: 'sha384', digest: 32 },
  'SHA-512': { hash: 'sha512', digest: 48 },
} as const;
export type AuthName = keyof typeof AUTH;

/** Key length and kind of extension of each privacy protocol. */
export const PRIV = {
  DES: { key: 16, extension: 'none' },
  AES: { key: 16, extension: 'none' },
  'AES-192': { key: 24, extension: 'blumenthal' },
  'AES-256': { key: 32, extension: 'blumenthal' },
  'AES-192-C': { key: 24, extension: 'reeder' },
  'AES-256-C': { key: 32, extension: 'reeder' },
} as const;
export type PrivName = keyof typeof PRIV;

const hashOf = (hash: string, ...octets: Uint8Array[]): Buffer =>
  createHash(hash).update(Buffer.concat(octets)).digest();

/** The key of a password for no engine yet, from a whole 1 MiB of it. */
export function masterKey(auth: AuthName, password: Uint8Array): Buffer {
  return hashOf(AUTH[auth].hash, Buffer.alloc(1_048_576, password));
}

/** The localized key of a password. */
export function localizedKey(auth: AuthName, password: Uint8Array, engineId: Uint8Array): Buffer {
  const ku = masterKey(auth, password);
  return hashOf(AUTH[auth].hash, ku, engineId, ku);
}

/** The localized privacy key, extended as the protocol's draft says. */
export function localizedPrivKey(
  auth: AuthName,
  priv: PrivName,
  password: Uint8Array,
  engineId: Uint8Array,
): Buffer {
  const { key: length, extension } = PRIV[priv];
  const parts = [localizedKey(auth, password, engineId)];
  while (Buffer.concat(parts).length < length) {
    parts.push(
      extension === 'reeder'
        ? localizedKey(auth, parts.at(-1)!, engineId)
        : hashOf(AUTH[auth].hash, Buffer.concat(parts)),
    );
  }
  return Buffer.concat(parts).subarray(0, length);
}

/** Fields of a message to build; what is left out is an ordinary get of sysUpTime. */
export interface V3Fields {
  readonly messageId?: number;
  readonly maxSize?: number;
  readonly flags?: number;
  readonly securityModel?: number;
  readonly engineId?: Uint8Array;
  readonly boots?: number;
  readonly time?: number;
  readonly userName?: string;
  /** Present: the message is authenticated; its length is also that of the field. */
  readonly auth?: { readonly name: AuthName; readonly key: Uint8Array } | undefined;
  /** Present: the scoped PDU is encrypted. */
  readonly priv?:
    | { readonly name: PrivName; readonly key: Uint8Array; readonly salt: Uint8Array }
    | undefined;
  /** Elements of the scoped PDU to use instead of `pdu`. */
  readonly scopedPdu?: readonly number[];
  readonly contextEngineId?: Uint8Array;
  readonly contextName?: string;
  readonly pduType?: number;
  readonly requestId?: number;
  /** Octets of msgAuthenticationParameters or msgPrivacyParameters to send instead of the right ones. */
  readonly authOctets?: readonly number[];
  readonly privOctets?: readonly number[];
}

const octetString = (octets: Iterable<number>): number[] => element(WIRE.OctetString, [...octets]);
const integer = (number: number): number[] => valueElement(value.integer(number));

/** The scoped PDU of the fields: by default a get of sysUpTime.0. */
export function scopedPduElement(fields: V3Fields): number[] {
  const name = element(WIRE.ObjectIdentifier, [43, 6, 1, 2, 1, 1, 3, 0]);
  const varbind = element(WIRE.Sequence, [...name, WIRE.Null, 0]);
  const { pduType: type = WIRE.get, requestId = 4711 } = fields;
  return element(WIRE.Sequence, [
    ...octetString(fields.contextEngineId ?? fields.engineId ?? []),
    ...octetString(Buffer.from(fields.contextName ?? '')),
    ...pduElement({ type, requestId, fieldA: 0, fieldB: 0 }, varbind),
  ]);
}

/** A whole message, encrypted and authenticated as the fields say. */
export function v3Message(fields: V3Fields): Uint8Array {
  const { boots = 0, time = 0, auth, priv } = fields;
  const scoped = fields.scopedPdu ?? scopedPduElement(fields);
  const data = priv ? octetString(encrypt(priv, boots, time, Uint8Array.from(scoped))) : scoped;
  const flags = fields.flags ?? 4 + (auth ? 1 : 0) + (priv ? 2 : 0);
  const authLength = auth ? AUTH[auth.name].digest : 0;
  const build = (digest: readonly number[]): number[] => {
    const global = [
      ...integer(fields.messageId ?? 1234),
      ...integer(fields.maxSize ?? 65507),
      ...octetString([flags]),
      ...integer(fields.securityModel ?? 3),
    ];
    const security = [
      ...octetString(fields.engineId ?? []),
      ...integer(boots),
      ...integer(time),
      ...octetString(Buffer.from(fields.userName ?? '', 'latin1')),
      ...octetString(digest),
      ...octetString(fields.privOctets ?? priv?.salt ?? []),
    ];
    const fieldsOctets = [
      ...element(WIRE.Integer, integerOctets(3n)),
      ...element(WIRE.Sequence, global),
      ...octetString(element(WIRE.Sequence, security)),
    ];
    return element(WIRE.Sequence, [...fieldsOctets, ...data]);
  };
  if (fields.authOctets) return Uint8Array.from(build(fields.authOctets));
  if (!auth) return Uint8Array.from(build([]));
  const unsigned = build(new Array<number>(authLength).fill(0));
  return Uint8Array.from(build([...digestOf(auth, Uint8Array.from(unsigned))]));
}

function digestOf(auth: { name: AuthName; key: Uint8Array }, message: Uint8Array): Buffer {
  const { hash, digest } = AUTH[auth.name];
  return createHmac(hash, auth.key).update(message).digest().subarray(0, digest);
}

function cipherOf(name: PrivName, key: Uint8Array, boots: number, time: number, salt: Uint8Array) {
  if (name === 'DES') {
    const single = key.subarray(0, 8);
    const iv = salt.map((octet, i) => octet ^ key[8 + i]!);
    return { algorithm: 'des-ede3-cbc', key: Buffer.concat([single, single, single]), iv };
  }
  const iv = Buffer.concat([Buffer.alloc(8), salt]);
  iv.writeUInt32BE(boots, 0);
  iv.writeUInt32BE(time, 4);
  return { algorithm: `aes-${key.length * 8}-cfb`, key, iv };
}

function encrypt(
  { name, key, salt }: { name: PrivName; key: Uint8Array; salt: Uint8Array },
  boots: number,
  time: number,
  plain: Uint8Array,
): Buffer {
  const used = cipherOf(name, key, boots, time, salt);
  const cipher = createCipheriv(used.algorithm, used.key, used.iv).setAutoPadding(false);
  const padded = Buffer.alloc(name === 'DES' ? Math.ceil(plain.length / 8) * 8 : plain.length, 0xab);
  padded.set(plain);
  return Buffer.concat([cipher.update(padded), cipher.final()]);
}

/** A message taken apart. */
export interface V3Decoded {
  readonly messageId: number;
  readonly maxSize: number;
  readonly flags: number;
  readonly securityModel: number;
  readonly engineId: Uint8Array;
  readonly boots: number;
  readonly time: number;
  readonly userName: string;
  readonly digest: Uint8Array;
  readonly salt: Uint8Array;
  readonly contextEngineId: Uint8Array;
  readonly contextName: string;
  /** The PDU's elements: identifier, length and content. */
  readonly pdu: { readonly tag: number; readonly content: Uint8Array };
}

const number = (octets: Uint8Array): number =>
  octets.reduce((sum, octet, i) => (i === 0 && octet >= 0x80 ? octet - 256 : sum * 256 + octet), 0);

/**
 * Takes a message apart and checks its digest and every length; throws when anything is not as it has to be.
 * `auth` and `priv` are the keys to check and decrypt with.
 */
export function decodeV3(
  message: Uint8Array,
  auth?: { name: AuthName; key: Uint8Array },
  priv?: { name: PrivName; key: Uint8Array },
): V3Decoded {
  const [outer, ...behind] = elements(message, true);
  if (outer?.tag !== WIRE.Sequence || behind.length > 0) throw new Error('not one SEQUENCE');
  const [version, global, parameters, data, ...more] = elements(outer.content, true);
  if (number(version!.content) !== 3 || more.length > 0 || !data) throw new Error('not an SNMPv3 message');
  const [messageId, maxSize, flags, model] = elements(global!.content, true);
  const [security] = elements(parameters!.content, true);
  const [engineId, boots, time, userName, digest, salt] = elements(security!.content, true);
  if (auth) {
    const unsigned = Uint8Array.from(message);
    const at = digest!.content.byteOffset - message.byteOffset;
    unsigned.fill(0, at, at + digest!.content.length);
    const expected = digestOf(auth, unsigned);
    if (!expected.equals(digest!.content)) throw new Error('the digest is wrong');
  }
  let scoped = data;
  if (priv) {
    if (data.tag !== WIRE.OctetString) throw new Error('not encrypted');
    const used = cipherOf(priv.name, priv.key, number(boots!.content), number(time!.content), salt!.content);
    const cipher = createDecipheriv(used.algorithm, used.key, used.iv).setAutoPadding(false);
    const plain = Buffer.concat([cipher.update(data.content), cipher.final()]);
    // A SEQUENCE below 64 KiB; what follows it is padding.
    const head = plain[1]! < 0x80 ? 2 : 2 + (plain[1]! - 0x80);
    const length =
      plain[1]! < 0x80 ? plain[1]! : number(Buffer.concat([Buffer.of(0), plain.subarray(2, head)]));
    if (plain.length - head - length >= 8) throw new Error('more padding than a block');
    scoped = elements(plain.subarray(0, head + length), true)[0]!;
  }
  if (scoped.tag !== WIRE.Sequence) throw new Error('not a scoped PDU');
  const [contextEngineId, contextName, pdu, ...rest] = elements(scoped.content, true);
  if (!pdu || rest.length > 0) throw new Error('not three fields in a scoped PDU');
  return {
    messageId: number(messageId!.content),
    maxSize: number(maxSize!.content),
    flags: flags!.content[0]!,
    securityModel: number(model!.content),
    engineId: engineId!.content,
    boots: number(boots!.content),
    time: number(time!.content),
    userName: Buffer.from(userName!.content).toString('latin1'),
    digest: digest!.content,
    salt: salt!.content,
    contextEngineId: contextEngineId!.content,
    contextName: Buffer.from(contextName!.content).toString('latin1'),
    pdu,
  };
}

/** The one varbind of a Report: its name and its value. */
export function reportOf(decoded: V3Decoded): { requestId: number; name: number[]; value: number } {
  if (decoded.pdu.tag !== WIRE.report) throw new Error('not a Report');
  const [requestId, , , list] = elements(decoded.pdu.content, true);
  const [varbind] = elements(list!.content, true);
  const [name, counter] = elements(varbind!.content, true);
  if (counter!.tag !== WIRE.Counter32) throw new Error('not a Counter32');
  // Subidentifiers of all of these instances are below 128.
  const [root, ...others] = name!.content;
  const oid = [Math.floor(root! / 40), root! % 40, ...others];
  return { requestId: number(requestId!.content), name: oid, value: number(counter!.content) };
}
