import type { Command } from 'commander';
import { VERSION } from '../../message/constants.ts';
import { formatOid, type Oid, parseOid } from '../../util/oid.ts';
import { readUser } from '../doctor/user-flags.ts';
import { UsageError } from '../usage-error.ts';
import { addSecurityOptions } from './agent-options.ts';
import { libraryUser } from './manager.ts';
import { nameText } from './name-text.ts';
import type { OutputOptions } from './output-options.ts';
import { addOutputOptions, outputOptions, type SnmpContext } from './snmp-commands.ts';
import { type ReceivedNotification, type ReceiverOptions, TrapReceiver } from './trap-receiver.ts';
import { varbindJson, varbindText } from './value-text.ts';

interface TrapdFlags {
  readonly listen: string;
  readonly port: string;
  readonly community?: string;
  readonly user?: string;
  readonly count?: string;
  readonly output: string;
  readonly json?: boolean;
}

const SNMP_TRAP_OID: Oid = [1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0];
/** The notifications that SNMPv1's generic traps 0 to 5 are (RFC 3584 section 3.1). */
const GENERIC_TRAPS: Oid = [1, 3, 6, 1, 6, 3, 1, 1, 5];

/** Adds `trapd`, which prints the notifications that come until it is interrupted. */
export function addTrapd(program: Command, context: SnmpContext): void {
  const command = program
    .command('trapd')
    .description('receive traps and informs of all versions and print them; informs are acknowledged')
    .option('--listen <address>', 'the address to listen on', '127.0.0.1')
    .option('--port <port>', 'UDP port; 0 takes any free one, which is told', '1162')
    .option('-c, --community <name>', 'take only what comes with this community')
    .option('--count <n>', 'end after so many');
  addOutputOptions(addSecurityOptions(command)).action((flags: TrapdFlags) => trapd(flags, context));
}

async function trapd(flags: TrapdFlags, { out, env }: SnmpContext): Promise<void> {
  const options = outputOptions(flags.output);
  let left = flags.count === undefined ? Number.POSITIVE_INFINITY : whole(flags.count, '--count', 1);
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const receiver = await TrapReceiver.open(
    receiverOptions(flags, env),
    (notification) => {
      if (left <= 0) return;
      if (flags.json) out(JSON.stringify(notificationJson(notification, options)));
      else for (const line of notificationLines(notification, options)) out(line);
      if (--left <= 0) end();
    },
    (why) => process.stderr.write(`virtsnmp: something came that is not taken: ${why}\n`),
  );
  const { address, port } = receiver.local;
  process.stderr.write(`virtsnmp: notifications are received on ${address}:${port}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
  await ended;
  // The acknowledgement of the last one is handed over by then.
  await new Promise((resolve) => setImmediate(resolve));
  receiver.close();
}

function receiverOptions(flags: TrapdFlags, env: NodeJS.ProcessEnv): ReceiverOptions {
  const { community, listen: address } = flags;
  const port = whole(flags.port, '--port', 0);
  const base = { address, port, ...(community !== undefined && { community }) };
  if (flags.user === undefined) return base;
  const problems: string[] = [];
  const user = readUser(
    { snmpVersion: '3', timeout: '1', retries: '0', trials: false, ...flags },
    env,
    (what, change) => {
      problems.push(`${what}. ${change}`);
      return undefined;
    },
    [],
  );
  if (problems.length > 0 || !user) throw new UsageError(problems.join('\n'));
  return { ...base, user: libraryUser({ ...user, version: VERSION.V3 }) };
}

function whole(text: string, flag: string, least: number): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= 65_535) return value;
  throw new UsageError(`${flag} ${text} is no whole number of ${least} to 65535`);
}

/** A head that says who sent what, and the variables below it, as snmptrapd has them. */
function notificationLines(notification: ReceivedNotification, options: OutputOptions): string[] {
  const { address, port, version, kind, v1, varbinds } = notification;
  const head = `${address}:${port} ${version} ${kind} ${nameText(trapOid(notification), options)}`;
  const fields = v1
    ? ` enterprise ${nameText(v1.enterprise, options)} agent ${v1.agentAddress} uptime ${v1.upTime}`
    : '';
  return [head + fields, ...varbinds.map((varbind) => `  ${varbindText(varbind, options)}`)];
}

function notificationJson(notification: ReceivedNotification, options: OutputOptions): object {
  const { address, port, version, kind, v1, varbinds } = notification;
  const oid = trapOid(notification);
  return {
    address,
    port,
    version,
    kind,
    oid: formatOid(oid),
    name: nameText(oid, options),
    ...(v1 && { v1: { ...v1, enterprise: formatOid(v1.enterprise) } }),
    varbinds: varbinds.map((varbind) => varbindJson(varbind, options)),
  };
}

/** What snmpTrapOID.0 is, or would be for a trap of SNMPv1 (RFC 3584 section 3.1). */
function trapOid({ v1, varbinds }: ReceivedNotification): Oid {
  if (v1) {
    const { enterprise, generic, specific } = v1;
    return generic < 6 ? [...GENERIC_TRAPS, generic + 1] : [...enterprise, 0, specific];
  }
  const told = varbinds.find(({ oid }) => formatOid(oid) === formatOid(SNMP_TRAP_OID));
  return parseOid(String(told?.value)) ?? [];
}
