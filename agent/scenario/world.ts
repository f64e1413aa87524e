import type { EmulationEvent } from '../emulation/events.ts';
import type { Hypervisor } from '../emulation/hypervisor.ts';
import type { Value } from '../mib/value.ts';
import type { Varbind } from '../notify/notification.ts';
import type { DeliveryReport } from '../notify/target.ts';
import type { Oid } from '../util/oid.ts';

/** A notification that an agent made, and what became of it. */
export interface ToldNotification {
  /** Name of the simulated host whose agent told it. */
  readonly host: string;
  readonly name: string;
  readonly oid: Oid;
  /** Simulated ms since the start. */
  readonly atMs: number;
  readonly varbinds: readonly Varbind[];
  /** What became of it, by the receiver's name; grows in real time. */
  readonly deliveries: ReadonlyMap<string, DeliveryReport['outcome']>;
}

/** One instance of an object, with the value that a manager would get. */
export interface Instance {
  readonly oid: Oid;
  readonly value: Value;
}

/** What expectations look at: a running simulation, and what it has told so far. */
export interface World {
  readonly hypervisor: Hypervisor;
  /** Simulated ms since the start. */
  readonly nowMs: number;
  /** Everything that was told since the start, in order. */
  readonly notifications: readonly ToldNotification[];
  readonly events: readonly EmulationEvent[];
  /** The first address of the control API, as a URL; absent when it has none. */
  readonly apiUrl: string | undefined;
  /** All instances below an identifier, of the agent of a host, in the order of a walk. */
  instances(below: Oid, host: string): readonly Instance[];
  /** Resolves once more of what was told has arrived, or a few real seconds have gone by: false then. */
  moreDelivered(): Promise<boolean>;
}
