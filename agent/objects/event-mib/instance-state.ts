import type { Value } from '../../mib/value.ts';
import type { Crossing } from './tests.ts';

/** What a trigger remembers of one instance that it watches. */
export class InstanceState {
  /** The value at the sample before; absent while there is none. */
  value: Value | undefined;
  /** The value of the discontinuity object then, for differences. */
  discontinuity: Value | undefined;
  /** Whether the comparison was true at the sample before; absent at the first. */
  held: boolean | undefined;
  /** Of the samples for a threshold. */
  readonly level: Crossing = { before: undefined, last: undefined };
  /** Of the differences for a threshold. */
  readonly deltaLevel: Crossing = { before: undefined, last: undefined };
  /** Whether the sample before failed: that is told once. */
  failing = false;

  /** Makes it that of an instance that is new. */
  clear(): void {
    this.value = undefined;
    this.discontinuity = undefined;
    this.held = undefined;
    this.failing = false;
    for (const crossing of [this.level, this.deltaLevel]) {
      crossing.before = undefined;
      crossing.last = undefined;
    }
  }
}
