/**
 * The yardstick: a bare UDP echo, the least that a Node program can do for a datagram.
 *
 * It prints its port and echoes until it is ended. Plain JavaScript, so that it runs without any loader,
 * as the built agent does.
 */
import { createSocket } from 'node:dgram';

const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 });
socket.on('message', (message, from) => {
  socket.send(message, from.port, from.address);
});
socket.bind(0, '127.0.0.1', () => process.stdout.write(`${socket.address().port}\n`));
