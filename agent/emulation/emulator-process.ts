import type { DiskInput } from './block/disk.ts';
import type { DiskPlace } from './block/disk-places.ts';
import type { DiskPlan } from './block/disk-plan.ts';
import type { ContainerPlan } from './container/container-config.ts';
import type { ContainerPlace } from './container/container-places.ts';
import type { DiskConfig, NicConfig } from './domain-config.ts';
import type { GuestLoad } from './guest-load.ts';
import { fields, type Part, type PartShape } from './machine/layout.ts';
import type { Machine } from './machine/machine.ts';
import type { GuestMemory } from './memory/memory-config.ts';
import type { NicModel } from './net/nic-model.ts';
import type { NicParts } from './net/nic-parts.ts';
import type { Segment } from './net/segment.ts';
import type { WorkConfig } from './vcpu/vcpu-config.ts';
import type { VcpuPlaces } from './vcpu/vcpu-places.ts';
import type { VcpuPlan } from './vcpu/vcpu-plan.ts';

/** A NIC of a running guest, as what it is plugged into. */
export interface GuestNic {
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

/** A disk of a running guest. */
export interface GuestDisk {
  readonly config: DiskConfig;
  readonly place: DiskPlace;
  readonly plan: DiskPlan;
  /** Requests per second that a fully busy guest makes. */
  readonly requests: number;
  /** Absent while nothing is wrong. */
  faults: DiskFaults | undefined;
}

/** The cgroup of a running container. */
export interface RunningContainer {
  readonly place: ContainerPlace;
  plan: ContainerPlan;
}

/**
 * What ties the systems of one guest together from one tick to the next.
 *
 * ACTIVITY: share of its vCPUs that its own work wants, 0 to 1. IO_EXITS, INTERRUPTS: of its devices in the latest tick. ANON_WANT: pages (bytes for a container) that its
 * programs want. SLOWDOWN: how much longer work takes for memory on other nodes; 0 before it is known.
 */
export const LINK = fields('ACTIVITY', 'IO_EXITS', 'INTERRUPTS', 'ANON_WANT', 'SLOWDOWN');

/** The room of {@link LINK} in a machine. */
export const LINK_SHAPE: PartShape = { counters: 0, state: Object.keys(LINK).length };

/** The running side of a domain: from its start to its end, over every pause and reboot. */
export interface EmulatorProcess {
  /** Its number on the host, in the order of starts; never used again. */
  readonly number: number;
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
  readonly container: RunningContainer | undefined;
  /** Its place among the host's running guests; -1 while it stands still. Kept by the host. */
  place: number;
}
