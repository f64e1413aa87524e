import { createHash } from 'node:crypto';
import { SECURITY_LEVEL, type SecurityLevel } from '../../message/v3-constants.ts';
import { type ManagedRow, ROW_STATUS, STORAGE_TYPE, type StorageType } from '../../mib/managed-table.ts';
import { VirtsnmpError } from '../../util/errors.ts';
import { Secret } from '../../util/secret.ts';
import type { AuthProtocol } from './auth-protocols.ts';
import { changedKey } from './key-change.ts';
import type { KeyDerivation, KeySource } from './keys.ts';
import type { PrivProtocol } from './priv-protocols.ts';

/** How a user's messages are authenticated: protocol and key for the engine. */
export interface UserAuth {
  readonly protocol: AuthProtocol;
  /** `protocol.keyLength` octets; none as long as the row is not cloned. */
  readonly key: Secret;
}

/** How a user's messages are encrypted: protocol and key for the engine. */
export interface UserPriv {
  readonly protocol: PrivProtocol;
  /** `protocol.keyLength` octets; none as long as the row is not cloned. */
  readonly key: Secret;
}

/**
 * One row of usmUserTable (RFC 3414 section 5).
 *
 * It never changes: a change puts another in its place, so that the answer to the message that changed a key
 * still goes out under the old one (RFC 3414 section 3.1 step 1 a).
 */
export interface UsmUser extends ManagedRow {
  /** usmUserEngineID, 5 to 32 octets. */
  readonly engineId: Uint8Array;
  /** usmUserName, 1 to 32 octets of UTF-8. */
  readonly name: Uint8Array;
  /** usmUserSecurityName: the name that access control knows the user by, which is `name` as text. */
  readonly securityName: string;
  /** Absent: usmNoAuthProtocol. */
  readonly auth: UserAuth | undefined;
  /** Absent: usmNoPrivProtocol. Never present without `auth`. */
  readonly priv: UserPriv | undefined;
  /** usmUserPublic, 0 to 32 octets. */
  readonly publicValue: Uint8Array;
  /** Whether protocols and keys are settled, as a configured or a cloned user's are: what it takes to be active. */
  readonly isCloned: boolean;
  /**
   * A fingerprint of the configuration's entry that the user comes from, which stays while managers change it;
   * absent for a user that a manager has made.
   */
  readonly origin: Secret | undefined;
}

/** A user as it is configured. */
export interface UserConfig {
  /** 1 to 32 octets of UTF-8. */
  readonly name: string;
  readonly auth?: { readonly protocol: AuthProtocol; readonly key: KeySource };
  /** Needs `auth`, whose hash makes its key. */
  readonly priv?: { readonly protocol: PrivProtocol; readonly key: KeySource };
  readonly storageType?: StorageType;
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
  const protection = {
    auth: auth && { protocol: auth.protocol, key: keys.authKey(auth.protocol, auth.key, engineId) },
    priv: auth &&
      priv && {
        protocol: priv.protocol,
        key: keys.privKey(auth.protocol, priv.protocol, priv.key, engineId),
      },
  };
  return {
    engineId: Uint8Array.from(engineId),
    name,
    securityName: config.name,
    ...protection,
    publicValue: new Uint8Array(0),
    isCloned: true,
    origin: fingerprint(protection),
    storageType: config.storageType ?? STORAGE_TYPE.nonVolatile,
    status: ROW_STATUS.active,
  };
}

/** Tells one configuration of protocols and keys from another. It would tell a guessed password, so it is a secret. */
function fingerprint({ auth, priv }: Pick<UsmUser, 'auth' | 'priv'>): Secret {
  const hash = createHash('sha256');
  for (const part of [auth, priv]) {
    if (part) hash.update(`${part.protocol.name} ${part.key.length} `).update(part.key.reveal());
  }
  return new Secret(hash.digest());
}

/** The highest security level that a user's protocols allow. */
export function highestLevel(user: UsmUser): SecurityLevel {
  if (!user.auth) return SECURITY_LEVEL.noAuthNoPriv;
  return user.priv ? SECURITY_LEVEL.authPriv : SECURITY_LEVEL.authNoPriv;
}

/** A user with the protocols and keys of another one: what a write to usmUserCloneFrom does (RFC 3414 section 5). */
export function clonedFrom(user: UsmUser, template: UsmUser): UsmUser {
  return { ...user, auth: template.auth, priv: template.priv, isCloned: true };
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
