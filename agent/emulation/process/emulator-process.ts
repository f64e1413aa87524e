import type { DiskInput } from '../block/disk.ts';
import type { DiskPlace } from '../block/disk-places.ts';
import type { DiskPlan } from '../block/disk-plan.ts';
import type { ContainerPlan } from '../container/container-config.ts';
import type { ContainerPlace } from '../container/container-places.ts';
import type { GuestDevices } from '../devices/guest-devices.ts';
import type { QxlConfig } from '../display/qxl-config.ts';
import type { DiskConfig, NicConfig } from '../domain/domain-config.ts';
import type { GuestLoad } from '../guest/guest-load.ts';
import { fields, type Part, type PartShape } from '../machine/layout.ts';
import type { Machine } from '../machine/machine.ts';
import type { GuestMemory } from '../memory/memory-config.ts';
import type { NicModel } from '../net/nic-model.ts';
import type { NicParts } from '../net/nic-parts.ts';
import type { Segment } from '../net/segment.ts';
import type { WorkConfig } from '../vcpu/vcpu-config.ts';
import type { VcpuPlaces } from '../vcpu/vcpu-places.ts';
import type { VcpuPlan } from '../vcpu/vcpu-plan.ts';

/** A NIC of a running guest, as what it is plugged into. */
export interface GuestNic {
  /** libvirt's alias: `net` and a number of its own. */
  readonly alias: string;
  /** The device of the host that it is plugged in by, until it is unplugged; `undefined` for a NIC without one. */
  readonly device: string | undefined;
  readonly config: NicConfig;
  readonly parts: NicParts;
  readonly model: NicModel;
  readonly segment: Segment;
  /** Its port of the segment. */
  readonly port: number;
}

/** The memory of a running guest; the same object for guests of one shape and definition. */
export interface GuestRam {
  readonly part: Part;
  readonly guest: GuestMemory;
}

/** What goes wrong with a disk: see {@link DiskInput}. */
export type DiskFaults = Pick<DiskInput, 'latencyFactor' | 'readErrorShare' | 'writeErrorShare'>;

/** What is wrong inside of a guest: with its programs. */
export interface GuestTrouble {
  /** How fast a leak grows; 0 for none. */
  readonly leakBytesPerSecond: number;
  /** Share of its vCPUs that its programs want, 0 to 1; their usual work when not given. */
  readonly utilisation: number | undefined;
  /** What they do with them. */
  readonly work: WorkConfig | undefined;
  /** Whether processes are started without end. */
  readonly forks: boolean;
}

/** A disk of a running guest. */
export interface GuestDisk {
  config: DiskConfig;
  readonly place: DiskPlace;
  plan: DiskPlan;
  /** Requests per second that a fully busy guest makes. */
  readonly requests: number;
  /** Absent while nothing is wrong. */
  faults: DiskFaults | undefined;
}

/** A QXL display that a running guest's programs draw on. */
export interface GuestDisplay {
  /** Of the display's drawing. */
  readonly part: Part;
  readonly config: QxlConfig;
}

/** The cgroup of a running container, and where its memory lies. */
export interface RunningContainer {
  readonly place: ContainerPlace;
  plan: ContainerPlan;
  memory: GuestRam;
  /** Whether the host had the memory that it started with; it cannot go on otherwise. */
  readonly housed: boolean;
}

/**
 * What ties the systems of one guest together from one tick to the next.
 *
 * ACTIVITY: share of its vCPUs that its own work wants, 0 to 1. IO_EXITS, INTERRUPTS: of its devices in the latest
 * tick. ANON_WANT: pages (bytes for a container) that its programs want. SLOWDOWN: how much longer work takes for
 * memory on other nodes; 0 before it is known. LEAKED: bytes that a leak has taken; LEAK_KILLS: programs that the
 * OOM killer had ended by then.
 */
export const LINK = fields(
  'ACTIVITY',
  'IO_EXITS',
  'INTERRUPTS',
  'ANON_WANT',
  'SLOWDOWN',
  'LEAKED',
  'LEAK_KILLS',
);

/** The room of {@link LINK} in a machine. */
export const LINK_SHAPE: PartShape = { counters: 0, state: Object.keys(LINK).length };

/** The running side of a domain: from its start to its end, over every pause and reboot. */
export interface EmulatorProcess {
  /** Its number on the host, in the order of starts; never used again. */
  readonly number: number;
  /** The domain's. */
  readonly uuid: string;
  readonly machine: Machine;
  /** Of {@link LINK_SHAPE}. */
  readonly link: Part;
  readonly places: VcpuPlaces;
  plan: VcpuPlan;
  readonly work: WorkConfig;
  readonly load: GuestLoad;
  /** vCPUs that are plugged in: the first of them. */
  vcpus: number;
  /** What the emulator's threads want while the guest runs, in ns per ms. */
  readonly emulator: number;
  readonly nics: readonly GuestNic[];
  /** Absent for a container, whose memory is its cgroup's. */
  ram: GuestRam | undefined;
  readonly disks: readonly GuestDisk[];
  readonly display: GuestDisplay | undefined;
  readonly container: RunningContainer | undefined;
  /** Absent while nothing is. */
  trouble: GuestTrouble | undefined;
  /** Its devices that act on events alone, as they are now: they cost processor time, too. */
  devices: GuestDevices | undefined;
  /** Its place among the host's running guests; -1 while it stands still. Kept by the host. */
  place: number;
  /** What it had counted when alarms were last thought of; `undefined` before the first time. */
  seen: Float64Array | undefined;
  /** Whether something is bad about its guest, or was lately. Kept by the alarms. */
  watched: boolean;
}
