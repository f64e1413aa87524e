import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that the system hands out by itself, so that it gives none of these away meanwhile. */
const [FIRST, BEYOND] = [15_000, 32_000];
const HOST = '127.0.0.1';

/** A port of the loopback address that nobody listens on now, over UDP or TCP. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST, BEYOND);
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
