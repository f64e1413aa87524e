import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { BLOCK_JOB_TYPE, type BlockJobType } from '../../emulation/block/block-job.ts';
import type { BlockJobChange, DebugChange } from '../../emulation/change.ts';
import { BOOT_STAGES } from '../../emulation/console/console-config.ts';
import { sysrqOf } from '../../emulation/debug/send-key.ts';
import type { Domain } from '../../emulation/domain/domain.ts';
import { LOAD_KINDS } from '../../emulation/domain/domain-config.ts';
import { defined } from '../../util/defined.ts';
import type { ControlContext } from '../context.ts';
import { guestFinder } from '../find.ts';
import { badRequest } from '../problem.ts';
import { guestSchema, guestView } from '../views.ts';
import { body, guestParam, hostQuery, json, REFUSALS } from './common.ts';

/** What a guest gets of its host, as requests have it. */
export const tuneSchema = z.strictObject({
  balloonKiB: z.int().min(1).optional().openapi({ description: 'setmem' }),
  vcpus: z.int().min(1).optional().openapi({ description: 'setvcpus' }),
  cpu: z
    .strictObject({
      shares: z.int().optional(),
      periodUs: z.int().optional(),
      quotaUs: z.int().optional().openapi({ description: 'Of each vCPU; negative for none' }),
    })
    .transform(defined)
    .optional()
    .openapi({ description: 'schedinfo' }),
  autostart: z.boolean().optional(),
  load: z.enum(LOAD_KINDS).optional().openapi({ description: 'What its programs do from now on' }),
  numatune: z
    .strictObject({
      mode: z.enum(['strict', 'preferred', 'interleave', 'restrictive']).optional(),
      nodeset: z.array(z.int().min(0)).optional(),
    })
    .transform(defined)
    .optional(),
  link: z
    .strictObject({ nic: z.int().min(0), up: z.boolean() })
    .optional()
    .openapi({ description: 'domif-setlink' }),
  threshold: z
    .strictObject({ disk: z.string(), bytes: z.int().min(0) })
    .optional()
    .openapi({ description: 'domblkthreshold; 0 for none' }),
});

/** An NMI, or keys. */
export const debugSchema = z.union([
  z.strictObject({ nmi: z.literal(true) }),
  z.strictObject({ sysrq: z.string().length(1) }),
  z.strictObject({ keys: z.array(z.string()).min(1).max(16) }),
]);

const channels = z.array(z.int().min(0).max(65_535)).min(1).max(8);

/** Something that happens in or to a device. */
export const deviceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('usb-input'), port: z.int().min(1), perSecond: z.number().min(0) }),
  z.strictObject({
    kind: z.literal('spice-connect'),
    client: z.strictObject({
      name: z.string().min(1),
      playbackVolume: z.boolean(),
      recordVolume: z.boolean(),
    }),
  }),
  z.strictObject({ kind: z.literal('spice-disconnect'), client: z.string().min(1) }),
  z.strictObject({
    kind: z.literal('sound'),
    direction: z.enum(['playback', 'record']),
    level: z.strictObject({ volume: channels.optional(), mute: z.boolean().optional() }).transform(defined),
  }),
  z.strictObject({ kind: z.literal('sleep') }),
  z.strictObject({ kind: z.literal('hang') }),
  z.strictObject({
    kind: z.literal('boot-hang'),
    stage: z.enum(BOOT_STAGES),
    share: z.number().min(0).max(1),
  }),
  z.strictObject({ kind: z.literal('starve') }),
  z.strictObject({ kind: z.literal('agent-death') }),
  z.strictObject({ kind: z.literal('rtc-write'), offsetSeconds: z.number().optional() }).transform(defined),
  z
    .strictObject({
      kind: z.literal('memory-failure'),
      recipient: z.enum(['HYPERVISOR', 'GUEST']),
      actionRequired: z.boolean(),
      recursive: z.boolean().optional(),
      frame: z.int().min(0),
      outcome: z.enum(['Ignored', 'Failed', 'Delayed', 'Recovered']),
    })
    .transform(defined),
]);

const BLOCK_JOBS = Object.keys(BLOCK_JOB_TYPE) as [BlockJobType, ...BlockJobType[]];

/** What is done with a block job. */
export const blockJobSchema = z.union([
  z.strictObject({ start: z.enum(BLOCK_JOBS), bandwidth: z.int().min(0).optional() }).transform(defined),
  z.strictObject({ bandwidth: z.int().min(0) }),
  z.strictObject({ end: z.enum(['cancel', 'pivot']) }),
]);

/** A route that changes one guest and answers with it. */
function changing<S extends z.ZodType>(
  method: 'patch' | 'post',
  path: string,
  operationId: string,
  summary: string,
  schema: S,
) {
  return createRoute({
    method,
    path,
    operationId,
    tags: ['guests'],
    summary,
    request: { params: guestParam, query: hostQuery, body: body(schema) },
    responses: { ...REFUSALS, 200: json('The guest, as it is now', guestSchema) },
  });
}

const tune = changing(
  'patch',
  '/guests/{guest}',
  'tuneGuest',
  'Change what a guest gets of its host, at once while it is active',
  tuneSchema,
);
const debug = changing(
  'post',
  '/guests/{guest}/debug',
  'debugGuest',
  'Inject an NMI, or press keys: a SysRq sequence acts, other keys do nothing',
  debugSchema,
);
const device = changing(
  'post',
  '/guests/{guest}/devices',
  'actOnDevice',
  'Let something happen in or to a device of an active guest',
  deviceSchema,
);
const blockJob = createRoute({
  method: 'post',
  path: '/guests/{guest}/block-jobs/{disk}',
  operationId: 'changeBlockJob',
  tags: ['guests'],
  summary: "Start, slow down, cancel or pivot the block job of a guest's disk",
  request: {
    params: guestParam.extend({
      disk: z
        .string()
        .min(1)
        .openapi({ param: { name: 'disk', in: 'path' }, example: 'vda' }),
    }),
    query: hostQuery,
    body: body(blockJobSchema),
  },
  responses: { ...REFUSALS, 200: json('The guest, as it is now', guestSchema) },
});

/** Routes that change what guests get, or make something happen in them. */
export function changeRoutes(app: OpenAPIHono, { hypervisor }: ControlContext): void {
  const { epochMs } = hypervisor.clock;
  const guestOf = guestFinder(hypervisor);
  app.openapi(tune, (context) => {
    const domain = guestOf(context.req.valid('param'), context.req.valid('query'));
    hypervisor.apply({ op: 'tune', domain, ...defined(context.req.valid('json')) });
    return context.json(guestView(domain, epochMs), 200);
  });
  app.openapi(debug, (context) => {
    const domain = guestOf(context.req.valid('param'), context.req.valid('query'));
    const change = debugChange(domain, context.req.valid('json'));
    if (change) hypervisor.apply(change);
    return context.json(guestView(domain, epochMs), 200);
  });
  app.openapi(device, (context) => {
    const domain = guestOf(context.req.valid('param'), context.req.valid('query'));
    hypervisor.apply({ op: 'device', domain, action: context.req.valid('json') });
    return context.json(guestView(domain, epochMs), 200);
  });
  app.openapi(blockJob, (context) => {
    const { disk, ...guest } = context.req.valid('param');
    const domain = guestOf(guest, context.req.valid('query'));
    hypervisor.apply(blockJobChange(domain, disk, context.req.valid('json')));
    return context.json(guestView(domain, epochMs), 200);
  });
}

/** The change that {@link debugSchema} asks for; `undefined` for keys that do nothing. Throws a 400 for no SysRq key. */
export function debugChange(domain: Domain, wanted: z.output<typeof debugSchema>): DebugChange | undefined {
  if ('nmi' in wanted) return { op: 'debug', domain, action: 'nmi' };
  const sysrq = 'keys' in wanted ? sysrqOf(wanted.keys) : wanted.sysrq;
  if (sysrq === undefined) return undefined;
  if (/^[a-z0-9]$/.test(sysrq)) return { op: 'debug', domain, action: { sysrq } };
  throw badRequest(`SysRq takes a lower-case letter or a digit, not ${JSON.stringify(sysrq)}`);
}

/** The change that {@link blockJobSchema} asks for. */
export function blockJobChange(
  domain: Domain,
  disk: string,
  wanted: z.output<typeof blockJobSchema>,
): BlockJobChange {
  return { op: 'block-job', domain, disk, action: 'end' in wanted ? wanted.end : wanted };
}
