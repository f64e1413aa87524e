import { type Amount, move, partOf } from './amount.ts';
import type { Uplink } from './uplink.ts';
import { LINE_OVERHEAD } from './wire.ts';

/** What waits for a line, and where it goes when it is sent. */
export type Way = readonly [stock: Amount, sent: Amount];

/**
 * Sends what waits on one NIC, as far as its line carries `capacity` octets in the span; drops what its queue has
 * no room for, and adds that to `dropped`. The stocks keep the rest.
 */
export function sendOn(nic: Uplink, ways: readonly Way[], capacity: number, dropped: Amount): void {
  let frames = 0;
  let octets = 0;
  for (const [stock] of ways) {
    frames += stock.frames;
    octets += stock.bytes + LINE_OVERHEAD * stock.frames;
  }
  const share = octets > capacity ? capacity / octets : 1;
  for (const [stock, sent] of ways) {
    const out = Math.floor(stock.frames * share);
    const bytes = Math.floor(stock.bytes * share);
    move(stock, sent, out, bytes);
    frames -= out;
    nic.plan('txFrames', out);
    nic.plan('txBytes', bytes);
  }
  const room = nic.up ? nic.config.queueFrames : 0;
  nic.rest.queued = Math.min(room, frames);
  if (frames > room) drop(nic, ways, room / frames, dropped);
}

/** Drops what waits on a NIC but for a share of it; what a link going down takes first, as errors. */
function drop(nic: Uplink, ways: readonly Way[], keep: number, dropped: Amount): void {
  const { rest } = nic;
  for (const [stock] of ways) {
    const frames = stock.frames - Math.floor(stock.frames * keep);
    const bytes = stock.bytes - Math.floor(stock.bytes * keep);
    move(stock, dropped, frames, bytes);
    const errors = Math.min(rest.errors, frames);
    rest.errors -= errors;
    nic.plan('txErrors', errors);
    nic.plan('txDropped', frames - errors);
    nic.plan('txDroppedBytes', partOf(bytes, frames - errors, frames));
  }
}

/**
 * Takes in on one NIC what its line brings in the span: `outside` from the world outside, from which frames that
 * were damaged on the line are taken, for they go no further; and what the switch sends back.
 */
export function receiveOn(nic: Uplink, outside: Amount, returning: Readonly<Amount>): void {
  const { rest, config } = nic;
  const { fcsErrorShare, multicastShare, corruptShare, rxChecksum } = config;
  if (fcsErrorShare > 0) {
    const damaged = Math.min(outside.frames, outside.frames * fcsErrorShare + rest.fcs);
    const frames = Math.floor(damaged);
    rest.fcs = damaged - frames;
    const bytes = partOf(outside.bytes, frames, outside.frames);
    outside.frames -= frames;
    outside.bytes -= bytes;
    nic.plan('rxErrors', frames);
  }
  nic.plan('rxFrames', outside.frames + returning.frames);
  nic.plan('rxBytes', outside.bytes + returning.bytes);
  rest.multicast = planPart(nic, 'rxMulticast', outside.frames * multicastShare + rest.multicast);
  if (rxChecksum)
    rest.corrupt = planPart(nic, 'rxChecksumErrors', outside.frames * corruptShare + rest.corrupt);
}

/** Plans the whole part of a growth; returns what is left for the next span. */
function planPart(nic: Uplink, counter: 'rxMulticast' | 'rxChecksumErrors', growth: number): number {
  const whole = Math.floor(growth);
  nic.plan(counter, whole);
  return growth - whole;
}

/**
 * Parts of an amount in proportion to weights, which add up to it exactly; equal ones when all weights are 0.
 *
 * The only part of an amount is the amount.
 */
export function split({ frames, bytes }: Readonly<Amount>, weights: readonly number[]): Amount[] {
  if (weights.length === 1) return [{ frames, bytes }];
  const sum = weights.reduce((total, weight) => total + weight, 0);
  let below = 0;
  let framesBelow = 0;
  let bytesBelow = 0;
  return weights.map((weight, i) => {
    below += sum > 0 ? weight / sum : 1 / weights.length;
    const isLast = i === weights.length - 1;
    const framesTo = isLast ? frames : Math.min(frames, Math.floor(frames * below));
    const bytesTo = isLast ? bytes : Math.min(bytes, Math.floor(bytes * below));
    const part = { frames: framesTo - framesBelow, bytes: bytesTo - bytesBelow };
    framesBelow = framesTo;
    bytesBelow = bytesTo;
    return part;
  });
}
