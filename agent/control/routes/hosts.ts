import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { HostChange } from '../../emulation/change.ts';
import { isBooted, isInstallOnly, SOFTWARE_KINDS } from '../../emulation/platform/software.ts';
import { defined } from '../../util/defined.ts';
import type { ControlContext } from '../context.ts';
import { findHost } from '../find.ts';
import { hostSchema, hostView } from '../views.ts';
import { body, hostParam, json, REFUSALS } from './common.ts';

const list = createRoute({
  method: 'get',
  path: '/hosts',
  operationId: 'listHosts',
  tags: ['hosts'],
  summary: 'Every simulated host',
  responses: { ...REFUSALS, 200: json('Hosts in the order of their addition', z.array(hostSchema)) },
});

const show = createRoute({
  method: 'get',
  path: '/hosts/{host}',
  operationId: 'showHost',
  tags: ['hosts'],
  summary: 'One host',
  request: { params: hostParam },
  responses: { ...REFUSALS, 200: json('The host', hostSchema) },
});

const packageSchema = z
  .object({
    number: z.int(),
    name: z.string(),
    version: z.string(),
    kind: z.enum(SOFTWARE_KINDS),
    installOnly: z.boolean(),
    booted: z.boolean(),
    bootNext: z.boolean().openapi({ description: 'The next boot takes it' }),
  })
  .openapi('Package');

const software = createRoute({
  method: 'get',
  path: '/hosts/{host}/software',
  operationId: 'listSoftware',
  tags: ['hosts'],
  summary: 'The packages that a host has installed, kernels and images of the hypervisor among them',
  request: { params: hostParam },
  responses: { ...REFUSALS, 200: json('Packages by number', z.array(packageSchema)) },
});

const installSchema = z.strictObject({
  name: z.string().min(1).max(64),
  version: z.string().min(1).max(64),
  kind: z.enum(SOFTWARE_KINDS).optional(),
});

/** What is done to a host. */
export const hostActSchema = z.union([
  z.strictObject({ install: z.array(installSchema).min(1).max(100) }),
  z.strictObject({ erase: z.int().min(1) }),
  z.strictObject({ select: z.int().min(1) }),
  z.strictObject({ reboot: z.literal(true) }),
]);

const act = createRoute({
  method: 'post',
  path: '/hosts/{host}/actions',
  operationId: 'actOnHost',
  tags: ['hosts'],
  summary: 'Install or erase packages, select what the next boot takes, or reboot',
  request: {
    params: hostParam,
    body: body(hostActSchema),
  },
  responses: { ...REFUSALS, 200: json('The host', hostSchema) },
});

/** Routes about hosts themselves. */
export function hostRoutes(app: OpenAPIHono, { hypervisor }: ControlContext): void {
  const { epochMs } = hypervisor.clock;
  app.openapi(list, (context) =>
    context.json(
      hypervisor.hosts.map((host) => hostView(host, epochMs)),
      200,
    ),
  );
  app.openapi(show, (context) => {
    const host = findHost(hypervisor, context.req.valid('param').host);
    return context.json(hostView(host, epochMs), 200);
  });
  app.openapi(software, (context) => {
    const installed = findHost(hypervisor, context.req.valid('param').host).software;
    const rows = installed.packages.map((one) => ({
      number: one.number,
      name: one.name,
      version: one.version,
      kind: one.kind,
      installOnly: isInstallOnly(installed, one.name),
      booted: isBooted(installed, one),
      bootNext: one.kind !== 'package' && installed.next[one.kind] === one.number,
    }));
    return context.json(rows, 200);
  });
  app.openapi(act, (context) => {
    const host = findHost(hypervisor, context.req.valid('param').host);
    const wanted = context.req.valid('json');
    hypervisor.apply({ op: 'host', host, action: hostAction(wanted) });
    return context.json(hostView(host, epochMs), 200);
  });
}

type HostAct = z.output<typeof hostActSchema>;

/** What {@link hostActSchema} asks for, as a change has it. */
export function hostAction(wanted: HostAct): HostChange['action'] {
  if ('reboot' in wanted) return 'reboot';
  return 'install' in wanted ? { install: wanted.install.map(defined) } : wanted;
}
