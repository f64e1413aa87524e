import type { Part } from '../machine/layout.ts';
import { STATE } from '../memory/guest-memory-layout.ts';
import type { HostMemory } from '../memory/host-memory.ts';
import { growResident, releaseResident, takeAtOnce, wantPages } from '../memory/host-side.ts';
import type { GuestMemory } from '../memory/memory-config.ts';
import type { ContainerPlan } from './container-config.ts';
import {
  type ContainerMemoryInput,
  type ContainerOom,
  currentMemory,
  killLargest,
  MOST_STALL,
  PAGE,
  runContainerMemory,
} from './container-memory.ts';
import { CONTAINER, CONTAINER_STATE, type ContainerPlace } from './container-places.ts';

const { ANON, CACHE, CACHE_ROOM, HOST_WANTS, STALL, SWAP } = CONTAINER_STATE;
const { SWAPPED_IN, SWAPPED_OUT } = CONTAINER;
const { NODES, RESIDENT, WANT } = STATE;

/** A container on its host: its cgroup, its limits, and where its pages lie by which policy. */
export interface HousedContainer {
  readonly place: ContainerPlace;
  readonly plan: ContainerPlan;
  /** Its pages on the host's nodes, kept as those of a guest are. */
  readonly memory: { readonly part: Part; readonly guest: GuestMemory };
}

function currentPages(numbers: Float64Array, { place, plan }: HousedContainer): number {
  return currentMemory(numbers, place.part.state, plan) / PAGE;
}

/** Takes what a container starts with, and `least` pages; returns whether the host has it. */
export function startContainerMemory(
  numbers: Float64Array,
  container: HousedContainer,
  host: HostMemory,
  least = 0,
): boolean {
  const { part, guest } = container.memory;
  const pages = Math.max(least, currentPages(numbers, container));
  return takeAtOnce(numbers, part.state, guest, pages, host);
}

/** First pass of a tick: moves the memory of a container on, and says which pages it wants of the host. */
export function demandContainerMemory(
  numbers: Float64Array,
  container: HousedContainer,
  input: ContainerMemoryInput,
  host: HostMemory,
  out: ContainerOom[],
): void {
  const { place, plan, memory } = container;
  const { counters, state } = place.part;
  const held = memory.part.state;
  input.hostReclaim = numbers[state + HOST_WANTS]!;
  input.cacheRoom = numbers[state + CACHE_ROOM]!;
  input.swapRoom = host.swapFree * PAGE;
  const swap = numbers[state + SWAP]!;
  const outBefore = numbers[counters + SWAPPED_OUT]!;
  const inBefore = numbers[counters + SWAPPED_IN]!;
  runContainerMemory(numbers, place, plan, input, out);
  host.swapFree -= (numbers[state + SWAP]! - swap) / PAGE;
  host.swapOuts += numbers[counters + SWAPPED_OUT]! - outBefore;
  host.swapIns += numbers[counters + SWAPPED_IN]! - inBefore;
  const current = currentPages(numbers, container);
  const surplus = numbers[held + RESIDENT]! - current;
  if (surplus > 0) releaseResident(numbers, held, host, surplus, current);
  const want = Math.max(0, -surplus);
  numbers[held + WANT] = want;
  for (let node = 0; node < host.nodes.count; node++) {
    const here = numbers[held + NODES + node]!;
    host.addDroppable(node, Math.floor(here * shareOf(numbers, container, CACHE)));
    host.addSwappable(node, Math.floor(here * shareOf(numbers, container, ANON)));
  }
  const largest = numbers[state + ANON]! * plan.nature.largestProcessShare;
  host.addCandidate(input.guest, Math.floor(largest / PAGE), memory.guest.placements[0]!);
  if (want > 0) wantPages(numbers, held, memory.guest, want, host);
}

/** Last pass of a tick: places what the host gave, and notes what it wants back. */
export function placeContainerMemory(
  numbers: Float64Array,
  container: HousedContainer,
  host: HostMemory,
): void {
  const { place, memory } = container;
  const { state } = place.part;
  const held = memory.part.state;
  const want = numbers[held + WANT]!;
  const late = want === 0 ? 0 : want - growResident(numbers, held, memory.guest, want, host);
  if (late > 0) {
    // Processes wait for what they did not get, and ask again.
    const cache = Math.min(late * PAGE, numbers[state + CACHE]!);
    numbers[state + CACHE]! -= cache;
    numbers[state + ANON]! -= Math.min(late * PAGE - cache, numbers[state + ANON]!);
    numbers[state + STALL] = MOST_STALL;
  }
  let wanted = 0;
  for (let node = 0; node < host.nodes.count; node++) {
    const here = numbers[held + NODES + node]!;
    wanted += host.drops(node, Math.floor(here * shareOf(numbers, container, CACHE)));
    wanted += host.swapsOut(node, Math.floor(here * shareOf(numbers, container, ANON)));
  }
  numbers[state + HOST_WANTS] = wanted * PAGE;
  numbers[state + CACHE_ROOM] = host.sparePages * PAGE;
}

/** Share of a container's pages that are cache, or memory of its processes, and that the host may take. */
function shareOf(numbers: Float64Array, { place, plan }: HousedContainer, kind: number): number {
  const { state } = place.part;
  const current = currentMemory(numbers, state, plan);
  if (current === 0) return 0;
  const { min, swapMax } = plan.limits.memory;
  const cache = Math.min(numbers[state + CACHE]!, Math.max(0, current - min));
  if (kind === CACHE) return cache / current;
  const swappable = Math.min(numbers[state + ANON]!, Math.max(0, swapMax - numbers[state + SWAP]!));
  return Math.min(swappable, Math.max(0, current - min - cache)) / current;
}

/** The host's kernel kills the largest process of a container; returns whether nothing is left of it. */
export function killInContainer(
  numbers: Float64Array,
  { place, plan }: HousedContainer,
  host: HostMemory,
): boolean {
  const swap = numbers[place.part.state + SWAP]!;
  const { whole } = killLargest(numbers, place, plan);
  host.swapFree += (swap - numbers[place.part.state + SWAP]!) / PAGE;
  return whole;
}

/** The container is gone: everything it had goes back to the host. */
export function endContainerMemory(
  numbers: Float64Array,
  { place, memory }: HousedContainer,
  host: HostMemory,
): void {
  releaseResident(numbers, memory.part.state, host, Number.MAX_SAFE_INTEGER, 0);
  host.swapFree += numbers[place.part.state + SWAP]! / PAGE;
  numbers[place.part.state + SWAP] = 0;
}
