import type { Timer, VirtualClock } from '../util/clock.ts';
import { dictionary } from '../util/dictionary.ts';
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
const MEMORY_MODEL = dictionary<number>({
  kvm: BALLOON,
  qemu: BALLOON,
  xen: BALLOON,
  lxc: USAGE,
});

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

/** Columns of the hot part: vCPU time in ns up to SINCE, ns per ms from then on, that time, memory in KiB. */
const STRIDE = 4;
const CPU_NS = 0;
const RATE = 1;
const SINCE = 2;
const MEMORY = 3;

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
  /** What is read most, STRIDE numbers for each row beside each other: one line of the processor's cache. */
  #hot = new Float64Array(0);
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
    this.#hot[row * STRIDE + CPU_NS] = 0;
    this.#hot[row * STRIDE + MEMORY] = 0;
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
    this.#hot[row * STRIDE + CPU_NS] = 0;
    this.#hot[row * STRIDE + RATE] = 0;
    this.#hot[row * STRIDE + SINCE] = this.#clock.nowMs;
    this.#hot[row * STRIDE + MEMORY] =
      this.#model[row] === USAGE ? this.#memoryTarget(row, this.#tickNumber()) : config.currentMemoryKiB;
  }

  /** The emulator process is gone: nothing runs, and the counter is gone with it. */
  end(row: number): void {
    this.halt(row);
    this.#hot[row * STRIDE + CPU_NS] = 0;
    this.#hot[row * STRIDE + MEMORY] = 0;
  }

  /** What the guest's system does from now on. */
  setPhase(row: number, phase: GuestPhase): void {
    this.#settle(row);
    this.#phase[row] = GUEST_PHASES.indexOf(phase);
    this.#refresh(row, this.#tickNumber());
  }

  /** Memory where the balloon manager would have brought it long ago: for a guest that is up at the start. */
  settleMemory(row: number): void {
    this.#hot[row * STRIDE + MEMORY] = this.#memoryTarget(row, this.#tickNumber());
  }

  /** Lets the vCPUs run; nothing changes when they do already. */
  run(row: number): void {
    if (this.#place[row]! >= 0) return;
    this.#place[row] = this.#runningCount;
    this.#running[this.#runningCount++] = row;
    this.#hot[row * STRIDE + SINCE] = this.#clock.nowMs;
    this.#refresh(row, this.#tickNumber());
    if (!this.#tick?.pending) this.#scheduleTick();
  }

  /** Makes the vCPUs stand still; nothing changes when they do already. */
  halt(row: number): void {
    const place = this.#place[row]!;
    if (place < 0) return;
    this.#settle(row);
    this.#hot[row * STRIDE + RATE] = 0;
    this.#place[row] = -1;
    const last = this.#running[--this.#runningCount]!;
    if (last === row) return;
    this.#running[place] = last;
    this.#place[last] = place;
  }

  /** Total vCPU time in ns of the present emulator process, at the clock's present instant. */
  cpuTimeNs(row: number): number {
    const hot = this.#hot;
    const at = row * STRIDE;
    return Math.floor(hot[at + CPU_NS]! + hot[at + RATE]! * (this.#clock.nowMs - hot[at + SINCE]!));
  }

  /** Memory in KiB that the guest has now. */
  memoryKiB(row: number): number {
    return this.#hot[row * STRIDE + MEMORY]!;
  }

  /** Makes a guest on another host go on with the load and memory of this one. */
  hand(from: number, to: number): void {
    this.#setKey(to, this.#low[from]!, this.#high[from]!);
    this.#hot[to * STRIDE + MEMORY] = this.#hot[from * STRIDE + MEMORY]!;
  }

  /** What {@link restore} needs to put a row back as it is now. */
  save(row: number): LoadRecord {
    const hot = this.#hot.subarray(row * STRIDE, (row + 1) * STRIDE);
    return [this.#place[row]! >= 0 ? 1 : 0, ...hot, ...this.#columns().map((column) => column[row]!)];
  }

  /** Puts a row back. */
  restore(row: number, record: LoadRecord): void {
    const [ran, ...values] = record;
    if (ran) this.run(row);
    else this.halt(row);
    this.#hot.set(values.slice(0, STRIDE), row * STRIDE);
    this.#columns().forEach((column, i) => {
      column[row] = values[STRIDE + i]!;
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
    const hot = this.#hot;
    const slot = tick % this.#memoryTicks;
    for (let i = 0; i < count; i++) {
      const row = running[i]!;
      const at = row * STRIDE;
      hot[at + CPU_NS]! += hot[at + RATE]! * (now - hot[at + SINCE]!);
      hot[at + SINCE] = now;
      hot[at + RATE] = this.#rateOf(row, tick, position);
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
    const hot = this.#hot;
    const at = row * STRIDE;
    hot[at + CPU_NS]! += hot[at + RATE]! * (now - hot[at + SINCE]!);
    hot[at + SINCE] = now;
  }

  #refresh(row: number, tick: number): void {
    if (this.#place[row]! >= 0)
      this.#hot[row * STRIDE + RATE] = this.#rateOf(row, tick, dayPosition(this.#clock.wallMs));
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
    const now = this.#hot[row * STRIDE + MEMORY]!;
    const most =
      this.#model[row] === USAGE
        ? Math.ceil(this.#maximum[row]! * USAGE_STEP)
        : Math.ceil(this.#atStart[row]! * BALLOON_STEP);
    this.#hot[row * STRIDE + MEMORY] = now + clamp(this.#memoryTarget(row, tick) - now, -most, most);
  }

  #grow(capacity: number): void {
    const grown = <T extends { set(from: T): void }>(
      make: new (length: number) => T,
      old: T,
      width = 1,
    ): T => {
      const array = new make(capacity * width);
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
    this.#hot = grown(Float64Array, this.#hot, STRIDE);
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
