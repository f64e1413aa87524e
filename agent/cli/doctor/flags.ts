import { parseEndpoint } from '../../config/address.ts';
import { type CommunityVersion, VERSION } from '../../message/constants.ts';
import { SECURITY_LEVEL } from '../../message/v3-constants.ts';
import { readOid } from '../snmp/oid-text.ts';
import { VERSION_NAMES } from './community-diagnosis.ts';
import type { DoctorFlags, Environment, FlagProblem, Problem } from './flag-types.ts';
import { nameOfOid } from './object-names.ts';
import { SYS_UP_TIME } from './object-steps.ts';
import { printable } from './pdu-answer.ts';
import type { CommunitySecurity, DoctorRequest } from './request.ts';
import { readUser } from './user-flags.ts';
import { LEVEL_NAMES } from './v3-findings.ts';

/** What flags were read as. */
export interface ReadFlags {
  /** Absent when there are problems. */
  readonly request?: DoctorRequest;
  /** What was read, in words, without secrets. */
  readonly says: string;
  readonly problems: readonly FlagProblem[];
}

const DEFAULT_PORT = 161;
const MAX_TIMEOUT_SECONDS = 60;
const MAX_RETRIES = 20;
const VERSIONS: Readonly<Record<string, DoctorRequest['security']['version']>> = {
  '1': VERSION.V1,
  '2c': VERSION.V2C,
  '3': VERSION.V3,
};

/** Reads the flags, all problems at once. Passwords also come from files and from the environment. */
export function readFlags(
  address: string,
  oidText: string | undefined,
  flags: DoctorFlags,
  env: Environment,
): ReadFlags {
  const problems: FlagProblem[] = [];
  const problem: Problem = (what, change) => {
    problems.push({ what, change });
    return undefined;
  };
  const endpoint = readAddress(address, problem);
  const oid = oidText === undefined ? { oid: SYS_UP_TIME } : readOid(oidText);
  if ('problem' in oid) problem(oid.problem, oid.change);
  const timeoutSeconds = readNumber(flags.timeout, '-t', 0.01, MAX_TIMEOUT_SECONDS, problem);
  const retries = readNumber(flags.retries, '-r', 0, MAX_RETRIES, problem);
  if (retries !== undefined && !Number.isInteger(retries))
    problem(`-r ${retries} is not whole`, 'Give -r 2.');
  const version = VERSIONS[flags.snmpVersion];
  if (version === undefined) {
    problem(`-v ${flags.snmpVersion} is no version of SNMP`, 'Give -v1, -v2c or -v3.');
    return { problems, says: '' };
  }
  const remarks: string[] = [];
  const security =
    version === VERSION.V3
      ? readUser(flags, env, problem, remarks)
      : readCommunity(version, flags, env, problem, remarks);
  if (problems.length > 0 || !security || !endpoint || 'problem' in oid) return { problems, says: '' };
  const request: DoctorRequest = {
    ...endpoint,
    timeoutMs: timeoutSeconds! * 1000,
    retries: retries!,
    trials: flags.trials,
    oid: oid.oid,
    nameOf: nameOfOid,
    security,
  };
  return { request, problems, says: [summary(security), ...remarks].join('; ') };
}

function readAddress(
  text: string,
  problem: Problem,
): Pick<DoctorRequest, 'host' | 'port' | 'family'> | undefined {
  const [, transport, rest = ''] = /^(?:(udp6?|udpv6|udpipv6|tcp6?|unix|tlstcp|dtlsudp|ssh):)?(.*)$/s.exec(
    text,
  )!;
  if (transport !== undefined && !transport.startsWith('udp')) {
    return problem(`the address begins with ${transport}:`, 'Only UDP can be looked at: give ADDRESS:PORT.');
  }
  const endpoint = parseEndpoint(rest, DEFAULT_PORT);
  if (endpoint) return transport?.includes('6') ? { ...endpoint, family: 6 } : endpoint;
  return problem(
    `${JSON.stringify(printable(text))} is no address`,
    'Give a name or an IP address, with the port behind it when it is not 161: 192.0.2.7:1161, [2001:db8::7]:1161.',
  );
}

function readNumber(
  text: string,
  flag: string,
  least: number,
  most: number,
  problem: Problem,
): number | undefined {
  const value = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  return problem(
    `${flag} ${JSON.stringify(printable(text))} is not a number of ${least} to ${most}`,
    `Give ${flag} ${flag === '-t' ? '1' : '2'}.`,
  );
}

function readCommunity(
  version: CommunityVersion,
  flags: DoctorFlags,
  env: Environment,
  problem: Problem,
  remarks: string[],
): CommunitySecurity | undefined {
  const community = flags.community ?? env['VIRTSNMP_COMMUNITY'];
  if (flags.user !== undefined)
    remarks.push(`-u has no meaning for -v${flags.snmpVersion}; users are for -v3`);
  if (community !== undefined) return { version, community };
  return problem(
    `-v${flags.snmpVersion} needs a community`,
    'Give it with -c, or in the environment as VIRTSNMP_COMMUNITY.',
  );
}

function summary(security: DoctorRequest['security']): string {
  if (security.version !== VERSION.V3) return `${VERSION_NAMES[security.version]} with a community`;
  const { level, auth, priv, userName } = security;
  const protocols = [
    ...(auth && level !== SECURITY_LEVEL.noAuthNoPriv ? [auth.protocol.name] : []),
    ...(priv && level === SECURITY_LEVEL.authPriv ? [priv.protocol.name] : []),
  ];
  const by = protocols.length > 0 ? ` by ${protocols.join(' and ')}` : '';
  return `SNMPv3 as ${JSON.stringify(printable(userName))}, ${LEVEL_NAMES[level]}${by}`;
}
