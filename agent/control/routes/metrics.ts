import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { ControlContext } from '../context.ts';
import { findHost } from '../find.ts';
import { addDomain, addHost } from '../metrics.ts';
import { MetricsText } from '../prometheus-text.ts';
import { hostQuery, REFUSALS } from './common.ts';

const metrics = createRoute({
  method: 'get',
  path: '/metrics',
  operationId: 'metrics',
  tags: ['metrics'],
  summary: 'Prometheus metrics, by the names that exporters of libvirt use, and of the agent itself',
  request: { query: hostQuery },
  responses: {
    ...REFUSALS,
    200: { description: 'Text exposition format 0.0.4', content: { 'text/plain': { schema: z.string() } } },
  },
});

/** The route for Prometheus: all of it is of one instant, as a walk is. */
export function metricsRoutes(app: OpenAPIHono, { hypervisor, agentMetrics }: ControlContext): void {
  app.openapi(metrics, (context) => {
    const { host } = context.req.valid('query');
    const hosts = host === undefined ? hypervisor.hosts : [findHost(hypervisor, host)];
    const { epochMs, nowMs } = hypervisor.clock;
    const text = new MetricsText();
    for (const each of hosts) {
      addHost(text, each, nowMs);
      for (const domain of each.domains) addDomain(text, domain, epochMs);
    }
    agentMetrics(text);
    return context.text(text.toString(), 200, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' });
  });
}
