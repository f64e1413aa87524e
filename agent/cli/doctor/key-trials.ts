import { SECURITY_LEVEL } from '../../message/v3-constants.ts';
import { AUTH_PROTOCOLS } from '../../security/usm/auth-protocols.ts';
import type { KeyDerivation, KeySource } from '../../security/usm/keys.ts';
import { PRIV_PROTOCOLS } from '../../security/usm/priv-protocols.ts';
import { createUser, type UsmUser } from '../../security/usm/user.ts';
import type { Outcome } from './exchange.ts';
import type { V3Security } from './request.ts';
import type { ReportName, V3Answer, V3Manager } from './v3-manager.ts';

/** Protocol and key that fit where the given ones do not. */
export interface Fitting {
  /** What fits, in words without secrets. */
  readonly says: string;
  /** What to change, as a sentence. */
  readonly advice: string;
  /** The name of the protocol that fits. */
  readonly protocol: string;
  readonly security: V3Security;
  readonly user: UsmUser;
}

/** Reports that an agent sends only behind a right digest (RFC 3414 section 3.2). */
const BEHIND_DIGEST: readonly (ReportName | 'unknown' | undefined)[] = [
  undefined,
  'notInTimeWindows',
  'decryptionErrors',
  'unknownContexts',
  'unavailableContexts',
  'unknownPDUHandlers',
];

/** Whether an answer shows that the digest of its question was right. */
export function showsRightDigest({ report }: V3Answer): boolean {
  return BEHIND_DIGEST.includes(report);
}

/** Whether an answer shows that its question could be decrypted. */
export function showsDecryption(answer: V3Answer): boolean {
  const { report } = answer;
  return showsRightDigest(answer) && report !== 'decryptionErrors' && report !== 'notInTimeWindows';
}

/** What is tried. */
type Candidate = Omit<Fitting, 'user'>;

/**
 * Tries the other authentication protocols with the same password, then all with the privacy password, since the
 * two are easily exchanged. The first that the agent takes; `undefined` when there is none.
 */
export function fittingAuth(
  security: V3Security,
  manager: V3Manager,
  keys: KeyDerivation,
): Promise<Fitting | undefined> {
  const { auth, priv } = security;
  if (!auth) return Promise.resolve(undefined);
  const candidates = candidateKeys(auth.key, priv?.key).flatMap(({ key, exchanged }) =>
    AUTH_PROTOCOLS.filter((protocol) => exchanged || protocol !== auth.protocol)
      .filter(({ keyLength }) => fits(key, keyLength))
      .map(
        (protocol): Candidate => ({
          ...words('-a', '-A', '-X', protocol.name, exchanged),
          // Whoever has put one password in the other's place has most likely done so with both.
          security: {
            ...security,
            auth: { protocol, key },
            ...(priv && { priv: exchanged ? { ...priv, key: auth.key } : priv }),
          },
        }),
      ),
  );
  return firstFitting(candidates, manager, keys, SECURITY_LEVEL.authNoPriv, showsRightDigest);
}

/**
 * Tries the other privacy protocols with the same password, and all with the authentication password.
 * A protocol that makes the same cipher and key as one before is left out: AES-256 and AES-256-C differ only where
 * the hash is shorter than the key.
 */
export function fittingPriv(
  security: V3Security,
  manager: V3Manager,
  keys: KeyDerivation,
): Promise<Fitting | undefined> {
  const { auth, priv } = security;
  if (!auth || !priv) return Promise.resolve(undefined);
  const candidates = candidateKeys(priv.key, auth.key).flatMap(({ key, exchanged }) =>
    PRIV_PROTOCOLS.filter((protocol) => exchanged || protocol !== priv.protocol)
      .filter(({ keyLength }) => fits(key, keyLength))
      .map(
        (protocol): Candidate => ({
          ...words('-x', '-X', '-A', protocol.name, exchanged),
          security: { ...security, priv: { protocol, key } },
        }),
      ),
  );
  return firstFitting(candidates, manager, keys, SECURITY_LEVEL.authPriv, showsDecryption, security);
}

function words(
  flag: string,
  secretFlag: string,
  otherFlag: string,
  protocol: string,
  exchanged: boolean,
): Pick<Fitting, 'says' | 'advice' | 'protocol'> {
  const fit = `${flag} ${protocol}`;
  if (!exchanged)
    return { protocol, says: `the password fits ${fit}`, advice: `Use ${fit}: the password fits it.` };
  return {
    protocol,
    says: `the password of ${otherFlag} fits ${fit}`,
    advice: `Give with ${secretFlag} the password that you gave with ${otherFlag}, and use ${fit}: are the two exchanged?`,
  };
}

/** The key as it was given, and that of the other purpose when it is a different password. */
function candidateKeys(
  key: KeySource,
  other: KeySource | undefined,
): { readonly key: KeySource; readonly exchanged: boolean }[] {
  const own = { key, exchanged: false };
  if (!other || !('password' in other) || !('password' in key) || other.password === key.password)
    return [own];
  return [own, { key: other, exchanged: true }];
}

/** A localized key fits protocols of its length only. */
function fits(key: KeySource, keyLength: number): boolean {
  return 'password' in key || key.localizedKey.length === 2 * keyLength;
}

async function firstFitting(
  candidates: readonly Candidate[],
  manager: V3Manager,
  keys: KeyDerivation,
  level: typeof SECURITY_LEVEL.authNoPriv | typeof SECURITY_LEVEL.authPriv,
  isRight: (answer: V3Answer) => boolean,
  failed?: V3Security,
): Promise<Fitting | undefined> {
  const tried = failed ? [userOf(failed, manager, keys)] : [];
  for (const candidate of candidates) {
    const user = userOf(candidate.security, manager, keys);
    if (level === SECURITY_LEVEL.authPriv) {
      if (tried.some((other) => encryptsAlike(other, user))) continue;
      tried.push(user);
    }
    const outcome: Outcome<V3Answer> = await manager.ask({ level, user }, 1);
    if (outcome.kind === 'unreachable') return undefined;
    if (outcome.kind === 'answer' && isRight(outcome.answer)) return { ...candidate, user };
  }
  return undefined;
}

function encryptsAlike(a: UsmUser, b: UsmUser): boolean {
  if (!a.priv || !b.priv || a.priv.protocol.blockLength !== b.priv.protocol.blockLength) return false;
  return a.priv.key.reveal().equals(b.priv.key.reveal());
}

/** The user with keys for the manager's engine. */
export function userOf(security: V3Security, manager: V3Manager, keys: KeyDerivation): UsmUser {
  const { userName: name, auth, priv } = security;
  return createUser({ name, ...(auth && { auth }), ...(auth && priv && { priv }) }, manager.engine.id, keys);
}
