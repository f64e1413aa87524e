import type { DomainConfig } from '../domain/domain-config.ts';
import { capacityOf } from '../process/process-config.ts';
import type { HostConfig } from './host-config.ts';

/** Most vCPUs for each pCPU that a host is made for. */
const VCPUS_PER_PCPU = 4;
/** What a host has more of than its domains start with. */
const MEMORY_ROOM = 1.3;
const STORAGE_ROOM = 0.75;
/** Bits per second that a domain's NIC moves in the mean. */
const MEAN_LINE_RATE = 15e6;
/** Line rates of Ethernet; above them several of the fastest are bundled. */
const LINE_RATES = [10e9, 25e9, 40e9, 100e9, 400e9];
const KIB_PER_16_GIB = 2 ** 24;

/** The host as it has to be for these domains, never smaller than `config`; itself when it does not grow. */
export function grownFor(config: HostConfig, domains: readonly DomainConfig[]): HostConfig {
  if (!config.grows) return config;
  return {
    ...config,
    cpu: withProcessors(config, domains),
    memory: withMemory(config, domains),
    pools: withStorage(config, domains),
    segments: withLines(config, domains),
  };
}

function withProcessors({ cpu }: HostConfig, domains: readonly DomainConfig[]): HostConfig['cpu'] {
  const vcpus = domains.reduce((sum, domain) => sum + domain.vcpus, 0);
  const sockets = Math.ceil(vcpus / (VCPUS_PER_PCPU * cpu.cores * cpu.threads));
  if (sockets <= cpu.sockets) return cpu;
  // Each node has as many sockets as any other.
  return { ...cpu, sockets: Math.ceil(sockets / cpu.nodes) * cpu.nodes };
}

function withMemory({ memory }: HostConfig, domains: readonly DomainConfig[]): HostConfig['memory'] {
  const nodes = memory.nodesKiB.length;
  const huge = new Map<number, number>();
  let wanted = memory.hostUseKiB;
  for (const { backing, currentMemoryKiB, memoryKiB } of domains) {
    if (backing?.kind !== 'hugepages') {
      wanted += (backing?.kind === 'locked' ? memoryKiB : currentMemoryKiB) * MEMORY_ROOM;
      continue;
    }
    const size = backing.hugePageKiB ?? 2048;
    huge.set(size, (huge.get(size) ?? 0) + Math.ceil(memoryKiB / size));
  }
  const hugePages = [...memory.hugePages];
  for (const [sizeKiB, pages] of huge) {
    if (hugePages.some((pool) => pool.sizeKiB === sizeKiB)) continue;
    // Any node may be the one that a definition insists on.
    hugePages.push({ sizeKiB, perNode: memory.nodesKiB.map(() => pages) });
    wanted += pages * sizeKiB * nodes;
  }
  const perNode = Math.ceil(wanted / nodes / KIB_PER_16_GIB) * KIB_PER_16_GIB;
  return { ...memory, nodesKiB: memory.nodesKiB.map((kib) => Math.max(kib, perNode)), hugePages };
}

function withStorage({ pools }: HostConfig, domains: readonly DomainConfig[]): HostConfig['pools'] {
  const wanted = pools.map(() => 0);
  for (const { disks } of domains) {
    for (const disk of disks) {
      const pool = Math.max(
        0,
        pools.findIndex(({ name }) => name === disk.pool),
      );
      wanted[pool]! += capacityOf(disk) * STORAGE_ROOM;
    }
  }
  return pools.map((pool, i) => ({
    ...pool,
    capacityBytes: Math.max(pool.capacityBytes, Math.ceil(wanted[i]! / 2 ** 30) * 2 ** 30),
  }));
}

function withLines({ segments }: HostConfig, domains: readonly DomainConfig[]): HostConfig['segments'] {
  const nics = domains.reduce((sum, domain) => sum + domain.nics.length, 0);
  const wanted = nics * MEAN_LINE_RATE;
  const fastest = LINE_RATES.at(-1)!;
  const rate = LINE_RATES.find((each) => each >= wanted) ?? Math.ceil(wanted / fastest) * fastest;
  return segments.map((segment) =>
    // Whoever writes out a bond wants its slaves as they are.
    segment.uplink && !segment.uplink.bond && segment.uplink.lineRate < rate
      ? { ...segment, uplink: { ...segment.uplink, lineRate: rate } }
      : segment,
  );
}
