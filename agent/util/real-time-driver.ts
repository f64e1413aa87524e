import type { VirtualClock } from './clock.ts';
import { type Logger, silentLogger } from './logger.ts';

/** How a {@link RealTimeDriver} moves its clock. */
export interface RealTimeOptions {
  /** Simulated seconds per real second, 0 (stands still) or more; 1 when not given. */
  readonly speed?: number;
  /** Longest time in real ms that timers may take in one go, between requests; 0.5 when not given. */
  readonly sliceMs?: number;
  /** The same while the clock lags behind so far that it has to catch up; 1 when not given. */
  readonly lateSliceMs?: number;
  /** The same for {@link RealTimeDriver.sync}, which stands in a request's way; 0.5 when not given. */
  readonly syncSliceMs?: number;
  /** Real ms that the clock may lag behind before the lag is dropped; 5000 when not given. */
  readonly maxLagMs?: number;
  readonly logger?: Logger;
  /** A monotonic clock in real ms; `performance.now` when not given. */
  readonly monotonicMs?: () => number;
}

/** Real ms of lag from which on the clock catches up at the cost of requests. */
const LATE_MS = 400;
/** Longest delay that setTimeout takes. */
const LONGEST_TIMEOUT_MS = 0x7fff_ffff;

/**
 * Lets a virtual clock follow the machine's monotonic clock, in whole simulated ms.
 *
 * It sleeps until the next timer is due, with one setTimeout. When timers take longer than real time
 * allows, the simulation runs late rather than the process hanging; a lag beyond `maxLagMs` is dropped.
 */
export class RealTimeDriver {
  readonly #clock: VirtualClock;
  readonly #monotonicMs: () => number;
  readonly #sliceMs: number;
  readonly #lateSliceMs: number;
  readonly #syncSliceMs: number;
  readonly #maxLagMs: number;
  readonly #logger: Logger;
  #speed: number;
  #running = false;
  #originRealMs = 0;
  #originMs = 0;
  #droppedMs = 0;
  #timeout: NodeJS.Timeout | undefined;
  #wakesAtMs = Number.POSITIVE_INFINITY;
  /** Whether the latest go ended before all that was due had run. */
  #behind = false;

  constructor(clock: VirtualClock, options: RealTimeOptions = {}) {
    this.#clock = clock;
    this.#speed = checkedSpeed(options.speed ?? 1);
    this.#sliceMs = options.sliceMs ?? 0.5;
    this.#lateSliceMs = options.lateSliceMs ?? Math.max(1, this.#sliceMs);
    this.#syncSliceMs = options.syncSliceMs ?? 0.5;
    this.#maxLagMs = options.maxLagMs ?? 5000;
    this.#logger = options.logger ?? silentLogger;
    this.#monotonicMs = options.monotonicMs ?? (() => performance.now());
  }

  /** Simulated seconds per real second. */
  get speed(): number {
    return this.#speed;
  }

  /** Changes the speed from now on. */
  set speed(speed: number) {
    const checked = checkedSpeed(speed);
    this.sync();
    this.#speed = checked;
    this.#rebase();
    this.#arm();
  }

  /** Real ms that were dropped because timers took too long; 0 on a machine that keeps up. */
  get droppedMs(): number {
    return this.#droppedMs;
  }

  /** Starts to follow real time from the clock's present value. Does nothing when it is running. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#behind = false;
    this.#rebase();
    this.#clock.onEarlier = () => {
      if (!this.#clock.advancing) this.#arm();
    };
    this.#arm();
  }

  /** Stops the clock where it is, leaving no handle behind. May be called again and again. */
  stop(): void {
    if (!this.#running) return;
    this.#running = false;
    this.#clock.onEarlier = undefined;
    clearTimeout(this.#timeout);
    this.#timeout = undefined;
    this.#wakesAtMs = Number.POSITIVE_INFINITY;
  }

  /**
   * Brings the clock up to real time: what a request calls before it reads.
   *
   * Costs one look at the machine's clock when nothing is due, and at most about one sync slice otherwise: when
   * that was not enough, the rest is done between requests, and the clock stands for those that come meanwhile.
   * So a queue of requests pays for one slice, not for one each. Does nothing when it is stopped, or inside a
   * timer.
   */
  sync(): void {
    if (!this.#running || this.#behind || this.#clock.advancing) return;
    const target = this.#targetMs();
    if (target <= this.#clock.nowMs) return;
    this.#advance(target, this.#syncSliceMs);
  }

  #targetMs(): number {
    return this.#originMs + Math.floor((this.#monotonicMs() - this.#originRealMs) * this.#speed);
  }

  #rebase(): void {
    this.#originMs = this.#clock.nowMs;
    this.#originRealMs = this.#monotonicMs();
  }

  #advance(target: number, sliceMs: number): void {
    const endsAt = this.#monotonicMs() + sliceMs;
    const reached = this.#clock.advanceTo(target, () => this.#monotonicMs() < endsAt);
    this.#behind = !reached;
    if (reached || this.#speed === 0) return;
    const lagMs = (target - this.#clock.nowMs) / this.#speed;
    if (lagMs <= this.#maxLagMs) return;
    this.#droppedMs += lagMs;
    this.#rebase();
    this.#logger.warn('the simulation cannot keep up: time was dropped', { lagMs: Math.round(lagMs) });
  }

  #wake(): void {
    this.#timeout = undefined;
    this.#wakesAtMs = Number.POSITIVE_INFINITY;
    try {
      const target = this.#targetMs();
      const lagMs = target - this.#clock.nowMs;
      const isLate = lagMs > LATE_MS * this.#speed;
      if (lagMs > 0) this.#advance(target, isLate ? this.#lateSliceMs : this.#sliceMs);
    } finally {
      if (this.#running) this.#arm();
    }
  }

  #arm(): void {
    if (!this.#running) return;
    const dueMs = this.#speed > 0 ? this.#clock.nextDueMs : Number.POSITIVE_INFINITY;
    if (this.#timeout) {
      if (dueMs === this.#wakesAtMs) return;
      clearTimeout(this.#timeout);
      this.#timeout = undefined;
    }
    this.#wakesAtMs = dueMs;
    if (dueMs === Number.POSITIVE_INFINITY) return;
    const realMs = (dueMs - this.#originMs) / this.#speed + this.#originRealMs - this.#monotonicMs();
    this.#timeout = setTimeout(
      () => this.#wake(),
      Math.min(Math.max(Math.ceil(realMs), 0), LONGEST_TIMEOUT_MS),
    );
  }
}

function checkedSpeed(speed: number): number {
  if (Number.isFinite(speed) && speed >= 0) return speed;
  throw new RangeError(`a speed must be 0 or more, not ${speed}`);
}
