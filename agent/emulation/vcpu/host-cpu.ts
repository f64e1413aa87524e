import { Layout } from '../machine/layout.ts';
import { begin, createMachine, type Machine, readCounter, settle } from '../machine/machine.ts';
import { arrangePools, type PoolTree } from './affinity.ts';
import { type SlicePolicy, scaledSlices } from './cfs.ts';
import { fairLevel, grantAt } from './fair-share.ts';
import { LoadHistory } from './load-history.ts';
import { PcpuRates } from './pcpu-rates.ts';
import { FULL, type HostCpuConfig } from './vcpu-config.ts';

/** The pool of everything that is not pinned. */
export const WHOLE_HOST = 0;

/** Everything that a {@link HostCpu} keeps, copied. */
export interface HostCpuRecord {
  readonly numbers: Float64Array;
  readonly rates: Float64Array;
  readonly totals: Float64Array;
  readonly late: LateLoad;
}

/**
 * What came and went of the whole host's load since its latest plan, all of it at one instant.
 *
 * Spread over the pCPUs it is one sum, whoever looks at them in between: a look must not change what comes of it.
 */
interface LateLoad {
  readonly atMs: number;
  /** In ns per ms; below 0 when more went than came. */
  readonly rate: number;
  /** What the pCPUs ran before it was spread over them; `undefined` as long as it is not. */
  readonly before: Float64Array | undefined;
}

const NOTHING_LATE: LateLoad = { atMs: -1, rate: 0, before: undefined };

/** Columns of the totals of one node, in ns per ms. */
const DEMAND = 0;
const POLL = 1;
const RAN = 2;
/** What its claims get per unit of weight; Infinity when all get what they want. */
const LEVEL = 3;
/** Runnable tasks for each pCPU, by demand; of the tick before until the sharing is done. */
const RUNNABLE = 4;
/** Share of the wanted polling that fits beside the runs, 0 to 1. */
const POLL_SHARE = 5;
const STRIDE = 6;

/**
 * The processors of one host, and what of them is whose in the present tick.
 *
 * A tick goes: {@link beginTick}; every running guest's {@link claim}; {@link share} once; every guest's
 * {@link take}; {@link endTick} once. The order of the guests makes no difference. All rates are
 * whole ns of CPU time per ms. Sharing costs a look at the totals as long as everything fits, and some passes
 * over the claims when it does not. Holds a pool for each different mask that was ever asked for.
 */
export class HostCpu {
  readonly config: HostCpuConfig;
  readonly pcpuCount: number;
  /** CFS's tunables in effect. */
  readonly slices: SlicePolicy;
  readonly #masks: (readonly number[])[];
  readonly #poolOfMask = new Map<string, number>();
  #tree: PoolTree;
  #arranged = 1;
  #claims: Float64Array[];
  #counts: Int32Array;
  #totals: Float64Array;
  readonly #rates: PcpuRates;
  readonly #machine: Machine;
  readonly #history: LoadHistory;
  #endMs = 0;
  #late = NOTHING_LATE;

  constructor(config: HostCpuConfig, nowMs = 0) {
    this.config = config;
    this.pcpuCount = config.sockets * config.cores * config.threads;
    this.slices = scaledSlices(config.cfs, this.pcpuCount);
    const all = Array.from({ length: this.pcpuCount }, (_, cpu) => cpu);
    this.#masks = [all];
    this.#poolOfMask.set(all.join(), WHOLE_HOST);
    this.#tree = arrangePools(this.#masks, this.pcpuCount);
    this.#claims = [new Float64Array(64)];
    this.#counts = new Int32Array(1);
    this.#totals = new Float64Array(STRIDE);
    this.#rates = new PcpuRates(this.pcpuCount);
    this.#machine = createMachine(new Layout(all.map(() => ({ counters: 1, state: 0 }))));
    begin(this.#machine, nowMs, 0);
    this.#history = new LoadHistory(this.pcpuCount, (pcpu, atMs) => this.#read(pcpu, atMs), nowMs);
  }

  /** The NUMA node of a pCPU. */
  nodeOf(pcpu: number): number {
    return Math.floor((pcpu * this.config.nodes) / this.pcpuCount);
  }

  /**
   * The pool for an affinity mask, a set of pCPU numbers; not given or empty means the whole host.
   *
   * pCPUs that the host does not have are left out. A mask that is new takes effect with the next tick and
   * counts as the whole host until then.
   */
  pool(mask: readonly number[] = []): number {
    const cpus = [...new Set(mask)].filter((cpu) => cpu >= 0 && cpu < this.pcpuCount).sort((a, b) => a - b);
    if (cpus.length === 0) return WHOLE_HOST;
    const key = cpus.join();
    let pool = this.#poolOfMask.get(key);
    if (pool === undefined) {
      pool = this.#masks.push(cpus) - 1;
      this.#poolOfMask.set(key, pool);
    }
    return pool;
  }

  /** Begins a tick: nothing is claimed. Pressure is still that of the tick before. */
  beginTick(): void {
    if (this.#masks.length > this.#arranged) this.#arrange();
    const totals = this.#totals;
    for (let node = 0; node < this.#counts.length; node++) {
      totals.fill(0, node * STRIDE + DEMAND, node * STRIDE + RAN + 1);
      this.#counts[node] = 0;
    }
  }

  /** Notes that something wants to run: `demand` in ns per ms, `weight` a whole number above 0. */
  claim(pool: number, demand: number, weight: number): void {
    if (demand === 0) return;
    const pieces = this.#piecesOf(pool);
    if (pieces.length === 1) {
      this.#claimNode(pieces[0]!.node, demand, weight);
      return;
    }
    let left = demand;
    pieces.forEach(({ node, share }, i) => {
      const part = i === pieces.length - 1 ? left : Math.floor(demand * share);
      left -= part;
      if (part > 0) this.#claimNode(node, part, partWeight(weight, share));
    });
  }

  /** Notes how much idle vCPUs would poll, in ns per ms, if nothing else wanted to run. */
  claimPolling(pool: number, rate: number): void {
    this.#totals[this.#piecesOf(pool)[0]!.node * STRIDE + POLL]! += rate;
  }

  /** Shares out the processors among all claims. */
  share(): void {
    const { nodes } = this.#tree;
    const totals = this.#totals;
    const root = nodes.length - 1;
    for (let node = 0; node < root; node++) {
      // Children come first: what a set could not give is not asked of the larger one.
      this.#shareNode(node);
      this.#handUp(node, nodes[node]!.parent);
    }
    this.#shareNode(root);
    for (let node = root - 1; node >= 0; node--) {
      const at = node * STRIDE;
      const above = nodes[node]!.parent * STRIDE;
      totals[at + LEVEL] = Math.min(totals[at + LEVEL]!, totals[above + LEVEL]!);
      totals[at + RUNNABLE] = Math.max(totals[at + RUNNABLE]!, totals[above + RUNNABLE]!);
      totals[at + POLL_SHARE] = Math.min(totals[at + POLL_SHARE]!, totals[above + POLL_SHARE]!);
    }
  }

  /** Takes what a claim gets in this tick, in ns per ms; once for a claim made with the same three values. */
  take(pool: number, demand: number, weight: number): number {
    if (demand === 0) return 0;
    const pieces = this.#piecesOf(pool);
    if (pieces.length === 1) return this.#takeNode(pieces[0]!.node, demand, weight);
    let left = demand;
    let sum = 0;
    pieces.forEach(({ node, share }, i) => {
      const part = i === pieces.length - 1 ? left : Math.floor(demand * share);
      left -= part;
      sum += this.#takeNode(node, part, partWeight(weight, share));
    });
    return sum;
  }

  /** Takes time for polling, in ns per ms: at most what was claimed times {@link pollShare}. */
  takePolling(pool: number, rate: number): void {
    this.#totals[this.#piecesOf(pool)[0]!.node * STRIDE + RAN]! += rate;
  }

  /** Share of the wanted polling that there is idle time for, 0 to 1. */
  pollShare(pool: number): number {
    return this.#totals[this.#piecesOf(pool)[0]!.node * STRIDE + POLL_SHARE]!;
  }

  /** Runnable tasks for each pCPU that they may run on, as of the latest sharing; above 1 means waiting. */
  runnablePerCpu(pool: number): number {
    let most = 0;
    for (const { node } of this.#piecesOf(pool)) {
      most = Math.max(most, this.#totals[node * STRIDE + RUNNABLE]!);
    }
    return most;
  }

  /** Places what ran on the pCPUs, for a tick that begins now. */
  endTick(nowMs: number, spanMs: number): void {
    this.#settleLate();
    this.#rates.clear();
    this.#tree.nodes.forEach(({ cpus }, node) => {
      this.#rates.place(cpus, this.#totals[node * STRIDE + RAN]!);
    });
    this.#endMs = nowMs + spanMs;
    this.#replan(nowMs);
  }

  /** What one that comes in the middle of a tick gets of what is left, in ns per ms; it is taken at once. */
  takeLate(pool: number, demand: number, nowMs: number): number {
    if (this.#isWholeHost(pool)) {
      const late = this.#lateAt(nowMs);
      const rate = Math.min(demand, this.pcpuCount * FULL - this.#rates.total - late);
      this.#late = { atMs: nowMs, rate: late + rate, before: undefined };
      return rate;
    }
    this.#settleLate();
    let left = demand;
    for (const { node } of this.#piecesOf(pool)) {
      const { cpus } = this.#tree.nodes[node]!;
      const rate = Math.min(left, this.#rates.idle(cpus));
      this.#rates.place(cpus, rate);
      left -= rate;
    }
    this.#replan(nowMs);
    return demand - left;
  }

  /** Takes back what one that stops in the middle of a tick would have run, in ns per ms. */
  giveBack(pool: number, rate: number, nowMs: number): void {
    if (this.#isWholeHost(pool)) {
      const late = this.#lateAt(nowMs);
      this.#late = {
        atMs: nowMs,
        rate: late - Math.min(rate, this.#rates.total + late),
        before: undefined,
      };
      return;
    }
    this.#settleLate();
    let left = rate;
    for (const { node } of this.#piecesOf(pool))
      left = this.#rates.remove(this.#tree.nodes[node]!.cpus, left);
    this.#replan(nowMs);
  }

  /** Time in ns for which a pCPU has run something since the host came up. */
  busyNs(pcpu: number, nowMs: number): number {
    this.#placeLate();
    return this.#read(pcpu, nowMs);
  }

  /** Share of the last minute, or of the time since the host came up, in which a pCPU was busy: 0 to 1. */
  load(pcpu: number, nowMs: number): number {
    this.#placeLate();
    return this.#history.load(pcpu, nowMs);
  }

  /** What a pCPU runs in the present tick, in ns per ms. */
  busyRate(pcpu: number): number {
    this.#placeLate();
    return this.#rates.busy(pcpu);
  }

  /** A copy of everything that a tick, a late start or a stop changes. */
  snapshot(): HostCpuRecord {
    return {
      numbers: this.#machine.numbers.slice(),
      rates: this.#rates.snapshot(),
      totals: Float64Array.of(this.#endMs, ...this.#totals),
      late: this.#late,
    };
  }

  /** Puts everything back; for a record of the same tick. */
  restore({ numbers, rates, totals, late }: HostCpuRecord): void {
    this.#late = late;
    this.#machine.numbers.set(numbers);
    this.#rates.restore(rates);
    this.#endMs = totals[0]!;
    this.#totals.set(totals.subarray(1));
  }

  #piecesOf(pool: number): PoolTree['pieces'][number] {
    return this.#tree.pieces[pool < this.#arranged ? pool : WHOLE_HOST]!;
  }

  #arrange(): void {
    const before = this.#masks.map((_, pool) => this.runnablePerCpu(pool));
    this.#tree = arrangePools(this.#masks, this.pcpuCount);
    this.#arranged = this.#masks.length;
    const count = this.#tree.nodes.length;
    this.#claims = Array.from({ length: count }, (_, node) => this.#claims[node] ?? new Float64Array(64));
    this.#counts = new Int32Array(count);
    this.#totals = new Float64Array(count * STRIDE);
    this.#tree.pieces.forEach((pieces, pool) => {
      for (const { node } of pieces) this.#totals[node * STRIDE + RUNNABLE] = before[pool]!;
    });
  }

  #claimNode(node: number, demand: number, weight: number): void {
    let claims = this.#claims[node]!;
    const at = 2 * this.#counts[node]!++;
    if (at >= claims.length) {
      claims = new Float64Array(2 * claims.length);
      claims.set(this.#claims[node]!);
      this.#claims[node] = claims;
    }
    claims[at] = demand;
    claims[at + 1] = weight;
    this.#totals[node * STRIDE + DEMAND]! += demand;
  }

  #capacity(node: number): number {
    return this.#tree.nodes[node]!.cpus.length * FULL;
  }

  #takeNode(node: number, demand: number, weight: number): number {
    const rate = grantAt(this.#totals[node * STRIDE + LEVEL]!, demand, weight);
    this.#totals[node * STRIDE + RAN]! += rate;
    return rate;
  }

  #shareNode(node: number): void {
    const totals = this.#totals;
    const at = node * STRIDE;
    const capacity = this.#capacity(node);
    const demand = totals[at + DEMAND]!;
    const fits = demand <= capacity;
    totals[at + LEVEL] = fits
      ? Number.POSITIVE_INFINITY
      : fairLevel(this.#claims[node]!, this.#counts[node]!, capacity);
    totals[at + RUNNABLE] = demand / capacity;
    const polling = totals[at + POLL]!;
    totals[at + POLL_SHARE] = polling === 0 ? 1 : Math.min(1, Math.max(0, capacity - demand) / polling);
  }

  /** Makes the claims of a set, as far as it can meet them, claims on the set around it. */
  #handUp(node: number, parent: number): void {
    const claims = this.#claims[node]!;
    const level = this.#totals[node * STRIDE + LEVEL]!;
    for (let i = 0; i < this.#counts[node]!; i++) {
      const weight = claims[2 * i + 1]!;
      const met = grantAt(level, claims[2 * i]!, weight);
      if (met > 0) this.#claimNode(parent, met, weight);
    }
    this.#totals[parent * STRIDE + POLL]! += this.#totals[node * STRIDE + POLL]!;
  }

  #read(pcpu: number, atMs: number): number {
    return readCounter(this.#machine, this.#machine.layout.parts[pcpu]!.counters, atMs);
  }

  #isWholeHost(pool: number): boolean {
    const pieces = this.#piecesOf(pool);
    return pieces.length === 1 && pieces[0]!.node === this.#tree.nodes.length - 1;
  }

  /** What came and went at this instant so far, on no pCPU; what did so before it stays where it is. */
  #lateAt(nowMs: number): number {
    const { atMs, rate, before } = this.#late;
    if (atMs !== nowMs) {
      this.#settleLate();
      return 0;
    }
    if (before) this.#rates.restore(before);
    return rate;
  }

  /** Spreads what came and went over the pCPUs, for good. */
  #settleLate(): void {
    this.#placeLate();
    this.#late = NOTHING_LATE;
  }

  /** Puts what came and went on the pCPUs: once for all of an instant, for thousands of guests may crash in it. */
  #placeLate(): void {
    const { atMs, rate, before } = this.#late;
    if (before || this.#late === NOTHING_LATE) return;
    this.#late = { atMs, rate, before: this.#rates.snapshot() };
    const { cpus } = this.#tree.nodes.at(-1)!;
    if (rate > 0) this.#rates.place(cpus, rate);
    else this.#rates.remove(cpus, -rate);
    this.#replan(atMs);
  }

  #replan(nowMs: number): void {
    settle(this.#machine, nowMs);
    this.#history.note(nowMs);
    const spanMs = Math.max(0, this.#endMs - nowMs);
    begin(this.#machine, nowMs, spanMs);
    const { layout, numbers } = this.#machine;
    const growths = layout.firstCounter + layout.counterCount;
    for (let cpu = 0; cpu < this.pcpuCount; cpu++) numbers[growths + cpu] = this.#rates.busy(cpu) * spanMs;
  }
}

function partWeight(weight: number, share: number): number {
  return Math.max(1, Math.round(weight * share));
}
