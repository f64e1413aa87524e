import { execFile } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { PACKAGE_ROOT } from '../../agent/util/package-info.ts';
import { isThere, Programs } from '../lab/programs.ts';
import { freePort } from '../support/free-port.ts';
import { virtsnmp } from '../support/own-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const GUIDE = join(PACKAGE_ROOT, 'docs', 'guides', 'first-dashboard.md');
const SHIPPED = 'config/dashboards/prometheus/prometheus.yml';
const missing = ['prometheus', 'promtool', 'prometheus-snmp-exporter', 'curl'].filter(
  (tool) => !isThere(tool),
);
const reason = `${missing.join(', ')} not found (Debian: prometheus, prometheus-snmp-exporter, curl)`;
if (missing.length > 0 && process.env['CI'] === 'true') throw new Error(reason);
if (missing.length > 0) console.warn(`skipped: the commands of the guide are not run: ${reason}`);

/** What a reader types, in order: the commands of blocks that are not marked as not run. */
function commands(): string[] {
  const text = readFileSync(GUIDE, 'utf8').replace(/<!-- not run -->\n```sh\n[\s\S]*?```/g, '');
  return Array.from(text.matchAll(/```sh\n([\s\S]*?)```/g), ([, block]) => block!.replace(/\\\n\s*/g, ''))
    .join('')
    .split('\n')
    .filter(Boolean);
}

const run = promisify(execFile);

/** Runs a command until it succeeds: a reader waits for the next scrape. */
async function succeeds(command: string): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    const result = await run('bash', ['-o', 'pipefail', '-c', command], { cwd: PACKAGE_ROOT }).catch(
      (error: { stdout: string; stderr: string }) => error,
    );
    if (!(result instanceof Error) && result.stdout.trim() !== '') return result.stdout;
    if (attempt === 500) throw new Error(`${command}:\n${result.stdout}${result.stderr}`);
    await setTimeout(200);
  }
}

it.skipIf(missing.length > 0)('the guide leads to a dashboard, command by command', async () => {
  const programs = new Programs();
  onTestFinished(() => programs[Symbol.asyncDispose]());
  const folder = temporaryFolder();
  const ports: Readonly<Record<string, number>> = {
    1161: await freePort(),
    8161: await freePort(),
    9116: await freePort(),
    9090: await freePort(),
  };
  // Other ports, for others may have those of the guide, and a scrape each second.
  const elsewhere = (text: string) =>
    Object.entries(ports).reduce((all, [from, to]) => all.replaceAll(`:${from}`, `:${to}`), text);
  const config = readFileSync(join(PACKAGE_ROOT, SHIPPED), 'utf8').replaceAll(
    /_interval: 15s/g,
    '_interval: 1s',
  );
  writeFileSync(join(folder, 'prometheus.yml'), elsewhere(config));
  copyFileSync(join(PACKAGE_ROOT, 'config/dashboards/prometheus/rules.yml'), join(folder, 'rules.yml'));

  const outputs: string[] = [];
  for (const command of commands()) {
    const [program, ...args] = elsewhere(command)
      .replace(SHIPPED, join(folder, 'prometheus.yml'))
      .replace('/tmp/virtsnmp-prometheus', join(folder, 'data'))
      .split(' ')
      .filter(Boolean);
    if (command === 'npm start') {
      // What it does once it is built.
      const port = String(ports[1161]);
      const api = `127.0.0.1:${ports[8161]}`;
      const served = virtsnmp(['serve', '--config', 'config/default.yaml', '--port', port, '--api', api]);
      await served.until(api);
    } else if (command.startsWith('prometheus')) programs.start(program!, args);
    else if (command.startsWith('node dist/main.js')) {
      const done = virtsnmp([...args.slice(1), '--url', `http://127.0.0.1:${ports[8161]}`]);
      expect(await done.exit, done.err()).toBe(0);
    } else outputs.push(await succeeds(elsewhere(command)));
  }
  expect(outputs).toEqual([
    expect.stringMatching(/^lvsGuestVcpus\{libvirtGuestName="\S+"\} \d/),
    expect.stringMatching(/lvsHostGuestsActive\{.*\} => \d+/),
    expect.stringMatching(/libvirtGuestName="db-01"\} => \d/),
    expect.stringContaining('guest.html?instance='),
    expect.stringMatching(/"alertname":"HostNicDown".*"lvsUplinkName":"\w+"/),
  ]);
});
