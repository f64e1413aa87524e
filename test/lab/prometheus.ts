import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { freePort } from '../support/free-port.ts';
import { DASHBOARDS, shippedRules } from './files.ts';
import { answers, type Programs } from './programs.ts';
import { faster, fasterSpan } from './promql.ts';

/** What Prometheus and its exporter are to look at, and how. */
export interface Watched {
  /** Address and UDP port of the agent. */
  readonly agent: string;
  /** Address and TCP port of its control API. */
  readonly metrics: string;
  /** Simulated seconds for each real second: rules and windows get so much shorter. */
  readonly speed: number;
  /** Real ms from one scrape to the next. */
  readonly intervalMs: number;
  /** An empty folder. */
  readonly folder: string;
}

interface ScrapeConfig {
  readonly job_name: string;
  readonly static_configs: readonly { readonly targets: readonly string[] }[];
  readonly relabel_configs?: readonly { readonly target_label: string; readonly replacement?: string }[];
}

/** One series of an answer: its labels, and pairs of a time in seconds and a value. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [time: number, value: string])[];
}

/** Starts snmp_exporter and Prometheus with the shipped files; only addresses and times are other ones. */
export async function startPrometheus(programs: Programs, watched: Watched): Promise<Prometheus> {
  const { folder, speed } = watched;
  const exporter = `127.0.0.1:${await freePort()}`;
  const printed = programs.start('prometheus-snmp-exporter', [
    `--config.file=${join(DASHBOARDS, 'snmp_exporter', 'snmp-0.21.yml')}`,
    `--web.listen-address=${exporter}`,
  ]);
  await answers(`http://${exporter}/`, printed);

  const shipped = join(DASHBOARDS, 'prometheus');
  const config = parse(readFileSync(join(shipped, 'prometheus.yml'), 'utf8')) as {
    scrape_configs: ScrapeConfig[];
  };
  const interval = `${watched.intervalMs}ms`;
  const global = { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval };
  const scrape_configs = config.scrape_configs.map((scrape) => scrapeOf(scrape, watched, exporter));
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'rules.yml'), stringify(rulesAt(speed)));
  writeFileSync(
    join(folder, 'prometheus.yml'),
    stringify({ ...config, global, scrape_configs }, { aliasDuplicateObjects: false }),
  );
  for (const part of ['consoles', 'console_libraries'])
    if (existsSync(join(shipped, part))) cpSync(join(shipped, part), join(folder, part), { recursive: true });
  const address = `127.0.0.1:${await freePort()}`;
  const log = programs.start('prometheus', [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${address}`,
    `--web.console.templates=${join(folder, 'consoles')}`,
    `--web.console.libraries=${join(folder, 'console_libraries')}`,
  ]);
  await answers(`http://${address}/-/ready`, log);
  return new Prometheus(`http://${address}`);
}

/** The shipped rules with windows and holds that are shorter by the speed. */
function rulesAt(speed: number): unknown {
  const groups = shippedRules().groups.map(({ name, rules }) => ({
    name,
    rules: rules.map((rule) => ({
      ...rule,
      expr: faster(rule.expr, speed),
      ...(rule.for !== undefined && { for: fasterSpan(rule.for, speed) }),
    })),
  }));
  return { groups };
}

function scrapeOf(scrape: ScrapeConfig, { agent, metrics }: Watched, exporter: string): ScrapeConfig {
  const { relabel_configs } = scrape;
  if (relabel_configs === undefined) return { ...scrape, static_configs: [{ targets: [metrics] }] };
  return {
    ...scrape,
    static_configs: [{ targets: [agent] }],
    relabel_configs: relabel_configs.map((rule) =>
      rule.replacement === undefined ? rule : { ...rule, replacement: exporter },
    ),
  };
}

/** A running Prometheus. */
export class Prometheus {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  /** All values of an expression between two dates in seconds, one each second. Throws what it says when it is wrong. */
  async range(expr: string, from: number, to: number): Promise<readonly Series[]> {
    const query = new URLSearchParams({ query: expr, start: String(from), end: String(to), step: '1' });
    const response = await fetch(`${this.url}/api/v1/query_range`, { method: 'POST', body: query });
    const { data, error } = (await response.json()) as { data?: { result: Series[] }; error?: string };
    if (!data) throw new Error(`${expr}: ${error}`);
    return data.result;
  }
}
