import { VirtsnmpError } from '../../util/errors.ts';
import type { Part } from '../machine/layout.ts';
import type { Machine } from '../machine/machine.ts';
import { COUNTER, memoryShape, STATE } from './guest-memory-layout.ts';
import type { HostMemory } from './host-memory.ts';
import { releaseResident, takeAtOnce } from './host-side.ts';
import { type GuestMemory, PAGE_KIB } from './memory-config.ts';

/** How a guest's memory is at the start of its emulator process. */
export interface MemoryStart {
  /** Memory that it shall have, in KiB (`<currentMemory>`). */
  readonly currentKiB: number;
  /** The guest was up long ago: its balloon has reached the target, and its processes have this many pages. */
  readonly settledAnonPages?: number;
}

/**
 * Gives a new emulator process its memory; returns why the host cannot, or `undefined` when it did.
 *
 * The machine is new: all numbers are 0. Anonymous memory starts with the emulator and the guest's kernel and
 * runs into the host's limits later; all others must fit whole.
 */
export function launchMemory(
  machine: Machine,
  part: Part,
  guest: GuestMemory,
  start: MemoryStart,
  host: HostMemory,
): string | undefined {
  const { numbers } = machine;
  const { state } = part;
  const current = Math.min(guest.maximumPages, Math.floor(start.currentKiB / PAGE_KIB));
  const settled = start.settledAnonPages !== undefined && guest.balloon.driver;
  const target = guest.balloon.model === 'none' ? 0 : guest.maximumPages - current;
  const actual = settled || guest.backing === 'xen' ? target : 0;
  numbers[state + STATE.TARGET] = target;
  numbers[state + STATE.ACTUAL] = actual;
  numbers[state + STATE.ANNOUNCED] = guest.maximumPages - actual;
  numbers[state + STATE.LAST_UPDATE_MS] = -1;
  bootKernel(numbers, state, guest);
  if (start.settledAnonPages !== undefined) settle(numbers, state, guest, start.settledAnonPages);
  return takeMemory(numbers, state, guest, host);
}

/**
 * Gives an emulator process that has not run yet its memory anew, as {@link launchMemory} would.
 *
 * Returns why the host cannot: the process has none then.
 */
export function relaunchMemory(
  machine: Machine,
  part: Part,
  guest: GuestMemory,
  start: MemoryStart,
  host: HostMemory,
): string | undefined {
  endMemory(machine, part, guest, host);
  const { counters, state } = memoryShape(host.nodes.count);
  machine.numbers.fill(0, part.counters, part.counters + counters);
  machine.numbers.fill(0, part.state, part.state + state);
  return launchMemory(machine, part, guest, start, host);
}

/**
 * The guest's system starts again in the same process: processes, cache, swap and balloon are gone, and its own
 * counters begin at 0. What the host holds stays.
 */
export function resetMemory(machine: Machine, part: Part, guest: GuestMemory): void {
  const { numbers, layout } = machine;
  const { state, counters } = part;
  for (const counter of Object.values(COUNTER)) {
    numbers[counters + counter] = 0;
    numbers[counters + counter + layout.counterCount] = 0;
  }
  for (const field of [STATE.ANON, STATE.KILLED, STATE.SWAP_FREED, STATE.PLAN, STATE.STALL])
    numbers[state + field] = 0;
  // A Xen guest's memory stays with the domain, as a memory device's does; a virtio device forgets its balloon.
  if (guest.balloon.model === 'virtio') numbers[state + STATE.ACTUAL] = 0;
  numbers[state + STATE.BASE_IN] = 0;
  numbers[state + STATE.BASE_OUT] = 0;
  numbers[state + STATE.NEXT_POLL_MS] = 0;
  numbers[state + STATE.LAST_UPDATE_MS] = -1;
  bootKernel(numbers, state, guest);
}

/** The emulator process is gone: everything it had goes back to the host. */
export function endMemory(machine: Machine, part: Part, guest: GuestMemory, host: HostMemory): void {
  const { numbers } = machine;
  const { state } = part;
  const { count } = host.nodes;
  const merged = numbers[state + STATE.MERGED]!;
  if (guest.ksm !== undefined && merged > 0) host.ksm.unmerge(guest.ksm.content, merged, true);
  numbers[state + STATE.MERGED] = 0;
  releaseResident(numbers, state, host, Number.MAX_SAFE_INTEGER, 0);
  if (guest.hugePages === undefined) return;
  const { sizeKiB } = guest.hugePages;
  for (let node = 0; node < count; node++) {
    const at = state + STATE.NODES + count + node;
    host.huge.give(sizeKiB, node, (numbers[at]! * PAGE_KIB) / sizeKiB);
    numbers[at] = 0;
  }
}

/**
 * Sets the balloon's target: the memory that the guest shall have, in KiB (libvirt's setmem on a running domain).
 *
 * A guest without a driver keeps what it has. Throws OPERATION_INVALID when there is no balloon device, or the
 * target is not between 1 KiB and the maximum.
 */
export function setBalloonTarget(machine: Machine, part: Part, guest: GuestMemory, currentKiB: number): void {
  const maximumKiB = guest.maximumPages * PAGE_KIB;
  if (guest.balloon.model === 'none')
    throw new VirtsnmpError(
      'OPERATION_INVALID',
      'the domain has no balloon device to change its memory with',
    );
  if (!(currentKiB >= 1 && currentKiB <= maximumKiB)) {
    throw new VirtsnmpError(
      'OPERATION_INVALID',
      `the balloon target is ${currentKiB} KiB; it must be from 1 KiB to the maximum memory, ${maximumKiB} KiB`,
    );
  }
  machine.numbers[part.state + STATE.TARGET] =
    guest.maximumPages - Math.min(guest.maximumPages, Math.ceil(currentKiB / PAGE_KIB));
}

/** The guest's kernel takes what it needs, and sets huge pages of its own aside as far as there is room. */
function bootKernel(numbers: Float64Array, state: number, guest: GuestMemory): void {
  const left = guest.maximumPages - numbers[state + STATE.ACTUAL]! - guest.kernelPages;
  const room = left - guest.watermarkPages - guest.cacheFloorPages;
  const allocated = Math.min(guest.guestHugePages, Math.floor(Math.max(0, room) / 512) * 512);
  numbers[state + STATE.HUGE_ALLOCATED] = allocated;
  numbers[state + STATE.HUGE_FAILED] = guest.guestHugePages - allocated;
  // The files of its own start are in the cache from the beginning.
  numbers[state + STATE.CACHE] = Math.max(0, Math.min(guest.cacheFloorPages, left - allocated));
}

/** Processes and cache where they would have been long ago. */
function settle(numbers: Float64Array, state: number, guest: GuestMemory, anonPages: number): void {
  const total = guest.maximumPages - numbers[state + STATE.ACTUAL]!;
  const kernel = guest.kernelPages + numbers[state + STATE.HUGE_ALLOCATED]!;
  const cache = numbers[state + STATE.CACHE]!;
  const room = Math.max(0, total - kernel - cache - 2 * guest.watermarkPages);
  const anon = Math.min(anonPages, room);
  numbers[state + STATE.ANON] = anon;
  numbers[state + STATE.CACHE] = Math.max(cache, Math.min(guest.cacheWantPages, cache + room - anon));
}

function takeMemory(
  numbers: Float64Array,
  state: number,
  guest: GuestMemory,
  host: HostMemory,
): string | undefined {
  const total = guest.maximumPages - numbers[state + STATE.ACTUAL]!;
  const kernel = guest.kernelPages + numbers[state + STATE.HUGE_ALLOCATED]!;
  let pages = guest.emulatorPages;
  if (guest.backing === 'anonymous')
    pages += kernel + numbers[state + STATE.ANON]! + numbers[state + STATE.CACHE]!;
  else if (guest.backing !== 'hugepages') pages += total;
  if (!takeAtOnce(numbers, state, guest, pages, host)) {
    const nodes = [...new Set(guest.placements.flatMap(({ allowed }) => allowed))].join();
    return `cannot allocate memory: the guest needs ${pages * PAGE_KIB} KiB at start, more than host nodes ${nodes} have free`;
  }
  if (guest.hugePages === undefined) return undefined;
  const { sizeKiB, nodeset } = guest.hugePages;
  const wanted = Math.ceil((guest.maximumPages * PAGE_KIB) / sizeKiB);
  const taken = host.huge.take(sizeKiB, wanted, nodeset);
  if (taken === undefined) {
    const free = host.huge.freeOn(sizeKiB, nodeset);
    releaseResident(numbers, state, host, Number.MAX_SAFE_INTEGER, 0);
    return `cannot allocate huge pages: the guest needs ${wanted} pages of ${sizeKiB} KiB, and host nodes ${nodeset.join()} have ${free} free`;
  }
  taken.forEach((huge, node) => {
    numbers[state + STATE.NODES + host.nodes.count + node] = (huge * sizeKiB) / PAGE_KIB;
  });
  return undefined;
}
