import type { EventDetail, LifecycleEventName } from '../../../emulation/states.ts';
import type { LvsNotificationName } from './assemble.ts';
import type { NotifiedSeverity } from './severity.ts';

/** The notification of each life-cycle event. */
export const LIFECYCLE_NOTIFICATION: Readonly<Record<LifecycleEventName, LvsNotificationName>> = {
  DEFINED: 'lvsGuestDefined',
  UNDEFINED: 'lvsGuestUndefined',
  STARTED: 'lvsGuestStarted',
  SUSPENDED: 'lvsGuestSuspended',
  RESUMED: 'lvsGuestResumed',
  STOPPED: 'lvsGuestStopped',
  SHUTDOWN: 'lvsGuestShutdown',
  PMSUSPENDED: 'lvsGuestPmSuspended',
  CRASHED: 'lvsGuestCrashed',
};

/** How bad a life-cycle event with its detail is, and what it says behind the guest's name. */
export const LIFECYCLE_MEANING: Readonly<
  Record<EventDetail, readonly [severity: NotifiedSeverity, says: string]>
> = {
  'DEFINED/ADDED': ['informational', 'was defined'],
  'DEFINED/UPDATED': ['informational', 'has another definition'],
  'DEFINED/RENAMED': ['informational', 'has this name now'],
  'DEFINED/FROM_SNAPSHOT': ['informational', 'has the definition of a snapshot'],
  'UNDEFINED/REMOVED': ['informational', 'is not defined any more'],
  'UNDEFINED/RENAMED': ['informational', 'gets another name'],
  'STARTED/BOOTED': ['informational', 'was started'],
  'STARTED/MIGRATED': ['informational', 'is arriving from another host'],
  'STARTED/RESTORED': ['informational', 'was restored from a save image'],
  'STARTED/FROM_SNAPSHOT': ['informational', 'was started from a snapshot'],
  'STARTED/WAKEUP': ['informational', 'woke up'],
  'SUSPENDED/PAUSED': ['informational', 'was paused'],
  'SUSPENDED/MIGRATED': ['informational', 'was paused for its migration'],
  'SUSPENDED/IOERROR': ['major', 'was paused because a disk failed'],
  'SUSPENDED/WATCHDOG': ['major', 'was paused because its watchdog expired'],
  'SUSPENDED/RESTORED': ['informational', 'was restored, and is paused'],
  'SUSPENDED/FROM_SNAPSHOT': ['informational', 'was reverted to a snapshot, and is paused'],
  'SUSPENDED/API_ERROR': ['major', 'stays paused because an operation failed'],
  'SUSPENDED/POSTCOPY': ['informational', 'was paused, and goes on at another host'],
  'SUSPENDED/POSTCOPY_FAILED': ['critical', 'was paused because its post-copy migration failed'],
  'RESUMED/UNPAUSED': ['informational', 'runs again'],
  'RESUMED/MIGRATED': ['informational', 'runs after a migration'],
  'RESUMED/FROM_SNAPSHOT': ['informational', 'runs as in a snapshot'],
  'RESUMED/POSTCOPY': ['informational', 'runs while its memory is still on its way'],
  'RESUMED/POSTCOPY_FAILED': ['critical', 'has lost the way to memory that it left behind'],
  'STOPPED/SHUTDOWN': ['informational', 'is off'],
  'STOPPED/DESTROYED': ['warning', 'was destroyed'],
  'STOPPED/CRASHED': ['critical', 'ended by a crash'],
  'STOPPED/MIGRATED': ['informational', 'left for another host'],
  'STOPPED/SAVED': ['informational', 'was saved'],
  'STOPPED/FAILED': ['major', 'could not be started'],
  'STOPPED/FROM_SNAPSHOT': ['informational', 'is off, as in a snapshot'],
  'SHUTDOWN/FINISHED': ['informational', 'has shut down'],
  'SHUTDOWN/GUEST': ['informational', 'has shut itself down'],
  'SHUTDOWN/HOST': ['informational', 'was shut down by its host'],
  'PMSUSPENDED/MEMORY': ['informational', 'sleeps, with its memory kept'],
  'PMSUSPENDED/DISK': ['informational', 'sleeps, with its memory on disk'],
  'CRASHED/PANICKED': ['critical', 'crashed: its kernel panicked'],
  'CRASHED/CRASHLOADED': ['critical', 'crashed: its kernel panicked, and dumps itself'],
};
