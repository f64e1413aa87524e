import type { Looked, Probe } from './expect/expectation.ts';
import type { ExpectStep, NeverStep } from './timeline.ts';
import type { World } from './world.ts';

/** How an expectation ended. */
export interface Verdict {
  readonly met: boolean;
  /** Simulated ms at which it was known. */
  readonly atMs: number;
  /** Simulated ms from the step's time until it came to be so; absent when it did not, or was not to. */
  readonly tookMs?: number;
  /** What was there at the last look. */
  readonly seen: string;
}

/** Holds what one step expects against look after look. */
export class Watch {
  readonly step: ExpectStep | NeverStep;
  readonly #probe: Probe;
  readonly #lookMs: number;
  #nextMs: number;
  /** Since when it has been so without a break. */
  #sinceMs: number | undefined;

  constructor(step: ExpectStep | NeverStep, lookMs: number) {
    this.step = step;
    this.#probe = step.expectation.begin(step.atMs);
    this.#lookMs = lookMs;
    this.#nextMs = Math.max(0, step.atMs - step.expectation.leadMs);
  }

  /** When it has to be looked at, in simulated ms. */
  get nextMs(): number {
    return this.#nextMs;
  }

  /** Looks, at {@link nextMs}; gives the verdict once there is one. */
  async look(world: World): Promise<Verdict | undefined> {
    const { step } = this;
    const nowMs = this.#nextMs;
    const looked = await this.#probe.look(world);
    if (nowMs < step.atMs) {
      this.#goOn(nowMs, step.atMs);
      return undefined;
    }
    return step.kind === 'never' ? this.#never(step, looked, nowMs) : this.#expect(step, looked, nowMs);
  }

  #expect(step: ExpectStep, { met, seen, sinceMs }: Looked, nowMs: number): Verdict | undefined {
    const latestMs = step.atMs + step.withinMs;
    this.#sinceMs = met ? (this.#sinceMs ?? sinceMs ?? nowMs) : undefined;
    if (this.#sinceMs !== undefined && this.#sinceMs <= latestMs) {
      const endMs = this.#sinceMs + step.holdsMs;
      if (nowMs >= endMs) return { met: true, atMs: nowMs, tookMs: this.#sinceMs - step.atMs, seen };
      this.#goOn(nowMs, endMs);
      return undefined;
    }
    if (nowMs >= latestMs) return { met: false, atMs: nowMs, seen };
    this.#goOn(nowMs, latestMs);
    return undefined;
  }

  #never(step: NeverStep, { met, seen, sinceMs }: Looked, nowMs: number): Verdict | undefined {
    if (met) return { met: false, atMs: nowMs, tookMs: (sinceMs ?? nowMs) - step.atMs, seen };
    if (nowMs >= step.untilMs) return { met: true, atMs: nowMs, seen };
    this.#goOn(nowMs, step.untilMs);
    return undefined;
  }

  /** The next look is one interval on, or where something is decided before. */
  #goOn(nowMs: number, decisiveMs: number): void {
    const nextMs = nowMs + this.#lookMs;
    this.#nextMs = nowMs < decisiveMs ? Math.min(nextMs, decisiveMs) : nextMs;
  }
}
