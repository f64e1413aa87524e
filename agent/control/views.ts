import { z } from '@hono/zod-openapi';
import type { Domain } from '../emulation/domain/domain.ts';
import type { Host } from '../emulation/host/host.ts';
import { DOMAIN_STATE, type StateName, stateName } from '../emulation/states.ts';

const STATE_NAMES = Object.keys(DOMAIN_STATE) as [StateName, ...StateName[]];

/** A state of a domain in the words of the API: libvirt's names without prefix. */
export const stateSchema = z.enum(STATE_NAMES).openapi('DomainState');

/** A guest as lists show it. */
export const guestSchema = z
  .object({
    host: z.string(),
    id: z
      .int()
      .optional()
      .openapi({ description: 'Number of its emulator process; absent while it is shut off' }),
    name: z.string(),
    uuid: z.string(),
    type: z.string().openapi({ description: "libvirt's domain type: kvm, qemu, xen, lxc" }),
    title: z.string().optional(),
    state: stateSchema,
    reason: z.string().openapi({ description: "libvirt's reason of the state, such as BOOTED" }),
    stateSince: z.iso.datetime().openapi({ description: 'Simulated time' }),
    persistent: z.boolean(),
    autostart: z.boolean(),
    vcpus: z.int(),
    maxVcpus: z.int(),
    memoryKiB: z.int(),
    maxMemoryKiB: z.int(),
    cpuTimeNs: z.int(),
    busy: z.boolean().openapi({ description: 'Something goes on that will change the state by itself' }),
  })
  .openapi('Guest');

/** What {@link guestSchema} describes. */
export type GuestView = z.output<typeof guestSchema>;

/** A guest at the present instant. `epochMs`: Unix time of the simulation's start. */
export function guestView(domain: Domain, epochMs: number): GuestView {
  const { config, state, reason } = domain;
  const [stateWord, reasonWord] = (stateName(state, reason) ?? 'NOSTATE/UNKNOWN').split('/');
  return {
    host: domain.host.name,
    ...(domain.process && { id: domain.process.number }),
    name: domain.name,
    uuid: domain.uuid,
    type: config.type,
    ...(config.title !== undefined && { title: config.title }),
    state: stateWord as StateName,
    reason: reasonWord!,
    stateSince: new Date(epochMs + domain.stateSinceMs).toISOString(),
    persistent: domain.isPersistent,
    autostart: domain.persistentConfig.autostart,
    vcpus: domain.vcpus,
    maxVcpus: config.maxVcpus,
    memoryKiB: domain.memoryKiB,
    maxMemoryKiB: domain.maxMemoryKiB,
    cpuTimeNs: domain.cpuTimeNs,
    busy: domain.isBusy,
  };
}

/** A simulated host. */
export const hostSchema = z
  .object({
    name: z.string(),
    state: z.enum(['up', 'stopping', 'down']),
    profile: z.enum(['modern', 'rhel6']),
    boots: z.int(),
    bootedAt: z.iso.datetime(),
    guests: z.int(),
    running: z.int().openapi({ description: 'Guests whose vCPUs run' }),
    pcpus: z.int(),
    utilisation: z.number().min(0).max(1),
    memoryKiB: z.int(),
    memoryFreeKiB: z.int(),
    nodes: z.int().openapi({ description: 'NUMA nodes' }),
    cpuModel: z.string(),
    mhz: z.number(),
    sockets: z.int(),
    cores: z.int().openapi({ description: 'Of a socket' }),
    threads: z.int().openapi({ description: 'Of a core' }),
  })
  .openapi('Host');

/** What {@link hostSchema} describes. */
export type HostView = z.output<typeof hostSchema>;

const PAGE_KIB = 4;

/** A host at the present instant. */
export function hostView(host: Host, epochMs: number): HostView {
  const { total, free } = host.memory.pages;
  return {
    name: host.name,
    state: host.state,
    profile: host.config.profile,
    boots: host.boots,
    bootedAt: new Date(epochMs + host.bootedMs).toISOString(),
    guests: host.domains.size,
    running: host.engine.runningCount,
    pcpus: host.cpu.pcpuCount,
    utilisation: host.engine.utilisation,
    memoryKiB: total * PAGE_KIB,
    memoryFreeKiB: free * PAGE_KIB,
    nodes: host.memory.nodes.count,
    cpuModel: host.config.cpuModel,
    mhz: host.config.cpu.mhz,
    sockets: host.config.cpu.sockets,
    cores: host.config.cpu.cores,
    threads: host.config.cpu.threads,
  };
}
