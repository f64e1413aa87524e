import { isIP } from 'node:net';
import { type DatagramHandler, UdpSocket } from '../transport/udp.ts';
import type { Logger } from '../util/logger.ts';

export interface NotifySocketsOptions {
  /** The agent's own numeric address: what receivers see as the sender where nothing else is said. */
  readonly address: string;
  readonly logger: Logger;
  readonly onDatagram: DatagramHandler;
}

/** The sockets that notifications leave by: one for each address that they are sent from. */
export class NotifySockets {
  readonly #options: NotifySocketsOptions;
  /** BOUNDED by the source addresses of the targets. */
  readonly #opening = new Map<string, Promise<UdpSocket>>();
  readonly #ready = new Map<string, UdpSocket>();
  #closed = false;

  constructor(options: NotifySocketsOptions) {
    this.#options = options;
  }

  /** The address that a datagram to `to` is sent from. */
  sourceFor(to: string, wanted: string | undefined): string {
    const family = isIP(to);
    if (wanted !== undefined && isIP(wanted) === family) return wanted;
    const { address } = this.#options;
    // Notifications come from the address that answers requests, where the family allows it.
    if (isIP(address) === family) return address;
    return family === 6 ? '::' : '0.0.0.0';
  }

  /** The socket of a source address, when it is open. */
  get(source: string): UdpSocket | undefined {
    return this.#ready.get(source);
  }

  /** Opens it where it is not yet. Rejects with LISTEN_FAILED. */
  async open(source: string): Promise<void> {
    // A name may be resolved after the end.
    if (this.#closed) return;
    const { logger, onDatagram } = this.#options;
    let opening = this.#opening.get(source);
    if (!opening) {
      opening = UdpSocket.open({ address: source, port: 0, logger, onDatagram });
      this.#opening.set(source, opening);
      // One that failed is tried again with the next notification that needs it.
      opening.catch(() => this.#opening.delete(source));
    }
    this.#ready.set(source, await opening);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const sockets = await Promise.allSettled(this.#opening.values());
    await Promise.all(sockets.map((socket) => socket.status === 'fulfilled' && socket.value.close()));
    this.#opening.clear();
    this.#ready.clear();
  }
}
