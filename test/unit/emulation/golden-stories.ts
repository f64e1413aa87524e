import type { ActChange } from '../../../agent/emulation/change.ts';
import type { Domain } from '../../../agent/emulation/domain/domain.ts';
import type { DomainConfig } from '../../../agent/emulation/domain/domain-config.ts';
import type { Profile } from '../../../agent/emulation/lifecycle/story.ts';
import type { Fleet } from './fleet.ts';

/** An action with its options; `on` names the target host. */
export type Act = [ActChange['action'], (Partial<ActChange> & { on?: 'two' })?];

/** A story with all that can be seen of it. */
export interface Golden {
  readonly title: string;
  /** What happens first; its events do not count. Each act is followed by two minutes. */
  readonly before?: readonly Act[];
  readonly acts: readonly Act[];
  readonly config?: Partial<DomainConfig>;
  readonly profile?: Profile;
  /** `host event state`, in order. */
  readonly events: readonly string[];
  readonly state: string;
  readonly other?: string;
}

const START: Act = ['start'];

/** Each story of facts that the life cycle has to reproduce, event by event. */
export const GOLDEN: readonly Golden[] = [
  {
    title: 'boot',
    acts: [['start']],
    events: ['one STARTED/BOOTED RUNNING/BOOTED'],
    state: 'RUNNING/BOOTED',
  },
  {
    title: 'boot, started paused',
    acts: [['start', { paused: true }]],
    events: ['one STARTED/BOOTED PAUSED/USER', 'one SUSPENDED/PAUSED PAUSED/USER'],
    state: 'PAUSED/USER',
  },
  {
    title: 'a start that fails',
    acts: [['fail-start']],
    events: ['one STOPPED/FAILED SHUTOFF/FAILED'],
    state: 'SHUTOFF/FAILED',
  },
  {
    title: 'shutdown on request',
    before: [START],
    acts: [['shutdown']],
    events: ['one SHUTDOWN/GUEST SHUTDOWN/USER', 'one STOPPED/SHUTDOWN SHUTOFF/SHUTDOWN'],
    state: 'SHUTOFF/SHUTDOWN',
  },
  {
    title: 'shutdown on request, rhel6',
    profile: 'rhel6',
    before: [START],
    acts: [['shutdown']],
    events: ['one SHUTDOWN/FINISHED SHUTDOWN/USER', 'one STOPPED/SHUTDOWN SHUTOFF/SHUTDOWN'],
    state: 'SHUTOFF/SHUTDOWN',
  },
  {
    title: 'shutdown from inside the guest',
    before: [START],
    acts: [['guest-shutdown']],
    events: ['one SHUTDOWN/GUEST SHUTDOWN/UNKNOWN', 'one STOPPED/SHUTDOWN SHUTOFF/SHUTDOWN'],
    state: 'SHUTOFF/SHUTDOWN',
  },
  {
    title: 'power off by the kernel of the guest',
    before: [START],
    acts: [['guest-poweroff']],
    events: ['one SHUTDOWN/GUEST SHUTDOWN/UNKNOWN', 'one STOPPED/SHUTDOWN SHUTOFF/SHUTDOWN'],
    state: 'SHUTOFF/SHUTDOWN',
  },
  {
    title: 'power off by the kernel of the guest, rhel6',
    profile: 'rhel6',
    before: [START],
    acts: [['guest-poweroff']],
    events: ['one SHUTDOWN/FINISHED SHUTDOWN/UNKNOWN', 'one STOPPED/SHUTDOWN SHUTOFF/SHUTDOWN'],
    state: 'SHUTOFF/SHUTDOWN',
  },
  {
    title: 'a disk whose error policy is to stop',
    before: [START],
    acts: [['io-error']],
    events: ['one SUSPENDED/IOERROR PAUSED/IOERROR'],
    state: 'PAUSED/IOERROR',
  },
  {
    title: 'a watchdog that pauses',
    before: [START],
    acts: [['watchdog-pause']],
    events: ['one SUSPENDED/WATCHDOG PAUSED/WATCHDOG'],
    state: 'PAUSED/WATCHDOG',
  },
  {
    title: 'a watchdog that has the guest dumped',
    before: [START],
    acts: [['watchdog-dump']],
    events: ['one SUSPENDED/WATCHDOG PAUSED/WATCHDOG', 'one RESUMED/UNPAUSED RUNNING/UNPAUSED'],
    state: 'RUNNING/UNPAUSED',
  },
  {
    title: 'SIGTERM to the emulator',
    before: [START],
    acts: [['terminate']],
    events: ['one SHUTDOWN/HOST SHUTDOWN/UNKNOWN', 'one STOPPED/SHUTDOWN SHUTOFF/SHUTDOWN'],
    state: 'SHUTOFF/SHUTDOWN',
  },
  {
    title: 'destroy',
    before: [START],
    acts: [['destroy']],
    events: ['one STOPPED/DESTROYED SHUTOFF/DESTROYED'],
    state: 'SHUTOFF/DESTROYED',
  },
  {
    title: 'the emulator dies',
    before: [START],
    acts: [['kill']],
    events: ['one STOPPED/CRASHED SHUTOFF/CRASHED'],
    state: 'SHUTOFF/CRASHED',
  },
  {
    title: 'lost by the daemon',
    before: [START],
    acts: [['daemon-lost']],
    events: [],
    state: 'SHUTOFF/DAEMON',
  },
  {
    title: 'pause and resume',
    before: [START],
    acts: [['suspend'], ['resume']],
    events: ['one SUSPENDED/PAUSED PAUSED/USER', 'one RESUMED/UNPAUSED RUNNING/UNPAUSED'],
    state: 'RUNNING/UNPAUSED',
  },
  {
    title: 'stopped at the monitor',
    before: [START],
    acts: [['monitor-stop']],
    events: ['one SUSPENDED/PAUSED PAUSED/UNKNOWN'],
    state: 'PAUSED/UNKNOWN',
  },
  {
    title: 'reset',
    before: [START],
    acts: [['reset']],
    events: ['one REBOOT RUNNING/BOOTED'],
    state: 'RUNNING/BOOTED',
  },
  {
    title: 'reboot',
    before: [START],
    acts: [['reboot']],
    events: ['one REBOOT RUNNING/BOOTED'],
    state: 'RUNNING/BOOTED',
  },
  {
    title: 'panic, on_crash=destroy',
    before: [START],
    acts: [['panic']],
    events: ['one CRASHED/PANICKED CRASHED/PANICKED', 'one STOPPED/CRASHED SHUTOFF/CRASHED'],
    state: 'SHUTOFF/CRASHED',
  },
  {
    title: 'panic, on_crash=coredump-destroy',
    config: { onCrash: 'coredump-destroy' },
    before: [START],
    acts: [['panic']],
    events: ['one CRASHED/PANICKED CRASHED/PANICKED', 'one STOPPED/CRASHED SHUTOFF/CRASHED'],
    state: 'SHUTOFF/CRASHED',
  },
  {
    title: 'panic, on_crash=restart: no STOPPED, no STARTED',
    config: { onCrash: 'restart' },
    before: [START],
    acts: [['panic']],
    events: [
      'one CRASHED/PANICKED CRASHED/PANICKED',
      'one REBOOT CRASHED/PANICKED',
      'one RESUMED/UNPAUSED RUNNING/CRASHED',
    ],
    state: 'RUNNING/CRASHED',
  },
  {
    title: 'panic, on_crash=coredump-restart',
    config: { onCrash: 'coredump-restart' },
    before: [START],
    acts: [['panic']],
    events: [
      'one CRASHED/PANICKED CRASHED/PANICKED',
      'one REBOOT CRASHED/PANICKED',
      'one RESUMED/UNPAUSED RUNNING/CRASHED',
    ],
    state: 'RUNNING/CRASHED',
  },
  {
    title: 'panic, on_crash=preserve',
    config: { onCrash: 'preserve' },
    before: [START],
    acts: [['panic']],
    events: ['one CRASHED/PANICKED CRASHED/PANICKED'],
    state: 'CRASHED/PANICKED',
  },
  {
    title: 'a preserved crash, reset and resumed',
    config: { onCrash: 'preserve' },
    before: [START, ['panic'], ['reset']],
    acts: [['resume']],
    events: ['one RESUMED/UNPAUSED RUNNING/UNPAUSED'],
    state: 'RUNNING/UNPAUSED',
  },
  {
    title: 'a preserved crash, reset',
    config: { onCrash: 'preserve' },
    before: [START, ['panic']],
    acts: [['reset']],
    events: ['one REBOOT PAUSED/CRASHED'],
    state: 'PAUSED/CRASHED',
  },
  {
    title: 'the crash kernel',
    before: [START],
    acts: [['crash-kernel']],
    events: ['one CRASHED/CRASHLOADED RUNNING/BOOTED', 'one REBOOT RUNNING/BOOTED'],
    state: 'RUNNING/BOOTED',
  },
  {
    title: 'core dump',
    before: [START],
    acts: [['dump']],
    events: ['one SUSPENDED/PAUSED PAUSED/DUMP', 'one RESUMED/UNPAUSED RUNNING/UNPAUSED'],
    state: 'RUNNING/UNPAUSED',
  },
  {
    title: 'core dump --crash',
    before: [START],
    acts: [['dump-crash']],
    events: ['one STOPPED/CRASHED SHUTOFF/CRASHED'],
    state: 'SHUTOFF/CRASHED',
  },
  {
    title: 'S3 and wakeup',
    before: [START],
    acts: [['pm-suspend'], ['wakeup']],
    events: [
      'one PMSUSPEND PMSUSPENDED/UNKNOWN',
      'one PMSUSPENDED/MEMORY PMSUSPENDED/UNKNOWN',
      'one PMWAKEUP RUNNING/WAKEUP',
      'one STARTED/WAKEUP RUNNING/WAKEUP',
    ],
    state: 'RUNNING/WAKEUP',
  },
  {
    title: 'S4',
    before: [START],
    acts: [['pm-suspend-disk']],
    events: [
      'one PMSUSPEND_DISK PMSUSPENDED/UNKNOWN',
      'one PMSUSPENDED/DISK PMSUSPENDED/UNKNOWN',
      'one SHUTDOWN/GUEST SHUTDOWN/UNKNOWN',
      'one STOPPED/SHUTDOWN SHUTOFF/SHUTDOWN',
    ],
    state: 'SHUTOFF/SHUTDOWN',
  },
  {
    title: 'save',
    before: [START],
    acts: [['save']],
    events: ['one SUSPENDED/PAUSED PAUSED/SAVE', 'one STOPPED/SAVED SHUTOFF/SAVED'],
    state: 'SHUTOFF/SAVED',
  },
  {
    title: 'save, rhel6',
    profile: 'rhel6',
    before: [START],
    acts: [['save']],
    events: ['one STOPPED/SAVED SHUTOFF/SAVED'],
    state: 'SHUTOFF/SAVED',
  },
  {
    title: 'a save that fails',
    before: [START],
    acts: [['save', { outcome: 'failure' }]],
    events: ['one SUSPENDED/PAUSED PAUSED/SAVE', 'one RESUMED/UNPAUSED RUNNING/SAVE_CANCELED'],
    state: 'RUNNING/SAVE_CANCELED',
  },
  {
    title: 'a save that fails and leaves the guest paused',
    before: [START],
    acts: [['save', { outcome: 'api-error' }]],
    events: ['one SUSPENDED/PAUSED PAUSED/SAVE', 'one SUSPENDED/API_ERROR PAUSED/API_ERROR'],
    state: 'PAUSED/API_ERROR',
  },
  {
    title: 'restore',
    before: [START, ['save']],
    acts: [['restore']],
    events: ['one STARTED/RESTORED RUNNING/RESTORED'],
    state: 'RUNNING/RESTORED',
  },
  {
    title: 'restore, asked to stay paused',
    before: [START, ['save']],
    acts: [['restore', { paused: true }]],
    events: ['one STARTED/RESTORED PAUSED/USER', 'one SUSPENDED/PAUSED PAUSED/USER'],
    state: 'PAUSED/USER',
  },
  {
    title: 'restore of a guest that was paused',
    before: [START, ['suspend'], ['save']],
    acts: [['restore']],
    events: ['one STARTED/RESTORED PAUSED/USER', 'one SUSPENDED/RESTORED PAUSED/USER'],
    state: 'PAUSED/USER',
  },
  {
    title: 'managed save: the next start restores, the one after boots',
    before: [START, ['managedsave']],
    acts: [['start'], ['destroy'], ['start']],
    events: [
      'one STARTED/RESTORED RUNNING/RESTORED',
      'one STOPPED/DESTROYED SHUTOFF/DESTROYED',
      'one STARTED/BOOTED RUNNING/BOOTED',
    ],
    state: 'RUNNING/BOOTED',
  },
  {
    title: 'managed save removed: the next start boots',
    before: [START, ['managedsave']],
    acts: [['managedsave-remove'], ['start']],
    events: ['one STARTED/BOOTED RUNNING/BOOTED'],
    state: 'RUNNING/BOOTED',
  },
  {
    title: 'snapshot of a running guest',
    before: [START],
    acts: [['snapshot']],
    events: ['one SUSPENDED/PAUSED PAUSED/SNAPSHOT', 'one RESUMED/UNPAUSED RUNNING/UNPAUSED'],
    state: 'RUNNING/UNPAUSED',
  },
  {
    title: 'revert to a running snapshot, from shut off',
    acts: [['revert']],
    events: ['one STARTED/FROM_SNAPSHOT RUNNING/FROM_SNAPSHOT'],
    state: 'RUNNING/FROM_SNAPSHOT',
  },
  {
    title: 'revert to a running snapshot, from running',
    before: [START],
    acts: [['revert']],
    events: ['one RESUMED/FROM_SNAPSHOT RUNNING/FROM_SNAPSHOT'],
    state: 'RUNNING/FROM_SNAPSHOT',
  },
  {
    title: 'revert to a paused snapshot, from shut off',
    acts: [['revert', { to: 'paused' }]],
    events: [
      'one STARTED/FROM_SNAPSHOT PAUSED/FROM_SNAPSHOT',
      'one SUSPENDED/FROM_SNAPSHOT PAUSED/FROM_SNAPSHOT',
    ],
    state: 'PAUSED/FROM_SNAPSHOT',
  },
  {
    title: 'revert to a paused snapshot, from running',
    before: [START],
    acts: [['revert', { to: 'paused' }]],
    events: ['one SUSPENDED/FROM_SNAPSHOT PAUSED/FROM_SNAPSHOT'],
    state: 'PAUSED/FROM_SNAPSHOT',
  },
  {
    title: 'revert to an offline snapshot, from shut off',
    acts: [['revert', { to: 'shutoff' }]],
    events: ['one DEFINED/FROM_SNAPSHOT SHUTOFF/FROM_SNAPSHOT'],
    state: 'SHUTOFF/FROM_SNAPSHOT',
  },
  {
    title: 'revert to an offline snapshot, from running',
    before: [START],
    acts: [['revert', { to: 'shutoff' }]],
    events: ['one STOPPED/FROM_SNAPSHOT SHUTOFF/FROM_SNAPSHOT'],
    state: 'SHUTOFF/FROM_SNAPSHOT',
  },
  {
    title: 'migration: the target starts first',
    before: [START],
    acts: [['migrate', { on: 'two' }]],
    events: [
      'two STARTED/MIGRATED PAUSED/MIGRATION',
      'one MIGRATION_ITERATION RUNNING/BOOTED',
      'one MIGRATION_ITERATION RUNNING/BOOTED',
      'one SUSPENDED/MIGRATED PAUSED/MIGRATION',
      'two RESUMED/MIGRATED RUNNING/MIGRATED',
      'two JOB_COMPLETED RUNNING/MIGRATED',
      'one STOPPED/MIGRATED SHUTOFF/MIGRATED',
      'one JOB_COMPLETED SHUTOFF/MIGRATED',
    ],
    state: 'SHUTOFF/MIGRATED',
    other: 'RUNNING/MIGRATED',
  },
  {
    title: 'migration, persistent there and undefined here',
    before: [START],
    acts: [['migrate', { on: 'two', persist: true, undefineSource: true }]],
    events: [
      'two STARTED/MIGRATED PAUSED/MIGRATION',
      'one MIGRATION_ITERATION RUNNING/BOOTED',
      'one MIGRATION_ITERATION RUNNING/BOOTED',
      'one SUSPENDED/MIGRATED PAUSED/MIGRATION',
      'two DEFINED/ADDED PAUSED/MIGRATION',
      'two RESUMED/MIGRATED RUNNING/MIGRATED',
      'two JOB_COMPLETED RUNNING/MIGRATED',
      'one STOPPED/MIGRATED SHUTOFF/MIGRATED',
      'one JOB_COMPLETED SHUTOFF/MIGRATED',
    ],
    state: 'SHUTOFF/MIGRATED',
    other: 'RUNNING/MIGRATED',
  },
  {
    title: 'migration that fails on the target',
    before: [START],
    acts: [['migrate', { on: 'two', outcome: 'failure' }]],
    events: [
      'two STARTED/MIGRATED PAUSED/MIGRATION',
      'one MIGRATION_ITERATION RUNNING/BOOTED',
      'one MIGRATION_ITERATION RUNNING/BOOTED',
      'one SUSPENDED/MIGRATED PAUSED/MIGRATION',
      'two STOPPED/FAILED SHUTOFF/FAILED',
      'one RESUMED/MIGRATED RUNNING/MIGRATION_CANCELED',
    ],
    state: 'RUNNING/MIGRATION_CANCELED',
  },
  {
    title: 'post-copy migration',
    before: [START],
    acts: [['migrate', { on: 'two', mode: 'postcopy' }]],
    events: [
      'two STARTED/MIGRATED PAUSED/MIGRATION',
      'one MIGRATION_ITERATION RUNNING/BOOTED',
      'one SUSPENDED/POSTCOPY PAUSED/POSTCOPY',
      'two RESUMED/POSTCOPY RUNNING/POSTCOPY',
      'two RESUMED/MIGRATED RUNNING/MIGRATED',
      'two JOB_COMPLETED RUNNING/MIGRATED',
      'one STOPPED/MIGRATED SHUTOFF/MIGRATED',
      'one JOB_COMPLETED SHUTOFF/MIGRATED',
    ],
    state: 'SHUTOFF/MIGRATED',
    other: 'RUNNING/MIGRATED',
  },
  {
    title: 'post-copy migration whose link breaks',
    before: [START],
    acts: [['migrate', { on: 'two', mode: 'postcopy', outcome: 'failure' }]],
    events: [
      'two STARTED/MIGRATED PAUSED/MIGRATION',
      'one MIGRATION_ITERATION RUNNING/BOOTED',
      'one SUSPENDED/POSTCOPY PAUSED/POSTCOPY',
      'two RESUMED/POSTCOPY RUNNING/POSTCOPY',
      'one SUSPENDED/POSTCOPY_FAILED PAUSED/POSTCOPY_FAILED',
      'two RESUMED/POSTCOPY_FAILED RUNNING/POSTCOPY_FAILED',
    ],
    state: 'PAUSED/POSTCOPY_FAILED',
    other: 'RUNNING/POSTCOPY_FAILED',
  },
  {
    title: 'a broken post-copy migration, recovered',
    before: [START, ['migrate', { on: 'two', mode: 'postcopy', outcome: 'failure' }]],
    acts: [['recover']],
    events: [
      'one SUSPENDED/POSTCOPY PAUSED/POSTCOPY',
      'two RESUMED/POSTCOPY RUNNING/POSTCOPY',
      'two RESUMED/MIGRATED RUNNING/MIGRATED',
      'two JOB_COMPLETED RUNNING/MIGRATED',
      'one STOPPED/MIGRATED SHUTOFF/MIGRATED',
      'one JOB_COMPLETED SHUTOFF/MIGRATED',
    ],
    state: 'SHUTOFF/MIGRATED',
    other: 'RUNNING/MIGRATED',
  },
  {
    title: 'migration, rhel6: no events of its passes',
    profile: 'rhel6',
    before: [START],
    acts: [['migrate', { on: 'two' }]],
    events: [
      'two STARTED/MIGRATED PAUSED/MIGRATION',
      'one SUSPENDED/MIGRATED PAUSED/MIGRATION',
      'two RESUMED/MIGRATED RUNNING/MIGRATED',
      'one STOPPED/MIGRATED SHUTOFF/MIGRATED',
    ],
    state: 'SHUTOFF/MIGRATED',
    other: 'RUNNING/MIGRATED',
  },
  {
    title: "Xen's own view of the vCPUs",
    config: { type: 'xen' },
    before: [START],
    acts: [['vcpus-block'], ['vcpus-wait'], ['vcpus-run']],
    events: [],
    state: 'RUNNING/UNKNOWN',
  },
];

/** Plays acts, each followed by two minutes; `seen` is called after each moment at which anything is due. */
export function play(fleet: Fleet, domain: Domain, acts: readonly Act[], seen: () => void = () => {}): void {
  for (const [action, options] of acts) {
    const { on, ...rest } = options ?? {};
    fleet.act(domain, action, on === 'two' ? { ...rest, target: fleet.two } : rest);
    seen();
    for (const end = fleet.clock.nowMs + 120_000; fleet.clock.nowMs < end; seen()) {
      fleet.clock.advanceTo(Math.min(fleet.clock.nextDueMs, end));
    }
  }
}
