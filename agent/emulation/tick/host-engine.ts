import { isLookTurn } from '../alarm/look-turn.ts';
import { resumeDisk } from '../block/disk.ts';
import { endContainerMemory } from '../container/container-on-host.ts';
import type { DomainConfig } from '../domain/domain-config.ts';
import type { GuestLoad, GuestPhase } from '../guest/guest-load.ts';
import type { HostConfig } from '../host/host-config.ts';
import { grownFor } from '../host/host-growth.ts';
import { HostResources } from '../host/host-resources.ts';
import { endMemory, type MemoryStart, relaunchMemory, resetMemory } from '../memory/guest-process.ts';
import type { EmulatorProcess } from '../process/emulator-process.ts';
import { ProcessMaker, type ProcessParts, type ProcessStart } from '../process/process-maker.ts';
import { FULL } from '../vcpu/vcpu-config.ts';
import { demandGuest, releaseGuest, runGuest, runLate, settleGuest } from './guest-tick.ts';
import { noConsequences, type TickConsequences } from './tick-consequence.ts';

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
  readonly #seed: number;
  readonly #name: string;
  #host: HostResources;
  #maker: ProcessMaker;
  #used = false;
  readonly #running: EmulatorProcess[] = [];
  #consequences = noConsequences();
  #pass: Pass = 'done';
  #next = 0;
  #span: TickSpan | undefined;
  #endMs = 0;
  #gathering = false;
  /** Looks at a guest that is settled, each in its turn. */
  measure: ((process: EmulatorProcess, nowMs: number) => void) | undefined;

  constructor(name: string, config: HostConfig, seed: number, nowMs: number) {
    this.#name = name;
    this.#seed = seed;
    this.#host = new HostResources(config, seed, name, nowMs);
    this.#maker = new ProcessMaker(this.#host);
  }

  /** What the host's guests share. */
  get host(): HostResources {
    return this.#host;
  }

  /** Share of the processors that is busy in the present tick, 0 to 1. */
  get utilisation(): number {
    if (this.#running.length === 0) return 0;
    const { cpu } = this.#host;
    let busy = 0;
    for (let pcpu = 0; pcpu < cpu.pcpuCount; pcpu++) busy += cpu.busyRate(pcpu);
    return busy / (cpu.pcpuCount * FULL);
  }

  /**
   * The host booted: its kernel counts from 0 again, and its pools hold what they held. Cables and broken links are as
   * they were. No process is left.
   */
  reboot(nowMs: number): void {
    const { config, storage, linksAfterBoot } = this.#host;
    const pools = storage.pools.snapshot();
    this.#host = new HostResources(config, this.#seed, this.#name, nowMs, linksAfterBoot);
    this.#host.storage.pools.restore(pools);
    this.#maker = new ProcessMaker(this.#host);
  }

  /** Number of guests whose vCPUs run. */
  get runningCount(): number {
    return this.#running.length;
  }

  /** What the models want done since the last time; `undefined` for nothing. */
  takeConsequences(): TickConsequences | undefined {
    const { memory, block, container } = this.#consequences;
    if (memory.length + block.length + container.length === 0) return undefined;
    const taken = this.#consequences;
    this.#consequences = noConsequences();
    return taken;
  }

  /** Makes the host large enough for its domains, before its first guest: what is up does not grow. */
  fit(domains: readonly DomainConfig[], nowMs: number): void {
    if (this.#used) return;
    const { config, links } = this.#host;
    const larger = grownFor(config, domains);
    if (larger === config) return;
    this.#host = new HostResources(larger, this.#seed, this.#name, nowMs, links);
    this.#maker = new ProcessMaker(this.#host);
  }

  /** A new emulator process on this host. */
  launch(config: DomainConfig, load: GuestLoad, nowMs: number, start: ProcessStart): EmulatorProcess {
    this.#used = true;
    return this.#maker.create(config, load, nowMs, start);
  }

  /**
   * The same process with other NICs and disks, as {@link ProcessMaker.reshape} makes it. Its vCPUs stand still;
   * what is unplugged gives up its port.
   */
  reshape(
    process: EmulatorProcess,
    config: DomainConfig,
    parts: ProcessParts,
    allocations: readonly number[],
    nowMs: number,
  ): EmulatorProcess {
    process.nics.forEach(({ segment, port }, i) => {
      if (!parts.nics.includes(i)) segment.unplug(port);
    });
    return this.#maker.reshape(process, config, parts, allocations, nowMs);
  }

  /** What the definitions of this host's guests are compiled by. */
  get maker(): ProcessMaker {
    return this.#maker;
  }

  /**
   * Gives a guest that came from another host the memory that it had there. Its vCPUs have not run.
   *
   * A host without room for it leaves the process without memory, as {@link launch} does.
   */
  rehouse(process: EmulatorProcess, start: MemoryStart): void {
    const { machine, ram } = process;
    if (!ram) return;
    const refusal = relaunchMemory(machine, ram.part, ram.guest, start, this.#host.memory);
    if (refusal !== undefined) process.ram = undefined;
  }

  /** A process is gone, with its vCPUs at a standstill: its memory and ports are the host's again. */
  end({ machine, ram, nics, container }: EmulatorProcess): void {
    if (ram) endMemory(machine, ram.part, ram.guest, this.#host.memory);
    if (container) endContainerMemory(machine.numbers, container, this.#host.memory);
    for (const { segment, port } of nics) segment.unplug(port);
  }

  /**
   * Lets the vCPUs run, until the end of the tick with what the others leave; nothing changes when they do.
   *
   * `rest` is what is left of the present tick.
   */
  run(process: EmulatorProcess, rest: TickSpan): void {
    if (process.place >= 0) return;
    this.finish();
    for (const { place } of process.disks) resumeDisk(process.machine.numbers, place);
    this.#join(process);
    settleGuest(process, rest.nowMs);
    if (this.#gathering) return;
    this.#open(rest);
    runLate(process, rest, this.#host, this.#consequences);
  }

  /** Makes the vCPUs stand still; nothing changes when they do already. */
  halt(process: EmulatorProcess, nowMs: number): void {
    if (process.place < 0) return;
    this.finish();
    this.#leave(process);
    releaseGuest(process, this.#host, nowMs);
  }

  /** Lets the guest's system do something else from now on. */
  setPhase(process: EmulatorProcess, phase: GuestPhase, rest: TickSpan): void {
    const ran = process.place >= 0;
    this.halt(process, rest.nowMs);
    process.load.phase = phase;
    if (phase === 'booting' && process.ram) resetMemory(process.machine, process.ram.part, process.ram.guest);
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

  /** Changes something about links: all guests are planned anew for what is left of the tick. */
  changeLinks(change: (host: HostResources, nowMs: number) => void, rest: TickSpan): void {
    this.together(() => change(this.#host, rest.nowMs), rest);
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

  /** Returns what puts everything that guests share back as it is now. */
  save(): () => void {
    this.finish();
    const host = this.#host;
    const maker = this.#maker;
    const used = this.#used;
    const endMs = this.#endMs;
    const record = host.snapshot();
    const { memory, block, container } = this.#consequences;
    const consequences = { memory: [...memory], block: [...block], container: [...container] };
    return () => {
      this.#host = host;
      this.#maker = maker;
      this.#used = used;
      this.#endMs = endMs;
      this.#consequences = consequences;
      host.restore(record);
    };
  }

  /** Returns what puts a process of this host back as it is now, whether it is running or not. */
  saveProcess(process: EmulatorProcess): () => void {
    this.finish();
    const numbers = process.machine.numbers.slice();
    const ran = process.place >= 0;
    const { plan, vcpus, ram, disks, container, trouble, devices } = process;
    const records = disks.map((disk) => ({ ...disk }));
    const limits = container && { plan: container.plan, memory: container.memory };
    return () => {
      process.machine.numbers.set(numbers);
      process.plan = plan;
      process.vcpus = vcpus;
      process.ram = ram;
      process.trouble = trouble;
      process.devices = devices;
      if (container) Object.assign(container, limits);
      records.forEach((before, i) => {
        Object.assign(disks[i]!, before);
      });
      if (ran) this.#join(process);
      else this.#leave(process);
    };
  }

  /** Takes a process from the host as if it had never been. The processors are put back by {@link save}. */
  forget(process: EmulatorProcess): void {
    this.#leave(process);
  }

  #begin(span: TickSpan): void {
    this.#host.beginTick(span.nowMs, span.spanMs);
    this.#span = span;
    this.#pass = 'demand';
    this.#next = 0;
  }

  /** The tick of a host on which nothing has run yet in it. */
  #open(rest: TickSpan): void {
    if (this.#endMs > rest.nowMs) return;
    this.#host.beginTick(rest.nowMs, rest.spanMs);
    this.#host.share(rest.nowMs, rest.spanMs, this.#consequences.memory);
    this.#end(rest);
  }

  #demand(from: number, to: number, span: TickSpan): void {
    for (let i = from; i < to; i++) {
      const process = this.#running[i]!;
      settleGuest(process, span.nowMs);
      if (this.measure && isLookTurn(process, span)) this.measure(process, span.nowMs);
      demandGuest(process, span, this.#host, this.#consequences);
    }
  }

  #run(from: number, to: number, span: TickSpan): void {
    for (let i = from; i < to; i++) runGuest(this.#running[i]!, span, this.#host, this.#consequences);
  }

  #endPass(span: TickSpan): void {
    this.#next = 0;
    if (this.#pass === 'demand') {
      this.#host.share(span.nowMs, span.spanMs, this.#consequences.memory);
      this.#pass = 'run';
      return;
    }
    this.#end(span);
    this.#pass = 'done';
    this.#span = undefined;
  }

  #end({ nowMs, spanMs }: TickSpan): void {
    this.#host.cpu.endTick(nowMs, spanMs);
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
