import type { Part } from '../machine/layout.ts';
import type { Machine } from '../machine/machine.ts';
import {
  balloonStep,
  effectiveXenTarget,
  pagesAfter,
  requestsFor,
  VIRTIO_RETRY_MS,
  XEN_RETRY_MS,
} from './balloon.ts';
import type { MemoryConsequence } from './consequence.ts';
import { COUNTER, STATE } from './guest-memory-layout.ts';
import {
  dropProcesses,
  fillCache,
  type MemoryTick,
  moveProcesses,
  planFaults,
  planSwap,
  type Shortage,
  takeFree,
} from './guest-plan.ts';
import { requestPages } from './guest-read.ts';
import type { HostMemory } from './host-memory.ts';
import {
  breakMerged,
  growResident,
  mergePages,
  missedOnHost,
  releaseResident,
  report,
  swapOutResident,
  wantPages,
} from './host-side.ts';
import { type GuestMemory, PAGE_KIB } from './memory-config.ts';

// Constants of the module, not properties: this is the hot path.
const {
  ACTUAL,
  ANNOUNCED,
  ANON,
  BASE_IN,
  BASE_OUT,
  CACHE,
  HOST_SWAPPED,
  HOST_SWAP_INS,
  HUGE_ALLOCATED,
  HUGE_FAILED,
  LAST_UPDATE_MS,
  MERGED,
  NEXT_POLL_MS,
  NODES,
  KILLED,
  OOM_KILLS,
  PLAN,
  PLAN_IN,
  PLAN_MAJOR,
  PLAN_MINOR,
  PLAN_OUT,
  PLAN_RETRIES,
  POLLED,
  RESIDENT,
  STALL,
  SWAP_FREED,
  TARGET,
  WANT,
  WANT_BACK,
} = STATE;
const { BALLOON_RETRIES, DEFLATE_REQUESTS, INFLATE_REQUESTS, MAJOR_FAULTS, MINOR_FAULTS, SWAP_IN, SWAP_OUT } =
  COUNTER;

/** Share of the guest's processes that the largest one is: what its kernel kills. */
const LARGEST_PROCESS = 0.5;
/** Pages of 4 KiB in a huge page of the guest's kernel (2 MiB). */
const HUGE_PAGE = 512;
const MOST_STALL = 0.95;

/** Reused from guest to guest: a plan is made without allocation. */
const shortage: Shortage = { anonPages: 0, balloonPages: 0 };

/**
 * Plans a guest's memory for the coming span and tells the host what it wants.
 *
 * The machine is settled. What ended with the last tick comes first: the balloon's pages go to the host,
 * statistics are sent. What happens inside the guest is planned next: processes, balloon, swap, cache, faults.
 */
export function demandMemory(
  machine: Machine,
  part: Part,
  guest: GuestMemory,
  tick: MemoryTick,
  host: HostMemory,
  consequences: MemoryConsequence[],
): void {
  const { numbers } = machine;
  const { state, counters } = part;
  endBalloonStep(numbers, part, guest, tick.guest, host, consequences);
  const actual = numbers[state + ACTUAL]!;
  const kernel = guest.kernelPages + numbers[state + HUGE_ALLOCATED]!;
  let swapped = numbers[counters + SWAP_OUT]! - numbers[counters + SWAP_IN]! - numbers[state + SWAP_FREED]!;
  const total = guest.maximumPages - actual;
  let free = total - kernel - numbers[state + CACHE]! - numbers[state + ANON]! + swapped;
  poll(numbers, part, guest, tick, total, free);

  shortage.anonPages = moveProcesses(numbers, state, guest, tick, host.rates, swapped, free);
  swapped = swappedPages(numbers, part);
  free = total - kernel - numbers[state + CACHE]! - numbers[state + ANON]! + swapped;
  const cacheBefore = numbers[state + CACHE]!;
  planBalloon(numbers, state, guest, tick, host, free);
  const inflates = Math.max(0, numbers[state + PLAN]!);
  // What the balloon will take in this tick is not free for anything else in it.
  free += cacheBefore - numbers[state + CACHE]! - inflates;
  planSwap(numbers, state, guest, tick, host.rates, shortage, swapped, free);
  if (shortage.anonPages > 0 && swapped >= guest.swapPages)
    relieve(numbers, state, guest, tick, swapped, actual, consequences);
  const pagesIn = numbers[state + PLAN_IN]!;
  numbers[state + BASE_IN] = numbers[counters + INFLATE_REQUESTS]!;
  numbers[state + BASE_OUT] = numbers[counters + DEFLATE_REQUESTS]!;
  swapped = swappedPages(numbers, part);
  free = total - kernel - numbers[state + CACHE]! - numbers[state + ANON]! + swapped - inflates - pagesIn;
  if (tick.up) fillCache(numbers, state, guest, tick.filePages, free);
  planFaults(numbers, state, guest, tick, host.rates, pagesIn);
  offer(numbers, state, guest, tick, host, kernel, swapped);
}

/** Places what the host gave and writes the growths of the span that begins. */
export function runMemory(
  machine: Machine,
  part: Part,
  guest: GuestMemory,
  tick: MemoryTick,
  host: HostMemory,
): void {
  const { numbers, layout } = machine;
  const { state } = part;
  if (guest.backing === 'anonymous') swapOutResident(numbers, state, host);
  const wanted = numbers[state + WANT]!;
  let back = 0;
  let late = 0;
  if (wanted > 0) {
    const got = growResident(numbers, state, guest, wanted, host);
    late = wanted - got;
    endowDeflation(numbers, state, guest, late);
    back = Math.min(numbers[state + WANT_BACK]!, got);
    numbers[state + HOST_SWAPPED]! -= back;
    numbers[state + HOST_SWAP_INS]! += back;
    host.swapFree += back;
    host.swapIns += back;
  }
  if (guest.ksm !== undefined) mergePages(numbers, state, guest.ksm, tick, host);
  const { swapLatencyMs } = host.rates;
  const waiting = ((numbers[state + PLAN_IN]! + back) * swapLatencyMs) / tick.spanMs;
  // Without a page from the host a guest cannot go on at all.
  numbers[state + STALL] =
    late > 0 && guest.backing === 'anonymous' ? MOST_STALL : Math.min(MOST_STALL, waiting);

  const growths = part.counters + layout.counterCount;
  const plan = numbers[state + PLAN]!;
  const pages = requestPages(guest);
  numbers[growths + SWAP_IN] = numbers[state + PLAN_IN]!;
  numbers[growths + SWAP_OUT] = numbers[state + PLAN_OUT]!;
  numbers[growths + MAJOR_FAULTS] = numbers[state + PLAN_MAJOR]!;
  numbers[growths + MINOR_FAULTS] = numbers[state + PLAN_MINOR]!;
  numbers[growths + INFLATE_REQUESTS] = plan > 0 ? requestsFor(plan, pages) : 0;
  numbers[growths + DEFLATE_REQUESTS] = plan < 0 ? requestsFor(-plan, pages) : 0;
  numbers[growths + BALLOON_RETRIES] = numbers[state + PLAN_RETRIES]!;
}

/** Memory that is taken whole comes back through the balloon only as far as the host had it. */
function endowDeflation(numbers: Float64Array, state: number, guest: GuestMemory, late: number): void {
  const plan = numbers[state + PLAN]!;
  if (late === 0 || plan >= 0 || guest.backing === 'anonymous') return;
  numbers[state + PLAN] = Math.min(0, plan + late);
}

/** The balloon's pages of the last tick become the host's, or what it gave back the guest's. */
function endBalloonStep(
  numbers: Float64Array,
  part: Part,
  guest: GuestMemory,
  number: number,
  host: HostMemory,
  consequences: MemoryConsequence[],
): void {
  const { state, counters } = part;
  const plan = numbers[state + PLAN]!;
  if (plan === 0) return;
  numbers[state + PLAN] = 0;
  const pages = requestPages(guest);
  if (plan > 0) {
    const done = numbers[counters + INFLATE_REQUESTS]! - numbers[state + BASE_IN]!;
    const moved = pagesAfter(done, plan, pages);
    numbers[state + ACTUAL]! += moved;
    const kernel = guest.kernelPages + numbers[state + HUGE_ALLOCATED]!;
    const processes = numbers[state + ANON]! - swappedPages(numbers, part);
    const inUse = kernel + numbers[state + CACHE]! + processes;
    if (guest.backing === 'anonymous')
      releaseResident(numbers, state, host, moved, guest.emulatorPages + inUse);
  } else {
    const done = numbers[counters + DEFLATE_REQUESTS]! - numbers[state + BASE_OUT]!;
    numbers[state + ACTUAL]! -= pagesAfter(done, -plan, pages);
  }
  const current = guest.maximumPages - numbers[state + ACTUAL]!;
  if (guest.backing === 'locked' || guest.backing === 'xen')
    releaseResident(numbers, state, host, guest.maximumPages, guest.emulatorPages + current);
  if (current === numbers[state + ANNOUNCED]) return;
  numbers[state + ANNOUNCED] = current;
  consequences.push({ kind: 'balloon-change', guest: number, currentKiB: current * PAGE_KIB });
}

function swappedPages(numbers: Float64Array, { state, counters }: Part): number {
  return numbers[counters + SWAP_OUT]! - numbers[counters + SWAP_IN]! - numbers[state + SWAP_FREED]!;
}

/** The driver sends statistics when its period is over. */
function poll(
  numbers: Float64Array,
  { state, counters }: Part,
  guest: GuestMemory,
  tick: MemoryTick,
  total: number,
  free: number,
): void {
  const { balloon } = guest;
  if (balloon.statsPeriodSeconds === 0 || balloon.tags === 0 || !balloon.driver || !tick.up) return;
  if (balloon.model !== 'virtio' || tick.nowMs < numbers[state + NEXT_POLL_MS]!) return;
  numbers[state + NEXT_POLL_MS] = tick.nowMs + balloon.statsPeriodSeconds * 1000;
  numbers[state + LAST_UPDATE_MS] = tick.nowMs;
  const at = state + POLLED;
  const cache = numbers[state + CACHE]!;
  const major = numbers[counters + MAJOR_FAULTS]!;
  const minor = numbers[counters + MINOR_FAULTS]!;
  numbers[at] = numbers[counters + SWAP_IN]!;
  numbers[at + 1] = numbers[counters + SWAP_OUT]!;
  numbers[at + 2] = major;
  numbers[at + 3] = balloon.minorCountsAll ? minor + major : minor;
  numbers[at + 4] = free;
  numbers[at + 5] = total;
  // MemAvailable: what is free or can be reclaimed without swapping, above the watermark.
  numbers[at + 6] = Math.max(0, free - guest.watermarkPages + Math.max(0, cache - guest.cacheFloorPages));
  numbers[at + 7] = cache;
  numbers[at + 8] = numbers[state + HUGE_ALLOCATED]! / HUGE_PAGE;
  numbers[at + 9] = numbers[state + HUGE_FAILED]! / HUGE_PAGE;
}

/** Plans the balloon's requests of the span, as far as the guest has pages for it. */
function planBalloon(
  numbers: Float64Array,
  state: number,
  guest: GuestMemory,
  tick: MemoryTick,
  host: HostMemory,
  free: number,
): void {
  shortage.balloonPages = 0;
  numbers[state + PLAN_RETRIES] = 0;
  const { balloon } = guest;
  if (!tick.up || !balloon.driver || balloon.model === 'none') return;
  const actual = numbers[state + ACTUAL]!;
  const wish = numbers[state + TARGET]!;
  const { maximumPages } = guest;
  const target =
    balloon.model === 'xen'
      ? maximumPages - effectiveXenTarget(maximumPages - wish, maximumPages - actual, actual)
      : wish;
  if (target === actual) return;
  const step = balloonStep(
    target,
    actual,
    requestPages(guest),
    host.rates.balloonRequestsPerSecond,
    tick.spanMs,
  );
  if (step < 0) {
    numbers[state + PLAN] = step;
    return;
  }
  const taken = takeFree(numbers, state, guest, step, free);
  numbers[state + PLAN] = taken;
  if (taken === step) return;
  shortage.balloonPages = step - taken;
  const retryMs = balloon.model === 'xen' ? XEN_RETRY_MS : VIRTIO_RETRY_MS;
  numbers[state + PLAN_RETRIES] =
    Math.floor((tick.nowMs + tick.spanMs) / retryMs) - Math.floor(tick.nowMs / retryMs);
}

/** Processes lack memory and nothing can be swapped: the balloon gives some back, or a process dies. */
function relieve(
  numbers: Float64Array,
  state: number,
  guest: GuestMemory,
  tick: MemoryTick,
  swapped: number,
  actual: number,
  consequences: MemoryConsequence[],
): void {
  const { balloon } = guest;
  if (balloon.autodeflate && balloon.driver && balloon.model === 'virtio' && actual > 0 && tick.up) {
    // VIRTIO_BALLOON_F_DEFLATE_ON_OOM: 256 pages for each notification.
    const pages = requestPages(guest);
    numbers[state + PLAN] = -Math.min(actual, requestsFor(shortage.anonPages, pages) * pages);
    return;
  }
  if (guest.panicOnOom) {
    consequences.push({ kind: 'guest-panic', guest: tick.guest });
    return;
  }
  const killed = Math.floor(numbers[state + ANON]! * LARGEST_PROCESS);
  // The device has nothing to do in this span: most of what it would have moved is gone.
  numbers[state + PLAN_IN] = 0;
  numbers[state + PLAN_OUT] = 0;
  dropProcesses(numbers, state, killed, swapped);
  numbers[state + KILLED]! += killed;
  numbers[state + OOM_KILLS]!++;
  consequences.push({ kind: 'guest-oom', guest: tick.guest, pages: killed });
}

/** Says what the guest wants of the host, and gives up what free page reporting found. */
function offer(
  numbers: Float64Array,
  state: number,
  guest: GuestMemory,
  tick: MemoryTick,
  host: HostMemory,
  kernel: number,
  swapped: number,
): void {
  const anonymous = guest.backing === 'anonymous';
  if (guest.ksm !== undefined) breakMerged(numbers, state, guest.ksm.content, tick, host);
  const hostSwapped = numbers[state + HOST_SWAPPED]!;
  let touched = numbers[state + RESIDENT]! + hostSwapped + numbers[state + MERGED]!;
  const plan = numbers[state + PLAN]!;
  let inUse = guest.emulatorPages;
  if (anonymous) {
    const processes = numbers[state + ANON]! - swapped;
    // A page that goes out makes room for one that comes in.
    const coming = Math.max(0, numbers[state + PLAN_IN]! - numbers[state + PLAN_OUT]!);
    const most = guest.maximumPages - numbers[state + ACTUAL]!;
    inUse += Math.min(most, kernel + numbers[state + CACHE]! + processes + coming);
    if (guest.balloon.freePageReporting && guest.balloon.driver && tick.up)
      touched -= report(numbers, state, touched - inUse - Math.max(0, plan), tick, host);
  } else if (guest.backing !== 'hugepages') {
    inUse += guest.maximumPages - numbers[state + ACTUAL]! + Math.max(0, -plan);
  }
  const back = hostSwapped === 0 ? 0 : missedOnHost(hostSwapped, tick, host);
  const want = Math.max(0, inUse - touched) + back;
  numbers[state + WANT] = want;
  numbers[state + WANT_BACK] = back;
  const resident = numbers[state + RESIDENT]!;
  const { count } = host.nodes;
  if (anonymous)
    for (let node = 0; node < count; node++) host.addSwappable(node, numbers[state + NODES + node]!);
  if (guest.ksm !== undefined) host.ksm.offer(resident + numbers[state + MERGED]!);
  // As Linux does: what it has in memory and in swap makes a process the one to kill.
  host.addCandidate(tick.guest, resident + hostSwapped, guest.placements[0]!);
  if (want > 0) wantPages(numbers, state, guest, want, host);
}
