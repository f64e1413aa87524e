import { nearest } from '../../config/nearest.ts';
import { readPassword } from '../../config/password-file.ts';
import { VERSION } from '../../message/constants.ts';
import { SECURITY_LEVEL, type SecurityLevel } from '../../message/v3-constants.ts';
import { AUTH_PROTOCOLS, type AuthProtocol, authProtocolByName } from '../../security/usm/auth-protocols.ts';
import { type KeySource, MIN_PASSWORD_LENGTH } from '../../security/usm/keys.ts';
import { PRIV_PROTOCOLS, type PrivProtocol, privProtocolByName } from '../../security/usm/priv-protocols.ts';
import { MAX_USER_NAME_LENGTH } from '../../security/usm/user.ts';
import type { DoctorFlags, Environment, Problem } from './flag-types.ts';
import { printable } from './pdu-answer.ts';
import type { V3Security } from './request.ts';
import { LEVEL_NAMES } from './v3-findings.ts';

/** Reads the flags about the user of SNMPv3; `remarks` are about what is no problem and yet may be meant otherwise. */
export function readUser(
  flags: DoctorFlags,
  env: Environment,
  problem: Problem,
  remarks: string[],
): V3Security | undefined {
  const { user: userName = '' } = flags;
  const octets = Buffer.byteLength(userName);
  if (octets === 0) problem('-v3 needs a user', 'Give its name with -u.');
  if (octets > MAX_USER_NAME_LENGTH) {
    problem(
      `the user's name has ${octets} octets`,
      `A user name has at most ${MAX_USER_NAME_LENGTH} octets.`,
    );
  }
  const level = readLevel(flags.level, problem);
  const authKey = readKey('auth', flags, env, problem);
  const privKey = readKey('priv', flags, env, problem);
  const auth = readProtection('auth', flags.authProtocol, authKey, authProtocol, problem, remarks);
  const priv = readProtection('priv', flags.privProtocol, privKey, privProtocol, problem, remarks);
  if (level !== undefined) checkLevel(level, flags, { auth: authKey, priv: privKey }, env, problem, remarks);
  const engineId = readHex(flags.engineId, '-e', problem);
  const contextEngineId = readHex(flags.contextEngineId, '-E', problem);
  if (level === undefined) return undefined;
  return {
    version: VERSION.V3,
    userName,
    level,
    ...(auth && { auth }),
    ...(auth && priv && { priv }),
    contextName: flags.context ?? '',
    ...(engineId && { engineId }),
    ...(contextEngineId && { contextEngineId }),
  };
}

/** The levels by the names that `-l` takes. */
const LEVELS: Readonly<Record<string, SecurityLevel>> = {
  noauthnopriv: SECURITY_LEVEL.noAuthNoPriv,
  nanp: SECURITY_LEVEL.noAuthNoPriv,
  authnopriv: SECURITY_LEVEL.authNoPriv,
  anp: SECURITY_LEVEL.authNoPriv,
  authpriv: SECURITY_LEVEL.authPriv,
  ap: SECURITY_LEVEL.authPriv,
};

function readLevel(text: string | undefined, problem: Problem): SecurityLevel | undefined {
  if (text === undefined) return SECURITY_LEVEL.noAuthNoPriv;
  const level = LEVELS[text.toLowerCase()];
  if (level !== undefined) return level;
  if (text.toLowerCase() === 'noauthpriv') {
    return problem('-l noAuthPriv is not possible', 'Encryption needs authentication: give -l authPriv.');
  }
  const names = Object.values(LEVEL_NAMES);
  const like = nearest(text, names);
  return problem(
    `-l ${printable(text)} is no security level`,
    like ? `Give -l ${like}.` : `Give one of ${names.join(', ')}.`,
  );
}

/** Whether the passwords are there that a level needs, and which are there in vain. */
function checkLevel(
  level: SecurityLevel,
  flags: DoctorFlags,
  { auth, priv }: { readonly auth: KeySource | undefined; readonly priv: KeySource | undefined },
  env: Environment,
  problem: Problem,
  remarks: string[],
): void {
  const name = LEVEL_NAMES[level];
  const { noAuthNoPriv, authPriv } = SECURITY_LEVEL;
  if (level !== noAuthNoPriv && !auth && !isGiven('auth', flags, env)) {
    problem(
      `-l ${name} needs an authentication password`,
      'Give it with -A, --auth-password-file, or in the environment as VIRTSNMP_AUTH_PASSWORD.',
    );
  }
  if (level === authPriv && !priv && !isGiven('priv', flags, env)) {
    problem(
      `-l ${name} needs a privacy password`,
      'Give it with -X, --priv-password-file, or in the environment as VIRTSNMP_PRIV_PASSWORD; or ask at -l authNoPriv.',
    );
  }
  if (level === noAuthNoPriv && (auth || priv)) {
    const why = flags.level === undefined ? 'without -l the level is noAuthNoPriv' : 'at noAuthNoPriv';
    remarks.push(`${why}, and no password is used`);
  } else if (level !== authPriv && priv) {
    remarks.push(`at ${name} the privacy password is not used`);
  }
}

type Purpose = 'auth' | 'priv';

const VARIABLES = { auth: 'VIRTSNMP_AUTH_PASSWORD', priv: 'VIRTSNMP_PRIV_PASSWORD' } as const;

const LETTERS = { auth: ['-a', '-A'], priv: ['-x', '-X'] } as const;

function isGiven(purpose: Purpose, flags: DoctorFlags, env: Environment): boolean {
  return (
    Boolean(env[VARIABLES[purpose]]) ||
    [`${purpose}Password`, `${purpose}PasswordFile`, `${purpose}Key`].some(
      (flag) => flags[flag as keyof DoctorFlags] !== undefined,
    )
  );
}

/** The password or key; nothing of it is in a message. */
function readKey(
  purpose: Purpose,
  flags: DoctorFlags,
  env: Environment,
  problem: Problem,
): KeySource | undefined {
  const given = flags[`${purpose}Password`];
  const file = flags[`${purpose}PasswordFile`];
  const key = flags[`${purpose}Key`];
  const letter = LETTERS[purpose][1];
  if ([given, file, key].filter((source) => source !== undefined).length > 1) {
    return problem(
      `more than one of ${letter}, --${purpose}-password-file and --${purpose}-key is given`,
      'Give one of them.',
    );
  }
  if (key !== undefined) {
    const digits = key.replace(/^0x/i, '').replaceAll(':', '').toLowerCase();
    if (/^(?:[\da-f]{2})+$/.test(digits)) return { localizedKey: digits };
    return problem(
      `--${purpose}-key is not hexadecimal`,
      'Give the localized key as pairs of hexadecimal digits.',
    );
  }
  if (file !== undefined) {
    const read = readPassword(file);
    if ('password' in read) return read;
    return problem(
      `the file of --${purpose}-password-file ${read.problem}`,
      'Give a file that holds the password and nothing else.',
    );
  }
  const variable = VARIABLES[purpose];
  const password = given ?? (env[variable] || undefined);
  if (password === undefined) return undefined;
  const characters = [...password].length;
  if (characters >= MIN_PASSWORD_LENGTH) return { password };
  return problem(
    `the password of ${given === undefined ? variable : letter} has ${characters} characters`,
    `A password of SNMPv3 has at least ${MIN_PASSWORD_LENGTH} (RFC 3414 section 11.2).`,
  );
}

/** What is known of one kind of protocol. */
interface ProtocolKind<P> {
  readonly byName: (name: string) => P | undefined;
  readonly names: readonly string[];
  /** What Net-SNMP's tools take when the flag is not there. */
  readonly fallback: string;
  /** Whether a name is one of the other kind. */
  readonly isOther: (name: string) => boolean;
}

const authProtocol: ProtocolKind<AuthProtocol> = {
  byName: authProtocolByName,
  names: AUTH_PROTOCOLS.map(({ name }) => name),
  fallback: 'MD5',
  isOther: (name) => privProtocolByName(name) !== undefined,
};
const privProtocol: ProtocolKind<PrivProtocol> = {
  byName: privProtocolByName,
  names: PRIV_PROTOCOLS.map(({ name }) => name),
  fallback: 'DES',
  isOther: (name) => authProtocolByName(name) !== undefined,
};

/** The protocol that a flag names, or the one that is taken without it; nothing when it is not to be used. */
function readProtocol<P>(
  purpose: Purpose,
  text: string | undefined,
  { byName, names, fallback, isOther }: ProtocolKind<P>,
  problem: Problem,
): P | undefined {
  const protocol = byName(text ?? fallback);
  if (protocol || text === undefined) return protocol;
  const [flag] = LETTERS[purpose];
  const [otherFlag] = purpose === 'auth' ? LETTERS.priv : LETTERS.auth;
  const like = nearest(text, names);
  const change = isOther(text)
    ? `${text} belongs to ${otherFlag}: ${flag} takes ${names.join(', ')}.`
    : like
      ? `Give ${flag} ${like}.`
      : `Give ${flag} one of ${names.join(', ')}.`;
  return problem(`${flag} ${printable(text)} is no protocol that is known here`, change);
}

/** Protocol and key together, when both are there and fit. */
function readProtection<P extends { readonly name: string; readonly keyLength: number }>(
  purpose: Purpose,
  text: string | undefined,
  key: KeySource | undefined,
  kind: ProtocolKind<P>,
  problem: Problem,
  remarks: string[],
): { readonly protocol: P; readonly key: KeySource } | undefined {
  const protocol = readProtocol(purpose, text, kind, problem);
  if (!protocol || !key) return undefined;
  const [flag, secretFlag] = LETTERS[purpose];
  if (text === undefined)
    remarks.push(`without ${flag} the protocol is ${protocol.name}, as for Net-SNMP's tools`);
  const octets = 'localizedKey' in key ? key.localizedKey.length / 2 : protocol.keyLength;
  if (octets === protocol.keyLength) return { protocol, key };
  return problem(
    `--${purpose}-key has ${octets} octets`,
    `A key of ${protocol.name} has ${protocol.keyLength}; a password is given with ${secretFlag}.`,
  );
}

function readHex(text: string | undefined, flag: string, problem: Problem): Uint8Array | undefined {
  if (text === undefined) return undefined;
  const digits = text.replace(/^0x/i, '').replaceAll(':', '');
  if (/^(?:[\da-f]{2}){5,32}$/i.test(digits)) return Uint8Array.from(Buffer.from(digits, 'hex'));
  return problem(
    `${flag} ${JSON.stringify(printable(text))} is no engine ID`,
    `Give ${flag} 5 to 32 octets as hexadecimal digits in pairs, or leave it out.`,
  );
}
