import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { streamSSE } from 'hono/streaming';
import type { ControlContext } from '../context.ts';
import { TOPICS, type Topic } from '../feed.ts';
import { REFUSALS } from './common.ts';

/** Entries that are written before others get their turn. */
const BATCH = 200;
/** Real ms after which a stream without news says that it is alive. */
const HEARTBEAT_MS = 15_000;

const follow = createRoute({
  method: 'get',
  path: '/events',
  operationId: 'followEvents',
  tags: ['events'],
  summary: 'What happens, as server-sent events',
  description:
    'Each event has its topic as type and an id. A client that comes back with Last-Event-ID gets what it has missed, as far as that is kept; `missed` tells how many entries are not kept any more.',
  request: {
    query: z.object({
      topics: z
        .string()
        .optional()
        .transform((text) => text?.split(','))
        .pipe(z.array(z.enum(TOPICS)).optional())
        .openapi({
          type: 'string',
          description: `Some of ${TOPICS.join(', ')}, by comma; all when not given`,
        }),
      since: z.coerce
        .number()
        .int()
        .min(0)
        .optional()
        .openapi({ description: 'The id to go on after; Last-Event-ID goes before it' }),
      tail: z.coerce.number().int().min(0).optional().openapi({
        description: 'Begin this many entries back, whatever their topics; since goes before it',
      }),
    }),
  },
  responses: {
    ...REFUSALS,
    200: { description: 'The stream', content: { 'text/event-stream': { schema: z.string() } } },
  },
});

/** The stream of what happens. */
export function eventRoutes(app: OpenAPIHono, { feed }: ControlContext): void {
  app.openapi(follow, (context) => {
    const { topics, since, tail = 0 } = context.req.valid('query');
    const wanted = new Set<Topic>(topics ?? TOPICS);
    const header = context.req.header('last-event-id');
    const after = header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : since;
    let last = after ?? Math.max(0, feed.last - tail);
    return streamSSE(context, async (stream) => {
      const ended = new AbortController();
      stream.onAbort(() => ended.abort());
      await stream.write(': the simulation is followed from here\n\n');
      while (!ended.signal.aborted) {
        const { entries, missed } = feed.after(last, BATCH);
        if (missed > 0) await stream.writeSSE({ event: 'missed', data: String(missed) });
        if (entries.length > 0) {
          last = entries.at(-1)!.id;
          const news = entries.filter(({ topic }) => wanted.has(topic));
          if (news.length > 0) await stream.write(news.map(({ text }) => text).join(''));
          continue;
        }
        if (feed.ended) break;
        const news = await feed.changed(last, ended.signal, HEARTBEAT_MS);
        if (!news && !ended.signal.aborted) await stream.write(': alive\n\n');
      }
    });
  });
}
