import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { ActChange } from '../../emulation/change.ts';
import type { Domain } from '../../emulation/domain/domain.ts';
import type { Hypervisor } from '../../emulation/hypervisor.ts';
import { edited } from '../../emulation/inventory/xml/definition-text.ts';
import { parseDomainXml } from '../../emulation/inventory/xml/parse-domain.ts';
import { ACTIONS } from '../../emulation/lifecycle/story.ts';
import { defined } from '../../util/defined.ts';
import { globMatch } from '../../util/glob.ts';
import type { ControlContext } from '../context.ts';
import { domainStats } from '../domain-stats.ts';
import { findHost, guestFinder } from '../find.ts';
import { guestSchema, guestView, stateSchema } from '../views.ts';
import { body, groupsQuery, guestParam, hostQuery, json, REFUSALS } from './common.ts';

const list = createRoute({
  method: 'get',
  path: '/guests',
  operationId: 'listGuests',
  tags: ['guests'],
  summary: 'The guests of all hosts, or those that the query leaves',
  request: {
    query: hostQuery.extend({
      state: stateSchema.optional(),
      name: z.string().optional().openapi({ description: 'A name with * and ? as a shell has them' }),
    }),
  },
  responses: { ...REFUSALS, 200: json('Guests, by host and UUID', z.array(guestSchema)) },
});

const show = createRoute({
  method: 'get',
  path: '/guests/{guest}',
  operationId: 'showGuest',
  tags: ['guests'],
  summary: 'One guest, by name or UUID',
  request: { params: guestParam, query: hostQuery },
  responses: { ...REFUSALS, 200: json('The guest', guestSchema) },
});

const stats = createRoute({
  method: 'get',
  path: '/guests/{guest}/stats',
  operationId: 'guestStats',
  tags: ['guests'],
  summary: "Statistics by libvirt's names, as virsh domstats tells them",
  request: {
    params: guestParam,
    query: hostQuery.extend({
      groups: groupsQuery,
    }),
  },
  responses: {
    ...REFUSALS,
    200: json(
      'Statistics; those that a real host would not have are absent',
      z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
    ),
  },
});

const define = createRoute({
  method: 'post',
  path: '/guests',
  operationId: 'defineGuest',
  tags: ['guests'],
  summary: 'Define a guest by libvirt domain XML, or change the one that has its name and UUID',
  request: {
    query: hostQuery,
    body: { required: true, content: { 'application/xml': { schema: z.string() } } },
  },
  responses: { ...REFUSALS, 201: json('The guest', guestSchema) },
});

const undefine = createRoute({
  method: 'delete',
  path: '/guests/{guest}',
  operationId: 'undefineGuest',
  tags: ['guests'],
  summary: 'Undefine a guest; one that runs goes when it stops',
  request: { params: guestParam, query: hostQuery },
  responses: { ...REFUSALS, 204: { description: 'It is undefined' } },
});

const rename = createRoute({
  method: 'post',
  path: '/guests/{guest}/rename',
  operationId: 'renameGuest',
  tags: ['guests'],
  summary: 'Give a guest that is shut off another name',
  request: {
    params: guestParam,
    query: hostQuery,
    body: body(z.strictObject({ name: z.string().min(1).max(255) })),
  },
  responses: { ...REFUSALS, 200: json('The guest', guestSchema) },
});

/** Something that is done to a guest, or happens to it. */
export const actSchema = z.strictObject({
  action: z.enum(ACTIONS),
  paused: z.boolean().optional().openapi({ description: 'start, restore: leave it paused' }),
  to: z.enum(['running', 'paused', 'shutoff']).optional().openapi({ description: 'revert' }),
  mode: z.enum(['precopy', 'postcopy']).optional().openapi({ description: 'migrate' }),
  outcome: z.enum(['success', 'failure', 'api-error']).optional(),
  target: z.string().optional().openapi({ description: 'migrate: the host to go to' }),
  persist: z.boolean().optional().openapi({ description: 'migrate' }),
  undefineSource: z.boolean().optional().openapi({ description: 'migrate' }),
});

const act = createRoute({
  method: 'post',
  path: '/guests/{guest}/actions',
  operationId: 'actOnGuest',
  tags: ['guests'],
  summary: 'Do something to a guest, or let something happen to it (docs/LIFECYCLE.md)',
  request: {
    params: guestParam,
    query: hostQuery,
    body: body(actSchema),
  },
  responses: { ...REFUSALS, 200: json('The guest, as it is now', guestSchema) },
});

/** Routes that list guests, and do with a whole guest what libvirt does. */
export function guestRoutes(app: OpenAPIHono, { hypervisor }: ControlContext): void {
  const { epochMs } = hypervisor.clock;
  const view = (domain: Domain) => guestView(domain, epochMs);
  const guestOf = guestFinder(hypervisor);
  app.openapi(list, (context) => {
    const { host, state, name } = context.req.valid('query');
    const hosts = host === undefined ? hypervisor.hosts : [findHost(hypervisor, host)];
    const views = [];
    for (const { domains } of hosts) {
      for (const domain of domains) {
        if (name !== undefined && !globMatch(name, domain.name)) continue;
        const shown = view(domain);
        if (state === undefined || shown.state === state) views.push(shown);
      }
    }
    return context.json(views, 200);
  });
  app.openapi(show, (context) => {
    return context.json(view(guestOf(context.req.valid('param'), context.req.valid('query'))), 200);
  });
  app.openapi(stats, (context) => {
    const { groups, ...query } = context.req.valid('query');
    const domain = guestOf(context.req.valid('param'), query);
    return context.json(domainStats(domain, epochMs, groups), 200);
  });
  app.openapi(define, async (context) => {
    const { host: name } = context.req.valid('query');
    const host = name === undefined ? hypervisor.hosts[0]! : findHost(hypervisor, name);
    const text = await context.req.text();
    const wanted = parseDomainXml(text, 'body');
    const known = host.domains.byUuid(wanted.uuid);
    // What XML does not say of a guest stays when its definition is sent anew.
    const config = known?.name === wanted.name ? edited(known.persistentConfig, text, 'body') : wanted;
    hypervisor.apply({ op: 'define', host, config });
    return context.json(view(host.domains.byUuid(config.uuid)!), 201);
  });
  app.openapi(undefine, (context) => {
    const domain = guestOf(context.req.valid('param'), context.req.valid('query'));
    hypervisor.apply({ op: 'undefine', domain });
    return context.body(null, 204);
  });
  app.openapi(rename, (context) => {
    const domain = guestOf(context.req.valid('param'), context.req.valid('query'));
    hypervisor.apply({ op: 'rename', domain, name: context.req.valid('json').name });
    return context.json(view(domain), 200);
  });
  app.openapi(act, (context) => {
    const domain = guestOf(context.req.valid('param'), context.req.valid('query'));
    hypervisor.apply(actChange(hypervisor, domain, context.req.valid('json')));
    return context.json(view(domain), 200);
  });
}

/** The change that {@link actSchema} asks for. Throws a 404 for a target that is no host. */
export function actChange(
  hypervisor: Hypervisor,
  domain: Domain,
  { target, ...wanted }: z.output<typeof actSchema>,
): ActChange {
  return {
    op: 'act',
    domain,
    ...defined(wanted),
    ...(target !== undefined && { target: findHost(hypervisor, target) }),
  };
}
