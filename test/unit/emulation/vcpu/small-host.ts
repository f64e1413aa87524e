import { Layout } from '../../../../agent/emulation/machine/layout.ts';
import { begin, createMachine, type Machine, settle } from '../../../../agent/emulation/machine/machine.ts';
import { HostCpu } from '../../../../agent/emulation/vcpu/host-cpu.ts';
import {
  demandVcpus,
  launchVcpus,
  releaseVcpus,
  type VcpuInput,
} from '../../../../agent/emulation/vcpu/vcpu.ts';
import {
  CPUTUNE_DEFAULTS,
  type CputuneConfig,
  HOST_CPU_DEFAULTS,
  type HostCpuConfig,
  type KernelProfile,
  type PauseLoopConfig,
  type WorkConfig,
} from '../../../../agent/emulation/vcpu/vcpu-config.ts';
import {
  GUEST_CPU_SHAPE,
  VCPU_SHAPE,
  type VcpuPlaces,
} from '../../../../agent/emulation/vcpu/vcpu-places.ts';
import { planKvm, type VcpuPlan } from '../../../../agent/emulation/vcpu/vcpu-plan.ts';
import { readSteal, readVcpu, type VcpuField } from '../../../../agent/emulation/vcpu/vcpu-read.ts';
import { runVcpus } from '../../../../agent/emulation/vcpu/vcpu-run.ts';
import { highWord, lowWord, streamKey } from '../../../../agent/util/random.ts';

/** ns of a ms. */
export const NS_PER_MS = 1_000_000;

/** What a test says of a guest; the rest is plain: no locks, no wakeups, equal vCPUs. */
export interface GuestOptions {
  readonly vcpus?: number;
  readonly utilisation?: number;
  readonly tuning?: Partial<CputuneConfig>;
  readonly work?: Partial<WorkConfig>;
  readonly input?: Partial<VcpuInput>;
  readonly plan?: (host: HostCpu, vcpus: number) => VcpuPlan;
}

/** One running guest of a {@link SmallHost}. */
export class SmallGuest {
  readonly machine: Machine;
  readonly places: VcpuPlaces;
  readonly plan: VcpuPlan;
  readonly work: WorkConfig;
  readonly input: VcpuInput;
  running = true;
  readonly createdMs: number;

  constructor(host: HostCpu, name: string, nowMs: number, options: GuestOptions) {
    const vcpus = options.vcpus ?? 1;
    const layout = new Layout([GUEST_CPU_SHAPE, ...Array.from({ length: vcpus }, () => VCPU_SHAPE)]);
    const [guest, ...parts] = layout.parts;
    this.places = { guest: guest!, vcpus: parts, counterCount: layout.counterCount };
    this.machine = createMachine(layout);
    this.createdMs = nowMs;
    settle(this.machine, nowMs);
    this.plan =
      options.plan?.(host, vcpus) ?? planKvm(host, { ...CPUTUNE_DEFAULTS, ...options.tuning }, vcpus);
    launchVcpus(this.machine.numbers, this.places, this.plan, nowMs);
    this.work = { lockShare: 0, wakeupsPerSecond: 0, imbalance: 0, ...options.work };
    const key = streamKey(1, 'vcpu', name);
    this.input = {
      tick: 0,
      low: lowWord(key),
      high: highWord(key),
      utilisation: options.utilisation ?? 1,
      busyVcpus: vcpus,
      onlineVcpus: vcpus,
      emulator: 0,
      slowdown: 1,
      ioExits: 0,
      mmioExits: 0,
      interrupts: 0,
      ...options.input,
    };
  }

  /** A field summed over the vCPUs. */
  sum(field: VcpuField, nowMs: number): number {
    return this.places.vcpus.reduce(
      (sum, _, vcpu) => sum + readVcpu(this.machine, this.places, vcpu, field, nowMs),
      0,
    );
  }

  /** Steal summed over the vCPUs. */
  steal(nowMs: number): number {
    return this.places.vcpus.reduce(
      (sum, _, vcpu) => sum + readSteal(this.machine, this.places, vcpu, nowMs),
      0,
    );
  }
}

/** Plays the tick of the emulation for one host and this system alone. */
export class SmallHost {
  readonly cpu: HostCpu;
  readonly guests: SmallGuest[] = [];
  nowMs = 0;
  #tick = 0;
  #endMs = 0;

  constructor(config: HostCpuConfig) {
    this.cpu = new HostCpu(config);
  }

  add(options: GuestOptions = {}): SmallGuest {
    const guest = new SmallGuest(this.cpu, `guest-${this.guests.length}`, this.nowMs, options);
    this.guests.push(guest);
    return guest;
  }

  /** Plans the tick that begins now. */
  begin(spanMs: number, order: readonly SmallGuest[] = this.guests): void {
    const running = order.filter((guest) => guest.running);
    this.cpu.beginTick();
    for (const { machine, places, plan, work, input } of running) {
      settle(machine, this.nowMs);
      begin(machine, this.nowMs, spanMs);
      input.tick = this.#tick;
      demandVcpus(machine.numbers, places, plan, work, input, this.cpu);
    }
    this.cpu.share();
    for (const { machine, places, plan, work, input } of running) {
      runVcpus(machine.numbers, places, plan, work, input, this.cpu);
    }
    this.cpu.endTick(this.nowMs, spanMs);
    this.#tick++;
    this.#endMs = this.nowMs + spanMs;
  }

  /** Plays whole ticks. */
  play(ticks: number, spanMs = 1000): this {
    for (let i = 0; i < ticks; i++) {
      this.begin(spanMs);
      this.nowMs += spanMs;
    }
    return this;
  }

  /** Stops a guest's vCPUs in the middle of a tick, or at its end. */
  pause({ machine, places, plan }: SmallGuest): void {
    releaseVcpus(machine.numbers, places, plan, this.cpu, this.nowMs);
    settle(machine, this.nowMs);
    this.guestOf(machine).running = false;
  }

  /** Lets a guest's vCPUs run, with what the host has left in this tick. */
  resume({ machine, places, plan, work, input }: SmallGuest): void {
    this.guestOf(machine).running = true;
    settle(machine, this.nowMs);
    const spanMs = this.#endMs - this.nowMs;
    if (spanMs <= 0) return;
    begin(machine, this.nowMs, spanMs);
    demandVcpus(machine.numbers, places, plan, work, input, undefined);
    runVcpus(machine.numbers, places, plan, work, input, this.cpu, this.nowMs);
  }

  guestOf(machine: Machine): SmallGuest {
    return this.guests.find((guest) => guest.machine === machine)!;
  }
}

/** A host with so many pCPUs, one NUMA node for each `node` of them. */
export function hostConfig(
  pcpus: number,
  profile: KernelProfile = 'modern',
  pauseLoop: Partial<PauseLoopConfig> = {},
): HostCpuConfig {
  const defaults = HOST_CPU_DEFAULTS[profile];
  return {
    ...defaults,
    sockets: 1,
    cores: pcpus,
    threads: 1,
    nodes: 1,
    pauseLoop: { ...defaults.pauseLoop, ...pauseLoop },
  };
}
