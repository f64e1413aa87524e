import { because, type Core, emitFault, together } from '../core.ts';
import type { Domain } from '../domain/domain.ts';
import type { Host } from '../host/host.ts';
import { nicNamed, uplinksOf } from '../host/host-links.ts';
import { isContainer } from '../process/process-config.ts';
import { applyFaults, endAt, touchFaults } from './end-fault.ts';
import type { FaultRecord } from './fault-board.ts';
import { type FaultKind, type FaultParameters, faultKindInfo } from './fault-kind.ts';
import {
  applySensorFaults,
  applyUplink,
  DOWN,
  flapMs,
  isTaker,
  isUplinkFault,
  PULSE_MS,
  sensorOf,
  takeFromHost,
} from './host-effects.ts';
import { isStrike, strike, strikeRefusal } from './strike.ts';

/** A fault that is about to begin. */
export interface FaultOrder {
  /** Name of the rule that it comes from; empty for one that somebody raised. */
  readonly rule: string;
  readonly kind: FaultKind;
  readonly parameters: FaultParameters;
  readonly target: Domain | Host;
  /** ms until it ends; until it is cleared, or ends by itself, when not given. */
  readonly durationMs?: number;
}

/** Why the target cannot have the fault now; `undefined` when it can. */
export function faultRefusal(order: FaultOrder): string | undefined {
  const { kind, target } = order;
  const { on } = faultKindInfo(kind);
  const domain = domainOf(target);
  if (on === 'host')
    return domain ? 'it is a fault of hosts, not of guests' : hostRefusal(order, target as Host);
  return domain ? guestRefusal(order, domain) : 'it is a fault of guests, not of hosts';
}

function hostRefusal({ kind, parameters }: FaultOrder, host: Host): string | undefined {
  const { pool, sensor } = parameters;
  const { pools, sensors } = host.config;
  if (kind === 'host-crash' && host.state === 'down') return 'it is down already';
  if (kind === 'sensor' && sensorOf(host, sensor) === undefined)
    return `it has no sensor ${JSON.stringify(sensor ?? '')}; it has ${sensors.map(({ name }) => name).join(', ') || 'none'}`;
  if (isUplinkFault(kind) && nicNamed(host, parameters) === undefined) return uplinkRefusal(host, parameters);
  const takesPool = kind === 'disk-full' || kind === 'thin-pool-fill';
  if (takesPool && pool !== undefined && !pools.some(({ name }) => name === pool))
    return `it has no pool ${JSON.stringify(pool)}; it has ${pools.map(({ name }) => name).join(', ')}`;
  return undefined;
}

function uplinkRefusal(host: Host, { bridge, uplink }: FaultParameters): string {
  const known = uplinksOf(host);
  const at = known.filter(({ segment }) => bridge === undefined || segment.config.name === bridge);
  if (uplink !== undefined && at.length > 0)
    return `it has no uplink ${JSON.stringify(uplink)} there; it has ${at.map(({ nic }) => nic.config.name).join(', ')}`;
  const names = [...new Set(known.map(({ segment }) => segment.config.name))];
  return `it has no uplink at ${JSON.stringify(bridge ?? '')}; it has ${names.join(', ') || 'none'}`;
}

function guestRefusal(order: FaultOrder, domain: Domain): string | undefined {
  const { kind, parameters } = order;
  const { nics, disks } = domain.config;
  const { nic = 0, queue = 0, disk } = parameters;
  if (kind === 'nic-down' || kind === 'queue-stall') {
    if (!nics[nic]) return `it has no NIC ${nic}; it has ${nics.length}`;
    if (kind === 'queue-stall' && queue >= nics[nic].queues)
      return `its NIC ${nic} has no queue pair ${queue}; it has ${nics[nic].queues}`;
  }
  if (kind === 'slow-disk' || kind === 'disk-error' || kind === 'image-missing') {
    const known = disks.map(({ target }) => target).join(', ') || 'none';
    if (disk !== undefined && !disks.some(({ target }) => target === disk))
      return `it has no disk ${disk}; it has ${known}`;
    if (disks.length === 0) return 'it has no disk';
  }
  if (kind === 'container-fork-bomb' && !isContainer(domain.config)) return 'it is no container';
  if (kind === 'image-missing') return undefined;
  if (!domain.isActive) return 'it is shut off';
  if (kind === 'hung-monitor' && isContainer(domain.config)) return 'a container has no monitor';
  if (isStrike(kind)) return strikeRefusal(order, domain);
  return undefined;
}

/**
 * Lets a fault begin on a target that can have it: BEGUN, then what follows at once.
 *
 * Events are to be held by the caller. Returns its number.
 */
export function beginFault(core: Core, order: FaultOrder): number {
  touchFaults(core);
  const { target, durationMs, rule, kind } = order;
  const domain = domainOf(target);
  const parameters = isUplinkFault(kind) ? onNic(target as Host, order.parameters) : order.parameters;
  const { nowMs } = core.clock;
  const id = core.faults.nextId();
  const lasts = faultKindInfo(kind).ends === 'up' ? undefined : durationMs;
  const record: FaultRecord = {
    id,
    rule,
    kind,
    parameters,
    host: domain?.host ?? (target as Host),
    ...(domain ? { domain } : {}),
    begunMs: nowMs,
    timer: lasts === undefined ? undefined : endAt(core, id, nowMs + lasts),
    pulse: undefined,
    taken: 0,
  };
  core.faults.put(record);
  emitFault(core, 'BEGUN', record);
  because(core, 'fault', () => {
    if (isStrike(kind)) strike(core, record, durationMs);
    else if (domain) applyFaults(core, domain);
    if (kind === 'sensor') applySensorFaults(core, record.host, core.faults);
    if (isTaker(kind)) pulse(core, id);
    if (kind === 'host-nic-flap') flap(core, id);
    if (kind === 'host-nic-down') applyUplink(core, record.host, parameters);
  });
  return id;
}

/** Takes the next bit, and again in a while. */
function pulse(core: Core, id: number): void {
  const record = core.faults.get(id);
  if (!record) return;
  const taken = takeFromHost(core, record);
  const next = core.clock.schedule(core.clock.nowMs + PULSE_MS, () => pulse(core, id));
  core.faults.put({ ...record, taken, pulse: next });
}

/** The link goes down, or up, and the other way in a while. */
function flap(core: Core, id: number): void {
  const record = core.faults.get(id);
  if (!record) return;
  const next = core.clock.schedule(core.clock.nowMs + flapMs(record), () =>
    together(core, 'fault', () => flap(core, id)),
  );
  core.faults.put({ ...record, taken: record.taken === DOWN ? 0 : DOWN, pulse: next });
  applyUplink(core, record.host, record.parameters);
}

/** With the NIC that is meant by its name: what used it may be gone before the fault is. */
function onNic(host: Host, parameters: FaultParameters): FaultParameters {
  const uplink = nicNamed(host, parameters);
  return uplink === undefined ? parameters : { ...parameters, uplink };
}

function domainOf(target: Domain | Host): Domain | undefined {
  return 'uuid' in target ? target : undefined;
}
