import { createHash } from 'node:crypto';
import { domainStats } from '../control/domain-stats.ts';
import { type Alarm, resourceKey } from '../emulation/alarm/alarm.ts';
import type { Domain } from '../emulation/domain/domain.ts';
import type { ActiveFault } from '../emulation/fault/fault.ts';
import type { Host } from '../emulation/host/host.ts';
import { uplinksOf } from '../emulation/host/host-links.ts';
import type { Hypervisor } from '../emulation/hypervisor.ts';
import { PAGE_KIB } from '../emulation/memory/memory-config.ts';
import { UPLINK_COUNTERS } from '../emulation/net/uplink.ts';
import { stateName } from '../emulation/states.ts';
import type { Counts, EventCounts } from './event-counts.ts';
import { type Hidden, hiddenOfDomain, hiddenOfHost } from './hidden-state.ts';
import { plainValue } from './write-codec.ts';

/** What can be read of something, by name: numbers in the units of libvirt's statistics, and words. */
export type Values = Readonly<Record<string, number | string | boolean>>;

/** An alarm that is up. */
export interface AlarmPicture {
  readonly number: number;
  readonly kind: string;
  readonly severity: string;
  /** The part that it is about, such as `disk vda`. */
  readonly resource: string;
  readonly text: string;
  readonly raisedMs: number;
}

/** A fault that is in effect. */
export interface FaultPicture {
  readonly id: number;
  readonly kind: string;
  readonly rule: string;
  readonly begunMs: number;
}

/** What a host or a guest is like at an instant. */
export interface Picture {
  readonly host: string;
  /** Absent for the host itself. */
  readonly guest?: { readonly name: string; readonly uuid: string };
  readonly values: Values;
  readonly alarms: readonly AlarmPicture[];
  readonly faults: readonly FaultPicture[];
  readonly events: Counts;
  /** Digest of what else decides its future: what its models remember, what is under way. */
  readonly hidden: string;
}

/** Pictures of a fleet at the present instant: each host, followed by its guests by UUID. Changes nothing. */
export function* takePictures(hypervisor: Hypervisor, counts: EventCounts): Generator<Picture> {
  const { epochMs, nowMs } = hypervisor.clock;
  const faults = bySubject(hypervisor.faults);
  for (const host of hypervisor.hosts) {
    const alarms = bySubject(host.alarms.active);
    const about = (subject: Domain | Host) => ({
      alarms: (alarms.get(subject) ?? []).map(alarmPicture),
      faults: (faults.get(subject) ?? []).map(faultPicture),
      events: counts.of(subject),
    });
    const values = hostValues(hypervisor, host);
    yield { host: host.name, values, ...about(host), hidden: digest(hiddenOfHost(host, nowMs)) };
    for (const domain of host.domains) {
      yield {
        host: host.name,
        guest: { name: domain.name, uuid: domain.uuid },
        values: { ...guestValues(domain), ...domainStats(domain, epochMs) },
        ...about(domain),
        hidden: digest(hiddenOfDomain(domain)),
      };
    }
  }
}

function bySubject<T extends { readonly host: Host; readonly domain?: Domain }>(
  things: readonly T[],
): Map<Domain | Host, T[]> {
  const found = new Map<Domain | Host, T[]>();
  for (const thing of things) {
    const subject = thing.domain ?? thing.host;
    const others = found.get(subject);
    if (others) others.push(thing);
    else found.set(subject, [thing]);
  }
  return found;
}

function alarmPicture({ number, kind, severity, resource, text, raisedMs }: Alarm): AlarmPicture {
  return { number, kind, severity, resource: resourceKey(resource), text, raisedMs };
}

function faultPicture({ id, kind, rule, begunMs }: ActiveFault): FaultPicture {
  return { id, kind, rule, begunMs };
}

function guestValues(domain: Domain): Values {
  return {
    state: stateName(domain.state, domain.reason) ?? `${domain.state}/${domain.reason}`,
    since: domain.stateSinceMs,
    persistent: domain.isPersistent,
    busy: domain.isBusy,
    booting: domain.isBooting,
    boots: domain.boots,
    'monitor.hung': domain.isMonitorHung,
    'memory.failures': domain.memoryFailures,
  };
}

function hostValues({ clock, sequence }: Hypervisor, host: Host): Values {
  const { memory, cpu, engine } = host;
  const { nowMs } = clock;
  const values: Record<string, number | string | boolean> = {
    state: host.state,
    boots: host.boots,
    'boot.at': host.bootedMs,
    guests: host.domains.size,
    'guests.running': engine.runningCount,
    'guests.changed': host.guestsChangedMs,
    'fleet.events': sequence,
    'fleet.timers': clock.pending,
    'cpu.utilisation': engine.utilisation,
    'memory.pressure': memory.pressure,
    'memory.swap.in': memory.swapIns,
    'memory.swap.out': memory.swapOuts,
    'memory.oom.kills': memory.oomKills,
    'alarms.raised': host.alarms.raised,
    'alarms.cleared': host.alarms.cleared,
  };
  for (const [name, pages] of Object.entries(memory.pages)) values[`memory.${name}`] = pages * PAGE_KIB;
  for (const [name, count] of Object.entries(memory.ksm.counters)) values[`ksm.${name}`] = count;
  for (let node = 0; node < memory.nodes.count; node++) {
    values[`node.${node}.free`] = memory.nodes.free[node]! * PAGE_KIB;
    values[`node.${node}.cpu.busy`] = 0;
    for (const [name, count] of Object.entries(memory.nodes.counters(node)))
      values[`node.${node}.${name}`] = count;
  }
  for (let pcpu = 0; pcpu < cpu.pcpuCount; pcpu++)
    (values[`node.${cpu.nodeOf(pcpu)}.cpu.busy`] as number) += cpu.busyNs(pcpu, nowMs);
  host.config.pools.forEach(({ name }, pool) => {
    values[`pool.${name}.allocation`] = host.storage.pools.read(pool, nowMs).allocation;
    values[`pool.${name}.utilisation`] = host.storage.devices.utilisation(pool);
  });
  for (const { segment, nic } of uplinksOf(host)) {
    const name = segment.bond ? `${segment.config.name}.${nic.config.name}` : segment.config.name;
    values[`uplink.${name}.up`] = nic.up;
    for (const counter of UPLINK_COUNTERS) values[`uplink.${name}.${counter}`] = nic.read(counter, nowMs);
  }
  for (const { bond } of host.segments) {
    if (!bond) continue;
    values[`bond.${bond.config.name}.up`] = bond.up;
    values[`bond.${bond.config.name}.rate`] = bond.lineRate;
    values[`bond.${bond.config.name}.active`] = bond.active?.config.name ?? '';
  }
  for (const { config, value } of host.sensors.read(nowMs)) values[`sensor.${config.name}`] = value / 1000;
  for (const [kind, booted] of Object.entries(host.software.booted))
    values[`software.${kind}`] = `${booted.name} ${booted.version}`;
  return values;
}

function digest({ words, numbers }: Hidden): string {
  const hash = createHash('sha256').update(JSON.stringify(words, plainValue));
  if (numbers) hash.update(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
  return hash.digest('base64url');
}
