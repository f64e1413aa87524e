import { lookup } from 'node:dns/promises';
import { isIP, SocketAddress } from 'node:net';
import type { Peer } from '../transport/udp.ts';
import { errorText } from '../util/errors.ts';
import type { Timers } from '../util/timers.ts';
import type { NotifySockets } from './sockets.ts';
import type { NotifyTarget } from './target.ts';

/** How long a host name, resolved or not, is left alone before it is asked for again, in ms. */
const RESOLVED_MS = 60_000;

/** Where one target is, as far as it is known: its numeric address and the socket that leads there. */
export class Endpoint {
  readonly #target: Pick<NotifyTarget, 'host' | 'port' | 'sourceAddress'>;
  readonly #sockets: NotifySockets;
  readonly #timers: Timers;
  readonly #onChange: (problem: string | undefined) => void;
  #peer: Peer | undefined;
  #source: string | undefined;
  #preparedAt = Number.NEGATIVE_INFINITY;
  #preparing = false;

  /** `onChange` is called after each try to find the target, with what went wrong. */
  constructor(
    target: Pick<NotifyTarget, 'host' | 'port' | 'sourceAddress'>,
    sockets: NotifySockets,
    timers: Timers,
    onChange: (problem: string | undefined) => void,
  ) {
    this.#target = target;
    this.#sockets = sockets;
    this.#timers = timers;
    this.#onChange = onChange;
    void this.#prepare();
  }

  /** Where it is sent to; `undefined` when that is not known. */
  get peer(): Peer | undefined {
    return this.#peer;
  }

  /** Whether it is being found out for the first time, so that it is too early to give up. */
  get isPending(): boolean {
    return this.#preparing && this.#peer === undefined;
  }

  /** Looks for the target again when it is time to. */
  refresh(): void {
    const isNumeric = this.#peer !== undefined && isIP(this.#target.host) !== 0;
    if (this.#preparing || isNumeric) return;
    if (this.#timers.nowMs() - this.#preparedAt >= RESOLVED_MS) void this.#prepare();
  }

  /** Sends a datagram; `undefined` when there is no way, otherwise as {@link UdpSocket.send}. */
  send(datagram: Uint8Array): boolean | undefined {
    const socket = this.#source === undefined ? undefined : this.#sockets.get(this.#source);
    return this.#peer && socket ? socket.send(datagram, this.#peer) : undefined;
  }

  async #prepare(): Promise<void> {
    const { host, port, sourceAddress } = this.#target;
    this.#preparing = true;
    // Set first, so that a burst asks once.
    this.#preparedAt = this.#timers.nowMs();
    let problem: string | undefined;
    try {
      const address = isIP(host) ? host : (await lookup(host)).address;
      const source = this.#sockets.sourceFor(address, sourceAddress);
      await this.#sockets.open(source);
      this.#source = source;
      this.#peer = { address: plainText(address), port };
    } catch (thrown) {
      problem = errorText(thrown);
    }
    this.#preparing = false;
    this.#onChange(problem);
  }
}

/** An address as sockets write it, so that answers are told by it. */
function plainText(address: string): string {
  return new SocketAddress({ address, family: isIP(address) === 6 ? 'ipv6' : 'ipv4' }).address;
}
