import { SPAN_MS } from '../machine/layout.ts';
import { FULL } from '../vcpu/vcpu-config.ts';
import type { ContainerPlan } from './container-config.ts';
import { CONTAINER, CONTAINER_STATE, type ContainerPlace } from './container-places.ts';

/** First pass of a tick: what a container wants of the host's CPUs, in whole ns per ms, to be claimed. */
export function demandContainerCpu(
  numbers: Float64Array,
  { part }: ContainerPlace,
  plan: ContainerPlan,
  utilisation: number,
): number {
  const awake = 1 - numbers[part.state + CONTAINER_STATE.STALL]!;
  const wanted = Math.round(Math.min(1, utilisation) * plan.cpus * FULL * awake);
  const demand = Math.min(wanted, plan.cpuLimit);
  numbers[part.state + CONTAINER_STATE.WANTED] = wanted;
  numbers[part.state + CONTAINER_STATE.DEMAND] = demand;
  return demand;
}

/**
 * Last pass of a tick: what the container does with the ns per ms that it was granted.
 *
 * Rates are whole, so that usage = user + system at each whole ms. A quota throttles when more was wanted and the
 * quota was used up; periods do not count while the container is idle (facts, section 1.4).
 */
export function runContainerCpu(
  numbers: Float64Array,
  { part, counterCount }: ContainerPlace,
  plan: ContainerPlan,
  granted: number,
  userShare: number,
): void {
  const span = numbers[SPAN_MS]!;
  const { state } = part;
  const at = part.counters + counterCount;
  const wanted = numbers[state + CONTAINER_STATE.WANTED]!;
  const run = Math.min(granted, numbers[state + CONTAINER_STATE.DEMAND]!);
  numbers[at + CONTAINER.USAGE] = run * span;
  numbers[at + CONTAINER.USER] = Math.floor(run * userShare) * span;
  if (plan.periodMs === 0 || wanted === 0) return;
  const periods = numbers[state + CONTAINER_STATE.PERIOD_PART]! + span / plan.periodMs;
  // A sum of equal fractions may end just below the whole number that it means.
  const whole = Math.floor(periods + 1e-9);
  numbers[state + CONTAINER_STATE.PERIOD_PART] = Math.max(0, periods - whole);
  numbers[at + CONTAINER.PERIODS] = whole;
  if (wanted <= plan.cpuLimit || run < plan.cpuLimit) return;
  numbers[at + CONTAINER.THROTTLED_PERIODS] = whole;
  numbers[at + CONTAINER.THROTTLED] = (wanted - plan.cpuLimit) * span;
}
