import { VirtsnmpError } from '../../util/errors.ts';
import { formatOid, parseOid } from '../../util/oid.ts';
import { Secret } from '../../util/secret.ts';
import { authProtocolByOid } from './auth-protocols.ts';
import { privProtocolByOid } from './priv-protocols.ts';
import { ROW_STATES, type RowState, STORAGE_TYPES, type StorageType, type UsmUser } from './user.ts';

/** Users that one table holds at most; another one is refused. */
export const MAX_USERS = 10_000;

/** TestAndIncr returns to 0 behind this value (RFC 2579 section 2). */
const MAX_SPIN_LOCK = 0x7fff_ffff;

/** A protocol and a key as text: the identity in dotted decimal, the key in hexadecimal. */
export interface StoredKey {
  readonly protocol: string;
  readonly key: string;
}

/** One user as it is stored. It holds keys: only for a file that its owner alone can read. */
export interface StoredUser {
  /** Hexadecimal. */
  readonly engineId: string;
  /** Hexadecimal. */
  readonly name: string;
  readonly securityName: string;
  readonly auth?: StoredKey | undefined;
  readonly priv?: StoredKey | undefined;
  /** Hexadecimal. */
  readonly publicValue: string;
  readonly storage: StorageType;
  readonly status: RowState;
}

/**
 * The users of an engine: usmUserTable and usmUserSpinLock (RFC 3414 section 5).
 * BOUNDED by {@link MAX_USERS}.
 */
export class UserTable {
  /** By engine ID and name, both as latin1 text, with the length of the first before it. */
  readonly #users = new Map<string, UsmUser>();
  #sorted: readonly UsmUser[] | undefined;
  #version = 0;
  #spinLock = 0;

  /** Grows with every change to a row, so that others notice. */
  get version(): number {
    return this.#version;
  }

  get size(): number {
    return this.#users.size;
  }

  /** The value of usmUserSpinLock. */
  get spinLock(): number {
    return this.#spinLock;
  }

  /** A row in any state. */
  get(engineId: Uint8Array, name: Uint8Array): UsmUser | undefined {
    return this.#users.get(rowKey(engineId, name));
  }

  /** The user that a message may use: its row must be active. */
  find(engineId: Uint8Array, name: Uint8Array): UsmUser | undefined {
    const user = this.get(engineId, name);
    return user?.status === 'active' ? user : undefined;
  }

  /** Puts a row where there may be one of the same index. False when the table is full. */
  set(user: UsmUser): boolean {
    const key = rowKey(user.engineId, user.name);
    const isNew = !this.#users.has(key);
    if (isNew && this.#users.size >= MAX_USERS) return false;
    this.#users.set(key, user);
    this.#changed();
    return true;
  }

  /** Removes a row; false when there is none. */
  remove(engineId: Uint8Array, name: Uint8Array): boolean {
    const removed = this.#users.delete(rowKey(engineId, name));
    if (removed) this.#changed();
    return removed;
  }

  /** All rows in the order of their index: both parts carry their length first (RFC 2578 section 7.7). */
  rows(): readonly UsmUser[] {
    this.#sorted ??= [...this.#users.values()].sort(
      (a, b) => compareIndexPart(a.engineId, b.engineId) || compareIndexPart(a.name, b.name),
    );
    return this.#sorted;
  }

  /** A write to usmUserSpinLock: false, and nothing done, when `value` is not the one it has (TestAndIncr). */
  advanceSpinLock(value: number): boolean {
    if (value !== this.#spinLock) return false;
    this.#spinLock = value === MAX_SPIN_LOCK ? 0 : value + 1;
    return true;
  }

  /** Takes an earlier value of usmUserSpinLock back, 0 to 2^31-1: for undoing a SET and for a restart. */
  setSpinLock(value: number): void {
    this.#spinLock = value;
  }

  /** All rows as text with their keys, but volatile ones unless `all` (StorageType, RFC 2579 section 2). */
  snapshot(all = false): StoredUser[] {
    return this.rows()
      .filter(({ storage }) => all || (storage !== 'volatile' && storage !== 'other'))
      .map(storedUser);
  }

  /** Replaces all rows by stored ones. Throws STATE_FAILED, with the table left as it was. */
  restore(stored: readonly StoredUser[]): void {
    if (stored.length > MAX_USERS) {
      throw new VirtsnmpError('STATE_FAILED', `${stored.length} stored users: at most ${MAX_USERS} fit`);
    }
    const users = stored.map(userFromStored);
    this.#users.clear();
    for (const user of users) this.#users.set(rowKey(user.engineId, user.name), user);
    this.#changed();
  }

  #changed(): void {
    this.#sorted = undefined;
    this.#version++;
  }
}

function rowKey(engineId: Uint8Array, name: Uint8Array): string {
  return `${engineId.length} ${latin1(engineId)}${latin1(name)}`;
}

function latin1(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('latin1');
}

function compareIndexPart(a: Uint8Array, b: Uint8Array): number {
  return a.length - b.length || Buffer.compare(a, b);
}

function storedUser(user: UsmUser): StoredUser {
  return {
    engineId: hex(user.engineId),
    name: hex(user.name),
    securityName: user.securityName,
    auth: user.auth && { protocol: formatOid(user.auth.protocol.oid), key: hex(user.auth.key.reveal()) },
    priv: user.priv && { protocol: formatOid(user.priv.protocol.oid), key: hex(user.priv.key.reveal()) },
    publicValue: hex(user.publicValue),
    storage: user.storage,
    status: user.status,
  };
}

function userFromStored(stored: StoredUser, index: number): UsmUser {
  const refuse = (what: string): never => {
    throw new VirtsnmpError('STATE_FAILED', `stored user ${index}: ${what}`);
  };
  const octets = (field: 'engineId' | 'name' | 'publicValue', least: number) => {
    const text = stored[field];
    if (typeof text !== 'string' || !/^(?:[\da-f]{2})*$/.test(text)) {
      return refuse(`${field} is not hexadecimal octets`);
    }
    const length = text.length / 2;
    if (length < least || length > 32) return refuse(`${field} has ${length} octets, not ${least} to 32`);
    return Uint8Array.from(Buffer.from(text, 'hex'));
  };
  const user = {
    engineId: octets('engineId', 5),
    name: octets('name', 1),
    publicValue: octets('publicValue', 0),
    securityName: stored.securityName,
    auth: storedKey(stored.auth, authProtocolByOid, () => refuse('auth is not a known protocol and its key')),
    priv: storedKey(stored.priv, privProtocolByOid, () => refuse('priv is not a known protocol and its key')),
    storage: stored.storage,
    status: stored.status,
  };
  if (typeof user.securityName !== 'string') refuse('securityName is not text');
  if (user.priv && !user.auth) refuse('priv without auth');
  if (!STORAGE_TYPES.includes(user.storage)) refuse('storage is not a storage type');
  if (!ROW_STATES.includes(user.status)) refuse('status is not the state of a row');
  return user;
}

function storedKey<P extends { readonly keyLength: number }>(
  stored: StoredKey | undefined,
  byOid: (oid: readonly number[]) => P | undefined,
  refuse: () => never,
): { protocol: P; key: Secret } | undefined {
  if (stored === undefined) return undefined;
  const protocol = byOid(parseOid(String(stored.protocol)) ?? []);
  const { key } = stored;
  if (
    !protocol ||
    typeof key !== 'string' ||
    !/^[\da-f]*$/.test(key) ||
    key.length !== 2 * protocol.keyLength
  ) {
    return refuse();
  }
  return { protocol, key: new Secret(Buffer.from(key, 'hex')) };
}

function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}
