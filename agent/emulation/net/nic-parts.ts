import { fields, type Part, type PartShape } from '../machine/layout.ts';

const QUEUE_COUNTERS = [
  'txOffered',
  'txOfferedBytes',
  'txDropped',
  'txDroppedBytes',
  'txFrames',
  'txBytes',
  'txAvailable',
  'txUsed',
  'txZeroCopy',
  'txInterrupts',
  'kicks',
  'rxOffered',
  'rxOfferedBytes',
  'rxDropped',
  'rxDroppedBytes',
  'rxFrames',
  'rxBytes',
  'rxUsed',
  'rxTaken',
  'rxInterrupts',
] as const;
/**
 * A counter of a queue pair.
 *
 * Frames and octets: offered by whoever produces them, dropped for want of room, the rest handed on whole.
 * `txAvailable`, `txUsed`: chains put into and taken from the transmit ring; `rxUsed`, `rxTaken`: buffers that
 * the back end filled and that the guest emptied and gave back.
 */
export type QueueCounter = (typeof QUEUE_COUNTERS)[number];
const QUEUE_STATE = [
  'txChainCarry',
  'kickCarry',
  'txInterruptCarry',
  'zeroCopyCarry',
  'rxBufferCarry',
  'rxInterruptCarry',
  'stalled',
] as const;

const NIC_COUNTERS = [
  'guestNs',
  'hostNs',
  'dataValid',
  'needsChecksum',
  'rxErrors',
  'checksumBytes',
  'txErrors',
] as const;
/**
 * A counter of a NIC as a whole.
 *
 * `guestNs`, `hostNs`: CPU time it cost. `dataValid`, `needsChecksum`: frames that the guest took with that
 * mark and did not sum; `checksumBytes`: octets that it summed; `rxErrors`: frames that it found damaged. `txErrors`: of the
 * frames dropped, those that waited in a ring when the link went down.
 */
export type NicCounter = (typeof NIC_COUNTERS)[number];
const NIC_STATE = [
  'linkDown',
  'wantTx',
  'guestWantNs',
  'hostWantNs',
  'txCarry',
  'rxCarry',
  'localRate',
  'guestExtra',
  'hostExtra',
  'inboundSpent',
  'outboundSpent',
  'handedTx',
  'handedTxBytes',
  'handedRx',
  'handedRxBytes',
  'mixValid',
  'mixUnsummed',
  'mixCorrupt',
  'validCarry',
  'unsummedCarry',
  'corruptCarry',
] as const;

/** Places of a queue pair's counters. */
export const Q = fields(...QUEUE_COUNTERS);
/** Places of what a queue pair remembers: what rounding left over, and whether its back end stands still (1). */
export const QS = fields(...QUEUE_STATE);
/** Places of a NIC's counters. */
export const N = fields(...NIC_COUNTERS);
/** Places of what a NIC remembers. */
export const NS = fields(...NIC_STATE);

/** What a queue pair needs in a machine. */
export const QUEUE_SHAPE: PartShape = { counters: QUEUE_COUNTERS.length, state: QUEUE_STATE.length };
/** What a NIC as a whole needs in a machine. */
export const NIC_SHAPE: PartShape = { counters: NIC_COUNTERS.length, state: NIC_STATE.length };

/** Where a NIC stands in its machine. */
export interface NicParts {
  readonly nic: Part;
  /** One for each queue pair. */
  readonly queues: readonly Part[];
}
