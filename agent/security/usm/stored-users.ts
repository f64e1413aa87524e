import { type RowState, STORAGE_TYPE, type StorageType } from '../../mib/managed-table.ts';
import { VirtsnmpError } from '../../util/errors.ts';
import { formatOid, parseOid } from '../../util/oid.ts';
import { Secret } from '../../util/secret.ts';
import { authProtocolByOid } from './auth-protocols.ts';
import { privProtocolByOid } from './priv-protocols.ts';
import { MAX_USER_NAME_LENGTH, type UsmUser } from './user.ts';
import { ENGINE_ID_LENGTH, USER_RULES, userIndex } from './user-rules.ts';

/** Octets of usmUserPublic at most. */
const MAX_PUBLIC_LENGTH = 32;
/** Octets of a fingerprint. */
const ORIGIN_LENGTH = 32;

/** A protocol and a key as text: the identity in dotted decimal, the key in hexadecimal. */
interface StoredKey {
  readonly protocol: string;
  readonly key: string;
}

/** One user as it is stored. It holds keys: only for a file that its owner alone can read. */
export interface StoredUser {
  /** Hexadecimal, as are the name, the public value and the origin. */
  readonly engineId: string;
  readonly name: string;
  readonly auth?: StoredKey;
  readonly priv?: StoredKey;
  readonly publicValue: string;
  readonly isCloned: boolean;
  readonly origin?: string;
  readonly storageType: StorageType;
  readonly status: RowState;
}

/** A user as plain JSON, with its keys. */
export function storedUser(user: UsmUser): StoredUser {
  const { auth, priv, origin } = user;
  return {
    engineId: hex(user.engineId),
    name: hex(user.name),
    ...(auth && { auth: storedKey(auth) }),
    ...(priv && { priv: storedKey(priv) }),
    publicValue: hex(user.publicValue),
    isCloned: user.isCloned,
    ...(origin && { origin: hex(origin.reveal()) }),
    storageType: user.storageType,
    status: user.status,
  };
}

/** Reads users that came out of a file. Throws STATE_FAILED with the first thing that is wrong in it. */
export function parseStoredUsers(stored: unknown): UsmUser[] {
  if (!Array.isArray(stored)) throw failed('the stored users are not a list');
  return stored.map(parseUser);
}

function parseUser(stored: unknown, at: number): UsmUser {
  const refuse = (what: string): never => {
    throw failed(`stored user ${at + 1}: ${what}`);
  };
  if (typeof stored !== 'object' || stored === null) return refuse('it is not an object');
  const fields = stored as Record<string, unknown>;
  const octets = (field: keyof StoredUser, min: number, max: number): Uint8Array => {
    const value = octetsOf(fields[field]);
    if (!value) return refuse(`${field} is not hexadecimal octets`);
    if (value.length >= min && value.length <= max) return value;
    return refuse(`${field} has ${value.length} octets, not ${min} to ${max}`);
  };
  const engineId = octets('engineId', ENGINE_ID_LENGTH.min, ENGINE_ID_LENGTH.max);
  const name = octets('name', 1, MAX_USER_NAME_LENGTH);
  const blank = USER_RULES.create(userIndex(engineId, name)) ?? refuse('name is not UTF-8');
  const { isCloned, storageType, status } = fields;
  if (typeof isCloned !== 'boolean') return refuse('isCloned is not true or false');
  const auth = keyOf(fields['auth'], isCloned, authProtocolByOid);
  if (auth === 'wrong') return refuse('auth is not a known protocol and its key');
  const priv = keyOf(fields['priv'], isCloned, privProtocolByOid);
  if (priv === 'wrong') return refuse('priv is not a known protocol and its key');
  if (priv && !auth) return refuse('priv without auth');
  if (!isStorageType(storageType)) return refuse('storageType is not a storage type');
  // 1 and 2 are for rows that have all it takes (RFC 2579, RowStatus).
  if (!(isCloned ? status === 1 || status === 2 : status === 3)) {
    return refuse('status is not the state of such a row');
  }
  const publicValue = octets('publicValue', 0, MAX_PUBLIC_LENGTH);
  const origin =
    fields['origin'] === undefined ? undefined : new Secret(octets('origin', ORIGIN_LENGTH, ORIGIN_LENGTH));
  return { ...blank, auth, priv, publicValue, isCloned, origin, storageType, status: status as RowState };
}

/** A protocol with its key; without one as long as the row is not cloned. */
function keyOf<P extends { readonly keyLength: number }>(
  stored: unknown,
  isCloned: boolean,
  byOid: (oid: readonly number[]) => P | undefined,
): { protocol: P; key: Secret } | undefined | 'wrong' {
  if (stored === undefined) return undefined;
  if (typeof stored !== 'object' || stored === null) return 'wrong';
  const { protocol: identity, key } = stored as Partial<Record<keyof StoredKey, unknown>>;
  const protocol = byOid(parseOid(String(identity)) ?? []);
  const octets = octetsOf(key);
  if (!protocol || octets?.length !== (isCloned ? protocol.keyLength : 0)) return 'wrong';
  return { protocol, key: new Secret(octets) };
}

function storedKey({
  protocol,
  key,
}: NonNullable<UsmUser['auth']> | NonNullable<UsmUser['priv']>): StoredKey {
  return { protocol: formatOid(protocol.oid), key: hex(key.reveal()) };
}

function isStorageType(value: unknown): value is StorageType {
  return (Object.values(STORAGE_TYPE) as unknown[]).includes(value);
}

function octetsOf(text: unknown): Uint8Array | undefined {
  if (typeof text !== 'string' || !/^(?:[\da-f]{2})*$/.test(text)) return undefined;
  return Uint8Array.from(Buffer.from(text, 'hex'));
}

function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}

function failed(what: string): VirtsnmpError {
  return new VirtsnmpError('STATE_FAILED', what);
}
