import { createHash, createHmac, randomBytes } from 'node:crypto';
import { VirtsnmpError } from '../../util/errors.ts';
import { Secret } from '../../util/secret.ts';
import type { AuthProtocol } from './auth-protocols.ts';
import type { PrivProtocol } from './priv-protocols.ts';

/** What a user's key is made from: a password, or the key itself for this one engine, in hexadecimal. */
export type KeySource = { readonly password: string } | { readonly localizedKey: string };

/** Shortest password, in characters: RFC 3414 section 11.2 asks for at least 8. */
export const MIN_PASSWORD_LENGTH = 8;

/** Octets that the password is repeated to (RFC 3414 section 2.6). */
const EXPANDED_LENGTH = 1_048_576;

/** About how many octets are hashed at a time. */
const CHUNK_LENGTH = 16_384;

/** Passwords whose keys are remembered, and keys for one engine; the oldest is forgotten when full. */
const MAX_MASTER_KEYS = 256;
const MAX_LOCALIZED_KEYS = 4096;

/**
 * The key of a password before localization, Ku (RFC 3414 appendix A.2, RFC 7860 section 9.3).
 *
 * Hashes 1 MiB: some milliseconds. The password's octets must not be empty.
 */
export function passwordToKey(hash: string, password: Uint8Array): Buffer {
  if (password.length === 0) throw new RangeError('a password has at least one octet');
  // A whole number of repetitions, so that every chunk begins with the password's first octet.
  const chunk = Buffer.alloc(Math.ceil(CHUNK_LENGTH / password.length) * password.length, password);
  const digest = createHash(hash);
  let left = EXPANDED_LENGTH;
  for (; left >= chunk.length; left -= chunk.length) digest.update(chunk);
  return digest.update(chunk.subarray(0, left)).digest();
}

/** The key of one user at one engine, Kul (RFC 3414 section 2.6). */
export function localizeKey(hash: string, masterKey: Uint8Array, engineId: Uint8Array): Buffer {
  return createHash(hash).update(masterKey).update(engineId).update(masterKey).digest();
}

/**
 * Makes a localized key `length` octets long: cuts it, or extends it as the privacy protocol says.
 *
 * Blumenthal appends the hash of all octets so far; Reeder appends the localized key of the last one taken as a
 * password, which hashes 1 MiB each time.
 */
export function fitKey(
  auth: AuthProtocol,
  priv: Pick<PrivProtocol, 'keyExtension' | 'keyLength'>,
  localized: Uint8Array,
  engineId: Uint8Array,
): Buffer {
  let key = Buffer.from(localized);
  let last: Uint8Array = key;
  while (key.length < priv.keyLength) {
    if (priv.keyExtension === 'reeder') {
      last = localizeKey(auth.hash, passwordToKey(auth.hash, last), engineId);
    } else {
      last = createHash(auth.hash).update(key).digest();
    }
    key = Buffer.concat([key, last]);
  }
  return key.subarray(0, priv.keyLength);
}

/**
 * Makes the keys of users and remembers them, since agents of one process share users.
 *
 * What is remembered is found by a keyed hash, so that no password stays here.
 */
export class KeyDerivation {
  readonly #lookup = randomBytes(32);
  /** BOUNDED by MAX_MASTER_KEYS. */
  readonly #masterKeys = new Map<string, Secret>();
  /** BOUNDED by MAX_LOCALIZED_KEYS. */
  readonly #localizedKeys = new Map<string, Secret>();
  #derivations = 0;

  /** How many passwords were hashed so far, for tests and statistics. */
  get derivations(): number {
    return this.#derivations;
  }

  /** The authentication key at an engine. Throws CONFIG_INVALID. */
  authKey(auth: AuthProtocol, source: KeySource, engineId: Uint8Array): Secret {
    if ('localizedKey' in source) return hexKey(source.localizedKey, auth.keyLength, auth.name);
    return this.#fromPassword(auth, undefined, source.password, engineId);
  }

  /** The privacy key at an engine; `auth` gives the hash (RFC 3414 section 2.6). Throws CONFIG_INVALID. */
  privKey(auth: AuthProtocol, priv: PrivProtocol, source: KeySource, engineId: Uint8Array): Secret {
    if ('localizedKey' in source) return hexKey(source.localizedKey, priv.keyLength, priv.name);
    return this.#fromPassword(auth, priv, source.password, engineId);
  }

  #fromPassword(
    auth: AuthProtocol,
    priv: PrivProtocol | undefined,
    password: string,
    engineId: Uint8Array,
  ): Secret {
    // RFC 3414 section 11.2 counts characters, while the algorithm takes octets.
    const characters = [...password].length;
    if (characters < MIN_PASSWORD_LENGTH) {
      throw new VirtsnmpError(
        'CONFIG_INVALID',
        `a password of ${characters} characters is too short for SNMPv3: it takes at least ${MIN_PASSWORD_LENGTH}`,
      );
    }
    const octets = Buffer.from(password, 'utf8');
    const masterId = this.#id(auth.name, octets);
    const engine = Buffer.from(engineId).toString('hex');
    const localizedId = `${masterId} ${priv?.keyExtension} ${priv?.keyLength} ${engine}`;
    return remembered(this.#localizedKeys, MAX_LOCALIZED_KEYS, localizedId, () => {
      const master = remembered(this.#masterKeys, MAX_MASTER_KEYS, masterId, () => {
        this.#derivations++;
        return passwordToKey(auth.hash, octets);
      });
      const localized = localizeKey(auth.hash, master.reveal(), engineId);
      return priv ? fitKey(auth, priv, localized, engineId) : localized;
    });
  }

  #id(name: string, octets: Uint8Array): string {
    return createHmac('sha256', this.#lookup).update(`${name} `).update(octets).digest('hex');
  }
}

/** A map's entry, made when it is absent; the entry that was made first gives way when the map is full. */
function remembered(map: Map<string, Secret>, limit: number, id: string, make: () => Uint8Array): Secret {
  const known = map.get(id);
  if (known) return known;
  const made = new Secret(make());
  if (map.size >= limit) map.delete(map.keys().next().value!);
  map.set(id, made);
  return made;
}

function hexKey(text: string, length: number, protocol: string): Secret {
  const digits = text.replace(/^0x/i, '').replaceAll(/[\s:]/g, '');
  // The text is a key: it must not appear in the message.
  if (!/^(?:[\da-f]{2})*$/i.test(digits)) {
    throw new VirtsnmpError('CONFIG_INVALID', `a localized key for ${protocol} must be hexadecimal octets`);
  }
  if (digits.length !== length * 2) {
    throw new VirtsnmpError(
      'CONFIG_INVALID',
      `a localized key for ${protocol} has ${length} octets, and this one ${digits.length / 2}`,
    );
  }
  return new Secret(Buffer.from(digits, 'hex'));
}
