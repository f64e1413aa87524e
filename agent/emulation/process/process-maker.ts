import { dictionary } from '../../util/dictionary.ts';
import { known } from '../../util/known.ts';
import { openDisk } from '../block/disk.ts';
import { DISK_SHAPE, type DiskPlace } from '../block/disk-places.ts';
import { compileDisk, type DiskPlan } from '../block/disk-plan.ts';
import { PAGE } from '../container/container-memory.ts';
import { startContainerMemory } from '../container/container-on-host.ts';
import { CONTAINER_SHAPE, CONTAINER_STATE } from '../container/container-places.ts';
import { planDevices } from '../devices/device-plan.ts';
import { DRAWING_SHAPE } from '../display/drawing.ts';
import type { DiskConfig, DomainConfig, LoadKind, NicConfig } from '../domain/domain-config.ts';
import type { GuestLoad } from '../guest/guest-load.ts';
import type { HostResources } from '../host/host-resources.ts';
import type { Part, PartShape } from '../machine/layout.ts';
import { createMachine, type Machine, settle } from '../machine/machine.ts';
import { memoryShape } from '../memory/guest-memory-layout.ts';
import { launchMemory, type MemoryStart } from '../memory/guest-process.ts';
import type { GuestMemory } from '../memory/memory-config.ts';
import { type DeviceCounts, deviceName } from '../net/device-name.ts';
import type { SegmentConfig } from '../net/net-config.ts';
import { setLink } from '../net/nic.ts';
import { type NicModel, nicModel } from '../net/nic-model.ts';
import { NIC_SHAPE, type NicParts, QUEUE_SHAPE } from '../net/nic-parts.ts';
import { launchVcpus } from '../vcpu/vcpu.ts';
import { FULL, WORK_PROFILES } from '../vcpu/vcpu-config.ts';
import { GUEST_CPU_SHAPE, VCPU_SHAPE } from '../vcpu/vcpu-places.ts';
import { planKvm, planPlain, type VcpuPlan } from '../vcpu/vcpu-plan.ts';
import { CREDIT_DEFAULTS, planCredit } from '../xen/credit.ts';
import {
  type EmulatorProcess,
  type GuestDisk,
  type GuestDisplay,
  type GuestNic,
  type GuestRam,
  LINK_SHAPE,
  type RunningContainer,
} from './emulator-process.ts';
import { isDrive, modelContainer, modelCputune, modelDisk, modelMemory, modelNic } from './process-config.ts';
import { copyPart, type Shape, Shapes } from './process-shape.ts';

/** What the main loop of an emulator wants while its guest runs, in ns per ms: 0.1 % of a pCPU (assumed). */
const EMULATOR_RATE = 1000;
/** Domain types whose guests have an emulator beside their vCPUs. */
const EMULATED = ['kvm', 'qemu'];
/** Requests per second that a fully busy guest makes to a disk whose definition does not say. */
const DISK_REQUESTS = 200;
/** Weight of a cgroup of version 2 for each share of version 1. */
const WEIGHT_PER_SHARE = 100 / 1024;

/** What the programs of each kind of load do with the vCPUs. */
const WORK: Readonly<Record<LoadKind, keyof typeof WORK_PROFILES>> = {
  idle: 'compute',
  steady: 'server',
  daily: 'server',
  bursty: 'build',
};

type Planner = (host: HostResources, config: DomainConfig) => VcpuPlan;

const planThreads: Planner = ({ cpu }, config) =>
  planPlain(cpu, modelCputune(config).shares, config.maxVcpus, FULL, cpu.slices);

const PLANNERS = dictionary<Planner>({
  kvm: ({ cpu }, config) => planKvm(cpu, modelCputune(config), config.maxVcpus),
  xen: ({ cpu }, { vcpus }) => planCredit(cpu, CREDIT_DEFAULTS, vcpus),
  // A container's processes are no vCPUs: one claim for all of them, by its cgroup's weight.
  lxc: (host, config) => {
    const { profile, limits } = modelContainer(config, host);
    const { shares } = limits.cpu;
    const weight = profile === 'modern' ? Math.max(1, Math.round(shares / WEIGHT_PER_SHARE)) : shares;
    return planPlain(host.cpu, weight, 0, FULL, host.cpu.slices);
  },
});

/** How a guest starts: what its images take, and whether it was up long ago. */
export interface ProcessStart {
  /** Bytes that the image of each disk takes. */
  readonly allocations: readonly number[];
  readonly memory: MemoryStart;
}

/** In {@link ProcessParts}: a device that was not there. */
export const KEEP = { none: -1 } as const;

/** For each NIC and disk of a new definition, its place in the process as it was, or {@link KEEP}.none. */
export interface ProcessParts {
  readonly nics: readonly number[];
  readonly disks: readonly number[];
}

/**
 * Makes the emulator processes of one host, so that guests of one shape share what is the same for all.
 *
 * Keeps one layout, plan and model for each distinct part of the definitions that ever ran: bounded by them.
 */
export class ProcessMaker {
  readonly #host: HostResources;
  readonly #shapes: Shapes;
  readonly #plans = new Map<string, VcpuPlan>();
  readonly #models = new Map<string, NicModel>();
  /** The same by the definition's own object, which made-up guests share. */
  readonly #modelOf = new WeakMap<NicConfig, NicModel>();
  readonly #disks = new Map<string, DiskPlan>();
  readonly #diskOf = new WeakMap<DiskConfig, DiskPlan>();
  readonly #rams = new Map<Part, Map<GuestMemory, GuestRam>>();
  readonly #memories = new Map<string, GuestMemory>();
  #count = 0;
  readonly #devices: DeviceCounts = { vnet: 0, macvtap: 0 };

  constructor(host: HostResources) {
    this.#host = host;
    this.#shapes = new Shapes(host.memory.nodes.count);
  }

  /**
   * A new process: all counters are 0, and its vCPUs stand still.
   *
   * A guest for whose memory the host has no room gets none, and has to end at once: {@link refusal} tells of that
   * before.
   */
  create(config: DomainConfig, load: GuestLoad, nowMs: number, start: ProcessStart): EmulatorProcess {
    const shape = this.#shapes.of(config);
    const { layout, places } = shape;
    const plan = this.planOf(config);
    const machine = createMachine(layout);
    settle(machine, nowMs);
    launchVcpus(machine.numbers, places, plan, nowMs);
    return {
      number: this.#count++,
      uuid: config.uuid,
      machine,
      link: shape.link,
      places,
      plan,
      work: WORK_PROFILES[config.guest?.work ?? WORK[config.load]],
      load,
      vcpus: config.vcpus,
      emulator: config.vcpus > 0 && EMULATED.includes(config.type) ? EMULATOR_RATE : 0,
      nics: config.nics.map((nic, i) => this.#plugIn(machine, shape.nics[i]!, nic, `net${i}`)),
      ram: shape.container ? undefined : this.#endow(machine, shape.memory, config, start.memory),
      disks: config.disks.map((disk, i) =>
        this.#open(
          machine,
          shape.disks[i]!,
          disk,
          this.diskPlanOf(disk, config.disks),
          start.allocations[i] ?? 0,
        ),
      ),
      display: shape.drawing && this.#show(shape.drawing, config),
      container: shape.container && this.#confine(machine, shape, config, start.memory),
      trouble: undefined,
      devices: undefined,
      place: -1,
      seen: undefined,
      watched: false,
    };
  }

  /**
   * The same process with the NICs and disks of another definition, on a machine of its own: what is counted and
   * remembered for all that stays goes on, what is new begins at 0. The old machine is settled.
   */
  reshape(
    process: EmulatorProcess,
    config: DomainConfig,
    { nics, disks }: ProcessParts,
    allocations: readonly number[],
    nowMs: number,
  ): EmulatorProcess {
    const shape = this.#shapes.of(config);
    const { layout, places } = shape;
    const machine = createMachine(layout);
    settle(machine, nowMs);
    const from = process.machine;
    const move = (before: Part, part: Part, size: PartShape): void =>
      copyPart(from, before, machine, part, size);
    move(process.link, shape.link, LINK_SHAPE);
    move(process.places.guest, places.guest, GUEST_CPU_SHAPE);
    places.vcpus.forEach((part, i) => {
      move(process.places.vcpus[i]!, part, VCPU_SHAPE);
    });
    const { ram, container, display } = process;
    const memory = ram ?? container?.memory;
    if (memory) move(memory.part, shape.memory, memoryShape(this.#host.memory.nodes.count));
    if (container) move(container.place.part, shape.container!, CONTAINER_SHAPE);
    if (display) move(display.part, shape.drawing!, DRAWING_SHAPE);
    return {
      ...process,
      machine,
      link: shape.link,
      places,
      ram: ram && this.ramOf(shape.memory, ram.guest),
      container: container && {
        ...container,
        place: { part: shape.container!, counterCount: layout.counterCount },
        memory: this.ramOf(shape.memory, container.memory.guest),
      },
      display: display && { ...display, part: shape.drawing! },
      nics: nics.map((old, i) => {
        const parts = shape.nics[i]!;
        const before = process.nics[old];
        if (!before) return this.#plugIn(machine, parts, config.nics[i]!, freeAlias(process));
        move(before.parts.nic, parts.nic, NIC_SHAPE);
        parts.queues.forEach((queue, q) => {
          move(before.parts.queues[q]!, queue, QUEUE_SHAPE);
        });
        return { ...before, parts };
      }),
      disks: disks.map((old, i) => {
        const place = shape.disks[i]!;
        const before = process.disks[old];
        const disk = config.disks[i]!;
        if (!before)
          return this.#open(
            machine,
            place,
            disk,
            this.#diskPlan(disk, freeNumber(process, disk)),
            allocations[i] ?? 0,
          );
        move(before.place.part, place.part, DISK_SHAPE);
        return { ...before, place };
      }),
      place: -1,
    };
  }

  /** Why the host has no room for a guest's memory now; `undefined` when it has. Changes nothing. */
  refusal(config: DomainConfig, start: MemoryStart): string | undefined {
    const shape = this.#shapes.of(config);
    const { memory } = this.#host;
    const before = memory.snapshot();
    const machine = createMachine(shape.layout);
    try {
      if (!shape.container) return launchMemory(machine, shape.memory, this.memoryOf(config), start, memory);
      const { housed, plan } = this.#confine(machine, shape, config, start, true);
      const kib = plan.nature.kernelBytes / 1024;
      return housed ? undefined : `cannot allocate memory: a container needs ${kib} KiB at least to start`;
    } finally {
      memory.restore(before);
    }
  }

  /** How the vCPUs of a definition are scheduled; the same object for the same tuning. */
  planOf(config: DomainConfig): VcpuPlan {
    const { cputune, container } = config;
    const tuning = cputune || container ? JSON.stringify([cputune, container?.limits?.cpu]) : '';
    const key = `${config.type} ${config.vcpus} ${config.maxVcpus} ${tuning}`;
    return known(this.#plans, key, () => (PLANNERS[config.type] ?? planThreads)(this.#host, config));
  }

  /** A definition's memory, compiled; the same object for the same definition. Throws DOMAIN_INVALID. */
  memoryOf(config: DomainConfig): GuestMemory {
    const { type, memoryKiB, backing, memballoon, memoryDevice, guest, numatune, numaCells, cputune } =
      config;
    const more = [backing, memballoon, memoryDevice, guest, numatune, cputune];
    const isPlain = numaCells.length === 0 && more.every((each) => each === undefined);
    const key = `${type} ${memoryKiB} ${isPlain ? '' : JSON.stringify([...more, numaCells])}`;
    return known(this.#memories, key, () => modelMemory(config, this.#host));
  }

  /** The memory of guests of one shape and definition. */
  ramOf(part: Part, guest: GuestMemory): GuestRam {
    const ofShape = known(this.#rams, part, () => new Map<GuestMemory, GuestRam>());
    return known(ofShape, guest, () => ({ part, guest }));
  }

  #endow(machine: Machine, part: Part, config: DomainConfig, start: MemoryStart): GuestRam | undefined {
    const guest = this.memoryOf(config);
    const refusal = launchMemory(machine, part, guest, start, this.#host.memory);
    return refusal === undefined ? this.ramOf(part, guest) : undefined;
  }

  /** `fresh`: takes what it will want at first, too. */
  #confine(
    machine: Machine,
    shape: Shape,
    config: DomainConfig,
    start: MemoryStart,
    fresh = false,
  ): RunningContainer {
    const part = shape.container!;
    const plan = modelContainer(config, this.#host);
    const { high, max } = plan.limits.memory;
    const most = Math.max(0, Math.min(high, max) - plan.nature.kernelBytes);
    const settled = Math.min((start.settledAnonPages ?? 0) * PAGE, Math.floor((most * 0.9) / PAGE) * PAGE);
    machine.numbers[part.state + CONTAINER_STATE.ANON] = settled;
    const place = { part, counterCount: machine.layout.counterCount };
    const memory = this.ramOf(shape.memory, this.memoryOf(config));
    const least = fresh ? plan.nature.kernelBytes / PAGE : 0;
    const housed = startContainerMemory(machine.numbers, { place, plan, memory }, this.#host.memory, least);
    return { place, plan, memory, housed };
  }

  #show(part: Part, config: DomainConfig): GuestDisplay {
    return { part, config: planDevices(config, this.#host.config.profile).qxl! };
  }

  #plugIn(machine: Machine, parts: NicParts, config: NicConfig, alias: string): GuestNic {
    const segment = this.#host.segmentOf(config);
    const model = known(this.#modelOf, config, () => this.#modelNic(config, segment.config.kind));
    setLink(machine, parts, config.linkDown !== true);
    const device = config.target ?? deviceName(config.type, this.#devices);
    return { alias, device, config, parts, model, segment, port: segment.plug() };
  }

  #modelNic(config: NicConfig, kind: SegmentConfig['kind']): NicModel {
    const { mac: _mac, target: _target, source: _source, ...shared } = config;
    return known(this.#models, `${kind} ${JSON.stringify(shared)}`, () => {
      const { config: nic, load } = modelNic(config, this.#host);
      return nicModel(nic, load, kind);
    });
  }

  #open(machine: Machine, place: DiskPlace, disk: DiskConfig, plan: DiskPlan, allocation: number): GuestDisk {
    openDisk(machine.numbers, place, allocation);
    const requests = isDrive(disk) ? (disk.requestsPerSecond ?? DISK_REQUESTS) : 0;
    return { config: disk, place, plan, requests, faults: undefined };
  }

  /** A definition's disk, one of `disks`, compiled; the same object for the same disk. */
  diskPlanOf(disk: DiskConfig, disks: readonly DiskConfig[]): DiskPlan {
    const index = (): number => disks.filter(({ bus }) => bus === disk.bus).indexOf(disk);
    return known(this.#diskOf, disk, () => this.#diskPlan(disk, index()));
  }

  /** The same for another definition of a disk that is plugged in: it keeps its alias. */
  diskPlanLike(disk: DiskConfig, { spec }: DiskPlan): DiskPlan {
    return this.#diskPlan(disk, aliasNumber(spec.alias));
  }

  /** `index`: what tells it from others of its bus. */
  #diskPlan(disk: DiskConfig, index: number): DiskPlan {
    return known(this.#disks, `${index} ${JSON.stringify(disk)}`, () => {
      const pool = this.#host.poolOf(disk.pool);
      const device = this.#host.storage.devices.config(pool);
      return compileDisk(modelDisk(disk, index), pool, device, isDrive(disk) ? pool : -1);
    });
  }
}

/** The first alias that no NIC of a process has. */
function freeAlias({ nics }: EmulatorProcess): string {
  const taken = new Set(nics.map(({ alias }) => alias));
  let number = 0;
  while (taken.has(`net${number}`)) number++;
  return `net${number}`;
}

function aliasNumber(alias: string): number {
  return Number(/\d+$/.exec(alias)?.[0] ?? 0);
}

/** The first number for a disk's alias that no other of its bus has. */
function freeNumber({ disks }: EmulatorProcess, { bus }: DiskConfig): number {
  const same = disks.filter(({ config }) => config.bus === bus);
  const taken = new Set(same.map(({ plan }) => aliasNumber(plan.spec.alias)));
  let number = 0;
  while (taken.has(number)) number++;
  return number;
}
