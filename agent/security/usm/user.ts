import { SECURITY_LEVEL, type SecurityLevel } from '../../message/v3-constants.ts';
import { VirtsnmpError } from '../../util/errors.ts';
import type { Secret } from '../../util/secret.ts';
import type { AuthProtocol } from './auth-protocols.ts';
import { changedKey } from './key-change.ts';
import type { KeyDerivation, KeySource } from './keys.ts';
import type { PrivProtocol } from './priv-protocols.ts';

/** StorageType of a row (RFC 2579 section 2). */
export const STORAGE_TYPES = ['other', 'volatile', 'nonVolatile', 'permanent', 'readOnly'] as const;
export type StorageType = (typeof STORAGE_TYPES)[number];

/** The states that a row can be found in (RowStatus, RFC 2579 section 2). */
export const ROW_STATES = ['active', 'notInService', 'notReady'] as const;
export type RowState = (typeof ROW_STATES)[number];

/** How a user's messages are authenticated: protocol and key for the engine. */
export interface UserAuth {
  readonly protocol: AuthProtocol;
  /** `protocol.keyLength` octets. */
  readonly key: Secret;
}

/** How a user's messages are encrypted: protocol and key for the engine. */
export interface UserPriv {
  readonly protocol: PrivProtocol;
  /** `protocol.keyLength` octets. */
  readonly key: Secret;
}

/**
 * One row of usmUserTable (RFC 3414 section 5).
 *
 * It never changes: a change puts another in its place, so that the answer to the message that changed a key
 * still goes out under the old one (RFC 3414 section 3.1 step 1 a).
 */
export interface UsmUser {
  /** usmUserEngineID, 5 to 32 octets. */
  readonly engineId: Uint8Array;
  /** usmUserName, 1 to 32 octets of UTF-8. */
  readonly name: Uint8Array;
  /** usmUserSecurityName: the name that access control knows the user by. */
  readonly securityName: string;
  /** Absent: usmNoAuthProtocol. */
  readonly auth: UserAuth | undefined;
  /** Absent: usmNoPrivProtocol. Never present without `auth`. */
  readonly priv: UserPriv | undefined;
  /** usmUserPublic, 0 to 32 octets. */
  readonly publicValue: Uint8Array;
  readonly storage: StorageType;
  readonly status: RowState;
}

/** A user as it is configured. */
export interface UserConfig {
  /** 1 to 32 octets of UTF-8. */
  readonly name: string;
  readonly auth?: { readonly protocol: AuthProtocol; readonly key: KeySource };
  /** Needs `auth`, whose hash makes its key. */
  readonly priv?: { readonly protocol: PrivProtocol; readonly key: KeySource };
  readonly storage?: StorageType;
}

/** Longest user name, in octets. */
export const MAX_USER_NAME_LENGTH = 32;

/** Makes an active user of an engine, with localized keys. Throws CONFIG_INVALID. */
export function createUser(config: UserConfig, engineId: Uint8Array, keys: KeyDerivation): UsmUser {
  const name = Buffer.from(config.name, 'utf8');
  if (name.length === 0 || name.length > MAX_USER_NAME_LENGTH) {
    throw new VirtsnmpError(
      'CONFIG_INVALID',
      `a user name has 1 to ${MAX_USER_NAME_LENGTH} octets, and '${config.name}' has ${name.length}`,
    );
  }
  const { auth, priv } = config;
  if (priv && !auth) {
    throw new VirtsnmpError(
      'CONFIG_INVALID',
      `user '${config.name}' has a privacy protocol, which needs an authentication protocol too`,
    );
  }
  return {
    engineId: Uint8Array.from(engineId),
    name,
    securityName: config.name,
    auth: auth && { protocol: auth.protocol, key: keys.authKey(auth.protocol, auth.key, engineId) },
    priv: auth &&
      priv && {
        protocol: priv.protocol,
        key: keys.privKey(auth.protocol, priv.protocol, priv.key, engineId),
      },
    publicValue: new Uint8Array(0),
    storage: config.storage ?? 'nonVolatile',
    status: 'active',
  };
}

/** The highest security level that a user's protocols allow. */
export function highestLevel(user: UsmUser): SecurityLevel {
  if (!user.auth) return SECURITY_LEVEL.noAuthNoPriv;
  return user.priv ? SECURITY_LEVEL.authPriv : SECURITY_LEVEL.authNoPriv;
}

/** A user with the protocols and keys of another one: what a write to usmUserCloneFrom does (RFC 3414 section 5). */
export function clonedFrom(user: UsmUser, template: UsmUser): UsmUser {
  return { ...user, auth: template.auth, priv: template.priv };
}

/**
 * A user after a write to usmUserAuthKeyChange or usmUserOwnAuthKeyChange.
 * `undefined` when there is no key to change or the value has a wrong length.
 */
export function withAuthKeyChange(user: UsmUser, value: Uint8Array): UsmUser | undefined {
  const { auth } = user;
  const key = auth && changedKey(auth.protocol.hash, auth.key, value);
  return key && { ...user, auth: { protocol: auth.protocol, key } };
}

/** The same for usmUserPrivKeyChange: the hash is that of the authentication protocol (RFC 3414 section 5). */
export function withPrivKeyChange(user: UsmUser, value: Uint8Array): UsmUser | undefined {
  const { auth, priv } = user;
  const key = auth && priv && changedKey(auth.protocol.hash, priv.key, value);
  return key && { ...user, priv: { protocol: priv.protocol, key } };
}
