import { fields, type Part, type PartShape } from '../machine/layout.ts';

/**
 * Counters of one vCPU. Times are in ns.
 *
 * ONLINE: the guest's vCPUs may run, and this one is plugged in. READY: it ran or wanted to. RUN: it ran; steal is
 * READY - RUN, blocked ONLINE - READY, so that the sum is the time passed at each instant. SPIN: of RUN, spent
 * waiting for a lock. WORK: useful work, in ns at full speed with local memory. POLL: halt polling, of which
 * POLL_SUCCESS ended with a wakeup. THROTTLED: of steal, held by its quota. Exits that go with run time, halts or
 * injections have no counter: they are derived from those when they are read.
 */
export const VCPU = fields(
  'ONLINE',
  'READY',
  'RUN',
  'SPIN',
  'WORK',
  'POLL',
  'POLL_SUCCESS',
  'THROTTLED',
  'PERIODS',
  'THROTTLED_PERIODS',
  'PREEMPTIONS',
  'IO_EXITS',
  'MMIO_EXITS',
  'HALT_EXITS',
  'PAUSE_EXITS',
  'POLLS_ATTEMPTED',
  'POLLS_SUCCESSFUL',
  'YIELDS_ATTEMPTED',
  'YIELDS_SUCCESSFUL',
  'IRQ_INJECTIONS',
  'NMI_INJECTIONS',
);

/** What the model remembers of a vCPU: rates in ns per ms, ns since scheduled in, a part of a period. */
export const VCPU_STATE = fields('WANTED', 'DEMAND', 'SPUN', 'PERIOD_PART');

/**
 * Counters of a guest as a whole, in ns. EMULATOR_*: its emulator's and vhost's threads, as READY and RUN of a vCPU.
 *
 * TIME: EMULATOR_RUN, and RUN and POLL of all vCPUs. It is asked for more often than all others, and so stands in
 * one place; as all of these grow by whole ns per ms, it is their sum at each whole ms.
 */
export const GUEST_CPU = fields('TIME', 'EMULATOR_READY', 'EMULATOR_RUN');

/** What the model remembers of a guest. */
export const GUEST_CPU_STATE = fields(
  'CREATED_MS',
  'TICK_HZ',
  'ONLINE_VCPUS',
  'SPIN_RATIO',
  'WAKEUPS',
  'POLLED',
  'POLL_HITS',
  'POLL_HIT_TIME',
  'EMULATOR',
);

function shapeOf(counters: object, state: object): PartShape {
  return { counters: Object.keys(counters).length, state: Object.keys(state).length };
}

/** The room of one vCPU in a machine. */
export const VCPU_SHAPE = shapeOf(VCPU, VCPU_STATE);

/** The room of a guest's own numbers in a machine. */
export const GUEST_CPU_SHAPE = shapeOf(GUEST_CPU, GUEST_CPU_STATE);

/** Where the numbers of this system stand in a machine. */
export interface VcpuPlaces {
  /** Of {@link GUEST_CPU_SHAPE}. */
  readonly guest: Part;
  /** Of {@link VCPU_SHAPE}, one for each vCPU that the guest can have. */
  readonly vcpus: readonly Part[];
  /** The layout's number of counters. */
  readonly counterCount: number;
}
