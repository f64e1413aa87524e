import { type DiskInput, demandDisk, QUIET_DISK, releaseDisk, runDisk } from '../block/disk.ts';
import { DISK } from '../block/disk-places.ts';
import { isMemoryTurn, isSpread, programShare, workShare } from '../guest/guest-load.ts';
import { leakedBytes } from '../guest/guest-trouble.ts';
import type { HostResources } from '../host/host-resources.ts';
import { begin, settle } from '../machine/machine.ts';
import { BALLOON_MANAGER_DEFAULTS, nextTarget } from '../memory/balloon-manager.ts';
import { demandMemory, runMemory } from '../memory/guest-memory.ts';
import { STATE } from '../memory/guest-memory-layout.ts';
import type { MemoryTick } from '../memory/guest-plan.ts';
import { setBalloonTarget } from '../memory/guest-process.ts';
import { guestPages, memorySlowdown, stallShare } from '../memory/guest-read.ts';
import { PAGE_KIB } from '../memory/memory-config.ts';
import { collectNic, demandNic, guestWantNs, hostWantNs, runNic } from '../net/nic.ts';
import { Q } from '../net/nic-parts.ts';
import { type EmulatorProcess, type GuestDisk, LINK } from '../process/emulator-process.ts';
import { demandVcpus, releaseVcpus, type VcpuInput } from '../vcpu/vcpu.ts';
import type { WorkConfig } from '../vcpu/vcpu-config.ts';
import { GUEST_CPU, VCPU } from '../vcpu/vcpu-places.ts';
import { runVcpus } from '../vcpu/vcpu-run.ts';
import { claimContainer, releaseContainer, runContainer } from './container-tick.ts';
import { deviceExits, deviceInterrupts, drawDesktop, usbRate } from './device-tick.ts';
import type { TickSpan } from './host-engine.ts';
import type { TickConsequences } from './tick-consequence.ts';

// Constants of the module, not properties: this is the hot path.
const { ACTIVITY, ANON_WANT, INTERRUPTS, IO_EXITS, SLOWDOWN } = LINK;
const { READY, RUN } = VCPU;
const { EMULATOR_READY, EMULATOR_RUN } = GUEST_CPU;
const { kicks: KICKS, rxInterrupts: RX_INTERRUPTS, txInterrupts: TX_INTERRUPTS } = Q;
const { SUBMITTED } = DISK;

const NS_PER_MS = 1_000_000;
/** Requests to files that a fully busy guest makes per second. */
const FILE_REQUESTS = 200;
/** Pages of files that one disk request is about. */
const PAGES_PER_REQUEST = 4;

/** What a guest does whose system is down and whose vCPUs still run. */
const NO_WORK: WorkConfig = { lockShare: 0, wakeupsPerSecond: 0, imbalance: 0 };

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** What one guest's tick brings its vCPUs, disks and memory; reused, never kept. */
const input: VcpuInput = {
  ...{ tick: 0, low: 0, high: 0, utilisation: 0, busyVcpus: 0, onlineVcpus: 0, emulator: 0 },
  ...{ slowdown: 1, ioExits: 0, mmioExits: 0, interrupts: 0 },
};
const request: DiskInput = { ...QUIET_DISK };
const memoryTick: Writable<MemoryTick> = {
  ...{ guest: 0, nowMs: 0, spanMs: 0, up: false, anonWantPages: 0, filePages: 0, activity: 0 },
};

/** Ends what was planned for a guest until now, and hands on what it sent. */
export function settleGuest({ machine, nics }: EmulatorProcess, nowMs: number): void {
  settle(machine, nowMs);
  for (let i = 0; i < nics.length; i++) {
    const { parts, model, segment, port } = nics[i]!;
    collectNic(machine, parts, model, segment, port);
  }
}

/** First pass of a tick: what a guest, which is settled, wants of its host. */
export function demandGuest(
  process: EmulatorProcess,
  span: TickSpan,
  host: HostResources,
  consequences: TickConsequences,
): void {
  const { machine, link, load } = process;
  const { numbers } = machine;
  begin(machine, span.nowMs, span.spanMs);
  const work = ownWork(process, span);
  const isTurn =
    process.trouble !== undefined ||
    numbers[link.state + SLOWDOWN] === 0 ||
    (span.begins && isMemoryTurn(load, span.tick, span.tickMs, span.spanMs));
  if (process.container) {
    claimContainer(process, process.container, work, span, host, isTurn, consequences);
    return;
  }
  prepare(process, span, work);
  if (process.ram) {
    if (isTurn) lookAtMemory(process, process.ram, span, host);
    identifyMemory(process, span);
    demandMemory(machine, process.ram.part, process.ram.guest, memoryTick, host.memory, consequences.memory);
  }
  demandDevices(process, span, host, false);
  demandVcpus(numbers, process.places, process.plan, workOf(process), input, host.cpu);
}

/** Last pass of a tick: a guest plans what it does with what it got. */
export function runGuest(
  process: EmulatorProcess,
  span: TickSpan,
  host: HostResources,
  consequences: TickConsequences,
): void {
  const { machine, ram, container } = process;
  if (container) {
    runContainer(process, container, span, host, undefined);
    return;
  }
  identify(process, span);
  runVcpus(machine.numbers, process.places, process.plan, workOf(process), input, host.cpu);
  if (ram) {
    identifyMemory(process, span);
    runMemory(machine, ram.part, ram.guest, memoryTick, host.memory);
  }
  runDevices(process, span, host, consequences);
}

/**
 * Both passes of a guest that starts in the middle of a tick: it gets what the others left of processors and
 * disks; frames and memory come with the next tick.
 */
export function runLate(
  process: EmulatorProcess,
  span: TickSpan,
  host: HostResources,
  consequences: TickConsequences,
): void {
  const { machine, container } = process;
  begin(machine, span.nowMs, span.spanMs);
  const work = ownWork(process, span);
  if (container) {
    claimContainer(process, container, work, span, undefined, true, consequences);
    runContainer(process, container, span, host, span.nowMs);
    return;
  }
  prepare(process, span, work);
  demandDevices(process, span, host, true);
  const { numbers } = machine;
  demandVcpus(numbers, process.places, process.plan, workOf(process), input, undefined);
  runVcpus(numbers, process.places, process.plan, workOf(process), input, host.cpu, span.nowMs);
  request.late = true;
  runDevices(process, span, host, consequences);
  request.late = false;
}

/** A guest that stops in the middle of a tick gives back what it does not use; it is settled then. */
export function releaseGuest(process: EmulatorProcess, host: HostResources, nowMs: number): void {
  const { machine, places, plan, disks, container } = process;
  if (container) releaseContainer(process, container, host.cpu, nowMs);
  else releaseVcpus(machine.numbers, places, plan, host.cpu, nowMs);
  for (const disk of disks) releaseDisk(machine.numbers, disk.place, disk.plan, host.storage.pools, nowMs);
  settleGuest(process, nowMs);
}

function workOf({ load, work, trouble }: EmulatorProcess): WorkConfig {
  return load.phase === 'off' ? NO_WORK : (trouble?.work ?? work);
}

/** The share of its vCPUs that the guest's work wants, 0 to 1. */
function ownWork({ load, trouble }: EmulatorProcess, { tick, position }: TickSpan): number {
  if (trouble?.utilisation !== undefined && load.phase === 'up') return trouble.utilisation;
  return workShare(load, tick, position);
}

/** Makes {@link input} what a guest's own work is in this tick. */
function prepare(process: EmulatorProcess, span: TickSpan, work: number): void {
  const { load, vcpus, ram, machine, link } = process;
  identify(process, span);
  const busy = isSpread(load) ? vcpus : Math.min(1, vcpus);
  const awake = ram ? 1 - stallShare(machine, ram.part) : 1;
  input.busyVcpus = busy;
  // Of all vCPUs, as is asked for, and not of those that work.
  input.utilisation = vcpus === 0 ? 0 : (awake * work * busy) / vcpus;
  if (process.display) {
    const waits = drawDesktop(process, span, input.utilisation);
    if (waits > 0) input.utilisation = Math.max(0, input.utilisation - waits / vcpus);
  }
  input.emulator = (load.phase === 'off' ? 0 : process.emulator) + usbRate(process, span);
  machine.numbers[link.state + ACTIVITY] = input.utilisation;
}

/** Makes {@link input} that of a guest, as far as the second pass needs it. */
function identify({ load, vcpus, machine, link }: EmulatorProcess, { tick }: TickSpan): void {
  const { numbers } = machine;
  input.tick = tick;
  input.low = load.low;
  input.high = load.high;
  input.onlineVcpus = vcpus;
  input.slowdown = numbers[link.state + SLOWDOWN] || 1;
  input.ioExits = numbers[link.state + IO_EXITS]!;
  input.interrupts = numbers[link.state + INTERRUPTS]!;
}

/** What programs want drifts slowly, as does where memory lies: a look now and then is enough. */
function lookAtMemory(
  process: EmulatorProcess,
  ram: NonNullable<EmulatorProcess['ram']>,
  span: TickSpan,
  host: HostResources,
): void {
  const { machine, link, load } = process;
  const { numbers } = machine;
  const { part, guest } = ram;
  const share = programShare(load, span.tick, span.tickMs);
  const leaked = process.trouble ? leakedBytes(process, load.phase === 'up', span.spanMs) / 1024 : 0;
  numbers[link.state + ANON_WANT] = Math.floor((share * load.sizedKiB + leaked) / PAGE_KIB);
  numbers[link.state + SLOWDOWN] = memorySlowdown(machine, part, guest, host.memory.nodes.count);
  if (load.phase !== 'up' || !guest.balloon.driver) return;
  if (guest.balloon.model === 'none' || guest.balloon.model === 'virtio-mem') return;
  const given = Math.floor(load.givenKiB / PAGE_KIB);
  const current = guest.maximumPages - numbers[part.state + STATE.TARGET]!;
  const { freeShare } = host.memory;
  if (current === given && freeShare >= BALLOON_MANAGER_DEFAULTS.pressureThreshold) return;
  const { kernel, processes } = guestPages(machine, part, guest, span.nowMs);
  const next = nextTarget(BALLOON_MANAGER_DEFAULTS, freeShare, current, kernel + processes, given);
  if (next !== current) setBalloonTarget(machine, part, guest, next * PAGE_KIB);
}

function identifyMemory(process: EmulatorProcess, { nowMs, spanMs }: TickSpan): void {
  const { machine, link, load, vcpus } = process;
  memoryTick.guest = process.number;
  memoryTick.nowMs = nowMs;
  memoryTick.spanMs = spanMs;
  memoryTick.up = load.phase === 'up';
  memoryTick.anonWantPages = machine.numbers[link.state + ANON_WANT]!;
  const activity = machine.numbers[link.state + ACTIVITY]!;
  memoryTick.activity = activity * vcpus;
  memoryTick.filePages = Math.floor((activity * FILE_REQUESTS * PAGES_PER_REQUEST * spanMs) / 1000);
}

/** NICs and disks say what they want; what they cost the processors is added to {@link input}. */
function demandDevices(process: EmulatorProcess, span: TickSpan, host: HostResources, late: boolean): void {
  const { machine, nics, disks, load, vcpus } = process;
  const { spanMs } = span;
  const activity = input.utilisation;
  let guestNs = 0;
  let hostNs = 0;
  for (let i = 0; i < nics.length; i++) {
    const { parts, model, segment, port } = nics[i]!;
    demandNic(machine, parts, model, segment, port, load.phase === 'up' ? activity : 0, spanMs, late);
    guestNs += guestWantNs(machine, parts);
    hostNs += hostWantNs(machine, parts);
  }
  for (let i = 0; !late && i < disks.length; i++) {
    const disk = disks[i]!;
    identifyDisk(process, disk, activity);
    demandDisk(machine.numbers, disk.place, disk.plan, request, host.storage);
  }
  if (guestNs > 0)
    input.utilisation = Math.min(1, activity + guestNs / (spanMs * NS_PER_MS * Math.max(1, vcpus)));
  input.emulator += Math.ceil(hostNs / spanMs);
}

function identifyDisk({ number }: EmulatorProcess, { requests, faults }: GuestDisk, activity: number): void {
  request.guest = number;
  request.offered = activity * requests;
  request.latencyFactor = faults?.latencyFactor ?? 1;
  request.readErrorShare = faults?.readErrorShare ?? 0;
  request.writeErrorShare = faults?.writeErrorShare ?? 0;
}

function runDevices(
  process: EmulatorProcess,
  span: TickSpan,
  host: HostResources,
  consequences: TickConsequences,
): void {
  const { machine, places, nics, disks, link } = process;
  const { numbers } = machine;
  const growth = places.counterCount;
  let exits = deviceExits(process, span);
  let interrupts = deviceInterrupts(process, span);
  if (nics.length > 0) {
    const at = places.guest.counters + growth;
    const hostReady = numbers[at + EMULATOR_READY]!;
    const hostShare = hostReady === 0 ? 1 : numbers[at + EMULATOR_RUN]! / hostReady;
    const guestShare = shareOfVcpus(process);
    for (let i = 0; i < nics.length; i++) {
      const { parts, model, segment, port } = nics[i]!;
      runNic(machine, parts, model, segment, port, span.spanMs, guestShare, hostShare);
      for (let q = 0; q < parts.queues.length; q++) {
        const queue = parts.queues[q]!.counters + growth;
        exits += numbers[queue + KICKS]!;
        interrupts += numbers[queue + TX_INTERRUPTS]! + numbers[queue + RX_INTERRUPTS]!;
      }
    }
  }
  for (let i = 0; i < disks.length; i++) {
    const disk = disks[i]!;
    const { place, plan } = disk;
    identifyDisk(process, disk, numbers[link.state + ACTIVITY]!);
    runDisk(numbers, place, plan, request, host.storage, consequences.block);
    const requests = numbers[place.part.counters + growth + SUBMITTED]!;
    exits += requests;
    interrupts += requests;
  }
  numbers[link.state + IO_EXITS] = exits;
  numbers[link.state + INTERRUPTS] = interrupts;
}

/** What the vCPUs get of what they want in the present tick, 0 to 1. */
export function shareOfVcpus({ machine, places, vcpus }: EmulatorProcess): number {
  const { numbers } = machine;
  const growth = places.counterCount;
  let ready = 0;
  let run = 0;
  const count = Math.min(vcpus, places.vcpus.length);
  for (let vcpu = 0; vcpu < count; vcpu++) {
    const at = places.vcpus[vcpu]!.counters + growth;
    ready += numbers[at + READY]!;
    run += numbers[at + RUN]!;
  }
  return ready === 0 ? 1 : run / ready;
}
