import { dealt, type Placement } from '../numa/placement.ts';
import { STATE } from './guest-memory-layout.ts';
import type { MemoryTick } from './guest-plan.ts';
import type { HostMemory } from './host-memory.ts';
import type { GuestMemory } from './memory-config.ts';
import { spread } from './spread.ts';

// Constants of the module, not properties: this is the hot path.
const { DEALT, HOST_SWAPPED, HOST_SWAP_OUTS, MERGED, NODES, REPORTED, RESIDENT } = STATE;

/** Free page reporting waits for whole blocks of 512 pages (2 MiB). */
const REPORT_BLOCK = 512;

/** Tells the host's board which pages a guest wants in this tick, by policy and node. */
export function wantPages(
  numbers: Float64Array,
  state: number,
  guest: GuestMemory,
  pages: number,
  host: HostMemory,
): void {
  const before = numbers[state + DEALT]!;
  const { placements } = guest;
  for (let cell = 0; cell < placements.length; cell++) {
    const placement = placements[cell]!;
    const first = cellShare(guest, cell, before);
    const wanted = cellShare(guest, cell, before + pages) - first;
    const entries = placement.wanted.length;
    for (let entry = 0; entry < entries; entry++)
      host.board.want(placement, placement.wanted[entry]!, dealt(first, wanted, entry, entries));
  }
}

/** Places what the host gives of the pages that a guest wanted; returns how many. */
export function growResident(
  numbers: Float64Array,
  state: number,
  guest: GuestMemory,
  pages: number,
  host: HostMemory,
): number {
  const before = numbers[state + DEALT]!;
  const { placements } = guest;
  const { nodes, board } = host;
  let all = 0;
  for (let cell = 0; cell < placements.length; cell++) {
    const placement = placements[cell]!;
    const first = cellShare(guest, cell, before);
    const wanted = cellShare(guest, cell, before + pages) - first;
    const entries = placement.wanted.length;
    for (let entry = 0; entry < entries; entry++) {
      const share = dealt(first, wanted, entry, entries);
      if (share === 0) continue;
      for (let node = 0; node < nodes.count; node++) {
        const got = board.given(placement, placement.wanted[entry]!, node, share);
        if (got === 0) continue;
        nodes.take(placement, entry, node, got);
        numbers[state + NODES + node]! += got;
        all += got;
      }
    }
  }
  numbers[state + RESIDENT]! += all;
  numbers[state + DEALT] = before + all;
  return all;
}

/** What a guest had on each node before it took more; used again for each. */
let held = new Float64Array(0);

/**
 * Takes pages at once, outside of a tick: when a guest starts. Nodes that the policy wants first, then the
 * others that it allows; returns whether there were enough, and takes none when there were not.
 */
export function takeAtOnce(
  numbers: Float64Array,
  state: number,
  guest: GuestMemory,
  pages: number,
  host: HostMemory,
): boolean {
  const { nodes } = host;
  nodes.mark();
  const from = state + NODES;
  if (held.length < nodes.count) held = new Float64Array(nodes.count);
  for (let node = 0; node < nodes.count; node++) held[node] = numbers[from + node]!;
  for (let cell = 0; cell < guest.placements.length; cell++) {
    const placement = guest.placements[cell]!;
    const wanted = cellShare(guest, cell, pages) - cellShare(guest, cell, 0);
    const entries = placement.wanted.length;
    for (let entry = 0; entry < entries; entry++) {
      if (takeFor(numbers, from, placement, entry, dealt(0, wanted, entry, entries), host)) continue;
      nodes.takeBack();
      for (let node = 0; node < nodes.count; node++) numbers[from + node] = held[node]!;
      return false;
    }
  }
  numbers[state + RESIDENT]! += pages;
  numbers[state + DEALT]! += pages;
  return true;
}

function takeFor(
  numbers: Float64Array,
  from: number,
  placement: Placement,
  entry: number,
  pages: number,
  host: HostMemory,
): boolean {
  const { nodes } = host;
  const distances = nodes.distances[placement.wanted[entry]!]!;
  let rest = pages;
  for (const node of placement.allowed.toSorted((a, b) => distances[a]! - distances[b]!)) {
    const got = Math.min(rest, Math.max(0, nodes.free[node]! - host.reserveOn(node)));
    if (got === 0) continue;
    nodes.take(placement, entry, node, got);
    numbers[from + node]! += got;
    rest -= got;
  }
  return rest === 0;
}

/** Gives the host back what a guest does not use, at most `pages`, down to `inUse` touched pages. */
export function releaseResident(
  numbers: Float64Array,
  state: number,
  host: HostMemory,
  pages: number,
  inUse: number,
): number {
  const resident = numbers[state + RESIDENT]!;
  const swapped = numbers[state + HOST_SWAPPED]!;
  const touched = resident + swapped + numbers[state + MERGED]!;
  const released = Math.min(pages, Math.max(0, touched - inUse), resident + swapped);
  if (released === 0) return 0;
  const fromNodes = Math.min(released, resident);
  giveNodes(numbers, state, fromNodes, host);
  numbers[state + HOST_SWAPPED]! -= released - fromNodes;
  host.swapFree += released - fromNodes;
  return released;
}

/** Takes pages from a guest, from all nodes alike, and gives them to the host. */
function giveNodes(numbers: Float64Array, state: number, pages: number, host: HostMemory): void {
  let resident = numbers[state + RESIDENT]!;
  let rest = pages;
  numbers[state + RESIDENT] = resident - pages;
  for (let node = 0; rest > 0; node++) {
    const at = state + NODES + node;
    const held = numbers[at]!;
    // Of what is left, this node's share; the last node that holds any gives all of the rest.
    const given = held === resident ? rest : Math.floor((rest * held) / resident);
    resident -= held;
    rest -= given;
    // What rounding leaves must fit behind this node.
    const more = Math.max(0, rest - resident);
    rest -= more;
    numbers[at] = held - given - more;
    host.nodes.give(node, given + more);
  }
}

/** Hands free pages to the host by free page reporting; returns how many of the `idle` pages went. */
export function report(
  numbers: Float64Array,
  state: number,
  idle: number,
  tick: MemoryTick,
  host: HostMemory,
): number {
  const most = Math.min(idle, (host.rates.reportPagesPerSecond * tick.spanMs) / 1000);
  const blocks = Math.floor(most / REPORT_BLOCK);
  if (blocks <= 0) return 0;
  const released = releaseResident(numbers, state, host, blocks * REPORT_BLOCK, 0);
  numbers[state + REPORTED]! += released;
  return released;
}

/** Pages that the guest uses and finds in the host's swap: each once in `reuseSeconds` of a busy vCPU. */
export function missedOnHost(swapped: number, tick: MemoryTick, host: HostMemory): number {
  const seconds = tick.spanMs / 1000;
  const uses = Math.min(1, (tick.activity * seconds) / host.rates.reuseSeconds);
  const device = Math.floor(host.rates.hostSwapPagesPerSecond * seconds);
  return Math.min(swapped, device, spread(swapped * uses, tick));
}

/** Moves a guest's pages to the host's swap, as the host decided for each node. */
export function swapOutResident(numbers: Float64Array, state: number, host: HostMemory): void {
  const { count } = host.nodes;
  for (let node = 0; node < count; node++) {
    const at = state + NODES + node;
    const pages = host.swapsOut(node, numbers[at]!);
    if (pages === 0) continue;
    numbers[at]! -= pages;
    numbers[state + RESIDENT]! -= pages;
    numbers[state + HOST_SWAPPED]! += pages;
    numbers[state + HOST_SWAP_OUTS]! += pages;
    host.nodes.give(node, pages);
    host.swapFree -= pages;
    host.swapOuts += pages;
  }
}

/** Writes to merged pages give the guest pages of its own again: it will want them of the host. */
export function breakMerged(
  numbers: Float64Array,
  state: number,
  content: string,
  tick: MemoryTick,
  host: HostMemory,
): void {
  const merged = numbers[state + MERGED]!;
  if (merged === 0) return;
  const busySeconds = (tick.activity * tick.spanMs) / 1000;
  const broken = Math.min(merged, spread(merged * host.ksm.config.breakShare * busySeconds, tick));
  if (broken === 0) return;
  numbers[state + MERGED] = merged - broken;
  host.ksm.unmerge(content, broken, broken === merged);
}

/** Merges as many of a guest's pages as this tick's scan finds. */
export function mergePages(
  numbers: Float64Array,
  state: number,
  ksm: { readonly content: string; readonly share: number },
  tick: MemoryTick,
  host: HostMemory,
): void {
  const { scanShare, config } = host.ksm;
  if (scanShare === 0) return;
  const merged = numbers[state + MERGED]!;
  const most = Math.min(config.contentPages, Math.floor(ksm.share * (numbers[state + RESIDENT]! + merged)));
  const wanted = Math.min(most - merged, spread(most * scanShare, tick));
  if (wanted <= 0) return;
  let rest = wanted;
  let joins = merged === 0;
  for (let node = 0; rest > 0; node++) {
    const at = state + NODES + node;
    const pages = Math.min(rest, numbers[at]!);
    if (pages === 0) continue;
    numbers[at]! -= pages;
    host.ksm.merge(ksm.content, node, pages, joins);
    joins = false;
    rest -= pages;
  }
  numbers[state + RESIDENT]! -= wanted;
  numbers[state + MERGED] = merged + wanted;
}

/** Pages of the first `pages` that belong to a cell: running sums, so that nothing is lost between cells. */
function cellShare({ placementShares }: GuestMemory, cell: number, pages: number): number {
  const upTo = Math.floor(pages * placementShares[cell]!);
  return cell === 0 ? upTo : upTo - Math.floor(pages * placementShares[cell - 1]!);
}
