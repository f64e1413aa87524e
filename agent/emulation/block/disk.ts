import { SINCE_MS, SPAN_MS } from '../machine/layout.ts';
import {
  type BlockConsequence,
  type Direction,
  type DiskErrno,
  type IoError,
  policyAction,
} from './block-consequence.ts';
import { DISK, DISK_ERROR, DISK_STATE, type DiskPlace, inFlight } from './disk-places.ts';
import type { DiskPlan } from './disk-plan.ts';
import type { HostDevices } from './host-storage.ts';
import { closedLoopLatency, closedLoopRate, firstWrittenBytes } from './latency.ts';
import type { StoragePools } from './storage-pools.ts';
import { allowedRate, useBursts } from './throttle.ts';

/** What one tick brings a disk. One object may be used for all disks, one after another. */
export interface DiskInput {
  /** The hypervisor's number of the guest, for consequences. */
  guest: number;
  /**
   * Data requests per second that the guest's programs would make if each came back at once; Infinity when they
   * do nothing but wait for the disk, 0 when they leave it alone.
   */
  offered: number;
  /** A fault: how much longer the device takes for each request; 1 or more. */
  latencyFactor: number;
  /** A fault: share of reads that the device fails, 0 to 1. */
  readErrorShare: number;
  /** A fault: share of writes that the device fails, 0 to 1. */
  writeErrorShare: number;
  /** The guest started in the middle of the tick: it made no demand and gets what is left. */
  late: boolean;
}

/** A disk without faults that nothing uses. */
export const QUIET_DISK: DiskInput = {
  guest: 0,
  offered: 0,
  latencyFactor: 1,
  readErrorShare: 0,
  writeErrorShare: 0,
  late: false,
};

/** What there is to be shared on a host. */
export interface HostStorage {
  readonly devices: HostDevices;
  readonly pools: StoragePools;
}

/** A new emulator process opens a disk whose image takes so many bytes already. */
export function openDisk(numbers: Float64Array, { part }: DiskPlace, allocationBytes: number): void {
  numbers[part.counters + DISK.ALLOCATION] = allocationBytes;
}

function thinkNs(plan: DiskPlan, offered: number): number {
  return (plan.depth * 1e9) / offered;
}

/** First pass of a tick: what a disk wants of its device and its pool. The machine's span has begun. */
export function demandDisk(
  numbers: Float64Array,
  { part }: DiskPlace,
  plan: DiskPlan,
  input: DiskInput,
  { devices, pools }: HostStorage,
): void {
  const { state } = part;
  const { offered, latencyFactor } = input;
  const before = inFlight(numbers, part.counters);
  numbers[state + DISK_STATE.CLAIM] = 0;
  numbers[state + DISK_STATE.SPACE] = 0;
  if (offered === 0 && before === 0) return;
  const spanSeconds = numbers[SPAN_MS]! / 1000;
  let rate = 0;
  if (offered > 0) {
    const delay = (plan.cycleNs - plan.queueNs) * latencyFactor + thinkNs(plan, offered);
    rate = closedLoopRate(plan.depth, delay, plan.queueNs * latencyFactor);
    if (plan.limits !== undefined)
      rate = Math.min(rate, allowedRate(plan.limits, numbers, state + DISK_STATE.BURST, spanSeconds));
    const claim = Math.ceil(rate * plan.queueNs * latencyFactor);
    numbers[state + DISK_STATE.CLAIM] = claim;
    devices.claim(plan.device, claim, plan.weight);
  }
  if (plan.cluster === 0 || plan.pool < 0) return;
  const draining = plan.readShare > 0 ? 0 : before;
  const writes = rate * spanSeconds * (1 - plan.readShare) + 1 + draining;
  const space = Math.ceil(freshBytes(numbers, part, plan, writes) / plan.cluster) * plan.cluster;
  numbers[state + DISK_STATE.SPACE] = space;
  if (space > 0) pools.claim(plan.pool, space);
}

/** Bytes, with their fraction, that so many writes allocate; what was carried over is in them. */
function freshBytes(numbers: Float64Array, part: DiskPlace['part'], plan: DiskPlan, writes: number): number {
  const set = plan.workingSetBytes;
  const carried = numbers[part.state + DISK_STATE.SPACE_PART]!;
  const fresh = set - numbers[part.counters + DISK.ALLOCATION]! - carried;
  if (fresh <= 0) return Math.max(0, Math.min(carried, set - numbers[part.counters + DISK.ALLOCATION]!));
  return carried + firstWrittenBytes(set, fresh, writes * plan.touchBytes);
}

/** The disk that is being run; set by {@link runDisk} for its helpers, so that no tick allocates. */
const now = { rd: 0, wr: 0, fl: 0, rdFailed: 0, wrFailed: 0, inFlight: 0, space: 0 };

/**
 * Last pass of a tick: writes what the disk does in the span with the share of its device that it got.
 *
 * Appends what follows from errors and thresholds to `out`.
 */
export function runDisk(
  numbers: Float64Array,
  place: DiskPlace,
  plan: DiskPlan,
  input: DiskInput,
  host: HostStorage,
  out: BlockConsequence[],
): void {
  const { counters, state } = place.part;
  const { offered, latencyFactor } = input;
  const before = inFlight(numbers, counters);
  const spanSeconds = numbers[SPAN_MS]! / 1000;
  if (offered === 0 && plan.limits !== undefined)
    useBursts(plan.limits, numbers, state + DISK_STATE.BURST, spanSeconds, 0);
  if (offered === 0 && before === 0) return;
  const rate = reachedRate(numbers, state, plan, input, host.devices, spanSeconds);
  const think = offered === 0 ? 0 : thinkNs(plan, offered);
  planRequests(numbers, state, plan, rate * spanSeconds);
  now.inFlight = offered === 0 ? 0 : Math.max(0, Math.round(plan.depth - (rate * think) / 1e9));
  drain(plan, before);
  const at = counters + place.counterCount;
  failReads(numbers, place, plan, input, out);
  failWrites(numbers, place, plan, input, out);
  if (plan.cluster > 0) allocate(numbers, place, plan, input, host.pools, out);
  const done = now.rd + now.wr + now.fl + now.rdFailed + now.wrFailed;
  // What was in flight before and did not come back is still there: nothing new was submitted then.
  numbers[at + DISK.SUBMITTED] = Math.max(0, done + now.inFlight - before);
  const cycle = plan.cycleNs * latencyFactor;
  const latency = rate > 0 && offered > 0 ? closedLoopLatency(plan.depth, rate, think) : cycle;
  const wait = Math.max(0, latency - cycle) / (1 + plan.flushShare);
  numbers[at + DISK.RD_REQS] = now.rd;
  numbers[at + DISK.RD_BYTES] = now.rd * plan.readBytes;
  numbers[at + DISK.RD_TIMES] = Math.round(now.rd * (plan.readNs * latencyFactor + wait));
  numbers[at + DISK.WR_REQS] = now.wr;
  numbers[at + DISK.WR_BYTES] = now.wr * plan.writeBytes;
  numbers[at + DISK.WR_TIMES] = Math.round(now.wr * (plan.writeNs * latencyFactor + wait));
  numbers[at + DISK.FL_REQS] = now.fl;
  numbers[at + DISK.FL_TIMES] = Math.round(now.fl * (plan.flushNs * latencyFactor + wait));
  numbers[at + DISK.RD_FAILED] = now.rdFailed;
  numbers[at + DISK.WR_FAILED] = now.wrFailed;
  numbers[at + DISK.ALLOCATION] = now.space;
  if (now.space > 0) passThreshold(numbers, place, plan, input.guest, out);
}

/** Data requests per second: the closed loop, with the queue slowed down by what others use of the device. */
function reachedRate(
  numbers: Float64Array,
  state: number,
  plan: DiskPlan,
  input: DiskInput,
  devices: HostDevices,
  spanSeconds: number,
): number {
  const { offered, latencyFactor, late } = input;
  if (offered === 0) return 0;
  const left = devices.leftFor(plan.device, late ? 0 : numbers[state + DISK_STATE.CLAIM]!, plan.weight);
  if (left <= 0) return 0;
  const delay = (plan.cycleNs - plan.queueNs) * latencyFactor + thinkNs(plan, offered);
  const queue = plan.queueNs * latencyFactor;
  let rate = closedLoopRate(plan.depth, delay, queue / left);
  if (plan.limits !== undefined) {
    rate = Math.min(rate, allowedRate(plan.limits, numbers, state + DISK_STATE.BURST, spanSeconds));
    useBursts(plan.limits, numbers, state + DISK_STATE.BURST, spanSeconds, rate);
  }
  if (late) devices.takeLate(plan.device, Math.ceil(rate * queue));
  return rate;
}

/** Whole requests of each kind; fractions are carried over to the next tick. */
function planRequests(numbers: Float64Array, state: number, plan: DiskPlan, requests: number): void {
  const rd = requests * plan.readShare + numbers[state + DISK_STATE.RD_PART]!;
  const wr = requests * (1 - plan.readShare) + numbers[state + DISK_STATE.WR_PART]!;
  const fl = requests * plan.flushShare + numbers[state + DISK_STATE.FL_PART]!;
  now.rd = Math.floor(rd);
  now.wr = Math.floor(wr);
  now.fl = Math.floor(fl);
  now.rdFailed = 0;
  now.wrFailed = 0;
  now.space = 0;
  numbers[state + DISK_STATE.RD_PART] = rd - now.rd;
  numbers[state + DISK_STATE.WR_PART] = wr - now.wr;
  numbers[state + DISK_STATE.FL_PART] = fl - now.fl;
}

/** When programs ask for less than before, what was in flight still comes back. */
function drain(plan: DiskPlan, before: number): void {
  const extra = before - now.inFlight - now.rd - now.wr - now.fl;
  if (extra <= 0) return;
  if (plan.readShare > 0) now.rd += extra;
  else now.wr += extra;
}

function failReads(
  numbers: Float64Array,
  place: DiskPlace,
  plan: DiskPlan,
  input: DiskInput,
  out: BlockConsequence[],
): void {
  if (input.readErrorShare === 0) return;
  const failed = now.rd * input.readErrorShare + numbers[place.part.state + DISK_STATE.RD_FAIL_PART]!;
  const count = Math.min(now.rd, Math.floor(failed));
  numbers[place.part.state + DISK_STATE.RD_FAIL_PART] = Math.max(0, failed - Math.floor(failed));
  if (count === 0) return;
  const action = policyAction(plan.rerrorPolicy, 'EIO');
  if (action !== 'none') now.rd -= count;
  if (action === 'report') now.rdFailed += count;
  hold(numbers, place, plan, input.guest, 'read', 'EIO', count, out);
}

function failWrites(
  numbers: Float64Array,
  place: DiskPlace,
  plan: DiskPlan,
  input: DiskInput,
  out: BlockConsequence[],
): void {
  if (input.writeErrorShare === 0) return;
  const failed = now.wr * input.writeErrorShare + numbers[place.part.state + DISK_STATE.WR_FAIL_PART]!;
  const count = Math.min(now.wr, Math.floor(failed));
  numbers[place.part.state + DISK_STATE.WR_FAIL_PART] = Math.max(0, failed - Math.floor(failed));
  if (count === 0) return;
  const action = policyAction(plan.errorPolicy, 'EIO');
  if (action !== 'none') now.wr -= count;
  if (action === 'report') now.wrFailed += count;
  hold(numbers, place, plan, input.guest, 'write', 'EIO', count, out);
}

/** Takes the pool's space for first writes; those for which there is none fail. */
function allocate(
  numbers: Float64Array,
  place: DiskPlace,
  plan: DiskPlan,
  input: DiskInput,
  pools: StoragePools,
  out: BlockConsequence[],
): void {
  const { part } = place;
  const exact = freshBytes(numbers, part, plan, now.wr);
  const wanted = Math.floor(exact / plan.cluster) * plan.cluster;
  numbers[part.state + DISK_STATE.SPACE_PART] = exact - wanted;
  now.space = wanted;
  if (plan.pool < 0 || wanted === 0) return;
  const granted = input.late
    ? Math.floor(pools.left(plan.pool) / plan.cluster) * plan.cluster
    : pools.granted(plan.pool, numbers[part.state + DISK_STATE.SPACE]!, plan.cluster);
  if (wanted > granted) {
    now.space = granted;
    pools.refuse(plan.pool, runOutOfSpace(numbers, place, plan, input.guest, wanted, granted, out));
  }
  if (input.late) pools.claim(plan.pool, now.space);
  pools.take(plan.pool, now.space);
}

/** Returns how many writes found no space. */
function runOutOfSpace(
  numbers: Float64Array,
  place: DiskPlace,
  plan: DiskPlan,
  guest: number,
  wanted: number,
  granted: number,
  out: BlockConsequence[],
): number {
  const failed = Math.min(now.wr, Math.max(1, Math.ceil((wanted - granted) / plan.touchBytes)));
  if (failed === 0) return 0;
  const action = policyAction(plan.errorPolicy, 'ENOSPC');
  if (action === 'report') {
    now.wr -= failed;
    now.wrFailed += failed;
  } else if (action === 'pause') {
    // The first write that finds no space stops the guest: what would have come after it does not happen.
    const share = granted / wanted;
    now.rd = Math.floor(now.rd * share);
    now.wr = Math.min(now.wr - 1, Math.floor(now.wr * share));
    now.fl = Math.floor(now.fl * share);
  }
  hold(numbers, place, plan, guest, 'write', 'ENOSPC', failed, out);
  return failed;
}

/** Reports an error; one that stops the guest keeps its request in flight, to be tried again. */
function hold(
  numbers: Float64Array,
  { part }: DiskPlace,
  plan: DiskPlan,
  guest: number,
  direction: Direction,
  errno: DiskErrno,
  count: number,
  out: BlockConsequence[],
): void {
  const error = ioError(plan, guest, direction, errno, count);
  out.push(error);
  if (error.action !== 'pause') return;
  setError(numbers, part.state, errno);
  now.inFlight = Math.max(1, now.inFlight);
}

function setError(numbers: Float64Array, state: number, errno: DiskErrno): void {
  numbers[state + DISK_STATE.ERROR] = errno === 'ENOSPC' ? DISK_ERROR.NO_SPACE : DISK_ERROR.UNSPEC;
}

function ioError(
  plan: DiskPlan,
  guest: number,
  direction: Direction,
  errno: DiskErrno,
  count: number,
): IoError {
  const policy = direction === 'read' ? plan.rerrorPolicy : plan.errorPolicy;
  const { source, alias } = plan.spec;
  return {
    kind: 'io-error',
    guest,
    source,
    alias,
    direction,
    errno,
    action: policyAction(policy, errno),
    count,
  };
}

function passThreshold(
  numbers: Float64Array,
  { part }: DiskPlace,
  plan: DiskPlan,
  guest: number,
  out: BlockConsequence[],
): void {
  const threshold = numbers[part.state + DISK_STATE.THRESHOLD]!;
  if (threshold === 0) return;
  const excess = numbers[part.counters + DISK.ALLOCATION]! + now.space - threshold;
  if (excess <= 0) return;
  numbers[part.state + DISK_STATE.THRESHOLD] = 0;
  const { target, source } = plan.spec;
  out.push({ kind: 'block-threshold', guest, dev: target, path: source, threshold, excess });
}

/**
 * One more request of a running guest fails at this moment, whatever its load: an injected fault.
 *
 * stop keeps it in flight until {@link resumeDisk}; report counts it in the guest; ignore tells the guest that it
 * went well.
 */
export function failRequest(
  numbers: Float64Array,
  { part }: DiskPlace,
  plan: DiskPlan,
  guest: number,
  direction: Direction,
  errno: DiskErrno,
): IoError {
  const { counters, state } = part;
  const error = ioError(plan, guest, direction, errno, 1);
  const isRead = direction === 'read';
  numbers[counters + DISK.SUBMITTED]! += 1;
  if (error.action === 'pause') setError(numbers, state, errno);
  else if (error.action === 'report') numbers[counters + (isRead ? DISK.RD_FAILED : DISK.WR_FAILED)]! += 1;
  else {
    const { readBytes, writeBytes } = plan;
    numbers[counters + (isRead ? DISK.RD_REQS : DISK.WR_REQS)]! += 1;
    numbers[counters + (isRead ? DISK.RD_BYTES : DISK.WR_BYTES)]! += isRead ? readBytes : writeBytes;
  }
  return error;
}

/** The guest goes on after an I/O error: the request that failed is tried again in the next tick. */
export function resumeDisk(numbers: Float64Array, { part }: DiskPlace): void {
  numbers[part.state + DISK_STATE.ERROR] = DISK_ERROR.NONE;
}

/** Asks for one event when the image grows past so many bytes; 0 for none (virDomainSetBlockThreshold). */
export function setThreshold(numbers: Float64Array, { part }: DiskPlace, bytes: number): void {
  numbers[part.state + DISK_STATE.THRESHOLD] = bytes;
}

/** A guest stops in mid-tick: the space that it would have taken is free again. Before the machine is settled. */
export function releaseDisk(
  numbers: Float64Array,
  { part, counterCount }: DiskPlace,
  plan: DiskPlan,
  pools: StoragePools,
  nowMs: number,
): void {
  const span = numbers[SPAN_MS]!;
  const growth = numbers[part.counters + counterCount + DISK.ALLOCATION]!;
  if (growth === 0 || span === 0 || plan.pool < 0) return;
  const elapsed = Math.min(span, nowMs - numbers[SINCE_MS]!);
  pools.giveBack(plan.pool, growth - Math.floor((growth * elapsed) / span));
}
