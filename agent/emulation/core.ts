import type { VirtualClock } from '../util/clock.ts';
import type { Logger } from '../util/logger.ts';
import { noise, streamKey } from '../util/random.ts';
import type { DeviceEvent } from './devices/consequence.ts';
import type { DeviceShelf } from './devices/device-shelf.ts';
import { type Domain, fieldsOf } from './domain.ts';
import { PLAIN_EVENTS, type PlainEventName } from './events.ts';
import { type Host, hostFieldsOf } from './host.ts';
import type { ModelEvent } from './model-event.ts';
import type { Outbox } from './outbox.ts';
import { type EventDetail, eventNumbers } from './states.ts';
import type { Emission, Profile } from './story.ts';
import type { Ticker } from './ticker.ts';
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
  /** Lets the devices of a domain do what is due. */
  readonly runDevices: (core: Core, domain: Domain) => void;
  /** The way back of the open transaction. */
  undo: UndoLog | undefined;
}

/** Notes how a domain is now, when a transaction is open; to be called before each change of it. */
export function touch(core: Core, domain: Domain): void {
  const { engine } = domain.host;
  touchHost(core, domain.host);
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
      if (fields.process) engine.forget(fields.process);
      Object.assign(fields, before);
      Object.assign(fields.load, load);
      before.pending?.timer?.restore();
      before.bootTimer?.restore();
      before.deviceTimer?.restore();
      before.blockJobTimer?.restore();
      restoreProcess?.();
    };
  });
}

/** Notes how a host is now, when a transaction is open; to be called before each change of it. */
export function touchHost(core: Core, host: Host): void {
  core.undo?.addOnce(host, () => {
    const fields = hostFieldsOf(host);
    const before = { ...fields };
    const restoreSensors = host.sensors.save();
    const restoreEngine = host.engine.save();
    return () => {
      fields.timer?.cancel();
      Object.assign(fields, before);
      before.timer?.restore();
      restoreSensors();
      restoreEngine();
    };
  });
}

function momentOf({ clock }: Core, domain: Domain) {
  const { host, name, uuid, state, reason } = domain;
  return { atMs: clock.nowMs, wallMs: clock.wallMs, host, domain, name, uuid, state, reason };
}

/** Sends an event of a device or a model with the domain's values of this moment. */
export function emitRaised(core: Core, domain: Domain, payload: DeviceEvent | ModelEvent): void {
  core.outbox.emit({ kind: 'device', ...momentOf(core, domain), event: payload.event, payload });
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
