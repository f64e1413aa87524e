import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { RandomStream } from '../../agent/util/random.ts';
import { decode, encode, WIRE } from './wire.ts';

/** What a lossy receiver does with one datagram. */
export type Verdict =
  /** Never saw it. */
  | 'lost'
  /** Took it, and the answer was lost. */
  | 'unanswered'
  /** Answered after this and some further datagrams had come. */
  | 'late'
  /** Answered twice. */
  | 'twice'
  | 'answered';

/** How often, from 0 to 1, each verdict but `answered` falls; the same seed gives the same row of verdicts. */
export interface LossPlan {
  readonly seed: number;
  readonly lost?: number;
  readonly unanswered?: number;
  readonly late?: number;
  readonly twice?: number;
}

/** Datagrams that come before an answer that is late goes out. */
const LATE_BY = 2;

/** The verdicts on the first datagrams that come, in their order. */
export function verdictsOf(plan: LossPlan, count: number): Verdict[] {
  const random = new RandomStream(plan.seed);
  return Array.from({ length: count }, () => verdict(plan, random.next()));
}

function verdict({ lost = 0, unanswered = 0, late = 0, twice = 0 }: LossPlan, drawn: number): Verdict {
  const shares = [
    ['lost', lost],
    ['unanswered', unanswered],
    ['late', late],
    ['twice', twice],
  ] as const;
  let below = 0;
  for (const [name, share] of shares) {
    below += share;
    if (drawn < below) return name;
  }
  return 'answered';
}

/** One inform that a lossy receiver took. */
export interface Taken {
  readonly requestId: number;
  /** Value of snmpTrapOID.0. */
  readonly trapOid: string;
  /** Value of the first variable behind sysUpTime.0 and snmpTrapOID.0, where that is a number. */
  readonly number: number | undefined;
}

/**
 * A receiver of SNMPv2c informs and traps on loopback that behaves as a bad network does, by a plan: datagrams and
 * answers get lost, come late or twice. It does not use the agent's own codec.
 */
export class LossyReceiver {
  /** Verdicts on what has come so far. */
  readonly verdicts: Verdict[] = [];
  /** What it took, repetitions included, in order. */
  readonly taken: Taken[] = [];
  /** Answers that it sent. */
  answers = 0;
  /** True: nothing gets through, whatever the plan says, and the plan waits. */
  away = false;
  readonly #socket: Socket;
  readonly #draw: () => Verdict;
  #late: { readonly at: number; readonly send: () => void }[] = [];

  private constructor(socket: Socket, plan: LossPlan) {
    this.#socket = socket;
    const random = new RandomStream(plan.seed);
    this.#draw = () => verdict(plan, random.next());
    socket.on('message', (datagram, from) => this.#receive(datagram, from));
  }

  /** Listens on a free port, or on this one. */
  static async open(plan: LossPlan, port = 0): Promise<LossyReceiver> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 });
    const listening = once(socket, 'listening');
    socket.bind(port, '127.0.0.1');
    await listening;
    return new LossyReceiver(socket, plan);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** What it took, each inform once: in the order in which it came first. */
  get distinct(): Taken[] {
    const seen = new Set<number>();
    return this.taken.filter(({ requestId }) => !seen.has(requestId) && seen.add(requestId));
  }

  async close(): Promise<void> {
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }

  #receive(datagram: Buffer, from: { readonly port: number; readonly address: string }): void {
    if (this.away) return;
    const drawn = this.#draw();
    this.verdicts.push(drawn);
    for (const { send } of this.#late.filter(({ at }) => at <= this.verdicts.length)) send();
    this.#late = this.#late.filter(({ at }) => at > this.verdicts.length);
    if (drawn === 'lost') return;
    const message = decode(datagram);
    const number = message.varbinds[2]?.value.value;
    this.taken.push({
      requestId: message.requestId,
      trapOid: String(message.varbinds[1]?.value.value),
      number: typeof number === 'bigint' ? Number(number) : undefined,
    });
    if (message.type !== WIRE.inform || drawn === 'unanswered') return;
    const answer = encode({ ...message, type: WIRE.response });
    const send = () => {
      this.answers++;
      this.#socket.send(answer, from.port, from.address);
    };
    if (drawn === 'late') this.#late.push({ at: this.verdicts.length + LATE_BY, send });
    else send();
    if (drawn === 'twice') send();
  }
}
