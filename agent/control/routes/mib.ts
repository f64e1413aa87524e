import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { ControlContext } from '../context.ts';
import { findHost } from '../find.ts';
import { mibInstanceSchema, mibObjectSchema } from '../mib-source.ts';
import { badRequest } from '../problem.ts';
import { hostParam, json, REFUSALS } from './common.ts';

const tree = createRoute({
  method: 'get',
  path: '/mib',
  operationId: 'showMib',
  tags: ['snmp'],
  summary: 'Every name of the modules that are served over SNMP, with its syntax, access and description',
  responses: { ...REFUSALS, 200: json('In the order of object identifiers', z.array(mibObjectSchema)) },
});

const MAX_SUBTREES = 100;

const read = createRoute({
  method: 'get',
  path: '/hosts/{host}/snmp',
  operationId: 'readSnmp',
  tags: ['snmp'],
  summary: "What a host's SNMP agent would answer to whoever may see everything but communities",
  request: {
    params: hostParam,
    query: z.object({
      oid: z
        .string()
        .transform((text) => text.split(','))
        .pipe(z.array(z.string()).max(MAX_SUBTREES))
        .openapi({
          type: 'string',
          param: { name: 'oid', in: 'query' },
          example: '1.3.6.1.2.1.1',
          description: `Subtrees in dotted decimal, at most ${MAX_SUBTREES}, by comma`,
        }),
      after: z.string().optional().openapi({ description: 'Only instances whose index is behind this one' }),
      count: z.coerce.number().int().min(1).max(1000).default(50).openapi({
        description: 'Instances of each subtree at most',
      }),
    }),
  },
  responses: {
    ...REFUSALS,
    200: json(
      'Instances, all of one instant; and the flags and address by which snmpget reaches the host',
      z.object({ reach: z.string(), instances: z.array(mibInstanceSchema) }),
    ),
  },
});

/** Routes that show what the SNMP agents serve. */
export function mibRoutes(app: OpenAPIHono, { hypervisor, mib }: ControlContext): void {
  app.openapi(tree, (context) => context.json([...mib.objects], 200));
  app.openapi(read, (context) => {
    const host = findHost(hypervisor, context.req.valid('param').host);
    const { oid, after, count } = context.req.valid('query');
    const instances = mib.read(host, oid, after, count);
    if (!instances) throw badRequest('oid and after are numbers with dots, such as 1.3.6.1.2.1.1 and 0');
    return context.json({ reach: mib.reach(host), instances }, 200);
  });
}
