import { labelText, type MetricsText } from '../control/prometheus-text.ts';
import type { SnmpCounters } from '../message/counters.ts';

/** Whose figures are told. */
interface Served {
  readonly host: { readonly name: string };
  readonly counters: SnmpCounters;
}

/** The names of the counters of SNMPv2-MIB and their like, as Prometheus has names. */
function metricName(counter: string): string {
  return `virtsnmp_${counter.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}_total`;
}

/** What each host's agent has received, sent and dropped, and what the process takes. */
export function addAgentMetrics(text: MetricsText, agents: Iterable<Served>): void {
  for (const { host, counters } of agents) {
    const labels = labelText({ host: host.name });
    for (const [counter, value] of Object.entries(counters)) {
      text.add(metricName(counter), 'counter', `The agent's counter ${counter}`, labels, value);
    }
  }
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  text.add('process_cpu_seconds_total', 'counter', 'CPU time of the program', '', (user + system) / 1e6);
  text.add('process_resident_memory_bytes', 'gauge', 'Memory of the program that is resident', '', rss);
  text.add('nodejs_heap_size_used_bytes', 'gauge', "Node's heap that is in use", '', heapUsed);
}
