import { z } from 'zod';
import { choice, type OptionInfo, option, section, text } from './fields.ts';
import { type ModuleSelection, moduleSelection } from './modules.ts';

/** Octets of a localized key of each authentication protocol, by Net-SNMP's name (RFC 3414, RFC 7860). */
export const AUTH_KEY_OCTETS = {
  MD5: 16,
  SHA: 20,
  'SHA-224': 28,
  'SHA-256': 32,
  'SHA-384': 48,
  'SHA-512': 64,
} as const;

/** Octets of a localized key of each privacy protocol, by Net-SNMP's name; `-C` extends keys as Reeder does. */
export const PRIV_KEY_OCTETS = {
  DES: 16,
  'AES-128': 16,
  'AES-192': 24,
  'AES-256': 32,
  'AES-192-C': 24,
  'AES-256-C': 32,
} as const;

/** What a user may be allowed: presets of access control, from least to most. */
export const USER_ACCESS = ['read-only', 'operator', 'admin'] as const;
/** Security levels (RFC 3411 section 3.4.3), from least to most. */
export const SECURITY_LEVELS = ['noAuthNoPriv', 'authNoPriv', 'authPriv'] as const;
/** Shortest password, in characters (RFC 3414 section 11.2). */
const MIN_PASSWORD_LENGTH = 8;
const MAX_PASSWORD_OCTETS = 255;
const MAX_USERS = 1000;

/** What a password must be, as it follows "expected". */
export const PASSWORD = `text of at least ${MIN_PASSWORD_LENGTH} characters and at most ${MAX_PASSWORD_OCTETS} octets, without control characters`;

/** The schema of a password. */
export const password = text(1, MAX_PASSWORD_OCTETS, PASSWORD).refine(
  (value) => [...value].length >= MIN_PASSWORD_LENGTH,
  { error: PASSWORD },
);

/** What the key of a user is made from. A secret: never to be logged. */
export interface UserSecret {
  /** A password of at least 8 characters, or hexadecimal digits of the key for this one engine. */
  readonly kind: 'password' | 'localizedKey';
  readonly value: string;
}

/** How messages of a user are authenticated, or encrypted. */
export interface UserProtection<Protocol extends string, Secret = UserSecret> {
  readonly protocol: Protocol;
  readonly secret: Secret;
}

/** A user of SNMPv3; `S` is what stands for its keys. */
export interface UserConfig<S = UserSecret> {
  /** 1 to 32 octets of UTF-8, unique. */
  readonly name: string;
  readonly access: (typeof USER_ACCESS)[number];
  /** The least security level that the user's messages must have. */
  readonly level: (typeof SECURITY_LEVELS)[number];
  readonly auth?: UserProtection<keyof typeof AUTH_KEY_OCTETS, S>;
  /** Only beside `auth`. */
  readonly priv?: UserProtection<keyof typeof PRIV_KEY_OCTETS, S>;
  /** Which modules the user sees; all that `access` lets be seen when absent. */
  readonly modules?: ModuleSelection;
}

/** The key of a user as the file gives it: possibly by the path of another file that has the password. */
export type SecretSource = UserSecret | { readonly kind: 'passwordFile'; readonly value: string };

const KEY_SOURCES = ['password', 'passwordFile', 'localizedKey'] as const;
const HEXADECIMAL = /^(0x)?([0-9a-f]{2})+$/i;

/** Protocol and key. Text that is in the wrong place in it may be a password, so no message shows any. */
function protection<const T extends Readonly<Record<string, number>>>(
  keyOctets: T,
  fallback: keyof T & string,
  about: string,
) {
  type Protocol = keyof T & string;
  const protocols = Object.keys(keyOctets) as [Protocol, ...Protocol[]];
  const hex = 'hexadecimal digits in pairs, in quotes';
  return section({
    protocol: option(choice(protocols).prefault(fallback as never), {
      about,
      expected: `one of ${protocols.join(', ')}`,
    }),
    password: option(password.optional(), {
      about: 'Password that the key is made from.',
      expected: PASSWORD,
      defaultText: 'none',
      secret: true,
      env: true,
    }),
    passwordFile: option(text(1, 4096).optional(), {
      about: 'File with the password; one line end at its end is not part of it.',
      expected: 'a path',
      defaultText: 'none',
      env: true,
    }),
    localizedKey: option(z.string({ error: hex }).regex(HEXADECIMAL, { error: hex }).optional(), {
      about: "The key itself, localized to this agent's engine ID (RFC 3414 section 2.6).",
      expected: "hexadecimal digits, as many as the protocol's key takes",
      defaultText: 'none',
      secret: true,
      env: true,
    }),
  })
    .superRefine((given, context) => {
      const sources = KEY_SOURCES.filter((source) => given[source] !== undefined);
      const issue = (path: string[], message: string) =>
        context.addIssue({ code: 'custom', path, message, params: { whole: true } });
      if (sources.length === 0) issue([], `has no key; expected one of ${KEY_SOURCES.join(', ')}`);
      for (const source of sources.slice(1)) {
        issue(
          [source],
          `a second key beside ${sources[0]}; expected exactly one of ${KEY_SOURCES.join(', ')}`,
        );
      }
      const digits = given.localizedKey?.replace(/^0x/i, '').length;
      const octets = keyOctets[given.protocol as Protocol]!;
      if (digits !== undefined && digits !== octets * 2) {
        const message = `a key of ${digits / 2} octets; expected ${octets} (${octets * 2} digits), which ${given.protocol} takes`;
        issue(['localizedKey'], message);
      }
    })
    .transform((given): UserProtection<Protocol, SecretSource> => {
      const kind = KEY_SOURCES.find((source) => given[source] !== undefined)!;
      const value = given[kind]!;
      const plain = kind === 'localizedKey' ? value.replace(/^0x/i, '').toLowerCase() : value;
      return { protocol: given.protocol as Protocol, secret: { kind, value: plain } };
    });
}

/** A group in which text may be a secret, wherever it stands. */
function secretGroup(about: string): OptionInfo {
  return { about, expected: 'a group of options', defaultText: 'none', secret: true };
}

const user = section({
  name: option(text(1, 32), { about: 'Name, which is sent in clear.', expected: 'text of 1 to 32 octets' }),
  access: option(choice(USER_ACCESS).default('read-only'), {
    about: 'What the user may do.',
    expected: `one of ${USER_ACCESS.join(', ')}`,
  }),
  level: option(choice(SECURITY_LEVELS).default('authPriv'), {
    about: "The least security level that the user's messages must have.",
    expected: `one of ${SECURITY_LEVELS.join(', ')}`,
  }),
  auth: option(
    protection(AUTH_KEY_OCTETS, 'SHA-256', 'Hash of the authentication.').optional(),
    secretGroup('How messages are authenticated.'),
  ),
  priv: option(
    protection(PRIV_KEY_OCTETS, 'AES-128', 'Cipher.').optional(),
    secretGroup('How messages are encrypted; needs `auth`.'),
  ),
  modules: moduleSelection(),
})
  .superRefine(({ level, auth, priv }, context) => {
    const issue = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message, params: { whole: true } });
    if (priv !== undefined && auth === undefined) {
      issue(
        'priv',
        'there is no auth, which encryption needs (RFC 3414 section 1.4.3); expected auth beside it',
      );
      return;
    }
    const missing = level !== 'noAuthNoPriv' && auth === undefined ? ['auth'] : [];
    if (level === 'authPriv' && priv === undefined) missing.push('priv');
    if (missing.length === 0) return;
    const reachable = auth === undefined ? 'noAuthNoPriv' : 'authNoPriv';
    const message = `${level} cannot be reached without ${missing.join(' and ')}; expected ${missing.length === 1 ? 'it' : 'both'}, or level: ${reachable}`;
    issue('level', message);
  })
  .transform(
    ({ auth, priv, modules, ...rest }): UserConfig<SecretSource> => ({
      ...rest,
      ...(auth === undefined ? {} : { auth }),
      ...(priv === undefined ? {} : { priv }),
      ...(modules === undefined ? {} : { modules }),
    }),
  );

/** The section `users`. */
export const users = option(
  z
    .array(user, { error: 'a list of users, each with a name' })
    .max(MAX_USERS, { error: `a list of at most ${MAX_USERS} users` })
    .default([]),
  { about: 'Who may use SNMPv3.', expected: 'a list of users' },
);
