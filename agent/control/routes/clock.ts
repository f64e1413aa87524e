import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { ControlContext } from '../context.ts';
import { body, json, REFUSALS } from './common.ts';

const clockSchema = z
  .object({
    now: z.iso.datetime().openapi({ description: 'Simulated time of day' }),
    nowMs: z.int().openapi({ description: 'Simulated ms since the start' }),
    speed: z.number().openapi({ description: 'Simulated seconds per real second; 0 is paused' }),
    seed: z.int(),
  })
  .openapi('Clock');

const show = createRoute({
  method: 'get',
  path: '/clock',
  operationId: 'showClock',
  tags: ['clock'],
  summary: 'The simulated time, its speed and the seed',
  responses: { ...REFUSALS, 200: json('The clock', clockSchema) },
});

const change = createRoute({
  method: 'put',
  path: '/clock',
  operationId: 'setClockSpeed',
  tags: ['clock'],
  summary: 'Change the speed; 0 pauses',
  request: { body: body(z.strictObject({ speed: z.number().min(0).max(10_000) })) },
  responses: { ...REFUSALS, 200: json('The clock', clockSchema) },
});

const step = createRoute({
  method: 'post',
  path: '/clock/step',
  operationId: 'stepClock',
  tags: ['clock'],
  summary: 'Go on by some time, or to an instant; answers when it is there',
  request: {
    body: body(
      z.union([
        z.strictObject({ ms: z.int().min(1).max(31_622_400_000) }),
        z.strictObject({ to: z.iso.datetime() }),
      ]),
    ),
  },
  responses: { ...REFUSALS, 200: json('The clock', clockSchema) },
});

/** Routes that show and control the simulated time. */
export function clockRoutes(app: OpenAPIHono, { time }: ControlContext): void {
  const view = () => ({
    now: new Date(time.wallMs).toISOString(),
    nowMs: time.nowMs,
    speed: time.speed,
    seed: time.seed,
  });
  app.openapi(show, (context) => context.json(view(), 200));
  app.openapi(change, (context) => {
    time.setSpeed(context.req.valid('json').speed);
    return context.json(view(), 200);
  });
  app.openapi(step, async (context) => {
    const wanted = context.req.valid('json');
    const ms = 'ms' in wanted ? time.nowMs + wanted.ms : Date.parse(wanted.to) - time.wallMs + time.nowMs;
    await time.goTo(ms);
    return context.json(view(), 200);
  });
}
