import type { DiskWork, ErrorPolicy, ImageFormat, IotuneConfig } from '../block/block-config.ts';
import type { BlockJobType } from '../block/block-job.ts';
import type { ConsoleConfig, StageSeconds } from '../console/console-config.ts';
import type { ContainerLimits } from '../container/container-config.ts';
import type { KernelConfig } from '../debug/kernel-config.ts';
import type { GuestAgentConfig } from '../devices/guest-agent.ts';
import type { RtcConfig } from '../devices/rtc.ts';
import type { QxlConfig } from '../display/qxl-config.ts';
import type { Profile } from '../lifecycle/story.ts';
import type { BackEnd, BandwidthLimit, NicFeatures, TrafficLoad } from '../net/net-config.ts';
import type { NumatuneConfig } from '../numa/numa-config.ts';
import type { UsbConfig } from '../usb/usb-config.ts';
import type { CputuneConfig, WORK_PROFILES } from '../vcpu/vcpu-config.ts';
import type { WatchdogConfig } from '../watchdog/watchdog-config.ts';

/** libvirt's domain types that the emulation knows (`<domain type=>`). */
export type VirtType = string;

/** What a guest does with its vCPUs and memory over time. */
export const LOAD_KINDS = ['idle', 'steady', 'daily', 'bursty'] as const;
export type LoadKind = (typeof LOAD_KINDS)[number];

/** One `<interface>` of a domain. */
export interface NicConfig {
  /** `<interface type=>`: network, bridge, direct, user, hostdev, ... */
  readonly type: string;
  /** `<mac address=>` in lower case, colon separated; absent when the definition leaves it to libvirt. */
  readonly mac?: string;
  /** The network, bridge or lower device that it is attached to. */
  readonly source?: string;
  /** `<model type=>`, such as virtio or e1000. */
  readonly model?: string;
  /** `<target dev=>`. */
  readonly target?: string;
  /** `<driver queues=>`; 1 when not given. */
  readonly queues: number;
  /** `<link state='down'/>`; up when not given. */
  readonly linkDown?: boolean;
  /** `<source mode=>` of a direct interface: macvtap; vepa when not given. */
  readonly macvtapMode?: 'bridge' | 'vepa' | 'private' | 'passthrough';
  /** `<driver name=>`; vhost for virtio, qemu for other models when not given. */
  readonly backEnd?: BackEnd;
  /** `<driver rx_queue_size=>`. */
  readonly rxQueueSize?: number;
  /** `<driver tx_queue_size=>`. */
  readonly txQueueSize?: number;
  /** `<driver txmode=>`. */
  readonly txMode?: 'iothread' | 'timer';
  /** Whether vhost sends large frames without copying them (experimental_zcopytx). */
  readonly zeroCopy?: boolean;
  /** What differs from the era's virtio features (`<driver><host .../><guest .../>`). */
  readonly features?: Partial<NicFeatures>;
  /** `<bandwidth>`. */
  readonly inbound?: BandwidthLimit;
  readonly outbound?: BandwidthLimit;
  /** What differs from a quiet server's traffic. */
  readonly traffic?: Partial<TrafficLoad>;
}

/** One `<disk>` of a domain. */
export interface DiskConfig {
  /** `<disk type=>`: file, block, network, volume, ... */
  readonly type: string;
  /** `<disk device=>`: disk, cdrom, floppy or lun. */
  readonly device: string;
  /** `<target dev=>`. */
  readonly target: string;
  /** `<target bus=>`. */
  readonly bus?: string;
  /** The image, device or volume behind it, as one string. */
  readonly source?: string;
  /** `<source startupPolicy=>`; mandatory when not given. */
  readonly startupPolicy?: 'mandatory' | 'requisite' | 'optional';
  /** How the image takes space; qcow2 for files, block for devices when not given. */
  readonly format?: ImageFormat;
  /** Size that the guest sees, in bytes. */
  readonly capacityBytes?: number;
  /** Storage pool of the host that the image lies in, by name; the first when not given. */
  readonly pool?: string;
  /** `<driver error_policy=>`. */
  readonly errorPolicy?: ErrorPolicy;
  /** `<driver rerror_policy=>`. */
  readonly rerrorPolicy?: Exclude<ErrorPolicy, 'enospace'>;
  /** `<iotune>`. */
  readonly iotune?: IotuneConfig;
  /** `<blkiotune>`: weight among the disks of its device, 10 to 1000; 500 when not given. */
  readonly weight?: number;
  /** What differs from the work of a system disk; `workingSetBytes` is a quarter of the capacity when not given. */
  readonly work?: Partial<DiskWork>;
  /** Requests per second that a fully busy guest makes; 200 when not given. */
  readonly requestsPerSecond?: number;
  /** The block job that goes on when the simulation starts, with its bytes per second; 0 for no limit. */
  readonly job?: { readonly type: BlockJobType; readonly bandwidth: number };
}

/** One `<cell>` of `<cpu><numa>`. */
export interface NumaCellConfig {
  readonly id: number;
  /** vCPU numbers of the cell. */
  readonly cpus: readonly number[];
  readonly memoryKiB: number;
}

/** `<memballoon>` with what the guest's system makes of it. */
export interface MemballoonConfig {
  /** `<memballoon model=>`; that of the domain's type when not given. */
  readonly model?: 'virtio' | 'xen' | 'none';
  readonly autodeflate?: boolean;
  readonly freePageReporting?: boolean;
  /** `<stats period=>` in seconds; 0 when not given. */
  readonly statsPeriodSeconds?: number;
  /** Whether the guest has a driver; true when not given. */
  readonly driver?: boolean;
}

/** `<memory model='virtio-mem'>`: part of the maximum memory that is plugged in and out block by block. */
export interface MemoryDeviceConfig {
  /** `<size>`: KiB that it can have, a part of the domain's maximum; a multiple of the block. */
  readonly sizeKiB: number;
  /** `<block>` in KiB: 2048, or a multiple of it. */
  readonly blockKiB: number;
}

/** `<memoryBacking>`. */
export interface MemoryBackingConfig {
  readonly kind: 'anonymous' | 'locked' | 'hugepages';
  /** `<page size=>` in KiB; 2048 when not given. */
  readonly hugePageKiB?: number;
}

/** What is inside of a guest, which no definition says. */
export interface GuestSystemConfig {
  /** Era of its system; that of its host when not given. */
  readonly profile?: Profile;
  /** What its programs do with its vCPUs; that of its load when not given. */
  readonly work?: keyof typeof WORK_PROFILES;
  /** Its swap device in KiB; a quarter of its memory when not given. */
  readonly swapKiB?: number;
  /** Huge pages of 2 MiB that its kernel sets aside. */
  readonly hugePages?: number;
  /** Its kernel lets no device go that is in use. */
  readonly keepsDevices?: boolean;
  /** vm.panic_on_oom. */
  readonly panicOnOom?: boolean;
  /** Content that KSM can merge with that of others of the same name, and its share of the memory, 0 to 1. */
  readonly ksm?: { readonly content: string; readonly share: number };
  /** Share of its vCPU time that waits for memory, 0 to 1. */
  readonly memoryBoundShare?: number;
}

/** Limits and namespaces of a container; what is absent is the kernel's default. */
export interface ContainerConfig {
  readonly limits?: {
    readonly cpu?: Partial<ContainerLimits['cpu']>;
    readonly memory?: Partial<ContainerLimits['memory']>;
    readonly pidsMax?: number;
  };
  /** `<features><privnet/>`. */
  readonly privnet?: boolean;
  /** Has an `<idmap>`. */
  readonly idmap?: boolean;
}

/** What differs from an era's console. */
export type ConsoleChanges = Partial<Omit<ConsoleConfig, 'seconds'>> & {
  readonly seconds?: Partial<StageSeconds>;
};

/** Devices that act on events alone; what is absent is as its era has it, or not there. */
export interface DevicesConfig {
  /** What differs from the era's console; false for a domain without one. */
  readonly console?: ConsoleChanges | false;
  /** What differs from the era's kernel settings. */
  readonly kernel?: Partial<KernelConfig>;
  /** What differs from the era's bus; false for none. */
  readonly usb?: Partial<UsbConfig> | false;
  /** What differs from the era's QXL device; none when not given. */
  readonly qxl?: Partial<QxlConfig>;
  /** What differs from the era's watchdog; none when not given. */
  readonly watchdog?: Partial<WatchdogConfig>;
  readonly agent?: GuestAgentConfig;
  /** `<clock>`. */
  readonly rtc?: Partial<RtcConfig>;
}

/** What libvirt does when a guest crashes (`<on_crash>`). */
export const CRASH_ACTIONS = [
  'destroy',
  'restart',
  'preserve',
  'rename-restart',
  'coredump-destroy',
  'coredump-restart',
] as const;
export type CrashAction = (typeof CRASH_ACTIONS)[number];

/** The state that a domain is brought into when the simulation starts. */
export const INITIAL_STATES = ['running', 'paused', 'shutoff'] as const;
export type InitialState = (typeof INITIAL_STATES)[number];

/**
 * The definition of one domain, whatever it was read from: counts, a YAML list or libvirt's domain XML.
 * Frozen once made; an edit makes another one.
 */
export interface DomainConfig {
  readonly name: string;
  /** Canonical form: lower case, with dashes. */
  readonly uuid: string;
  readonly type: VirtType;
  /** Maximum memory in KiB, 1 to 2^53-1 (`<memory>`). */
  readonly memoryKiB: number;
  /** Memory at start in KiB, 1 to memoryKiB (`<currentMemory>`). */
  readonly currentMemoryKiB: number;
  /** vCPUs at start, 0 to maxVcpus (`<vcpu current=>`). */
  readonly vcpus: number;
  /** Maximum vCPUs (`<vcpu>`). */
  readonly maxVcpus: number;
  readonly nics: readonly NicConfig[];
  readonly disks: readonly DiskConfig[];
  readonly numaCells: readonly NumaCellConfig[];
  readonly onCrash: CrashAction;
  /** Started with its host. */
  readonly autostart: boolean;
  readonly initialState: InitialState;
  readonly load: LoadKind;
  /** `<title>`; empty when not given. */
  readonly title?: string;
  /** `<description>`; empty when not given. */
  readonly description?: string;
  /** Words that rules of faults find it by. */
  readonly labels?: readonly string[];
  /** `<os><type>`: hvm, xen or linux (paravirtual), exe (container); hvm when not given. */
  readonly osType?: 'hvm' | 'xen' | 'linux' | 'exe';
  /** `<cputune>`. */
  readonly cputune?: Partial<CputuneConfig>;
  /** `<numatune>`. */
  readonly numatune?: NumatuneConfig;
  readonly backing?: MemoryBackingConfig;
  readonly memballoon?: MemballoonConfig;
  /** Instead of a balloon; what it has at start is in `currentMemoryKiB`. */
  readonly memoryDevice?: MemoryDeviceConfig;
  readonly guest?: GuestSystemConfig;
  readonly container?: ContainerConfig;
  readonly devices?: DevicesConfig;
}
