/**
 * `npm run lab`: other people's monitoring looks at a simulation in which everything goes wrong, and is asked whether it
 * has seen it.
 *
 * Debian's prometheus, prometheus-snmp-exporter, snmptrapd and snmptt, as far as they are found, run with the files of
 * config/dashboards in temporary folders on free ports of the loopback address. The simulation goes faster than real
 * time, so the rules' windows and holds are shorter by its speed; all else is as shipped.
 *
 * Exits with 0 when everything was seen, 1 when not, 2 when Prometheus or its exporter is missing.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadScenario } from '../../agent/scenario/load.ts';
import { runScenario } from '../../agent/scenario/runner.ts';
import { alertChecks, type Check, consoleChecks, panelChecks, targetChecks, trapChecks } from './checks.ts';
import { isThere, Programs } from './programs.ts';
import { startPrometheus } from './prometheus.ts';
import { alarmDestination, startReceiver } from './traps.ts';

const STORY = fileURLToPath(new URL('everything-at-once.yaml', import.meta.url));
/** Real ms from one scrape to the next: a window of two minutes holds four at the story's speed. */
const INTERVAL_MS = 1000;
const NEEDED = { prometheus: 'prometheus', 'prometheus-snmp-exporter': 'prometheus-snmp-exporter' };

/** Runs the story and returns what was seen of it. */
async function lab(folder: string): Promise<Check[]> {
  await using programs = new Programs();
  const scenario = loadScenario({ file: STORY, env: process.env });
  const speed = scenario.speed === 'max' ? 1 : scenario.speed;
  const receiver = await startReceiver(programs, folder);
  if (!receiver) console.log('snmptrapd is not found (Debian: snmptrapd): notifications are not looked at');
  const traps = { ...scenario.config.traps, destinations: receiver ? [alarmDestination(receiver.port)] : [] };
  const checks: Check[] = [];
  let started: Promise<Awaited<ReturnType<typeof startPrometheus>>> | undefined;
  let agent = '';
  const from = Date.now() / 1000;
  const result = await runScenario(
    { ...scenario, config: { ...scenario.config, traps } },
    {
      started: ({ hosts, controlUrls }) => {
        const { address, port } = hosts[0]!.local[0]!;
        agent = `${address}:${port}`;
        const metrics = new URL(controlUrls[0]!).host;
        started = startPrometheus(programs, { agent, metrics, speed, intervalMs: INTERVAL_MS, folder });
        // Whoever waits for it is told; meanwhile it is nobody's.
        started.catch(() => {});
      },
      finished: async () => {
        const prometheus = await started!;
        const span = { from, to: Date.now() / 1000, speed };
        checks.push(...(await targetChecks(prometheus, span)));
        checks.push(...(await alertChecks(prometheus, span)));
        checks.push(...(await panelChecks(prometheus, span)));
        checks.push(...(await consoleChecks(prometheus, agent)));
        if (receiver) checks.push(...trapChecks(receiver));
      },
    },
  );
  const refused = result.steps.filter(({ outcome }) => outcome === 'refused' || outcome === 'not met');
  checks.push({
    name: 'the story goes as it is written',
    met: refused.length === 0,
    seen: refused.map(({ seen }) => seen).join('; '),
  });
  return checks;
}

function report(checks: readonly Check[]): boolean {
  for (const { name, met, seen } of checks)
    console.log(`${met ? 'ok    ' : 'FAILED'}  ${name.padEnd(52)}  ${seen}`);
  const failed = checks.filter(({ met }) => !met).length;
  console.log(`${checks.length - failed} of ${checks.length} as it should be`);
  return failed === 0;
}

const missing = Object.entries(NEEDED).filter(([program]) => !isThere(program));
if (missing.length > 0) {
  console.error(`not found: apt install ${missing.map(([, debian]) => debian).join(' ')}`);
  process.exitCode = 2;
} else {
  const folder = mkdtempSync(join(tmpdir(), 'virtsnmp-lab-'));
  try {
    process.exitCode = report(await lab(folder)) ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
