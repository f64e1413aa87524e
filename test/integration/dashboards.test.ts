import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { createSimulation } from '../../agent/library/simulation.ts';
import { exporterMetrics, shippedRules } from '../lab/files.ts';
import { consoleFiles, filled, grafanaFiles, grafanaQueries } from '../lab/panels.ts';
import { metricNames } from '../lab/promql.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const hasTool = !spawnSync('promtool', ['--version']).error;
if (!hasTool && process.env['CI'] === 'true') throw new Error('promtool not found (Debian: prometheus)');
if (!hasTool) console.warn('skipped: queries are not read by promtool, which is not found');

/** What Prometheus and snmp_exporter add of themselves. */
const BESIDES = ['up', 'ALERTS', 'snmp_scrape_duration_seconds', 'snmp_scrape_pdus_returned'];

/** Names that a dashboard may ask for. */
async function knownMetrics(): Promise<Set<string>> {
  await using simulation = await createSimulation();
  const text = String(await simulation.api('GET', '/metrics'));
  const own = Array.from(text.matchAll(/^# TYPE (\S+)/gm), ([, name]) => name!);
  const recorded = shippedRules().groups.flatMap(({ rules }) => rules.flatMap(({ record }) => record ?? []));
  return new Set([...exporterMetrics(), ...own, ...recorded, ...BESIDES]);
}

const queries = grafanaQueries();

/** The expressions of a console template, with a value in each place that is filled in. */
function consoleQueries(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const literals = Array.from(text.matchAll(/"((?:[^"\\]|\\.)*)"/g), ([, literal]) => literal!);
  return literals
    .filter((literal) => /lvs|libvirt:/.test(literal))
    .map((literal) => literal.replace(/%s/g, "a='b'"));
}

describe('the dashboards', () => {
  it('are six for Grafana, each with an identity of its own', () => {
    const all = grafanaFiles().map((file) => ({ file, ...JSON.parse(readFileSync(file, 'utf8')) }));
    expect(all.length).toBe(6);
    for (const { file, uid, panels } of all) {
      expect(basename(file)).toBe(`${uid}.json`);
      expect(new Set(panels.map(({ id }: { id: number }) => id)).size).toBe(panels.length);
    }
    expect(queries.length).toBeGreaterThan(70);
  });

  it.skipIf(!hasTool)('have queries that Prometheus can read', () => {
    const file = join(temporaryFolder(), 'queries.yml');
    const consoles = consoleFiles()
      .flatMap(consoleQueries)
      .filter((query) => !/a='b'.*a='b'='|='a='b''/.test(query));
    expect(consoles.length).toBeGreaterThan(10);
    const all = [...queries.map(({ expr }) => filled(expr)), ...consoles];
    const rules = all.map((expr, i) => ({ record: `query_${i}`, expr }));
    writeFileSync(file, stringify({ groups: [{ name: 'queries', rules }] }));
    const { status, stderr } = spawnSync('promtool', ['check', 'rules', file], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  it('ask for what snmp_exporter, /metrics or a rule gives', async () => {
    const known = await knownMetrics();
    for (const { where, expr } of queries)
      for (const name of metricNames(filled(expr))) expect(known.has(name), `${where}: ${name}`).toBe(true);
    for (const file of consoleFiles())
      for (const [name] of readFileSync(file, 'utf8').matchAll(
        /(?<!\.Labels\.)\b(?:lvs\w+|libvirt:[\w:]+)(?=\{|")/g,
      ))
        expect(known.has(name), `${basename(file)}: ${name}`).toBe(true);
  });
});
