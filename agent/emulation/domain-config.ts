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
}

/** One `<cell>` of `<cpu><numa>`. */
export interface NumaCellConfig {
  readonly id: number;
  /** vCPU numbers of the cell. */
  readonly cpus: readonly number[];
  readonly memoryKiB: number;
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
}
