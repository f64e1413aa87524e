import { STATE } from './guest-memory-layout.ts';
import type { GuestMemory, MemoryRates } from './memory-config.ts';
import { spread } from './spread.ts';

// Constants of the module, not properties: this is the hot path.
const { ANON, CACHE, KILLED, PLAN_IN, PLAN_MAJOR, PLAN_MINOR, PLAN_OUT, SWAP_FREED } = STATE;

/** A program that was killed is started again, and needs so long for two thirds of the memory that it had (assumed). */
const REGROWTH_MS = 60_000;

/** What the guest's work wants of its memory in the coming span. */
export interface MemoryTick {
  /** The hypervisor's number of the guest: it comes back in consequences. */
  readonly guest: number;
  readonly nowMs: number;
  readonly spanMs: number;
  /** Whether the guest's system is up, with its drivers. */
  readonly up: boolean;
  /** Memory that its processes want, in pages, whether resident or swapped. */
  readonly anonWantPages: number;
  /** Pages of files that it reads or writes in the span. */
  readonly filePages: number;
  /** vCPU time that it uses, in vCPUs: 1 = one vCPU all the time. */
  readonly activity: number;
}

/** What a guest is short of in a tick; 0 when of nothing. */
export interface Shortage {
  /** Pages that processes wanted and did not get. */
  anonPages: number;
  /** Pages that the balloon wanted and did not get. */
  balloonPages: number;
}

/**
 * Lets the processes of a guest give up or take memory; returns the pages that they wanted in vain.
 *
 * What they take comes from free memory and then from file cache, and only from what is there at the beginning
 * of the tick: what the guest swaps out or the balloon gives back in this tick serves the next one.
 */
export function moveProcesses(
  numbers: Float64Array,
  state: number,
  guest: GuestMemory,
  tick: MemoryTick,
  rates: MemoryRates,
  swapped: number,
  free: number,
): number {
  const anon = numbers[state + ANON]!;
  const killed = numbers[state + KILLED]!;
  if (killed > 0) numbers[state + KILLED] = killed < 1 ? 0 : killed * Math.exp(-tick.spanMs / REGROWTH_MS);
  const wanted = Math.max(0, tick.anonWantPages - Math.floor(killed)) - anon;
  if (wanted <= 0) {
    if (wanted < 0) dropProcesses(numbers, state, -wanted, swapped);
    return 0;
  }
  const fastest = Math.floor((rates.growthPagesPerSecond * tick.spanMs) / 1000);
  const most = Math.min(wanted, fastest);
  const got = takeFree(numbers, state, guest, most, free);
  numbers[state + ANON] = anon + got;
  return most - got;
}

/** Processes give memory up, resident and swapped alike. */
export function dropProcesses(numbers: Float64Array, state: number, pages: number, swapped: number): void {
  const anon = numbers[state + ANON]!;
  const unread = swapped === 0 ? 0 : Math.floor((pages * swapped) / anon);
  numbers[state + ANON] = anon - pages;
  numbers[state + SWAP_FREED]! += unread;
}

/**
 * Takes pages from what is free above the watermark, then from file cache above its floor; returns how many.
 * `free` is what is free now.
 */
export function takeFree(
  numbers: Float64Array,
  state: number,
  guest: GuestMemory,
  wanted: number,
  free: number,
): number {
  const spare = Math.max(0, free - guest.watermarkPages);
  if (wanted <= spare) return wanted;
  const cache = numbers[state + CACHE]!;
  const evicted = Math.min(wanted - spare, Math.max(0, cache - guest.cacheFloorPages));
  numbers[state + CACHE] = cache - evicted;
  return spare + evicted;
}

/**
 * Plans the guest's swap for the span.
 *
 * Out goes what somebody is short of. In comes what the guest uses and finds swapped: cold pages go first and
 * stay, so only those beyond the cold share are missed, each once in `reuseSeconds` of a busy vCPU. When the
 * guest has no free memory, for each page that comes in another goes out. The device moves both.
 */
export function planSwap(
  numbers: Float64Array,
  state: number,
  guest: GuestMemory,
  tick: MemoryTick,
  rates: MemoryRates,
  shortage: Shortage,
  swapped: number,
  free: number,
): void {
  const wantsOut = shortage.anonPages + shortage.balloonPages;
  if (swapped === 0 && wantsOut === 0) {
    numbers[state + PLAN_IN] = 0;
    numbers[state + PLAN_OUT] = 0;
    return;
  }
  const anon = numbers[state + ANON]!;
  const device = Math.floor((rates.guestSwapPagesPerSecond * tick.spanMs) / 1000);
  const hot = Math.max(0, swapped - Math.floor(anon * (1 - rates.hotShare)));
  const uses = Math.min(1, (tick.activity * tick.spanMs) / 1000 / rates.reuseSeconds);
  // Who waits for memory gets half of the device at least, or the guest would stay as it is for ever.
  const turns = wantsOut > 0 ? 4 : 2;
  const missed = Math.min(spread(hot * uses, tick), hot, Math.floor(device / turns));
  const spare = Math.max(0, free - guest.watermarkPages);
  const exchanged = Math.min(Math.max(0, missed - spare), anon - swapped);
  const pagesIn = Math.min(missed, spare + exchanged);
  const room = Math.min(guest.swapPages - swapped, anon - swapped - exchanged);
  const pushed = Math.max(0, Math.min(wantsOut, device - pagesIn - exchanged, room));
  numbers[state + PLAN_IN] = pagesIn;
  numbers[state + PLAN_OUT] = exchanged + pushed;
}

/** Lets file cache grow by what was read, as far as free memory goes. */
export function fillCache(
  numbers: Float64Array,
  state: number,
  guest: GuestMemory,
  filePages: number,
  free: number,
): void {
  const spare = Math.max(0, free - 2 * guest.watermarkPages);
  if (filePages > 0 && spare > 0) numbers[state + CACHE]! += Math.min(Math.floor(filePages), spare);
}

/**
 * Plans the faults of the span: minor ones for what the guest does, major ones for pages from swap and for
 * files that the cache has lost.
 */
export function planFaults(
  numbers: Float64Array,
  state: number,
  guest: GuestMemory,
  tick: MemoryTick,
  rates: MemoryRates,
  pagesIn: number,
): void {
  const busySeconds = (tick.activity * tick.spanMs) / 1000;
  const cache = numbers[state + CACHE]!;
  const missing = cache >= guest.cacheWantPages ? 0 : 1 - cache / guest.cacheWantPages;
  numbers[state + PLAN_MAJOR] =
    pagesIn + (missing === 0 ? 0 : spread(rates.fileFaultsPerSecond * missing * busySeconds, tick));
  numbers[state + PLAN_MINOR] = spread(rates.minorFaultsPerSecond * busySeconds, tick);
}
