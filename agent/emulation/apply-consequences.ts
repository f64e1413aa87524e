import { VirtsnmpError } from '../util/errors.ts';
import type { Core } from './core.ts';
import type { Domain } from './domain.ts';
import type { Host } from './host.ts';
import type { ActionName } from './story.ts';
import { planAct } from './story-runner.ts';
import type { TickConsequences } from './tick-consequence.ts';

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
  for (const [number, action] of actionsOf(consequences)) {
    const domain = guests.get(number);
    if (domain) attempt(core, domain, action);
  }
}

function guestsByNumber(host: Host): Map<number, Domain> {
  const guests = new Map<number, Domain>();
  for (const domain of host.domains) if (domain.process) guests.set(domain.process.number, domain);
  return guests;
}

function* actionsOf({ memory, block, container }: TickConsequences): Iterable<readonly [number, ActionName]> {
  for (const each of memory) {
    if (each.kind === 'guest-panic') yield [each.guest, 'panic'];
    if (each.kind === 'host-oom-kill') yield [each.guest, 'kill'];
  }
  for (const each of block)
    if (each.kind === 'io-error' && each.action === 'pause') yield [each.guest, 'io-error'];
  for (const each of container) if (each.whole) yield [each.guest, 'kill'];
}

function attempt(core: Core, domain: Domain, action: ActionName): void {
  let plan: () => void;
  try {
    plan = planAct(core, { op: 'act', domain, action });
  } catch (thrown) {
    if (thrown instanceof VirtsnmpError) return;
    throw thrown;
  }
  core.outbox.hold();
  try {
    plan();
  } finally {
    core.outbox.release();
  }
}
