import { fields, Layout } from '../machine/layout.ts';
import { begin, createMachine, type Machine, readCounter, settle } from '../machine/machine.ts';

/**
 * What a physical NIC counts; octets are those of frames without check sequence.
 *
 * `rxErrors`: frames whose check sequence did not fit, which it threw away. `txErrors`: frames that waited for the
 * line when the link went down; `txDropped`: those that found no room, or no link.
 */
export const UPLINK_COUNTERS = [
  'rxFrames',
  'rxBytes',
  'txFrames',
  'txBytes',
  'txDropped',
  'txDroppedBytes',
  'rxMulticast',
  'rxChecksumErrors',
  'rxErrors',
  'txErrors',
] as const;
/** A name of {@link UPLINK_COUNTERS}. */
export type UplinkCounter = (typeof UPLINK_COUNTERS)[number];

const FIELD = fields(...UPLINK_COUNTERS);
const LAYOUT = new Layout([{ counters: UPLINK_COUNTERS.length, state: 0 }]);

/** A copy of an {@link Uplink}. */
export interface UplinkRecord {
  readonly numbers: Float64Array;
  readonly carrier: boolean;
  readonly enabled: boolean;
  readonly changedMs: number;
}

/** What is set of a link: whether the line has a carrier, and whether the host has the NIC on (`ip link set`). */
export interface LinkSetting {
  readonly carrier?: boolean;
  readonly enabled?: boolean;
}

/** One physical NIC of the host: its link, and its counters, planned a tick ahead as a machine's are. */
export class Uplink {
  #carrier = true;
  #enabled = true;
  #changedMs: number;
  readonly #machine: Machine = createMachine(LAYOUT);

  /** Its link is up since `nowMs`. */
  constructor(nowMs: number) {
    this.#changedMs = nowMs;
  }

  /** Whether its link is up: the line has a carrier, and the host has the NIC on. */
  get up(): boolean {
    return this.#carrier && this.#enabled;
  }

  /** Whether there is a carrier, or would be if the host had the NIC on. */
  get carrier(): boolean {
    return this.#carrier;
  }

  /** Whether the host has it on. */
  get enabled(): boolean {
    return this.#enabled;
  }

  /** When its link last went up or down, in simulated ms. */
  get changedMs(): number {
    return this.#changedMs;
  }

  /** Sets what is given; the link goes up or down by it, or stays as it is. */
  set({ carrier = this.#carrier, enabled = this.#enabled }: LinkSetting, nowMs: number): void {
    const was = this.up;
    this.#carrier = carrier;
    this.#enabled = enabled;
    if (this.up !== was) this.#changedMs = nowMs;
  }

  /** What a counter was to grow by in what is left of the present span: a whole number. */
  left(counter: UplinkCounter, nowMs: number): number {
    const at = LAYOUT.firstCounter + FIELD[counter];
    const { numbers } = this.#machine;
    return numbers[at]! + numbers[at + LAYOUT.counterCount]! - this.read(counter, nowMs);
  }

  /** A counter's value at an instant. */
  read(counter: UplinkCounter, nowMs: number): number {
    return readCounter(this.#machine, LAYOUT.firstCounter + FIELD[counter], nowMs);
  }

  /** Ends what was planned and begins a span without any growth. */
  begin(nowMs: number, spanMs: number): void {
    settle(this.#machine, nowMs);
    begin(this.#machine, nowMs, spanMs);
  }

  /** Adds to what a counter grows by in the present span. */
  plan(counter: UplinkCounter, growth: number): void {
    this.#machine.numbers[LAYOUT.firstCounter + FIELD[counter] + LAYOUT.counterCount]! += growth;
  }

  /** A copy of everything, for {@link restore}. */
  snapshot(): UplinkRecord {
    return {
      numbers: this.#machine.numbers.slice(),
      carrier: this.#carrier,
      enabled: this.#enabled,
      changedMs: this.#changedMs,
    };
  }

  /** Puts everything back as it was. */
  restore({ numbers, carrier, enabled, changedMs }: UplinkRecord): void {
    this.#machine.numbers.set(numbers);
    this.#carrier = carrier;
    this.#enabled = enabled;
    this.#changedMs = changedMs;
  }
}
