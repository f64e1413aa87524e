import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { streamSSE } from 'hono/streaming';
import type { VirtualClock } from '../../util/clock.ts';
import { globMatch } from '../../util/glob.ts';
import type { ControlContext } from '../context.ts';
import { domainStats } from '../domain-stats.ts';
import { findHost } from '../find.ts';
import { badRequest } from '../problem.ts';
import { waited } from '../wait.ts';
import { groupsQuery, hostQuery, REFUSALS } from './common.ts';

/** Guests that one sample tells of at most. */
const MOST_GUESTS = 1000;
/** Real ms after which a stream whose simulated time stands says that it is alive. */
const HEARTBEAT_MS = 15_000;

const follow = createRoute({
  method: 'get',
  path: '/statistics',
  operationId: 'followStatistics',
  tags: ['events'],
  summary: 'Statistics of guests again and again, as server-sent events',
  description:
    'Each event is a sample of one instant, of at most 1000 guests; its id is that instant in simulated ms. Samples are not kept: whoever reads slowly gets fewer of them, and whoever comes back goes on with the present one.',
  request: {
    query: hostQuery.extend({
      name: z
        .string()
        .optional()
        .openapi({ description: 'Names of guests, with * and ? as a shell has them' }),
      every: z.coerce
        .number()
        .min(1)
        .max(86_400)
        .default(10)
        .openapi({ description: 'Simulated seconds between samples' }),
      groups: groupsQuery,
    }),
  },
  responses: {
    ...REFUSALS,
    200: { description: 'The stream', content: { 'text/event-stream': { schema: z.string() } } },
  },
});

/** The stream of statistics. BOUNDED: nothing waits for a follower but one sample that is being written. */
export function statisticsRoutes(app: OpenAPIHono, { hypervisor }: ControlContext): void {
  app.openapi(follow, (context) => {
    const { host, name, every, groups } = context.req.valid('query');
    const { clock } = hypervisor;
    const chosen = () =>
      (host === undefined ? hypervisor.hosts : [findHost(hypervisor, host)]).flatMap(({ domains }) =>
        [...domains].filter((domain) => name === undefined || globMatch(name, domain.name)),
      );
    if (chosen().length > MOST_GUESTS)
      throw badRequest(`at most ${MOST_GUESTS} guests at a time: say which with host and name`);
    const sample = () => ({
      now: new Date(clock.wallMs).toISOString(),
      nowMs: clock.nowMs,
      guests: chosen()
        .slice(0, MOST_GUESTS)
        .map((domain) => ({
          host: domain.host.name,
          name: domain.name,
          uuid: domain.uuid,
          stats: domainStats(domain, clock.epochMs, groups),
        })),
    });
    return streamSSE(context, async (stream) => {
      const ended = new AbortController();
      stream.onAbort(() => ended.abort());
      while (!ended.signal.aborted) {
        const dueMs = clock.nowMs + Math.round(every * 1000);
        await stream.writeSSE({
          id: String(clock.nowMs),
          event: 'statistics',
          data: JSON.stringify(sample()),
        });
        while (!ended.signal.aborted && !(await reached(clock, dueMs, ended.signal)))
          await stream.write(': alive\n\n');
      }
    });
  });
}

/** Resolves with true at a simulated instant, with false when `signal` ends the wait or it takes long. */
function reached(clock: VirtualClock, dueMs: number, signal: AbortSignal): Promise<boolean> {
  const begin = (done: () => void) => {
    const timer = clock.schedule(dueMs, done, { outside: true });
    return () => timer.cancel();
  };
  return waited(begin, signal, HEARTBEAT_MS);
}
