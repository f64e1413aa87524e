import { z } from '@hono/zod-openapi';
import { blockJobProgress } from '../emulation/block/block-job.ts';
import { readDisk, readDiskError, readDiskSpace } from '../emulation/block/disk-read.ts';
import { cgroupFiles } from '../emulation/container/container-read.ts';
import type { Domain } from '../emulation/domain/domain.ts';
import { nicTarget } from '../emulation/domain/nic-target.ts';
import {
  currentKiB,
  guestPages,
  memorySlowdown,
  pagesOnNode,
  rssKiB,
  targetPages,
} from '../emulation/memory/guest-read.ts';
import { PAGE_KIB } from '../emulation/memory/memory-config.ts';
import { linkIsUp, readNic, readQueue, readRxRing, readTxRing } from '../emulation/net/nic-view.ts';
import type { EmulatorProcess } from '../emulation/process/emulator-process.ts';
import { DOMAIN_STATE } from '../emulation/states.ts';

const vcpuSchema = z.object({
  vcpu: z.int(),
  online: z.boolean(),
  cell: z.int().optional().openapi({ description: "The guest's own NUMA cell" }),
  affinity: z.array(z.int()).openapi({ description: 'Processors that it may run on; empty for all' }),
  timeNs: z.int(),
  stealNs: z.int(),
  blockedNs: z.int(),
});

const directionSchema = z.object({
  frames: z.int(),
  bytes: z.int(),
  dropped: z.int(),
  inFlight: z.int().openapi({ description: 'Chains in the ring, 0 to its size' }),
});

const nicSchema = z.object({
  name: z.string(),
  type: z.string(),
  model: z.string(),
  source: z.string(),
  backEnd: z.string(),
  up: z.boolean(),
  rxErrors: z.int(),
  ringSizes: z.object({ rx: z.int(), tx: z.int() }),
  queues: z.array(z.object({ rx: directionSchema, tx: directionSchema })),
});

const diskSchema = z.object({
  target: z.string(),
  device: z.string(),
  source: z.string(),
  reads: z.int(),
  readBytes: z.int(),
  readNs: z.int(),
  writes: z.int(),
  writtenBytes: z.int(),
  writeNs: z.int(),
  capacity: z.int(),
  allocation: z.int(),
  failed: z.boolean().openapi({ description: 'Its last request ended in an error' }),
  job: z.object({ type: z.string(), done: z.number(), total: z.number(), ready: z.boolean() }).optional(),
});

/** What is inside of an active guest; counters since its emulator process began. */
export const guestDetailsSchema = z
  .object({
    atMs: z.number().openapi({ description: 'Simulated ms since the start that all of it belongs to' }),
    startedMs: z.number().openapi({ description: 'When its counters began' }),
    vcpus: z.array(vcpuSchema).openapi({ description: 'None for a container' }),
    memory: z
      .object({
        maximumKiB: z.number(),
        currentKiB: z.number().openapi({ description: 'What the balloon leaves' }),
        targetKiB: z.number().openapi({ description: 'What the balloon is asked to leave' }),
        programsKiB: z.number(),
        kernelKiB: z.number(),
        cacheKiB: z.number(),
        freeKiB: z.number(),
        swappedKiB: z.number(),
        residentKiB: z.number(),
      })
      .optional()
      .openapi({ description: "Absent for a container, whose memory is its cgroup's" }),
    numa: z.object({
      mode: z.string().openapi({ description: 'numatune mode' }),
      nodeset: z.array(z.int()),
      slowdown: z.number().openapi({ description: 'How much longer its work takes for remote memory' }),
      nodesKiB: z.array(z.number()).openapi({ description: "Its memory on each of the host's nodes" }),
    }),
    nics: z.array(nicSchema),
    disks: z.array(diskSchema),
    cgroup: z
      .record(z.string(), z.string())
      .optional()
      .openapi({ description: "A container's cgroup: its files with their content" }),
  })
  .openapi('GuestDetails');

/** What {@link guestDetailsSchema} describes. */
type GuestDetails = z.output<typeof guestDetailsSchema>;

/** What is inside of an active guest, at the present instant. */
export function guestDetails(domain: Domain, process: EmulatorProcess): GuestDetails {
  return {
    atMs: domain.nowMs,
    startedMs: domain.startedMs,
    vcpus: vcpusOf(domain, process),
    ...memoryOf(domain, process),
    numa: numaOf(domain, process),
    nics: nicsOf(domain, process),
    disks: disksOf(domain, process),
    ...cgroupOf(domain, process),
  };
}

function vcpusOf(domain: Domain, process: EmulatorProcess): GuestDetails['vcpus'] {
  const { cputune, numaCells } = domain.config;
  return process.places.vcpus.map((_, n) => {
    const vcpu = domain.vcpu(n)!;
    const cell = numaCells.find(({ cpus }) => cpus.includes(n));
    return {
      vcpu: n,
      online: vcpu.online,
      ...(cell && { cell: cell.id }),
      affinity: [...(cputune?.vcpupin?.[n] ?? [])],
      timeNs: vcpu.timeNs,
      stealNs: vcpu.stealNs,
      blockedNs: vcpu.blockedNs,
    };
  });
}

function memoryOf(domain: Domain, { machine, ram }: EmulatorProcess): Pick<GuestDetails, 'memory'> {
  if (!ram) return {};
  const { part, guest } = ram;
  const pages = guestPages(machine, part, guest, domain.nowMs);
  return {
    memory: {
      maximumKiB: domain.maxMemoryKiB,
      currentKiB: currentKiB(machine, part, guest, domain.nowMs),
      targetKiB: (guest.maximumPages - targetPages(machine, part)) * PAGE_KIB,
      programsKiB: pages.processes * PAGE_KIB,
      kernelKiB: pages.kernel * PAGE_KIB,
      cacheKiB: pages.cache * PAGE_KIB,
      freeKiB: pages.free * PAGE_KIB,
      swappedKiB: pages.swapped * PAGE_KIB,
      residentKiB: rssKiB(machine, part),
    },
  };
}

function numaOf(
  { host, config }: Domain,
  { machine, ram, container }: EmulatorProcess,
): GuestDetails['numa'] {
  const { count } = host.memory.nodes;
  const housed = ram ?? container?.memory;
  return {
    mode: config.numatune?.mode ?? 'none',
    nodeset: [...(config.numatune?.nodeset ?? [])],
    slowdown: ram ? memorySlowdown(machine, ram.part, ram.guest, count) : 1,
    nodesKiB: Array.from({ length: count }, (_, node) =>
      housed ? pagesOnNode(machine, housed.part, node, count) * PAGE_KIB : 0,
    ),
  };
}

function nicsOf({ nowMs }: Domain, process: EmulatorProcess): GuestDetails['nics'] {
  const { machine, nics, container } = process;
  return nics.map(({ config, parts, model }, n) => ({
    name: nicTarget(process, n),
    type: config.type,
    model: container ? 'veth' : (config.model ?? 'virtio'),
    source: config.source ?? '',
    backEnd: container ? 'none' : model.config.backEnd,
    up: linkIsUp(machine, parts),
    rxErrors: readNic(machine, parts, 'rxErrors', nowMs),
    ringSizes: { rx: model.config.rxQueueSize, tx: model.config.txQueueSize },
    queues: parts.queues.map((_, queue) => ({
      rx: {
        frames: readQueue(machine, parts, queue, 'rxFrames', nowMs),
        bytes: readQueue(machine, parts, queue, 'rxBytes', nowMs),
        dropped: readQueue(machine, parts, queue, 'rxDropped', nowMs),
        inFlight: readRxRing(machine, parts, model, queue, nowMs).inFlight,
      },
      tx: {
        frames: readQueue(machine, parts, queue, 'txFrames', nowMs),
        bytes: readQueue(machine, parts, queue, 'txBytes', nowMs),
        dropped: readQueue(machine, parts, queue, 'txDropped', nowMs),
        inFlight: readTxRing(machine, parts, queue, nowMs).inFlight,
      },
    })),
  }));
}

function disksOf(domain: Domain, { machine, disks }: EmulatorProcess): GuestDetails['disks'] {
  const { nowMs } = domain;
  return disks.map(({ config, place, plan }) => {
    const { capacity, allocation } = readDiskSpace(machine, place, plan, nowMs);
    const job = domain.blockJob(config.target);
    const progress = job && blockJobProgress(job, nowMs);
    return {
      target: config.target,
      device: config.device,
      source: plan.spec.source ?? '',
      reads: readDisk(machine, place, 'rd.reqs', nowMs),
      readBytes: readDisk(machine, place, 'rd.bytes', nowMs),
      readNs: readDisk(machine, place, 'rd.times', nowMs),
      writes: readDisk(machine, place, 'wr.reqs', nowMs),
      writtenBytes: readDisk(machine, place, 'wr.bytes', nowMs),
      writeNs: readDisk(machine, place, 'wr.times', nowMs),
      capacity,
      allocation,
      failed: readDiskError(machine, place) !== 0,
      ...(job &&
        progress && { job: { type: job.type, done: progress.cur, total: progress.end, ready: job.ready } }),
    };
  });
}

function cgroupOf(domain: Domain, { machine, container }: EmulatorProcess): Pick<GuestDetails, 'cgroup'> {
  if (!container) return {};
  const files = cgroupFiles({
    machine,
    place: container.place,
    plan: container.plan,
    devices: [],
    frozen: domain.state === DOMAIN_STATE.PAUSED,
    nowMs: domain.nowMs,
  });
  return { cgroup: Object.fromEntries(files) };
}
