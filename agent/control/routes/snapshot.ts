import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { ControlContext, RestoredView } from '../context.ts';
import { json, REFUSALS } from './common.ts';

/** Where the snapshot of the present instant is. */
export const SNAPSHOT_PATH = '/snapshot';
/** Largest snapshot that is taken, in octets. */
export const MAX_SNAPSHOT = 536_870_912;
/** A snapshot: JSON lines. */
const MEDIA_TYPE = 'application/x-ndjson';

const content = { [MEDIA_TYPE]: { schema: z.string() } };

const restoredSchema = z
  .object({
    hosts: z.int(),
    guests: z.int(),
    now: z.iso.datetime().openapi({ description: 'Simulated time of day' }),
    nowMs: z.number().openapi({ description: 'Simulated ms since the start of the run' }),
  })
  .openapi('Restored');

const progressSchema = z
  .object({
    restoring: z.boolean(),
    atMs: z.number().optional().openapi({ description: 'Simulated ms that have been replayed' }),
    ofMs: z.number().optional().openapi({ description: 'Simulated ms that there are' }),
  })
  .openapi('Restoration');

const take = createRoute({
  method: 'get',
  path: SNAPSHOT_PATH,
  operationId: 'takeSnapshot',
  tags: ['snapshot'],
  summary: 'The whole state at this instant (docs/SNAPSHOTS.md)',
  responses: { ...REFUSALS, 200: { description: 'The snapshot', content } },
});

const restore = createRoute({
  method: 'put',
  path: SNAPSHOT_PATH,
  operationId: 'restoreSnapshot',
  tags: ['snapshot'],
  summary: 'Go on from a snapshot instead; answers when it is served. Whoever hangs up before ends it',
  request: { body: { required: true, content } },
  responses: { ...REFUSALS, 200: json('What was restored', restoredSchema) },
});

const progress = createRoute({
  method: 'get',
  path: '/snapshot/progress',
  operationId: 'showRestoration',
  tags: ['snapshot'],
  summary: 'How far the snapshot that is being restored has come',
  responses: { ...REFUSALS, 200: json('The restoration', progressSchema) },
});

/** Routes that take and restore snapshots. */
export function snapshotRoutes(app: OpenAPIHono, { snapshots }: ControlContext): void {
  const view = ({ hosts, guests, nowMs, wallMs }: RestoredView) => ({
    ...{ hosts, guests, nowMs },
    now: new Date(wallMs).toISOString(),
  });
  app.openapi(take, () => {
    const pieces = snapshots.take().values();
    const body = new ReadableStream({
      pull: (controller) => {
        const { done, value } = pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
    });
    return new Response(body, { headers: { 'Content-Type': MEDIA_TYPE } }) as never;
  });
  app.openapi(restore, async (context) => {
    const octets = new Uint8Array(await context.req.arrayBuffer());
    return context.json(view(await snapshots.restore(octets, context.req.raw.signal)), 200);
  });
  app.openapi(progress, (context) => {
    const now = snapshots.progress;
    return context.json({ restoring: now !== undefined, ...now }, 200);
  });
}
