import type { Value } from '../../mib/value.ts';
import type { Crossing } from './tests.ts';

/** What a trigger remembers of one instance that it watches. */
export class InstanceState {
  /**
   * Content octets of what follows the object type in the name of the instance, a character each: there may be a
   * million, and an array would take four times the room.
   */
  readonly index: string;
  /** The value at the sample before; absent while there is none. */
  value: Value | undefined;
  /** The value of the discontinuity object then, for differences. */
  discontinuity: Value | undefined;
  /** Whether the comparison was true at the sample before; absent at the first. */
  held: boolean | undefined;
  /** Absent until the first sample for a threshold. */
  level: Crossing | undefined;
  /** Absent until the first difference for a threshold. */
  deltaLevel: Crossing | undefined;
  /** Whether the sample before failed: that is told once. */
  failing = false;
  /** The sample at which it was last there. */
  round = 0;

  constructor(index: string) {
    this.index = index;
  }
}
