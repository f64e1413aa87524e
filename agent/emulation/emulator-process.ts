import { dictionary } from '../util/dictionary.ts';
import type { DiskInput } from './block/disk.ts';
import type { DiskPlace } from './block/disk-places.ts';
import type { DiskPlan } from './block/disk-plan.ts';
import type { ContainerPlan } from './container/container-config.ts';
import type { ContainerPlace } from './container/container-places.ts';
import type { DiskConfig, DomainConfig, LoadKind, NicConfig } from './domain-config.ts';
import type { GuestLoad } from './guest-load.ts';
import { Layout, type Part } from './machine/layout.ts';
import { createMachine, type Machine, settle } from './machine/machine.ts';
import type { GuestMemory } from './memory/memory-config.ts';
import type { NicModel } from './net/nic-model.ts';
import type { NicParts } from './net/nic-parts.ts';
import type { Segment } from './net/segment.ts';
import type { HostCpu } from './vcpu/host-cpu.ts';
import { launchVcpus } from './vcpu/vcpu.ts';
import { CPUTUNE_DEFAULTS, FULL, WORK_PROFILES, type WorkConfig } from './vcpu/vcpu-config.ts';
import { GUEST_CPU_SHAPE, VCPU_SHAPE, type VcpuPlaces } from './vcpu/vcpu-places.ts';
import { planKvm, planPlain, type VcpuPlan } from './vcpu/vcpu-plan.ts';
import { CREDIT_DEFAULTS, planCredit } from './xen/credit.ts';

/** What the main loop of an emulator wants while its guest runs, in ns per ms: 0.1 % of a pCPU (assumed). */
const EMULATOR_RATE = 1000;

/** Domain types whose guests have an emulator beside their vCPUs. */
const EMULATED = ['kvm', 'qemu'];

/** What the programs of each kind of load do with the vCPUs. */
const WORK: Readonly<Record<LoadKind, WorkConfig>> = {
  idle: WORK_PROFILES.compute,
  steady: WORK_PROFILES.server,
  daily: WORK_PROFILES.server,
  bursty: WORK_PROFILES.build,
};

/** A NIC of a running guest, as what it is plugged into. */
export interface GuestNic {
  readonly config: NicConfig;
  readonly parts: NicParts;
  readonly model: NicModel;
  readonly segment: Segment;
  /** Its port of the segment. */
  readonly port: number;
}

/** The memory of a running guest. */
export interface GuestRam {
  readonly part: Part;
  guest: GuestMemory;
}

/** A disk of a running guest; `input.offered` and its faults change with time. */
export interface GuestDisk {
  readonly config: DiskConfig;
  readonly place: DiskPlace;
  plan: DiskPlan;
  readonly input: DiskInput;
}

/** The cgroup of a running container. */
export interface RunningContainer {
  readonly place: ContainerPlace;
  plan: ContainerPlan;
}

/** The running side of a domain: from its start to its end, over every pause and reboot. */
export interface EmulatorProcess {
  readonly machine: Machine;
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
  readonly ram: GuestRam | undefined;
  readonly disks: readonly GuestDisk[];
  readonly container: RunningContainer | undefined;
  /** Its place among the host's running guests; -1 while it stands still. Kept by the host. */
  place: number;
}

/** Where the numbers of guests of one shape stand. */
interface Shape {
  readonly layout: Layout;
  readonly places: VcpuPlaces;
}

type Planner = (cpu: HostCpu, config: DomainConfig) => VcpuPlan;

const planThreads: Planner = (cpu, { maxVcpus }) =>
  planPlain(cpu, CPUTUNE_DEFAULTS.shares, maxVcpus, FULL, cpu.slices);

const PLANNERS = dictionary<Planner>({
  kvm: (cpu, { maxVcpus }) => planKvm(cpu, CPUTUNE_DEFAULTS, maxVcpus),
  xen: (cpu, { vcpus }) => planCredit(cpu, CREDIT_DEFAULTS, vcpus),
});

/**
 * Makes the emulator processes of one host, so that guests of one shape share what is the same for all.
 *
 * Keeps one layout for each maximum of vCPUs, and one plan for each type and number of vCPUs.
 */
export class ProcessMaker {
  readonly #cpu: HostCpu;
  readonly #shapes = new Map<number, Shape>();
  readonly #plans = new Map<string, VcpuPlan>();

  constructor(cpu: HostCpu) {
    this.#cpu = cpu;
  }

  /** A new process: all counters are 0, and its vCPUs stand still. */
  create(config: DomainConfig, load: GuestLoad, nowMs: number): EmulatorProcess {
    const { layout, places } = this.#shapeOf(config.maxVcpus);
    const plan = this.#planOf(config);
    const machine = createMachine(layout);
    settle(machine, nowMs);
    launchVcpus(machine.numbers, places, plan, nowMs);
    return {
      machine,
      places,
      plan,
      work: WORK[config.load],
      load,
      vcpus: config.vcpus,
      emulator: config.vcpus > 0 && EMULATED.includes(config.type) ? EMULATOR_RATE : 0,
      nics: [],
      ram: undefined,
      disks: [],
      container: undefined,
      place: -1,
    };
  }

  #shapeOf(maxVcpus: number): Shape {
    let shape = this.#shapes.get(maxVcpus);
    if (shape === undefined) {
      const layout = new Layout([GUEST_CPU_SHAPE, ...Array.from({ length: maxVcpus }, () => VCPU_SHAPE)]);
      const [guest, ...vcpus] = layout.parts;
      shape = { layout, places: { guest: guest!, vcpus, counterCount: layout.counterCount } };
      this.#shapes.set(maxVcpus, shape);
    }
    return shape;
  }

  #planOf(config: DomainConfig): VcpuPlan {
    const key = `${config.type} ${config.vcpus} ${config.maxVcpus}`;
    let plan = this.#plans.get(key);
    if (plan === undefined) {
      plan = (PLANNERS[config.type] ?? planThreads)(this.#cpu, config);
      this.#plans.set(key, plan);
    }
    return plan;
  }
}
