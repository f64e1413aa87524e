import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { AUTH_PASSWORD, PRIV_PASSWORD } from './usm-laboratory.ts';
import { decodeV3, localizedKey, localizedPrivKey, v3Message } from './v3-messages.ts';
import { decode, element, elements, pduElement, value, varbindElement, WIRE } from './wire.ts';

const STATS = '1.3.6.1.6.3.15.1.1';
const UNKNOWN_ENGINE_IDS = `${STATS}.4.0`;
const NOT_IN_TIME_WINDOWS = `${STATS}.2.0`;

/** One inform or trap that was taken: its request-id, and the number in its first variable. */
export interface TakenV3 {
  readonly requestId: number;
  readonly number: number;
}

/**
 * A receiver of SNMPv3 informs on loopback with an engine of its own: the user `watcher`, SHA-256 and AES, at authPriv.
 * It uses nothing of the agent's codec or cryptography.
 */
export class V3Receiver {
  engineId: Uint8Array;
  boots: number;
  time: number;
  /** What came, in words and in order: `discovery`, `untimely` or `inform`. */
  readonly seen: string[] = [];
  readonly taken: TakenV3[] = [];
  away = false;
  readonly #socket: Socket;
  #known:
    | {
        readonly engineId: Uint8Array;
        readonly auth: { readonly name: 'SHA-256'; readonly key: Uint8Array };
        readonly priv: { readonly name: 'AES'; readonly key: Uint8Array };
      }
    | undefined;

  private constructor(socket: Socket, engineId: Uint8Array, boots: number, time: number) {
    this.#socket = socket;
    this.engineId = engineId;
    this.boots = boots;
    this.time = time;
    socket.on('message', (datagram, from) => {
      const answer = this.away ? undefined : this.#answer(datagram);
      if (answer) socket.send(answer, from.port, from.address);
    });
  }

  /** An engine with this ID, in hexadecimal. */
  static async open(engineId: string, boots = 3, time = 5000): Promise<V3Receiver> {
    const socket = createSocket('udp4');
    const listening = once(socket, 'listening');
    socket.bind(0, '127.0.0.1');
    await listening;
    return new V3Receiver(socket, Uint8Array.from(Buffer.from(engineId, 'hex')), boots, time);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  async close(): Promise<void> {
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }

  #answer(datagram: Uint8Array): Uint8Array | undefined {
    const { engineId, boots, time } = this;
    // RFC 3414 section 3.2 step 3: another engine's ID, or none.
    const plain = outerOf(datagram);
    if (Buffer.compare(plain.engineId, engineId) !== 0) {
      this.seen.push('discovery');
      return v3Message({
        messageId: plain.messageId,
        engineId,
        boots,
        time,
        flags: 0,
        scopedPdu: this.#report(plain.engineId.length === 0 ? plain.messageId : 0, UNKNOWN_ENGINE_IDS),
      });
    }
    const { auth, priv } = this.#keys();
    const message = decodeV3(datagram, auth, priv);
    const { messageId } = message;
    const common = { messageId, engineId, boots, time, userName: 'watcher', auth };
    // Step 7 a.
    if (message.boots !== boots || Math.abs(message.time - time) > 150) {
      this.seen.push('untimely');
      return v3Message({ ...common, flags: 1, scopedPdu: this.#report(0, NOT_IN_TIME_WINDOWS) });
    }
    this.seen.push('inform');
    // The PDU in a message of SNMPv2c, for its decoder.
    const pdu = element(message.pdu.tag, Array.from(message.pdu.content));
    const community = element(WIRE.Sequence, [2, 1, 1, 4, 0, ...pdu]);
    const { requestId, varbinds, type } = decode(Uint8Array.from(community));
    this.taken.push({ requestId, number: Number(varbinds[2]!.value.value) });
    if (type !== WIRE.inform) return undefined;
    const bindings = varbinds.flatMap((varbind) => varbindElement(varbind));
    const response = pduElement({ type: WIRE.response, requestId, fieldA: 0, fieldB: 0 }, bindings);
    const salt = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, this.taken.length % 256);
    return v3Message({
      ...common,
      flags: 3,
      priv: { ...priv, salt },
      scopedPdu: this.#scoped(response),
    });
  }

  /** Made anew only for another engine ID: that hashes 1 MiB each time. */
  #keys() {
    const { engineId } = this;
    if (this.#known?.engineId !== engineId) {
      const auth = localizedKey('SHA-256', Buffer.from(AUTH_PASSWORD), engineId);
      const priv = localizedPrivKey('SHA-256', 'AES', Buffer.from(PRIV_PASSWORD), engineId);
      this.#known = {
        engineId,
        auth: { name: 'SHA-256', key: auth },
        priv: { name: 'AES', key: priv },
      };
    }
    return this.#known;
  }

  #report(requestId: number, oid: string): number[] {
    const bindings = varbindElement({ oid, value: value.counter32(1) });
    return this.#scoped(pduElement({ type: WIRE.report, requestId, fieldA: 0, fieldB: 0 }, bindings));
  }

  #scoped(pdu: readonly number[]): number[] {
    const octets = (content: Iterable<number>) => element(WIRE.OctetString, [...content]);
    return element(WIRE.Sequence, [...octets(this.engineId), ...octets([]), ...pdu]);
  }
}

/** What can be read of a message without keys: msgID and msgAuthoritativeEngineID. */
function outerOf(datagram: Uint8Array): { messageId: number; engineId: Uint8Array } {
  const [message] = elements(datagram, true);
  const [, global, parameters] = elements(message!.content, true);
  const [security] = elements(parameters!.content, true);
  const [messageId] = elements(global!.content, true);
  const [engineId] = elements(security!.content, true);
  return {
    messageId: messageId!.content.reduce((sum, octet) => sum * 256 + octet, 0),
    engineId: engineId!.content,
  };
}
