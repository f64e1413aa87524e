import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { FAULT_KINDS, type FaultKindInfo } from '../../emulation/fault/fault-kind.ts';
import { json, REFUSALS } from './common.ts';

const kinds = createRoute({
  method: 'get',
  path: '/fault-kinds',
  operationId: 'listFaultKinds',
  tags: ['faults'],
  summary: 'Every kind of fault, what it leads to and which parameters it looks at',
  responses: {
    ...REFUSALS,
    200: json(
      'Kinds in the order of docs/FAULTS.md',
      z.array(
        z.object({
          kind: z.string(),
          on: z.enum(['guest', 'host']),
          about: z.string(),
          leadsTo: z.string(),
          parameters: z.array(z.string()),
        }),
      ),
    ),
  },
});

/** The route that tells which faults there are. */
export function faultKindRoutes(app: OpenAPIHono): void {
  const views = Object.entries<FaultKindInfo>(FAULT_KINDS).map(
    ([kind, { on, about, leadsTo, parameters }]) => ({
      kind,
      on,
      about,
      leadsTo,
      parameters: [...parameters],
    }),
  );
  app.openapi(kinds, (context) => context.json(views, 200));
}
