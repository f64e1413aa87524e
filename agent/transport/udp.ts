import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { errorText, VirtsnmpError } from '../util/errors.ts';
import type { Logger } from '../util/logger.ts';

/** Receive buffer asked of the kernel, in octets: room for the bursts of many managers at once. */
const RECEIVE_BUFFER = 4 * 1024 * 1024;

/** Where a datagram came from, as the socket tells it. */
export interface Peer {
  readonly address: string;
  readonly port: number;
}

/** Takes one datagram; the octets are the receiver's to keep. */
export type DatagramHandler = (datagram: Uint8Array, from: Peer, socket: UdpSocket) => void;

export interface UdpOptions {
  /** Numeric IPv4 or IPv6 address of this machine. */
  readonly address: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly logger: Logger;
  /** Absent for a socket that only sends. */
  readonly onDatagram?: DatagramHandler;
}

/**
 * One bound UDP socket. Errors of receiving are logged; a datagram that the kernel refuses to send is lost like
 * any other that UDP loses. Neither ends anything.
 */
export class UdpSocket {
  readonly #socket: Socket;
  readonly #logger: Logger;
  #closed = false;

  private constructor(socket: Socket, logger: Logger) {
    this.#socket = socket;
    this.#logger = logger;
  }

  /** Binds a socket. Throws LISTEN_FAILED with a line that says what would help. */
  static async open({ address, port, logger, onDatagram }: UdpOptions): Promise<UdpSocket> {
    const family = isIPv6(address) ? 6 : 4;
    const socket = createSocket({
      type: `udp${family}`,
      recvBufferSize: RECEIVE_BUFFER,
      // All addresses here are numeric, so nothing needs to be looked up, and a send happens at once.
      lookup: (host, _options, callback) => callback(null, host, family),
    });
    const opened = new UdpSocket(socket, logger);
    const listening = once(socket, 'listening');
    socket.bind(port, address);
    try {
      await listening;
    } catch (thrown) {
      socket.close();
      throw new VirtsnmpError('LISTEN_FAILED', bindProblem(address, port, thrown));
    }
    socket.on('error', (error) => logger.warn('socket error', { error: error.message }));
    if (onDatagram) socket.on('message', (datagram, from) => onDatagram(datagram, from, opened));
    return opened;
  }

  /** The address and port that it is bound to. */
  get local(): Peer {
    const { address, port } = this.#socket.address();
    return { address, port };
  }

  /**
   * Sends a datagram to a numeric address. Returns false when the kernel could not take it at once: then
   * the octets must stay as they are until it can.
   */
  send(datagram: Uint8Array, to: Peer): boolean {
    if (this.#closed) return true;
    try {
      this.#socket.send(datagram, to.port, to.address);
      return this.#socket.getSendQueueCount() === 0;
    } catch (thrown) {
      this.#logger.warn('a datagram could not be sent', { to: to.address, error: errorText(thrown) });
      return true;
    }
  }

  /** Closes the socket; a second call does nothing. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }
}

function bindProblem(address: string, port: number, thrown: unknown): string {
  const where = isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
  const code = (thrown as NodeJS.ErrnoException).code;
  switch (code) {
    case 'EADDRINUSE':
      return `${where} is in use by another program: stop it, or choose another port with --port`;
    case 'EACCES':
      return `${where} needs more rights: ports below 1024 are the system's; choose another with --port`;
    case 'EADDRNOTAVAIL':
      return `${where} is not an address of this machine: choose another with --listen, or inventory.addressing: port`;
    default:
      return `${where} cannot be listened on: ${errorText(thrown)}`;
  }
}
