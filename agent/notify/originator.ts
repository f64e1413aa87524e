import { randomInt } from 'node:crypto';
import { isIPv4 } from 'node:net';
import type { Vacm } from '../access/vacm.ts';
import type { SnmpCounters } from '../message/counters.ts';
import { SECURITY_LEVEL, SECURITY_MODEL } from '../message/v3-constants.ts';
import { plainAddress } from '../security/communities.ts';
import { SaltSource } from '../security/usm/salt.ts';
import type { UsmUser } from '../security/usm/user.ts';
import type { Peer } from '../transport/udp.ts';
import type { Logger } from '../util/logger.ts';
import { formatOid } from '../util/oid.ts';
import { realTimers, type Timers } from '../util/timers.ts';
import { encodeNotification } from './encode.ts';
import { Endpoint } from './endpoint.ts';
import { InformSender } from './inform-sender.ts';
import type { Journal } from './journal.ts';
import type { Notification } from './notification.ts';
import { type NotificationTarget, NotifyView } from './notify-view.ts';
import type { PendingNotification } from './pending.ts';
import { SendSlices } from './send-slices.ts';
import { NotifySockets } from './sockets.ts';
import type { DeliveryReport, DeliveryStep, NotifyTarget } from './target.ts';
import { type SenderContext, type TargetSender, TrapSender } from './target-sender.ts';
import type { OwnEngine } from './v3-trap.ts';

export interface OriginatorOptions {
  /** Says who may be told what. */
  readonly vacm: Vacm;
  /** The agent's own numeric address: what receivers see as the sender. */
  readonly address: string;
  readonly counters: SnmpCounters;
  readonly logger: Logger;
  /** Keeps what is not acknowledged, and gives notifications their identifiers. The originator closes it. */
  readonly journal: Journal;
  /** What SNMPv3 traps are sent by. */
  readonly engine: OwnEngine;
  /** The user with keys for an engine, its own or a receiver's; `undefined` when there are none. */
  readonly userAt: (engineId: Uint8Array, securityName: string) => UsmUser | undefined;
  /** A queue that had overflowed is empty again: so many notifications were lost. */
  readonly onDrained?: (target: string, lost: number) => void;
  /** Real time: receivers live in it. Tests bring their own. */
  readonly timers?: Timers;
}

/** One target with all that decides whether it is told. */
interface Recipient {
  target: NotifyTarget;
  readonly sender: TargetSender;
  readonly view: NotifyView;
  /** Whether the last notification was not for it. */
  denied: boolean;
  /** The key under which answers of it are expected. */
  route: string | undefined;
}

const MAX_MESSAGE_ID = 0x7fff_ffff;

/**
 * A notification originator (RFC 3413 sections 3.3 and 6): traps and informs of all versions to any number of targets.
 *
 * To send neither waits nor fails: each target has a queue of its own, and one that is slow or away holds up no other.
 */
export class Originator {
  readonly #options: OriginatorOptions;
  readonly #timers: Timers;
  readonly #sockets: NotifySockets;
  readonly #slices: SendSlices;
  readonly #context: SenderContext;
  readonly #salts = new SaltSource();
  /** BOUNDED by the targets, as are the routes. By name, in the order of the targets. */
  #recipients = new Map<string, Recipient>();
  readonly #routes = new Map<string, Set<Recipient>>();
  readonly #listeners: ((report: DeliveryReport) => void)[] = [];
  readonly #followers: ((step: DeliveryStep) => void)[] = [];
  #messageId = randomInt(MAX_MESSAGE_ID);
  #hasRecovered = false;

  constructor(options: OriginatorOptions) {
    const { address, logger, counters, journal, engine, userAt, timers = realTimers } = options;
    this.#options = options;
    this.#timers = timers;
    this.#slices = new SendSlices();
    this.#sockets = new NotifySockets({
      address,
      logger,
      onDatagram: (datagram, from) => this.#receive(datagram, from),
    });
    this.#context = {
      counters,
      logger,
      timers,
      journal,
      engine,
      userAt,
      agentAddress: Uint8Array.from((isIPv4(address) ? address : '0.0.0.0').split('.'), Number),
      newMessageId: () => {
        this.#messageId = this.#messageId === MAX_MESSAGE_ID ? 1 : this.#messageId + 1;
        return this.#messageId;
      },
      wake: (sender) => this.#slices.wake(sender),
      report: (item, target, outcome) => this.#report(item, target, outcome),
      follow: (item, target, state, retries, reason) => this.#tellStep(item, target, state, retries, reason),
      onDrained: options.onDrained ?? (() => {}),
    };
  }

  /**
   * Replaces the targets. One that stays, by its name, keeps its queue; what waits for one that is gone has expired.
   * With the first targets comes back what had not been acknowledged when the program ended.
   */
  setTargets(targets: readonly NotifyTarget[]): void {
    const before = this.#recipients;
    this.#recipients = new Map();
    for (const target of targets) {
      const known = before.get(target.name);
      before.delete(target.name);
      this.#recipients.set(target.name, known ? this.#follow(known, target) : this.#recipient(target));
    }
    for (const [name, recipient] of before) {
      this.#leaveRoute(recipient);
      recipient.sender.expire();
      this.#options.journal.forget(name);
    }
    if (!this.#hasRecovered) this.#recover();
    this.#hasRecovered = true;
  }

  /**
   * Sends a notification to every target whose notify view and filter let it pass. Returns its identifier: durable,
   * ascending, and never used again by the same agent.
   */
  send(notification: Notification): number {
    const { journal } = this.#options;
    const id = journal.newId();
    const { eventSequence } = notification;
    const chosen: Recipient[] = [];
    const informed: string[] = [];
    for (const recipient of this.#recipients.values()) {
      if (!this.#isFor(recipient, notification)) {
        this.#report({ id, eventSequence }, recipient.target.name, 'denied');
        continue;
      }
      chosen.push(recipient);
      if (isInformed(recipient.target)) informed.push(recipient.target.name);
    }
    if (chosen.length === 0) return id;
    const { oid, upTimeCentiseconds, bindings, ownStart, hasCounter64 } = encodeNotification(notification);
    // Not spread: this is made for each notification, and a literal costs a fraction of it.
    const item = { id, eventSequence, oid, upTimeCentiseconds, bindings, ownStart, hasCounter64 };
    if (informed.length > 0) journal.put(item, informed);
    for (const { sender } of chosen) sender.offer(item);
    return id;
  }

  /** Hands what was sent so far to the operating system, so that the end of the program loses nothing of it. */
  flush(): void {
    this.#options.journal.flush();
  }

  /** Has `listener` told what becomes of each notification at each target. */
  onDelivery(listener: (report: DeliveryReport) => void): void {
    this.#listeners.push(listener);
  }

  /** Has `follower` told of each step of a notification on its way to a target; those not for a target take none. */
  onStep(follower: (step: DeliveryStep) => void): void {
    this.#followers.push(follower);
  }

  /** What waits for a target; 0 for one that is not there. */
  waiting(target: string): number {
    return this.#recipients.get(target)?.sender.waiting ?? 0;
  }

  /** Stops sending. What is not acknowledged stays in the journal. */
  async stop(): Promise<void> {
    for (const { sender } of this.#recipients.values()) sender.halt();
    this.#recipients.clear();
    this.#routes.clear();
    this.#slices.stop();
    this.#options.journal.close();
    await this.#sockets.close();
  }

  #recipient(target: NotifyTarget, from?: TargetSender): Recipient {
    const { queue, lost } = from?.handOver() ?? {};
    const sender = isInformed(target)
      ? new InformSender(target, this.#context, this.#salts, queue, lost)
      : new TrapSender(target, this.#context, queue, lost);
    const recipient: Recipient = {
      target,
      sender,
      view: new NotifyView(this.#options.vacm, accessOf(target)),
      denied: false,
      route: undefined,
    };
    sender.endpoint = new Endpoint(target, this.#sockets, this.#timers, (problem) => {
      if (this.#recipients.get(target.name) !== recipient) return;
      this.#enterRoute(recipient);
      sender.located(problem);
    });
    return recipient;
  }

  /** A target of the same name as before. */
  #follow(known: Recipient, target: NotifyTarget): Recipient {
    const { filter: _before, ...was } = known.target;
    const { filter: _after, ...is } = target;
    if (JSON.stringify(was) === JSON.stringify(is)) {
      known.target = target;
      return known;
    }
    this.#leaveRoute(known);
    return this.#recipient(target, known.sender);
  }

  #recover(): void {
    const { journal } = this.#options;
    for (const [name, { pending, lost }] of Array.from(journal.recovered)) {
      const recipient = this.#recipients.get(name);
      if (recipient) {
        recipient.sender.resume(pending, lost);
        continue;
      }
      for (const item of pending) {
        journal.done(name, item.id);
        this.#report(item, name, 'expired');
      }
      journal.forget(name);
    }
  }

  /** The first refusal after a success is told. */
  #isFor(recipient: Recipient, notification: Notification): boolean {
    const { target, view } = recipient;
    if (target.filter && !target.filter.passes(notification)) return false;
    const allowed = view.holds(notification);
    if (!allowed) {
      const { counters, logger } = this.#options;
      counters.notificationsDenied++;
      if (!recipient.denied) {
        const { name, host, port, securityName } = target;
        logger.warn('a notification is outside the notify view of its receiver, and is not sent', {
          target: name,
          host,
          port,
          securityName,
          notification: formatOid(notification.oid),
        });
      }
    }
    recipient.denied = !allowed;
    return allowed;
  }

  #report(
    { id, eventSequence }: Pick<PendingNotification, 'id' | 'eventSequence'>,
    target: string,
    outcome: DeliveryReport['outcome'],
  ): void {
    if (this.#listeners.length === 0) return;
    const report = { notificationId: id, target, outcome };
    const told: DeliveryReport = eventSequence === undefined ? report : { ...report, eventSequence };
    for (const listener of this.#listeners) listener(told);
  }

  #tellStep(
    item: PendingNotification,
    target: NotifyTarget,
    state: DeliveryStep['state'],
    retries: number,
    reason: string | undefined,
  ): void {
    if (this.#followers.length === 0) return;
    const { id, eventSequence, oid } = item;
    const step = { notificationId: id, eventSequence, oid, target, state, retries };
    const told: DeliveryStep = reason === undefined ? step : { ...step, reason };
    for (const follower of this.#followers) follower(told);
  }

  #receive(datagram: Uint8Array, from: Peer): void {
    this.#options.counters.inPkts++;
    for (const { sender } of this.#routes.get(routeOf(from)) ?? []) {
      if (sender.receive(datagram)) return;
    }
  }

  #enterRoute(recipient: Recipient): void {
    this.#leaveRoute(recipient);
    const { peer } = recipient.sender.endpoint;
    if (!peer) return;
    recipient.route = routeOf(peer);
    const there = this.#routes.get(recipient.route);
    if (there) there.add(recipient);
    else this.#routes.set(recipient.route, new Set([recipient]));
  }

  #leaveRoute(recipient: Recipient): void {
    if (recipient.route === undefined) return;
    const there = this.#routes.get(recipient.route);
    there?.delete(recipient);
    if (there?.size === 0) this.#routes.delete(recipient.route);
    recipient.route = undefined;
  }
}

/** SNMPv1 has no informs. */
function isInformed({ kind, version }: NotifyTarget): boolean {
  return kind === 'inform' && version !== 'v1';
}

function routeOf({ address, port }: Peer): string {
  return `${plainAddress(address)} ${port}`;
}

/** Who a target is to access control: a community proves and hides nothing (RFC 3584 section 5.2.3). */
function accessOf({ version, securityName, securityLevel }: NotifyTarget): NotificationTarget {
  if (version === 'v3') {
    return { securityModel: SECURITY_MODEL.usm, securityName, securityLevel, contextName: '' };
  }
  const securityModel = version === 'v1' ? SECURITY_MODEL.v1 : SECURITY_MODEL.v2c;
  return { securityModel, securityName, securityLevel: SECURITY_LEVEL.noAuthNoPriv, contextName: '' };
}
