import { DISK_WORK_PROFILES } from '../block/block-config.ts';
import type {
  DiskConfig,
  DomainConfig,
  InitialState,
  LoadKind,
  NicConfig,
  VirtType,
} from '../domain/domain-config.ts';

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
  /** What the definition of the first of them on a host has instead. */
  readonly once?: Partial<DomainConfig>;
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

const direct = (source: string, macvtapMode: NonNullable<NicConfig['macvtapMode']>): NicConfig => ({
  type: 'direct',
  source,
  model: 'virtio',
  queues: 1,
  macvtapMode,
});

const MEBI = 2 ** 20;
const GIB = 2 ** 30;

const FRONT = [nic('br0')];
const FRONT_WIDE = [nic('br0', 'virtio', 4)];
const ZERO_COPY = [{ ...direct('ens1', 'bridge'), zeroCopy: true }];
const TWO_NETWORKS = [nic('br0'), direct('ens2', 'vepa')];
const STORAGE_NETWORK = [nic('br0'), nic('br2', 'virtio', 4)];
const EMULATED = [nic('br0', 'e1000')];
const BUSY = { txFps: 40_000, rxFps: 40_000 };
const ROUTED: readonly NicConfig[] = [
  { ...nic('br0', 'virtio', 2), traffic: BUSY },
  { ...nic('br1', 'virtio', 2), backEnd: 'qemu', traffic: BUSY },
  { ...direct('ens3', 'private'), inbound: { average: 12_500 }, outbound: { average: 12_500 } },
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
    errorPolicy: 'stop',
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
const XEN_DATA_DISKS = [disk('xvda', 'xen'), disk('xvdb', 'xen', 'block')];

const AGENT = { channel: true, installed: true };
const STATISTICS = { statsPeriodSeconds: 10 };
const WATCHED: Partial<DomainConfig> = { memballoon: STATISTICS, devices: { agent: AGENT } };
/** What systems of one distribution have in common, for KSM. */
const SAME_SYSTEM = { content: 'distribution', share: 0.2 };
/** Processors that two guests have to share, with more vCPUs than there are. */
const CROWDED = [8, 9, 10, 11];
const FIRST_NODE = [0, 1, 2, 3, 4, 5, 6, 7];
const pinned = (vcpus: number, cpus: readonly number[]): NonNullable<DomainConfig['cputune']> => ({
  vcpupin: Array.from({ length: vcpus }, () => cpus),
  emulatorpin: cpus,
});

const MORE = {
  web: {
    memballoon: { ...STATISTICS, freePageReporting: true },
    guest: { ksm: SAME_SYSTEM },
    devices: { agent: AGENT },
  },
  db: {
    ...WATCHED,
    numatune: { mode: 'interleave', nodeset: [0, 1], memnodes: [] },
    cputune: { shares: 2048 },
  },
  container: { osType: 'exe', container: { limits: { memory: { max: 512 * MEBI }, pidsMax: 16 } } },
  app: {
    memballoon: { ...STATISTICS, autodeflate: true },
    guest: { work: 'contended', ksm: SAME_SYSTEM },
    devices: { agent: AGENT, watchdog: { action: 'reset' }, kernel: { kdump: true, sysrq: 1 } },
  },
  mail: { osType: 'hvm', devices: { kernel: { kdump: true, sysrq: 1 } } },
  cache: {
    osType: 'exe',
    cputune: { quotaUs: 30_000 },
    container: { limits: { memory: { high: 1536 * MEBI }, pidsMax: 256 } },
  },
  build: {
    cputune: { quotaUs: 20_000 },
    guest: { ksm: SAME_SYSTEM },
    devices: { console: { useSerial: false, loaderSerial: false } },
  },
  router: { memballoon: { ...STATISTICS, driver: false } },
  legacy: { osType: 'linux', guest: { profile: 'rhel6' } },
  desktop: {
    ...WATCHED,
    devices: {
      agent: AGENT,
      qxl: {},
      usb: { model: 'piix3-uhci', remoteWakeup: false },
      console: { bootMenu: true },
    },
  },
  backup: {
    backing: { kind: 'hugepages' },
    devices: {
      usb: {
        model: 'ich9-ehci1',
        devices: [
          { kind: 'tablet', speed: 'full', port: 0 },
          { kind: 'storage', speed: 'high', port: 4 },
        ],
      },
    },
  },
} as const satisfies Readonly<Record<string, Partial<DomainConfig>>>;

/** What the first guests of a role alone have: there are not so many of it on any host. */
const ONCE = {
  db: {
    cputune: { shares: 2048, ...pinned(8, FIRST_NODE) },
    numatune: {
      mode: 'interleave',
      nodeset: [0, 1],
      memnodes: [
        { cellId: 0, mode: 'strict', nodeset: [0] },
        { cellId: 1, mode: 'preferred', nodeset: [1] },
      ],
    },
  },
  app: { cputune: pinned(8, CROWDED) },
  build: { cputune: { quotaUs: 20_000, ...pinned(16, CROWDED) } },
  router: { nics: [...ROUTED, direct('ens4', 'passthrough')] },
  backup: {
    disks: MANY_DISKS.map((each) =>
      each.target === 'sda' ? { ...each, job: { type: 'copy', bandwidth: MEBI } as const } : each,
    ),
  },
} as const satisfies Readonly<Record<string, Partial<DomainConfig>>>;

/**
 * The roles of a made-up host, in the order in which its guests take them: the twelfth guest completes a host
 * that has one of nearly everything, and a larger host repeats the round.
 */
export const ROLES: readonly Role[] = [
  {
    name: 'web',
    more: MORE.web,
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
    once: ONCE.db,
    type: 'kvm',
    load: 'steady',
    maxVcpus: 8,
    memoryMiB: 32_768,
    nics: STORAGE_NETWORK,
    disks: DATABASE_DISKS,
    numaCells: 2,
  },
  {
    name: 'web',
    more: MORE.container,
    type: 'lxc',
    load: 'daily',
    maxVcpus: 2,
    memoryMiB: 1024,
    nics: CONTAINER_NIC,
    disks: [],
  },
  {
    name: 'app',
    more: MORE.app,
    once: ONCE.app,
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
    type: 'xen',
    load: 'bursty',
    maxVcpus: 2,
    memoryMiB: 4096,
    nics: XEN_NIC,
    disks: XEN_DATA_DISKS,
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
    more: MORE.build,
    once: ONCE.build,
    type: 'kvm',
    load: 'bursty',
    maxVcpus: 16,
    memoryMiB: 16_384,
    nics: ZERO_COPY,
    disks: DATA_DISK,
  },
  {
    name: 'router',
    more: MORE.router,
    once: ONCE.router,
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
    once: ONCE.backup,
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
