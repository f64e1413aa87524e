import { SPAN_MS } from '../machine/layout.ts';
import type { ContainerPlan } from './container-config.ts';
import { CONTAINER, CONTAINER_STATE, type ContainerPlace } from './container-places.ts';

/**
 * The kernel ended processes of a container for want of memory. Applied by the hypervisor.
 *
 * `bytes` were freed; with `whole` the container's init is gone too, and the container stops.
 */
export interface ContainerOom {
  readonly kind: 'container-oom';
  readonly guest: number;
  readonly bytes: number;
  readonly whole: boolean;
}

/** What a container's processes want in a tick, in bytes. */
export interface ContainerMemoryInput {
  /** The hypervisor's number of the container, for consequences. */
  guest: number;
  /** Memory of its processes. */
  anonWanted: number;
  /** Page cache of the files that it uses. */
  cacheWanted: number;
  /** What the host wants back from it in this tick. */
  hostReclaim: number;
  /** What the host has for page cache without taking it from somebody. */
  cacheRoom: number;
  /** What the host's swap has room for. */
  swapRoom: number;
}

/** Bytes of a page. */
export const PAGE = 4096;
/** The kernel charges memory to a cgroup in batches of 32 pages; each batch over a limit is one event. */
const CHARGE_BATCH = 32 * PAGE;
/** Share of its usual growth that a container still has above memory.high. */
const HIGH_LEAK = 0.01;
/** A container that is so far above memory.high, as a share of it, sleeps as long as it can. */
const HIGH_REACH = 0.1;
/** Most of its time that it sleeps for that. */
export const MOST_STALL = 0.9;
/** Share of its growth rate at which it reads pages back from swap. */
const SWAP_IN_SHARE = 0.1;

/** What is left of the host's swap in the present run; set anew by each. */
let swapRoom = 0;

function pages(bytes: number): number {
  return Math.floor(bytes / PAGE) * PAGE;
}

/** memory.current in bytes: processes, page cache and kernel. 0 before the first tick. */
export function currentMemory(numbers: Float64Array, state: number, plan: ContainerPlan): number {
  const anon = numbers[state + CONTAINER_STATE.ANON]!;
  const cache = numbers[state + CONTAINER_STATE.CACHE]!;
  return anon + cache === 0 ? 0 : anon + cache + plan.nature.kernelBytes;
}

/**
 * Moves the memory of a container on for the span that has begun.
 *
 * Gauges and events change now and together, so that a tick that is cut short loses neither.
 */
export function runContainerMemory(
  numbers: Float64Array,
  place: ContainerPlace,
  plan: ContainerPlan,
  input: ContainerMemoryInput,
  out: ContainerOom[],
): void {
  const { counters, state } = place.part;
  const { limits, nature } = plan;
  const seconds = numbers[SPAN_MS]! / 1000;
  ({ swapRoom } = input);
  if (input.hostReclaim > 0) yieldToHost(numbers, place, plan, input.hostReclaim);

  const held = numbers[state + CONTAINER_STATE.ANON]! + numbers[state + CONTAINER_STATE.SWAP]!;
  const missing = pages(input.anonWanted) - held;
  if (missing < 0) release(numbers, state, -missing);
  let growth = pages(Math.min(Math.max(0, missing), nature.growthBytesPerSecond * seconds));
  const cache = numbers[state + CONTAINER_STATE.CACHE]!;
  const fastest = Math.min(nature.cacheBytesPerSecond * seconds, input.cacheRoom);
  const reading = Math.min(pages(input.cacheWanted) - cache, pages(fastest));
  if (reading < 0) numbers[state + CONTAINER_STATE.CACHE]! += reading;
  // New file pages take the place of old ones where there is no room.
  const room = Math.min(limits.memory.high, limits.memory.max) - currentOr(numbers, state, plan);
  const cached = Math.max(0, Math.min(reading, pages(Math.max(0, room))));
  numbers[state + CONTAINER_STATE.CACHE]! += cached;
  const replaced = Math.min(Math.max(0, reading) - cached, numbers[state + CONTAINER_STATE.CACHE]!);
  if (replaced > 0) {
    const limit = limits.memory.high < limits.memory.max ? CONTAINER.EVENT_HIGH : CONTAINER.EVENT_MAX;
    numbers[counters + limit]! += Math.ceil(replaced / CHARGE_BATCH);
    numbers[counters + CONTAINER.STOLEN]! += replaced / PAGE;
  }

  growth = holdBelowHigh(numbers, place, plan, growth, seconds);
  growth = holdBelowMax(numbers, place, plan, growth, input.guest, out);
  numbers[state + CONTAINER_STATE.ANON]! += growth;
  readBack(numbers, place, plan, seconds);
  const current = currentMemory(numbers, state, plan);
  numbers[state + CONTAINER_STATE.PEAK] = Math.max(numbers[state + CONTAINER_STATE.PEAK]!, current);
}

function currentOr(numbers: Float64Array, state: number, plan: ContainerPlan): number {
  return currentMemory(numbers, state, plan) || plan.nature.kernelBytes;
}

/** Processes give memory back: what is in swap first. */
function release(numbers: Float64Array, state: number, bytes: number): void {
  const swap = Math.min(bytes, numbers[state + CONTAINER_STATE.SWAP]!);
  numbers[state + CONTAINER_STATE.SWAP]! -= swap;
  numbers[state + CONTAINER_STATE.ANON]! -= Math.min(bytes - swap, numbers[state + CONTAINER_STATE.ANON]!);
}

/** Reclaims up to so many bytes, whole pages: cache first, then processes' memory to swap. Returns how much. */
function reclaim(
  numbers: Float64Array,
  { part }: ContainerPlace,
  plan: ContainerPlan,
  bytes: number,
): number {
  const { state } = part;
  const wanted = Math.ceil(bytes / PAGE) * PAGE;
  const cache = Math.min(wanted, numbers[state + CONTAINER_STATE.CACHE]!);
  const room = Math.min(swapRoom, plan.limits.memory.swapMax - numbers[state + CONTAINER_STATE.SWAP]!);
  const moved = Math.min(wanted - cache, numbers[state + CONTAINER_STATE.ANON]!, pages(Math.max(0, room)));
  swapRoom -= moved;
  numbers[state + CONTAINER_STATE.CACHE]! -= cache;
  numbers[state + CONTAINER_STATE.ANON]! -= moved;
  numbers[state + CONTAINER_STATE.SWAP]! += moved;
  numbers[part.counters + CONTAINER.STOLEN]! += (cache + moved) / PAGE;
  numbers[part.counters + CONTAINER.SWAPPED_OUT]! += moved / PAGE;
  return cache + moved;
}

/** The host is short of memory: what is above memory.low goes first, then down to memory.min with an event. */
function yieldToHost(numbers: Float64Array, place: ContainerPlace, plan: ContainerPlan, bytes: number): void {
  const { low, min } = plan.limits.memory;
  const current = currentMemory(numbers, place.part.state, plan);
  const willing = Math.min(bytes, Math.max(0, current - Math.max(low, min)));
  reclaim(numbers, place, plan, pages(willing));
  // With cgroup v1 the soft limit protects in the same way, but nothing counts when it is passed.
  const forced = Math.min(bytes - willing, Math.max(0, Math.min(current, low) - min));
  if (forced < PAGE) return;
  const taken = reclaim(numbers, place, plan, pages(forced));
  if (plan.profile === 'modern')
    numbers[place.part.counters + CONTAINER.EVENT_LOW]! += Math.ceil(taken / CHARGE_BATCH);
}

/** memory.high: reclaims and slows down; it never kills (cgroup-v2). Returns the growth that is left. */
function holdBelowHigh(
  numbers: Float64Array,
  place: ContainerPlace,
  plan: ContainerPlan,
  growth: number,
  seconds: number,
): number {
  const { state } = place.part;
  const { high } = plan.limits.memory;
  const awake = 1 - numbers[state + CONTAINER_STATE.STALL]!;
  numbers[state + CONTAINER_STATE.STALL] = 0;
  const over = currentOr(numbers, state, plan) + growth - high;
  if (over <= 0) return growth;
  const at = place.part.counters;
  numbers[at + CONTAINER.EVENT_HIGH]! += Math.ceil(over / CHARGE_BATCH);
  if (reclaim(numbers, place, plan, over) >= over) return growth;
  const below = Math.max(0, high - currentOr(numbers, state, plan));
  const leak =
    plan.nature.growthBytesPerSecond * seconds * HIGH_LEAK * awake +
    numbers[state + CONTAINER_STATE.LEAK_PART]!;
  numbers[state + CONTAINER_STATE.LEAK_PART] = leak - pages(leak);
  const kept = Math.min(growth, pages(below) + pages(leak));
  const above = currentOr(numbers, state, plan) + kept - high;
  numbers[state + CONTAINER_STATE.STALL] = Math.min(
    MOST_STALL,
    Math.max(0, above / (high * HIGH_REACH + PAGE)),
  );
  return kept;
}

/**
 * memory.max: what cannot be reclaimed ends in an OOM kill. Returns the growth that is left.
 *
 * Also after the limit was lowered below what the container has: it is reclaimed and killed until it fits.
 */
function holdBelowMax(
  numbers: Float64Array,
  place: ContainerPlace,
  plan: ContainerPlan,
  growth: number,
  guest: number,
  out: ContainerOom[],
): number {
  const { state } = place.part;
  const { max } = plan.limits.memory;
  const at = place.part.counters;
  const over = currentOr(numbers, state, plan) + growth - max;
  if (over <= 0) return growth;
  numbers[at + CONTAINER.EVENT_MAX]! += Math.ceil(over / CHARGE_BATCH);
  const reclaimed = reclaim(numbers, place, plan, over);
  if (reclaimed >= over) return growth;
  // They grow as far as there is room, and then one of them dies.
  numbers[state + CONTAINER_STATE.ANON]! += pages(Math.max(0, growth - over + reclaimed));
  for (;;) {
    numbers[at + CONTAINER.EVENT_OOM]! += 1;
    const { bytes, whole } = killLargest(numbers, place, plan);
    out.push({ kind: 'container-oom', guest, bytes, whole });
    // A process that was killed does not go on growing.
    if (whole || currentMemory(numbers, state, plan) <= max) return 0;
  }
}

/** Kills the largest process of a container, or all of them: by its own limit's doing, or by its host's. */
export function killLargest(
  numbers: Float64Array,
  { part }: ContainerPlace,
  { limits, nature }: ContainerPlan,
): Pick<ContainerOom, 'bytes' | 'whole'> {
  const { state } = part;
  const anon = numbers[state + CONTAINER_STATE.ANON]!;
  const share = limits.memory.oomGroup ? 1 : nature.largestProcessShare;
  // The last and smallest processes go together.
  const bytes = Math.min(anon, Math.max(Math.ceil((anon * share) / PAGE) * PAGE, CHARGE_BATCH));
  const whole = bytes === anon;
  numbers[part.counters + CONTAINER.EVENT_OOM_KILL]! += 1;
  numbers[state + CONTAINER_STATE.ANON]! -= bytes;
  if (whole) numbers[state + CONTAINER_STATE.SWAP] = 0;
  return { bytes, whole };
}

/** What was swapped out comes back slowly where there is room. */
function readBack(numbers: Float64Array, place: ContainerPlace, plan: ContainerPlan, seconds: number): void {
  const { state } = place.part;
  const swap = numbers[state + CONTAINER_STATE.SWAP]!;
  if (swap === 0) return;
  const { high, max } = plan.limits.memory;
  const room = Math.min(high, max) - currentOr(numbers, state, plan);
  const rate = plan.nature.growthBytesPerSecond * SWAP_IN_SHARE * seconds;
  const back = pages(Math.max(0, Math.min(swap, room, rate)));
  numbers[state + CONTAINER_STATE.SWAP]! -= back;
  numbers[state + CONTAINER_STATE.ANON]! += back;
  numbers[place.part.counters + CONTAINER.SWAPPED_IN]! += back / PAGE;
}

/**
 * Processes of a container come and go: forks above pids.max fail with EAGAIN and are tried once a second.
 *
 * pids.current may be above a limit that was lowered; nothing is killed for that (facts, section 5).
 */
export function runContainerPids(
  numbers: Float64Array,
  { part, counterCount }: ContainerPlace,
  plan: ContainerPlan,
  wanted: number,
): void {
  const { state } = part;
  const current = numbers[state + CONTAINER_STATE.PIDS]!;
  const most = Math.max(current, plan.limits.pidsMax);
  numbers[state + CONTAINER_STATE.PIDS] = Math.min(wanted, most);
  const refused = wanted - most;
  if (refused <= 0) return;
  const tries = (refused * numbers[SPAN_MS]!) / 1000 + numbers[state + CONTAINER_STATE.PIDS_PART]!;
  numbers[state + CONTAINER_STATE.PIDS_PART] = tries - Math.floor(tries);
  numbers[part.counters + counterCount + CONTAINER.PIDS_MAX] = Math.floor(tries);
}
