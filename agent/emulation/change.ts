import type { BlockJobType } from './block/block-job.ts';
import type { BootStage } from './console/console-config.ts';
import type { PageOutcome } from './devices/memory-failure.ts';
import type { SoundLevel, SpiceClient } from './display/spice.ts';
import type { Domain } from './domain.ts';
import type { ContainerConfig, DomainConfig } from './domain-config.ts';
import type { Host } from './host.ts';
import type { NumatuneChange } from './numa/numatune-change.ts';
import type { ActionName, ActionOptions } from './story.ts';
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
  /** migrate: the domain is undefined on the source once it has moved. */
  readonly undefineSource?: boolean;
}

/** Changes what a domain gets of its host, at once while it is active. What is absent stays. */
export interface TuneChange {
  readonly op: 'tune';
  readonly domain: Domain;
  /** Memory that it shall have, in KiB (setmem). */
  readonly balloonKiB?: number;
  /** vCPUs that are plugged in (setvcpus). */
  readonly vcpus?: number;
  /** schedinfo. */
  readonly cpu?: Partial<Pick<CputuneConfig, 'shares' | 'periodUs' | 'quotaUs'>>;
  readonly autostart?: boolean;
  /** Limits of a container. */
  readonly container?: NonNullable<ContainerConfig['limits']>;
  readonly numatune?: NumatuneChange;
  /** domif-setlink, by the NIC's place in the definition. */
  readonly link?: { readonly nic: number; readonly up: boolean };
  /** One event when the image of a disk grows past so many bytes; 0 for none. */
  readonly threshold?: { readonly disk: string; readonly bytes: number };
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
  readonly action: /** Another image of the hypervisor, beside those that are there. */
    | { readonly install: { readonly name: string; readonly version: string } }
    /** The number of the image that the next boot takes. */
    | { readonly select: number }
    | 'reboot';
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
  | DebugChange
  | DeviceChange
  | BlockJobChange
  | HostChange;
