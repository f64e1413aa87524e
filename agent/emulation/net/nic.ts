import type { Machine } from '../machine/machine.ts';
import { allowance, spentAfter } from './bandwidth.ts';
import type { NicModel } from './nic-model.ts';
import type { NicParts } from './nic-parts.ts';
import * as numbering from './nic-parts.ts';
import { dropRx, planRx, rxBacklog } from './rx-queue.ts';
import type { Segment } from './segment.ts';
import { dropTx, loseTx, planTx, txBacklog } from './tx-queue.ts';
import { LINE_OVERHEAD } from './wire.ts';

// Constants of this module: V8 takes their fields for constants too, as it does not those of an import.
const { N, NS, Q, QS } = numbering;

const NS_PER_MS = 1_000_000;
/** Whole parts of a guest's activity that its weight among neighbours is counted in. */
const WEIGHT_PARTS = 1000;

/**
 * Sets the link of a NIC up or down, as domif-setlink does; it shows in the next span that is planned.
 *
 * The machine is settled. What waits in the rings when the link goes down is lost, by an error.
 */
export function setLink({ numbers: n }: Machine, { nic, queues }: NicParts, up: boolean): void {
  const at = nic.state + NS.linkDown;
  if (!up && n[at] === 0) for (const queue of queues) n[nic.counters + N.txErrors]! += loseTx(n, queue);
  n[at] = up ? 0 : 1;
}

/** Lets the back end of a queue pair stand still, or work again; it shows in the next span that is planned. */
export function setStalled(
  { numbers }: Machine,
  { queues }: NicParts,
  queue: number,
  stalled: boolean,
): void {
  numbers[queues[queue]!.state + QS.stalled] = stalled ? 1 : 0;
}

/**
 * Hands on what really left the guest, and notes what really reached it, since the last time.
 *
 * To be called after each settling of the machine: at the end of a tick, when the guest halts in the middle of
 * one, and before its process ends.
 */
export function collectNic(
  { numbers: n }: Machine,
  { nic, queues }: NicParts,
  model: NicModel,
  segment: Segment,
  port: number,
): void {
  let tx = 0;
  let txBytes = 0;
  let rx = 0;
  let rxBytes = 0;
  for (const { counters: c } of queues) {
    tx += n[c + Q.txFrames]!;
    txBytes += n[c + Q.txBytes]!;
    rx += n[c + Q.rxOffered]!;
    rxBytes += n[c + Q.rxOfferedBytes]!;
  }
  const s = nic.state;
  const before = n[s + NS.handedTx]!;
  const frames = tx - before;
  const bytes = txBytes - n[s + NS.handedTxBytes]!;
  if (frames > 0 || bytes > 0) {
    const { localShare } = model.load;
    const local =
      segment.tcpScale(port) === 1
        ? Math.floor(tx * localShare) - Math.floor(before * localShare)
        : Math.min(frames, Math.round(frames * localShareOf(model, segment.tcpScale(port))));
    const localBytes = localShare === 1 ? bytes : local === 0 ? 0 : Math.floor(bytes * (local / frames));
    segment.give(frames, bytes, local, localBytes, model.config.features.csum ? local : 0);
    n[s + NS.handedTx] = tx;
    n[s + NS.handedTxBytes] = txBytes;
  }
  segment.arrived(rx - n[s + NS.handedRx]!, rxBytes - n[s + NS.handedRxBytes]!);
  n[s + NS.handedRx] = rx;
  n[s + NS.handedRxBytes] = rxBytes;
}

/** Share of its frames that a NIC sends while TCP towards the uplink slows down to `tcpScale`. */
function slowedShare({ outsideShare, load }: NicModel, tcpScale: number): number {
  return 1 - outsideShare * (1 - load.udpShare) * (1 - tcpScale);
}

/** Share of what a NIC sends then that is for neighbours: they get as much as ever where they need no uplink. */
function localShareOf(model: NicModel, tcpScale: number): number {
  const { localShare } = model.load;
  if (model.outsideShare === 1) return localShare;
  const slowed = slowedShare(model, tcpScale);
  return slowed === 0 ? 0 : localShare / slowed;
}

/**
 * Says what a NIC wants in the coming span: of its segment, and of CPU time ({@link guestWantNs}, {@link hostWantNs}).
 *
 * `activity` is how busy the guest is, 0 to 1. `late` is for a guest that starts after the segment has shared
 * out: it sends, and gets nothing until the next span.
 */
export function demandNic(
  { numbers: n }: Machine,
  { nic, queues }: NicParts,
  model: NicModel,
  segment: Segment,
  port: number,
  activity: number,
  spanMs: number,
  late = false,
): void {
  const s = nic.state;
  const { load, frameBytes } = model;
  const perSpan = (activity * spanMs) / 1000;
  const sends = load.txFps * perSpan + n[s + NS.txCarry]!;
  const gets = late ? n[s + NS.rxCarry]! : load.rxFps * perSpan + n[s + NS.rxCarry]!;
  const tx = Math.floor(sends);
  const rx = Math.floor(gets);
  n[s + NS.txCarry] = sends - tx;
  n[s + NS.rxCarry] = gets - rx;
  n[s + NS.wantTx] = tx;
  const down = n[s + NS.linkDown] === 1;
  const lineOctets = down ? 0 : tx * model.outsideShare * (frameBytes + LINE_OVERHEAD);
  if (!late) {
    segment.ask(
      port,
      Math.round(load.localWeight * activity * WEIGHT_PARTS),
      rx,
      Math.round(rx * frameBytes),
      Math.round(lineOctets * (1 - load.udpShare)),
      Math.round(lineOctets * load.udpShare),
    );
  }
  if (down) {
    n[s + NS.guestWantNs] = 0;
    n[s + NS.hostWantNs] = 0;
    return;
  }
  let txFrames = tx * slowedShare(model, segment.tcpScale(port));
  let rxFrames = rx + n[s + NS.localRate]! * spanMs;
  for (const queue of queues) {
    txFrames += txBacklog(n, queue);
    rxFrames += rxBacklog(n, queue);
  }
  const txChains = txFrames / model.txFramesPerChain;
  const rxChains = rxFrames / model.rxFramesPerChain;
  const most = spanMs * NS_PER_MS * queues.length;
  n[s + NS.guestWantNs] = Math.min(
    most,
    Math.ceil((txChains * model.guestTxNs + rxChains * model.guestRxNs) * (1 + n[s + NS.guestExtra]!)),
  );
  n[s + NS.hostWantNs] = Math.min(
    model.config.backEnd === 'qemu' ? most / queues.length : most,
    Math.ceil((txChains * model.hostTxNs + rxChains * model.hostRxNs) * (1 + n[s + NS.hostExtra]!)),
  );
}

/** ns of vCPU time that a NIC wants in the coming span, of all its queues. */
export function guestWantNs({ numbers }: Machine, { nic }: NicParts): number {
  return numbers[nic.state + NS.guestWantNs]!;
}

/** ns of host CPU that the back end wants in the coming span: vhost threads, or the emulator for `qemu`. */
export function hostWantNs({ numbers }: Machine, { nic }: NicParts): number {
  return numbers[nic.state + NS.hostWantNs]!;
}

/**
 * Plans what a NIC does in the span for which the machine was begun.
 *
 * `guestShare` and `hostShare` are what it got of the CPU time it wanted, 0 to 1. The segment has shared out;
 * a second plan in the same span gets no frames from it.
 */
export function runNic(
  { layout, numbers: n }: Machine,
  parts: NicParts,
  model: NicModel,
  segment: Segment,
  port: number,
  spanMs: number,
  guestShare: number,
  hostShare: number,
): void {
  const { nic, queues } = parts;
  const g = layout.counterCount;
  const s = nic.state;
  segment.claim(port);
  const { frames, bytes, external, unsummed } = segment.arrival;
  const want = n[s + NS.wantTx]!;
  const count = queues.length;
  if (n[s + NS.linkDown] === 1) {
    // The driver sees no carrier: TCP waits in its sockets, UDP is dropped.
    const offered = Math.floor(want * model.load.udpShare);
    for (let i = 0; i < count; i++) {
      dropTx(n, g, queues[i]!, part(offered, i, count), model.frameBytes);
      dropRx(n, g, queues[i]!, part(frames, i, count), part(bytes, i, count));
    }
    return;
  }
  const { config } = model;
  const spanNs = spanMs * NS_PER_MS;
  const guestNs = guestShare >= 1 ? spanNs : (n[s + NS.guestWantNs]! * guestShare) / count;
  const threadNs = config.backEnd === 'qemu' ? spanNs / count : spanNs;
  const hostNs = hostShare >= 1 ? threadNs : Math.min(threadNs, (n[s + NS.hostWantNs]! * hostShare) / count);
  const slowed = slowedShare(model, segment.tcpScale(port));
  const offers = slowed === 1 ? want : Math.floor(want * slowed);
  const { inbound, outbound } = config;
  const outFrames = outbound
    ? Math.floor(allowance(outbound, n[s + NS.outboundSpent]!, spanMs) / model.frameBytes / count)
    : Infinity;
  const inFrames = inbound
    ? Math.floor(allowance(inbound, n[s + NS.inboundSpent]!, spanMs) / model.frameBytes / count)
    : Infinity;
  const guestFactor = 1 + n[s + NS.guestExtra]!;
  const hostFactor = 1 + n[s + NS.hostExtra]!;
  const backlogBefore = mixedBacklog(n, parts);
  let took = 0;
  let tookBytes = 0;
  let sent = 0;
  let sentBytes = 0;
  for (let i = 0; i < count; i++) {
    const queue = queues[i]!;
    const arriving = part(frames, i, count);
    const rxChains = (rxBacklog(n, queue) + arriving) / model.rxFramesPerChain;
    const wanted = part(offers, i, count);
    const txChains = wanted / model.txFramesPerChain;
    const waiting = txChains + txBacklog(n, queue) / model.txFramesPerChain;
    const guestNeed = (rxChains * model.guestRxNs + txChains * model.guestTxNs) * guestFactor;
    const hostNeed = (rxChains * model.hostRxNs + waiting * model.hostTxNs) * hostFactor;
    const guestPart = guestNeed > guestNs ? guestNs / guestNeed : 1;
    const hostPart = n[queue.state + QS.stalled] === 1 ? 0 : hostNeed > hostNs ? hostNs / hostNeed : 1;
    const offered = guestPart === 1 ? wanted : Math.floor(wanted * guestPart);
    const txMost = hostPart === 1 ? Infinity : Math.floor(waiting * model.txFramesPerChain * hostPart);
    const rxAll = rxChains * model.rxFramesPerChain;
    const hostMost = hostPart === 1 ? Infinity : Math.floor(rxAll * hostPart);
    const guestMost = guestPart === 1 ? Infinity : Math.floor(rxAll * guestPart);
    planTx(n, g, nic, queue, model, offered, Math.min(txMost, outFrames), spanNs);
    planRx(
      n,
      g,
      nic,
      queue,
      model,
      arriving,
      part(bytes, i, count),
      Math.min(hostMost, inFrames),
      guestMost,
      spanNs,
    );
    took += n[queue.counters + g + Q.rxFrames]!;
    tookBytes += n[queue.counters + g + Q.rxBytes]!;
    sent += n[queue.counters + g + Q.txFrames]!;
    sentBytes += n[queue.counters + g + Q.txBytes]!;
  }
  if (inbound) n[s + NS.inboundSpent] = spentAfter(inbound, n[s + NS.inboundSpent]!, tookBytes, spanMs);
  if (outbound) n[s + NS.outboundSpent] = spentAfter(outbound, n[s + NS.outboundSpent]!, sentBytes, spanMs);
  n[s + NS.localRate] = (frames - external) / spanMs;
  planChecksums(n, g, parts, model, segment, backlogBefore, frames, external, unsummed, took, tookBytes);
  const c = nic.counters + g;
  const rxChains = took / model.rxFramesPerChain;
  const txChains = sent / model.txFramesPerChain;
  keepExtra(n, s + NS.guestExtra, n[c + N.guestNs]!, rxChains * model.guestRxNs + txChains * model.guestTxNs);
  keepExtra(n, s + NS.hostExtra, n[c + N.hostNs]!, rxChains * model.hostRxNs + txChains * model.hostTxNs);
  n[c + N.guestNs] = Math.round(n[c + N.guestNs]!);
  n[c + N.hostNs] = Math.round(n[c + N.hostNs]!);
}

/** Keeps what notifications and checksums cost, as a share of what moving the chains cost, for the next span. */
function keepExtra(n: Float64Array, at: number, wholeNs: number, chainsNs: number): void {
  if (chainsNs > 0) n[at] = Math.max(0, wholeNs / chainsNs - 1);
}

/**
 * Plans who checked the frames that the guest takes (facts section 2.3).
 *
 * What the uplink checked carries DATA_VALID, what a neighbour left unsummed NEEDS_CSUM; the guest sums the
 * rest, and everything when GUEST_CSUM is off, where the host has to finish the unsummed ones first.
 */
function planChecksums(
  n: Float64Array,
  g: number,
  { nic }: NicParts,
  { config }: NicModel,
  segment: Segment,
  backlog: number,
  frames: number,
  external: number,
  unsummed: number,
  took: number,
  tookBytes: number,
): void {
  const s = nic.state;
  const all = backlog + frames;
  if (all === 0) return;
  const uplink = segment.config.uplink;
  const corruptFrames = uplink ? external * uplink.corruptShare : 0;
  const validFrames = uplink?.rxChecksum ? external - corruptFrames : 0;
  const valid = mixed(n, s + NS.mixValid, backlog, validFrames, all);
  const needs = mixed(n, s + NS.mixUnsummed, backlog, unsummed, all);
  const corrupt = mixed(n, s + NS.mixCorrupt, backlog, corruptFrames, all);
  const c = nic.counters + g;
  const { guestCsum } = config.features;
  const sumNs = config.costs.checksumByteNs;
  const dataValid = guestCsum ? whole(n, s + NS.validCarry, took * valid, took) : 0;
  const needsChecksum = guestCsum ? whole(n, s + NS.unsummedCarry, took * needs, took - dataValid) : 0;
  const summed = took - dataValid - needsChecksum;
  const summedBytes = summed === 0 ? 0 : Math.floor(tookBytes * (summed / took));
  n[c + N.dataValid] = dataValid;
  n[c + N.needsChecksum] = needsChecksum;
  n[c + N.checksumBytes] = summedBytes;
  n[c + N.rxErrors] = whole(n, s + NS.corruptCarry, took * corrupt, summed);
  n[c + N.guestNs]! += summedBytes * sumNs;
  if (!guestCsum) n[c + N.hostNs]! += tookBytes * needs * sumNs;
}

/** Frames that wait to be taken, of all queues: what the mixture of before is made of. */
function mixedBacklog(n: Float64Array, { queues }: NicParts): number {
  let sum = 0;
  for (const queue of queues) sum += rxBacklog(n, queue);
  return sum;
}

/** The share of a kind of frame after `fresh` of `all` were added to the backlog; kept for the next span. */
function mixed(n: Float64Array, at: number, backlog: number, fresh: number, all: number): number {
  const share = (backlog * n[at]! + fresh) / all;
  n[at] = share;
  return share;
}

/** A whole number of frames, at most `most`; what is left over counts the next time. */
function whole(n: Float64Array, carry: number, amount: number, most: number): number {
  const sum = amount + n[carry]!;
  const taken = Math.min(most, Math.floor(sum));
  n[carry] = Math.min(1, sum - taken);
  return taken;
}

/** The part of the i-th of `count` queues in a whole number. */
function part(amount: number, i: number, count: number): number {
  return Math.floor((amount * (i + 1)) / count) - Math.floor((amount * i) / count);
}
