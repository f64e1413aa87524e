import type { UplinkConfig } from './net-config.ts';
import type { Uplink, UplinkCounter } from './uplink.ts';

/** What a segment reaches others by: a physical NIC, or a bond of several. */
export interface Line {
  readonly config: UplinkConfig;
  /** Whether it carries frames, as the host knows: the link is up, and the host has it on. */
  readonly up: boolean;
  /** Whether the host has it on. */
  readonly enabled: boolean;
  /** Bits per second that it carries at most at present; that of a NIC does not depend on its link. */
  readonly lineRate: number;
  /** Its physical NICs, in the order of their configuration. */
  readonly nics: readonly Uplink[];
  /** What frames are sent on at present, at least one; what is sent on one that is down is dropped there. */
  readonly txLanes: readonly Uplink[];
  /** What frames come in on at present. */
  readonly rxLanes: readonly Uplink[];
  /** A counter's value at an instant: a whole number. */
  read(counter: UplinkCounter, nowMs: number): number;
  /** What a counter was to grow by in what is left of the present span: a whole number. */
  left(counter: UplinkCounter, nowMs: number): number;
  /** Ends what was planned and begins a span without any growth. */
  begin(nowMs: number, spanMs: number): void;
  /** The host has lost its power, and gets it back as another one. */
  powerOff(nowMs: number): void;
}
