import { ERROR_STATUS, PDU } from '../../message/constants.ts';
import { SECURITY_LEVEL, type SecurityLevel } from '../../message/v3-constants.ts';
import { KeyDerivation } from '../../security/usm/keys.ts';
import type { UsmUser } from '../../security/usm/user.ts';
import type { Oid } from '../../util/oid.ts';
import type { Findings, StepName } from './diagnosis.ts';
import { engineStep } from './engine-step.ts';
import type { Exchange, Noise, Outcome } from './exchange.ts';
import { fittingAuth, fittingPriv, showsRightDigest, userOf } from './key-trials.ts';
import { objectSteps, SYS_UP_TIME } from './object-steps.ts';
import { printable } from './pdu-answer.ts';
import { putUnreachable, silenceText } from './reach.ts';
import type { DoctorRequest, V3Security } from './request.ts';
import { putOutOfTime } from './time-step.ts';
import {
  canBeAbout,
  LEVEL_NAMES,
  putOtherEngine,
  putOtherModel,
  putSenseless,
  putUnknownUser,
  putUnsupportedLevel,
} from './v3-findings.ts';
import { type EngineClock, type V3Answer, V3Manager } from './v3-manager.ts';

/** The steps that a level leaves out. */
const LEFT_OUT: Readonly<Record<SecurityLevel, readonly StepName[]>> = {
  [SECURITY_LEVEL.noAuthNoPriv]: ['authentication', 'time', 'privacy'],
  [SECURITY_LEVEL.authNoPriv]: ['privacy'],
  [SECURITY_LEVEL.authPriv]: [],
};

/** The steps of SNMPv3 behind the address. */
export async function diagnoseV3(
  request: DoctorRequest,
  security: V3Security,
  exchange: Exchange,
  findings: Findings,
): Promise<void> {
  const manager = new V3Manager(exchange);
  const engine = await engineStep(request, security, manager, findings);
  if (!engine) return;
  manager.engine = engine;
  await new V3Diagnosis(request, security, manager, findings).run();
}

/**
 * What follows the discovery of the engine: one request after another as the user would make it, each Report
 * saying which of the checks of RFC 3414 section 3.2 failed.
 */
class V3Diagnosis {
  readonly #request: DoctorRequest;
  readonly #manager: V3Manager;
  readonly #findings: Findings;
  readonly #keys = new KeyDerivation();
  /** As given, and then with what was found to fit. */
  #security: V3Security;
  #user: UsmUser;
  /** The clock as the engine told it, from the discovery on. BOUNDED by the requests of one diagnosis. */
  readonly #clocks: EngineClock[];
  /** What was put right by a trial: each once, or an agent that contradicts itself would be asked forever. */
  readonly #corrected = new Set<'auth' | 'priv'>();

  constructor(request: DoctorRequest, security: V3Security, manager: V3Manager, findings: Findings) {
    this.#request = request;
    this.#security = security;
    this.#manager = manager;
    this.#findings = findings;
    this.#user = userOf(security, manager, this.#keys);
    this.#clocks = [manager.engine];
  }

  get #who(): string {
    return `the user ${JSON.stringify(printable(this.#security.userName))}`;
  }

  async run(): Promise<void> {
    const { level } = this.#security;
    const known = await this.#userStep();
    if (!known) return;
    for (const step of LEFT_OUT[level]) this.#findings.skipped(step, `not a part of ${LEVEL_NAMES[level]}`);
    const answer = await this.#judge(
      level === SECURITY_LEVEL.noAuthNoPriv ? known : await this.#askInTime(level),
      level,
    );
    const base = answer && (await this.#contextStep(answer));
    if (!base) return;
    await objectSteps({
      request: this.#request,
      findings: this.#findings,
      ask: async (type, oid) => {
        const outcome = await this.#ask(level, type, oid);
        return outcome.kind === 'answer' ? { ...outcome, answer: outcome.answer.pdu } : outcome;
      },
      base: base.pdu,
      who: this.#who,
      accessAdvice: () => this.#accessAdvice(),
    });
  }

  #ask(level: SecurityLevel, type: number = PDU.GET, oid: Oid = SYS_UP_TIME): Promise<Outcome<V3Answer>> {
    const { contextName, contextEngineId } = this.#security;
    return this.#manager.ask({ level, user: this.#user, contextName, contextEngineId, type, oid });
  }

  /** Asks for sysUpTime.0, and once more by the engine's clock when a Report tells it (RFC 3414 section 4). */
  async #askInTime(level: SecurityLevel): Promise<Outcome<V3Answer>> {
    const first = await this.#ask(level);
    if (first.kind !== 'answer' || first.answer.report !== 'notInTimeWindows') return first;
    this.#follow(first.answer.engine);
    return this.#ask(level);
  }

  #follow(clock: EngineClock): void {
    this.#clocks.push(clock);
    this.#manager.engine = { ...clock, id: this.#manager.engine.id };
  }

  /** Whether the user is known, by a request in its name that proves nothing. */
  async #userStep(): Promise<Outcome<V3Answer> | undefined> {
    const outcome = await this.#ask(SECURITY_LEVEL.noAuthNoPriv);
    if (outcome.kind === 'unreachable') {
      putUnreachable(this.#findings, this.#request, outcome.code);
      return undefined;
    }
    if (outcome.kind === 'answer') {
      const { report } = outcome.answer;
      if (report === 'unknownUserNames' || report === 'unknownEngineIDs') {
        await this.#judge(outcome, SECURITY_LEVEL.noAuthNoPriv);
        return undefined;
      }
      this.#findings.ok('user', `the agent knows ${this.#who}`);
    } else if (this.#security.level === SECURITY_LEVEL.noAuthNoPriv) {
      this.#findings.failed('user', silenceText(this.#request, outcome.noise), [
        'The agent answers discovery but no request of this user without authentication: check the name, and ask at the level that the agent wants (-l authPriv).',
      ]);
      return undefined;
    } else {
      this.#findings.skipped(
        'user',
        'the agent is silent about unauthenticated requests; the next steps tell',
      );
    }
    return outcome;
  }

  /** Puts down what an answer to a request at that level shows; the answer when all security checks were passed. */
  async #judge(outcome: Outcome<V3Answer>, level: SecurityLevel): Promise<V3Answer | undefined> {
    if (outcome.kind === 'unreachable') {
      putUnreachable(this.#findings, this.#request, outcome.code);
      return undefined;
    }
    if (outcome.kind === 'silence') return this.#judgeSilence(outcome.noise, level);
    const { answer } = outcome;
    if (!canBeAbout(answer.report, level)) {
      putSenseless(this.#findings, answer.report, level);
      return undefined;
    }
    switch (answer.report) {
      case 'unknownEngineIDs':
        putOtherEngine(this.#findings, answer);
        return undefined;
      case 'unknownUserNames':
        putUnknownUser(this.#findings, this.#who, this.#manager.engine.id);
        return undefined;
      case 'unsupportedSecLevels':
        await this.#putUnsupportedLevel(level);
        return undefined;
      case 'unknownSecurityModels':
      case 'invalidMsgs':
        putOtherModel(this.#findings, answer.report);
        return undefined;
      case 'wrongDigests':
        return this.#wrongDigest('the agent finds the digest wrong (wrongDigests)');
      case 'notInTimeWindows':
        this.#putRightDigest(level);
        putOutOfTime(this.#findings, [...this.#clocks, answer.engine]);
        return undefined;
      case 'decryptionErrors':
        this.#putRightDigest(level);
        return this.#notDecrypted('the agent cannot decrypt the request (decryptionErrors)');
      default:
        if (level !== SECURITY_LEVEL.noAuthNoPriv) this.#putRightDigest(level);
        this.#findings.ok('level', `the agent takes ${LEVEL_NAMES[level]} from ${this.#who}`);
        if (level === SECURITY_LEVEL.authPriv) {
          this.#findings.ok(
            'privacy',
            `what ${this.#security.priv!.protocol.name} encrypts is read on both sides`,
          );
        }
        return answer;
    }
  }

  /** Puts down what a right digest at that level shows: level, authentication and the time window. */
  #putRightDigest(level: SecurityLevel): void {
    this.#findings.ok('level', `the agent takes ${LEVEL_NAMES[level]} from ${this.#who}`);
    this.#findings.ok('user', `the agent knows ${this.#who}`);
    const { name } = this.#security.auth!.protocol;
    this.#findings.ok('authentication', `password and protocol are right (${name})`);
    const resets = this.#clocks.length - 1;
    const { boots, time } = this.#clocks.at(-1)!;
    this.#findings.ok(
      'time',
      resets === 0
        ? 'the request was in the time window'
        : `in the time window after taking the clock from a Report (boots ${boots}, time ${time} s)`,
    );
  }

  /** No answer to a protected request: a lower level tells whether it is the digest or the encryption. */
  async #judgeSilence(noise: Noise, level: SecurityLevel): Promise<V3Answer | undefined> {
    const says = silenceText(this.#request, noise);
    if (level === SECURITY_LEVEL.authPriv) {
      const resets = this.#clocks.length;
      const lower = await this.#askInTime(SECURITY_LEVEL.authNoPriv);
      if (lower.kind === 'answer') {
        if (!showsRightDigest(lower.answer) || lower.answer.report === 'notInTimeWindows') {
          return this.#judge(lower, SECURITY_LEVEL.authNoPriv);
        }
        this.#putRightDigest(SECURITY_LEVEL.authNoPriv);
        if (this.#clocks.length > resets) {
          const again = await this.#ask(level);
          if (again.kind !== 'silence') return this.#judge(again, level);
        }
        return this.#notDecrypted(`the agent is silent when the request is encrypted: ${says}`);
      }
    }
    if (level === SECURITY_LEVEL.noAuthNoPriv) {
      this.#findings.failed('level', says, 'Ask at the level that the agent wants: -l authPriv.');
      return undefined;
    }
    return this.#wrongDigest(`the agent is silent when the request is authenticated: ${says}`);
  }

  async #wrongDigest(says: string): Promise<V3Answer | undefined> {
    const { auth } = this.#security;
    const name = auth!.protocol.name;
    const fitting = this.#mayTry('auth')
      ? await fittingAuth(this.#security, this.#manager, this.#keys)
      : undefined;
    const step = 'authentication';
    if (!fitting) {
      const tried = this.#request.trials
        ? `it fits none of the protocols from MD5 to SHA-512 either`
        : `no other protocol was tried`;
      this.#findings.failed(
        step,
        `${says}: the password is not that of ${this.#who} with ${name}; ${tried}`,
        [
          this.#request.trials
            ? 'Check the authentication password (-A): upper and lower case count, and a shell changes $, ! and quotes in it.'
            : 'Check the authentication password (-A) and protocol (-a).',
          'If it is surely right: keys belong to an engine ID, so when that of the agent changed, its users must be created again.',
        ],
        { protocol: name },
      );
      return undefined;
    }
    const facts = { protocol: name, fits: fitting.protocol };
    this.#findings.failed(step, `${says}; ${fitting.says}`, fitting.advice, facts);
    return this.#goOn(fitting);
  }

  async #notDecrypted(says: string): Promise<V3Answer | undefined> {
    const { priv } = this.#security;
    const name = priv!.protocol.name;
    const fitting = this.#mayTry('priv')
      ? await fittingPriv(this.#security, this.#manager, this.#keys)
      : undefined;
    if (!fitting) {
      const tried = this.#request.trials
        ? 'the password fits no other protocol from DES to AES-256 either'
        : 'no other protocol was tried';
      this.#findings.failed(
        'privacy',
        `${says}; ${tried}`,
        'Check the privacy password (-X) and protocol (-x); the authentication password is right, and this is another one.',
        { protocol: name },
      );
      return undefined;
    }
    const facts = { protocol: name, fits: fitting.protocol };
    this.#findings.failed('privacy', `${says}; ${fitting.says}`, fitting.advice, facts);
    return this.#goOn(fitting);
  }

  /** Goes on with what was found to fit, so that one diagnosis shows all that is wrong. */
  async #goOn({ security, user }: { security: V3Security; user: UsmUser }): Promise<V3Answer | undefined> {
    const { level } = security;
    this.#security = security;
    this.#user = user;
    return this.#judge(await this.#askInTime(level), level);
  }

  #mayTry(what: 'auth' | 'priv'): boolean {
    if (!this.#request.trials || this.#corrected.has(what)) return false;
    this.#corrected.add(what);
    return true;
  }

  /** Finds the highest level that the agent takes from the user (RFC 3414 section 3.2 step 5). */
  async #putUnsupportedLevel(level: SecurityLevel): Promise<void> {
    const isTaken = async (lower: SecurityLevel) => {
      const outcome = await this.#ask(lower);
      return outcome.kind === 'answer' && outcome.answer.report !== 'unsupportedSecLevels';
    };
    const { authNoPriv, authPriv, noAuthNoPriv } = SECURITY_LEVEL;
    const taken =
      level === authPriv && (await isTaken(authNoPriv))
        ? authNoPriv
        : level > noAuthNoPriv
          ? noAuthNoPriv
          : undefined;
    putUnsupportedLevel(this.#findings, this.#who, level, taken);
  }

  /** Whether the context is there (RFC 3413 section 3.2); an answer in a context that is. */
  async #contextStep(answer: V3Answer): Promise<V3Answer | undefined> {
    const { contextName, level } = this.#security;
    const named =
      contextName === '' ? 'the default context' : `the context ${JSON.stringify(printable(contextName))}`;
    const { report } = answer;
    if (report === undefined) {
      this.#findings.ok('context', `${named} is there`);
      return answer;
    }
    const facts = { report };
    if (report === 'unknownPDUHandlers') {
      this.#findings.failed(
        'context',
        'nothing at the agent takes requests for this context engine ID (unknownPDUHandlers)',
        this.#security.contextEngineId
          ? 'Leave -E out: then the context is one of the agent itself. Another engine ID is for a proxy.'
          : 'The agent takes no read requests from anybody here: look into its log.',
        facts,
      );
    } else {
      const says =
        report === 'unavailableContexts'
          ? `${named} is known to the agent, but not available now`
          : `${named} is not there`;
      this.#findings.failed('context', `${says} (${report})`, this.#contextAdvice(), facts);
    }
    if (contextName === '' && !this.#security.contextEngineId) return undefined;
    const { contextEngineId: _, ...rest } = this.#security;
    this.#security = { ...rest, contextName: '' };
    const outcome = await this.#ask(level);
    return outcome.kind === 'answer' && outcome.answer.report === undefined ? outcome.answer : undefined;
  }

  #contextAdvice(): string {
    return this.#security.contextName === ''
      ? 'The agent serves named contexts only: give one with -n.'
      : 'Check the context name (-n): upper and lower case count. Without -n it is the default context, which nearly every agent has.';
  }

  /** Whether a higher level, for which the passwords were given, is let in. */
  async #accessAdvice(): Promise<string[]> {
    const { level, auth, priv } = this.#security;
    const { authNoPriv, authPriv } = SECURITY_LEVEL;
    const higher: SecurityLevel[] = [...(auth ? [authNoPriv] : []), ...(auth && priv ? [authPriv] : [])];
    for (const candidate of higher.filter((other) => other > level)) {
      const outcome = await this.#askInTime(candidate);
      if (outcome.kind !== 'answer' || outcome.answer.report !== undefined) continue;
      if (outcome.answer.pdu.status === ERROR_STATUS.noError) {
        return [
          `The agent lets this user read at ${LEVEL_NAMES[candidate]}: use -l ${LEVEL_NAMES[candidate]}.`,
        ];
      }
    }
    const entries =
      'Give the user a group and an access entry at the agent, for this level and context (vacmSecurityToGroupTable and vacmAccessTable; virtsnmp: `access` and `level` of the user; Net-SNMP: rouser).';
    return level === authPriv
      ? [entries]
      : ['The agent may want a higher level: ask with -l authPriv, -a and -A, -x and -X.', entries];
  }
}
