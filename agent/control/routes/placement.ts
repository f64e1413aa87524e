import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Domain } from '../../emulation/domain/domain.ts';
import type { DomainConfig } from '../../emulation/domain/domain-config.ts';
import { withPin } from '../../emulation/domain/tuning.ts';
import { NUMA_MODES } from '../../emulation/numa/numa-config.ts';
import { checkNodeset } from '../../emulation/numa/numatune-change.ts';
import { defined } from '../../util/defined.ts';
import { affectsQuery, applyTo } from '../affects.ts';
import type { ControlContext } from '../context.ts';
import { guestFinder } from '../find.ts';
import { notFound } from '../problem.ts';
import { body, guestParam, hostQuery, inactiveQuery, json, REFUSALS } from './common.ts';

const nodes = z.array(z.int().min(0).max(16_383)).min(1);

const numatuneSchema = z
  .object({ mode: z.enum(NUMA_MODES), nodeset: z.array(z.int()) })
  .openapi('Numatune', { description: 'An empty nodeset leaves it to the host' });
/** What it describes. */
export type NumatuneView = z.output<typeof numatuneSchema>;

const shownQuery = hostQuery.extend(inactiveQuery.shape);

const showNumatune = createRoute({
  method: 'get',
  path: '/guests/{guest}/numatune',
  operationId: 'showNumatune',
  tags: ['guests'],
  summary: 'The NUMA nodes that the memory of a guest comes from',
  request: { params: guestParam, query: shownQuery },
  responses: { ...REFUSALS, 200: json('Mode and nodes', numatuneSchema) },
});

const setNumatune = createRoute({
  method: 'patch',
  path: '/guests/{guest}/numatune',
  operationId: 'setNumatune',
  tags: ['guests'],
  summary: 'Change them; of a guest that runs the nodes alone, and only in mode strict',
  request: {
    params: guestParam,
    query: hostQuery.extend(affectsQuery.shape),
    body: body(z.strictObject({ mode: z.enum(NUMA_MODES).optional(), nodeset: nodes.optional() })),
  },
  responses: { ...REFUSALS, 200: json('Mode and nodes', numatuneSchema) },
});

const vcpuSchema = z
  .object({
    vcpu: z.int(),
    cpu: z.int().optional().openapi({ description: 'The pCPU that it runs on, where that is fixed' }),
    state: z
      .enum(['offline', 'running', 'blocked'])
      .optional()
      .openapi({ description: 'Absent while the guest is shut off' }),
    timeNs: z.int().optional(),
    affinity: z.array(z.int()).openapi({ description: 'The pCPUs that it may run on' }),
    pcpus: z.int().openapi({ description: 'pCPUs of the host' }),
  })
  .openapi('Vcpu');
/** What it describes. */
export type VcpuView = z.output<typeof vcpuSchema>;

const listVcpus = createRoute({
  method: 'get',
  path: '/guests/{guest}/vcpus',
  operationId: 'listVcpus',
  tags: ['guests'],
  summary: 'The vCPUs of a guest, and where they may run',
  request: { params: guestParam, query: shownQuery },
  responses: { ...REFUSALS, 200: json('vCPUs that are plugged in', z.array(vcpuSchema)) },
});

const pin = createRoute({
  method: 'put',
  path: '/guests/{guest}/vcpus/{vcpu}/affinity',
  operationId: 'pinVcpu',
  tags: ['guests'],
  summary: 'Pin a vCPU to some pCPUs',
  request: {
    params: guestParam.extend({
      vcpu: z.coerce
        .number()
        .int()
        .min(0)
        .max(65_535)
        .openapi({ param: { in: 'path', name: 'vcpu', required: true } }),
    }),
    query: hostQuery.extend(affectsQuery.shape),
    body: body(z.strictObject({ cpus: nodes })),
  },
  responses: { ...REFUSALS, 200: json('vCPUs', z.array(vcpuSchema)) },
});

/** Routes about where the memory and the vCPUs of a guest may be. */
export function placementRoutes(app: OpenAPIHono, { hypervisor }: ControlContext): void {
  const guestOf = guestFinder(hypervisor);
  app.openapi(showNumatune, (context) => {
    const { inactive, ...query } = context.req.valid('query');
    const domain = guestOf(context.req.valid('param'), query);
    return context.json(numatuneOf(inactive ? domain.persistentConfig : domain.config), 200);
  });
  app.openapi(setNumatune, (context) => {
    const { affects, ...query } = context.req.valid('query');
    const domain = guestOf(context.req.valid('param'), query);
    const numatune = defined(context.req.valid('json'));
    const { count } = domain.host.memory.nodes;
    applyTo(hypervisor, domain, affects, { op: 'tune', domain, numatune }, (definition) => {
      const { memnodes = [] } = definition.numatune ?? {};
      const { mode, nodeset } = { ...numatuneOf(definition), ...numatune };
      const set = nodeset.length > 0 ? nodeset : Array.from({ length: count }, (_, node) => node);
      checkNodeset(set, count);
      return {
        ...definition,
        numatune: { mode, nodeset: [...new Set(set)].sort((a, b) => a - b), memnodes },
      };
    });
    return context.json(numatuneOf(affects === 'config' ? domain.persistentConfig : domain.config), 200);
  });
  app.openapi(listVcpus, (context) => {
    const { inactive, ...query } = context.req.valid('query');
    const domain = guestOf(context.req.valid('param'), query);
    return context.json(vcpusOf(domain, inactive), 200);
  });
  app.openapi(pin, (context) => {
    const { affects, ...query } = context.req.valid('query');
    const { vcpu, ...guest } = context.req.valid('param');
    const domain = guestOf(guest, query);
    const { maxVcpus } = domain.config;
    if (vcpu >= maxVcpus) throw notFound('vCPU', String(vcpu), undefined, `it has 0 to ${maxVcpus - 1}`);
    const vcpupin = { vcpu, cpus: [...new Set(context.req.valid('json').cpus)].sort((a, b) => a - b) };
    applyTo(hypervisor, domain, affects, { op: 'tune', domain, vcpupin }, (definition) =>
      withPin(domain, definition, vcpupin),
    );
    return context.json(vcpusOf(domain, affects === 'config'), 200);
  });
}

function numatuneOf({ numatune }: DomainConfig): NumatuneView {
  return { mode: numatune?.mode ?? 'strict', nodeset: [...(numatune?.nodeset ?? [])] };
}

/** The vCPUs of what runs, or of the definition; a paused guest's wait for it to go on. */
function vcpusOf(domain: Domain, inactive: boolean): VcpuView[] {
  const { host, persistentConfig } = domain;
  const config = inactive ? persistentConfig : domain.config;
  const process = inactive ? undefined : domain.process;
  const pcpus = host.cpu.pcpuCount;
  const all = Array.from({ length: pcpus }, (_, cpu) => cpu);
  return Array.from({ length: config.vcpus }, (_, vcpu) => {
    const affinity = [...(config.cputune?.vcpupin?.[vcpu] ?? all)];
    const statistics = process && domain.vcpu(vcpu);
    const running = process !== undefined && process.place >= 0;
    return {
      vcpu,
      affinity,
      pcpus,
      ...(process && affinity.length === 1 && { cpu: affinity[0]! }),
      ...(statistics && {
        state: running ? ('running' as const) : ('blocked' as const),
        timeNs: statistics.timeNs,
      }),
    };
  });
}
