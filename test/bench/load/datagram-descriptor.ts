import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync, readSync, writeSync } from 'node:fs';

const RECEIVE_BUFFER = 4 * 1024 * 1024;
/** How long it sleeps when nothing has come yet, in milliseconds: short against the time of a whole window. */
const NAP_MS = 0.02;
const napping = new Int32Array(new SharedArrayBuffer(4));

/**
 * A UDP socket on loopback that is read and written through its file descriptor.
 *
 * Node's own way takes as long for a datagram as the echo does, so a generator that used it could not keep
 * a server busy from one core. A plain write and read take about half.
 */
export class DatagramDescriptor {
  readonly #close: () => void;
  readonly #fd: number;
  /** The port that it is bound to. */
  readonly port: number;

  private constructor(socket: Socket, remotePort: number) {
    this.port = socket.address().port;
    this.#fd = descriptorOf(this.port, remotePort);
    this.#close = () => socket.close();
  }

  /** Connects to a port on the IPv4 loopback address. */
  static async connect(port: number): Promise<DatagramDescriptor> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER });
    socket.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new DatagramDescriptor(socket, port);
  }

  /** Takes what anybody sends to a free port; it is not for sending. */
  static async listen(): Promise<DatagramDescriptor> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER });
    const listening = once(socket, 'listening');
    socket.bind(0, '127.0.0.1');
    await listening;
    return new DatagramDescriptor(socket, 0);
  }

  /** Sends one datagram; one that the kernel refuses is as good as lost. */
  send(bytes: Uint8Array): void {
    try {
      writeSync(this.#fd, bytes, 0, bytes.length);
    } catch (thrown) {
      if (!isOneOf(thrown, 'EAGAIN', 'ECONNREFUSED')) throw thrown;
    }
  }

  /** Receives one datagram and returns its length; -1 when none is there, after a short nap. */
  receive(into: Uint8Array): number {
    const length = this.poll(into);
    if (length < 0) this.nap();
    return length;
  }

  /** The same without the nap. */
  poll(into: Uint8Array): number {
    try {
      return readSync(this.#fd, into, 0, into.length, null);
    } catch (thrown) {
      if (!isOneOf(thrown, 'EAGAIN', 'ECONNREFUSED')) throw thrown;
      return -1;
    }
  }

  /** Leaves the processor to others for a moment. */
  nap(): void {
    Atomics.wait(napping, 0, 0, NAP_MS);
  }

  close(): void {
    this.#close();
  }
}

/** The descriptor of this process's UDP socket between two ports, the remote one 0 for any, found by its inode in /proc. */
function descriptorOf(localPort: number, remotePort: number): number {
  const ends = [localPort, remotePort].map((port) => `:${port.toString(16).toUpperCase().padStart(4, '0')}`);
  const line = readFileSync('/proc/self/net/udp', 'utf8')
    .split('\n')
    .map((text) => text.trim().split(/\s+/))
    .find((fields) => fields[1]?.endsWith(ends[0]!) && fields[2]?.endsWith(ends[1]!));
  for (const name of readdirSync('/proc/self/fd')) {
    if (linkOf(`/proc/self/fd/${name}`) === `socket:[${line?.[9]}]`) return Number(name);
  }
  throw new Error(`no descriptor in /proc/self/fd belongs to the socket on port ${localPort}`);
}

/** Where a link leads; nothing for one that is gone, as that of the folder being read is. */
function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function isOneOf(thrown: unknown, ...codes: string[]): boolean {
  return codes.includes((thrown as NodeJS.ErrnoException).code ?? '');
}
