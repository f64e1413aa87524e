import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ALARM_DEFINITIONS, type AlarmDefinition } from '../../agent/emulation/alarm/definitions.ts';
import { DASHBOARDS, exporterMetrics, shippedRules } from '../lab/files.ts';
import { durationMs, metricNames } from '../lab/promql.ts';

const FOLDER = join(DASHBOARDS, 'prometheus');
const hasTool = !spawnSync('promtool', ['--version']).error;
if (!hasTool && process.env['CI'] === 'true') throw new Error('promtool not found (Debian: prometheus)');
if (!hasTool) console.warn('skipped: the rules are not tested by promtool, which is not found');

function promtool(...args: string[]) {
  const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: FOLDER, encoding: 'utf8' });
  return { status, text: stdout + stderr };
}

const rules = shippedRules().groups.flatMap((group) => group.rules);
const alerts = rules.filter(({ alert }) => alert !== undefined);
const recorded = new Map(rules.map(({ record, expr }) => [record, expr]));

describe('the rules for Prometheus', () => {
  it.skipIf(!hasTool)('are accepted by promtool', () => {
    expect(promtool('check', 'rules', 'rules.yml')).toMatchObject({ status: 0 });
    expect(promtool('check', 'config', 'prometheus.yml')).toMatchObject({ status: 0 });
  });

  it.skipIf(!hasTool)('raise and clear what their tests say', () => {
    expect(promtool('test', 'rules', 'rules-test.yml').text).toMatch(/SUCCESS/);
  });

  it('have a test for each alert: not before, then, and not any more', () => {
    const { tests } = parse(readFileSync(join(FOLDER, 'rules-test.yml'), 'utf8')) as {
      tests: { name: string; alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[];
    };
    expect(tests.map(({ name }) => name)).toEqual(alerts.map(({ alert }) => alert));
    for (const { name, alert_rule_test: looks } of tests) {
      expect(looks.map(({ alertname }) => alertname)).toEqual([name, name, name]);
      expect(looks.map(({ exp_alerts: { length } }) => length)).toEqual([0, 1, 0]);
    }
  });

  it('have an alert for each kind of alarm, in the order of the kinds', () => {
    expect(alerts.map(({ labels }) => labels?.alarm)).toEqual(Object.keys(ALARM_DEFINITIONS));
  });

  it.each(
    Object.entries(ALARM_DEFINITIONS as Record<string, AlarmDefinition>),
  )('%s: severity, threshold and times are those of the alarm', (kind, definition) => {
    const { expr, labels, for: hold = '0s' } = alerts.find((rule) => rule.labels?.alarm === kind)!;
    expect(labels?.severity).toBe(definition.severity);
    const spans = Array.from(expr.matchAll(/\[(.*?)\]/g), ([, span]) => durationMs(span!) / 1000);
    if (definition.rule === 'occurrence') expect(spans).toContain(definition.quietSeconds);
    else expect(durationMs(hold) / 1000).toBe(definition.holdSeconds);
    if (definition.rule === 'level' && kind !== 'sensorOutOfRange')
      expect(Number(/>= ([\d.]+)/.exec(expr)![1]) * 100).toBeCloseTo(definition.raise);
  });

  it('ask for what the exporter or another rule gives', () => {
    const known = exporterMetrics();
    for (const { expr } of rules)
      for (const name of metricNames(expr)) expect(known.has(name) || recorded.has(name), name).toBe(true);
    expect(metricNames('sum by (a) (rate(x_total{b="c"}[5m])) / on (d) group_left () y:z or w')).toEqual([
      'x_total',
      'y:z',
      'w',
    ]);
  });
});
