import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LIBVIRT_STATS_MIB } from '../../agent/mib/generated/libvirt-stats-mib.ts';
import type { Notification } from '../../agent/notify/notification.ts';
import {
  lvsNotification,
  lvsNotificationsLost,
} from '../../agent/objects/libvirt-stats/notifications/index.ts';
import { notificationName } from '../../agent/objects/notifications.ts';
import { formatOid } from '../../agent/util/oid.ts';
import { PACKAGE_ROOT } from '../../agent/util/package-info.ts';
import { freePort } from '../support/free-port.ts';
import { convertMibs, hasSnmptt, SNMPTT_CONF } from '../support/gen-snmptt.ts';
import { describeWithNetSnmp, startTrapReceiver } from '../support/net-snmp.ts';
import { sampleEvents } from '../support/sample-events.ts';
import { sendTraps } from '../support/send-traps.ts';
import { snmpttIni } from '../support/snmptt-ini.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { Fleet, FURNISHED } from '../unit/emulation/fleet.ts';

const { notifications } = LIBVIRT_STATS_MIB;
type Name = keyof typeof notifications;

/** Like `describe`, for tests that need a tool: skipped with the reason without it, but an error under CI=true. */
function describeWith(missing: string | undefined, name: string, body: () => void): void {
  if (missing && process.env['CI'] === 'true') throw new Error(missing);
  if (missing) describe.skip(`${name}: ${missing}`, body);
  else describe(name, body);
}

/** A notification of each type, made of made-up events. */
function oneOfEach(): Map<string, Notification> {
  const fleet = new Fleet();
  const domain = fleet.define('web', FURNISHED);
  fleet.act(domain, 'start');
  const all = sampleEvents(fleet.one, domain).flatMap(
    (event) => lvsNotification(event, 12_345, { libvirtSnmp: false }) ?? [],
  );
  all.push(lvsNotificationsLost(fleet.one, 'noc', 17, 12_345));
  return new Map(all.map((notification) => [notificationName(notification), notification]));
}

const EACH = oneOfEach();

describeWithNetSnmp('snmptrapd', () => {
  it('knows each notification and its objects by name, with the names of numbers', async () => {
    const sink = await startTrapReceiver(await freePort(), '-m', '+LIBVIRT-STATS-MIB', '-OX');
    onTestFinished(() => sink.stop());
    for (const [name, notification] of EACH) {
      await sendTraps(sink.port, [notification]);
      await sink.until((lines) =>
        lines.some((line) => line.endsWith(`::${name}`) || line.includes(`::${name}\t`)),
      );
      const line = sink.lines.find((each) => each.includes(`LIBVIRT-STATS-MIB::${name}\t`))!;
      const varbinds = line.slice('TRAP|'.length).split('|').at(-1)!.split('\t').slice(2);
      const told = varbinds.map((each) => /^[\w-]+::(\w+)/.exec(each)?.[1]);
      expect(told, name).toEqual(notifications[name as Name].objects);
      expect(line).toMatch(/lvsEventSeverity\.0 = INTEGER: [a-z]+\(\d\)/);
      expect(line).toMatch(/lvsEventId\.0 = INTEGER: \w+\(-?\d+\)/);
      // What its module does not know would be shown so.
      expect(line).not.toMatch(/Wrong Type|Hex-STRING|enterprises\.\d|INTEGER: \d+(\t|$)/);
    }
  });

  it('takes the example configuration as it is', async () => {
    const file = join(PACKAGE_ROOT, 'config/dashboards/snmptrapd/snmptrapd.conf');
    const child = spawn('snmptrapd', ['-f', '-Lo', '-C', '-c', file, `udp:127.0.0.1:${await freePort()}`], {
      cwd: PACKAGE_ROOT,
      env: { ...process.env, MIBS: undefined, MIBDIRS: undefined, SNMPCONFPATH: '/nonexistent' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    await new Promise<void>((resolve) => {
      child.stdout.on('data', (chunk) => {
        said += chunk;
        if (said.includes('NET-SNMP version')) resolve();
      });
    });
    child.kill('SIGTERM');
    await ended;
    expect(said).not.toMatch(/Cannot find|Unknown|Warning|Error|Undefined|Unlinked/i);
  });
});

const noSnmptt = hasSnmptt() ? undefined : "snmptt's tools not found (Debian: snmptt)";
describeWith(noSnmptt, 'snmptt', () => {
  it('has what its own converter makes of the modules (npm run gen:snmptt writes it)', () => {
    expect(readFileSync(SNMPTT_CONF, 'utf8')).toBe(convertMibs());
  });

  it('translates each notification', async () => {
    const folder = temporaryFolder();
    const spool = join(folder, 'spool/');
    mkdirSync(spool);
    const log = join(folder, 'snmptt.log');
    const ini = join(folder, 'snmptt.ini');
    writeFileSync(ini, snmpttIni(spool, log));
    const conf = join(folder, 'snmptrapd.conf');
    writeFileSync(
      conf,
      `disableAuthorization yes\ntraphandle default ${which('snmptthandler')} --ini=${ini}\n`,
    );
    const sink = await startTrapReceiver(
      await freePort(),
      '-On',
      '-C',
      '-c',
      conf,
      '-m',
      '+LIBVIRT-STATS-MIB',
    );
    onTestFinished(() => sink.stop());
    for (const [name, notification] of EACH) {
      const before = sink.lines.length;
      await sendTraps(sink.port, [notification]);
      // The handler has run when the next one is printed.
      await sink.until((lines) => lines.length > before);
      expect(sink.lines[before], name).toContain(formatOid(notification.oid));
    }
    const snmptt = spawn('snmptt', ['--daemon', `--ini=${ini}`], { stdio: 'ignore' });
    const ended = new Promise((resolve) => snmptt.once('exit', resolve));
    const translated = () => (existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean) : []);
    while (translated().filter((line) => line.includes('36957.0.')).length < EACH.size) await setTimeout(50);
    snmptt.kill('SIGTERM');
    await ended;
    const lines = translated();
    for (const notification of EACH.values()) {
      const line = lines.find((each) => each.includes(`.${formatOid(notification.oid)} `));
      const text = notification.varbinds[3]!.value as string;
      expect(line).toContain(` - one: ${text} (`);
    }
  });
});

function which(tool: string): string {
  return spawnSync('which', [tool], { encoding: 'utf8' }).stdout.trim();
}
