import { DISK_WORK_PROFILES, type DiskSpec, type ImageFormat } from '../block/block-config.ts';
import {
  type ContainerLimits,
  type ContainerPlan,
  LIMIT_DEFAULTS,
  NATURE_DEFAULTS,
  planContainer,
} from '../container/container-config.ts';
import type { DiskConfig, DomainConfig, NicConfig } from '../domain/domain-config.ts';
import type { HostResources } from '../host/host-resources.ts';
import { compileGuestMemory } from '../memory/compile-guest.ts';
import type { GuestMemory } from '../memory/memory-config.ts';
import {
  costsOf,
  type NicConfig as ModelConfig,
  NIC_DEFAULTS,
  type NicFeatures,
  TRAFFIC_DEFAULTS,
  type TrafficLoad,
} from '../net/net-config.ts';
import { CPUTUNE_DEFAULTS, type CputuneConfig } from '../vcpu/vcpu-config.ts';

const GIB = 2 ** 30;
/** What a disk holds whose definition does not say. */
const DEFAULT_CAPACITY = 20 * GIB;
/** Part of a disk that is written sooner or later, when nothing else is said. */
const WORKING_SHARE = 0.25;
/** libvirt's aliases, by bus. */
const ALIAS_OF_BUS: Readonly<Record<string, string>> = {
  virtio: 'virtio-disk',
  scsi: 'scsi0-0-0-',
  sata: 'sata0-0-',
};

/** A device that emulates real hardware has none of virtio's. */
const NO_FEATURES: NicFeatures = {
  csum: false,
  guestCsum: false,
  hostTso4: false,
  hostUfo: false,
  guestTso4: false,
  mrgRxbuf: false,
  eventIdx: false,
  notifyOnEmpty: false,
};

/** Whether a domain has a virtual machine's hardware, and not a container's. */
export function isContainer({ type }: DomainConfig): boolean {
  return type === 'lxc';
}

/** Whether a domain's kernel knows that it runs on Xen, and has no emulator. */
export function isParavirtual({ type, osType }: DomainConfig): boolean {
  return type === 'xen' && osType !== 'hvm';
}

/** Size of a disk in bytes, as its guest sees it; 0 for a drive without a medium of its own. */
export function capacityOf(disk: DiskConfig): number {
  return disk.capacityBytes ?? (isDrive(disk) ? DEFAULT_CAPACITY : 0);
}

/** Whether a guest works with it all the time, which it does not with a CD-ROM or a floppy. */
export function isDrive({ device }: DiskConfig): boolean {
  return device === 'disk' || device === 'lun';
}

/** Whether a NIC's device is a virtio one, whose features its driver agrees on. */
export function isVirtio({ model = 'virtio' }: NicConfig): boolean {
  return model === 'virtio' || model === 'virtio-transitional' || model === 'virtio-non-transitional';
}

/** A definition's NIC for the model, with what its era adds. */
export function modelNic(nic: NicConfig, host: HostResources): { config: ModelConfig; load: TrafficLoad } {
  const { profile } = host.config;
  const era = NIC_DEFAULTS[profile];
  const backEnd = nic.backEnd ?? (isVirtio(nic) && nic.type !== 'user' ? 'vhost' : 'qemu');
  const { inbound, outbound } = nic;
  return {
    config: {
      ...era,
      backEnd,
      queues: nic.queues,
      rxQueueSize: nic.rxQueueSize ?? era.rxQueueSize,
      txQueueSize: nic.txQueueSize ?? era.txQueueSize,
      txMode: nic.txMode ?? era.txMode,
      zeroCopy: nic.zeroCopy ?? era.zeroCopy,
      features: { ...(isVirtio(nic) ? era.features : NO_FEATURES), ...nic.features },
      costs: costsOf(profile, backEnd),
      ...(inbound ? { inbound } : {}),
      ...(outbound ? { outbound } : {}),
    },
    load: { ...TRAFFIC_DEFAULTS, ...nic.traffic },
  };
}

/** A definition's disk for the model; `index` is its number among those of its bus. */
export function modelDisk(disk: DiskConfig, index: number): DiskSpec {
  const capacityBytes = capacityOf(disk);
  const format: ImageFormat = disk.format ?? (disk.type === 'file' ? 'qcow2' : 'block');
  const { errorPolicy, rerrorPolicy, iotune, weight } = disk;
  return {
    target: disk.target,
    source: disk.source ?? '',
    alias: `${ALIAS_OF_BUS[disk.bus ?? ''] ?? `${disk.bus ?? 'ide'}0-0-`}${index}`,
    format,
    capacityBytes,
    ...(errorPolicy ? { errorPolicy } : {}),
    ...(rerrorPolicy ? { rerrorPolicy } : {}),
    ...(iotune ? { iotune } : {}),
    ...(weight === undefined ? {} : { weight }),
    work: {
      ...DISK_WORK_PROFILES.system,
      workingSetBytes: Math.floor(capacityBytes * WORKING_SHARE),
      ...disk.work,
    },
  };
}

/** Compiles a guest's memory. Throws DOMAIN_INVALID when its NUMA tuning does not fit the host. */
export function modelMemory(config: DomainConfig, host: HostResources): GuestMemory {
  const { memballoon = {}, guest = {}, backing, numaCells, numatune } = config;
  const { profile } = host.config;
  const isXen = config.type === 'xen';
  return compileGuestMemory(
    {
      maximumKiB: config.memoryKiB,
      backing: isXen ? 'xen' : (backing?.kind ?? 'anonymous'),
      ...(backing?.hugePageKiB ? { hugePageKiB: backing.hugePageKiB } : {}),
      hostProfile: profile,
      guestProfile: guest.profile ?? profile,
      balloonModel: config.memoryDevice ? 'virtio-mem' : (memballoon.model ?? (isXen ? 'xen' : 'virtio')),
      ...(config.memoryDevice ? { blockKiB: config.memoryDevice.blockKiB } : {}),
      balloonDriver: memballoon.driver ?? true,
      autodeflate: memballoon.autodeflate ?? false,
      freePageReporting: memballoon.freePageReporting ?? false,
      statsPeriodSeconds: memballoon.statsPeriodSeconds ?? 0,
      ...(guest.swapKiB === undefined ? {} : { guestSwapKiB: guest.swapKiB }),
      guestHugePages: guest.hugePages ?? 0,
      panicOnOom: guest.panicOnOom ?? false,
      ...(guest.ksm ? { ksm: guest.ksm } : {}),
      ...(numatune ? { numatune } : {}),
      ...(numaCells.length > 0 ? { cellsKiB: numaCells.map(({ memoryKiB }) => memoryKiB) } : {}),
      cpuNodes: cpuNodesOf(config, host),
      ...(guest.memoryBoundShare === undefined ? {} : { memoryBoundShare: guest.memoryBoundShare }),
    },
    host.memory,
  );
}

/** Nodes of the host that the vCPUs may run on. */
function cpuNodesOf({ cputune, maxVcpus }: DomainConfig, { cpu, memory }: HostResources): number[] {
  const all = memory.nodes.total.length;
  const pins = cputune?.vcpupin ?? [];
  if (pins.length < maxVcpus || pins.some((pin) => pin === undefined || pin.length === 0))
    return Array.from({ length: all }, (_, node) => node);
  const nodes = new Set(pins.flatMap((pin) => pin!.map((pcpu) => Math.min(all - 1, cpu.nodeOf(pcpu)))));
  return [...nodes].toSorted((a, b) => a - b);
}

/** `<cputune>` with what is not given. */
export function modelCputune({ cputune }: DomainConfig): CputuneConfig {
  return { ...CPUTUNE_DEFAULTS, ...cputune };
}

/** A container's limits: its memory is bounded by its definition, as libvirt sets it. */
export function modelContainer(config: DomainConfig, { config: { profile } }: HostResources): ContainerPlan {
  const era = LIMIT_DEFAULTS[profile];
  const { limits = {} } = config.container ?? {};
  const { shares, periodUs, quotaUs } = config.cputune ?? {};
  const cpu: ContainerLimits['cpu'] = {
    shares: shares ?? era.cpu.shares,
    periodUs: periodUs ?? era.cpu.periodUs,
    quotaUs: quotaUs ?? era.cpu.quotaUs,
    ...limits.cpu,
  };
  const memory = { ...era.memory, max: config.memoryKiB * 1024, ...limits.memory };
  const pidsMax = limits.pidsMax ?? era.pidsMax;
  const cpus = Math.max(1, config.vcpus);
  return planContainer(profile, { cpu, memory, pidsMax }, NATURE_DEFAULTS, cpus);
}
