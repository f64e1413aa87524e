import { DecodeError, Reader } from '../ber/reader.ts';
import { CommunityEnvelope, readCommunity, readVersion } from '../message/community-message.ts';
import { ERROR_STATUS, PDU, VERSION } from '../message/constants.ts';
import { Pdu, readPdu } from '../message/pdu.ts';
import type { SaltSource } from '../security/usm/salt.ts';
import { writeCommunityMessage } from './encode.ts';
import { type PeerAnswer, PeerEngine } from './peer-engine.ts';
import { type PendingNotification, requestIdOf } from './pending.ts';
import type { NotifyTarget } from './target.ts';
import type { TargetQueue } from './target-queue.ts';
import { messageWriter, type SenderContext, TargetSender } from './target-sender.ts';

/** Longest time between two tries to reach a target that does not answer, in ms. */
const MAX_BACKOFF_MS = 30_000;
/** Messages that one try may take when the answers tell something new of the engine: its ID, its clock. */
const MAX_STEPS = 4;
/** msgIDs whose answers are still taken: those of the last tries. */
const MAX_MESSAGE_IDS = 8;
const UNANSWERED = 'it does not answer';

const writer = messageWriter();
const reader = new Reader();
const envelope = new CommunityEnvelope();
const pdu = new Pdu();

/**
 * Sends notifications until they are acknowledged (RFC 3413 section 3.3, the Confirmed Class).
 *
 * One inform is under way at a time, so that a lost datagram never lets a later one overtake it. It is sent again
 * after the target's timeout as often as its retry count says; then the target counts as away, and the same inform
 * goes out ever more seldom until it answers (docs/decisions/0030).
 */
export class InformSender extends TargetSender {
  readonly #community = Buffer.from(this.target.community ?? '');
  readonly #peer: PeerEngine | undefined;
  /** The one under way is the first in the queue. */
  #underWay = false;
  #tries = 0;
  #steps = 0;
  #backoffMs = 0;
  #messageIds: number[] = [];
  #cancelTimer: () => void = () => {};

  constructor(
    target: NotifyTarget,
    context: SenderContext,
    salts: SaltSource,
    queue?: TargetQueue,
    lost?: number,
  ) {
    super(target, context, queue, lost);
    if (target.version !== 'v3') return;
    const { securityName, securityLevel } = target;
    const { userAt, timers } = context;
    this.#peer = new PeerEngine({ securityName, securityLevel, userAt, salts, timers });
  }

  pump(): boolean {
    if (this.#underWay || !this.queue.first || this.endpoint.isPending) return false;
    this.#underWay = true;
    this.#tries = 0;
    this.#try();
    return false;
  }

  override receive(datagram: Uint8Array): boolean {
    const item = this.queue.first;
    if (!item || !this.#underWay) return false;
    const answer = this.#peer
      ? this.#peer.read(datagram, this.#messageIds, requestIdOf(item))
      : readCommunityAnswer(datagram, this.#community, requestIdOf(item));
    if (answer === undefined) return false;
    this.#take(answer);
    return true;
  }

  halt(): void {
    this.#cancelTimer();
    this.#underWay = false;
  }

  protected override trim(): void {
    super.trim(this.#underWay);
  }

  #take(answer: PeerAnswer): void {
    if (answer === 'acknowledged') {
      this.context.counters.inGetResponses++;
      this.recovered();
      this.#finish('acknowledged');
    } else if (answer === 'learned') {
      if (++this.#steps < MAX_STEPS) this.#sendOnce();
    } else if ('errorStatus' in answer) {
      this.context.counters.inGetResponses++;
      // It has come, and to send it again would bring the same answer.
      this.complain('it refuses an inform', { errorStatus: answer.errorStatus });
      this.#finish('dropped');
    } else {
      this.complain(`it reports ${answer.report}`, { securityName: this.target.securityName });
    }
  }

  #finish(outcome: 'acknowledged' | 'dropped', reason?: string): void {
    this.#cancelTimer();
    this.#underWay = false;
    this.#backoffMs = 0;
    this.settle(outcome, this.#tries - 1, reason);
    if (this.queue.length > 0) this.context.wake(this);
  }

  /** Sends the first of the queue, and waits for the answer. */
  #try(): void {
    const { timeoutMs, retries } = this.target;
    this.endpoint.refresh();
    this.#tries++;
    this.#steps = 0;
    const item = this.queue.first;
    this.#sendOnce();
    // One that is not sent is dropped at once, and then the next may be under way already, with its own timer.
    if (!this.#underWay || this.queue.first !== item) return;
    let waitMs = timeoutMs;
    if (this.#tries > retries) {
      this.#backoffMs = Math.min(Math.max(this.#backoffMs, timeoutMs) * 2, MAX_BACKOFF_MS);
      waitMs = Math.max(this.#backoffMs, timeoutMs);
    }
    this.#cancelTimer();
    this.#cancelTimer = this.context.timers.after(waitMs, () => this.#timedOut());
  }

  #timedOut(): void {
    if (this.#tries > this.target.retries) {
      if (this.problem === undefined) this.complain(UNANSWERED, { tries: this.target.retries + 1 });
      this.#follow('failed');
      // A receiver that lost its state may go by another engine ID or by lower boots.
      this.#peer?.forget();
    }
    this.#try();
  }

  #sendOnce(): void {
    const item = this.queue.first!;
    if (!this.#write(item)) return;
    const refusal = this.refusal();
    if (refusal !== undefined) {
      this.#finish('dropped', refusal);
      return;
    }
    if (this.transmit()) this.#follow(this.#tries > this.target.retries + 1 ? 'failed' : 'sent');
  }

  #follow(state: 'sent' | 'failed'): void {
    const reason = state === 'failed' ? [this.problem ?? UNANSWERED] : [];
    this.context.follow(this.queue.first!, this.target, state, this.#tries - 1, ...reason);
  }

  /** False when there are no keys to write it with; the try is over then. */
  #write(item: PendingNotification): boolean {
    const requestId = requestIdOf(item);
    const peer = this.#peer;
    if (!peer) {
      writeCommunityMessage(writer, item, PDU.INFORM, this.#community, requestId);
      return true;
    }
    const messageId = this.context.newMessageId();
    this.#messageIds = [...this.#messageIds.slice(1 - MAX_MESSAGE_IDS), messageId];
    if (!peer.isDiscovered) {
      peer.writeDiscovery(writer, messageId);
      return true;
    }
    if (peer.writeInform(writer, item.bindings, messageId, requestId)) return true;
    const { securityName } = this.target;
    this.complain('there are no keys of its user for its engine', { securityName });
    return false;
  }
}

/** Reads a datagram as the answer to an inform of SNMPv2c; `undefined` when it is none. */
function readCommunityAnswer(
  datagram: Uint8Array,
  community: Uint8Array,
  requestId: number,
): PeerAnswer | undefined {
  try {
    reader.reset(datagram);
    if (readVersion(reader) !== VERSION.V2C) return undefined;
    readCommunity(reader, envelope);
    if (Buffer.compare(envelope.community, community) !== 0) return undefined;
    readPdu(reader, pdu);
    if (pdu.type !== PDU.RESPONSE || pdu.requestId !== requestId) return undefined;
    return pdu.errorStatus === ERROR_STATUS.noError ? 'acknowledged' : { errorStatus: pdu.errorStatus };
  } catch (thrown) {
    if (thrown instanceof DecodeError) return undefined;
    throw thrown;
  }
}
