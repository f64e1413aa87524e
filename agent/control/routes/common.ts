import { z } from '@hono/zod-openapi';
import { STATS_GROUPS } from '../domain-stats.ts';

/** A refusal: problem details (RFC 9457). */
export const problemSchema = z
  .object({ status: z.int(), title: z.string(), detail: z.string(), code: z.string() })
  .openapi('Problem');

/** The refusals that every route may answer with. */
export const REFUSALS = {
  400: refusal('The request is not what the route takes'),
  401: refusal('The token is missing or wrong'),
  403: refusal('The request came from a page of another site, or by a name that is not known'),
  404: refusal('There is nothing of that name'),
  409: refusal('The state does not allow it, or several things have that name'),
  413: refusal('The body is too large'),
} as const;

/** A status that a route answers with problem details. */
export function refusal(description: string) {
  return { description, content: { 'application/problem+json': { schema: problemSchema } } } as const;
}

/** A route's answer as JSON. */
export function json<S extends z.ZodType>(description: string, schema: S) {
  return { description, content: { 'application/json': { schema } } } as const;
}

/** A route's body as JSON. */
export function body<S extends z.ZodType>(schema: S) {
  return { required: true, content: { 'application/json': { schema } } } as const;
}

/** The guest that a route is about, by name or UUID. */
export const guestParam = z.object({
  guest: z
    .string()
    .min(1)
    .openapi({ param: { name: 'guest', in: 'path' }, example: 'web-01' }),
});

/** Which host's guest is meant, when several have it. */
export const hostQuery = z.object({
  host: z
    .string()
    .optional()
    .openapi({ param: { name: 'host', in: 'query' } }),
});

/** Whether the definition is meant that the next start takes, and not the one in effect. */
export const inactiveQuery = z.object({
  inactive: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .openapi({ param: { name: 'inactive', in: 'query' }, type: 'string' }),
});

/** The host that a route is about. */
export const hostParam = z.object({
  host: z
    .string()
    .min(1)
    .openapi({ param: { name: 'host', in: 'path' }, example: 'host1' }),
});

/** Which groups of statistics are meant; all when not given. */
export const groupsQuery = z
  .string()
  .optional()
  .transform((text) => text?.split(','))
  .pipe(z.array(z.enum(STATS_GROUPS)).optional())
  .openapi({ type: 'string', description: `Some of ${STATS_GROUPS.join(', ')}, by comma` });
