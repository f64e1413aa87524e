import type { Writer } from '../../ber/writer.ts';
import type { DiskPlan } from '../../emulation/block/disk-plan.ts';
import { type DiskField, readDisk, readDiskSpace } from '../../emulation/block/disk-read.ts';
import type { Domain } from '../../emulation/domain/domain.ts';
import type { DiskConfig } from '../../emulation/domain/domain-config.ts';
import type { Host } from '../../emulation/host/host.ts';
import type { PoolConfig } from '../../emulation/host/host-config.ts';
import type { GuestDisk } from '../../emulation/process/emulator-process.ts';
import { isDrive } from '../../emulation/process/process-config.ts';
import { VM_MIB } from '../../mib/generated/vm-mib.ts';
import type { TableBinding } from '../../mib/module.ts';
import type { Rows } from '../../mib/rows.ts';
import { BY_NUMBER, GuestRows, severalForEach } from '../guest-rows.ts';
import { IntegerRows } from '../integer-rows.ts';
import { cut } from '../libvirt-stats/convert.ts';
import { binaryUnit, inUnits, micros } from './units.ts';

const { vmStorageSourceType, vmStorageAccess, vmStorageMediaType } = VM_MIB.tables.vmStorageTable.columns;
const SOURCE = vmStorageSourceType.syntax.enums;
const ACCESS = vmStorageAccess.syntax.enums;
const MEDIA = vmStorageMediaType.syntax.enums;
/** vmStorageVmIndex of what belongs to no virtual machine, and vmStorageParent of what lies on nothing. */
const NONE = 0;
const UNKNOWN_SIZE = -1;

/** A storage pool of the host, which disks of guests lie in. */
interface PoolRow {
  readonly kind: 'pool';
  readonly number: number;
  readonly config: PoolConfig;
}

/** A disk of a guest; what runs is absent while the guest is shut off. */
interface DiskRow {
  readonly kind: 'disk';
  readonly domain: Domain;
  /** In the definition. */
  readonly place: number;
  readonly config: DiskConfig;
  readonly plan: DiskPlan;
  readonly disk: GuestDisk | undefined;
}

type StorageRow = PoolRow | DiskRow;

/** The pools, whose index begins with 0, then the disks. */
class StorageRows implements Rows<StorageRow> {
  readonly #pools: IntegerRows<PoolRow>;
  readonly #disks: GuestRows<DiskRow>;
  readonly #host: Host;

  constructor(host: Host, disks: GuestRows<DiskRow>) {
    this.#host = host;
    this.#disks = disks;
    this.#pools = new IntegerRows({
      count: () => this.#poolCount,
      id: (place) => place + 1,
      row: (number) => ({ kind: 'pool', number, config: host.config.pools[number]! }),
    });
  }

  find(ids: ArrayLike<number>, from: number, to: number): number {
    if (from < to && ids[from] === NONE) return this.#pools.find(ids, from + 1, to);
    return this.#behindPools(this.#disks.find(ids, from, to));
  }

  after(ids: ArrayLike<number>, from: number, to: number): number {
    if (from === to) return this.first();
    if (ids[from] !== NONE) return this.#behindPools(this.#disks.after(ids, from, to));
    const pool = this.#pools.after(ids, from + 1, to);
    return pool < 0 ? this.#behindPools(this.#disks.first()) : pool;
  }

  first(): number {
    return this.#poolCount > 0 ? 0 : this.#behindPools(this.#disks.first());
  }

  next(position: number): number {
    const disk = position - this.#poolCount;
    if (disk >= 0) return this.#behindPools(this.#disks.next(disk));
    return disk < -1 ? position + 1 : this.#behindPools(this.#disks.first());
  }

  row(position: number): StorageRow {
    const disk = position - this.#poolCount;
    return disk < 0 ? this.#pools.row(position) : this.#disks.row(disk);
  }

  appendIndex(position: number, writer: Writer): void {
    const disk = position - this.#poolCount;
    if (disk >= 0) return this.#disks.appendIndex(disk, writer);
    writer.appendSubid(NONE);
    this.#pools.appendIndex(position, writer);
  }

  get #poolCount(): number {
    return this.#host.config.pools.length;
  }

  #behindPools(disk: number): number {
    return disk < 0 ? disk : this.#poolCount + disk;
  }
}

/** vmStorageTable: the host's storage pools, and the disks of every domain. */
export function storageTable(host: Host, nowMs: () => number): TableBinding<StorageRow> {
  const disks = new GuestRows<DiskRow>(
    host.domains,
    severalForEach(
      ({ config }) => config.disks.length,
      (domain, place) => {
        const config = domain.config.disks[place]!;
        const disk = domain.process?.disks[place];
        const plan = disk?.plan ?? host.engine.maker.diskPlanOf(config, domain.config.disks);
        return { kind: 'disk', domain, place, config, plan, disk };
      },
      ({ place }) => place + 1,
    ),
    BY_NUMBER,
  );
  // A pool counts no requests: its disks do.
  const counter = (field: DiskField) => (row: StorageRow) =>
    row.kind === 'disk' ? counted(row, field) : undefined;
  const latency = (field: DiskField) => (row: StorageRow) =>
    row.kind === 'disk' ? micros(counted(row, field)) : undefined;
  return {
    rows: new StorageRows(host, disks),
    columns: {
      vmStorageParent: (row) => (row.kind === 'disk' && row.plan.pool >= 0 ? row.plan.pool + 1 : NONE),
      vmStorageSourceType: (row) => sourceType(host, row),
      vmStorageSourceTypeString: sourceTypeName,
      vmStorageResourceID: (row) => cut(row.kind === 'pool' ? row.config.name : row.plan.spec.source),
      vmStorageAccess: (row) => (mediaType(row) === MEDIA.opticalDisk ? ACCESS.readonly : ACCESS.readwrite),
      vmStorageMediaType: mediaType,
      vmStorageMediaTypeString: (row) => (row.kind === 'pool' ? row.config.type : row.config.device),
      vmStorageSizeUnit: (row) => binaryUnit(definedSize(row)),
      vmStorageDefinedSize: (row) => shown(row, definedSize(row)),
      vmStorageAllocatedSize: (row) => shown(row, allocatedSize(host, row, nowMs())),
      vmStorageReadIOs: counter('rd.reqs'),
      vmStorageWriteIOs: counter('wr.reqs'),
      vmStorageReadOctets: counter('rd.bytes'),
      vmStorageWriteOctets: counter('wr.bytes'),
      vmStorageReadLatency: latency('rd.times'),
      vmStorageWriteLatency: latency('wr.times'),
    },
  };
}

function counted({ domain, disk }: DiskRow, field: DiskField): number {
  return disk ? readDisk(domain.process!.machine, disk.place, field, domain.nowMs) : 0;
}

const POOL_SOURCE = { dir: SOURCE.other, logical: SOURCE.block, netfs: SOURCE.network } as const;

function sourceType(host: Host, row: StorageRow): number {
  if (row.kind === 'pool') return POOL_SOURCE[row.config.type];
  const { type } = row.config;
  if (type === 'network') return SOURCE.network;
  const isVolume = type === 'volume' && host.config.pools[row.plan.pool]?.type === 'logical';
  if (!isDrive(row.config)) return SOURCE.raw;
  const { format } = row.plan.spec;
  if (type === 'block' || isVolume || format === 'block') return SOURCE.block;
  return format === 'raw-thick' ? SOURCE.raw : SOURCE.sparse;
}

/** libvirt's name of the pool's type, or of the image's format; a medium that can be taken out is a plain file. */
function sourceTypeName(row: StorageRow): string {
  if (row.kind === 'pool') return row.config.type;
  return isDrive(row.config) ? row.plan.spec.format : 'raw';
}

function mediaType(row: StorageRow): number {
  if (row.kind === 'pool') return MEDIA.hardDisk;
  if (row.config.device === 'cdrom') return MEDIA.opticalDisk;
  return row.config.device === 'floppy' ? MEDIA.floppyDisk : MEDIA.hardDisk;
}

function definedSize(row: StorageRow): number {
  return row.kind === 'pool' ? row.config.capacityBytes : row.plan.spec.capacityBytes;
}

/** What it takes, in octets; below 0 for what is not known. */
function allocatedSize(host: Host, row: StorageRow, nowMs: number): number {
  if (row.kind === 'pool') return host.storage.pools.read(row.number, nowMs).allocation;
  const { domain, config, disk } = row;
  if (!disk) return domain.images.get(config.target) ?? UNKNOWN_SIZE;
  return readDiskSpace(domain.process!.machine, disk.place, disk.plan, domain.nowMs).allocation;
}

function shown(row: StorageRow, octets: number): number {
  return octets < 0 ? UNKNOWN_SIZE : inUnits(octets, binaryUnit(definedSize(row)));
}
