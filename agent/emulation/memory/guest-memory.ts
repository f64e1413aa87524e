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
  const actual = numbers[state + STATE.ACTUAL]!;
  const kernel = guest.kernelPages + numbers[state + STATE.HUGE_ALLOCATED]!;
  let swapped =
    numbers[counters + COUNTER.SWAP_OUT]! -
    numbers[counters + COUNTER.SWAP_IN]! -
    numbers[state + STATE.SWAP_FREED]!;
  const total = guest.maximumPages - actual;
  const freeNow = () =>
    total - kernel - numbers[state + STATE.CACHE]! - (numbers[state + STATE.ANON]! - swapped);
  poll(numbers, part, guest, tick, total, freeNow());

  shortage.anonPages = moveProcesses(numbers, state, guest, tick, host.rates, swapped, freeNow());
  swapped = swappedPages(numbers, part);
  const beforeBalloon = freeNow();
  const cacheBefore = numbers[state + STATE.CACHE]!;
  planBalloon(numbers, state, guest, tick, host, beforeBalloon);
  const inflates = Math.max(0, numbers[state + STATE.PLAN]!);
  // What the balloon will take in this tick is not free for anything else in it.
  let free = beforeBalloon + cacheBefore - numbers[state + STATE.CACHE]! - inflates;
  planSwap(numbers, state, guest, tick, host.rates, shortage, swapped, free);
  if (shortage.anonPages > 0 && swapped >= guest.swapPages)
    relieve(numbers, state, guest, tick, swapped, actual, consequences);
  const pagesIn = numbers[state + STATE.PLAN_IN]!;
  numbers[state + STATE.BASE_IN] = numbers[counters + COUNTER.INFLATE_REQUESTS]!;
  numbers[state + STATE.BASE_OUT] = numbers[counters + COUNTER.DEFLATE_REQUESTS]!;
  swapped = swappedPages(numbers, part);
  free = freeNow() - inflates - pagesIn;
  if (tick.up) fillCache(numbers, state, guest, tick.filePages, free);
  planFaults(numbers, state, guest, tick, host.rates, pagesIn);
  offer(numbers, state, guest, tick, host, kernel, swapped, pagesIn);
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
  const wanted = numbers[state + STATE.WANT]!;
  let back = 0;
  let late = 0;
  if (wanted > 0) {
    const got = growResident(numbers, state, guest, wanted, host);
    late = wanted - got;
    endowDeflation(numbers, state, guest, late);
    back = Math.min(numbers[state + STATE.WANT_BACK]!, got);
    numbers[state + STATE.HOST_SWAPPED]! -= back;
    numbers[state + STATE.HOST_SWAP_INS]! += back;
    host.swapFree += back;
    host.swapIns += back;
  }
  if (guest.ksm !== undefined) mergePages(numbers, state, guest.ksm, tick, host);
  const { swapLatencyMs } = host.rates;
  const waiting = ((numbers[state + STATE.PLAN_IN]! + back) * swapLatencyMs) / tick.spanMs;
  // Without a page from the host a guest cannot go on at all.
  numbers[state + STATE.STALL] =
    late > 0 && guest.backing === 'anonymous' ? MOST_STALL : Math.min(MOST_STALL, waiting);

  const growths = part.counters + layout.counterCount;
  const plan = numbers[state + STATE.PLAN]!;
  const pages = requestPages(guest);
  numbers[growths + COUNTER.SWAP_IN] = numbers[state + STATE.PLAN_IN]!;
  numbers[growths + COUNTER.SWAP_OUT] = numbers[state + STATE.PLAN_OUT]!;
  numbers[growths + COUNTER.MAJOR_FAULTS] = numbers[state + STATE.PLAN_MAJOR]!;
  numbers[growths + COUNTER.MINOR_FAULTS] = numbers[state + STATE.PLAN_MINOR]!;
  numbers[growths + COUNTER.INFLATE_REQUESTS] = plan > 0 ? requestsFor(plan, pages) : 0;
  numbers[growths + COUNTER.DEFLATE_REQUESTS] = plan < 0 ? requestsFor(-plan, pages) : 0;
  numbers[growths + COUNTER.BALLOON_RETRIES] = numbers[state + STATE.PLAN_RETRIES]!;
}

/** Memory that is taken whole comes back through the balloon only as far as the host had it. */
function endowDeflation(numbers: Float64Array, state: number, guest: GuestMemory, late: number): void {
  const plan = numbers[state + STATE.PLAN]!;
  if (late === 0 || plan >= 0 || guest.backing === 'anonymous') return;
  numbers[state + STATE.PLAN] = Math.min(0, plan + late);
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
  const plan = numbers[state + STATE.PLAN]!;
  if (plan === 0) return;
  numbers[state + STATE.PLAN] = 0;
  const pages = requestPages(guest);
  if (plan > 0) {
    const done = numbers[counters + COUNTER.INFLATE_REQUESTS]! - numbers[state + STATE.BASE_IN]!;
    const moved = pagesAfter(done, plan, pages);
    numbers[state + STATE.ACTUAL]! += moved;
    const kernel = guest.kernelPages + numbers[state + STATE.HUGE_ALLOCATED]!;
    const processes = numbers[state + STATE.ANON]! - swappedPages(numbers, part);
    const inUse = kernel + numbers[state + STATE.CACHE]! + processes;
    if (guest.backing === 'anonymous')
      releaseResident(numbers, state, host, moved, guest.emulatorPages + inUse);
  } else {
    const done = numbers[counters + COUNTER.DEFLATE_REQUESTS]! - numbers[state + STATE.BASE_OUT]!;
    numbers[state + STATE.ACTUAL]! -= pagesAfter(done, -plan, pages);
  }
  const current = guest.maximumPages - numbers[state + STATE.ACTUAL]!;
  if (guest.backing === 'locked' || guest.backing === 'xen')
    releaseResident(numbers, state, host, guest.maximumPages, guest.emulatorPages + current);
  if (current === numbers[state + STATE.ANNOUNCED]) return;
  numbers[state + STATE.ANNOUNCED] = current;
  consequences.push({ kind: 'balloon-change', guest: number, currentKiB: current * PAGE_KIB });
}

function swappedPages(numbers: Float64Array, { state, counters }: Part): number {
  return (
    numbers[counters + COUNTER.SWAP_OUT]! -
    numbers[counters + COUNTER.SWAP_IN]! -
    numbers[state + STATE.SWAP_FREED]!
  );
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
  if (balloon.model !== 'virtio' || tick.nowMs < numbers[state + STATE.NEXT_POLL_MS]!) return;
  numbers[state + STATE.NEXT_POLL_MS] = tick.nowMs + balloon.statsPeriodSeconds * 1000;
  numbers[state + STATE.LAST_UPDATE_MS] = tick.nowMs;
  const at = state + STATE.POLLED;
  const cache = numbers[state + STATE.CACHE]!;
  const major = numbers[counters + COUNTER.MAJOR_FAULTS]!;
  const minor = numbers[counters + COUNTER.MINOR_FAULTS]!;
  numbers[at] = numbers[counters + COUNTER.SWAP_IN]!;
  numbers[at + 1] = numbers[counters + COUNTER.SWAP_OUT]!;
  numbers[at + 2] = major;
  numbers[at + 3] = balloon.minorCountsAll ? minor + major : minor;
  numbers[at + 4] = free;
  numbers[at + 5] = total;
  // MemAvailable: what is free or can be reclaimed without swapping, above the watermark.
  numbers[at + 6] = Math.max(0, free - guest.watermarkPages + Math.max(0, cache - guest.cacheFloorPages));
  numbers[at + 7] = cache;
  numbers[at + 8] = numbers[state + STATE.HUGE_ALLOCATED]! / HUGE_PAGE;
  numbers[at + 9] = numbers[state + STATE.HUGE_FAILED]! / HUGE_PAGE;
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
  numbers[state + STATE.PLAN_RETRIES] = 0;
  const { balloon } = guest;
  if (!tick.up || !balloon.driver || balloon.model === 'none') return;
  const actual = numbers[state + STATE.ACTUAL]!;
  const wish = numbers[state + STATE.TARGET]!;
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
    numbers[state + STATE.PLAN] = step;
    return;
  }
  const taken = takeFree(numbers, state, guest, step, free);
  numbers[state + STATE.PLAN] = taken;
  if (taken === step) return;
  shortage.balloonPages = step - taken;
  const retryMs = balloon.model === 'xen' ? XEN_RETRY_MS : VIRTIO_RETRY_MS;
  numbers[state + STATE.PLAN_RETRIES] =
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
    numbers[state + STATE.PLAN] = -Math.min(actual, requestsFor(shortage.anonPages, pages) * pages);
    return;
  }
  if (guest.panicOnOom) {
    consequences.push({ kind: 'guest-panic', guest: tick.guest });
    return;
  }
  const killed = Math.floor(numbers[state + STATE.ANON]! * LARGEST_PROCESS);
  // The device has nothing to do in this span: most of what it would have moved is gone.
  numbers[state + STATE.PLAN_IN] = 0;
  numbers[state + STATE.PLAN_OUT] = 0;
  dropProcesses(numbers, state, killed, swapped);
  numbers[state + STATE.OOM_KILLS]!++;
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
  pagesIn: number,
): void {
  const anonymous = guest.backing === 'anonymous';
  if (guest.ksm !== undefined) breakMerged(numbers, state, guest.ksm.content, tick, host);
  const hostSwapped = numbers[state + STATE.HOST_SWAPPED]!;
  let touched = numbers[state + STATE.RESIDENT]! + hostSwapped + numbers[state + STATE.MERGED]!;
  const plan = numbers[state + STATE.PLAN]!;
  let inUse = guest.emulatorPages;
  if (anonymous) {
    const processes = numbers[state + STATE.ANON]! - swapped;
    const most = guest.maximumPages - numbers[state + STATE.ACTUAL]!;
    inUse += Math.min(most, kernel + numbers[state + STATE.CACHE]! + processes + pagesIn);
    if (guest.balloon.freePageReporting && guest.balloon.driver && tick.up)
      touched -= report(numbers, state, touched - inUse - Math.max(0, plan), tick, host);
  } else if (guest.backing !== 'hugepages') {
    inUse += guest.maximumPages - numbers[state + STATE.ACTUAL]! + Math.max(0, -plan);
  }
  const back = hostSwapped === 0 ? 0 : missedOnHost(hostSwapped, tick, host);
  const want = Math.max(0, inUse - touched) + back;
  numbers[state + STATE.WANT] = want;
  numbers[state + STATE.WANT_BACK] = back;
  const resident = numbers[state + STATE.RESIDENT]!;
  const { count } = host.nodes;
  if (anonymous)
    for (let node = 0; node < count; node++) host.addSwappable(node, numbers[state + STATE.NODES + node]!);
  if (guest.ksm !== undefined) host.ksm.offer(resident + numbers[state + STATE.MERGED]!);
  // As Linux does: what it has in memory and in swap makes a process the one to kill.
  host.addCandidate(tick.guest, resident + hostSwapped, guest.placements[0]!);
  if (want > 0) wantPages(numbers, state, guest, want, host);
}
