import {
  ALARM_KINDS,
  type Alarm,
  type AlarmKind,
  type AlarmResource,
  SEVERITIES,
} from '../../agent/emulation/alarm/alarm.ts';
import { IO_ERROR_ACTION, type IoErrorAction } from '../../agent/emulation/block/block-consequence.ts';
import {
  BLOCK_JOB_STATUS,
  BLOCK_JOB_TYPE,
  type BlockJobStatus,
  type BlockJobType,
} from '../../agent/emulation/block/block-job.ts';
import {
  AGENT_REASON,
  AGENT_STATE,
  FAILURE_ACTION,
  FAILURE_RECIPIENT,
  GRAPHICS_PHASE,
  TRAY_CHANGE_REASON,
  WATCHDOG_EVENT_ACTION,
  type WatchdogEventAction,
} from '../../agent/emulation/devices/consequence.ts';
import type { Domain } from '../../agent/emulation/domain/domain.ts';
import {
  type EmulationEvent,
  type HostEvent,
  PLAIN_EVENTS,
  type RaisedEvent,
} from '../../agent/emulation/events.ts';
import type { Host } from '../../agent/emulation/host/host.ts';
import {
  CONTROL_ERROR_REASON,
  DISK_CHANGE_REASON,
  JOB_OPERATION,
  METADATA_TYPE,
} from '../../agent/emulation/management-event.ts';
import { EVENT_DETAILS, eventNumbers } from '../../agent/emulation/states.ts';

type Payload = RaisedEvent['payload'];
type PayloadOf<E, P extends Payload = Payload> = P extends Payload
  ? E extends P['event']
    ? P
    : never
  : never;
type WithoutEvent<P> = P extends Payload ? Omit<P, 'event'> : never;

function names<K extends string>(numbers: Readonly<Record<K, number>>): K[] {
  return Object.keys(numbers) as K[];
}

const DISK = { source: '/images/web.qcow2', alias: 'virtio-disk0' } as const;

const actions = names(IO_ERROR_ACTION) as IoErrorAction[];
const jobs = names(BLOCK_JOB_TYPE).flatMap((type: BlockJobType) =>
  names(BLOCK_JOB_STATUS).map((status: BlockJobStatus) => ({ type, status })),
);

/** Payloads of each event that devices and models raise: every value of each enumeration. */
const PAYLOADS: { readonly [E in Payload['event']]: readonly WithoutEvent<PayloadOf<E>>[] } = {
  WATCHDOG: names(WATCHDOG_EVENT_ACTION).map((action: WatchdogEventAction) => ({ action })),
  RTC_CHANGE: [{ utcOffsetSeconds: 3600 }, { utcOffsetSeconds: -7200 }, { utcOffsetSeconds: 2 ** 40 }],
  GRAPHICS: names(GRAPHICS_PHASE).map((phase) => ({ phase, client: '192.0.2.7:49152' })),
  AGENT_LIFECYCLE: names(AGENT_STATE).flatMap((state) =>
    names(AGENT_REASON).map((reason) => ({ state, reason })),
  ),
  MEMORY_FAILURE: names(FAILURE_RECIPIENT).flatMap((recipient) =>
    names(FAILURE_ACTION).flatMap((action) => [0, 1, 2, 3].map((flags) => ({ recipient, action, flags }))),
  ),
  BALLOON_CHANGE: [{ currentKiB: 1_048_576 }, { currentKiB: 2 ** 40 }],
  IO_ERROR: actions.map((action) => ({ ...DISK, action })),
  IO_ERROR_REASON: actions.flatMap((action) =>
    (['enospc', ''] as const).map((reason) => ({ ...DISK, action, reason })),
  ),
  BLOCK_THRESHOLD: [{ dev: 'vda', path: DISK.source, threshold: 2 ** 34, excess: 65_536 }],
  BLOCK_JOB: jobs.map((job) => ({ ...job, disk: DISK.source })),
  BLOCK_JOB_2: jobs.map((job) => ({ ...job, disk: 'vda' })),
  CONTROL_ERROR: names(CONTROL_ERROR_REASON).map((reason) => ({ reason })),
  DISK_CHANGE: names(DISK_CHANGE_REASON).map((reason) => ({
    oldSource: DISK.source,
    alias: DISK.alias,
    reason,
  })),
  TRAY_CHANGE: names(TRAY_CHANGE_REASON).map((reason) => ({ alias: 'sata0-0-0', reason })),
  DEVICE_ADDED: [{ alias: 'net1' }],
  DEVICE_REMOVED: [{ alias: 'net1' }],
  DEVICE_REMOVAL_FAILED: [{ alias: 'net1' }],
  TUNABLE: [
    { parameters: { 'cputune.cpu_shares': 512, 'cputune.vcpupin0': '0-3' } },
    { parameters: Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`cputune.vcpupin${i}`, '0'])) },
  ],
  MIGRATION_ITERATION: [{ iteration: 1 }, { iteration: 19 }],
  JOB_COMPLETED: names(JOB_OPERATION).map((operation) => ({
    operation,
    statistics: { time_elapsed: 34_500, memory_remaining: 0 },
  })),
  METADATA_CHANGE: names(METADATA_TYPE).map((type) => ({
    type,
    uri: type === 'ELEMENT' ? 'http://example.org/x' : '',
  })),
  MEMORY_DEVICE_SIZE_CHANGE: [{ alias: 'virtiomem0', sizeKiB: 1_048_576 }],
};

const HOST_EVENTS: readonly HostEvent['event'][] = [
  'STOPPING',
  'DOWN',
  'UP',
  'IMAGE_INSTALLED',
  'IMAGE_SELECTED',
];

/** Resources that alarms of the host itself are about; all other kinds are about guests. */
const HOST_RESOURCES: Readonly<Partial<Record<AlarmKind, AlarmResource>>> = {
  other: { kind: 'host' },
  hostMemoryPressure: { kind: 'host' },
  poolNearlyFull: { kind: 'pool', pool: 0 },
  poolFull: { kind: 'pool', pool: 0 },
  sensorOutOfRange: { kind: 'sensor', sensor: 0 },
  hostNicDown: { kind: 'uplink', segment: 'default' },
};

const GUEST_RESOURCES: readonly AlarmResource[] = [
  { kind: 'guest' },
  { kind: 'vcpu', vcpu: 1 },
  { kind: 'nic', nic: 0 },
  { kind: 'queue', nic: 0, queue: 1, direction: 'tx' },
  { kind: 'disk', target: 'vda' },
  { kind: 'disk', target: 'no-such-disk' },
  { kind: 'display' },
];

/** Made-up events of every kind, with every detail and every value of each enumeration, numbered from 1. */
export function sampleEvents(host: Host, domain: Domain): EmulationEvent[] {
  const moment = {
    atMs: 123_450,
    wallMs: Date.UTC(2026, 0, 5, 9, 2),
    host,
    cause: 'model',
    faults: [],
  } as const;
  const { name, uuid, state, reason } = domain;
  const of = { ...moment, domain, name, uuid, state, reason };
  const alarm = (kind: AlarmKind, i: number, resource: AlarmResource, about?: Domain): Alarm => ({
    number: i + 1,
    kind,
    severity: SEVERITIES[i % SEVERITIES.length]!,
    probableCause: 500 + i,
    host,
    ...(about && { domain: about, guest: { uuid: about.uuid, name: about.name } }),
    resource,
    text: `${kind} of ${about?.name ?? host.name}`,
    raisedMs: 120_000,
    raisedWallMs: moment.wallMs - 3450,
  });
  const alarms = ALARM_KINDS.map((kind, i) => {
    const ofHost = HOST_RESOURCES[kind];
    return ofHost
      ? alarm(kind, i, ofHost)
      : alarm(kind, i, GUEST_RESOURCES[i % GUEST_RESOURCES.length]!, domain);
  });
  const fault = { id: 1, rule: 'rule', kind: 'disk-full', host, domain, begunMs: 0 };
  const drafts = [
    ...EVENT_DETAILS.map((each) => {
      const { major: event, minor: detail } = eventNumbers(each);
      return { kind: 'lifecycle', ...of, event, detail } as const;
    }),
    ...PLAIN_EVENTS.map((event) => ({ kind: 'plain', ...of, event }) as const),
    ...Object.entries(PAYLOADS).flatMap(([event, payloads]) =>
      payloads.map((payload) => ({ kind: 'device', ...of, event, payload: { event, ...payload } }) as const),
    ),
    ...alarms.map((each) => ({ kind: 'alarm', ...moment, event: 'RAISED', alarm: each }) as const),
    ...alarms.map((each) => ({ kind: 'alarm', ...moment, event: 'CLEARED', alarm: each }) as const),
    { kind: 'fault', ...moment, event: 'BEGUN', fault } as const,
    ...HOST_EVENTS.map((event) => {
      const about = event.startsWith('IMAGE') && { packages: host.software.packages };
      return { kind: 'host', ...moment, event, ...about } as const;
    }),
  ];
  return drafts.map((draft, i) => ({ ...draft, sequence: i + 1 }) as EmulationEvent);
}
