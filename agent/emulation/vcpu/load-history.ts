/** The span that a load is the mean of, in ms: what HOST-RESOURCES calls a minute, and uptime the first figure. */
export const LOAD_SPAN_MS = 60_000;
/** Least time between two samples in ms, and how many of them reach over the span. */
const APART_MS = 5000;
const KEPT = LOAD_SPAN_MS / APART_MS + 2;

/** The busy time in ns of a pCPU at an instant, which is not before the last call of {@link LoadHistory.note}. */
export type BusyAt = (pcpu: number, atMs: number) => number;

/**
 * What the busy times of a host's processors were in the last minute, for loads over it.
 *
 * A sample at most every 5 s, and between two of them a straight line; from the last plan on the times are exact.
 * It holds only what has passed, so that a change that is taken back takes nothing back here.
 */
export class LoadHistory {
  readonly #pcpuCount: number;
  readonly #busyAt: BusyAt;
  readonly #bootedMs: number;
  /** In the order of their times; the oldest is used again for the newest. BOUNDED: {@link KEPT}. */
  readonly #samples: { atMs: number; busy: Float64Array }[];
  #plannedMs: number;

  constructor(pcpuCount: number, busyAt: BusyAt, bootedMs: number) {
    this.#pcpuCount = pcpuCount;
    this.#busyAt = busyAt;
    this.#bootedMs = bootedMs;
    this.#plannedMs = bootedMs;
    this.#samples = [{ atMs: bootedMs, busy: new Float64Array(pcpuCount) }];
  }

  /** What is busy is planned anew from `nowMs` on. */
  note(nowMs: number): void {
    this.#plannedMs = nowMs;
    const samples = this.#samples;
    if (nowMs - samples.at(-1)!.atMs < APART_MS) return;
    const sample =
      samples.length < KEPT
        ? { atMs: nowMs, busy: new Float64Array(this.#pcpuCount) }
        : Object.assign(samples.shift()!, { atMs: nowMs });
    for (let pcpu = 0; pcpu < this.#pcpuCount; pcpu++) sample.busy[pcpu] = this.#busyAt(pcpu, nowMs);
    samples.push(sample);
  }

  /** Share of the last minute, or of the time since the boot, in which a pCPU was busy: 0 to 1. */
  load(pcpu: number, nowMs: number): number {
    const fromMs = Math.max(this.#bootedMs, nowMs - LOAD_SPAN_MS);
    if (fromMs >= nowMs) return 0;
    const busyNs = this.#busyAt(pcpu, nowMs) - this.#busyThen(pcpu, fromMs);
    return Math.min(1, Math.max(0, busyNs / ((nowMs - fromMs) * 1e6)));
  }

  #busyThen(pcpu: number, atMs: number): number {
    if (atMs >= this.#plannedMs) return this.#busyAt(pcpu, atMs);
    const samples = this.#samples;
    let i = samples.length - 1;
    while (i > 0 && samples[i]!.atMs > atMs) i--;
    const before = samples[i]!;
    const next = samples[i + 1];
    const endMs = next?.atMs ?? this.#plannedMs;
    const end = next ? next.busy[pcpu]! : this.#busyAt(pcpu, endMs);
    const start = before.busy[pcpu]!;
    if (atMs <= before.atMs) return start;
    return start + ((end - start) * (atMs - before.atMs)) / (endMs - before.atMs);
  }
}
