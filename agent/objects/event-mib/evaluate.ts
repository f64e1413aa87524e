import { TAG } from '../../ber/tags.ts';
import type { Value } from '../../mib/value.ts';
import type { InstanceState } from './instance-state.ts';
import { EXISTENCE, TEST, type TriggerRow } from './rows.ts';
import { asNumber, difference, isSame } from './sampled.ts';
import { compares, cross } from './tests.ts';

/** What of a trigger fires: each has its own event. */
export type Firing = 'existence' | 'boolean' | 'rising' | 'falling' | 'deltaRising' | 'deltaFalling';

/** What hears of each firing, with the sample that fired it. */
export type Fire = (what: Firing, sample: number | undefined) => void;

/**
 * Tests a sample as a trigger wants it, and remembers what the next test needs of it. False for a value of a type that
 * a test cannot use.
 *
 * `discontinuous`: the value began anew since the sample before, so that their difference means nothing. `first`: this is
 * the first sample that the trigger takes.
 */
export function evaluate(
  row: TriggerRow,
  state: InstanceState,
  tag: number,
  value: Value,
  discontinuous: boolean,
  first: boolean,
  fire: Fire,
): boolean {
  const before = state.value;
  const since = before === undefined || discontinuous ? undefined : difference(tag, value, before);
  state.value = value;
  if ((row.test & TEST.existence) !== 0) {
    const { existenceTest, existenceStartup } = row;
    if (before === undefined) {
      const counts = first ? existenceTest & existenceStartup : existenceTest;
      if ((counts & EXISTENCE.present) !== 0) fire('existence', asNumber(value));
    } else if ((existenceTest & EXISTENCE.changed) !== 0 && !isSame(value, before)) {
      fire('existence', asNumber(value));
    }
  }
  if ((row.test & (TEST.boolean | TEST.threshold)) === 0) return true;
  const absolute = isNumeric(tag) ? asNumber(value) : undefined;
  if (absolute === undefined) return false;
  const sampled = row.delta ? since : absolute;
  if (sampled === undefined) return true;
  if ((row.test & TEST.boolean) !== 0) testBoolean(row, state, sampled, fire);
  if ((row.test & TEST.threshold) !== 0) testThreshold(row, state, sampled, since, fire);
  return true;
}

/** Tests that an instance is not there now. */
export function testAbsence(
  row: TriggerRow,
  state: InstanceState | undefined,
  first: boolean,
  fire: Fire,
): void {
  if ((row.test & TEST.existence) === 0) return;
  const was = state?.value !== undefined;
  if (!was && !first) return;
  const counts = was ? row.existenceTest : row.existenceTest & row.existenceStartup;
  if ((counts & EXISTENCE.absent) !== 0) fire('existence', undefined);
}

function testBoolean(row: TriggerRow, state: InstanceState, sampled: number, fire: Fire): void {
  const { held } = state;
  state.held = compares(sampled, row.booleanComparison, row.booleanValue);
  if (!state.held) return;
  if (held === undefined ? row.booleanStartup : !held) fire('boolean', sampled);
}

function testThreshold(
  row: TriggerRow,
  state: InstanceState,
  sampled: number,
  since: number | undefined,
  fire: Fire,
): void {
  const startup = row.thresholdStartup;
  const level = cross(state.level, sampled, row.rising, row.falling, startup);
  if (level) fire(level, sampled);
  if (since === undefined || (row.deltaRisingEvent === '' && row.deltaFallingEvent === '')) return;
  const delta = cross(state.deltaLevel, since, row.deltaRising, row.deltaFalling, startup);
  if (delta) fire(delta === 'rising' ? 'deltaRising' : 'deltaFalling', since);
}

/** Whether objects of a tag are integers, as the tests other than existence want them. */
function isNumeric(tag: number): boolean {
  return (
    tag === TAG.INTEGER ||
    tag === TAG.GAUGE32 ||
    tag === TAG.COUNTER32 ||
    tag === TAG.COUNTER64 ||
    tag === TAG.TIME_TICKS
  );
}
