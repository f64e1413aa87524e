import { UdpSocket } from '../../agent/transport/udp.ts';
import { silentLogger } from '../../agent/util/logger.ts';

/** A UDP port of the loopback address that nobody listens on now. */
export async function freePort(): Promise<number> {
  const socket = await UdpSocket.open({ address: '127.0.0.1', port: 0, logger: silentLogger });
  const { port } = socket.local;
  await socket.close();
  return port;
}
