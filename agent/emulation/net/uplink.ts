import { fields, Layout } from '../machine/layout.ts';
import { begin, createMachine, type Machine, readCounter, settle } from '../machine/machine.ts';

/** What a physical NIC counts; octets are those of frames without check sequence. */
export const UPLINK_COUNTERS = [
  'rxFrames',
  'rxBytes',
  'txFrames',
  'txBytes',
  'txDropped',
  'txDroppedBytes',
  'rxMulticast',
  'rxChecksumErrors',
] as const;
/** A name of {@link UPLINK_COUNTERS}. */
export type UplinkCounter = (typeof UPLINK_COUNTERS)[number];

const FIELD = fields(...UPLINK_COUNTERS);
const LAYOUT = new Layout([{ counters: UPLINK_COUNTERS.length, state: 0 }]);

/** The counters of one physical NIC of the host, planned a tick ahead as a machine's are. */
export class Uplink {
  readonly #machine: Machine = createMachine(LAYOUT);

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
  snapshot(): Float64Array {
    return this.#machine.numbers.slice();
  }

  /** Puts everything back as it was. */
  restore(numbers: Float64Array): void {
    this.#machine.numbers.set(numbers);
  }
}
