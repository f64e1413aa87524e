import { readContainerGauge } from '../emulation/container/container-read.ts';
import type { Domain } from '../emulation/domain/domain.ts';
import type { Hypervisor } from '../emulation/hypervisor.ts';
import { guestPages } from '../emulation/memory/guest-read.ts';
import { PAGE_KIB } from '../emulation/memory/memory-config.ts';
import type { EmulatorProcess } from '../emulation/process/emulator-process.ts';
import { readCounters, type Totals } from './history-counters.ts';

/**
 * What is remembered of each guest. Shares are of its vCPUs' time, 0 to 1; memory is KiB; traffic is bits and
 * disk transfer is bytes per simulated second.
 */
export const SERIES = ['cpu', 'steal', 'memory', 'used', 'rx', 'tx', 'read', 'write'] as const;
/** A name of {@link SERIES}. */
export type Series = (typeof SERIES)[number];

/** What was sampled of a guest: equally many values of each series, the latest last; null where there is none. */
export interface GuestHistory {
  /** Simulated ms from one sample to the next, and of the latest one. */
  readonly intervalMs: number;
  readonly atMs: number;
  readonly series: Record<Series, (number | null)[]>;
}

const HOUR_MS = 3_600_000;
const BYTES_PER_SAMPLE = 4 * SERIES.length;
/** Memory that all samples together may take. */
const BUDGET_BYTES = 24 * 1024 * 1024;
/** Simulated ms between samples: the first of them by which an hour of all guests fits the budget. */
const INTERVALS_MS = [10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000];
/** Parts of the guests that are sampled one after the other, so that none of them holds up requests. */
const SLICES = 10;

/** The samples of one guest, and the totals that the next one's rates are reckoned from. */
interface Ring {
  readonly domain: Domain;
  readonly values: Float32Array;
  /** Samples taken since it was made. */
  taken: number;
  atMs: number;
  process: EmulatorProcess | undefined;
  totals: Totals;
  totalsMs: number;
}

/**
 * What guests did over the last hour of simulated time.
 *
 * BOUNDED: one ring for each guest, together at most {@link BUDGET_BYTES}; the more guests there are at the start, the
 * longer the intervals, and guests that come when the budget is used up are not remembered. Reading changes nothing,
 * so a run is the same with and without it.
 */
export class History {
  readonly #hypervisor: Hypervisor;
  readonly #capacity: number;
  readonly #most: number;
  readonly #rings = new Map<Domain, Ring>();
  readonly #slices: Set<Ring>[] = Array.from({ length: SLICES }, () => new Set());
  readonly intervalMs: number;
  #added = 0;
  #turn = 0;
  #isStarted = false;

  constructor(hypervisor: Hypervisor, budgetBytes = BUDGET_BYTES) {
    this.#hypervisor = hypervisor;
    const guests = hypervisor.hosts.reduce((sum, { domains }) => sum + domains.size, 0);
    const fits = (intervalMs: number) => (HOUR_MS / intervalMs) * BYTES_PER_SAMPLE * guests <= budgetBytes;
    this.intervalMs = INTERVALS_MS.find(fits) ?? INTERVALS_MS.at(-1)!;
    this.#capacity = HOUR_MS / this.intervalMs;
    this.#most = Math.floor(budgetBytes / (this.#capacity * BYTES_PER_SAMPLE));
  }

  /** Begins to sample; a second call does nothing. */
  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#schedule();
  }

  /** What is known of a guest; `undefined` before its first sample. */
  of(domain: Domain): GuestHistory | undefined {
    const ring = this.#rings.get(domain);
    if (!ring || ring.taken === 0) return undefined;
    const series = Object.fromEntries(
      SERIES.map((name) => [name, this.#values(ring, name, this.#capacity)]),
    ) as Record<Series, (number | null)[]>;
    return { intervalMs: this.intervalMs, atMs: ring.atMs, series };
  }

  /** The latest sample of a guest; `undefined` before the first. */
  latest(domain: Domain): Record<Series, number | null> | undefined {
    const ring = this.#rings.get(domain);
    if (!ring || ring.taken === 0) return undefined;
    const at = ((ring.taken - 1) % this.#capacity) * SERIES.length;
    const value = (column: number) => rounded(ring.values[at + column]!);
    return {
      cpu: value(0),
      steal: value(1),
      memory: value(2),
      used: value(3),
      rx: value(4),
      tx: value(5),
      read: value(6),
      write: value(7),
    };
  }

  /** The latest `count` shares of CPU time, the last one last; empty before the first sample. */
  trend(domain: Domain, count: number): (number | null)[] {
    const ring = this.#rings.get(domain);
    return ring ? this.#values(ring, 'cpu', count) : [];
  }

  #values(ring: Ring, series: Series, count: number): (number | null)[] {
    const length = Math.min(count, ring.taken, this.#capacity);
    const column = SERIES.indexOf(series);
    const values: (number | null)[] = [];
    for (let sample = ring.taken - length; sample < ring.taken; sample++) {
      values.push(rounded(ring.values[(sample % this.#capacity) * SERIES.length + column]!));
    }
    return values;
  }

  #schedule(): void {
    const { clock } = this.#hypervisor;
    const run = () => {
      this.#sample();
      this.#schedule();
    };
    clock.schedule(clock.nowMs + this.intervalMs / SLICES, run, { outside: true });
  }

  #sample(): void {
    if (this.#turn === 0) this.#addNew();
    const slice = this.#slices[this.#turn]!;
    this.#turn = (this.#turn + 1) % SLICES;
    for (const ring of slice) {
      const { domain } = ring;
      if (domain.host.domains.byUuid(domain.uuid) === domain) {
        this.#take(ring);
      } else {
        slice.delete(ring);
        this.#rings.delete(domain);
      }
    }
  }

  #addNew(): void {
    for (const { domains } of this.#hypervisor.hosts) {
      for (const domain of domains) {
        if (this.#rings.size >= this.#most) return;
        if (this.#rings.has(domain)) continue;
        const ring: Ring = {
          domain,
          values: new Float32Array(this.#capacity * SERIES.length),
          taken: 0,
          atMs: 0,
          process: undefined,
          totals: NOTHING,
          totalsMs: 0,
        };
        this.#rings.set(domain, ring);
        this.#slices[this.#added++ % SLICES]!.add(ring);
      }
    }
  }

  #take(ring: Ring): void {
    const { domain } = ring;
    const { process } = domain;
    const at = (ring.taken % this.#capacity) * SERIES.length;
    ring.taken++;
    ring.atMs = this.#hypervisor.clock.nowMs;
    ring.values.fill(Number.NaN, at, at + SERIES.length);
    if (process) writeSample(ring, process, at);
    else ring.process = undefined;
  }
}

/** Four digits of what is told: a share of 12.34 %, or a rate as exact. */
function rounded(value: number): number | null {
  if (Number.isNaN(value)) return null;
  return value < 10 ? Math.round(value * 10_000) / 10_000 : Math.round(value);
}

const NOTHING: Totals = { cpuNs: 0, stealNs: 0, rxBytes: 0, txBytes: 0, readBytes: 0, writtenBytes: 0 };

function writeSample(ring: Ring, process: EmulatorProcess, at: number): void {
  const { domain, values } = ring;
  // What an emulator process counts begins with it.
  if (ring.process !== process) {
    ring.process = process;
    ring.totals = NOTHING;
    ring.totalsMs = domain.startedMs;
  }
  const { nowMs } = domain;
  const before = ring.totals;
  const elapsedMs = nowMs - ring.totalsMs;
  values[at + 2] = domain.memoryKiB;
  values[at + 3] = usedKiB(domain, process);
  // A monitor that hangs tells the same instant again.
  if (elapsedMs <= 0) return;
  const now = readCounters(process, nowMs);
  ring.totals = now;
  ring.totalsMs = nowMs;
  const vcpuNs = elapsedMs * 1e6 * Math.max(1, domain.vcpus);
  const perSecond = 1000 / elapsedMs;
  values[at] = (now.cpuNs - before.cpuNs) / vcpuNs;
  values[at + 1] = (now.stealNs - before.stealNs) / vcpuNs;
  values[at + 4] = (now.rxBytes - before.rxBytes) * 8 * perSecond;
  values[at + 5] = (now.txBytes - before.txBytes) * 8 * perSecond;
  values[at + 6] = (now.readBytes - before.readBytes) * perSecond;
  values[at + 7] = (now.writtenBytes - before.writtenBytes) * perSecond;
}

/** What its programs and its kernel have, file cache not counted. */
function usedKiB({ nowMs }: Domain, { machine, ram, container }: EmulatorProcess): number {
  if (container) return readContainerGauge(machine, container.place, 'memory.anon') / 1024;
  if (!ram) return Number.NaN;
  const { kernel, processes } = guestPages(machine, ram.part, ram.guest, nowMs);
  return (kernel + processes) * PAGE_KIB;
}
