import { VirtsnmpError } from '../../util/errors.ts';
import type { RaisedKind } from '../alarm/definitions.ts';
import { ioErrorChain } from '../block/block-consequence.ts';
import { killInContainer } from '../container/container-on-host.ts';
import { type Core, emitRaised } from '../core.ts';
import { type Domain, fieldsOf } from '../domain/domain.ts';
import type { Host } from '../host/host.ts';
import type { ActionName } from '../lifecycle/story.ts';
import { planAct } from '../lifecycle/story-runner.ts';
import { PAGE_KIB } from '../memory/memory-config.ts';
import type { ModelEvent } from '../model-event.ts';
import type { TickConsequences } from './tick-consequence.ts';

/** Something that happened of which no event tells. */
interface Occurrence {
  readonly alarm: RaisedKind;
  readonly detail: string;
}

/** One thing to do about a guest: an event to tell, an act of the life cycle, or an alarm. */
type Deed = readonly [guest: number, what: ModelEvent | ActionName | 'oom-kill' | Occurrence];

/**
 * Does what the models of a host's latest ticks want done, in the order of their systems.
 *
 * A guest that is gone by now, or busy with something else, is left alone: what made the model ask is still so
 * in the next tick.
 */
export function applyConsequences(core: Core, host: Host): void {
  const consequences = host.engine.takeConsequences();
  if (!consequences) return;
  const guests = guestsByNumber(host);
  core.outbox.hold();
  try {
    for (const [number, what] of deedsOf(consequences)) {
      const domain = guests.get(number);
      if (!domain || !fieldsOf(domain).process) continue;
      if (what === 'oom-kill') killOnHost(core, domain);
      else if (typeof what === 'string') attempt(core, domain, what);
      else if ('alarm' in what) core.alarms.occur(domain, what.alarm, what.detail);
      else tell(core, domain, what);
    }
  } finally {
    core.outbox.release();
  }
}

function tell(core: Core, domain: Domain, event: ModelEvent): void {
  // The threshold went with it, which nobody has been told of.
  if (event.event === 'BLOCK_THRESHOLD') domain.host.domains.changed(domain);
  emitRaised(core, domain, resized(domain, event));
}

/** A guest with a memory device has no balloon: what moved is the device's. */
function resized({ config }: Domain, event: ModelEvent): ModelEvent {
  const { memoryDevice, memoryKiB } = config;
  if (event.event !== 'BALLOON_CHANGE' || !memoryDevice) return event;
  const sizeKiB = event.currentKiB - (memoryKiB - memoryDevice.sizeKiB);
  return { event: 'MEMORY_DEVICE_SIZE_CHANGE', alias: 'virtiomem0', sizeKiB };
}

function guestsByNumber(host: Host): Map<number, Domain> {
  const guests = new Map<number, Domain>();
  for (const domain of host.domains) {
    const { process } = fieldsOf(domain);
    if (process) guests.set(process.number, domain);
  }
  return guests;
}

function* deedsOf({ memory, block, container }: TickConsequences): Iterable<Deed> {
  for (const each of byGuest(memory)) {
    const { guest } = each;
    if (each.kind === 'balloon-change')
      yield [guest, { event: 'BALLOON_CHANGE', currentKiB: each.currentKiB }];
    if (each.kind === 'guest-oom') {
      const detail = `The guest's kernel killed a process of ${mebibytes(each.pages * PAGE_KIB)} for want of memory`;
      yield [guest, { alarm: 'guestOom', detail }];
    }
    if (each.kind === 'guest-panic') yield [guest, 'panic'];
    if (each.kind === 'host-oom-kill') yield [guest, 'oom-kill'];
  }
  for (const each of byGuest(block)) {
    const { guest } = each;
    if (each.kind === 'block-threshold') {
      const { dev, path, threshold, excess } = each;
      yield [guest, { event: 'BLOCK_THRESHOLD', dev, path, threshold, excess }];
      continue;
    }
    for (const step of ioErrorChain(each)) {
      if (step.kind === 'pause') {
        yield [guest, 'io-error'];
      } else {
        const { kind: _kind, ...event } = step;
        yield [guest, event];
      }
    }
  }
  for (const { guest, bytes, whole } of byGuest(container)) {
    const detail = `Processes of the container with ${mebibytes(bytes / 1024)} were killed at its memory limit`;
    yield [guest, { alarm: 'containerOom', detail }];
    if (whole) yield [guest, 'kill'];
  }
}

/**
 * By guest, those of one guest as they came. The host looks at its guests in an order that a change which is rolled
 * back may leave another one, and nobody may hear of that.
 */
function byGuest<C extends { readonly guest: number }>(consequences: readonly C[]): C[] {
  return [...consequences].sort((a, b) => a.guest - b.guest);
}

function mebibytes(kib: number): string {
  return `${Math.ceil(kib / 1024)} MiB`;
}

/** The host's kernel kills a process for want of memory: an emulator, or the largest one of a container. */
function killOnHost(core: Core, domain: Domain): void {
  const { machine, container } = domain.process!;
  const { memory } = domain.host.engine.host;
  if (!container || killInContainer(machine.numbers, container, memory)) attempt(core, domain, 'kill');
}

function attempt(core: Core, domain: Domain, action: ActionName): void {
  let plan: () => void;
  try {
    plan = planAct(core, { op: 'act', domain, action });
  } catch (thrown) {
    if (!(thrown instanceof VirtsnmpError)) throw thrown;
    core.logger.debug('a model asked for a change that is not possible now', {
      domain: domain.name,
      action,
      why: thrown.message,
    });
    return;
  }
  plan();
}
