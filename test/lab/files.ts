import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

/** Where the dashboards, rules and modules of exporters stand that come with the program. */
export const DASHBOARDS = fileURLToPath(new URL('../../config/dashboards/', import.meta.url));

/** An alert of Prometheus, or a series that it records. */
export interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: { readonly alarm: string; readonly severity: string };
  readonly annotations?: { readonly summary: string };
}

interface Rules {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}

/** The shipped rules, by group. */
export function shippedRules(): Rules {
  return parse(readFileSync(`${DASHBOARDS}prometheus/rules.yml`, 'utf8')) as Rules;
}

/** Names of the series that the modules for snmp_exporter give. */
export function exporterMetrics(): Set<string> {
  const { modules } = parse(readFileSync(`${DASHBOARDS}snmp_exporter/snmp.yml`, 'utf8')) as {
    modules: Record<string, { metrics: { name: string; type: string }[] }>;
  };
  const metrics = Object.values(modules).flatMap((module) => module.metrics);
  return new Set(metrics.map(({ name, type }) => (type === 'EnumAsInfo' ? `${name}_info` : name)));
}
