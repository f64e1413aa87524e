import { IO_ERROR_ACTION, type IoErrorAction } from '../../../emulation/block/block-consequence.ts';
import { BLOCK_JOB_STATUS, BLOCK_JOB_TYPE, type BlockJobEvent } from '../../../emulation/block/block-job.ts';
import {
  AGENT_REASON,
  AGENT_STATE,
  type DeviceEvent,
  FAILURE_ACTION,
  FAILURE_FLAG,
  FAILURE_RECIPIENT,
  GRAPHICS_PHASE,
  TRAY_CHANGE_REASON,
  WATCHDOG_EVENT_ACTION,
} from '../../../emulation/devices/consequence.ts';
import type { PlainEventName } from '../../../emulation/events.ts';
import {
  CONTROL_ERROR_REASON,
  DISK_CHANGE_REASON,
  JOB_OPERATION,
  METADATA_TYPE,
  type TypedParameters,
} from '../../../emulation/management-event.ts';
import type { ModelEvent } from '../../../emulation/model-event.ts';
import type { LvsNotificationName, Values } from './assemble.ts';
import type { NotifiedSeverity } from './severity.ts';

type Payload = DeviceEvent | ModelEvent;

/** How an event of a guest is told of. */
export interface ToldEvent {
  readonly name: LvsNotificationName;
  readonly severity: NotifiedSeverity;
  /** What it says behind the guest's name. */
  readonly says: string;
  /** What the notification carries of the event's own. */
  readonly values: Values;
}

interface Told<P> {
  readonly name: LvsNotificationName;
  readonly severity: NotifiedSeverity | ((payload: P) => NotifiedSeverity);
  readonly says: string | ((payload: P) => string);
  readonly values?: (payload: P) => Values;
}

/** The payloads of an event; that of a block job has one shape for two events. */
type PayloadOf<E, P extends Payload = Payload> = P extends Payload
  ? E extends P['event']
    ? P
    : never
  : never;

const INT32 = { min: -0x8000_0000, max: 0x7fff_ffff } as const;
/** Bits are counted from the left (RFC 2578 section 7.1.4). */
const FIRST_BIT = 0x80;

/** The events that carry nothing. */
export const PLAIN_TOLD: Readonly<Record<PlainEventName, ToldEvent>> = {
  REBOOT: plain('lvsGuestReboot', 'was reset'),
  PMWAKEUP: plain('lvsGuestPmWakeup', 'woke up from its sleep'),
  PMSUSPEND: plain('lvsGuestPmSuspend', 'sent itself to sleep'),
  PMSUSPEND_DISK: plain('lvsGuestPmSuspendDisk', 'wrote its memory to disk, and sent itself to sleep'),
};

const RAISED: { readonly [E in Payload['event']]: Told<PayloadOf<E>> } = {
  RTC_CHANGE: {
    name: 'lvsGuestRtcChange',
    severity: 'informational',
    says: ({ utcOffsetSeconds }) => `set its clock to ${utcOffsetSeconds} s from UTC`,
    values: ({ utcOffsetSeconds }) => ({
      lvsEventUtcOffset: Math.min(Math.max(utcOffsetSeconds, INT32.min), INT32.max),
    }),
  },
  WATCHDOG: {
    name: 'lvsGuestWatchdog',
    severity: 'major',
    says: ({ action }) => `let its watchdog expire: ${action}`,
    values: ({ action }) => ({ lvsEventWatchdogAction: WATCHDOG_EVENT_ACTION[action] }),
  },
  IO_ERROR: {
    name: 'lvsGuestIoError',
    severity: 'major',
    says: diskFailed,
    values: failedDisk,
  },
  IO_ERROR_REASON: {
    name: 'lvsGuestIoErrorReason',
    severity: 'major',
    says: (payload) => diskFailed(payload) + (payload.reason === '' ? '' : ` (${payload.reason})`),
    values: (payload) => ({ ...failedDisk(payload), lvsEventIoErrorReason: payload.reason }),
  },
  GRAPHICS: {
    name: 'lvsGuestGraphics',
    severity: 'informational',
    says: ({ phase, client }) => `has a client at its display: ${client}, ${phase.toLowerCase()}`,
    values: ({ phase, client }) => ({
      lvsEventGraphicsPhase: GRAPHICS_PHASE[phase],
      lvsEventGraphicsClient: client,
    }),
  },
  BLOCK_JOB: {
    name: 'lvsGuestBlockJob',
    severity: jobSeverity,
    says: jobSays,
    values: (payload) => ({ ...jobValues(payload), lvsEventPath: payload.disk }),
  },
  BLOCK_JOB_2: {
    name: 'lvsGuestBlockJob2',
    severity: jobSeverity,
    says: jobSays,
    values: (payload) => ({ ...jobValues(payload), lvsEventTarget: payload.disk }),
  },
  BALLOON_CHANGE: {
    name: 'lvsGuestBalloonChange',
    severity: 'informational',
    says: ({ currentKiB }) => `has ${currentKiB} KiB of memory`,
    values: ({ currentKiB }) => ({ lvsEventBalloon: currentKiB }),
  },
  AGENT_LIFECYCLE: {
    name: 'lvsGuestAgentLifecycle',
    severity: ({ state }) => (state === 'DISCONNECTED' ? 'warning' : 'informational'),
    says: ({ state }) =>
      state === 'DISCONNECTED' ? 'has no agent that answers' : 'has an agent that answers',
    values: ({ state, reason }) => ({
      lvsEventAgentState: AGENT_STATE[state],
      lvsEventAgentReason: AGENT_REASON[reason],
    }),
  },
  BLOCK_THRESHOLD: {
    name: 'lvsGuestBlockThreshold',
    severity: 'warning',
    says: ({ dev, threshold }) => `has an image of ${dev} beyond its threshold of ${threshold} octets`,
    values: ({ dev, path, threshold, excess }) => ({
      lvsEventTarget: dev,
      lvsEventPath: path,
      lvsEventThreshold: threshold,
      lvsEventExcess: excess,
    }),
  },
  MEMORY_FAILURE: {
    name: 'lvsGuestMemoryFailure',
    severity: ({ action }) => (action === 'FATAL' ? 'critical' : action === 'IGNORE' ? 'warning' : 'major'),
    says: ({ action }) => `met a memory failure: ${action.toLowerCase()}`,
    values: ({ recipient, action, flags }) => ({
      lvsEventFailureRecipient: FAILURE_RECIPIENT[recipient],
      lvsEventFailureAction: FAILURE_ACTION[action],
      lvsEventFailureFlags: failureFlags(flags),
    }),
  },
  CONTROL_ERROR: {
    name: 'lvsGuestControlError',
    severity: 'major',
    says: 'cannot be controlled: its monitor does not answer',
    values: ({ reason }) => ({ lvsEventControlReason: CONTROL_ERROR_REASON[reason] }),
  },
  DISK_CHANGE: {
    name: 'lvsGuestDiskChange',
    severity: 'warning',
    says: ({ oldSource, alias }) => `starts without ${oldSource}, which is missing: ${alias}`,
    values: ({ oldSource, alias, reason }) => ({
      lvsEventOldPath: oldSource,
      lvsEventNewPath: '',
      lvsEventDevice: alias,
      lvsEventDiskChangeReason: DISK_CHANGE_REASON[reason],
    }),
  },
  TRAY_CHANGE: {
    name: 'lvsGuestTrayChange',
    severity: 'informational',
    says: ({ alias, reason }) => `${reason === 'OPEN' ? 'opened' : 'closed'} the tray of ${alias}`,
    values: ({ alias, reason }) => ({
      lvsEventDevice: alias,
      lvsEventTrayChange: TRAY_CHANGE_REASON[reason],
    }),
  },
  DEVICE_ADDED: {
    name: 'lvsGuestDeviceAdded',
    severity: 'informational',
    says: ({ alias }) => `has another device: ${alias}`,
    values: ({ alias }) => ({ lvsEventDevice: alias }),
  },
  DEVICE_REMOVED: {
    name: 'lvsGuestDeviceRemoved',
    severity: 'informational',
    says: ({ alias }) => `has let a device go: ${alias}`,
    values: ({ alias }) => ({ lvsEventDevice: alias }),
  },
  DEVICE_REMOVAL_FAILED: {
    name: 'lvsGuestDeviceRemovalFailed',
    severity: 'warning',
    says: ({ alias }) => `does not let a device go: ${alias}`,
    values: ({ alias }) => ({ lvsEventDevice: alias }),
  },
  TUNABLE: {
    name: 'lvsGuestTunable',
    severity: 'informational',
    says: ({ parameters }) => `was tuned: ${parametersText(parameters)}`,
    values: ({ parameters }) => ({ lvsEventParameters: parametersText(parameters) }),
  },
  MIGRATION_ITERATION: {
    name: 'lvsGuestMigrationIteration',
    severity: 'informational',
    says: ({ iteration }) => `migrates: pass ${iteration} over its memory`,
    values: ({ iteration }) => ({ lvsEventIteration: iteration }),
  },
  JOB_COMPLETED: {
    name: 'lvsGuestJobCompleted',
    severity: 'informational',
    says: ({ operation }) => `has completed a job: ${operation.toLowerCase().replaceAll('_', ' ')}`,
    values: ({ operation, statistics }) => ({
      lvsEventJobOperation: JOB_OPERATION[operation],
      lvsEventParameters: parametersText(statistics),
    }),
  },
  METADATA_CHANGE: {
    name: 'lvsGuestMetadataChange',
    severity: 'informational',
    says: ({ type }) => `has another ${type.toLowerCase()}`,
    values: ({ type, uri }) => ({ lvsEventMetadataType: METADATA_TYPE[type], lvsEventMetadataUri: uri }),
  },
  MEMORY_DEVICE_SIZE_CHANGE: {
    name: 'lvsGuestMemoryDeviceSizeChange',
    severity: 'informational',
    says: ({ alias, sizeKiB }) => `has ${sizeKiB} KiB in ${alias}`,
    values: ({ alias, sizeKiB }) => ({ lvsEventDevice: alias, lvsEventMemorySize: sizeKiB }),
  },
};

const MOST_OCTETS = 255;

/** Parameters as name=value with a comma between two; what does not fit into 255 octets is left out whole. */
function parametersText(parameters: TypedParameters): string {
  let text = '';
  for (const [name, value] of Object.entries(parameters)) {
    const longer = `${text}${text === '' ? '' : ','}${name}=${value}`;
    if (Buffer.byteLength(longer) > MOST_OCTETS) break;
    text = longer;
  }
  return text;
}

/** How an event that a device or a model raised is told of. */
export function raisedTold(payload: Payload): ToldEvent {
  const { name, severity, says, values } = RAISED[payload.event] as unknown as Told<Payload>;
  return {
    name,
    severity: typeof severity === 'string' ? severity : severity(payload),
    says: typeof says === 'string' ? says : says(payload),
    values: values?.(payload) ?? {},
  };
}

function plain(name: LvsNotificationName, says: string): ToldEvent {
  return { name, severity: 'informational', says, values: {} };
}

interface FailedDisk {
  readonly source: string;
  readonly alias: string;
  readonly action: IoErrorAction;
}

function failedDisk({ source, alias, action }: FailedDisk): Values {
  return { lvsEventPath: source, lvsEventDevice: alias, lvsEventIoErrorAction: IO_ERROR_ACTION[action] };
}

function diskFailed({ alias, action }: FailedDisk): string {
  return `has requests to ${alias} that failed: ${action}`;
}

function jobSeverity({ status }: BlockJobEvent): NotifiedSeverity {
  return status === 'FAILED' ? 'minor' : 'informational';
}

function jobSays({ disk, type, status }: BlockJobEvent): string {
  return `has a ${type} job of ${disk}: ${status.toLowerCase()}`;
}

function jobValues({ type, status }: BlockJobEvent): Values {
  return {
    lvsEventBlockJobType: BLOCK_JOB_TYPE[type],
    lvsEventBlockJobStatus: BLOCK_JOB_STATUS[status],
  };
}

function failureFlags(flags: number): Uint8Array {
  let bits = 0;
  if (flags & FAILURE_FLAG.ACTION_REQUIRED) bits |= FIRST_BIT;
  if (flags & FAILURE_FLAG.RECURSIVE) bits |= FIRST_BIT >> 1;
  return Uint8Array.of(bits);
}
