import type { Host } from '../../emulation/host/host.ts';
import { type HostDisk, mountPoint, remoteMountPoint } from '../../emulation/platform/hardware.ts';
import { HOST_RESOURCES_MIB } from '../../mib/generated/host-resources-mib.ts';
import { HOST_RESOURCES_TYPES } from '../../mib/generated/host-resources-types.ts';
import type { BoundModule, TableBinding } from '../../mib/module.ts';
import { IntegerRows, NO_ROWS } from '../integer-rows.ts';
import { cut, truth } from '../libvirt-stats/convert.ts';
import { NumberedRows } from '../numbered-rows.ts';
import { ascii, kBytes, NO_DATE, NO_PRODUCT } from './convert.ts';
import type { Devices, NumberedNic } from './devices.ts';
import { DEVICE_INDEX, STORAGE_INDEX } from './indexes.ts';

const { hrDeviceTable, hrDiskStorageTable, hrFSTable } = HOST_RESOURCES_MIB.tables;
const { enums: STATUS } = hrDeviceTable.columns.hrDeviceStatus.syntax;
const { enums: DISK_ACCESS } = hrDiskStorageTable.columns.hrDiskStorageAccess.syntax;
const { enums: MEDIA } = hrDiskStorageTable.columns.hrDiskStorageMedia.syntax;
const { enums: FS_ACCESS } = hrFSTable.columns.hrFSAccess.syntax;
const { nodes: TYPE } = HOST_RESOURCES_TYPES;
const MOST_DESCR = 64;
const MOST_PATH = 128;
const PERCENT = 100;
const NAME_OF_DISK = { hdd: 'SCSI disk', ssd: 'SCSI SSD', nvme: 'NVMe SSD' } as const;
const ONLY_PARTITION = 1;

/** hrDeviceTable and the tables of each kind of device. */
export function deviceTables(host: Host, devices: Devices, nowMs: () => number): BoundModule['tables'] {
  return {
    hrDeviceTable: deviceTable(host, devices, nowMs),
    hrProcessorTable: {
      rows: new IntegerRows(devices.processorRows),
      columns: {
        hrProcessorFrwID: () => NO_PRODUCT,
        hrProcessorLoad: (pcpu: number) => Math.round(PERCENT * host.cpu.load(pcpu, nowMs())),
      },
    },
    hrNetworkTable: {
      rows: new IntegerRows(devices.nicRows),
      columns: { hrNetworkIfIndex: ({ ifIndex }: NumberedNic) => ifIndex },
    },
    hrPrinterTable: {
      rows: NO_ROWS,
      columns: { hrPrinterStatus: () => undefined, hrPrinterDetectedErrorState: () => undefined },
    },
    hrDiskStorageTable: {
      rows: new IntegerRows(devices.diskRows),
      columns: {
        hrDiskStorageAccess: () => DISK_ACCESS.readWrite,
        // The list knows no flash of its own.
        hrDiskStorageMedia: ({ kind }: HostDisk) => (kind === 'hdd' ? MEDIA.hardDisk : MEDIA.other),
        hrDiskStorageRemoveble: () => truth(false),
        hrDiskStorageCapacity: ({ pool }: HostDisk) => kBytes(capacity(host, pool, nowMs)),
      },
    },
    hrPartitionTable: partitionTable(host, devices, nowMs),
    hrFSTable: fileSystemTable(host, devices),
  };
}

function capacity(host: Host, pool: number, nowMs: () => number): number {
  return host.storage.pools.read(pool, nowMs()).capacity;
}

function deviceTable(host: Host, devices: Devices, nowMs: () => number): TableBinding<number> {
  /** What each range of indexes is. */
  const of = <T>(
    index: number,
    processor: T,
    nic: (nic: NumberedNic) => T,
    disk: (disk: HostDisk) => T,
  ): T => {
    if (index < DEVICE_INDEX.network) return processor;
    return index < DEVICE_INDEX.disk ? nic(devices.nic(index)) : disk(devices.disk(index));
  };
  const nicErrors = ({ uplinks }: NumberedNic): number => {
    let sum = 0;
    for (const uplink of uplinks) sum += uplink.read('rxErrors', nowMs()) + uplink.read('txErrors', nowMs());
    return sum;
  };
  const nicStatus = ({ uplinks }: NumberedNic): number =>
    uplinks.some(({ up }) => up) ? STATUS.running : STATUS.down;
  const nicType = () => TYPE.hrDeviceNetwork;
  const diskType = () => TYPE.hrDeviceDiskStorage;
  const nicDescr = ({ name }: NumberedNic) => `network interface ${name}`;
  const diskDescr = ({ kind, name }: HostDisk) => `${NAME_OF_DISK[kind]} (/dev/${name})`;
  const running = () => STATUS.running;
  // Neither processors nor disks fail by themselves here: what is wrong with a disk is a guest's.
  const none = () => 0;
  return {
    rows: new IntegerRows(devices.rows),
    columns: {
      hrDeviceIndex: (index) => index,
      hrDeviceType: (index) => of<readonly number[]>(index, TYPE.hrDeviceProcessor, nicType, diskType),
      hrDeviceDescr: (index) => cut(ascii(of(index, host.config.cpuModel, nicDescr, diskDescr)), MOST_DESCR),
      hrDeviceID: () => NO_PRODUCT,
      hrDeviceStatus: (index) => of<number>(index, STATUS.running, nicStatus, running),
      hrDeviceErrors: (index) => of(index, 0, nicErrors, none),
    },
  };
}

function partitionTable(host: Host, devices: Devices, nowMs: () => number): TableBinding<HostDisk> {
  return {
    rows: new NumberedRows({
      count: () => devices.disks.length,
      index: (place) => [devices.diskRows.id(place), ONLY_PARTITION],
      row: (place) => devices.disks[place]!,
    }),
    columns: {
      hrPartitionIndex: () => ONLY_PARTITION,
      hrPartitionLabel: ({ partition }) => `/dev/${partition}`,
      // As Net-SNMP has it: the number of the device as text.
      hrPartitionID: ({ deviceNumber }) => `0x${deviceNumber.toString(16)}`,
      hrPartitionSize: ({ pool }) => kBytes(capacity(host, pool, nowMs)),
      hrPartitionFSIndex: ({ pool }) =>
        mountPoint(host.config.pools[pool]!) === undefined ? 0 : fileSystemIndex(pool),
    },
  };
}

function fileSystemIndex(pool: number): number {
  return pool + 1;
}

function fileSystemTable(host: Host, devices: Devices): TableBinding<number> {
  let config: Host['config'] | undefined;
  let mounted: readonly number[] = [];
  const all = (): readonly number[] => {
    if (config !== host.config) {
      config = host.config;
      mounted = config.pools.flatMap((pool, number) => (mountPoint(pool) === undefined ? [] : [number]));
    }
    return mounted;
  };
  const path = (text: string | undefined) => cut(text ?? '', MOST_PATH);
  const isRemote = (pool: number) => host.config.pools[pool]!.type === 'netfs';
  return {
    rows: new IntegerRows({
      count: () => all().length,
      id: (place) => fileSystemIndex(all()[place]!),
      row: (place) => all()[place]!,
    }),
    columns: {
      hrFSIndex: fileSystemIndex,
      hrFSMountPoint: (pool) => path(mountPoint(host.config.pools[pool]!)),
      hrFSRemoteMountPoint: (pool) => path(remoteMountPoint(host.config.pools[pool]!)),
      // ext4 goes by the name of what it came from, as Net-SNMP has it.
      hrFSType: (pool) => (isRemote(pool) ? TYPE.hrFSNFS : TYPE.hrFSLinuxExt2),
      hrFSAccess: () => FS_ACCESS.readWrite,
      hrFSBootable: (pool) => truth(!isRemote(pool) && DEVICE_INDEX.disk + pool === devices.bootIndex),
      hrFSStorageIndex: (pool) => STORAGE_INDEX.firstFileSystem + pool,
      hrFSLastFullBackupDate: () => NO_DATE,
      hrFSLastPartialBackupDate: () => NO_DATE,
    },
    readOnly: true,
  };
}
