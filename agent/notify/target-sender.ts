import { MAX_DATAGRAM, Writer } from '../ber/writer.ts';
import { PDU } from '../message/constants.ts';
import type { SnmpCounters } from '../message/counters.ts';
import type { UsmUser } from '../security/usm/user.ts';
import type { Logger } from '../util/logger.ts';
import type { Timers } from '../util/timers.ts';
import { writeCommunityMessage, writeTrapV1 } from './encode.ts';
import type { Endpoint } from './endpoint.ts';
import type { Journal } from './journal.ts';
import { type PendingNotification, requestIdOf } from './pending.ts';
import type { DeliveryReport, DeliveryStep, NotifyTarget } from './target.ts';
import { TargetQueue } from './target-queue.ts';
import { type OwnEngine, writeTrapV3 } from './v3-trap.ts';

/** What all targets share. */
export interface SenderContext {
  readonly counters: SnmpCounters;
  readonly logger: Logger;
  readonly timers: Timers;
  readonly journal: Journal;
  /** agent-addr of SNMPv1 traps: four octets, all 0 where the agent has no IPv4 address (RFC 3584 section 3.2). */
  readonly agentAddress: Uint8Array;
  readonly engine: OwnEngine;
  /** The user with keys for an engine; `undefined` when there are none. */
  readonly userAt: (engineId: Uint8Array, securityName: string) => UsmUser | undefined;
  readonly newMessageId: () => number;
  /** The sender has something to do. */
  readonly wake: (sender: TargetSender) => void;
  /** What became of a notification on its way to a target. */
  readonly report: (
    item: Pick<PendingNotification, 'id' | 'eventSequence'>,
    target: string,
    outcome: DeliveryReport['outcome'],
  ) => void;
  /** How a notification fares on its way to a target. */
  readonly follow: (
    item: PendingNotification,
    target: NotifyTarget,
    state: DeliveryStep['state'],
    retries: number,
    reason?: string,
  ) => void;
  /** A queue that had overflowed is empty. */
  readonly onDrained: (target: string, lost: number) => void;
}

const writer = new Writer();
const TOO_LARGE = 'the message is larger than its receiver takes';

/**
 * The way to one target: its queue, and how the first in it is told.
 *
 * {@link pump} does one piece of the work, so that whoever calls it can share its time among the targets.
 */
export abstract class TargetSender {
  readonly target: NotifyTarget;
  readonly context: SenderContext;
  protected readonly queue: TargetQueue;
  /** Notifications lost since the queue was last empty. */
  #lost: number;
  /** What is wrong with it and was logged; `undefined` when all is well. */
  #problem: string | undefined;
  /** Whether it was logged that a message was too large. */
  #hasRefused = false;

  constructor(target: NotifyTarget, context: SenderContext, queue = new TargetQueue(), lost = 0) {
    this.target = target;
    this.context = context;
    this.queue = queue;
    this.#lost = lost;
  }

  /** Set right after it is made. */
  endpoint!: Endpoint;

  get waiting(): number {
    return this.queue.length;
  }

  /** Adds a notification; when the queue is full, the oldest goes. */
  offer(item: PendingNotification): void {
    this.#push(item);
    this.trim();
    this.context.wake(this);
  }

  /** Takes up what had not reached the target when the program ended. */
  resume(items: readonly PendingNotification[], lost: number): void {
    this.#lost += lost;
    for (const item of items) this.#push(item);
    this.trim();
    this.context.wake(this);
  }

  /** Drops what is more than the queue may hold. */
  protected trim(keepFirst = false): void {
    const { target } = this;
    for (;;) {
      const dropped = this.queue.takeSurplus(target.queueLength, keepFirst);
      if (!dropped) return;
      if (this.#lost++ === 0) {
        this.context.logger.warn('the queue of a target is full: its oldest notifications are dropped', {
          target: target.name,
          length: target.queueLength,
        });
      }
      this.context.counters.notificationsDropped++;
      this.context.journal.done(target.name, dropped.id, true);
      this.context.report(dropped, target.name, 'dropped');
      this.context.follow(dropped, target, 'dropped', 0, 'the queue of the target is full');
    }
  }

  /** Does one piece of work; true when there is more that could be done at once. */
  abstract pump(): boolean;

  /** Takes a datagram that came from where the target is; false when it is not for this sender. */
  receive(_datagram: Uint8Array): boolean {
    return false;
  }

  /** Called when it is known, or still not known, where the target is. */
  located(problem: string | undefined): void {
    if (problem !== undefined) this.complain('it cannot be found', { error: problem });
    this.context.wake(this);
  }

  /** Stops what is going on; the queue stays. */
  abstract halt(): void;

  /** Gives the queue to another sender for the same target, with what it has lost. */
  handOver(): { readonly queue: TargetQueue; readonly lost: number } {
    this.halt();
    return { queue: this.queue, lost: this.#lost };
  }

  /** The target is gone. */
  expire(): void {
    this.halt();
    for (let item = this.queue.shift(); item; item = this.queue.shift()) {
      this.context.journal.done(this.target.name, item.id);
      this.context.report(item, this.target.name, 'expired');
      this.context.follow(item, this.target, 'dropped', 0, 'the target was removed');
    }
  }

  /**
   * Takes the first of the queue out: that is what became of it. `retries`: how often it was sent again; `reason`: why
   * it was dropped, where that is no problem of the target.
   */
  protected settle(outcome: 'sent' | 'acknowledged' | 'dropped', retries = 0, reason?: string): void {
    const { context, target } = this;
    const item = this.queue.shift();
    if (!item) return;
    context.journal.done(target.name, item.id);
    context.report(item, target.name, outcome);
    if (outcome === 'dropped') context.follow(item, target, 'failed', retries, reason ?? this.#whyNot(item));
    else context.follow(item, target, outcome, retries);
    if (this.queue.length > 0 || this.#lost === 0) return;
    const lost = this.#lost;
    this.#lost = 0;
    context.journal.clearLost(target.name);
    context.logger.warn('the queue of a target is empty again, after notifications were dropped', {
      target: target.name,
      lost,
    });
    context.onDrained(target.name, lost);
  }

  #whyNot({ hasCounter64 }: PendingNotification): string {
    if (this.#problem !== undefined) return this.#problem;
    return hasCounter64 && this.target.version === 'v1'
      ? 'SNMPv1 cannot carry a Counter64'
      : 'the message could not be sent';
  }

  #push(item: PendingNotification): void {
    this.queue.push(item);
    this.context.follow(item, this.target, 'queued', 0);
  }

  /** What is wrong and was logged. */
  protected get problem(): string | undefined {
    return this.#problem;
  }

  /** Logs what is wrong, once as long as it stays the same. */
  protected complain(problem: string, fields: Readonly<Record<string, string | number>> = {}): void {
    if (this.#problem !== problem) {
      const { name, host, port } = this.target;
      this.context.logger.warn(`a target of notifications gets none: ${problem}`, {
        target: name,
        host,
        port,
        ...fields,
      });
    }
    this.#problem = problem;
  }

  /** All is well. */
  protected recovered(): void {
    if (this.#problem === undefined) return;
    this.#problem = undefined;
    this.context.logger.info('a target of notifications gets them again', {
      target: this.target.name,
      waiting: this.queue.length,
    });
  }

  /**
   * Why what stands in the writer must not be sent: it is larger than the target takes (RFC 3416 section 2.3), which
   * snmpTargetAddrMMS says, or than a datagram. `undefined` when it may be.
   */
  protected refusal(): string | undefined {
    const { maxMessageSize = MAX_DATAGRAM, name, host, port } = this.target;
    const octets = writer.end - writer.start;
    const limit = Math.min(maxMessageSize, MAX_DATAGRAM);
    if (octets <= limit) return undefined;
    this.context.counters.notificationsTooLarge++;
    if (!this.#hasRefused) {
      const fields = { target: name, host, port, octets, limit };
      this.context.logger.warn('a notification is larger than its receiver takes, and is not sent', fields);
    }
    this.#hasRefused = true;
    return TOO_LARGE;
  }

  /** Sends what stands in the writer; false when there is no way. */
  protected transmit(): boolean {
    const sent = this.endpoint.send(writer.view());
    if (sent === undefined) return false;
    if (!sent) writer.detach();
    this.context.counters.outPkts++;
    return true;
  }
}

/** Sends notifications that nobody acknowledges (RFC 3413 section 3.3, the Unconfirmed Class). */
export class TrapSender extends TargetSender {
  readonly #community = Buffer.from(this.target.community ?? '');

  pump(): boolean {
    const item = this.queue.first;
    if (!item || this.endpoint.isPending) return false;
    this.endpoint.refresh();
    if (!this.endpoint.peer) {
      if (!this.endpoint.isPending) this.settle('dropped');
      return this.queue.length > 0;
    }
    const written = this.#write(item);
    const refusal = written ? this.refusal() : undefined;
    if (written && refusal === undefined && this.transmit()) {
      this.context.counters.outTraps++;
      this.recovered();
      this.settle('sent');
    } else {
      this.settle('dropped', 0, refusal);
    }
    return this.queue.length > 0;
  }

  halt(): void {}

  #write(item: PendingNotification): boolean {
    const { context, target } = this;
    switch (target.version) {
      case 'v1':
        return writeTrapV1(writer, item, this.#community, context.agentAddress);
      case 'v2c':
        writeCommunityMessage(writer, item, PDU.TRAP_V2, this.#community, requestIdOf(item));
        return true;
      default:
        return this.#writeV3(item);
    }
  }

  #writeV3(item: PendingNotification): boolean {
    const { engine, userAt, newMessageId } = this.context;
    const { securityName, securityLevel } = this.target;
    const user = userAt(engine.id, securityName);
    const id = newMessageId();
    const written =
      user && writeTrapV3(writer, engine, user, securityLevel, item.bindings, id, requestIdOf(item));
    if (written) return true;
    this.complain('its user has not the keys that its security level takes', { securityName });
    return false;
  }
}

/** Where senders write their messages: one at a time. */
export function messageWriter(): Writer {
  return writer;
}
