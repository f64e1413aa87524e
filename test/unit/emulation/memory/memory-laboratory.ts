import { Layout, type Part } from '../../../../agent/emulation/machine/layout.ts';
import {
  begin,
  createMachine,
  type Machine,
  readCounter,
  settle,
} from '../../../../agent/emulation/machine/machine.ts';
import {
  compileGuestMemory,
  type GuestMemoryOptions,
} from '../../../../agent/emulation/memory/compile-guest.ts';
import type { MemoryConsequence } from '../../../../agent/emulation/memory/consequence.ts';
import { demandMemory, runMemory } from '../../../../agent/emulation/memory/guest-memory.ts';
import { memoryShape } from '../../../../agent/emulation/memory/guest-memory-layout.ts';
import type { MemoryTick } from '../../../../agent/emulation/memory/guest-plan.ts';
import {
  endMemory,
  launchMemory,
  setBalloonTarget,
} from '../../../../agent/emulation/memory/guest-process.ts';
import {
  actualPages,
  currentKiB,
  guestPages,
  MEMORY_COUNTERS,
  MEMORY_EVENTS,
  pagesOnNode,
  rssKiB,
} from '../../../../agent/emulation/memory/guest-read.ts';
import { HostMemory } from '../../../../agent/emulation/memory/host-memory.ts';
import { KSM_DEFAULTS, type KsmConfig } from '../../../../agent/emulation/memory/ksm.ts';
import {
  DEFAULT_RATES,
  type GuestMemory,
  type HostMemoryConfig,
} from '../../../../agent/emulation/memory/memory-config.ts';

export const KIB_PER_MIB = 1024;
export const GIB = 1024 * KIB_PER_MIB;

/** What a guest's work wants of its memory. */
export interface Work {
  anonKiB: number;
  filePages: number;
  activity: number;
  up: boolean;
}

/** A guest under test: its machine, and what it works on. */
export class LabGuest {
  readonly machine: Machine;
  readonly part: Part;
  readonly memory: GuestMemory;
  readonly work: Work = { anonKiB: 0, filePages: 0, activity: 0.5, up: true };
  running = true;
  readonly #lab: MemoryLaboratory;

  constructor(lab: MemoryLaboratory, memory: GuestMemory) {
    const layout = new Layout([memoryShape(lab.host.nodes.count)]);
    this.#lab = lab;
    this.machine = createMachine(layout);
    this.part = layout.parts[0]!;
    this.memory = memory;
  }

  get actual(): number {
    return actualPages(this.machine, this.part, this.memory, this.#lab.nowMs);
  }

  get currentKiB(): number {
    return currentKiB(this.machine, this.part, this.memory, this.#lab.nowMs);
  }

  get pages(): ReturnType<typeof guestPages> {
    return guestPages(this.machine, this.part, this.memory, this.#lab.nowMs);
  }

  get events(): Record<keyof typeof MEMORY_COUNTERS | keyof typeof MEMORY_EVENTS, number> {
    const { machine, part } = this;
    const counters = Object.entries(MEMORY_COUNTERS).map(([name, at]) => [
      name,
      readCounter(machine, part.counters + at, this.#lab.nowMs),
    ]);
    const events = Object.entries(MEMORY_EVENTS).map(([name, at]) => [
      name,
      machine.numbers[part.state + at],
    ]);
    return Object.fromEntries([...counters, ...events]);
  }

  get rssKiB(): number {
    return rssKiB(this.machine, this.part);
  }

  get onNodes(): number[] {
    const { count } = this.#lab.host.nodes;
    return Array.from({ length: count }, (_, node) => pagesOnNode(this.machine, this.part, node, count));
  }

  setTarget(kib: number): void {
    setBalloonTarget(this.machine, this.part, this.memory, kib);
  }

  /** The vCPUs stand still, or run again from the next tick on. */
  pause(): void {
    settle(this.machine, this.#lab.nowMs);
    this.running = false;
  }

  end(): void {
    settle(this.machine, this.#lab.nowMs);
    endMemory(this.machine, this.part, this.memory, this.#lab.host);
    this.#lab.guests.splice(this.#lab.guests.indexOf(this), 1);
  }
}

/** One host with guests, and the tick that the hypervisor would run. */
export class MemoryLaboratory {
  readonly host: HostMemory;
  readonly guests: LabGuest[] = [];
  readonly consequences: MemoryConsequence[] = [];
  nowMs = 0;
  #end = 0;

  constructor(config: Partial<HostMemoryConfig> = {}, ksm: Partial<KsmConfig> = {}) {
    this.host = new HostMemory(
      {
        nodesKiB: [16 * GIB],
        hostUseKiB: GIB,
        swapKiB: 0,
        hugePages: [],
        rates: DEFAULT_RATES,
        reserveShare: 0,
        ...config,
      },
      { ...KSM_DEFAULTS, ...ksm },
    );
  }

  /** Starts a guest; throws when the host refuses it. */
  start(options: Partial<GuestMemoryOptions> = {}, startKiB?: number, settledAnonKiB?: number): LabGuest {
    const maximumKiB = options.maximumKiB ?? 2 * GIB;
    const memory = compileGuestMemory(
      { hostProfile: 'modern', guestProfile: 'modern', ...options, maximumKiB },
      this.host,
    );
    const guest = new LabGuest(this, memory);
    const refusal = launchMemory(
      guest.machine,
      guest.part,
      memory,
      {
        currentKiB: startKiB ?? maximumKiB,
        ...(settledAnonKiB === undefined ? {} : { settledAnonPages: settledAnonKiB / 4 }),
      },
      this.host,
    );
    if (refusal !== undefined) throw new Error(refusal);
    if (settledAnonKiB !== undefined) guest.work.anonKiB = settledAnonKiB;
    this.guests.push(guest);
    return guest;
  }

  /** Goes to the end of the present tick and plans the next one. */
  plan(spanMs = 1000, order: readonly LabGuest[] = this.guests): void {
    this.nowMs = this.#end;
    this.#end = this.nowMs + spanMs;
    for (const guest of this.guests) if (guest.running) settle(guest.machine, this.nowMs);
    this.host.beginTick();
    const running = order.filter((guest) => guest.running);
    const ticks = running.map((guest) => this.#tickOf(guest, spanMs));
    running.forEach((guest, i) => {
      demandMemory(guest.machine, guest.part, guest.memory, ticks[i]!, this.host, this.consequences);
    });
    this.host.share(spanMs, this.consequences);
    running.forEach((guest, i) => {
      begin(guest.machine, this.nowMs, spanMs);
      runMemory(guest.machine, guest.part, guest.memory, ticks[i]!, this.host);
    });
  }

  /** Lets whole ticks pass, each from its plan to its end. */
  run(ticks: number, spanMs = 1000): void {
    for (let i = 0; i < ticks; i++) {
      this.plan(spanMs);
      this.nowMs = this.#end;
    }
  }

  /** Lets the laboratory's clock, not its guests, go back. */
  rewind(ms: number): void {
    this.nowMs -= ms;
    this.#end = this.nowMs;
  }

  /** RAM - host use - pools - free - guests' resident memory + what KSM saves: 0 when nothing is lost. */
  get lost(): number {
    const { total, hostUse, hugePool, free } = this.host.pages;
    const resident = this.guests.reduce((sum, guest) => sum + guest.rssKiB / 4, 0);
    return total - hostUse - hugePool - free - resident + this.host.ksm.counters.pagesSharing;
  }

  #tickOf(guest: LabGuest, spanMs: number): MemoryTick {
    const { anonKiB, filePages, activity, up } = guest.work;
    return {
      guest: this.guests.indexOf(guest),
      nowMs: this.nowMs,
      spanMs,
      up,
      anonWantPages: Math.floor(anonKiB / 4),
      filePages: Math.floor((filePages * spanMs) / 1000),
      activity,
    };
  }
}
