import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { readConsole } from '../../emulation/console/console.ts';
import type { ControlContext } from '../context.ts';
import { guestFinder } from '../find.ts';
import { conflict } from '../problem.ts';
import { guestParam, hostQuery, json, REFUSALS } from './common.ts';

const read = createRoute({
  method: 'get',
  path: '/guests/{guest}/console',
  operationId: 'readConsole',
  tags: ['guests'],
  summary: "What a guest's serial line has sent, from a position on",
  request: {
    params: guestParam,
    query: hostQuery.extend({
      from: z.coerce
        .number()
        .int()
        .min(0)
        .default(0)
        .openapi({ description: '`next` of the last answer; 0 for all that is kept' }),
    }),
  },
  responses: {
    ...REFUSALS,
    200: json(
      'The text, where it starts and where to go on; `missed` octets are not kept any more',
      z.object({ text: z.string(), start: z.int(), next: z.int(), missed: z.int() }),
    ),
  },
});

/** The route that reads a guest's serial console. */
export function consoleRoutes(app: OpenAPIHono, { hypervisor }: ControlContext): void {
  const guestOf = guestFinder(hypervisor);
  app.openapi(read, (context) => {
    const { from, ...query } = context.req.valid('query');
    const domain = guestOf(context.req.valid('param'), query);
    const { devices } = domain;
    if (!devices) throw conflict(`guest ${domain.name} is shut off; start it to see its console`);
    if (!devices.console) throw conflict(`guest ${domain.name} has no serial console in its definition`);
    return context.json(readConsole(devices.console, domain.guestMs, from), 200);
  });
}
