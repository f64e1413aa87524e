import { FULL } from './vcpu-config.ts';

/** How much of each pCPU is in use in the present tick, in whole ns per ms. */
export class PcpuRates {
  readonly #busy: Float64Array;
  /** Sum of the uses. */
  #total = 0;

  constructor(pcpuCount: number) {
    this.#busy = new Float64Array(pcpuCount);
  }

  /** Use of one pCPU, 0 to {@link FULL}. */
  busy(pcpu: number): number {
    return this.#busy[pcpu]!;
  }

  /** Use of all pCPUs together. */
  get total(): number {
    return this.#total;
  }

  /** What is left of some pCPUs together. */
  idle(cpus: readonly number[]): number {
    let idle = 0;
    for (const cpu of cpus) idle += FULL - this.#busy[cpu]!;
    return idle;
  }

  /** Nothing is in use. */
  clear(): void {
    this.#busy.fill(0);
    this.#total = 0;
  }

  /** Puts a load on some pCPUs, on the least used first, as a load balancer would. It must fit. */
  place(cpus: readonly number[], rate: number): void {
    if (rate === 0) return;
    const left = this.#spread(cpus, rate, 1);
    if (left > 0) throw new Error(`${left} of ${rate} ns per ms do not fit on pCPUs ${cpus.join()}`);
  }

  /** Takes a load off some pCPUs, off the most used first; returns what they did not have. */
  remove(cpus: readonly number[], rate: number): number {
    return this.#spread(cpus, rate, -1);
  }

  /** A copy of the uses. */
  snapshot(): Float64Array {
    return this.#busy.slice();
  }

  /** Puts the uses back. */
  restore(record: Float64Array): void {
    this.#busy.set(record);
    this.#total = record.reduce((sum, use) => sum + use, 0);
  }

  /** Moves uses towards FULL (+1) or 0 (-1), the farthest first, until they are level; returns the rest. */
  #spread(cpus: readonly number[], rate: number, direction: 1 | -1): number {
    const busy = this.#busy;
    const room = (cpu: number): number => (direction === 1 ? FULL - busy[cpu]! : busy[cpu]!);
    const kept = Math.floor(this.#keptRoom(cpus, rate, room));
    let left = rate;
    for (let i = 0; i < cpus.length && left > 0; i++) {
      const cpu = cpus[i]!;
      const part = Math.min(left, room(cpu) - Math.min(room(cpu), kept));
      busy[cpu]! += direction * part;
      left -= part;
    }
    this.#total += direction * (rate - left);
    return left;
  }

  /** The room that those keep which have more; each round drops those that have less, so few are needed. */
  #keptRoom(cpus: readonly number[], rate: number, room: (cpu: number) => number): number {
    let kept = 0;
    for (;;) {
      let total = 0;
      let count = 0;
      for (let i = 0; i < cpus.length; i++) {
        const own = room(cpus[i]!);
        if (own <= kept) continue;
        total += own;
        count++;
      }
      const next = count === 0 ? 0 : (total - rate) / count;
      if (next <= kept) return kept;
      kept = next;
    }
  }
}
