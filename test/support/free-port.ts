import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that the system hands out by itself, so that it gives none of these away meanwhile. */
const FIRST = 15_000;
/** Each process of tests has as many for itself: what one was given and has not bound yet no other is given. */
const PORTS = 1000;
const SHARES = 17;
const HOST = '127.0.0.1';

const first = FIRST + (Number(process.env['VITEST_POOL_ID'] ?? 0) % SHARES) * PORTS;
let next = randomInt(PORTS);

/** A port of the loopback address that nobody listens on now, over UDP or TCP, another one each time. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = first + next;
    next = (next + 1) % PORTS;
    if ((await isFreeOverUdp(port)) && (await isFreeOverTcp(port))) return port;
  }
}

async function isFreeOverUdp(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  try {
    socket.bind(port, HOST);
    await once(socket, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}

async function isFreeOverTcp(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, HOST);
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
