import type { Timer, VirtualClock } from '../util/clock.ts';
import { highWord, lowWord, streamKey, wordNoise } from '../util/random.ts';
import type { DomainConfig } from './domain-config.ts';
import { dayPosition, loadKindCode, loadTraits, memoryDemand, utilisation } from './load-profile.ts';

/** What a guest's system is doing; it weighs on load and memory. */
export const GUEST_PHASES = ['up', 'booting', 'closing', 'off'] as const;
/** A name of {@link GUEST_PHASES}. */
export type GuestPhase = (typeof GUEST_PHASES)[number];

const UP = 0;
const BOOTING = 1;
const OFF = 3;

/** How the memory of a guest moves, by its type. */
const CONSTANT = 0;
const BALLOON = 1;
const USAGE = 2;
const MEMORY_MODEL: Readonly<Record<string, number>> = {
  kvm: BALLOON,
  qemu: BALLOON,
  xen: BALLOON,
  lxc: USAGE,
};

/** The balloon manager looks at each guest this often, as oVirt's does. */
const MEMORY_INTERVAL_MS = 10_000;
/** A balloon never takes a guest below this share of what it started with. */
const BALLOON_FLOOR = 0.25;
/** Free memory that the balloon manager leaves a guest, as a share of what it uses. */
const BALLOON_HEADROOM = 0.25;
/** Largest step of a balloon in one interval, as a share of the memory at start. */
const BALLOON_STEP = 0.05;
/** Largest change of a container's use in one interval, as a share of its limit. */
const USAGE_STEP = 0.1;
const NS_PER_MS = 1_000_000;

/** Everything that the table keeps of one guest, for putting it back. */
export type LoadRecord = readonly number[];

/**
 * vCPU time and memory of every guest, as columns.
 *
 * A guest's rate of vCPU time is constant inside a tick and depends on the guest's key and the tick alone;
 * ticks add it up and reads interpolate. So a value does not depend on when or how often it was read.
 * A tick costs time for running guests only, and none is scheduled while none runs.
 * As large as the most guests that were ever defined at once.
 */
export class LoadTable {
  /** Length of a tick in simulated ms. */
  readonly tickMs: number;
  readonly #clock: VirtualClock;
  readonly #memoryTicks: number;
  #tick: Timer | undefined;
  #used = 0;
  readonly #free: number[] = [];
  #runningCount = 0;
  #capacity = 0;
  #running = new Int32Array(0);
  /** Place in #running, -1 when the vCPUs stand still. */
  #place = new Int32Array(0);
  #kind = new Uint8Array(0);
  #model = new Uint8Array(0);
  #phase = new Uint8Array(0);
  #vcpus = new Uint32Array(0);
  /** The two words of the guest's key, and what was drawn from them. */
  #low = new Int32Array(0);
  #high = new Int32Array(0);
  #level = new Float64Array(0);
  #memoryLevel = new Float64Array(0);
  #shift = new Int16Array(0);
  /** vCPU time in ns up to #since, and ns per ms from then on: whole numbers both. */
  #cpuNs = new Float64Array(0);
  #rate = new Float64Array(0);
  #since = new Float64Array(0);
  #memory = new Float64Array(0);
  #maximum = new Float64Array(0);
  #atStart = new Float64Array(0);

  constructor(clock: VirtualClock, tickMs = 1000) {
    this.#clock = clock;
    this.tickMs = tickMs;
    this.#memoryTicks = Math.max(1, Math.round(MEMORY_INTERVAL_MS / tickMs));
  }

  /** Number of guests whose vCPUs run. */
  get runningCount(): number {
    return this.#runningCount;
  }

  /** Makes room for a guest and returns its row. The key decides the course of its load. */
  add(key: number): number {
    const row = this.#free.pop() ?? this.#used++;
    if (row >= this.#capacity) this.#grow(Math.max(64, this.#capacity * 2));
    this.#setKey(row, lowWord(key), highWord(key));
    this.#place[row] = -1;
    this.#cpuNs[row] = 0;
    this.#memory[row] = 0;
    return row;
  }

  /** Gives a row up for other guests to use. */
  release(row: number): void {
    this.halt(row);
    this.#free.push(row);
  }

  /** A new emulator process: counters from zero, memory as at start. The vCPUs do not run yet. */
  launch(row: number, config: DomainConfig): void {
    this.#kind[row] = loadKindCode(config.load);
    this.#model[row] = MEMORY_MODEL[config.type] ?? CONSTANT;
    this.#vcpus[row] = config.vcpus;
    this.#maximum[row] = config.memoryKiB;
    this.#atStart[row] = config.currentMemoryKiB;
    this.#phase[row] = BOOTING;
    this.#cpuNs[row] = 0;
    this.#rate[row] = 0;
    this.#since[row] = this.#clock.nowMs;
    this.#memory[row] =
      this.#model[row] === USAGE ? this.#memoryTarget(row, this.#tickNumber()) : config.currentMemoryKiB;
  }

  /** The emulator process is gone: nothing runs, and the counter is gone with it. */
  end(row: number): void {
    this.halt(row);
    this.#cpuNs[row] = 0;
    this.#memory[row] = 0;
  }

  /** What the guest's system does from now on. */
  setPhase(row: number, phase: GuestPhase): void {
    this.#settle(row);
    this.#phase[row] = GUEST_PHASES.indexOf(phase);
    this.#refresh(row, this.#tickNumber());
  }

  /** Memory where the balloon manager would have brought it long ago: for a guest that is up at the start. */
  settleMemory(row: number): void {
    this.#memory[row] = this.#memoryTarget(row, this.#tickNumber());
  }

  /** Lets the vCPUs run; nothing changes when they do already. */
  run(row: number): void {
    if (this.#place[row]! >= 0) return;
    this.#place[row] = this.#runningCount;
    this.#running[this.#runningCount++] = row;
    this.#since[row] = this.#clock.nowMs;
    this.#refresh(row, this.#tickNumber());
    if (!this.#tick?.pending) this.#scheduleTick();
  }

  /** Makes the vCPUs stand still; nothing changes when they do already. */
  halt(row: number): void {
    const place = this.#place[row]!;
    if (place < 0) return;
    this.#settle(row);
    this.#rate[row] = 0;
    this.#place[row] = -1;
    const last = this.#running[--this.#runningCount]!;
    if (last === row) return;
    this.#running[place] = last;
    this.#place[last] = place;
  }

  /** Total vCPU time in ns of the present emulator process, at the clock's present instant. */
  cpuTimeNs(row: number): number {
    return Math.floor(this.#cpuNs[row]! + this.#rate[row]! * (this.#clock.nowMs - this.#since[row]!));
  }

  /** Memory in KiB that the guest has now. */
  memoryKiB(row: number): number {
    return this.#memory[row]!;
  }

  /** Makes a guest on another host go on with the load and memory of this one. */
  hand(from: number, to: number): void {
    this.#setKey(to, this.#low[from]!, this.#high[from]!);
    this.#memory[to] = this.#memory[from]!;
  }

  /** What {@link restore} needs to put a row back as it is now. */
  save(row: number): LoadRecord {
    return [this.#place[row]! >= 0 ? 1 : 0, ...this.#columns().map((column) => column[row]!)];
  }

  /** Puts a row back. */
  restore(row: number, record: LoadRecord): void {
    const [ran, ...values] = record;
    if (ran) this.run(row);
    else this.halt(row);
    this.#columns().forEach((column, i) => {
      column[row] = values[i]!;
    });
  }

  #columns(): (Uint8Array | Int16Array | Int32Array | Uint32Array | Float64Array)[] {
    return [
      this.#kind,
      this.#model,
      this.#phase,
      this.#vcpus,
      this.#low,
      this.#high,
      this.#level,
      this.#memoryLevel,
      this.#shift,
      this.#cpuNs,
      this.#rate,
      this.#since,
      this.#memory,
      this.#maximum,
      this.#atStart,
    ];
  }

  #tickNumber(): number {
    return Math.floor(this.#clock.nowMs / this.tickMs);
  }

  #scheduleTick(): void {
    const at = (this.#tickNumber() + 1) * this.tickMs;
    // Ahead of everything else due then, so that what is due sees the tick's own rates.
    this.#tick = this.#clock.schedule(at, () => this.#runTick(), { first: true });
  }

  #runTick(): void {
    const count = this.#runningCount;
    if (count === 0) return;
    const now = this.#clock.nowMs;
    const tick = this.#tickNumber();
    const position = dayPosition(this.#clock.wallMs);
    const running = this.#running;
    const cpuNs = this.#cpuNs;
    const rate = this.#rate;
    const since = this.#since;
    const slot = tick % this.#memoryTicks;
    for (let i = 0; i < count; i++) {
      const row = running[i]!;
      cpuNs[row]! += rate[row]! * (now - since[row]!);
      since[row] = now;
      rate[row] = this.#rateOf(row, tick, position);
      if ((this.#low[row]! & 0xffff) % this.#memoryTicks === slot) this.#moveMemory(row, tick);
    }
    this.#scheduleTick();
  }

  #setKey(row: number, low: number, high: number): void {
    const traits = loadTraits(low, high);
    this.#low[row] = low;
    this.#high[row] = high;
    this.#level[row] = traits.level;
    this.#memoryLevel[row] = traits.memoryLevel;
    this.#shift[row] = traits.shift;
  }

  #settle(row: number): void {
    const now = this.#clock.nowMs;
    this.#cpuNs[row]! += this.#rate[row]! * (now - this.#since[row]!);
    this.#since[row] = now;
  }

  #refresh(row: number, tick: number): void {
    if (this.#place[row]! >= 0) this.#rate[row] = this.#rateOf(row, tick, dayPosition(this.#clock.wallMs));
  }

  /** ns of vCPU time per ms: never more than the vCPUs could do. */
  #rateOf(row: number, tick: number, position: number): number {
    const phase = this.#phase[row]!;
    const vcpus = this.#vcpus[row]!;
    if (phase === OFF || vcpus === 0) return 0;
    const share =
      phase === UP
        ? utilisation(
            this.#kind[row]!,
            this.#level[row]!,
            this.#shift[row]!,
            this.#low[row]!,
            this.#high[row]!,
            tick,
            position,
          )
        : // Firmware, kernel and most services come and go on one vCPU.
          ((phase === BOOTING ? 0.7 : 0.3) + 0.3 * wordNoise(this.#low[row]!, this.#high[row]!, tick)) /
          vcpus;
    return Math.round(Math.min(share, 1) * vcpus * NS_PER_MS);
  }

  #memoryTarget(row: number, tick: number): number {
    const model = this.#model[row]!;
    const maximum = this.#maximum[row]!;
    const atStart = this.#atStart[row]!;
    if (model === CONSTANT) return atStart;
    const booting = this.#phase[row] === BOOTING;
    const interval = tick / this.#memoryTicks;
    const share = booting
      ? 0.05
      : memoryDemand(this.#kind[row]!, this.#memoryLevel[row]!, this.#low[row]!, this.#high[row]!, interval);
    if (model === USAGE) return clamp(Math.round(share * maximum), 1, maximum);
    if (booting) return atStart;
    const wanted = share * maximum * (1 + BALLOON_HEADROOM);
    return clamp(Math.round(wanted), Math.ceil(atStart * BALLOON_FLOOR), atStart);
  }

  #moveMemory(row: number, tick: number): void {
    if (this.#model[row] === CONSTANT) return;
    const now = this.#memory[row]!;
    const most =
      this.#model[row] === USAGE
        ? Math.ceil(this.#maximum[row]! * USAGE_STEP)
        : Math.ceil(this.#atStart[row]! * BALLOON_STEP);
    this.#memory[row] = now + clamp(this.#memoryTarget(row, tick) - now, -most, most);
  }

  #grow(capacity: number): void {
    const grown = <T extends { set(from: T): void }>(make: new (length: number) => T, old: T): T => {
      const array = new make(capacity);
      array.set(old);
      return array;
    };
    this.#running = grown(Int32Array, this.#running);
    this.#place = grown(Int32Array, this.#place);
    this.#kind = grown(Uint8Array, this.#kind);
    this.#model = grown(Uint8Array, this.#model);
    this.#phase = grown(Uint8Array, this.#phase);
    this.#vcpus = grown(Uint32Array, this.#vcpus);
    this.#low = grown(Int32Array, this.#low);
    this.#high = grown(Int32Array, this.#high);
    this.#level = grown(Float64Array, this.#level);
    this.#memoryLevel = grown(Float64Array, this.#memoryLevel);
    this.#shift = grown(Int16Array, this.#shift);
    this.#cpuNs = grown(Float64Array, this.#cpuNs);
    this.#rate = grown(Float64Array, this.#rate);
    this.#since = grown(Float64Array, this.#since);
    this.#memory = grown(Float64Array, this.#memory);
    this.#maximum = grown(Float64Array, this.#maximum);
    this.#atStart = grown(Float64Array, this.#atStart);
    this.#capacity = capacity;
  }
}

/** The key of a guest's load: it goes with the guest when it moves to another host. */
export function loadKey(seed: number, hostName: string, uuid: string): number {
  return streamKey(seed, 'load', hostName, uuid);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
