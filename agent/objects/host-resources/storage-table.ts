import type { Host } from '../../emulation/host/host.ts';
import type { HostPages } from '../../emulation/memory/host-memory.ts';
import { PAGE_KIB } from '../../emulation/memory/memory-config.ts';
import { mountPoint } from '../../emulation/platform/hardware.ts';
import { HOST_RESOURCES_TYPES } from '../../mib/generated/host-resources-types.ts';
import type { TableBinding } from '../../mib/module.ts';
import type { Oid } from '../../util/oid.ts';
import { IntegerRows } from '../integer-rows.ts';
import { cut } from '../libvirt-stats/convert.ts';
import { ascii } from './convert.ts';
import { STORAGE_INDEX } from './indexes.ts';

const { nodes: TYPE } = HOST_RESOURCES_TYPES;
const GREATEST = 2 ** 31 - 1;
/** Units as Net-SNMP has them where sizes fit: of memory, and of file systems. */
const MEMORY_UNIT = 1024;
const BLOCK = 4096;
const PAGE_BYTES = PAGE_KIB * 1024;
const KIB = 1024;

/** One area of storage; sizes in octets. */
interface Area {
  readonly index: number;
  readonly type: Oid;
  readonly descr: string;
  /** The least unit that it is counted in. */
  readonly unit: number;
  readonly size: () => number;
  readonly used: () => number;
  /** Absent where nobody counts them. */
  readonly failures?: () => number;
}

/**
 * The unit in which a size fits into 32 bits: twice the usual one, and twice that, as often as it takes.
 *
 * RFC 2790 leaves the unit to the agent for this.
 */
export function allocationUnit(size: number, least: number): number {
  let unit = least;
  while (size / unit > GREATEST) unit *= 2;
  return unit;
}

/** hrStorageTable: main memory and swap, storage pools, and pools of huge pages. */
export function storageTable(host: Host, nowMs: () => number): TableBinding<Area> {
  let resources: Host['engine']['host'] | undefined;
  let areas: readonly Area[] = [];
  const all = (): readonly Area[] => {
    // A boot makes others.
    if (resources !== host.engine.host) {
      resources = host.engine.host;
      areas = [...memoryAreas(host), ...poolAreas(host, nowMs), ...hugePageAreas(host)];
    }
    return areas;
  };
  const unitOf = ({ size, unit }: Area) => allocationUnit(size(), unit);
  return {
    rows: new IntegerRows({
      count: () => all().length,
      id: (place) => all()[place]!.index,
      row: (place) => all()[place]!,
    }),
    columns: {
      hrStorageIndex: ({ index }) => index,
      hrStorageType: ({ type }) => type,
      hrStorageDescr: ({ descr }) => descr,
      hrStorageAllocationUnits: unitOf,
      hrStorageSize: (area) => Math.floor(area.size() / unitOf(area)),
      hrStorageUsed: (area) => Math.floor(area.used() / unitOf(area)),
      hrStorageAllocationFailures: ({ failures }) => failures?.(),
    },
    readOnly: true,
  };
}

/** hrMemorySize: what does not fit stays at the greatest number. */
export function memorySizeKiB({ memory }: Host): number {
  return Math.min(GREATEST, memory.pages.total * PAGE_KIB);
}

function memoryAreas(host: Host): Area[] {
  const octets = (read: (pages: HostPages) => number) => () => read(host.memory.pages) * PAGE_BYTES;
  // Whoever found no memory was killed for it.
  const failures = () => host.memory.oomKills;
  const area = (index: number, type: Oid, descr: string, size: Area['size'], used: Area['used']): Area => ({
    ...{ index, type, descr, unit: MEMORY_UNIT, size, used, failures },
  });
  return [
    area(
      STORAGE_INDEX.physicalMemory,
      TYPE.hrStorageRam,
      'Physical memory',
      octets(({ total }) => total),
      octets(({ total, free }) => total - free),
    ),
    area(
      STORAGE_INDEX.virtualMemory,
      TYPE.hrStorageVirtualMemory,
      'Virtual memory',
      octets(({ total, swapTotal }) => total + swapTotal),
      octets(({ total, free, swapTotal, swapFree }) => total - free + swapTotal - swapFree),
    ),
    area(
      STORAGE_INDEX.swap,
      TYPE.hrStorageVirtualMemory,
      'Swap space',
      octets(({ swapTotal }) => swapTotal),
      octets(({ swapTotal, swapFree }) => swapTotal - swapFree),
    ),
  ];
}

function poolAreas(host: Host, nowMs: () => number): Area[] {
  return host.config.pools.map((pool, number) => ({
    index: STORAGE_INDEX.firstFileSystem + number,
    type: pool.type === 'netfs' ? TYPE.hrStorageNetworkDisk : TYPE.hrStorageFixedDisk,
    descr: cut(ascii(mountPoint(pool) ?? `/dev/${pool.name}`)),
    unit: BLOCK,
    size: () => host.storage.pools.read(number, nowMs()).capacity,
    used: () => host.storage.pools.read(number, nowMs()).allocation,
    failures: () => host.storage.pools.failures(number),
  }));
}

function hugePageAreas({ memory: { huge, nodes } }: Host): Area[] {
  const areas: Area[] = [];
  for (let node = 0; node < nodes.count; node++) {
    for (const { sizeKiB, total } of huge.pools) {
      const unit = sizeKiB * KIB;
      areas.push({
        index: STORAGE_INDEX.firstHugePages + areas.length,
        type: TYPE.hrStorageOther,
        descr: `Huge pages of ${sizeKiB} KiB on node ${node}`,
        unit,
        size: () => total[node]! * unit,
        used: () => (total[node]! - huge.freeOn(sizeKiB, [node])) * unit,
      });
    }
  }
  return areas;
}
