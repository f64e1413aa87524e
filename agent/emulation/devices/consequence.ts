import type { ActionName } from '../lifecycle/story.ts';

/** virDomainEventWatchdogAction: what a watchdog event says was done, with libvirt's numbers. */
export const WATCHDOG_EVENT_ACTION = {
  none: 0,
  pause: 1,
  reset: 2,
  poweroff: 3,
  shutdown: 4,
  debug: 5,
  'inject-nmi': 6,
} as const;
/** A name of {@link WATCHDOG_EVENT_ACTION}. */
export type WatchdogEventAction = keyof typeof WATCHDOG_EVENT_ACTION;

/** virConnectDomainEventAgentLifecycleState, with libvirt's numbers. */
export const AGENT_STATE = { CONNECTED: 1, DISCONNECTED: 2 } as const;
/** virConnectDomainEventAgentLifecycleReason, with libvirt's numbers. */
export const AGENT_REASON = { UNKNOWN: 0, DOMAIN_STARTED: 1, CHANNEL: 2 } as const;

/** virDomainEventGraphicsPhase, with libvirt's numbers. */
export const GRAPHICS_PHASE = { CONNECT: 0, INITIALIZE: 1, DISCONNECT: 2 } as const;

/** virDomainMemoryFailureRecipientType, with libvirt's numbers. */
export const FAILURE_RECIPIENT = { HYPERVISOR: 0, GUEST: 1 } as const;
/** virDomainMemoryFailureActionType, with libvirt's numbers. */
export const FAILURE_ACTION = { IGNORE: 0, INJECT: 1, FATAL: 2, RESET: 3 } as const;
/** virDomainMemoryFailureFlags: bits, with libvirt's numbers. */
export const FAILURE_FLAG = { ACTION_REQUIRED: 1, RECURSIVE: 2 } as const;

/** virDomainEventTrayChangeReason, with libvirt's numbers. */
export const TRAY_CHANGE_REASON = { OPEN: 0, CLOSE: 1 } as const;

/** An event of libvirt that a device raises, with the payload that libvirt gives it. */
export type DeviceEvent =
  | { readonly event: 'WATCHDOG'; readonly action: WatchdogEventAction }
  | { readonly event: 'RTC_CHANGE'; readonly utcOffsetSeconds: number }
  | {
      readonly event: 'TRAY_CHANGE';
      readonly alias: string;
      readonly reason: keyof typeof TRAY_CHANGE_REASON;
    }
  | { readonly event: 'GRAPHICS'; readonly phase: keyof typeof GRAPHICS_PHASE; readonly client: string }
  | {
      readonly event: 'AGENT_LIFECYCLE';
      readonly state: keyof typeof AGENT_STATE;
      readonly reason: keyof typeof AGENT_REASON;
    }
  | {
      readonly event: 'MEMORY_FAILURE';
      readonly recipient: keyof typeof FAILURE_RECIPIENT;
      readonly action: keyof typeof FAILURE_ACTION;
      /** Bits of {@link FAILURE_FLAG}. */
      readonly flags: number;
    };

/**
 * Something that follows from what a device or a guest's kernel did, as plain data.
 *
 * Models return these in the order in which they take effect; only the hypervisor applies them.
 */
export type Consequence =
  /** A change of the domain's life cycle, as if it had been asked for. */
  | { readonly kind: 'act'; readonly action: ActionName }
  /** An event that is not one of the life cycle. */
  | { readonly kind: 'event'; readonly event: DeviceEvent }
  /** Text that the guest's kernel writes to its console; lines end in CR LF. */
  | { readonly kind: 'print'; readonly text: string }
  /** The guest's kernel stopped for ever: nothing is written to the console until a reset. */
  | { readonly kind: 'kernel-halt' }
  /** A machine check exception for the guest's vCPUs, and what its kernel makes of it. */
  | { readonly kind: 'machine-check'; readonly text: string }
  /** A non-maskable interrupt for the guest's vCPUs. */
  | { readonly kind: 'nmi' }
  /** The guest's kernel ended its processes: one (the OOM killer), or all but init. */
  | {
      readonly kind: 'processes-end';
      readonly signal: 'SIGTERM' | 'SIGKILL';
      readonly which: 'one' | 'all' | 'console';
    };

/** A model's next record, with what follows from it. */
export interface Outcome<R> {
  readonly record: R;
  readonly consequences: readonly Consequence[];
}
