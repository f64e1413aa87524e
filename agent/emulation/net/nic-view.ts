import { SPAN_MS } from '../machine/layout.ts';
import { type Machine, readCounter } from '../machine/machine.ts';
import type { NicModel } from './nic-model.ts';
import { N, type NicCounter, type NicParts, NS, Q, type QueueCounter } from './nic-parts.ts';
import { inFlight, ringIndex } from './ring.ts';

const NS_PER_MS = 1_000_000;

/** A queue pair's counter at an instant. */
export function readQueue(
  machine: Machine,
  parts: NicParts,
  queue: number,
  name: QueueCounter,
  nowMs: number,
): number {
  return readCounter(machine, parts.queues[queue]!.counters + Q[name], nowMs);
}

/** The sum of a counter over a NIC's queue pairs at an instant. */
export function readQueues(machine: Machine, parts: NicParts, name: QueueCounter, nowMs: number): number {
  let sum = 0;
  for (let i = 0; i < parts.queues.length; i++) sum += readQueue(machine, parts, i, name, nowMs);
  return sum;
}

/** A counter of the NIC as a whole at an instant. */
export function readNic(machine: Machine, parts: NicParts, name: NicCounter, nowMs: number): number {
  return readCounter(machine, parts.nic.counters + N[name], nowMs);
}

/** Whether the link of a NIC is up. */
export function linkIsUp({ numbers }: Machine, { nic }: NicParts): boolean {
  return numbers[nic.state + NS.linkDown] === 0;
}

/** A ring at an instant: its two free-running 16-bit indexes, and what lies between them. */
export interface RingState {
  readonly available: number;
  readonly used: number;
  /** 0 to the ring's size. */
  readonly inFlight: number;
}

/** The transmit ring of a queue pair at an instant. */
export function readTxRing(machine: Machine, parts: NicParts, queue: number, nowMs: number): RingState {
  const available = ringIndex(readQueue(machine, parts, queue, 'txAvailable', nowMs));
  const used = ringIndex(readQueue(machine, parts, queue, 'txUsed', nowMs));
  return { available, used, inFlight: inFlight(available, used) };
}

/** The receive ring of a queue pair at an instant: the driver gives back each buffer that it has emptied. */
export function readRxRing(
  machine: Machine,
  parts: NicParts,
  { config }: NicModel,
  queue: number,
  nowMs: number,
): RingState {
  const available = ringIndex(config.rxQueueSize + readQueue(machine, parts, queue, 'rxTaken', nowMs));
  const used = ringIndex(readQueue(machine, parts, queue, 'rxUsed', nowMs));
  return { available, used, inFlight: inFlight(available, used) };
}

const BACKLOG = {
  tx: [Q.txOffered, Q.txDropped, Q.txFrames],
  rx: [Q.rxOffered, Q.rxDropped, Q.rxFrames],
} as const;

/** Frames that a queue pair holds at an instant, in a direction: ring and the queue before it. */
export function readBacklog(
  machine: Machine,
  parts: NicParts,
  queue: number,
  direction: 'tx' | 'rx',
  nowMs: number,
): number {
  const { counters } = parts.queues[queue]!;
  const [offered, dropped, frames] = BACKLOG[direction];
  return (
    readCounter(machine, counters + offered, nowMs) -
    readCounter(machine, counters + dropped, nowMs) -
    readCounter(machine, counters + frames, nowMs)
  );
}

/** Chains that zero copy has left with the lower device, in the mean of the present span: 0 to the limit. */
export function zeroCopyPending({ layout, numbers }: Machine, parts: NicParts, { config }: NicModel): number {
  const spanNs = numbers[SPAN_MS]! * NS_PER_MS;
  if (spanNs === 0) return 0;
  let most = 0;
  for (const { counters } of parts.queues) {
    const rate = numbers[counters + Q.txZeroCopy + layout.counterCount]! / spanNs;
    most = Math.max(most, rate * config.costs.completionNs);
  }
  return Math.min(config.zeroCopyPending, Math.ceil(most));
}
