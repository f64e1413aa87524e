import { readDisk, readDiskError, readDiskSpace, readThreshold } from '../emulation/block/disk-read.ts';
import { readContainer, readSystemTime } from '../emulation/container/container-read.ts';
import type { Domain } from '../emulation/domain/domain.ts';
import { nicTarget } from '../emulation/domain/nic-target.ts';
import {
  BALLOON_STATISTICS,
  currentKiB,
  lastUpdateMs,
  readBalloonStatistic,
  rssKiB,
} from '../emulation/memory/guest-read.ts';
import { readNic, readQueues } from '../emulation/net/nic-view.ts';

/** Statistics of a domain by libvirt's names, in libvirt's order (virConnectGetAllDomainStats). */
export type DomainStats = Record<string, number | string | boolean>;

/** The groups of statistics by the names of `virsh domstats --NAME`. */
export const STATS_GROUPS = ['state', 'cpu-total', 'balloon', 'vcpu', 'interface', 'block'] as const;
/** A name of {@link STATS_GROUPS}. */
export type StatsGroup = (typeof STATS_GROUPS)[number];

/** libvirt's virVcpuState. */
const VCPU_STATE = { offline: 0, running: 1, blocked: 2 } as const;

const READERS: Readonly<Record<StatsGroup, (domain: Domain, stats: DomainStats, epochMs: number) => void>> = {
  state: (domain, stats) => {
    stats['state.state'] = domain.state;
    stats['state.reason'] = domain.reason;
  },
  'cpu-total': readCpu,
  balloon: readBalloon,
  vcpu: readVcpus,
  interface: readInterfaces,
  block: readBlocks,
};

/**
 * What libvirt would tell about a domain at the present instant.
 *
 * Times are ns, memory is KiB, sizes are bytes. What a real host would not have is absent, as there: a domain
 * that is shut off has its state and its definition's figures alone. `epochMs`: Unix time of the simulation's
 * start, for the one time of day among them.
 */
export function domainStats(
  domain: Domain,
  epochMs: number,
  groups: readonly StatsGroup[] = STATS_GROUPS,
): DomainStats {
  const stats: DomainStats = {};
  for (const group of groups) READERS[group](domain, stats, epochMs);
  return stats;
}

function readCpu(domain: Domain, stats: DomainStats): void {
  const { process } = domain;
  if (!process) return;
  stats['cpu.time'] = domain.cpuTimeNs;
  const { machine, container } = process;
  if (container) {
    const system = readSystemTime(machine, container.place, domain.nowMs);
    stats['cpu.user'] = readContainer(machine, container.place, 'cpu.usage', domain.nowMs) - system;
    stats['cpu.system'] = system;
    return;
  }
  let success = 0;
  let fail = 0;
  for (let n = 0; n < process.places.vcpus.length; n++) {
    const vcpu = domain.vcpu(n)!;
    success += vcpu.read('haltPollSuccess');
    fail += vcpu.haltPollFailNs;
  }
  if (process.plan.haltPoll.haltPollNs === 0) return;
  stats['cpu.haltpoll.success.time'] = success;
  stats['cpu.haltpoll.fail.time'] = fail;
}

function readBalloon(domain: Domain, stats: DomainStats, epochMs: number): void {
  const { process, config } = domain;
  stats['balloon.current'] = domain.memoryKiB;
  stats['balloon.maximum'] = config.memoryKiB;
  if (!process?.ram) return;
  const { machine, ram } = process;
  const { part, guest } = ram;
  stats['balloon.current'] = currentKiB(machine, part, guest, domain.nowMs);
  for (const name of BALLOON_STATISTICS) {
    const value = readBalloonStatistic(machine, part, guest, name);
    if (value !== undefined) stats[`balloon.${name}`] = value;
  }
  const updated = lastUpdateMs(machine, part);
  if (updated !== undefined) stats['balloon.last-update'] = Math.floor((epochMs + updated) / 1000);
  stats['balloon.rss'] = rssKiB(machine, part);
}

function readVcpus(domain: Domain, stats: DomainStats): void {
  const { process, config } = domain;
  stats['vcpu.current'] = domain.vcpus;
  stats['vcpu.maximum'] = config.maxVcpus;
  for (let n = 0; n < (process?.places.vcpus.length ?? 0); n++) {
    const vcpu = domain.vcpu(n)!;
    if (!vcpu.online) continue;
    const isRunning = process!.place >= 0;
    stats[`vcpu.${n}.state`] = isRunning ? VCPU_STATE.running : VCPU_STATE.blocked;
    stats[`vcpu.${n}.time`] = vcpu.timeNs;
    stats[`vcpu.${n}.wait`] = 0;
    stats[`vcpu.${n}.halted`] = !isRunning;
    stats[`vcpu.${n}.delay`] = vcpu.stealNs;
  }
}

function readInterfaces(domain: Domain, stats: DomainStats): void {
  const { process, nowMs } = domain;
  if (!process) return;
  const { machine, nics } = process;
  stats['net.count'] = nics.length;
  nics.forEach(({ parts }, n) => {
    stats[`net.${n}.name`] = nicTarget(process, n);
    // What the guest receives is what its tap device sends: libvirt tells it from the guest's side.
    stats[`net.${n}.rx.bytes`] = readQueues(machine, parts, 'rxBytes', nowMs);
    stats[`net.${n}.rx.pkts`] = readQueues(machine, parts, 'rxFrames', nowMs);
    stats[`net.${n}.rx.errs`] = readNic(machine, parts, 'rxErrors', nowMs);
    stats[`net.${n}.rx.drop`] = readQueues(machine, parts, 'rxDropped', nowMs);
    stats[`net.${n}.tx.bytes`] = readQueues(machine, parts, 'txBytes', nowMs);
    stats[`net.${n}.tx.pkts`] = readQueues(machine, parts, 'txFrames', nowMs);
    stats[`net.${n}.tx.errs`] = 0;
    stats[`net.${n}.tx.drop`] = readQueues(machine, parts, 'txDropped', nowMs);
  });
}

function readBlocks(domain: Domain, stats: DomainStats): void {
  const { process, nowMs } = domain;
  if (!process || process.container) return;
  const { machine, disks } = process;
  stats['block.count'] = disks.length;
  disks.forEach(({ config, place, plan }, n) => {
    const key = `block.${n}`;
    stats[`${key}.name`] = config.target;
    if (plan.spec.source) stats[`${key}.path`] = plan.spec.source;
    for (const name of [
      'rd.reqs',
      'rd.bytes',
      'rd.times',
      'wr.reqs',
      'wr.bytes',
      'wr.times',
      'fl.reqs',
      'fl.times',
    ] as const) {
      stats[`${key}.${name}`] = readDisk(machine, place, name, nowMs);
    }
    if (readDiskError(machine, place) !== 0) stats[`${key}.errors`] = 1;
    const { allocation, capacity, physical } = readDiskSpace(machine, place, plan, nowMs);
    stats[`${key}.allocation`] = allocation;
    stats[`${key}.capacity`] = capacity;
    stats[`${key}.physical`] = physical;
    const threshold = readThreshold(machine, place);
    if (threshold !== undefined && threshold > 0) stats[`${key}.threshold`] = threshold;
  });
}
