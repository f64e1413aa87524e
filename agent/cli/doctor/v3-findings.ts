import { SECURITY_LEVEL, type SecurityLevel } from '../../message/v3-constants.ts';
import type { Findings } from './diagnosis.ts';
import type { ReportName, V3Answer } from './v3-manager.ts';

/** The levels as flag `-l` has them. */
export const LEVEL_NAMES = {
  [SECURITY_LEVEL.noAuthNoPriv]: 'noAuthNoPriv',
  [SECURITY_LEVEL.authNoPriv]: 'authNoPriv',
  [SECURITY_LEVEL.authPriv]: 'authPriv',
} as const;

/** Whether a Report can be about a request at that level: only what it has can be wrong with it. */
export function canBeAbout(report: V3Answer['report'], level: SecurityLevel): boolean {
  if (report === 'unknown') return false;
  if (report === 'decryptionErrors') return level === SECURITY_LEVEL.authPriv;
  const needsDigest = report === 'wrongDigests' || report === 'notInTimeWindows';
  return !needsDigest || level !== SECURITY_LEVEL.noAuthNoPriv;
}

/** Puts down a Report that cannot be about the request: nothing more can be learnt from such an agent. */
export function putSenseless(findings: Findings, report: V3Answer['report'], level: SecurityLevel): void {
  findings.failed(
    level === SECURITY_LEVEL.noAuthNoPriv ? 'level' : 'authentication',
    report === 'unknown'
      ? 'the agent answers by a Report that no RFC knows'
      : `the agent answers a request at ${LEVEL_NAMES[level]} by ${report}, which makes no sense`,
    'Look into the log of the agent: what it objects to is not said by its answer.',
  );
}

/** Puts down that the engine that was just discovered is not the one that answers. */
export function putOtherEngine(findings: Findings, { engine }: V3Answer): void {
  const told = Buffer.from(engine.id).toString('hex');
  findings.failed(
    'engine',
    `the agent gave an engine ID and does not know it in the next request; now it says ${told || 'none'}`,
    'Two agents seem to answer behind this address, or the agent makes a new engine ID for each answer: ask one of them by its own address, and let it keep its engine ID.',
    { engineId: told },
  );
}

/** Puts down that the user is not known. `who`: as in "the user NAME". */
export function putUnknownUser(findings: Findings, who: string, engineId: Uint8Array): void {
  const id = Buffer.from(engineId).toString('hex');
  findings.failed(
    'user',
    `the agent does not know ${who} (unknownUserNames)`,
    [
      'Check the name (-u): upper and lower case count.',
      `Or create the user at the agent, for its engine ID ${id} (virtsnmp: \`users\` in its configuration; Net-SNMP: createUser and rouser in snmpd.conf).`,
    ],
    { report: 'unknownUserNames' },
  );
}

/** Puts down that the agent does not speak the user-based security model. */
export function putOtherModel(findings: Findings, report: ReportName): void {
  findings.failed(
    'level',
    `the agent does not take messages of the user-based security model (${report})`,
    'The agent speaks SNMPv3 with another security model, such as TLS (RFC 6353): use what its maker says.',
    { report },
  );
}

/** Puts down that the user has no protocols for a level; `taken` is the highest one that it has, if any. */
export function putUnsupportedLevel(
  findings: Findings,
  who: string,
  level: SecurityLevel,
  taken: SecurityLevel | undefined,
): void {
  const says = `${who} does not support ${LEVEL_NAMES[level]} (unsupportedSecLevels)`;
  const facts = { report: 'unsupportedSecLevels' };
  if (taken === undefined) {
    const advice = 'Ask with authentication: -l authNoPriv or -l authPriv, with -a and -A.';
    findings.failed('level', says, advice, facts);
    return;
  }
  const lacks = taken === SECURITY_LEVEL.authNoPriv ? 'privacy protocol' : 'authentication protocol';
  findings.failed(
    'level',
    says,
    [
      `The highest level that the agent takes from this user is ${LEVEL_NAMES[taken]}: -l ${LEVEL_NAMES[taken]}.`,
      `For ${LEVEL_NAMES[level]}, give the user protocol and password at the agent: it has no ${lacks}.`,
    ],
    { ...facts, takes: LEVEL_NAMES[taken] },
  );
}
