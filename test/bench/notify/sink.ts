/**
 * The process that receives notifications: some sockets on loopback, told apart by their place. It acknowledges informs
 * of SNMPv2c, looks whether request-ids ascend one by one, and remembers when each notification came.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { machineMs } from './asked.ts';

/** What a sink has seen since it was asked last. */
export interface SinkFigures {
  /** Notifications, repetitions not counted. */
  readonly received: number;
  readonly repeated: number;
  /** Notifications whose request-id was not the one after the greatest before: there was a gap, or they came late. */
  readonly gaps: number;
  readonly disorder: number;
  /** The request-id of each, and when it came in ms of the machine's monotonic clock. */
  readonly arrivals: readonly (readonly [id: number, atMs: number])[];
}

const INFORM = 0xa6;
const RESPONSE = 0xa2;
const RECEIVE_BUFFER = 16 * 1024 * 1024;

class Sink {
  readonly socket: Socket;
  #received = 0;
  #repeated = 0;
  #gaps = 0;
  #disorder = 0;
  #arrivals: [id: number, atMs: number][] = [];
  #last = -1;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('message', (datagram, from) => {
      const atMs = machineMs();
      const at = pduOffset(datagram);
      if (datagram[at] === INFORM) {
        datagram[at] = RESPONSE;
        socket.send(datagram, from.port, from.address);
      }
      this.#count(requestId(datagram, at), atMs);
    });
  }

  /** Forgets whose notifications came so far. */
  reset(): void {
    this.#last = -1;
    this.take();
  }

  take(): SinkFigures {
    const figures = {
      received: this.#received,
      repeated: this.#repeated,
      gaps: this.#gaps,
      disorder: this.#disorder,
      arrivals: this.#arrivals,
    };
    this.#received = 0;
    this.#repeated = 0;
    this.#gaps = 0;
    this.#disorder = 0;
    this.#arrivals = [];
    return figures;
  }

  #count(id: number, atMs: number): void {
    if (id === this.#last) {
      this.#repeated++;
      return;
    }
    this.#arrivals.push([id, atMs]);
    this.#received++;
    if (id < this.#last) this.#disorder++;
    else if (this.#last >= 0 && id !== this.#last + 1) this.#gaps++;
    this.#last = Math.max(id, this.#last);
  }
}

/** Offset of the PDU's tag in a message with a community: behind two headers and two fields. */
function pduOffset(message: Buffer): number {
  const outer = headerLength(message, 0);
  const version = outer + 2 + message[outer + 1]!;
  return version + 2 + message[version + 1]!;
}

function headerLength(message: Buffer, at: number): number {
  const length = message[at + 1]!;
  return 2 + (length < 0x80 ? 0 : length - 0x80);
}

function requestId(message: Buffer, pdu: number): number {
  const field = pdu + headerLength(message, pdu);
  return message.readIntBE(field + 2, message[field + 1]!);
}

const sinks: Sink[] = [];

/** Opens so many sinks at least; asks one what it has seen; makes one ready for another sender. */
export type SinkTask = { readonly open: number } | { readonly take: number } | { readonly reset: number };

process.on('message', async (task: SinkTask) => {
  if ('reset' in task) {
    sinks[task.reset]!.reset();
    process.send?.({});
    return;
  }
  if ('take' in task) {
    process.send?.({ figures: sinks[task.take]!.take() });
    return;
  }
  while (sinks.length < task.open) {
    const socket = createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER });
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    sinks.push(new Sink(socket));
  }
  process.send?.({ ports: sinks.map(({ socket }) => socket.address().port) });
});
