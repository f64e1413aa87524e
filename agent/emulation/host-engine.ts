import type { DomainConfig } from './domain-config.ts';
import { type EmulatorProcess, ProcessMaker } from './emulator-process.ts';
import { type GuestLoad, type GuestPhase, isSpread, passMemory, workShare } from './guest-load.ts';
import { begin, settle } from './machine/machine.ts';
import { HostCpu } from './vcpu/host-cpu.ts';
import { demandVcpus, releaseVcpus, type VcpuInput } from './vcpu/vcpu.ts';
import {
  HOST_CPU_DEFAULTS,
  type HostCpuConfig,
  type KernelProfile,
  type WorkConfig,
} from './vcpu/vcpu-config.ts';
import { runVcpus } from './vcpu/vcpu-run.ts';

/** One tick of simulated time, or what is left of it. */
export interface TickSpan {
  /** Number of the tick since the simulation started. */
  readonly tick: number;
  /** Length of a whole tick in ms. */
  readonly tickMs: number;
  /** Where what is planned begins, in simulated ms. */
  readonly nowMs: number;
  /** How long it lasts in ms, above 0. */
  readonly spanMs: number;
  /** Where the moment lies in its day. */
  readonly position: number;
  /** Whether the tick begins here; otherwise this is what is left of it. */
  readonly begins: boolean;
}

/** Most vCPUs for each pCPU that a host is made for. */
const VCPUS_PER_PCPU = 4;

/** What a guest does whose system is down and whose vCPUs still run. */
const NO_WORK: WorkConfig = { lockShare: 0, wakeupsPerSecond: 0, imbalance: 0 };

/** What one guest's tick brings its vCPUs; reused, never kept. */
const input: VcpuInput = {
  tick: 0,
  low: 0,
  high: 0,
  utilisation: 0,
  busyVcpus: 0,
  onlineVcpus: 0,
  emulator: 0,
  slowdown: 1,
  ioExits: 0,
  mmioExits: 0,
  interrupts: 0,
};

/** How far the host has come in the tick under way. */
type Pass = 'done' | 'demand' | 'run';

/**
 * What runs on one host, tick by tick.
 *
 * A tick is two passes over the running guests with the sharing between them ({@link start}, {@link advance}),
 * and may be done in pieces: the clock stands until it is over. Whatever changes a guest finishes the tick
 * first, so that a change never meets a half-planned host. What the order of the guests is makes no difference.
 */
export class HostEngine {
  #cpu: HostCpu;
  #maker: ProcessMaker;
  #used = false;
  readonly #running: EmulatorProcess[] = [];
  #pass: Pass = 'done';
  #next = 0;
  #span: TickSpan | undefined;
  #endMs = 0;
  #gathering = false;

  /** The host has the processors of its era: see {@link HOST_CPU_DEFAULTS}. */
  constructor(profile: KernelProfile) {
    this.#cpu = new HostCpu(HOST_CPU_DEFAULTS[profile]);
    this.#maker = new ProcessMaker(this.#cpu);
  }

  /** The host's processors. */
  get cpu(): HostCpu {
    return this.#cpu;
  }

  /** Number of guests whose vCPUs run. */
  get runningCount(): number {
    return this.#running.length;
  }

  /**
   * Gives the host as many more sockets as it takes for so many vCPUs, at most 4 on each pCPU.
   *
   * Before its first guest only: processors are not added to a host that is up.
   */
  fit(vcpus: number, nowMs: number): void {
    if (this.#used) return;
    const { config } = this.#cpu;
    const sockets = Math.ceil(vcpus / (VCPUS_PER_PCPU * config.cores * config.threads));
    if (sockets <= config.sockets) return;
    const larger: HostCpuConfig = { ...config, sockets, nodes: sockets };
    this.#cpu = new HostCpu(larger, nowMs);
    this.#maker = new ProcessMaker(this.#cpu);
  }

  /** A new emulator process on this host. */
  launch(config: DomainConfig, load: GuestLoad, nowMs: number): EmulatorProcess {
    this.#used = true;
    return this.#maker.create(config, load, nowMs);
  }

  /**
   * Lets the vCPUs run, until the end of the tick with what the others leave; nothing changes when they do.
   *
   * `rest` is what is left of the present tick.
   */
  run(process: EmulatorProcess, rest: TickSpan): void {
    if (process.place >= 0) return;
    this.finish();
    this.#join(process);
    settle(process.machine, rest.nowMs);
    if (this.#gathering) return;
    this.#open(rest);
    plan(process, rest);
    demandVcpus(process.machine.numbers, process.places, process.plan, workOf(process), input, undefined);
    runVcpus(
      process.machine.numbers,
      process.places,
      process.plan,
      workOf(process),
      input,
      this.#cpu,
      rest.nowMs,
    );
  }

  /** Makes the vCPUs stand still; nothing changes when they do already. */
  halt(process: EmulatorProcess, nowMs: number): void {
    if (process.place < 0) return;
    this.finish();
    this.#leave(process);
    const { machine, places } = process;
    releaseVcpus(machine.numbers, places, process.plan, this.#cpu, nowMs);
    settle(machine, nowMs);
  }

  /** Lets the guest's system do something else from now on. */
  setPhase(process: EmulatorProcess, phase: GuestPhase, rest: TickSpan): void {
    const ran = process.place >= 0;
    this.halt(process, rest.nowMs);
    process.load.phase = phase;
    if (ran) this.run(process, rest);
  }

  /** Plans all guests that begin to run in `action`, and all others, anew for what is left of the tick. */
  together(action: () => void, rest: TickSpan): void {
    this.finish();
    this.#gathering = true;
    try {
      action();
    } finally {
      this.#gathering = false;
    }
    if (this.#running.length === 0) return;
    this.#begin(rest);
    this.finish();
  }

  /** Begins a tick; nothing is planned before {@link advance}. A host on which nothing runs has none. */
  start(span: TickSpan): void {
    this.finish();
    if (this.#running.length > 0) this.#begin(span);
  }

  /** Takes the tick further by at most so many guests; returns how many it had left to take. */
  advance(limit: number): number {
    let left = limit;
    while (this.#pass !== 'done' && left > 0) {
      const from = this.#next;
      const to = Math.min(this.#running.length, from + left);
      const span = this.#span!;
      if (this.#pass === 'demand') this.#demand(from, to, span);
      else this.#run(from, to, span);
      left -= to - from;
      this.#next = to;
      if (to === this.#running.length) this.#endPass(span);
    }
    return left;
  }

  /** Ends the tick that is under way. Costs at most one whole tick of this host. */
  finish(): void {
    this.advance(Number.POSITIVE_INFINITY);
  }

  /** Returns what puts the processors back as they are now. */
  save(): () => void {
    this.finish();
    const cpu = this.#cpu;
    const maker = this.#maker;
    const used = this.#used;
    const endMs = this.#endMs;
    const record = cpu.snapshot();
    return () => {
      this.#cpu = cpu;
      this.#maker = maker;
      this.#used = used;
      this.#endMs = endMs;
      cpu.restore(record);
    };
  }

  /** Returns what puts a process of this host back as it is now, whether it is running or not. */
  saveProcess(process: EmulatorProcess): () => void {
    this.finish();
    const numbers = process.machine.numbers.slice();
    const ran = process.place >= 0;
    return () => {
      process.machine.numbers.set(numbers);
      if (ran) this.#join(process);
      else this.#leave(process);
    };
  }

  /** Takes a process from the host as if it had never been. The processors are put back by {@link save}. */
  forget(process: EmulatorProcess): void {
    this.#leave(process);
  }

  #begin(span: TickSpan): void {
    this.#cpu.beginTick();
    this.#span = span;
    this.#pass = 'demand';
    this.#next = 0;
  }

  /** The tick of a host on which nothing has run yet in it. */
  #open(rest: TickSpan): void {
    if (this.#endMs > rest.nowMs) return;
    this.#cpu.beginTick();
    this.#cpu.share();
    this.#end(rest);
  }

  #demand(from: number, to: number, span: TickSpan): void {
    for (let i = from; i < to; i++) {
      const process = this.#running[i]!;
      const { machine, places } = process;
      settle(machine, span.nowMs);
      if (span.begins) passMemory(process.load, span.tick, span.tickMs);
      plan(process, span);
      demandVcpus(machine.numbers, places, process.plan, workOf(process), input, this.#cpu);
    }
  }

  #run(from: number, to: number, span: TickSpan): void {
    for (let i = from; i < to; i++) {
      const process = this.#running[i]!;
      identify(process, span);
      runVcpus(process.machine.numbers, process.places, process.plan, workOf(process), input, this.#cpu);
    }
  }

  #endPass(span: TickSpan): void {
    this.#next = 0;
    if (this.#pass === 'demand') {
      this.#cpu.share();
      this.#pass = 'run';
      return;
    }
    this.#end(span);
    this.#pass = 'done';
    this.#span = undefined;
  }

  #end({ nowMs, spanMs }: TickSpan): void {
    this.#cpu.endTick(nowMs, spanMs);
    this.#endMs = nowMs + spanMs;
  }

  #join(process: EmulatorProcess): void {
    if (process.place < 0) process.place = this.#running.push(process) - 1;
  }

  #leave(process: EmulatorProcess): void {
    const { place } = process;
    if (place < 0) return;
    process.place = -1;
    const last = this.#running.pop()!;
    if (last === process) return;
    this.#running[place] = last;
    last.place = place;
  }
}

/** Begins a process's part of a tick. */
function plan(process: EmulatorProcess, span: TickSpan): void {
  const { load, vcpus, emulator } = process;
  begin(process.machine, span.nowMs, span.spanMs);
  identify(process, span);
  const busy = isSpread(load) ? vcpus : Math.min(1, vcpus);
  input.busyVcpus = busy;
  // Of all vCPUs, as is asked for, and not of those that work.
  input.utilisation = vcpus === 0 ? 0 : (workShare(load, span.tick, span.position) * busy) / vcpus;
  input.emulator = load.phase === 'off' ? 0 : emulator;
}

/** Makes {@link input} that of a guest, as far as the second pass needs it. */
function identify({ load, vcpus }: EmulatorProcess, { tick }: TickSpan): void {
  input.tick = tick;
  input.low = load.low;
  input.high = load.high;
  input.onlineVcpus = vcpus;
}

function workOf({ load, work }: EmulatorProcess): WorkConfig {
  return load.phase === 'off' ? NO_WORK : work;
}
