import { setImmediate } from 'node:timers/promises';
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { ControlContext } from '../context.ts';
import { findHost, guestFinder } from '../find.ts';
import { guestDetails, guestDetailsSchema } from '../guest-details.ts';
import { SERIES, type Series } from '../history.ts';
import { conflict } from '../problem.ts';
import { guestParam, hostQuery, json, REFUSALS } from './common.ts';

/** Samples of the CPU that a list shows as a small line. */
const TREND = 24;
/** Guests after which other requests get their turn. */
const BATCH = 500;

const value = z.number().nullable();
/** The same for each series. */
function ofEach<T>(one: T): Record<Series, T> {
  return Object.fromEntries(SERIES.map((name) => [name, one])) as Record<Series, T>;
}

const details = createRoute({
  method: 'get',
  path: '/guests/{guest}/details',
  operationId: 'guestDetails',
  tags: ['guests'],
  summary:
    "What is inside of an active guest: vCPUs, memory, NUMA placement, queues, disks, a container's cgroup",
  request: { params: guestParam, query: hostQuery },
  responses: { ...REFUSALS, 200: json('All of it of one instant', guestDetailsSchema) },
});

const history = createRoute({
  method: 'get',
  path: '/guests/{guest}/history',
  operationId: 'guestHistory',
  tags: ['guests'],
  summary: "A guest's rates over the last hour of simulated time",
  description:
    'Shares are of the time of its vCPUs, 0 to 1; memory is KiB; rx and tx are bits, read and write bytes per second. null: it was shut off.',
  request: { params: guestParam, query: hostQuery },
  responses: {
    ...REFUSALS,
    200: json(
      'Equally many values of each series, the latest last',
      z.object({
        intervalMs: z.int(),
        atMs: z.number().openapi({ description: 'Simulated ms since the start, of the latest' }),
        series: z.object(ofEach(z.array(value))),
      }),
    ),
  },
});

const rates = createRoute({
  method: 'get',
  path: '/rates',
  operationId: 'listRates',
  tags: ['guests'],
  summary: 'The latest rates of all guests, with the trend of their CPU; units as in guestHistory',
  request: { query: hostQuery },
  responses: {
    ...REFUSALS,
    200: json(
      'By host and UUID; guests that were not sampled yet are absent',
      z.array(z.object({ host: z.string(), uuid: z.string(), ...ofEach(value), trend: z.array(value) })),
    ),
  },
});

/** Routes that show what goes on inside of guests, now and over the last hour. */
export function insideRoutes(app: OpenAPIHono, { hypervisor, history: kept }: ControlContext): void {
  kept.start();
  const guestOf = guestFinder(hypervisor);
  app.openapi(details, (context) => {
    const domain = guestOf(context.req.valid('param'), context.req.valid('query'));
    const { process } = domain;
    if (!process) throw conflict(`guest ${domain.name} is shut off; start it to see what is inside`);
    return context.json(guestDetails(domain, process), 200);
  });
  app.openapi(history, (context) => {
    const domain = guestOf(context.req.valid('param'), context.req.valid('query'));
    const { intervalMs } = kept;
    const nothing = { intervalMs, atMs: hypervisor.clock.nowMs, series: ofEach([]) };
    return context.json(kept.of(domain) ?? nothing, 200);
  });
  app.openapi(rates, async (context) => {
    const { host } = context.req.valid('query');
    const hosts = host === undefined ? hypervisor.hosts : [findHost(hypervisor, host)];
    const rows = [];
    for (const { name, domains } of hosts) {
      // A copy: what was sampled is of several instants anyway, and others get their turn in between.
      for (const domain of [...domains]) {
        const latest = kept.latest(domain);
        if (!latest) continue;
        rows.push({ host: name, uuid: domain.uuid, ...latest, trend: kept.trend(domain, TREND) });
        if (rows.length % BATCH === 0) await setImmediate();
      }
    }
    return context.json(rows, 200);
  });
}
