import type { Value } from '../mib/value.ts';
import type { Oid } from '../util/oid.ts';

/** One variable binding of a notification. */
export interface Varbind {
  /** Name with its instance. */
  readonly oid: Oid;
  /** BER tag of the value. */
  readonly tag: number;
  readonly value: Value;
}

/** A notification to be sent, whatever the protocol version (RFC 3416 section 4.2.6). */
export interface Notification {
  /** Value of snmpTrapOID.0. */
  readonly oid: Oid;
  /** Value of sysUpTime.0 in hundredths of a second: when it happened, not when it is sent. */
  readonly upTimeCentiseconds: number;
  /** What follows sysUpTime.0 and snmpTrapOID.0. */
  readonly varbinds: readonly Varbind[];
  /**
   * Number of the event of the simulation that it reports, the last one of several; absent for the agent's own, such as
   * coldStart.
   */
  readonly eventSequence?: number;
}
