import type { Line } from '../../emulation/net/line.ts';
import type { NicCounter, QueueCounter } from '../../emulation/net/nic-parts.ts';
import { readNic, readQueues } from '../../emulation/net/nic-view.ts';
import type { SegmentTotal } from '../../emulation/net/segment.ts';
import type { UplinkCounter } from '../../emulation/net/uplink.ts';
import type { Bridge, Interface, Tap } from './interface.ts';

/** What a table shows of an interface's traffic: octets, and frames by what became of them. */
export const COUNTERS = [
  'inOctets',
  'inFrames',
  'inMulticast',
  'inDiscards',
  'inErrors',
  'outOctets',
  'outFrames',
  'outDiscards',
  'outErrors',
] as const;
/** A name of {@link COUNTERS}; frames with multicast ones among them. */
export type InterfaceCounter = (typeof COUNTERS)[number];

/** What a NIC counts itself; a counter that is not there stays at 0, as with Linux's drivers. */
const OF_NIC: Partial<Record<InterfaceCounter, UplinkCounter>> = {
  inOctets: 'rxBytes',
  inFrames: 'rxFrames',
  inMulticast: 'rxMulticast',
  inErrors: 'rxErrors',
  outOctets: 'txBytes',
  outFrames: 'txFrames',
  outDiscards: 'txDropped',
  outErrors: 'txErrors',
};

/** A tap takes in what its guest sends. */
const OF_QUEUES: Partial<Record<InterfaceCounter, QueueCounter>> = {
  inOctets: 'txBytes',
  inFrames: 'txFrames',
  inDiscards: 'txDropped',
  outOctets: 'rxBytes',
  outFrames: 'rxFrames',
  outDiscards: 'rxDropped',
};
const OF_TAP: Partial<Record<InterfaceCounter, NicCounter>> = { inErrors: 'txErrors', outErrors: 'rxErrors' };

/** A bridge takes in what comes from all of its ports, and gives out what goes to them. */
const OF_BRIDGE: Partial<Record<InterfaceCounter, readonly [SegmentTotal, 'frames' | 'bytes']>> = {
  inOctets: ['fromGuests', 'bytes'],
  inFrames: ['fromGuests', 'frames'],
  inDiscards: ['switchDropped', 'frames'],
  outOctets: ['toGuests', 'bytes'],
  outFrames: ['toGuests', 'frames'],
};

/** A counter at an instant, in simulated ms, unless the guest's monitor keeps what is read of it at an earlier one. */
export function readInterface(each: Interface, counter: InterfaceCounter, nowMs: number): number {
  switch (each.kind) {
    case 'loopback':
      return 0;
    case 'nic':
      return ofLines(each.uplinks, counter, nowMs);
    case 'bond':
      return ofLines(each.bonds, counter, nowMs);
    case 'bridge':
      return ofBridge(each, counter, nowMs);
    case 'tap':
      return ofTap(each, counter);
  }
}

function ofLines(lines: readonly Line[], counter: InterfaceCounter, nowMs: number): number {
  const name = OF_NIC[counter];
  let sum = 0;
  if (name) for (const line of lines) sum += line.read(name, nowMs);
  return sum;
}

function ofBridge({ segment }: Bridge, counter: InterfaceCounter, nowMs: number): number {
  const part = OF_BRIDGE[counter];
  const own = part ? segment.total(part[0])[part[1]] : 0;
  // What was lost on the line is the NIC's.
  const isTraffic = counter !== 'inErrors' && counter !== 'outErrors' && counter !== 'outDiscards';
  const name = isTraffic ? OF_NIC[counter] : undefined;
  return own + (name && segment.uplink ? segment.uplink.read(name, nowMs) : 0);
}

function ofTap({ domain, process: { machine }, nic: { parts } }: Tap, counter: InterfaceCounter): number {
  const { nowMs } = domain;
  const name = OF_TAP[counter];
  if (name) return readNic(machine, parts, name, nowMs);
  const queued = OF_QUEUES[counter];
  if (!queued) return 0;
  const value = readQueues(machine, parts, queued, nowMs);
  // libvirt, and LIBVIRT-STATS-MIB, tell of frames that were lost with the link as errors alone.
  return counter === 'inDiscards' ? value - readNic(machine, parts, 'txErrors', nowMs) : value;
}
