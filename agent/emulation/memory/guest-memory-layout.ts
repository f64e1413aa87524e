import { fields, type PartShape } from '../machine/layout.ts';

/** Counters of a guest's memory: pages, events and requests, read at any instant. */
export const COUNTER = fields(
  'SWAP_IN',
  'SWAP_OUT',
  'MAJOR_FAULTS',
  'MINOR_FAULTS',
  'INFLATE_REQUESTS',
  'DEFLATE_REQUESTS',
  'BALLOON_RETRIES',
);

/**
 * What the model remembers of a guest's memory, in pages where nothing else is said.
 *
 * TARGET: num_pages, the host's wish; ACTUAL: pages in the balloon when the tick began; PLAN: pages that it
 * takes (above 0) or gives back in this tick; BASE_IN, BASE_OUT: requests done when the tick began.
 * ANON: memory of the guest's processes, resident or in the guest's swap; SWAP_FREED: pages that left the
 * guest's swap unread. KILLED: what programs that were killed have not taken again yet. RESIDENT: pages that the host's nodes hold for the emulator process; DEALT: pages ever
 * placed, for taking turns. STALL: share of a vCPU's time spent waiting for pages. NODES: the first of the
 * pages on each node; behind them stand the pages of the huge page pools on each node.
 */
export const STATE = fields(
  'TARGET',
  'ACTUAL',
  'PLAN',
  'BASE_IN',
  'BASE_OUT',
  'ANON',
  'CACHE',
  'SWAP_FREED',
  'HUGE_ALLOCATED',
  'HUGE_FAILED',
  'OOM_KILLS',
  'KILLED',
  'RESIDENT',
  'HOST_SWAPPED',
  'HOST_SWAP_INS',
  'HOST_SWAP_OUTS',
  'MERGED',
  'REPORTED',
  'DEALT',
  'WANT',
  'WANT_BACK',
  'PLAN_IN',
  'PLAN_OUT',
  'PLAN_MAJOR',
  'PLAN_MINOR',
  'PLAN_RETRIES',
  'STALL',
  'ANNOUNCED',
  'NEXT_POLL_MS',
  'LAST_UPDATE_MS',
  'POLLED',
  'POLLED_1',
  'POLLED_2',
  'POLLED_3',
  'POLLED_4',
  'POLLED_5',
  'POLLED_6',
  'POLLED_7',
  'POLLED_8',
  'POLLED_9',
  'NODES',
);

/** The shape of a guest's memory on a host with this many NUMA nodes. */
export function memoryShape(nodeCount: number): PartShape {
  return { counters: Object.keys(COUNTER).length, state: STATE.NODES + 2 * nodeCount };
}
