import type { SecurityLevel } from '../message/v3-constants.ts';
import type { Oid } from '../util/oid.ts';
import type { CompiledFilter } from './filter.ts';

/** Where notifications go, in whose name and how: what a row of snmpTargetAddrTable and what it points at say. */
export interface NotifyTarget {
  /** snmpTargetAddrName: names the target in logs and in its journal; unique. */
  readonly name: string;
  /** snmpNotifyType. An SNMPv1 target gets traps whatever was asked for (RFC 3584 section 3). */
  readonly kind: 'trap' | 'inform';
  /** Name or numeric address of the receiver. */
  readonly host: string;
  readonly port: number;
  /** Numeric address that it is sent from; the agent's own when absent. */
  readonly sourceAddress?: string;
  /** snmpTargetAddrTimeout in ms: how long an inform waits for its acknowledgement. */
  readonly timeoutMs: number;
  /** snmpTargetAddrRetryCount: how often an inform is sent again before it waits for the target to come back. */
  readonly retries: number;
  /** snmpTargetParamsMPModel. */
  readonly version: 'v1' | 'v2c' | 'v3';
  /** The community of v1 and v2c that snmpTargetParamsSecurityName stands for; absent with v3. */
  readonly community?: string;
  readonly securityName: string;
  readonly securityLevel: SecurityLevel;
  /** What the receiver is told of; everything when absent (RFC 3413 section 6). */
  readonly filter?: CompiledFilter;
  /** Notifications that wait for it at most; then the oldest gives way. */
  readonly queueLength: number;
  /** snmpTargetAddrMMS: octets of the largest message that it takes; absent where that is not known. */
  readonly maxMessageSize?: number;
}

/** How one notification fares on its way to one target, told at each step. */
export interface DeliveryStep {
  /** As in {@link DeliveryReport}. */
  readonly notificationId: number;
  readonly eventSequence: number | undefined;
  /** Value of snmpTrapOID.0. */
  readonly oid: Oid;
  readonly target: NotifyTarget;
  /**
   * `queued`: it waits; `sent`: a trap is gone, or an inform waits for its answer; `acknowledged`: the inform was
   * answered; `failed`: the trap could not be sent, or the inform was refused, or no try so far was answered;
   * `dropped`: the queue was full, or the target was removed. An inform that failed for want of an answer may still
   * be acknowledged: it is tried again (docs/decisions/0030).
   */
  readonly state: 'queued' | 'sent' | 'acknowledged' | 'failed' | 'dropped';
  /** How often the inform was sent again. */
  readonly retries: number;
  /** Why it failed or was dropped. */
  readonly reason?: string;
}

/** What became of one notification on its way to one target. */
export interface DeliveryReport {
  /** Given by the originator; durable, ascending, never used again by the same agent. */
  readonly notificationId: number;
  /** The event that the notification reports, by its number. */
  readonly eventSequence?: number;
  /** {@link NotifyTarget.name}. */
  readonly target: string;
  /**
   * `sent`: a trap is on its way; `acknowledged`: the receiver has answered an inform; `dropped`: the queue was full,
   * the receiver refused it, it is larger than that takes, or the version cannot carry it; `expired`: the target was removed; `denied`: it is
   * outside the view or filter of the target.
   */
  readonly outcome: 'sent' | 'acknowledged' | 'dropped' | 'expired' | 'denied';
}
