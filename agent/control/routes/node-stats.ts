import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Host } from '../../emulation/host/host.ts';
import { PAGE_KIB } from '../../emulation/memory/memory-config.ts';
import { FULL } from '../../emulation/vcpu/vcpu-config.ts';
import type { ControlContext } from '../context.ts';
import { findHost } from '../find.ts';
import { notFound } from '../problem.ts';
import { hostParam, json, REFUSALS } from './common.ts';

const cpuSchema = z
  .object({
    userNs: z.int().openapi({ description: 'What guests and their emulators have used' }),
    idleNs: z.int(),
    usage: z.number().min(0).max(1).openapi({ description: 'Share that is in use now' }),
  })
  .openapi('NodeCpuStats');
/** What it describes. */
export type NodeCpuStats = z.output<typeof cpuSchema>;

const memorySchema = z.object({ totalKiB: z.int(), freeKiB: z.int() }).openapi('NodeMemoryStats');
/** What it describes. */
export type NodeMemoryStats = z.output<typeof memorySchema>;

const cpu = createRoute({
  method: 'get',
  path: '/hosts/{host}/cpu-stats',
  operationId: 'hostCpuStats',
  tags: ['hosts'],
  summary: 'What the pCPUs of a host have done since it booted, all together or one of them',
  request: { params: hostParam, query: z.object({ cpu: z.coerce.number().int().min(0).optional() }) },
  responses: { ...REFUSALS, 200: json('Times of pCPUs', cpuSchema) },
});

const memory = createRoute({
  method: 'get',
  path: '/hosts/{host}/memory-stats',
  operationId: 'hostMemoryStats',
  tags: ['hosts'],
  summary: 'The memory of a host, or of one of its NUMA nodes',
  request: { params: hostParam, query: z.object({ cell: z.coerce.number().int().min(0).optional() }) },
  responses: { ...REFUSALS, 200: json('Memory', memorySchema) },
});

/** Routes about what a host has used of its processors and memory. */
export function nodeStatsRoutes(app: OpenAPIHono, { hypervisor }: ControlContext): void {
  app.openapi(cpu, (context) => {
    const host = findHost(hypervisor, context.req.valid('param').host);
    const { cpu } = context.req.valid('query');
    const { pcpuCount } = host.cpu;
    if (cpu !== undefined && cpu >= pcpuCount)
      throw notFound('pCPU', String(cpu), undefined, `host ${host.name} has 0 to ${pcpuCount - 1}`);
    const cpus = cpu === undefined ? Array.from({ length: pcpuCount }, (_, n) => n) : [cpu];
    return context.json(cpuStats(host, cpus, hypervisor.clock.nowMs), 200);
  });
  app.openapi(memory, (context) => {
    const host = findHost(hypervisor, context.req.valid('param').host);
    const { cell } = context.req.valid('query');
    const { nodes, pages } = host.memory;
    if (cell !== undefined && cell >= nodes.count)
      throw notFound('NUMA node', String(cell), undefined, `host ${host.name} has 0 to ${nodes.count - 1}`);
    const { total, free } =
      cell === undefined ? pages : { total: nodes.total[cell]!, free: nodes.free[cell]! };
    return context.json({ totalKiB: total * PAGE_KIB, freeKiB: free * PAGE_KIB }, 200);
  });
}

function cpuStats(host: Host, cpus: readonly number[], nowMs: number): NodeCpuStats {
  const userNs = cpus.reduce((sum, each) => sum + host.cpu.busyNs(each, nowMs), 0);
  const rate = cpus.reduce((sum, each) => sum + host.cpu.busyRate(each), 0);
  const ageNs = (nowMs - host.bootedMs) * FULL * cpus.length;
  return { userNs, idleNs: Math.max(0, ageNs - userNs), usage: rate / (FULL * cpus.length) };
}
