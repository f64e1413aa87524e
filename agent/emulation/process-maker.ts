import { dictionary } from '../util/dictionary.ts';
import { openDisk } from './block/disk.ts';
import { DISK_SHAPE, type DiskPlace } from './block/disk-places.ts';
import { compileDisk, type DiskPlan } from './block/disk-plan.ts';
import { PAGE } from './container/container-memory.ts';
import { CONTAINER_SHAPE, CONTAINER_STATE } from './container/container-places.ts';
import type { DiskConfig, DomainConfig, LoadKind, NicConfig } from './domain-config.ts';
import {
  type EmulatorProcess,
  type GuestDisk,
  type GuestNic,
  type GuestRam,
  LINK_SHAPE,
  type RunningContainer,
} from './emulator-process.ts';
import type { GuestLoad } from './guest-load.ts';
import type { HostResources } from './host-resources.ts';
import { Layout, type Part, type PartShape } from './machine/layout.ts';
import { createMachine, type Machine, settle } from './machine/machine.ts';
import { memoryShape } from './memory/guest-memory-layout.ts';
import { launchMemory, type MemoryStart } from './memory/guest-process.ts';
import type { GuestMemory } from './memory/memory-config.ts';
import type { SegmentConfig } from './net/net-config.ts';
import { setLink } from './net/nic.ts';
import { type NicModel, nicModel } from './net/nic-model.ts';
import { NIC_SHAPE, type NicParts, QUEUE_SHAPE } from './net/nic-parts.ts';
import {
  isContainer,
  isDrive,
  modelContainer,
  modelCputune,
  modelDisk,
  modelMemory,
  modelNic,
} from './process-config.ts';
import { launchVcpus } from './vcpu/vcpu.ts';
import { FULL, WORK_PROFILES } from './vcpu/vcpu-config.ts';
import { GUEST_CPU_SHAPE, VCPU_SHAPE, type VcpuPlaces } from './vcpu/vcpu-places.ts';
import { planKvm, planPlain, type VcpuPlan } from './vcpu/vcpu-plan.ts';
import { CREDIT_DEFAULTS, planCredit } from './xen/credit.ts';

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

/** Where the numbers of guests of one shape stand. */
interface Shape {
  readonly layout: Layout;
  readonly link: Part;
  readonly places: VcpuPlaces;
  readonly ram: Part | undefined;
  readonly container: Part | undefined;
  readonly nics: readonly NicParts[];
  readonly disks: readonly DiskPlace[];
}

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

/**
 * Makes the emulator processes of one host, so that guests of one shape share what is the same for all.
 *
 * Keeps one layout, plan and model for each distinct part of the definitions that ever ran: bounded by them.
 */
export class ProcessMaker {
  readonly #host: HostResources;
  readonly #shapes = new Map<string, Shape>();
  readonly #plans = new Map<string, VcpuPlan>();
  readonly #models = new Map<string, NicModel>();
  /** The same by the definition's own object, which made-up guests share. */
  readonly #modelOf = new WeakMap<NicConfig, NicModel>();
  readonly #disks = new Map<string, DiskPlan>();
  readonly #diskOf = new WeakMap<DiskConfig, DiskPlan>();
  readonly #rams = new Map<Part, Map<GuestMemory, GuestRam>>();
  readonly #memories = new Map<string, GuestMemory>();
  #count = 0;

  constructor(host: HostResources) {
    this.#host = host;
  }

  /**
   * A new process: all counters are 0, and its vCPUs stand still.
   *
   * A guest for whose memory the host has no room starts without it: {@link refusal} tells of that before.
   */
  create(config: DomainConfig, load: GuestLoad, nowMs: number, start: ProcessStart): EmulatorProcess {
    const shape = this.#shapeOf(config);
    const { layout, places } = shape;
    const plan = this.planOf(config);
    const machine = createMachine(layout);
    settle(machine, nowMs);
    launchVcpus(machine.numbers, places, plan, nowMs);
    return {
      number: this.#count++,
      machine,
      link: shape.link,
      places,
      plan,
      work: WORK_PROFILES[config.guest?.work ?? WORK[config.load]],
      load,
      vcpus: config.vcpus,
      emulator: config.vcpus > 0 && EMULATED.includes(config.type) ? EMULATOR_RATE : 0,
      nics: config.nics.map((nic, i) => this.#plugIn(machine, shape.nics[i]!, nic)),
      ram: shape.ram && this.#endow(machine, shape.ram, config, start.memory),
      disks: config.disks.map((disk, i) =>
        this.#open(machine, shape.disks[i]!, disk, config, start.allocations[i] ?? 0),
      ),
      container: shape.container && this.#confine(machine, shape.container, config, start.memory),
      place: -1,
    };
  }

  /** Why the host has no room for a guest's memory now; `undefined` when it has. Changes nothing. */
  refusal(config: DomainConfig, start: MemoryStart): string | undefined {
    if (isContainer(config)) return undefined;
    const { layout, ram } = this.#shapeOf(config);
    const { memory } = this.#host;
    const before = memory.snapshot();
    try {
      return launchMemory(createMachine(layout), ram!, this.memoryOf(config), start, memory);
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
    const { type, memoryKiB, backing, memballoon, guest, numatune, numaCells, cputune } = config;
    const more = [backing, memballoon, guest, numatune, cputune];
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

  #confine(machine: Machine, part: Part, config: DomainConfig, start: MemoryStart): RunningContainer {
    const plan = modelContainer(config, this.#host);
    const { high, max } = plan.limits.memory;
    const most = Math.max(0, Math.min(high, max) - plan.nature.kernelBytes);
    const settled = Math.min((start.settledAnonPages ?? 0) * PAGE, Math.floor((most * 0.9) / PAGE) * PAGE);
    machine.numbers[part.state + CONTAINER_STATE.ANON] = settled;
    return { place: { part, counterCount: machine.layout.counterCount }, plan };
  }

  #plugIn(machine: Machine, parts: NicParts, config: NicConfig): GuestNic {
    const segment = this.#host.segmentOf(config);
    const model = known(this.#modelOf, config, () => this.#modelNic(config, segment.config.kind));
    setLink(machine, parts, config.linkDown !== true);
    return { config, parts, model, segment, port: segment.plug() };
  }

  #modelNic(config: NicConfig, kind: SegmentConfig['kind']): NicModel {
    const { mac: _mac, target: _target, source: _source, ...shared } = config;
    return known(this.#models, `${kind} ${JSON.stringify(shared)}`, () => {
      const { config: nic, load } = modelNic(config, this.#host);
      return nicModel(nic, load, kind);
    });
  }

  #open(
    machine: Machine,
    place: DiskPlace,
    disk: DiskConfig,
    { disks }: DomainConfig,
    allocation: number,
  ): GuestDisk {
    const { storage } = this.#host;
    const plan = known(this.#diskOf, disk, () => {
      const index = disks.filter(({ bus }) => bus === disk.bus).indexOf(disk);
      return known(this.#disks, `${index} ${JSON.stringify(disk)}`, () => {
        const pool = this.#host.poolOf(disk.pool);
        const device = storage.devices.config(pool);
        return compileDisk(modelDisk(disk, index), pool, device, isDrive(disk) ? pool : -1);
      });
    });
    openDisk(machine.numbers, place, allocation);
    const requests = isDrive(disk) ? (disk.requestsPerSecond ?? DISK_REQUESTS) : 0;
    return { config: disk, place, plan, requests, faults: undefined };
  }

  #shapeOf(config: DomainConfig): Shape {
    const { maxVcpus, nics, disks } = config;
    const key = `${isContainer(config) ? 'lxc' : maxVcpus} ${nics.map(({ queues }) => queues)} ${disks.length}`;
    return known(this.#shapes, key, () => this.#shape(config));
  }

  #shape(config: DomainConfig): Shape {
    const isLxc = isContainer(config);
    const shapes: PartShape[] = [];
    const take = (shape: PartShape): number => shapes.push(shape) - 1;
    const guest = take(GUEST_CPU_SHAPE);
    const link = take(LINK_SHAPE);
    const vcpus = Array.from({ length: isLxc ? 0 : config.maxVcpus }, () => take(VCPU_SHAPE));
    const memory = take(isLxc ? CONTAINER_SHAPE : memoryShape(this.#host.memory.nodes.count));
    const nics = config.nics.map(({ queues }) => ({
      nic: take(NIC_SHAPE),
      queues: Array.from({ length: queues }, () => take(QUEUE_SHAPE)),
    }));
    const disks = config.disks.map(() => take(DISK_SHAPE));
    const layout = new Layout(shapes);
    const part = (index: number): Part => layout.parts[index]!;
    return {
      layout,
      link: part(link),
      places: { guest: part(guest), vcpus: vcpus.map(part), counterCount: layout.counterCount },
      ram: isLxc ? undefined : part(memory),
      container: isLxc ? part(memory) : undefined,
      nics: nics.map(({ nic, queues }) => ({ nic: part(nic), queues: queues.map(part) })),
      disks: disks.map((disk) => ({ part: part(disk), counterCount: layout.counterCount })),
    };
  }
}

/** What a map or a weak map has for a key, made when it is first asked for. */
function known<K, T>(
  map: { get(key: K): T | undefined; set(key: K, value: T): unknown },
  key: K,
  make: () => T,
): T {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
