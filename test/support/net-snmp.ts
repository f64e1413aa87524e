import { execFile, spawn, spawnSync } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe } from 'vitest';
import { standardNotification } from '../../agent/objects/notifications.ts';
import { UdpSocket } from '../../agent/transport/udp.ts';
import { silentLogger } from '../../agent/util/logger.ts';
import { mibFolders } from '../../agent/util/package-info.ts';
import { trapV2 } from './trap-octets.ts';

/** By which a probe is known, in names or in numbers. */
const PROBE = /warmStart|\.1\.3\.6\.1\.6\.3\.1\.1\.5\.2\b|Warm Start/;

const TOOLS = [
  'snmpget',
  'snmpgetnext',
  'snmpwalk',
  'snmpbulkwalk',
  'snmpset',
  'snmptable',
  'snmpnetstat',
  'snmpstatus',
  'snmptrapd',
  'snmpusm',
  'snmpvacm',
];

/** The environment in which Net-SNMP's tools see this project's modules and nobody's settings. */
export const netSnmpEnv = {
  ...process.env,
  MIBDIRS: mibFolders().join(':'),
  MIBS: 'ENTITY-MIB:ENTITY-SENSOR-MIB:HOST-RESOURCES-MIB:HOST-RESOURCES-TYPES:ALARM-MIB:IF-MIB:VM-MIB:LIBVIRT-STATS-MIB:LIBVIRT-MIB:SNMPv2-MIB:SNMP-USER-BASED-SM-MIB:SNMP-VIEW-BASED-ACM-MIB:SNMP-COMMUNITY-MIB:SNMP-MPD-MIB:SNMP-TARGET-MIB:SNMP-NOTIFICATION-MIB',
  SNMPCONFPATH: '/nonexistent',
  LC_ALL: 'C',
};

/** Why Net-SNMP's tools cannot be used; `undefined` when they can. */
function missingTools(): string | undefined {
  const missing = TOOLS.filter((tool) => spawnSync(tool, ['-V']).error);
  return missing.length > 0
    ? `Net-SNMP's ${missing.join(', ')} not found (Debian: snmp, snmptrapd)`
    : undefined;
}

/** Like `describe`, for tests that need Net-SNMP's tools: skipped without them, but an error under CI=true. */
export function describeWithNetSnmp(name: string, body: () => void): void {
  const missing = missingTools();
  if (missing && process.env['CI'] === 'true') throw new Error(missing);
  if (missing) describe.skip(`${name}: ${missing}`, body);
  else describe(name, body);
}

export interface ToolResult {
  readonly status: number;
  readonly lines: string[];
  readonly stderr: string;
}

const run = promisify(execFile);

/** Runs one of Net-SNMP's tools to its end. */
export async function netSnmp(tool: string, ...args: string[]): Promise<ToolResult> {
  try {
    const { stdout, stderr } = await run(tool, args, { env: netSnmpEnv, maxBuffer: 64 * 1024 * 1024 });
    return { status: 0, lines: linesOf(stdout), stderr };
  } catch (thrown) {
    const { code, stdout, stderr } = thrown as { code: number; stdout: string; stderr: string };
    return { status: code, lines: linesOf(stdout), stderr };
  }
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** A running snmptrapd: its port, what it has printed so far, and how to end it. */
export interface TrapReceiver {
  readonly port: number;
  readonly lines: string[];
  /** Resolves when a printed line satisfies the test. */
  until(test: (lines: readonly string[]) => boolean): Promise<void>;
  stop(): Promise<void>;
}

/** Starts snmptrapd on a loopback port; one line `TRAP|type|specific|bindings` for each notification. */
export async function startTrapReceiver(port: number, ...args: string[]): Promise<TrapReceiver> {
  const child = spawn(
    'snmptrapd',
    ['-f', '-Lo', '-n', '--disableAuthorization=yes', '-F', 'TRAP|%W|%q|%v\\n', ...args, `127.0.0.1:${port}`],
    { env: netSnmpEnv, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const lines: string[] = [];
  const waiting: (() => void)[] = [];
  let answered = false;
  let rest = '';
  const take = (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n');
    rest = parts.pop()!;
    lines.push(...parts.filter((line) => !PROBE.test(line)));
    answered ||= parts.some((line) => PROBE.test(line));
    for (const look of waiting.slice()) look();
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  const receiver: TrapReceiver = {
    port,
    lines,
    until: (test) =>
      new Promise((resolve) => {
        const look = () => {
          if (!test(lines)) return;
          waiting.splice(waiting.indexOf(look), 1);
          resolve();
        };
        waiting.push(look);
        look();
      }),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
  await probe(port, () => answered);
  return receiver;
}

/** Sends warmStart until the receiver has told of it: it says its version before it listens. */
async function probe(port: number, answered: () => boolean): Promise<void> {
  const socket = await UdpSocket.open({ address: '127.0.0.1', port: 0, logger: silentLogger });
  const trap = trapV2(standardNotification('warmStart', 0), 'public', 1);
  while (!answered()) {
    socket.send(trap, { address: '127.0.0.1', port });
    await setTimeout(20);
  }
  await socket.close();
}
