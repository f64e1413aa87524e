import { fields, Layout } from '../machine/layout.ts';
import { begin, createMachine, type Machine, readCounter, settle } from '../machine/machine.ts';
import type { Line } from './line.ts';
import type { UplinkConfig } from './net-config.ts';

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

/** Parts of frames that are left over between two spans, and what waits for the line. */
export interface Rest {
  multicast: number;
  corrupt: number;
  fcs: number;
  /** Frames that the latest span left waiting for the line; and those of them that a link going down takes. */
  queued: number;
  errors: number;
}

/** A copy of an {@link Uplink}. */
export interface UplinkRecord {
  readonly numbers: Float64Array;
  readonly link: LinkState;
  readonly powered: boolean;
  readonly changedMs: number;
  readonly rest: Rest;
}

/** What a link depends on beside power; each is somebody else's, so that none undoes another. */
export interface LinkState {
  /** Whether the cable is in. */
  readonly cable: boolean;
  /** Whether a fault has the link down. */
  readonly broken: boolean;
  /** Whether the host has the NIC on (`ip link set`). */
  readonly enabled: boolean;
}

/** What is set of a {@link LinkState}. */
export type LinkSetting = Partial<LinkState>;

/** What is set of links, by the name of the interface; the rest is as usual: in, whole and on. */
export type LinkSettings = ReadonlyMap<string, LinkSetting>;

const USUAL: LinkState = { cable: true, broken: false, enabled: true };

/** One physical NIC of the host: its link, and its counters, planned a tick ahead as a machine's are. */
export class Uplink implements Line {
  readonly config: UplinkConfig;
  readonly nics: readonly Uplink[] = [this];
  readonly txLanes: readonly Uplink[] = [this];
  readonly rest: Rest = { multicast: 0, corrupt: 0, fcs: 0, queued: 0, errors: 0 };
  #link: LinkState;
  #powered = true;
  #changedMs: number;
  readonly #machine: Machine = createMachine(LAYOUT);

  /** Its link is as `setting` has it since `nowMs`. */
  constructor(config: UplinkConfig, nowMs: number, setting?: LinkSetting) {
    this.config = config;
    this.#link = { ...USUAL, ...setting };
    this.#changedMs = nowMs;
  }

  get rxLanes(): readonly Uplink[] {
    return this.up ? this.nics : NONE;
  }

  get up(): boolean {
    return this.carrier && this.#link.enabled && this.#powered;
  }

  /** Whether there is a carrier, or would be if the host had power and the NIC on. */
  get carrier(): boolean {
    return this.#link.cable && !this.#link.broken;
  }

  get enabled(): boolean {
    return this.#link.enabled;
  }

  /** When its link last went up or down, in simulated ms. */
  get changedMs(): number {
    return this.#changedMs;
  }

  get lineRate(): number {
    return this.config.lineRate;
  }

  /**
   * Sets what is given; the link goes up or down by it, or stays as it is.
   *
   * What waits for the line when the link goes down is lost by an error.
   */
  set(setting: LinkSetting, nowMs: number): void {
    const was = this.up;
    this.#link = { ...this.#link, ...setting };
    this.#moved(was, nowMs);
  }

  powerOff(nowMs: number): void {
    const was = this.up;
    this.#powered = false;
    this.#moved(was, nowMs);
  }

  left(counter: UplinkCounter, nowMs: number): number {
    const at = LAYOUT.firstCounter + FIELD[counter];
    const { numbers } = this.#machine;
    return numbers[at]! + numbers[at + LAYOUT.counterCount]! - this.read(counter, nowMs);
  }

  read(counter: UplinkCounter, nowMs: number): number {
    return readCounter(this.#machine, LAYOUT.firstCounter + FIELD[counter], nowMs);
  }

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
      link: this.#link,
      powered: this.#powered,
      changedMs: this.#changedMs,
      rest: { ...this.rest },
    };
  }

  /** Puts everything back as it was. */
  restore({ numbers, link, powered, changedMs, rest }: UplinkRecord): void {
    this.#machine.numbers.set(numbers);
    this.#link = link;
    this.#powered = powered;
    this.#changedMs = changedMs;
    Object.assign(this.rest, rest);
  }

  #moved(was: boolean, nowMs: number): void {
    if (this.up === was) return;
    this.#changedMs = nowMs;
    this.rest.errors = was ? this.rest.queued : 0;
  }
}

const NONE: readonly Uplink[] = [];
