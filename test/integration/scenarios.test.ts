import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { run } from '../../agent/cli/program.ts';
import { shippedScenarios } from '../../agent/cli/scenario-actions.ts';
import { loadScenario } from '../../agent/scenario/load.ts';
import { stepLine } from '../../agent/scenario/report.ts';
import { isPassed, type Result } from '../../agent/scenario/result.ts';
import { runScenario } from '../../agent/scenario/runner.ts';
import { LossyReceiver } from '../support/lossy-receiver.ts';
import { outcomes, runText, scenarioOf } from '../support/scenario.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { udpWalk } from '../support/udp-walk.ts';

const shipped = shippedScenarios().map((file) => [basename(file), file] as const);
const XML_TOOL = 'xmllint';
const hasXmllint = !spawnSync(XML_TOOL, ['--version']).error;
if (!hasXmllint && process.env['CI'] === 'true') throw new Error('xmllint not found (Debian: libxml2-utils)');
if (!hasXmllint)
  console.warn('skipped: XML is not read by xmllint, which is not found (Debian: libxml2-utils)');

const failures = ({ steps }: Result) =>
  steps.filter(({ outcome }) => outcome === 'refused' || outcome === 'not met').map(stepLine);

/** The file with other steps. */
function changed(
  file: string,
  change: (steps: Record<string, unknown>[]) => Record<string, unknown>[],
): string {
  const data = parse(readFileSync(file, 'utf8')) as { timeline: Record<string, unknown>[] };
  // A step keeps its time when those before it are left out.
  const times = loadScenario({ file, env: {} }).steps.map(({ atMs }) => `${atMs} ms`);
  const timed = data.timeline.map(({ after: _after, ...step }, i) => ({ ...step, at: times[i] }));
  return stringify({ ...data, timeline: change(timed) });
}

describe('the shipped scenarios', () => {
  it('are ten at least', () => expect(shipped.length).toBeGreaterThanOrEqual(10));

  it.each(shipped)('%s: everything that is expected comes true', async (_name, file) => {
    expect(failures(await runScenario(loadScenario({ file, env: {} })))).toEqual([]);
  });

  it.each(shipped)('%s: not without what is done', async (_name, file) => {
    const result = await runText(changed(file, (steps) => steps.filter((step) => step['do'] === undefined)));
    expect(isPassed(result)).toBe(false);
  });

  it('notice a fault on another guest', async () => {
    const file = shipped.find(([name]) => name === 'memory-leak.yaml')![1];
    const text = changed(file, (steps) => steps).replace(
      'kind: memory-leak\n        guest: shop-01',
      'kind: memory-leak\n        guest: shop-02',
    );
    expect(text).toContain('guest: shop-02\n        parameters');
    const result = await runText(text);
    expect(failures(result).join('\n')).toMatch(/never alarm guestOom of shop-02/);
    expect(failures(result).join('\n')).toMatch(/lvsGuestOomRaised|kernel kills the program/);
  });

  it('notice a fault that ends too early', async () => {
    const file = shipped.find(([name]) => name === 'uplink-down.yaml')![1];
    const result = await runText(
      changed(file, (steps) => steps).replace('durationMs: 300000', 'durationMs: 60000'),
    );
    expect(failures(result).join('\n')).toMatch(/nothing comes in/);
  });
});

describe('the same scenario', () => {
  /** The event log but for what lives in real time, and a walk at the end. */
  async function told(): Promise<{ log: string; walk: string }> {
    const file = shipped.find(([name]) => name === 'host-crash.yaml')![1];
    const log = join(temporaryFolder(), 'events.jsonl');
    const scenario = loadScenario({ file, env: {} });
    let walk = '';
    await runScenario(
      { ...scenario, config: { ...scenario.config, eventLog: { ...scenario.config.eventLog, file: log } } },
      {
        finished: async ({ hosts }) => {
          walk = (await udpWalk(hosts[0]!.local[0]!.port)).join('\n');
        },
      },
    );
    return { log: readFileSync(log, 'utf8').replace(/,"real":\{[^}]*\}/g, ''), walk };
  }

  it('gives the same events and the same walk, byte for byte', async () => {
    const [first, second] = [await told(), await told()];
    expect(first.log.split('\n').length).toBeGreaterThan(10);
    expect(second.log).toBe(first.log);
    expect(first.walk.length).toBeGreaterThan(10_000);
    expect(second.walk).toBe(first.walk);
  });
});

describe('a run', () => {
  const HEAD = `name: a test
config:
  inventory:
    list:
      - { name: web-01, memory: 512 MiB }
      - { name: web-02, memory: 512 MiB, state: shutoff }
`;

  it('goes on by the file: what stands before an action does not see what it does', async () => {
    const result = await runText(`${HEAD}timeline:
  - { at: 1 min, expect: { snmp: "lvsGuestState{guest=web-01} == running" } }
  - { do: { act: { guest: web-01, action: suspend } } }
  - { expect: { snmp: "lvsGuestState{guest=web-01} == paused" } }
  - { expect: { event: SUSPENDED/PAUSED, guest: web-01 } }
  - { expect: { snmp: "lvsGuestState{guest=web-01} == running" } }
`);
    expect(outcomes(result)).toEqual(['met', 'done', 'met', 'met', 'not met']);
  });

  it('tells what is refused, and goes on', async () => {
    const result = await runText(`${HEAD}timeline:
  - { do: { act: { guest: web-02, action: suspend } } }
  - { do: { act: { guest: web-*, action: resume } } }
  - { expect: { snmp: "count(lvsGuestState{guest=web-*}) == 2" } }
`);
    expect(outcomes(result)).toEqual(['refused', 'refused', 'met']);
    expect(result.steps[0]!.seen).toMatch(/web-02/);
    expect(isPassed(result)).toBe(false);
  });

  it('does with the cause scenario what the file says', async () => {
    const causes: string[] = [];
    await runText(`${HEAD}timeline:\n  - { at: 1 s, do: { act: { guest: web-01, action: destroy } } }\n`, {
      started: ({ hypervisor }) => hypervisor.onEvent(({ cause }) => causes.push(cause)),
    });
    expect(causes).toEqual(['scenario']);
  });

  it('knows what a receiver has acknowledged', async () => {
    const receiver = await LossyReceiver.open({ seed: 1 });
    const result = await runText(`${HEAD}  traps:
    destinations: [{ name: noc, host: 127.0.0.1, port: ${receiver.port}, type: inform }]
timeline:
  - { at: 1 s, do: { act: { guest: web-01, action: suspend } } }
  - { expect: { notification: lvsGuestSuspended, guest: web-01, to: noc, acknowledged: true, with: [lvsGuestState == paused, lvsEventId == 0] } }
  - { expect: { notification: libvirtGuestNotif, guest: web-01, with: libvirtGuestState == paused } }
  - { expect: { notification: lvsGuestSuspended, guest: web-01, with: lvsGuestState == running } }
  - { expect: { notification: lvsGuestSuspended, guest: web-02 } }
`);
    await receiver.close();
    expect(outcomes(result)).toEqual(['done', 'met', 'met', 'not met', 'not met']);
    expect(receiver.answers).toBeGreaterThan(0);
  });

  it('reads HTTP endpoints, its own among them', async () => {
    const server = createServer((_request, response) => {
      response.setHeader('Content-Type', 'application/json');
      response.end(
        '{"status":"success","data":{"alerts":[{"labels":{"alertname":"HighSteal"},"state":"firing"}]}}',
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/api/v1/alerts`;
    const result = await runText(`${HEAD}timeline:
  - { expect: { http: "${url}", json: ["data.alerts[*].labels.alertname == HighSteal", "data.alerts.length == 1"] } }
  - { expect: { http: "${url}", json: "data.alerts[0].state == pending" } }
  - { expect: { http: "${url}", status: 404 } }
  - { expect: { http: "{api}/guests/web-01", json: "state == RUNNING" } }
  - { expect: { http: "{api}/guests/web-02", json: "state == RUNNING" } }
  - { expect: { http: "{api}/guests/web-09", status: 404 } }
`);
    expect(outcomes(result)).toEqual(['met', 'not met', 'not met', 'met', 'not met', 'met']);
    expect(result.steps[1]!.seen).toBe('data.alerts[0].state is "firing"');
  });

  it('follows real time at a speed', async () => {
    const scenario = scenarioOf(
      `${HEAD}speed: 1000\ntimeline:\n  - { at: 100 s, expect: { snmp: "lvsHostBoots == 1" } }\n`,
    );
    let realMs = 5000;
    const reached: number[] = [];
    const result = await runScenario(
      scenario,
      { reached: (ms) => reached.push(ms) },
      {
        nowMs: () => realMs,
        sleep: async (ms) => {
          realMs += ms;
        },
      },
    );
    expect(outcomes(result)).toEqual(['met']);
    expect(realMs).toBe(5100);
    expect(reached).toEqual([20_000, 40_000, 60_000, 80_000, 100_000]);
  });
});

describe('virtsnmp scenario', () => {
  /** Runs a command in this process. */
  async function virtsnmp(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    const written = { stdout: '', stderr: '' };
    const spies = (['stdout', 'stderr'] as const).map((name) =>
      vi.spyOn(process[name], 'write').mockImplementation((text) => {
        written[name] += String(text);
        return true;
      }),
    );
    try {
      return { code: await run(args), ...written };
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
  }

  it('exits with 0, 1 and 2, and writes reports that XML tools read', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'some.yaml');
    const junit = join(folder, 'junit.xml');
    writeFileSync(
      file,
      'name: "<&> \\"quoted\\""\ntimeline:\n  - { name: "a < b & c", expect: { snmp: "lvsHostBoots == 2" } }\n  - { expect: { snmp: "lvsHostBoots == 1" } }\n',
    );
    const failed = await virtsnmp('scenario', 'run', file, '--junit', junit);
    expect(failed.code).toBe(1);
    expect(failed.stdout).toMatch(/FAILED: <&> "quoted" \(1 expectations met, 1 not met/);
    const xml = readFileSync(junit, 'utf8');
    expect(xml).toContain('<testsuites name="virtsnmp" tests="2" failures="1" errors="0">');
    if (hasXmllint)
      expect(spawnSync(XML_TOOL, ['--noout', junit], { encoding: 'utf8' })).toMatchObject({
        status: 0,
        stderr: '',
      });

    const json = await virtsnmp('scenario', 'run', file, '--json');
    expect(JSON.parse(json.stdout)).toMatchObject([
      { passed: false, steps: [{ outcome: 'not met' }, { outcome: 'met' }] },
    ]);

    writeFileSync(file, 'name: a\ntimeline: [{ expect: { snmp: "lvsHostBoots == 1" } }]\n');
    expect((await virtsnmp('scenario', 'run', file)).code).toBe(0);
    expect(await virtsnmp('scenario', 'check', file)).toMatchObject({
      code: 0,
      stdout: `${file}: 0 actions, 1 expectations\n`,
    });

    writeFileSync(file, 'name: a\ntimeline: [{ expect: { snmp: "lvsHostBots == 1" } }]\n');
    const wrong = await virtsnmp('scenario', 'check', file);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain(
      `${file}:2:30 timeline[0].expect.snmp: "lvsHostBots" is not an object that is served; did you mean lvsHostBoots?`,
    );
    expect((await virtsnmp('scenario', 'run', file)).code).toBe(2);
  });

  it('gives a log that can be scored', async () => {
    const folder = temporaryFolder();
    const log = join(folder, 'events.jsonl');
    const found = join(folder, 'found.csv');
    const leak = shipped.find(([name]) => name === 'memory-leak.yaml')![1];
    expect((await virtsnmp('scenario', 'run', leak, '--event-log', log)).code).toBe(0);
    writeFileSync(
      found,
      'name,guest,from,to\nguestOom,shop-01,2026-01-05T09:04:00Z,2026-01-05T09:08:30Z\nHighCpu,shop-02,2026-01-05T09:05:00Z,\n',
    );
    const scored = await virtsnmp('score', '--truth', log, '--detected', found, '--json');
    expect(JSON.parse(scored.stdout)).toMatchObject({
      all: { happened: 1, found: 1, recall: 1, precision: 0.5 },
      kinds: { 'memory-leak': { detectMs: { median: 60_000 }, clearMs: { median: 30_000 } } },
      false: [{ name: 'HighCpu', guest: 'shop-02' }],
    });
    expect((await virtsnmp('score', '--truth', found, '--detected', found)).code).toBe(2);
  });
});
