import {
  type CgroupProfile,
  type ContainerLimits,
  type ContainerNature,
  type ContainerPlan,
  type CpuLimits,
  LIMIT_DEFAULTS,
  type MemoryLimits,
  NATURE_DEFAULTS,
  planContainer,
} from '../../../../agent/emulation/container/container-config.ts';
import { demandContainerCpu, runContainerCpu } from '../../../../agent/emulation/container/container-cpu.ts';
import {
  type ContainerMemoryInput,
  type ContainerOom,
  runContainerMemory,
  runContainerPids,
} from '../../../../agent/emulation/container/container-memory.ts';
import {
  CONTAINER_SHAPE,
  type ContainerPlace,
} from '../../../../agent/emulation/container/container-places.ts';
import {
  type ContainerCounter,
  type ContainerGauge,
  readContainer,
  readContainerGauge,
  readMemoryCurrent,
} from '../../../../agent/emulation/container/container-read.ts';
import { Layout } from '../../../../agent/emulation/machine/layout.ts';
import { begin, createMachine, type Machine, settle } from '../../../../agent/emulation/machine/machine.ts';

export const MEBIBYTE = 2 ** 20;

export function limits(
  profile: CgroupProfile = 'modern',
  changes: { cpu?: Partial<CpuLimits>; memory?: Partial<MemoryLimits>; pidsMax?: number } = {},
): ContainerLimits {
  const { cpu, memory, pidsMax } = LIMIT_DEFAULTS[profile];
  return {
    cpu: { ...cpu, ...changes.cpu },
    memory: { ...memory, ...changes.memory },
    pidsMax: changes.pidsMax ?? pidsMax,
  };
}

/** Plays the tick pipeline of a host on which one container runs. */
export class ContainerDriver {
  readonly machine: Machine;
  readonly place: ContainerPlace;
  plan: ContainerPlan;
  readonly memory: ContainerMemoryInput = {
    ...{ guest: 7, anonWanted: 0, cacheWanted: 0, hostReclaim: 0 },
    cacheRoom: Number.POSITIVE_INFINITY,
    swapRoom: Number.POSITIVE_INFINITY,
  };
  /** ns per ms that the host has for it. */
  granted = Number.POSITIVE_INFINITY;
  utilisation = 0;
  userShare = 0.7;
  pids = 10;
  readonly oom: ContainerOom[] = [];
  nowMs = 0;

  constructor(
    plan: {
      profile?: CgroupProfile;
      limits?: ContainerLimits;
      nature?: Partial<ContainerNature>;
      cpus?: number;
    } = {},
  ) {
    const profile = plan.profile ?? 'modern';
    const nature = { ...NATURE_DEFAULTS, ...plan.nature };
    this.plan = planContainer(profile, plan.limits ?? limits(profile), nature, plan.cpus ?? 2);
    const layout = new Layout([CONTAINER_SHAPE]);
    this.machine = createMachine(layout);
    this.place = { part: layout.parts[0]!, counterCount: layout.counterCount };
  }

  relimit(changed: ContainerLimits): void {
    this.plan = planContainer(this.plan.profile, changed, this.plan.nature, this.plan.cpus);
  }

  tick(spanMs = 1000): void {
    const { place, plan } = this;
    const { numbers } = this.machine;
    settle(this.machine, this.nowMs);
    begin(this.machine, this.nowMs, spanMs);
    const demand = demandContainerCpu(numbers, place, plan, this.utilisation);
    runContainerCpu(numbers, place, plan, Math.min(demand, this.granted), this.userShare);
    runContainerMemory(numbers, place, plan, this.memory, this.oom);
    runContainerPids(numbers, place, plan, this.pids);
    this.nowMs += spanMs;
  }

  ticks(count: number, spanMs = 1000): void {
    for (let i = 0; i < count; i++) this.tick(spanMs);
  }

  read(field: ContainerCounter, nowMs = this.nowMs): number {
    return readContainer(this.machine, this.place, field, nowMs);
  }

  gauge(field: ContainerGauge): number {
    return readContainerGauge(this.machine, this.place, field);
  }

  get current(): number {
    return readMemoryCurrent(this.machine, this.place, this.plan);
  }
}
