import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { globMatch } from '../../util/glob.ts';
import type { ControlContext } from '../context.ts';
import { findHost } from '../find.ts';
import { NOTIFICATION_STATES } from '../notification-list.ts';
import { hostQuery, json, REFUSALS } from './common.ts';

const MAX_LIMIT = 1000;

const notificationSchema = z
  .object({
    seq: z.int().openapi({ description: '1 for the first of the run, then without gaps' }),
    time: z.iso.datetime().openapi({ description: 'Simulated time at which it was queued' }),
    host: z.string(),
    notification: z.int().openapi({ description: 'Its number: the same for all of its targets' }),
    event: z.int().optional().openapi({ description: 'Sequence of the event that it tells of' }),
    name: z.string().openapi({ example: 'libvirtGuestNotif' }),
    oid: z.string().openapi({ description: 'Value of snmpTrapOID.0' }),
    guest: z.string().optional(),
    uuid: z.string().optional(),
    target: z.string().openapi({ description: 'A name in snmpTargetAddrTable' }),
    address: z.string().openapi({ description: 'Where it goes', example: '192.0.2.1:162' }),
    version: z.enum(['v1', 'v2c', 'v3']),
    type: z.enum(['trap', 'inform']),
    state: z.enum(NOTIFICATION_STATES).openapi({
      description:
        'queued: it waits; sent: a trap is gone, or an inform waits for its answer; failed: it could not be sent, was refused, or no try so far was answered, which may still change; dropped: the queue was full, or the target removed',
    }),
    retries: z.int().openapi({ description: 'How often an inform was sent again' }),
    reason: z.string().optional().openapi({ description: 'Why it failed or was dropped' }),
    acknowledgedAt: z.iso.datetime().optional().openapi({ description: 'Simulated time' }),
  })
  .openapi('Notification');

const list = createRoute({
  method: 'get',
  path: '/notifications',
  operationId: 'listNotifications',
  tags: ['notifications'],
  summary: 'What has become of the latest notifications, for each of their targets',
  description:
    'The latest 20,000 are kept. The topic notifications of /events tells each of these whenever it changes.',
  request: {
    query: hostQuery.extend({
      target: z.string().optional(),
      guest: z.string().optional().openapi({ description: 'Name of a guest, or a UUID' }),
      name: z
        .string()
        .optional()
        .openapi({ description: 'Name of the notification, with * and ? as a shell has them' }),
      state: z.enum(NOTIFICATION_STATES).optional(),
      limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(100),
      after: z.coerce
        .number()
        .int()
        .min(0)
        .optional()
        .openapi({ description: 'The first ones behind this seq; the latest when not given' }),
    }),
  },
  responses: { ...REFUSALS, 200: json('Notifications by seq', z.array(notificationSchema)) },
});

/** The route that tells what has become of notifications. */
export function notificationRoutes(app: OpenAPIHono, { hypervisor, notifications }: ControlContext): void {
  app.openapi(list, (context) => {
    const { host, target, guest, name, state, limit, after } = context.req.valid('query');
    if (host !== undefined) findHost(hypervisor, host);
    const found = notifications.list({
      wanted: (record) =>
        (host === undefined || record.host === host) &&
        (target === undefined || record.target === target) &&
        (guest === undefined || record.guest === guest || record.uuid === guest) &&
        (state === undefined || record.state === state) &&
        (name === undefined || globMatch(name, record.name)),
      limit,
      after,
    });
    return context.json(found, 200);
  });
}
