import type { CrashAction, VirtType } from '../domain/domain-config.ts';
import type { PlainEventName } from '../events.ts';
import type { GuestPhase } from '../guest/guest-load.ts';
import type { EventDetail, StateName, StateReason } from '../states.ts';
import type { TimingName } from '../timings.ts';

/** Everything that can be done to, or can happen to, one domain. */
export const ACTIONS = [
  'start',
  'fail-start',
  'shutdown',
  'guest-shutdown',
  'terminate',
  'destroy',
  'kill',
  'suspend',
  'resume',
  'monitor-stop',
  'reset',
  'reboot',
  'save',
  'managedsave',
  'managedsave-remove',
  'restore',
  'cancel-job',
  'dump',
  'dump-crash',
  'panic',
  'crash-kernel',
  'pm-suspend',
  'pm-suspend-disk',
  'wakeup',
  'snapshot',
  'revert',
  'migrate',
  'recover',
  'daemon-lost',
  'vcpus-block',
  'vcpus-wait',
  'vcpus-run',
  'watchdog-pause',
  'watchdog-dump',
  'guest-poweroff',
  'io-error',
] as const;

/** A name of {@link ACTIONS}. */
export type ActionName = (typeof ACTIONS)[number];

/** What the shipped event details follow: libvirt of today, or libvirt 0.10 of RHEL 6. */
export const PROFILES = ['modern', 'rhel6'] as const;
/** A name of {@link PROFILES}. */
export type Profile = (typeof PROFILES)[number];

/** Where the memory image of a stopped guest lies: nowhere, in a file, or in libvirt's own folder. */
export type ImageKind = 'none' | 'file' | 'managed';

/** Choices that an action may come with; a story is chosen by those that it names. */
export interface ActionOptions {
  /** start, restore: the guest is left paused. */
  readonly paused?: boolean;
  /** revert: what the snapshot was taken of; running when not given. */
  readonly to?: 'running' | 'paused' | 'shutoff';
  /** migrate: when the guest moves; precopy when not given. */
  readonly mode?: 'precopy' | 'postcopy';
  /** save, managedsave, migrate: how it ends; success when not given. */
  readonly outcome?: 'success' | 'failure' | 'api-error';
}

/** What a story asks for beyond its action and the state: all of it must hold. */
export interface StoryCondition extends ActionOptions {
  readonly onCrash?: readonly CrashAction[];
  readonly image?: readonly ImageKind[];
  /** Whether the guest was paused when its image was written. */
  readonly imagePaused?: boolean;
  readonly types?: readonly VirtType[];
  /** States with a reason that the story cannot begin in. */
  readonly unless?: readonly StateReason[];
}

/** An event of the life cycle, by libvirt's name. */
export type Emission = EventDetail | PlainEventName;

/**
 * One step of a story. Its parts happen in this order: the wait, the state, the guest, then the events.
 */
export interface Step {
  /** The domain it happens to: the one acted on, or its copy on the migration's target. */
  readonly on?: 'target';
  /** How long after the step before; at once when not given. */
  readonly after?: TimingName;
  /**
   * After that wait the guest's memory is sent while it runs: in one pass, or pass by pass until the rest can be
   * sent within the downtime.
   */
  readonly passes?: 'one' | 'all';
  /** The wait begins only when the guest has booted. */
  readonly afterBoot?: true;
  /** The step is left out unless the domain is in this state. */
  readonly when?: StateReason;
  readonly state?: StateReason;
  /** What the guest begins to do; a paused guest does it once it runs. */
  readonly guest?: GuestPhase;
  /** The guest's memory is now in an image, or the image is gone. */
  readonly image?: ImageKind;
  /** The image is one of a paused guest. */
  readonly imagePaused?: true;
  readonly emit?: readonly Emission[];
  /** Emitted instead of `emit` in the profile rhel6. */
  readonly rhel6?: readonly Emission[];
  /** JOB_COMPLETED of this operation comes last. */
  readonly job?: 'MIGRATION_IN' | 'MIGRATION_OUT';
  /** The target's copy becomes persistent here when the migration asks for it. */
  readonly persist?: true;
  /** From here on the guest belongs to the target, and there is no way back. */
  readonly handsOver?: true;
  /** The story stays pending here until it is recovered or one side is gone. */
  readonly holds?: true;
}

/** One row of the life cycle's table. */
export interface Story {
  readonly action: ActionName;
  readonly when?: StoryCondition;
  /** The states that it may begin in. */
  readonly from: readonly StateName[];
  readonly steps: readonly Step[];
  /** Allowed while another story is pending, which it ends. */
  readonly preempts?: true;
  /** While it is pending, any action that the state allows ends it. */
  readonly yields?: true;
  /** What `cancel-job` does while it is pending, before the guest has moved. */
  readonly canceled?: readonly Step[];
  /** What `recover` does while it is pending. */
  readonly recovered?: readonly Step[];
  /** What happens to the other side when one side of a migration is gone. */
  readonly lost?: {
    readonly source?: readonly Step[];
    readonly target?: readonly Step[];
    /** The same after the hand-over, as long as the lost side had a part left in the story. */
    readonly sourceLate?: readonly Step[];
    readonly targetLate?: readonly Step[];
  };
}

/** States with running vCPUs that an operator takes for "running". */
export const LIVE: readonly StateName[] = ['RUNNING', 'BLOCKED', 'NOSTATE'];

/** Every state with an emulator process. */
export const ACTIVE: readonly StateName[] = [
  'RUNNING',
  'BLOCKED',
  'NOSTATE',
  'PAUSED',
  'SHUTDOWN',
  'CRASHED',
  'PMSUSPENDED',
];
