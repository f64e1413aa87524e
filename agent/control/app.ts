import { OpenAPIHono, type z } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { errorText } from '../util/errors.ts';
import type { Logger } from '../util/logger.ts';
import { VERSION } from '../util/package-info.ts';
import type { ControlContext } from './context.ts';
import { type GuardOptions, guard, refuse } from './guard.ts';
import { pageRoutes } from './page/page-routes.ts';
import { PROBLEM_TYPE, type Problem, problemOf } from './problem.ts';
import { changeRoutes } from './routes/changes.ts';
import { clockRoutes } from './routes/clock.ts';
import { consoleRoutes } from './routes/console.ts';
import { definitionRoutes } from './routes/definition.ts';
import { eventRoutes } from './routes/events.ts';
import { faultKindRoutes } from './routes/fault-kinds.ts';
import { faultRoutes } from './routes/faults.ts';
import { guestRoutes } from './routes/guests.ts';
import { hostRoutes } from './routes/hosts.ts';
import { hotPlugRoutes } from './routes/hot-plug.ts';
import { insideRoutes } from './routes/inside.ts';
import { metricsRoutes } from './routes/metrics.ts';
import { mibRoutes } from './routes/mib.ts';
import { nodeStatsRoutes } from './routes/node-stats.ts';
import { notificationRoutes } from './routes/notifications.ts';
import { placementRoutes } from './routes/placement.ts';
import { MAX_SNAPSHOT, SNAPSHOT_PATH, snapshotRoutes } from './routes/snapshot.ts';
import { statisticsRoutes } from './routes/statistics.ts';

/** Largest body that is taken, in octets: room for any domain XML. */
export const MAX_BODY = 1_048_576;

/** Everything that is served over HTTP, as a function from request to response; no socket is opened. */
export function createApp(context: ControlContext, access: GuardOptions, logger: Logger): OpenAPIHono {
  const app = new OpenAPIHono({
    defaultHook: (result) => {
      if (result.success) return undefined;
      return refuse(400, 'REQUEST_INVALID', issuesText(result.error.issues));
    },
  });
  app.use(guard(access));
  pageRoutes(app, context);
  const [limit, snapshotLimit] = [MAX_BODY, MAX_SNAPSHOT].map((maxSize) =>
    bodyLimit({
      maxSize,
      onError: () => refuse(413, 'REQUEST_INVALID', `the body is larger than ${maxSize} octets`),
    }),
  );
  app.use((asked, next) => (asked.req.path === SNAPSHOT_PATH ? snapshotLimit! : limit!)(asked, next));
  // Whatever is read or changed is of this instant.
  app.use((_context, next) => {
    context.time.sync();
    return next();
  });
  app.onError((thrown) => {
    const problem = problemOf(thrown) ?? unexpected(thrown, logger);
    return Response.json(problem, {
      status: problem.status,
      headers: { 'Content-Type': PROBLEM_TYPE },
    });
  });
  app.notFound(({ req }) => refuse(404, 'NOT_FOUND', `nothing is at ${req.path}; see /openapi.json`));
  for (const add of [
    hostRoutes,
    guestRoutes,
    insideRoutes,
    changeRoutes,
    definitionRoutes,
    hotPlugRoutes,
    placementRoutes,
    nodeStatsRoutes,
    consoleRoutes,
    clockRoutes,
    eventRoutes,
    statisticsRoutes,
    faultRoutes,
    faultKindRoutes,
    notificationRoutes,
    metricsRoutes,
    mibRoutes,
    snapshotRoutes,
  ])
    add(app, context);
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'virtsnmp',
      version: VERSION,
      description: 'The simulated hypervisor behind the SNMP agent: what it is, and what happens to it.',
      license: { name: 'MIT' },
    },
    servers: [{ url: '/' }],
  });
  return app;
}

/** What is wrong with a request, in words; of alternatives, what is wrong with each. */
function issuesText(issues: readonly z.core.$ZodIssue[]): string {
  return issues
    .map((issue) => {
      const alternatives = issue.code === 'invalid_union' ? issue.errors.map(issuesText) : [];
      const text = alternatives.length > 0 ? `either ${alternatives.join(', or ')}` : issue.message;
      return issue.path.length > 0 ? `${issue.path.join('.')}: ${text}` : text;
    })
    .join('; ');
}

/** A bug: told in the log, and to nobody else. */
function unexpected(thrown: unknown, logger: Logger): Problem {
  logger.error('a request to the control API failed', { error: errorText(thrown) });
  return {
    status: 500,
    title: 'Failed',
    detail: 'something went wrong; the log tells what',
    code: 'INTERNAL',
  };
}
