import { COMPARISON, type Comparison, STARTUP, type Startup } from './rows.ts';

/** Whether a sample is to a value as mteTriggerBooleanComparison wants it. */
export function compares(sample: number, comparison: Comparison, value: number): boolean {
  switch (comparison) {
    case COMPARISON.unequal:
      return sample !== value;
    case COMPARISON.equal:
      return sample === value;
    case COMPARISON.less:
      return sample < value;
    case COMPARISON.lessOrEqual:
      return sample <= value;
    case COMPARISON.greater:
      return sample > value;
    case COMPARISON.greaterOrEqual:
      return sample >= value;
  }
}

/** What a threshold test remembers of one instance. */
export interface Crossing {
  /** The sample before; absent at the first. */
  before: number | undefined;
  /** What fired last. */
  last: 'rising' | 'falling' | undefined;
}

/**
 * Takes the next sample and says which threshold it crosses (RFC 2981 section 4, mteTriggerThresholdRising and the three
 * beside it); `startup` says which a first sample can. After one has fired the other one must, before the first can fire again: the hysteresis.
 */
export function cross(
  crossing: Crossing,
  sample: number,
  rising: number,
  falling: number,
  startup: Startup,
): 'rising' | 'falling' | undefined {
  const { before, last } = crossing;
  crossing.before = sample;
  const first = before === undefined;
  let fires: Crossing['last'];
  if (sample >= rising && last !== 'rising' && (first ? startup !== STARTUP.falling : before < rising)) {
    fires = 'rising';
  } else if (
    sample <= falling &&
    last !== 'falling' &&
    (first ? startup !== STARTUP.rising : before > falling)
  ) {
    fires = 'falling';
  }
  if (fires) crossing.last = fires;
  return fires;
}
