import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { decode, encode, value, WIRE } from './wire.ts';

const REPETITIONS = 25;

/** How a walk is made: who asks, and by which request. */
export interface WalkOptions {
  readonly community?: string;
  readonly by?: 'getBulk' | 'getNext';
}

/** Walks everything that an agent shows, one line `oid = tag value` for each instance. */
export async function udpWalk(
  port: number,
  { community = 'public', by = 'getBulk' }: WalkOptions = {},
): Promise<string[]> {
  const socket = createSocket('udp4');
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const lines: string[] = [];
  try {
    let oid = '1.3';
    for (let requestId = 1; ; requestId++) {
      const varbinds = [{ oid, value: value.null }];
      const fields = { type: WIRE[by], fieldA: 0, fieldB: by === 'getBulk' ? REPETITIONS : 0 };
      socket.send(encode({ version: 1, community, requestId, ...fields, varbinds }));
      const [datagram] = (await once(socket, 'message')) as [Uint8Array];
      for (const found of decode(datagram).varbinds) {
        if (found.value.tag === WIRE.endOfMibView) return lines;
        lines.push(`${found.oid} = ${found.value.tag.toString(16)} ${printable(found.value.value)}`);
        oid = found.oid;
      }
    }
  } finally {
    socket.close();
  }
}

function printable(content: bigint | string | null): string {
  return typeof content === 'string' ? JSON.stringify(content) : String(content);
}
