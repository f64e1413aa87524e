import { VirtsnmpError } from '../util/errors.ts';
import { ioErrorChain } from './block/block-consequence.ts';
import { type Core, emitRaised } from './core.ts';
import type { Domain } from './domain.ts';
import type { Host } from './host.ts';
import type { ModelEvent } from './model-event.ts';
import type { ActionName } from './story.ts';
import { planAct } from './story-runner.ts';
import type { TickConsequences } from './tick-consequence.ts';

/** One thing to do about a guest: an event to tell, or an act of the life cycle. */
type Deed = readonly [guest: number, what: ModelEvent | ActionName];

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
      if (!domain?.process) continue;
      if (typeof what === 'string') attempt(core, domain, what);
      else emitRaised(core, domain, what);
    }
  } finally {
    core.outbox.release();
  }
}

function guestsByNumber(host: Host): Map<number, Domain> {
  const guests = new Map<number, Domain>();
  for (const domain of host.domains) if (domain.process) guests.set(domain.process.number, domain);
  return guests;
}

function* deedsOf({ memory, block, container }: TickConsequences): Iterable<Deed> {
  for (const each of memory) {
    const { guest } = each;
    if (each.kind === 'balloon-change')
      yield [guest, { event: 'BALLOON_CHANGE', currentKiB: each.currentKiB }];
    if (each.kind === 'guest-panic') yield [guest, 'panic'];
    if (each.kind === 'host-oom-kill') yield [guest, 'kill'];
  }
  for (const each of block) {
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
  for (const each of container) if (each.whole) yield [each.guest, 'kill'];
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
