import { MAX_DATAGRAM, type Writer } from '../ber/writer.ts';
import { type CommunityEnvelope, finishResponse, roomForBindings } from '../message/community-message.ts';
import { type ErrorStatus, VERSION } from '../message/constants.ts';
import type { Principal } from '../security/principal.ts';
import type { RequestFrame } from './responder.ts';

/** The frame of an SNMPv1 or v2c request: its answer repeats version and community. Reused for every request. */
export class CommunityFrame implements RequestFrame {
  readonly isCommunity = true;
  /** A community message does not say how much its sender takes, but proves nothing of him either. */
  maxSize = MAX_DATAGRAM;
  principal!: Principal;
  readonly #envelope: CommunityEnvelope;

  constructor(envelope: CommunityEnvelope) {
    this.#envelope = envelope;
  }

  get v1(): boolean {
    return this.#envelope.version === VERSION.V1;
  }

  /** The frame for a request of this principal, whose answer may have so many octets. */
  of(principal: Principal, maxSize: number): this {
    this.principal = principal;
    this.maxSize = maxSize;
    return this;
  }

  room(requestId: number, limit: number): number {
    return roomForBindings(this.#envelope, requestId, limit);
  }

  finish(writer: Writer, requestId: number, status: ErrorStatus, index: number): void {
    finishResponse(writer, this.#envelope, requestId, status, index);
  }
}
