import type { Timer } from '../../util/clock.ts';
import { type Core, emitFault, together, touch } from '../core.ts';
import { type Domain, fieldsOf } from '../domain/domain.ts';
import { applyTrouble } from '../guest/guest-trouble.ts';
import type { Host } from '../host/host.ts';
import { replan } from '../process/replan.ts';
import type { FaultRecord } from './fault-board.ts';
import { type FaultEnd, faultKindInfo } from './fault-kind.ts';
import { applySensorFaults, applyUplink, giveToHost, isUplinkFault } from './host-effects.ts';

/** Notes how all faults are now, when a transaction is open; to be called before each change of them. */
export function touchFaults({ undo, faults }: Core): void {
  undo?.addOnce(faults, () => faults.save());
}

/** Makes the running process of a domain as the domain's faults have it. */
export function applyFaults(core: Core, domain: Domain): void {
  const { process } = fieldsOf(domain);
  if (!process) return;
  touch(core, domain);
  replan(core, domain, process, () => applyTrouble(process, core.faults.of(domain), domain.config));
}

/** Ends a fault: what it did goes on no longer. Does nothing when it has ended. */
export function endFault(core: Core, id: number): void {
  const record = core.faults.get(id);
  if (!record) return;
  touchFaults(core);
  record.timer?.cancel();
  record.pulse?.cancel();
  emitFault(core, 'ENDED', record);
  core.faults.remove(record);
  const { domain, host, kind } = record;
  if (kind === 'sensor') applySensorFaults(core, host, core.faults);
  if (isUplinkFault(kind)) applyUplink(core, host, record.parameters);
  else giveToHost(core, record);
  if (!domain) return;
  if (kind === 'hung-monitor') thaw(core, domain);
  else applyFaults(core, domain);
}

/** Statistics are read anew. */
function thaw(core: Core, domain: Domain): void {
  touch(core, domain);
  fieldsOf(domain).frozen = undefined;
}

/**
 * Ends those faults of a target that end with `what`, once everything that happens at this instant has happened:
 * its events still tell the fault that they come from.
 */
export function endWith(core: Core, target: Domain | Host, what: FaultEnd): void {
  for (const { id, kind } of core.faults.of(target)) if (faultKindInfo(kind).ends === what) endSoon(core, id);
}

/** A host has booted: what the processes of its last boot had taken is gone with them. */
export function renewHostFaults(core: Core, host: Host): void {
  for (const record of core.faults.of(host)) {
    if (record.kind !== 'host-memory-pressure') continue;
    touchFaults(core);
    core.faults.put({ ...record, taken: 0 });
  }
}

/** The domain is gone for good, and its faults with it. */
export function endAllOf(core: Core, domain: Domain): void {
  for (const { id } of core.faults.of(domain)) endSoon(core, id);
}

/** Has a fault end by itself at a simulated time. */
export function endAt(core: Core, id: number, atMs: number): Timer {
  return core.clock.schedule(atMs, () => together(core, 'fault', () => endFault(core, id)));
}

function endSoon(core: Core, id: number): void {
  const record = core.faults.get(id);
  if (!record) return;
  touchFaults(core);
  record.timer?.cancel();
  core.faults.put({ ...record, timer: endAt(core, id, core.clock.nowMs) });
}

/** The guest goes on as another domain, on another host; its faults go along, but for those of its emulator. */
export function moveFaults(core: Core, from: Domain, to: Domain): void {
  const moving = core.faults.of(from).filter(({ kind }) => faultKindInfo(kind).ends !== 'process');
  if (moving.length === 0) return;
  touchFaults(core);
  for (const record of moving) {
    core.faults.remove(record);
    core.faults.put({ ...record, host: to.host, domain: to } satisfies FaultRecord);
  }
  applyFaults(core, to);
}
