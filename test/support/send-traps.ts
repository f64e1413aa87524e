import type { Notification } from '../../agent/notify/notification.ts';
import { UdpSocket } from '../../agent/transport/udp.ts';
import { silentLogger } from '../../agent/util/logger.ts';
import { trapV2 } from './trap-octets.ts';

/** Sends notifications as SNMPv2c traps to a port of this machine, community public. */
export async function sendTraps(port: number, notifications: readonly Notification[]): Promise<void> {
  const socket = await UdpSocket.open({ address: '127.0.0.1', port: 0, logger: silentLogger });
  for (const [i, notification] of notifications.entries())
    socket.send(trapV2(notification, 'public', i + 1), { address: '127.0.0.1', port });
  await socket.close();
}
