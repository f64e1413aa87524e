import { fields, type Part, type PartShape } from '../machine/layout.ts';

/**
 * Counters of a container's cgroup. Times are in ns, memory in pages of 4 KiB.
 *
 * EVENT_*: of memory.events; with cgroup v1 EVENT_MAX is failcnt. PIDS_MAX: forks that were refused.
 */
export const CONTAINER = fields(
  'USAGE',
  'USER',
  'PERIODS',
  'THROTTLED_PERIODS',
  'THROTTLED',
  'EVENT_LOW',
  'EVENT_HIGH',
  'EVENT_MAX',
  'EVENT_OOM',
  'EVENT_OOM_KILL',
  'STOLEN',
  'SWAPPED_OUT',
  'SWAPPED_IN',
  'PIDS_MAX',
);

/**
 * What the model remembers of a container: memory in bytes, whole pages.
 *
 * WANTED, DEMAND: ns per ms. STALL: share of its time that it sleeps for being above memory.high. PEAK: the
 * highest it ever had. HOST_WANTS: what the host wants back in the next tick; CACHE_ROOM:
 * what it has for page cache then. PERIOD_PART, LEAK_PART and PIDS_PART: fractions carried over.
 */
export const CONTAINER_STATE = fields(
  'WANTED',
  'DEMAND',
  'PERIOD_PART',
  'ANON',
  'CACHE',
  'SWAP',
  'PEAK',
  'STALL',
  'LEAK_PART',
  'HOST_WANTS',
  'CACHE_ROOM',
  'PIDS',
  'PIDS_PART',
);

/** The room of a container in a machine; its devices are disks of the block system. */
export const CONTAINER_SHAPE: PartShape = {
  counters: Object.keys(CONTAINER).length,
  state: Object.keys(CONTAINER_STATE).length,
};

/** Where the numbers of a container stand in a machine. */
export interface ContainerPlace {
  readonly part: Part;
  /** The layout's number of counters. */
  readonly counterCount: number;
}
