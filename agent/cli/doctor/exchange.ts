import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import type { DoctorRequest } from './request.ts';

/** The largest number that msgID and request-id may have, and one more. */
const ID_END = 0x7fff_ffff;

/** What a datagram turned out to be. */
export type Reading<Answer> =
  | { readonly kind: 'answer'; readonly answer: Answer }
  /** An answer to a request before, which was given up. */
  | { readonly kind: 'late' }
  /** Nothing that counts as an answer, and why. */
  | { readonly kind: 'noise'; readonly why: string };

/** What came of a request. */
export type Outcome<Answer> =
  | { readonly kind: 'answer'; readonly answer: Answer; readonly elapsedMs: number }
  /** The network said that it cannot be delivered; `code` is the system's, such as ECONNREFUSED. */
  | { readonly kind: 'unreachable'; readonly code: string }
  | { readonly kind: 'silence'; readonly noise: Noise };

/** Datagrams that came instead of an answer. */
export interface Noise {
  readonly count: number;
  /** What was wrong with the first one; empty when there was none. */
  readonly why: string;
}

/** Resolves the host's name; throws the resolver's error. */
export async function resolveHost({
  host,
  family,
}: DoctorRequest): Promise<{ address: string; family: 4 | 6 }> {
  const found = await lookup(host, { family: family ?? 0 });
  return { address: found.address, family: found.family === 6 ? 6 : 4 };
}

/**
 * Requests to one address and port, one at a time.
 *
 * The socket is connected, so that the kernel passes on what comes from there alone, and tells when the port is
 * closed. Whatever comes is looked at once and not kept.
 */
export class Exchange {
  readonly #socket: Socket;
  readonly #timeoutMs: number;
  readonly #retries: number;
  #onDatagram: ((datagram: Uint8Array) => void) | undefined;
  #onError: ((error: NodeJS.ErrnoException) => void) | undefined;

  private constructor(socket: Socket, request: DoctorRequest) {
    this.#socket = socket;
    this.#timeoutMs = request.timeoutMs;
    this.#retries = request.retries;
    socket.on('message', (datagram) => this.#onDatagram?.(datagram));
    socket.on('error', (error) => this.#onError?.(error));
  }

  /** Opens a socket towards a numeric address. Throws the system's error when there is no way there. */
  static async open(address: string, family: 4 | 6, request: DoctorRequest): Promise<Exchange> {
    const socket = createSocket({ type: `udp${family}` });
    try {
      const connected = once(socket, 'connect');
      socket.connect(request.port, address);
      await connected;
    } catch (thrown) {
      socket.close();
      throw thrown;
    }
    return new Exchange(socket, request);
  }

  /** A number for msgID and request-id that nobody can guess. */
  newId(): number {
    return randomInt(1, ID_END);
  }

  /**
   * Sends a request and waits for what `read` takes as its answer. What else comes is noise, and the wait goes on.
   * `tries` is how often it is sent at most, when not as often as the user said.
   */
  async ask<Answer>(
    datagram: Uint8Array,
    read: (datagram: Uint8Array) => Reading<Answer>,
    tries: number = this.#retries + 1,
  ): Promise<Outcome<Answer>> {
    const startedMs = performance.now();
    const noise = { count: 0, why: '' };
    for (let attempt = 0; attempt < tries; attempt++) {
      const outcome = await this.#attempt(datagram, read, noise);
      if (outcome?.kind === 'answer') return { ...outcome, elapsedMs: performance.now() - startedMs };
      if (outcome) return outcome;
    }
    return { kind: 'silence', noise };
  }

  close(): void {
    this.#socket.close();
  }

  #attempt<Answer>(
    datagram: Uint8Array,
    read: (datagram: Uint8Array) => Reading<Answer>,
    noise: { count: number; why: string },
  ): Promise<{ kind: 'answer'; answer: Answer } | { kind: 'unreachable'; code: string } | undefined> {
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void) => {
        clearTimeout(timer);
        this.#onDatagram = undefined;
        this.#onError = undefined;
        finish();
      };
      const timer = setTimeout(() => settle(() => resolve(undefined)), this.#timeoutMs);
      this.#onError = ({ code, message }) =>
        settle(() => resolve({ kind: 'unreachable', code: code ?? message }));
      this.#onDatagram = (received) => {
        try {
          const reading = read(received);
          if (reading.kind === 'answer') settle(() => resolve(reading));
          else if (reading.kind === 'noise') {
            if (noise.count === 0) noise.why = reading.why;
            noise.count++;
          }
        } catch (thrown) {
          settle(() => reject(thrown));
        }
      };
      this.#socket.send(datagram, (error) => {
        if (error) this.#onError?.(error);
      });
    });
  }
}
