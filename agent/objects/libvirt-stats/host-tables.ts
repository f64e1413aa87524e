import type { Host } from '../../emulation/host/host.ts';
import { type HostUplink, uplinksOf } from '../../emulation/host/host-links.ts';
import { PAGE_KIB } from '../../emulation/memory/memory-config.ts';
import type { UplinkCounter } from '../../emulation/net/uplink.ts';
import type { NumaCounters } from '../../emulation/numa/numa-nodes.ts';
import type { SensorReading } from '../../emulation/platform/sensors.ts';
import { type InstalledPackage, isBooted, isInstallOnly } from '../../emulation/platform/software.ts';
import type { BoundModule, TableBinding } from '../../mib/module.ts';
import { NumberedRows } from '../numbered-rows.ts';
import { cut, dateAndTime, numberList, type Readers, truth } from './convert.ts';

const NS_PER_MS = 1_000_000;
const POOL_RUNNING = 2;
/** Numbers of lvsSoftwareKind. */
const SOFTWARE_KIND = { kernel: 2, image: 3, package: 4 } as const;
const SENSOR_KIND = { temperature: 2, fan: 3, power: 6 } as const;

/** The tables on what the host has. */
export function hostTables(host: Host, nowMs: () => number, readers: Readers): BoundModule['tables'] {
  return {
    lvsCpuTable: cpuTable(host, nowMs),
    lvsNodeTable: nodeTable(host),
    lvsHugeTable: hugeTable(host),
    lvsUplinkTable: uplinkTable(host, nowMs),
    lvsPoolTable: poolTable(host, nowMs),
    lvsSoftwareTable: softwareTable(host, readers),
    lvsSensorTable: sensorTable(host, nowMs),
  };
}

function cpuTable(host: Host, nowMs: () => number): TableBinding<number> {
  const busy = (cpu: number) => host.cpu.busyNs(cpu, nowMs());
  return {
    rows: new NumberedRows({ count: () => host.cpu.pcpuCount, index: (cpu) => [cpu], row: (cpu) => cpu }),
    columns: {
      lvsCpuNode: (cpu) => host.cpu.nodeOf(cpu),
      lvsCpuBusyTime: busy,
      lvsCpuIdleTime: (cpu) => (nowMs() - host.bootedMs) * NS_PER_MS - busy(cpu),
    },
  };
}

function nodeTable(host: Host): TableBinding<number> {
  const counter = (name: keyof NumaCounters) => (node: number) => host.memory.nodes.counters(node)[name];
  const cpusOf = (node: number) => {
    const { pcpuCount } = host.cpu;
    return Array.from({ length: pcpuCount }, (_, cpu) => cpu).filter((cpu) => host.cpu.nodeOf(cpu) === node);
  };
  return {
    rows: new NumberedRows({
      count: () => host.memory.nodes.count,
      index: (node) => [node],
      row: (node) => node,
    }),
    columns: {
      lvsNodeCpus: (node) => numberList(cpusOf(node)),
      lvsNodeDistances: (node) => cut(host.memory.nodes.distances[node]!.join(' ')),
      lvsNodeMemTotal: (node) => host.memory.nodes.total[node]! * PAGE_KIB,
      lvsNodeMemFree: (node) => host.memory.nodes.free[node]! * PAGE_KIB,
      lvsNodeHits: counter('numaHit'),
      lvsNodeMisses: counter('numaMiss'),
      lvsNodeForeigns: counter('numaForeign'),
      lvsNodeInterleaveHits: counter('interleaveHit'),
      lvsNodeLocals: counter('localNode'),
      lvsNodeOthers: counter('otherNode'),
    },
  };
}

interface HugeRow {
  readonly total: number;
  readonly free: number;
}

function hugeTable(host: Host): TableBinding<HugeRow> {
  const at = (place: number) => {
    const { pools } = host.memory.huge;
    return { node: Math.floor(place / pools.length), pool: pools[place % pools.length]! };
  };
  return {
    rows: new NumberedRows({
      count: () => host.memory.huge.pools.length * host.memory.nodes.count,
      index: (place) => {
        const { node, pool } = at(place);
        return [node, pool.sizeKiB];
      },
      row: (place) => {
        const { node, pool } = at(place);
        return { total: pool.total[node]!, free: pool.free[node]! };
      },
    }),
    columns: { lvsHugeTotal: ({ total }) => total, lvsHugeFree: ({ free }) => free },
  };
}

function uplinkTable(host: Host, nowMs: () => number): TableBinding<HostUplink> {
  const counter =
    (name: UplinkCounter) =>
    ({ nic }: HostUplink) =>
      nic.read(name, nowMs());
  return {
    rows: new NumberedRows({
      count: () => uplinksOf(host).length,
      index: (place) => [place + 1],
      row: (place) => uplinksOf(host)[place]!,
    }),
    columns: {
      lvsUplinkName: ({ nic }) => cut(nic.config.name, 15),
      lvsUplinkSegment: ({ segment }) => cut(segment.config.name, 64),
      lvsUplinkStatus: ({ nic }) => (nic.up ? 1 : 2),
      lvsUplinkSpeed: ({ nic }) => nic.lineRate,
      lvsUplinkRxFrames: counter('rxFrames'),
      lvsUplinkRxOctets: counter('rxBytes'),
      lvsUplinkRxMulticast: counter('rxMulticast'),
      lvsUplinkRxChecksumErrors: (one) =>
        one.nic.config.rxChecksum ? counter('rxChecksumErrors')(one) : undefined,
      lvsUplinkTxFrames: counter('txFrames'),
      lvsUplinkTxOctets: counter('txBytes'),
      lvsUplinkTxDropped: counter('txDropped'),
      lvsUplinkTxDroppedOctets: counter('txDroppedBytes'),
      lvsUplinkRxErrors: counter('rxErrors'),
      lvsUplinkTxErrors: counter('txErrors'),
    },
  };
}

function poolTable(host: Host, nowMs: () => number): TableBinding<number> {
  const space = (pool: number) => host.storage.pools.read(pool, nowMs());
  return {
    rows: new NumberedRows({
      count: () => host.config.pools.length,
      index: (place) => [place + 1],
      row: (place) => place,
    }),
    columns: {
      lvsPoolName: (pool) => cut(host.config.pools[pool]!.name),
      lvsPoolState: () => POOL_RUNNING,
      lvsPoolCapacity: (pool) => space(pool).capacity,
      lvsPoolAllocation: (pool) => space(pool).allocation,
      lvsPoolAvailable: (pool) => space(pool).available,
    },
  };
}

function softwareTable(host: Host, { wallMs }: Readers): TableBinding<InstalledPackage> {
  return {
    rows: new NumberedRows({
      count: () => host.software.packages.length,
      index: (place) => [host.software.packages[place]!.number],
      row: (place) => host.software.packages[place]!,
    }),
    columns: {
      lvsSoftwareName: ({ name, version }) => cut(`${name}-${version}`),
      lvsSoftwareKind: ({ kind }) => SOFTWARE_KIND[kind],
      lvsSoftwareInstallTime: ({ installedMs }) => dateAndTime(wallMs(installedMs)),
      lvsSoftwareInstallOnly: ({ name }) => truth(isInstallOnly(host.software, name)),
      lvsSoftwareBooted: (one) => (one.kind === 'package' ? undefined : truth(isBooted(host.software, one))),
      lvsSoftwareBootNext: ({ kind, number }) =>
        kind === 'package' ? undefined : truth(host.software.next[kind] === number),
    },
  };
}

function sensorTable(host: Host, nowMs: () => number): TableBinding<SensorReading> {
  const all = () => host.sensors.read(nowMs());
  return {
    rows: new NumberedRows({
      count: () => host.config.sensors.length,
      index: (place) => [place + 1],
      row: (place) => all()[place]!,
    }),
    columns: {
      lvsSensorName: ({ config }) => cut(config.name, 64),
      lvsSensorKind: ({ config }) => SENSOR_KIND[config.kind],
      lvsSensorValue: ({ value }) => value,
      lvsSensorLow: ({ low }) => low,
      lvsSensorHigh: ({ high }) => high,
      lvsSensorStatus: ({ ok }) => (ok ? 1 : 3),
    },
  };
}
