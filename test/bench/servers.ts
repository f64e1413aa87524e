import type { ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Children } from './children.ts';
import { CommunityDialect } from './load/dialect.ts';
import { encodeOid } from './load/oid-octets.ts';
import type { UserCredentials } from './load/v3-dialect.ts';

/** The community that everything here asks with: the default configuration's. */
export const COMMUNITY = 'public';
/** The user that asks with SNMPv3, as agent.yaml has it. */
export const USER: UserCredentials = {
  name: 'bench',
  authPassword: 'authentication',
  privPassword: 'encryption',
};
/** libvirtGuestTable, whose instances the load asks for. */
export const ROOT = '1.3.6.1.4.1.36957.1.1';

const PROGRAM = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const CONFIG = fileURLToPath(new URL('agent.yaml', import.meta.url));
const ECHO = fileURLToPath(new URL('echo.js', import.meta.url));
const START_LIMIT_MS = 60_000;
const PROBE_EVERY_MS = 10;
const PROBE_ID = 0x4000_0000;
/** How much of what the agent printed is shown when it failed to start. */
const KEPT_OUTPUT = 4000;

/** A process that answers on a port of the loopback address. */
export interface Server {
  readonly process: ChildProcess;
  readonly pid: number;
  readonly port: number;
}

/** Starts the echo. */
export async function startEcho(children: Children, cpu: number | undefined): Promise<Server> {
  const child = children.start([process.execPath, ECHO], cpu, ['ignore', 'pipe', 'inherit']);
  const [output] = await once(child.stdout!, 'data');
  return { process: child, pid: child.pid!, port: Number(output) };
}

/**
 * Starts the built agent with some guests and the default configuration but for one more user.
 * `startMs` is the time from starting the process to its first answer, with a resolution of 10 ms.
 */
export async function startAgent(
  children: Children,
  cpu: number | undefined,
  guests: number,
): Promise<Server & { readonly startMs: number }> {
  const port = await freePort();
  const flags = {
    '--config': CONFIG,
    '--listen': '127.0.0.1',
    '--port': port,
    '--guests': guests,
    '--api': 'off',
  };
  const command = [process.execPath, PROGRAM, 'serve', ...Object.entries(flags).flat().map(String)];
  const begin = performance.now();
  const child = children.start(command, cpu, ['ignore', 'pipe', 'pipe']);
  let output = '';
  const keep = (text: Buffer) => {
    output = (output + text).slice(-KEPT_OUTPUT);
  };
  child.stdout!.on('data', keep);
  child.stderr!.on('data', keep);
  await firstAnswer(port, () => {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`the agent ended before it answered; it printed:\n${output}`);
    }
  });
  return { process: child, pid: child.pid!, port, startMs: performance.now() - begin };
}

/** A UDP port that is free now. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

/** Asks for the first instance until something answers. Throws what `check` throws, and when it takes too long. */
async function firstAnswer(port: number, check: () => void): Promise<void> {
  const name = encodeOid(ROOT);
  const dialect = new CommunityDialect({ kind: 'GETNEXT', repetitions: 0 }, COMMUNITY);
  const bytes = dialect.request(PROBE_ID, name, 0, name.length);
  const socket = createSocket('udp4');
  const answered = once(socket, 'message').then(() => true);
  socket.bind(0, '127.0.0.1');
  try {
    for (let waited = 0; waited < START_LIMIT_MS; waited += PROBE_EVERY_MS) {
      check();
      socket.send(bytes, port, '127.0.0.1');
      if (await Promise.race([answered, pause(PROBE_EVERY_MS)])) return;
    }
    throw new Error(`the agent did not answer within ${START_LIMIT_MS / 1000} s`);
  } finally {
    socket.close();
  }
}

function pause(milliseconds: number): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), milliseconds));
}
