import type { Alarm } from './alarm/alarm.ts';
import type { AlarmSettings } from './alarm/settings.ts';
import type { Cause } from './cause.ts';
import type { Change } from './change.ts';
import type { FaultRule } from './fault/fault-rule.ts';
import type { HostConfig } from './host/host-config.ts';

/**
 * Something that was done to a fleet from outside. All of a run's, each at its {@link WriteMoment}, and what the
 * fleet was made of decide everything else about it.
 */
export type Write =
  | { readonly op: 'add-host'; readonly name: string; readonly config: HostConfig }
  | { readonly op: 'fault-rules'; readonly rules: readonly FaultRule[] }
  | { readonly op: 'alarm-settings'; readonly settings: AlarmSettings }
  | { readonly op: 'restore-alarms'; readonly alarms: readonly Alarm[]; readonly lastNumber: number }
  | { readonly op: 'apply'; readonly change: Change; readonly cause: Cause }
  /** A transaction, also one that was taken back: even that has ended the tick that was under way. */
  | {
      readonly op: 'transaction';
      readonly changes: readonly Change[];
      readonly cause: Cause;
      readonly committed: boolean;
    };

/** When something was done: its place in the order of all that happens in a simulation. */
export interface WriteMoment {
  /** Simulated ms. */
  readonly atMs: number;
  /** How many timers of the simulation had run at that instant. */
  readonly ran: number;
  /** The number of the event whose listener did it; absent when it was none. */
  readonly during?: number;
}

/** Hears of each write just before it takes effect, in order; of a transaction when it ends. */
export type WriteListener = (write: Write, at: WriteMoment) => void;
