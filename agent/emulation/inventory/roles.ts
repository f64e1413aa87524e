import { DISK_WORK_PROFILES } from '../block/block-config.ts';
import type {
  DiskConfig,
  DomainConfig,
  InitialState,
  LoadKind,
  NicConfig,
  VirtType,
} from '../domain-config.ts';

/** What a made-up guest is for: its size, its devices and what it does all day. */
export interface Role {
  /** The start of the names of its guests. */
  readonly name: string;
  readonly type: VirtType;
  readonly load: LoadKind;
  readonly maxVcpus: number;
  /** vCPUs at start, where they are fewer. */
  readonly vcpus?: number;
  readonly memoryMiB: number;
  /** Memory at start, where a balloon holds some back. */
  readonly currentMemoryMiB?: number;
  readonly nics: readonly NicConfig[];
  readonly disks: readonly DiskConfig[];
  readonly numaCells?: number;
  /** The state of every guest of the role, where it is not mostly running. */
  readonly state?: InitialState;
  /** What else its definition and its system have. */
  readonly more?: Partial<DomainConfig>;
}

const nic = (source: string, model = 'virtio', queues = 1): NicConfig => ({
  type: 'bridge',
  source,
  model,
  queues,
});
const disk = (target: string, bus: string, type = 'file', device = 'disk'): DiskConfig => ({
  type,
  device,
  target,
  bus,
});

const GIB = 2 ** 30;

const FRONT = [nic('br0')];
const FRONT_WIDE = [nic('br0', 'virtio', 4)];
const ZERO_COPY = [{ ...nic('br0'), zeroCopy: true }];
const TWO_NETWORKS = [nic('br0'), nic('br1')];
const STORAGE_NETWORK = [nic('br0'), nic('br2', 'virtio', 4)];
const EMULATED = [nic('br0', 'e1000')];
const ROUTED = [
  { ...nic('br0', 'virtio', 2), traffic: { txFps: 40_000, rxFps: 40_000 } },
  { ...nic('br1', 'virtio', 2), traffic: { txFps: 40_000, rxFps: 40_000 } },
  { ...nic('br3'), inbound: { average: 12_500 }, outbound: { average: 12_500 } },
];
const CONTAINER_NIC: readonly NicConfig[] = [{ type: 'network', source: 'default', queues: 1 }];
const XEN_NIC: readonly NicConfig[] = [{ type: 'bridge', source: 'xenbr0', model: 'netfront', queues: 1 }];

const ONE_DISK = [disk('vda', 'virtio')];
const DATA_DISK = [disk('vda', 'virtio'), disk('vdb', 'virtio', 'block')];
const DATABASE_DISKS: readonly DiskConfig[] = [
  disk('vda', 'virtio'),
  {
    ...disk('vdb', 'virtio', 'block'),
    capacityBytes: 100 * GIB,
    work: DISK_WORK_PROFILES.database,
    requestsPerSecond: 4000,
    iotune: { total_iops: { perSecond: 3000, max: 0, lengthSeconds: 1 } },
  },
];
const MANY_DISKS = ['sda', 'sdb', 'sdc', 'sdd', 'sde'].map((dev) =>
  disk(dev, 'scsi', dev === 'sda' ? 'file' : 'block'),
);
const WITH_CDROM = [disk('vda', 'virtio'), disk('sda', 'sata', 'file', 'cdrom')];
const OLD_DISKS = [disk('hda', 'ide'), disk('hdc', 'ide', 'file', 'cdrom')];
const XEN_DISKS = [disk('xvda', 'xen', 'block')];

const AGENT = { channel: true, installed: true };
const WATCHED: Partial<DomainConfig> = { memballoon: { statsPeriodSeconds: 10 }, devices: { agent: AGENT } };
const MORE = {
  db: {
    ...WATCHED,
    numatune: { mode: 'interleave', nodeset: [0, 1], memnodes: [] },
    cputune: { shares: 2048 },
  },
  app: {
    ...WATCHED,
    guest: { work: 'contended' },
    devices: { agent: AGENT, watchdog: { action: 'reset' } },
  },
  mail: {
    memballoon: { statsPeriodSeconds: 10 },
    devices: { agent: AGENT, kernel: { kdump: true, sysrq: 1 } },
  },
  cache: {
    osType: 'exe',
    cputune: { quotaUs: 60_000 },
    container: { limits: { memory: { high: 1536 * 2 ** 20 }, pidsMax: 256 } },
  },
  legacy: { osType: 'linux', guest: { profile: 'rhel6' } },
  desktop: {
    ...WATCHED,
    devices: { agent: AGENT, qxl: {}, usb: { model: 'piix3-uhci', remoteWakeup: false } },
  },
  backup: { backing: { kind: 'hugepages' } },
} as const satisfies Readonly<Record<string, Partial<DomainConfig>>>;

/**
 * The roles of a made-up host, in the order in which its guests take them: the twelfth guest completes a host
 * that has one of nearly everything, and a larger host repeats the round.
 */
export const ROLES: readonly Role[] = [
  {
    name: 'web',
    more: WATCHED,
    type: 'kvm',
    load: 'daily',
    maxVcpus: 2,
    memoryMiB: 2048,
    nics: FRONT,
    disks: ONE_DISK,
  },
  {
    name: 'db',
    more: MORE.db,
    type: 'kvm',
    load: 'steady',
    maxVcpus: 8,
    memoryMiB: 32_768,
    nics: STORAGE_NETWORK,
    disks: DATABASE_DISKS,
    numaCells: 2,
  },
  { name: 'web', type: 'kvm', load: 'daily', maxVcpus: 2, memoryMiB: 2048, nics: FRONT, disks: ONE_DISK },
  {
    name: 'app',
    more: MORE.app,
    type: 'kvm',
    load: 'daily',
    maxVcpus: 8,
    vcpus: 4,
    memoryMiB: 16_384,
    currentMemoryMiB: 8192,
    nics: TWO_NETWORKS,
    disks: ONE_DISK,
  },
  {
    name: 'mail',
    more: MORE.mail,
    type: 'kvm',
    load: 'bursty',
    maxVcpus: 2,
    memoryMiB: 4096,
    nics: FRONT,
    disks: DATA_DISK,
  },
  {
    name: 'cache',
    more: MORE.cache,
    type: 'lxc',
    load: 'steady',
    maxVcpus: 2,
    memoryMiB: 4096,
    nics: CONTAINER_NIC,
    disks: [],
  },
  {
    name: 'build',
    type: 'kvm',
    load: 'bursty',
    maxVcpus: 16,
    memoryMiB: 16_384,
    nics: ZERO_COPY,
    disks: DATA_DISK,
  },
  {
    name: 'router',
    type: 'kvm',
    load: 'steady',
    maxVcpus: 2,
    memoryMiB: 1024,
    nics: ROUTED,
    disks: ONE_DISK,
  },
  {
    name: 'legacy',
    more: MORE.legacy,
    type: 'xen',
    load: 'idle',
    maxVcpus: 1,
    memoryMiB: 512,
    nics: XEN_NIC,
    disks: XEN_DISKS,
  },
  {
    name: 'desktop',
    more: MORE.desktop,
    type: 'kvm',
    load: 'daily',
    maxVcpus: 4,
    memoryMiB: 8192,
    nics: EMULATED,
    disks: WITH_CDROM,
  },
  {
    name: 'backup',
    more: MORE.backup,
    type: 'kvm',
    load: 'bursty',
    maxVcpus: 4,
    memoryMiB: 4096,
    nics: STORAGE_NETWORK,
    disks: MANY_DISKS,
  },
  {
    name: 'template',
    type: 'kvm',
    load: 'idle',
    maxVcpus: 2,
    memoryMiB: 2048,
    nics: FRONT,
    disks: WITH_CDROM,
    state: 'shutoff',
  },
  {
    name: 'web',
    type: 'kvm',
    load: 'daily',
    maxVcpus: 2,
    memoryMiB: 2048,
    nics: FRONT_WIDE,
    disks: ONE_DISK,
  },
  { name: 'ci', type: 'lxc', load: 'bursty', maxVcpus: 4, memoryMiB: 2048, nics: CONTAINER_NIC, disks: [] },
  {
    name: 'test',
    type: 'qemu',
    load: 'idle',
    maxVcpus: 1,
    memoryMiB: 1024,
    nics: EMULATED,
    disks: OLD_DISKS,
  },
  { name: 'ldap', type: 'kvm', load: 'steady', maxVcpus: 2, memoryMiB: 2048, nics: FRONT, disks: ONE_DISK },
];
