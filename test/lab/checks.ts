import { setTimeout } from 'node:timers/promises';
import { shippedRules } from './files.ts';
import { consoleFiles, filled, grafanaQueries } from './panels.ts';
import type { Prometheus } from './prometheus.ts';
import { faster } from './promql.ts';
import { ALARM_NOTIFICATIONS, type Receiver } from './traps.ts';

/** What became of one thing that was looked at. */
export interface Check {
  readonly name: string;
  readonly met: boolean;
  readonly seen: string;
}

/** When the run was, in real seconds since 1970, and how fast. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly speed: number;
}

/** Whom each alert must be about; those of the host are about none. */
const ABOUT: Readonly<Record<string, string>> = {
  StealHigh: 'batch',
  GuestOom: 'leaky',
  ContainerOom: 'ct-leak',
  ContainerThrottled: 'ct-api',
  QueueDrops: 'proxy',
  MonitorHung: 'hung',
  DisplayGuestBug: 'desktop',
  GuestCrashed: 'panicky',
  DiskError: 'disky',
  AgentLost: 'agentless',
  MemoryFailure: 'dimm',
};

/** Of the scrapes of a target, what must have come in time: the machine has other things to do, too. */
const SCRAPED = 0.5;

/** Whether each target was scraped. */
export async function targetChecks(prometheus: Prometheus, { from, to }: Span): Promise<Check[]> {
  const targets = await prometheus.range('up', from, to);
  return targets.map(({ metric, values }) => {
    const share = values.filter(([, up]) => up === '1').length / values.length;
    const seen = `${Math.round(100 * share)} % of ${values.length} scrapes`;
    return { name: `scrapes of ${metric['job']}`, met: share >= SCRAPED, seen };
  });
}

/** Whether each alert fired for whom it should, and was over at the end. */
export async function alertChecks(prometheus: Prometheus, { from, to }: Span): Promise<Check[]> {
  const fired = await prometheus.range('ALERTS{alertstate="firing"}', from, to);
  const alerts = shippedRules().groups.flatMap(({ rules }) => rules.flatMap(({ alert }) => alert ?? []));
  return alerts.map((alert) => {
    const all = fired.filter(({ metric }) => metric['alertname'] === alert);
    const whom = ABOUT[alert];
    const right = all.some(({ metric }) => metric['libvirtGuestName'] === whom);
    const times = all.flatMap(({ values }) => values.map(([time]) => time));
    const first = Math.min(...times) - from;
    const last = Math.max(...times);
    const over = last < to - 1;
    const others = new Set(all.map(({ metric }) => metric['libvirtGuestName'] ?? 'the host'));
    const seen = right
      ? `of ${[...others].join(', ')}, after ${first.toFixed(0)} s${over ? `, until ${(last - from).toFixed(0)} s` : ', and still'}`
      : `never of ${whom ?? 'the host'}`;
    return { name: `alert ${alert}`, met: right && over, seen };
  });
}

/** Whether each query of each dashboard had data at some time. */
export async function panelChecks(prometheus: Prometheus, { from, to, speed }: Span): Promise<Check[]> {
  const checks: Check[] = [];
  for (const { where, expr } of grafanaQueries()) {
    const query = faster(filled(expr), speed);
    const result = await prometheus.range(query, from, to).catch((error: Error) => error);
    const met = !(result instanceof Error) && result.length > 0;
    const seen =
      result instanceof Error ? result.message : met ? `${result.length} series` : `nothing: ${query}`;
    checks.push({ name: `panel ${where}`, met, seen });
  }
  return checks;
}

/** Whether each console template is filled in without an error, and with data. */
export async function consoleChecks(prometheus: Prometheus, agent: string): Promise<Check[]> {
  const checks: Check[] = [];
  for (const file of consoleFiles()) {
    const name = file.slice(file.lastIndexOf('/') + 1);
    let text = '';
    let met = false;
    // A scrape that came too late leaves a gap, which the next one ends.
    for (let attempt = 0; attempt < 20 && !met; attempt++) {
      if (attempt > 0) await setTimeout(500);
      const response = await fetch(`${prometheus.url}/consoles/${name}?instance=${agent}&guest=web-01`);
      text = bodyOf(await response.text());
      met = response.ok && /web-01.* running|: running/.test(text) && !/error|&lt;no value/i.test(text);
    }
    checks.push({ name: `console ${name}`, met, seen: met ? 'shows the guest' : text.slice(0, 300) });
  }
  return checks;
}

/** What a page shows, without markup and scripts. */
function bodyOf(html: string): string {
  return html
    .replace(/<script[\s\S]*?<\/script>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');
}

/** Whether a receiver was told of each alarm, when it was raised and when it was cleared. */
export function trapChecks(receiver: Receiver): Check[] {
  const lines = receiver.lines();
  return ALARM_NOTIFICATIONS.map(({ name, oid }) => {
    const known = new RegExp(`\\.${oid.join('\\.')}\\b(?!\\.)`);
    const count = lines.filter((line) => known.test(line)).length;
    return { name: `notification ${name}`, met: count > 0, seen: `${count} by ${receiver.by}` };
  });
}
