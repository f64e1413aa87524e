import type { IotuneConfig } from './block/block-config.ts';
import type { BlockJobType } from './block/block-job.ts';
import type { BootStage } from './console/console-config.ts';
import type { PageOutcome } from './devices/memory-failure.ts';
import type { SoundLevel, SpiceClient } from './display/spice.ts';
import type { Domain } from './domain/domain.ts';
import type {
  ContainerConfig,
  DiskConfig,
  DomainConfig,
  LoadKind,
  NicConfig,
} from './domain/domain-config.ts';
import type { FaultKind, FaultParameters } from './fault/fault-kind.ts';
import type { Host } from './host/host.ts';
import type { ActionName, ActionOptions } from './lifecycle/story.ts';
import type { NumatuneChange } from './numa/numatune-change.ts';
import type { PackageSpec } from './platform/software.ts';
import type { CputuneConfig } from './vcpu/vcpu-config.ts';

/** Puts many domains on a host in their initial states, without events: they were there before. */
export interface PopulateChange {
  readonly op: 'populate';
  readonly host: Host;
  readonly configs: readonly DomainConfig[];
}

/** Defines a persistent domain; one that has the same UUID and name is updated. */
export interface DefineChange {
  readonly op: 'define';
  readonly host: Host;
  readonly config: DomainConfig;
}

/** Undefines a domain; one that is active becomes transient and goes when it stops. */
export interface UndefineChange {
  readonly op: 'undefine';
  readonly domain: Domain;
}

/** Gives an inactive domain another name. */
export interface RenameChange {
  readonly op: 'rename';
  readonly domain: Domain;
  readonly name: string;
}

/** Replaces a domain's definition, at once or, when it is active, from its next start on. */
export interface UpdateChange {
  readonly op: 'update';
  readonly domain: Domain;
  readonly config: DomainConfig;
  /** No event tells of it, as of what virsh's --config changes; the domain must be persistent. */
  readonly silent?: boolean;
}

/** Does something to a domain, or lets something happen to it. */
export interface ActChange extends ActionOptions {
  readonly op: 'act';
  readonly domain: Domain;
  readonly action: ActionName;
  /** migrate: where to. */
  readonly target?: Host;
  /** migrate: the domain becomes persistent on the target. */
  readonly persist?: boolean;
  /** migrate: bytes per second at most; that of the host's era when not given (migrate-setspeed). */
  readonly bandwidth?: number;
  /** migrate: ms that the guest may stand still (migrate-setmaxdowntime). */
  readonly downtimeMs?: number;
  /** migrate: the domain is undefined on the source once it has moved. */
  readonly undefineSource?: boolean;
}

/** Changes what a domain gets of its host, at once while it is active. What is absent stays. */
export interface TuneChange {
  readonly op: 'tune';
  readonly domain: Domain;
  /** Memory that it shall have, in KiB (setmem). */
  readonly balloonKiB?: number;
  /** What the memory device shall have, in KiB: whole blocks (update-memory-device --requested-size). */
  readonly memoryDeviceKiB?: number;
  /** vCPUs that are plugged in (setvcpus). */
  readonly vcpus?: number;
  /** schedinfo. */
  readonly cpu?: Partial<Pick<CputuneConfig, 'shares' | 'periodUs' | 'quotaUs'>>;
  readonly autostart?: boolean;
  /** What the programs in it do from now on. libvirt knows nothing of it. */
  readonly load?: LoadKind;
  /** Limits of a container. */
  readonly container?: NonNullable<ContainerConfig['limits']>;
  readonly numatune?: NumatuneChange;
  /** vcpupin: the pCPUs that a vCPU may run on. */
  readonly vcpupin?: { readonly vcpu: number; readonly cpus: readonly number[] };
  /** blkdeviotune, by the disk's target: what is named is set, the other limits stay. */
  readonly iotune?: { readonly disk: string; readonly limits: IotuneConfig };
  /** domif-setlink, by the NIC's place in the definition. */
  readonly link?: { readonly nic: number; readonly up: boolean };
  /** One event when the image of a disk grows past so many bytes; 0 for none. */
  readonly threshold?: { readonly disk: string; readonly bytes: number };
}

/** Edits what people read about a domain (virDomainSetMetadata). What is absent stays. */
export interface MetadataChange {
  readonly op: 'metadata';
  readonly domain: Domain;
  /** The running domain alone, or the definition that its next start takes; both when not given. */
  readonly affects?: 'live' | 'config';
  readonly title?: string;
  readonly description?: string;
}

/** What somebody does to a guest's kernel from outside: an NMI, or Alt+SysRq and a letter or digit. */
export interface DebugChange {
  readonly op: 'debug';
  readonly domain: Domain;
  readonly action: 'nmi' | { readonly sysrq: string };
}

/** Something that happens in or to one device of a running guest. */
export type DeviceAction =
  /** Input for the USB device on a port, in events per second from now on; 0 for none. */
  | { readonly kind: 'usb-input'; readonly port: number; readonly perSecond: number }
  | { readonly kind: 'spice-connect'; readonly client: SpiceClient }
  | { readonly kind: 'spice-disconnect'; readonly client: string }
  | {
      readonly kind: 'sound';
      readonly direction: 'playback' | 'record';
      readonly level: Partial<SoundLevel>;
    }
  /** The guest itself goes to sleep (S3), once its display's driver has saved what it shows. */
  | { readonly kind: 'sleep' }
  /** The guest's kernel spins with interrupts off; during a boot, in the stage that it is in. */
  | { readonly kind: 'hang' }
  /** The boot that goes on stops for ever once a share (0 to 1) of a stage is done. */
  | { readonly kind: 'boot-hang'; readonly stage: BootStage; readonly share: number }
  /** The program that feeds the watchdog is killed. */
  | { readonly kind: 'starve' }
  | { readonly kind: 'agent-death' }
  /** The guest's kernel runs into a bug of its own and panics. */
  | { readonly kind: 'panic' }
  /** The display's driver gives the device a wrong argument. */
  | { readonly kind: 'qxl-bug' }
  /** The guest opens or closes the tray of a CD-ROM drive, by its target. */
  | { readonly kind: 'tray'; readonly disk: string; readonly open: boolean }
  /** hwclock -w; `offsetSeconds`: the guest's clock is first set to this many seconds ahead of UTC. */
  | { readonly kind: 'rtc-write'; readonly offsetSeconds?: number }
  /** The host finds a broken page. */
  | {
      readonly kind: 'memory-failure';
      readonly recipient: 'HYPERVISOR' | 'GUEST';
      readonly actionRequired: boolean;
      readonly recursive?: boolean;
      /** Number of the guest's page. */
      readonly frame: number;
      /** What the guest's kernel makes of it. */
      readonly outcome: PageOutcome;
    };

/** Plugs a device into a domain: into the running one while it is active, else into its definition. */
export interface AttachChange {
  readonly op: 'attach';
  readonly domain: Domain;
  readonly device: { readonly nic: NicConfig } | { readonly disk: DiskConfig };
}

/** Pulls a device out, by its place among the NICs or the disk's target; the guest of an active domain is asked. */
export interface DetachChange {
  readonly op: 'detach';
  readonly domain: Domain;
  readonly device: { readonly nic: number } | { readonly disk: string };
}

/** Lets something happen in or to a device of an active domain. */
export interface DeviceChange {
  readonly op: 'device';
  readonly domain: Domain;
  readonly action: DeviceAction;
}

/** Does something with the block job of a disk (blockjob, blockcopy, blockpull, blockcommit). */
export interface BlockJobChange {
  readonly op: 'block-job';
  readonly domain: Domain;
  /** The disk's target. */
  readonly disk: string;
  readonly action:
    | {
        readonly start: BlockJobType;
        /** Bytes per second; 0, or not given, for as fast as the device can. */
        readonly bandwidth?: number;
      }
    | { readonly bandwidth: number }
    | 'cancel'
    | 'pivot';
}

/** Does something to a host itself. */
export interface HostChange {
  readonly op: 'host';
  readonly host: Host;
  readonly action: /** Versions of packages, in one transaction. */
    | { readonly install: readonly PackageSpec[] }
    /** The number of a package. */
    | { readonly erase: number }
    /** The number of the kernel, or of the image of the hypervisor, that the next boot takes. */
    | { readonly select: number }
    /** The cable of a physical NIC, by its name or that of a segment whose uplink it is: of a bond the first slave. */
    | { readonly uplink: string; readonly up: boolean }
    /** A bridge, bond or physical NIC by its name, which the host has on or off (`ip link set`). */
    | { readonly interface: string; readonly up: boolean }
    | 'reboot';
}

/** Lets something go wrong, or be right again. */
export interface FaultChange {
  readonly op: 'fault';
  readonly action:
    | {
        readonly raise: FaultKind;
        readonly target: Domain | Host;
        readonly parameters?: FaultParameters;
        /** Until it is cleared, or ends by itself, when not given. */
        readonly durationMs?: number;
      }
    /** The number of the fault. */
    | { readonly clear: number };
}

/** One change of the simulated fleet. */
export type Change =
  | PopulateChange
  | DefineChange
  | UndefineChange
  | RenameChange
  | UpdateChange
  | ActChange
  | TuneChange
  | MetadataChange
  | DebugChange
  | DeviceChange
  | AttachChange
  | DetachChange
  | BlockJobChange
  | HostChange
  | FaultChange;
