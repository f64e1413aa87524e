import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { SEVERITIES } from '../../emulation/alarm/alarm.ts';
import type { FaultChange } from '../../emulation/change.ts';
import type { ActiveFault } from '../../emulation/fault/fault.ts';
import { FAULT_KINDS, type FaultKind } from '../../emulation/fault/fault-kind.ts';
import type { Hypervisor } from '../../emulation/hypervisor.ts';
import { defined } from '../../util/defined.ts';
import type { ControlContext } from '../context.ts';
import { findHost, guestFinder } from '../find.ts';
import { badRequest } from '../problem.ts';
import { body, hostQuery, json, REFUSALS } from './common.ts';

const KINDS = Object.keys(FAULT_KINDS) as [FaultKind, ...FaultKind[]];

const faultSchema = z
  .object({
    id: z.int(),
    kind: z.string(),
    rule: z.string().openapi({ description: 'The rule of the configuration that it comes from' }),
    host: z.string(),
    guest: z.string().optional(),
    begun: z.iso.datetime(),
  })
  .openapi('Fault');

const share = z.number().min(0).max(1);
const parametersSchema = z.strictObject({
  nic: z.int().min(0).optional(),
  queue: z.int().min(0).optional(),
  disk: z.string().optional(),
  pool: z.string().optional(),
  bridge: z.string().optional(),
  uplink: z.string().optional(),
  cycleMs: z.int().min(2).optional(),
  sensor: z.string().optional(),
  factor: z.number().min(1).max(1_000_000).optional(),
  share: share.optional(),
  lockShare: share.optional(),
  bytesPerSecond: z.number().min(0).optional(),
  recipient: z.enum(['HYPERVISOR', 'GUEST']).optional(),
  actionRequired: z.boolean().optional(),
  outcome: z.enum(['Ignored', 'Failed', 'Delayed', 'Recovered']).optional(),
});

/** A fault that somebody raises. */
export const raiseSchema = z.strictObject({
  kind: z.enum(KINDS),
  guest: z.string().optional().openapi({ description: 'Name or UUID, for a kind that guests have' }),
  host: z.string().optional().openapi({ description: 'The host that has it, or whose guest is meant' }),
  parameters: parametersSchema.transform(defined).optional(),
  durationMs: z
    .int()
    .min(1)
    .optional()
    .openapi({ description: 'Simulated; until it is cleared when not given' }),
});

const list = createRoute({
  method: 'get',
  path: '/faults',
  operationId: 'listFaults',
  tags: ['faults'],
  summary: 'The faults that are in effect',
  responses: { ...REFUSALS, 200: json('Faults by number', z.array(faultSchema)) },
});

const raise = createRoute({
  method: 'post',
  path: '/faults',
  operationId: 'raiseFault',
  tags: ['faults'],
  summary: 'Let something go wrong (docs/FAULTS.md)',
  request: { body: body(raiseSchema) },
  responses: { ...REFUSALS, 200: json('The faults that are in effect now', z.array(faultSchema)) },
});

const clear = createRoute({
  method: 'delete',
  path: '/faults/{id}',
  operationId: 'clearFault',
  tags: ['faults'],
  summary: 'Let it be right again',
  request: {
    params: z.object({
      id: z.coerce
        .number()
        .int()
        .min(1)
        .openapi({ param: { name: 'id', in: 'path' } }),
    }),
  },
  responses: { ...REFUSALS, 204: { description: 'It is cleared' } },
});

const alarmSchema = z
  .object({
    number: z.int(),
    kind: z.string(),
    severity: z.enum(SEVERITIES),
    probableCause: z.int().openapi({ description: 'A number of ItuProbableCause' }),
    host: z.string(),
    guest: z.string().optional(),
    resource: z.record(z.string(), z.union([z.string(), z.number()])),
    text: z.string(),
    raised: z.iso.datetime(),
  })
  .openapi('Alarm');

const alarms = createRoute({
  method: 'get',
  path: '/alarms',
  operationId: 'listAlarms',
  tags: ['faults'],
  summary: 'The alarms that are up (docs/ALARMS.md)',
  request: { query: hostQuery },
  responses: { ...REFUSALS, 200: json('Alarms by host and number', z.array(alarmSchema)) },
});

/** Routes about what goes wrong, and what is found of it. */
export function faultRoutes(app: OpenAPIHono, { hypervisor }: ControlContext): void {
  const { epochMs } = hypervisor.clock;
  const view = ({ id, kind, rule, host, domain, begunMs }: ActiveFault) => ({
    ...{ id, kind, rule, host: host.name },
    ...(domain && { guest: domain.name }),
    begun: new Date(epochMs + begunMs).toISOString(),
  });
  app.openapi(list, (context) => context.json(hypervisor.faults.map(view), 200));
  app.openapi(raise, (context) => {
    hypervisor.apply(raiseChange(hypervisor, context.req.valid('json')));
    return context.json(hypervisor.faults.map(view), 200);
  });
  app.openapi(clear, (context) => {
    hypervisor.apply({ op: 'fault', action: { clear: context.req.valid('param').id } });
    return context.body(null, 204);
  });
  app.openapi(alarms, (context) => {
    const { host: name } = context.req.valid('query');
    const hosts = name === undefined ? hypervisor.hosts : [findHost(hypervisor, name)];
    const views = hosts.flatMap((host) =>
      host.alarms.active.map(
        ({ number, kind, severity, probableCause, guest, resource, text, raisedWallMs }) => ({
          ...{ number, kind, severity, probableCause, host: host.name },
          ...(guest && { guest: guest.name }),
          resource: { ...resource },
          text,
          raised: new Date(raisedWallMs).toISOString(),
        }),
      ),
    );
    return context.json(views, 200);
  });
}

/** The change that {@link raiseSchema} asks for. Throws a 400 for what the kind is not about, or a 404. */
export function raiseChange(
  hypervisor: Hypervisor,
  { kind, guest, host, ...more }: z.output<typeof raiseSchema>,
): FaultChange {
  const { on } = FAULT_KINDS[kind];
  if (on === 'guest' && guest === undefined) throw badRequest(`guests have a ${kind}: say which one`);
  if (on === 'host' && guest !== undefined)
    throw badRequest(`hosts have a ${kind}, not guests: leave guest out`);
  const target =
    guest !== undefined
      ? guestFinder(hypervisor)({ guest }, { host })
      : host !== undefined
        ? findHost(hypervisor, host)
        : hypervisor.hosts[0]!;
  return { op: 'fault', action: { raise: kind, target, ...defined(more) } };
}
