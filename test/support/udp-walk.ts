import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { decode, encode, value, WIRE, type WireVarbind } from './wire.ts';

const GET_NEXT = 0xa1;

/** Walks everything that an agent shows by GETNEXT, one line `oid = tag value` for each instance. */
export async function udpWalk(port: number, address = '127.0.0.1', community = 'public'): Promise<string[]> {
  const socket = createSocket('udp4');
  socket.connect(port, address);
  await once(socket, 'connect');
  const lines: string[] = [];
  try {
    let oid = '1.3';
    for (let requestId = 1; ; requestId++) {
      const varbinds = [{ oid, value: value.null }];
      socket.send(
        encode({
          version: 1,
          community,
          type: GET_NEXT,
          requestId,
          fieldA: 0,
          fieldB: 0,
          varbinds,
        }),
      );
      const [datagram] = (await once(socket, 'message')) as [Uint8Array];
      const [found] = decode(datagram).varbinds as [WireVarbind];
      if (found.value.tag === WIRE.endOfMibView) return lines;
      lines.push(`${found.oid} = ${found.value.tag.toString(16)} ${printable(found.value.value)}`);
      oid = found.oid;
    }
  } finally {
    socket.close();
  }
}

function printable(content: bigint | string | null): string {
  return typeof content === 'string' ? JSON.stringify(content) : String(content);
}
