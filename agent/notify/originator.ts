import { lookup } from 'node:dns/promises';
import { isIP, isIPv4 } from 'node:net';
import type { Vacm } from '../access/vacm.ts';
import type { SnmpCounters } from '../message/counters.ts';
import { SECURITY_LEVEL, SECURITY_MODEL } from '../message/v3-constants.ts';
import { UdpSocket } from '../transport/udp.ts';
import { errorText } from '../util/errors.ts';
import type { Logger } from '../util/logger.ts';
import { formatOid } from '../util/oid.ts';
import { encodeTrapV1, encodeTrapV2 } from './encode.ts';
import type { Notification } from './notification.ts';
import { isInNotifyView, type NotificationTarget } from './notify-view.ts';

/** Where traps go, and how. */
export interface TrapDestination {
  /** Name or numeric address. */
  readonly host: string;
  readonly port: number;
  readonly version: 'v1' | 'v2c';
  readonly community: string;
  /** In whose name it is sent, as access control knows him. */
  readonly securityName: string;
}

export interface OriginatorOptions {
  /** Says who may be told what. */
  readonly vacm: Vacm;
  /** The agent's own numeric address: what receivers see as the sender. */
  readonly address: string;
  readonly counters: SnmpCounters;
  readonly logger: Logger;
}

/** How long a host name, resolved or not, is left alone before it is asked for again, in ms. */
const RESOLVED_MS = 60_000;

/** Notifications kept for a destination whose name is still being resolved for the first time. */
const MAX_WAITING = 1000;

interface Target extends TrapDestination {
  /** Numeric address, when known. */
  address: string | undefined;
  resolvedAt: number;
  unreachable: boolean;
  /** Whether the last notification was not for him. */
  denied: boolean;
  readonly access: NotificationTarget;
  /** What was sent before the first preparation ended. BOUNDED by MAX_WAITING; then the oldest goes. */
  waiting: Uint8Array[] | undefined;
}

/**
 * A notification originator for unacknowledged notifications (RFC 3413 section 3.3).
 *
 * Sending neither waits nor fails: a destination that is down, or whose name is unknown, loses its traps
 * and holds up nothing.
 */
export class Originator {
  readonly #options: OriginatorOptions;
  #targets: Target[] = [];
  #requestId = 1;
  #stopped = false;
  /** BOUNDED: one for each address family. */
  readonly #sockets = new Map<4 | 6, Promise<UdpSocket>>();
  readonly #ready = new Map<4 | 6, UdpSocket>();

  constructor(options: OriginatorOptions) {
    this.#options = options;
  }

  /** Replaces the destinations. */
  setDestinations(destinations: readonly TrapDestination[]): void {
    this.#targets = destinations.map((destination) => ({
      ...destination,
      address: isIP(destination.host) ? destination.host : undefined,
      resolvedAt: isIP(destination.host) ? Number.POSITIVE_INFINITY : 0,
      unreachable: false,
      denied: false,
      access: notificationTarget(destination),
      waiting: [],
    }));
    for (const target of this.#targets) void this.#prepareFirst(target);
  }

  /** Sends a notification to every destination whose notify view has it. */
  send(notification: Notification): void {
    const encoded = new Map<string, Uint8Array | undefined>();
    for (const target of this.#targets) {
      if (!this.#isAllowed(target, notification)) continue;
      const key = `${target.version} ${target.community}`;
      if (!encoded.has(key)) encoded.set(key, this.#encode(notification, target));
      const datagram = encoded.get(key);
      if (datagram) this.#sendTo(target, datagram);
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#targets = [];
    const sockets = await Promise.allSettled(this.#sockets.values());
    await Promise.all(sockets.map((socket) => socket.status === 'fulfilled' && socket.value.close()));
    this.#sockets.clear();
    this.#ready.clear();
  }

  /** The first refusal after a success is told. */
  #isAllowed(target: Target, notification: Notification): boolean {
    const { vacm, counters, logger } = this.#options;
    const allowed = isInNotifyView(vacm, target.access, notification);
    if (!allowed) {
      counters.notificationsDenied++;
      if (!target.denied) {
        const { host, port, securityName } = target;
        const oid = formatOid(notification.oid);
        logger.warn('a notification is outside the notify view of its receiver, and is not sent', {
          host,
          port,
          securityName,
          notification: oid,
        });
      }
    }
    target.denied = !allowed;
    return allowed;
  }

  #encode(notification: Notification, target: Target): Uint8Array | undefined {
    if (target.version === 'v2c') {
      this.#requestId = (this.#requestId + 1) & 0x7fff_ffff;
      return encodeTrapV2(notification, target.community, this.#requestId);
    }
    const own = this.#options.address;
    const agentAddress = Uint8Array.from((isIPv4(own) ? own : '0.0.0.0').split('.'), Number);
    return encodeTrapV1(notification, target.community, agentAddress);
  }

  #sendTo(target: Target, datagram: Uint8Array): void {
    if (target.waiting) {
      if (target.waiting.push(datagram) > MAX_WAITING) target.waiting.shift();
      return;
    }
    if (performance.now() - target.resolvedAt > RESOLVED_MS) void this.#prepare(target);
    if (target.address === undefined) return;
    const socket = this.#ready.get(isIPv4(target.address) ? 4 : 6);
    if (!socket) {
      void this.#prepare(target);
      return;
    }
    socket.send(datagram, { address: target.address, port: target.port });
    this.#options.counters.outTraps++;
    this.#options.counters.outPkts++;
  }

  async #prepareFirst(target: Target): Promise<void> {
    await this.#prepare(target);
    const waiting = target.waiting ?? [];
    target.waiting = undefined;
    for (const datagram of waiting) this.#sendTo(target, datagram);
  }

  async #prepare(target: Target): Promise<void> {
    try {
      if (target.resolvedAt !== Number.POSITIVE_INFINITY) {
        // Set first, so that a burst of traps asks once.
        target.resolvedAt = performance.now();
        target.address = (await lookup(target.host)).address;
      }
      await this.#open(isIPv4(target.address!) ? 4 : 6);
      target.unreachable = false;
    } catch (thrown) {
      if (!target.unreachable) {
        this.#options.logger.warn('a trap destination cannot be used', {
          host: target.host,
          port: target.port,
          error: errorText(thrown),
        });
      }
      target.unreachable = true;
    }
  }

  async #open(family: 4 | 6): Promise<void> {
    // A name may be resolved after the end.
    if (this.#stopped) return;
    let opening = this.#sockets.get(family);
    if (!opening) {
      const { address, logger } = this.#options;
      // Traps come from the address that answers requests, where the family allows it.
      const own = isIP(address) === family ? address : family === 4 ? '0.0.0.0' : '::';
      opening = UdpSocket.open({ address: own, port: 0, logger });
      this.#sockets.set(family, opening);
      // One that failed is tried again with the next notification that needs it.
      opening.catch(() => this.#sockets.delete(family));
    }
    this.#ready.set(family, await opening);
  }
}

/** Who a destination is to access control: a community proves and hides nothing (RFC 3584 section 5.2.3). */
function notificationTarget({ version, securityName }: TrapDestination): NotificationTarget {
  const securityModel = version === 'v1' ? SECURITY_MODEL.v1 : SECURITY_MODEL.v2c;
  return { securityModel, securityName, securityLevel: SECURITY_LEVEL.noAuthNoPriv, contextName: '' };
}
