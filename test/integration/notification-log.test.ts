import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { describeWithNetSnmp, netSnmp, netSnmpEnv } from '../support/net-snmp.ts';
import { virtsnmp } from '../support/own-process.ts';
import { startDaemon, testConfig } from '../support/running-daemon.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const MODULES = `${netSnmpEnv.MIBS}:NOTIFICATION-LOG-MIB`;
const as = (community: string) => ['-v2c', '-c', community, '-m', MODULES];
/** The name of the default log as Net-SNMP writes it. */
const DEFAULT = '""';

/** A table as snmptable prints it, a list of cells for each row, with the index first. */
async function table(endpoint: string, name: string): Promise<string[][]> {
  const { lines } = await netSnmp('snmptable', ...as('public'), '-Ci', '-Cf', '|', endpoint, name);
  const heading = lines.findIndex((line) => line.startsWith('index|'));
  return lines.slice(heading + 1).map((line) => line.split('|'));
}

async function set(endpoint: string, ...bindings: string[]): Promise<string> {
  const { lines, stderr } = await netSnmp('snmpset', ...as('private'), endpoint, ...bindings);
  return stderr.match(/Reason: (.*)/)?.[1] ?? lines.join('\n');
}

async function get(endpoint: string, name: string): Promise<string> {
  const { lines } = await netSnmp('snmpget', ...as('public'), '-OqvU', endpoint, name);
  return lines.join('\n');
}

describeWithNetSnmp('NOTIFICATION-LOG-MIB', () => {
  it('tells a manager that was away what happened, in order and with names', async () => {
    const config = testConfig();
    const traps = { ...config.traps, families: ['libvirt'] as const };
    const { daemon, clock, endpoint } = await startDaemon({ ...config, traps });
    const domain = daemon.hypervisor.hosts[0]!.domains.at(0);
    clock.advanceTo(61_500);
    daemon.hypervisor.apply({ op: 'act', domain, action: 'suspend' });
    clock.advanceTo(90_000);
    daemon.hypervisor.apply({ op: 'act', domain, action: 'resume' });

    const rows = await table(endpoint, 'nlmLogTable');
    expect(rows.map(([index]) => index)).toEqual([`${DEFAULT}.1`, `${DEFAULT}.2`, `${DEFAULT}.3`]);
    const cells = rows.map((row) => row.slice(1));
    expect(cells.map(([time, date]) => [time, date])).toEqual([
      ['0:0:00:00.00', '2026-1-5,0:0:0.0,+0:0'],
      ['0:0:01:01.50', '2026-1-5,0:1:1.5,+0:0'],
      ['0:0:01:30.00', '2026-1-5,0:1:30.0,+0:0'],
    ]);
    const guest = 'LIBVIRT-MIB::libvirtGuestNotif';
    expect(cells.map((row) => row.at(-1))).toEqual(['SNMPv2-MIB::coldStart', guest, guest]);

    const walk = await netSnmp('snmpwalk', ...as('public'), '-OX', endpoint, 'nlmLogVariableTable');
    const second = walk.lines.filter((line) => line.includes('[STRING: ][2]'));
    const named = second.filter((line) => line.includes('nlmLogVariableID'));
    expect(named.map((line) => line.split(' = ')[1]!.replace(/\[.*/, ''))).toEqual([
      'OID: LIBVIRT-MIB::libvirtGuestName',
      'OID: LIBVIRT-MIB::libvirtGuestUUID',
      'OID: LIBVIRT-MIB::libvirtGuestState',
      'OID: LIBVIRT-MIB::libvirtGuestRowStatus',
    ]);
    const text = 'NOTIFICATION-LOG-MIB::nlmLogVariableOctetStringVal[STRING: ][2][1]';
    expect(second).toContain(`${text} = STRING: "${domain.name}"`);
    const values = second.filter((line) => line.includes('Integer32Val')).map((line) => line.split(': ')[2]);
    // A paused guest is an active one.
    expect(values).toEqual(['3', '1']);
  });

  it('lets managers have logs of their own, and bounds them', async () => {
    const { endpoint } = await startDaemon();
    const web = '"web"';
    const created = await set(
      endpoint,
      ...[`nlmConfigLogFilterName.${web}`, 's', 'everything'],
      ...[`nlmConfigLogEntryLimit.${web}`, 'u', '2'],
      ...[`nlmConfigLogEntryStatus.${web}`, 'i', 'createAndGo'],
    );
    expect(created).toContain('INTEGER: createAndGo(4)');
    for (let i = 0; i < 3; i++)
      await netSnmp('snmpget', '-v2c', '-c', 'nobody', '-r', '0', '-t', '0.1', endpoint, '1.3');
    const config = await table(endpoint, 'nlmConfigLogTable');
    expect(config.map((row) => row.slice(0, 5))).toEqual([
      [DEFAULT, 'everything', '0', 'enabled', 'operational'],
      [web, 'everything', '2', 'enabled', 'operational'],
    ]);
    expect(await table(endpoint, 'nlmStatsLogTable')).toEqual([
      [DEFAULT, '4 notifications', '0 notifications'],
      [web, '3 notifications', '1 notifications'],
    ]);
    expect((await table(endpoint, 'nlmLogTable')).map((row) => [row[0], row.at(-1)])).toEqual([
      [`${DEFAULT}.1`, 'SNMPv2-MIB::coldStart'],
      ...[2, 3, 4].map((index) => [`${DEFAULT}.${index}`, 'SNMPv2-MIB::authenticationFailure']),
      ...[2, 3].map((index) => [`${web}.${index}`, 'SNMPv2-MIB::authenticationFailure']),
    ]);
    expect(await set(endpoint, 'nlmConfigGlobalEntryLimit.0', 'u', '3')).toContain('Gauge32: 3');
    expect(await get(endpoint, 'nlmStatsGlobalNotificationsBumped.0')).toBe('4');
    expect(await set(endpoint, `nlmConfigLogEntryStatus.${DEFAULT}`, 'i', 'destroy')).toContain(
      'inconsistentValue',
    );
    expect(await set(endpoint, `nlmConfigLogEntryStatus.${web}`, 'i', 'destroy')).toContain('destroy(6)');
    expect(await table(endpoint, 'nlmLogTable')).toHaveLength(1);
  });

  it('keeps what it had over kill -9, and goes on where it was', async () => {
    const folder = temporaryFolder();
    const port = await freePort();
    const endpoint = `127.0.0.1:${port}`;
    const config = [
      `agent: { port: ${port} }`,
      'inventory: { guests: 1 }',
      'emulation: { speed: 0 }',
      'state: state',
    ];
    writeFileSync(join(folder, 'agent.yaml'), `${config.join('\n')}\n`);
    let sure = 0;
    for (const strangers of [3, 1, 4]) {
      const served = virtsnmp(['serve', '--config', join(folder, 'agent.yaml')]);
      await served.until(`guests on ${endpoint}`);
      const rows = await table(endpoint, 'nlmLogTable');
      expect(rows.map(([index]) => index)).toEqual(rows.map((_, i) => `${DEFAULT}.${i + 1}`));
      // Nothing that was seen is lost. Beside the new coldStart there is nothing more than was sent.
      expect(rows.length).toBe(sure + 1);
      expect(rows.slice(0, sure).every(([, time]) => time === '0:0:00:00.00')).toBe(true);
      expect(rows.at(-1)!.at(-1)).toBe('SNMPv2-MIB::coldStart');
      const before = Number(await get(endpoint, 'nlmStatsGlobalNotificationsLogged.0'));
      expect(before).toBe(1);
      for (let i = 0; i < strangers; i++)
        await netSnmp('snmpget', '-v2c', '-c', 'nobody', '-r', '0', '-t', '0.1', endpoint, '1.3');
      sure = (await table(endpoint, 'nlmLogTable')).length;
      expect(sure).toBe(rows.length + strangers);
      served.child.kill('SIGKILL');
      await served.exit;
    }
    expect(statSync(join(folder, 'state/host-1.notifications.journal')).mode & 0o777).toBe(0o600);
  });
});
