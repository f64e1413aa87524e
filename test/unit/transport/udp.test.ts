import { afterEach, describe, expect, it, vi } from 'vitest';
import { UdpSocket } from '../../../agent/transport/udp.ts';
import { silentLogger } from '../../../agent/util/logger.ts';
import { LOOPBACKS } from '../../support/loopback.ts';
import { PATIENCE_MS } from '../../support/patience.ts';

const sockets: UdpSocket[] = [];
afterEach(async () => {
  await Promise.all(sockets.splice(0).map((socket) => socket.close()));
});

async function open(options: Partial<Parameters<typeof UdpSocket.open>[0]> = {}): Promise<UdpSocket> {
  const socket = await UdpSocket.open({ address: '127.0.0.1', port: 0, logger: silentLogger, ...options });
  sockets.push(socket);
  return socket;
}

describe.each(LOOPBACKS)('a socket at %s', (address) => {
  it('answers from where it was asked', async () => {
    const got: [string, unknown][] = [];
    const server = await open({
      address,
      onDatagram: (datagram, from, socket) => {
        socket.send(Buffer.from(`re: ${Buffer.from(datagram)}`), from);
      },
    });
    const client = await open({
      address,
      onDatagram: (datagram, from) => got.push([Buffer.from(datagram).toString(), from.port]),
    });
    expect(client.send(Buffer.from('ping'), server.local)).toBe(true);
    await vi.waitFor(() => expect(got).toEqual([['re: ping', server.local.port]]), PATIENCE_MS);
  });

  it('says which port is in use and what would help', async () => {
    const { port } = (await open({ address })).local;
    const second = UdpSocket.open({ address, port, logger: silentLogger });
    await expect(second).rejects.toMatchObject({
      code: 'LISTEN_FAILED',
      message: expect.stringMatching(new RegExp(`${port} is in use.*--port`)),
    });
  });
});

describe('a socket', () => {
  it('leaves a sent buffer to the caller at once: what is written over it later is not sent', async () => {
    const got: string[] = [];
    const server = await open({ onDatagram: (datagram) => got.push(Buffer.from(datagram).toString()) });
    const client = await open();
    const buffer = Buffer.from('first');
    for (const text of ['first', 'again', 'third']) {
      buffer.write(text);
      // False would mean that the octets must stay: then this test proves nothing.
      expect(client.send(buffer, server.local)).toBe(true);
    }
    await vi.waitFor(() => expect(got).toEqual(['first', 'again', 'third']), PATIENCE_MS);
  });

  it('goes on after a datagram that is too large to be sent', async () => {
    const got: number[] = [];
    const server = await open({ onDatagram: (datagram) => got.push(datagram.length) });
    const client = await open();
    client.send(new Uint8Array(70_000), server.local);
    client.send(Uint8Array.of(1), server.local);
    await vi.waitFor(() => expect(got).toEqual([1]), PATIENCE_MS);
  });

  it('refuses an address that is not of this machine', async () => {
    await expect(open({ address: '192.0.2.1' })).rejects.toMatchObject({
      code: 'LISTEN_FAILED',
      message: expect.stringContaining('--listen'),
    });
  });

  it('closes twice, and sends nothing afterwards', async () => {
    const socket = await open();
    const { local } = socket;
    await socket.close();
    await socket.close();
    expect(socket.send(Uint8Array.of(1), local)).toBe(true);
  });
});
