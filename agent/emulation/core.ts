import type { VirtualClock } from '../util/clock.ts';
import type { Logger } from '../util/logger.ts';
import { noise, streamKey } from '../util/random.ts';
import type { Alarm } from './alarm/alarm.ts';
import type { AlarmWatch } from './alarm/alarm-watch.ts';
import type { Cause } from './cause.ts';
import type { DeviceEvent } from './devices/consequence.ts';
import type { DeviceShelf } from './devices/device-shelf.ts';
import { type Domain, fieldsOf } from './domain/domain.ts';
import { type FaultEvent, type HostEvent, PLAIN_EVENTS, type PlainEventName } from './events.ts';
import { type ActiveFault, plainFault } from './fault/fault.ts';
import type { FaultBoard } from './fault/fault-board.ts';
import { type Host, hostFieldsOf } from './host/host.ts';
import type { Emission, Profile } from './lifecycle/story.ts';
import type { ModelEvent } from './model-event.ts';
import type { Outbox } from './outbox.ts';
import { type EventDetail, eventNumbers } from './states.ts';
import type { Ticker } from './tick/ticker.ts';
import { durationMs, TIMINGS, type TimingName, type TimingOverrides } from './timings.ts';
import type { UndoLog } from './undo-log.ts';

/** What the modules behind the hypervisor's door share. */
export interface Core {
  readonly clock: VirtualClock;
  readonly seed: number;
  readonly profile: Profile;
  readonly timings: TimingOverrides;
  readonly ticker: Ticker;
  readonly outbox: Outbox;
  readonly logger: Logger;
  readonly shelf: DeviceShelf;
  readonly alarms: AlarmWatch;
  readonly faults: FaultBoard;
  /** Lets the devices of a domain do what is due. */
  readonly runDevices: (core: Core, domain: Domain) => void;
  /** Who or what makes things happen at present. */
  cause: Cause;
  /** The way back of the open transaction. */
  undo: UndoLog | undefined;
  readonly touched: Touched;
}

/** Does something that has a cause of its own; what follows from it at once has the same. */
export function because<T>(core: Core, cause: Cause, action: () => T): T {
  const outer = core.cause;
  core.cause = cause;
  try {
    return action();
  } finally {
    core.cause = outer;
  }
}

/** The same for what happens by itself: whoever listens is told when all of it has happened. */
export function together(core: Core, cause: Cause, action: () => void): void {
  core.outbox.hold();
  try {
    because(core, cause, action);
  } finally {
    core.outbox.release();
  }
}

/** What has changed since whoever listens was last told. */
export interface Touched {
  readonly domains: Set<Domain>;
  readonly hosts: Set<Host>;
  /** Who or what changed it, the last of several; absent while nothing has changed. */
  cause: Cause | undefined;
}

/** Notes that a domain changes, and how it is now when a transaction is open; to be called before each change. */
export function touch(core: Core, domain: Domain): void {
  const { engine, domains } = domain.host;
  touchHost(core, domain.host);
  domains.changed(domain);
  core.touched.domains.add(domain);
  core.undo?.addOnce(domain, () => {
    const fields = fieldsOf(domain);
    const before = { ...fields };
    const load = { ...fields.load };
    const restoreProcess = fields.process && engine.saveProcess(fields.process);
    return () => {
      fields.pending?.timer?.cancel();
      fields.bootTimer?.cancel();
      fields.deviceTimer?.cancel();
      fields.blockJobTimer?.cancel();
      fields.unplug?.timer?.cancel();
      if (fields.process) engine.forget(fields.process);
      Object.assign(fields, before);
      domains.changed(domain);
      Object.assign(fields.load, load);
      before.pending?.timer?.restore();
      before.bootTimer?.restore();
      before.deviceTimer?.restore();
      before.blockJobTimer?.restore();
      before.unplug?.timer?.restore();
      restoreProcess?.();
    };
  });
}

/** Notes how a host is now, when a transaction is open; to be called before each change of it. */
export function touchHost(core: Core, host: Host): void {
  core.touched.hosts.add(host);
  core.touched.cause = core.cause;
  core.undo?.addOnce(host, () => {
    const fields = hostFieldsOf(host);
    const before = { ...fields };
    const restoreSensors = host.sensors.save();
    const restoreEngine = host.engine.save();
    return () => {
      fields.timer?.cancel();
      fields.linkTimer?.cancel();
      Object.assign(fields, before);
      before.timer?.restore();
      before.linkTimer?.restore();
      restoreSensors();
      restoreEngine();
    };
  });
}

function hostMomentOf({ clock, cause, faults }: Core, host: Host, domain?: Domain) {
  const { nowMs: atMs, wallMs } = clock;
  return { atMs, wallMs, host, cause, faults: faults.idsOn(host, domain) };
}

function momentOf(core: Core, domain: Domain) {
  const { host, name, uuid, state, reason } = domain;
  return { ...hostMomentOf(core, host, domain), domain, name, uuid, state, reason };
}

/** Sends an event of a host itself. */
export function emitHost(core: Core, host: Host, event: HostEvent['event']): void {
  core.outbox.emit({ kind: 'host', ...hostMomentOf(core, host), event });
}

/** Sends an event of a fault. */
export function emitFault(core: Core, event: FaultEvent['event'], fault: ActiveFault): void {
  const moment = hostMomentOf(core, fault.host, fault.domain);
  core.outbox.emit({ kind: 'fault', ...moment, event, fault: plainFault(fault) });
}

/** Events that came after libvirt 0.10, the one of RHEL 6. */
const LATER: ReadonlySet<string> = new Set<(DeviceEvent | ModelEvent)['event']>([
  'TUNABLE',
  'METADATA_CHANGE',
  'DEVICE_ADDED',
  'DEVICE_REMOVED',
  'DEVICE_REMOVAL_FAILED',
  'MIGRATION_ITERATION',
  'JOB_COMPLETED',
  'MEMORY_DEVICE_SIZE_CHANGE',
]);

/** Sends an event of a device or a model with the domain's values of this moment. */
export function emitRaised(core: Core, domain: Domain, payload: DeviceEvent | ModelEvent): void {
  if (core.profile === 'rhel6' && LATER.has(payload.event)) return;
  core.outbox.emit({ kind: 'device', ...momentOf(core, domain), event: payload.event, payload });
}

/** Tells that an alarm came up or went. */
export function emitAlarm(core: Core, event: 'RAISED' | 'CLEARED', alarm: Alarm): void {
  core.outbox.emit({ kind: 'alarm', ...hostMomentOf(core, alarm.host, alarm.domain), event, alarm });
}

/** Sends an event with the domain's values of this moment. */
export function emit(core: Core, domain: Domain, emission: Emission): void {
  const at = momentOf(core, domain);
  if (isPlain(emission)) {
    core.outbox.emit({ kind: 'plain', ...at, event: emission });
    return;
  }
  const { major, minor } = eventNumbers(emission);
  core.outbox.emit({ kind: 'lifecycle', ...at, event: major, detail: minor });
}

function isPlain(emission: EventDetail | PlainEventName): emission is PlainEventName {
  return (PLAIN_EVENTS as readonly string[]).includes(emission);
}

/** How long a step of this domain takes: nominal time and a jitter of the domain's own stream. */
export function drawDurationMs(core: Core, domain: Domain, name: TimingName): number {
  touch(core, domain);
  const fields = fieldsOf(domain);
  const draw = noise(streamKey(core.seed, 'lifecycle', domain.host.name, domain.uuid), fields.draws++);
  const timing = core.timings[name] ?? TIMINGS[name];
  return durationMs(timing, draw, domain.memoryKiB, domain.config.type === 'lxc');
}
