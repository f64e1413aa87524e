import { createHash } from 'node:crypto';
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { domainXml, edited } from '../../emulation/inventory/xml/definition-text.ts';
import { defined } from '../../util/defined.ts';
import { affectsQuery, scopeOf } from '../affects.ts';
import type { ControlContext } from '../context.ts';
import { guestFinder } from '../find.ts';
import { ProblemError } from '../problem.ts';
import { guestSchema, guestView } from '../views.ts';
import { body, guestParam, hostQuery, inactiveQuery, json, REFUSALS, refusal } from './common.ts';

const xmlType = { 'application/xml': { schema: z.string() } };

const show = createRoute({
  method: 'get',
  path: '/guests/{guest}/xml',
  operationId: 'showDefinition',
  tags: ['guests'],
  summary: 'The definition of a guest as libvirt domain XML: what it runs with, or what its next start takes',
  request: { params: guestParam, query: hostQuery.extend(inactiveQuery.shape) },
  responses: { ...REFUSALS, 200: { description: 'The definition, with its ETag', content: xmlType } },
});

const replace = createRoute({
  method: 'put',
  path: '/guests/{guest}/xml',
  operationId: 'replaceDefinition',
  tags: ['guests'],
  summary: 'Change the definition of a guest by its XML; a guest that runs takes it with its next start',
  request: {
    params: guestParam,
    query: hostQuery,
    headers: z.object({
      'if-match': z
        .string()
        .optional()
        .openapi({ description: 'The ETag of the XML that was changed (inactive)' }),
    }),
    body: { required: true, content: xmlType },
  },
  responses: {
    ...REFUSALS,
    200: json('The guest', guestSchema),
    412: refusal('The guest is not any more as it was when its XML was read'),
  },
});

const metadataSchema = z
  .object({ title: z.string(), description: z.string() })
  .openapi('Metadata', { description: 'Empty where there is none' });

const describe = createRoute({
  method: 'get',
  path: '/guests/{guest}/metadata',
  operationId: 'showMetadata',
  tags: ['guests'],
  summary: 'The title and description of a guest',
  request: { params: guestParam, query: hostQuery.extend(inactiveQuery.shape) },
  responses: { ...REFUSALS, 200: json('Title and description', metadataSchema) },
});

const setMetadata = createRoute({
  method: 'patch',
  path: '/guests/{guest}/metadata',
  operationId: 'setMetadata',
  tags: ['guests'],
  summary: 'Change the title or description of a guest; empty for none',
  request: {
    params: guestParam,
    query: hostQuery.extend(affectsQuery.shape),
    body: body(
      z.strictObject({
        title: z.string().max(65_536).optional(),
        description: z.string().max(65_536).optional(),
      }),
    ),
  },
  responses: { ...REFUSALS, 200: json('Title and description', metadataSchema) },
});

/** Routes about what a guest is defined as, and what people read about it. */
export function definitionRoutes(app: OpenAPIHono, { hypervisor }: ControlContext): void {
  const guestOf = guestFinder(hypervisor);
  app.openapi(show, (context) => {
    const { inactive, ...query } = context.req.valid('query');
    const xml = domainXml(guestOf(context.req.valid('param'), query), inactive);
    return context.text(xml, 200, {
      'Content-Type': 'application/xml; charset=utf-8',
      ETag: entityTag(xml),
    }) as never;
  });
  app.openapi(replace, async (context) => {
    const text = await context.req.text();
    const domain = guestOf(context.req.valid('param'), context.req.valid('query'));
    const wanted = context.req.valid('header')['if-match'];
    if (wanted !== undefined && wanted !== '*' && wanted !== entityTag(domainXml(domain, true)))
      throw changedMeanwhile(domain.name);
    hypervisor.apply({ op: 'update', domain, config: edited(domain.persistentConfig, text, 'body') });
    return context.json(guestView(domain, hypervisor.clock.epochMs), 200);
  });
  app.openapi(describe, (context) => {
    const { inactive, ...query } = context.req.valid('query');
    const domain = guestOf(context.req.valid('param'), query);
    return context.json(metadataOf(inactive ? domain.persistentConfig : domain.config), 200);
  });
  app.openapi(setMetadata, (context) => {
    const { affects, ...query } = context.req.valid('query');
    const domain = guestOf(context.req.valid('param'), query);
    const { live, config } = scopeOf(domain, affects);
    const only = live && config ? {} : { affects: live ? ('live' as const) : ('config' as const) };
    hypervisor.apply({ op: 'metadata', domain, ...defined(context.req.valid('json')), ...only });
    return context.json(metadataOf(live ? domain.config : domain.persistentConfig), 200);
  });
}

function metadataOf({ title = '', description = '' }: { title?: string; description?: string }) {
  return { title, description };
}

/** A strong validator (RFC 9110 section 8.8.3): the same for the same text alone. */
function entityTag(text: string): string {
  return `"${createHash('sha256').update(text).digest('base64url')}"`;
}

/** If-Match does not hold (RFC 9110 section 15.5.13). */
function changedMeanwhile(name: string): ProblemError {
  return new ProblemError({
    status: 412,
    title: 'Precondition failed',
    detail: `domain ${name} has been changed meanwhile: read its XML again, and change that`,
    code: 'OPERATION_INVALID',
  });
}
