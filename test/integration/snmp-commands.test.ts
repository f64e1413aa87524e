import { readdirSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Manager } from '../../agent/cli/snmp/manager.ts';
import { nameText } from '../../agent/cli/snmp/name-text.ts';
import { type OutputOptions, readOutputOptions } from '../../agent/cli/snmp/output-options.ts';
import { varbindText } from '../../agent/cli/snmp/value-text.ts';
import type { ReadVarbind } from '../../agent/cli/snmp/varbind.ts';
import { VERSION } from '../../agent/message/constants.ts';
import { mibFolders } from '../../agent/util/package-info.ts';
import { command } from '../support/control-daemon.ts';
import { freePort } from '../support/free-port.ts';
import { describeWithNetSnmp, netSnmp } from '../support/net-snmp.ts';
import { virtsnmp } from '../support/own-process.ts';
import { DESTINATION, startDaemon, testConfig } from '../support/running-daemon.ts';

const MODULES = ['SNMPv2-MIB', ...readdirSync(mibFolders()[0]).map((file) => file.replace(/\.txt$/, ''))];
const LETTERS = ['', 'n', 'b', 'e', 's', 'q', 'Q', 't', 'U', 'x', 'v', 'qv'];
const PLAIN = readOutputOptions('s') as OutputOptions;

/** What counts the requests themselves, or goes by real time: different at each asking. */
const MOVING = /^(?:snmp(?:In|Out)\w+|snmpEngineTime|usmStats\w+)\.0$/;

/** A fleet with something of each module, which stands still, and a community that may see all of it. */
async function agent() {
  const config = testConfig({ guests: 12 });
  const started = await startDaemon({
    ...config,
    communities: [{ ...config.communities[0]!, name: 'public', access: 'admin' }],
    traps: { ...config.traps, destinations: [{ ...DESTINATION, port: await freePort() }] },
  });
  started.clock.advanceTo(30_000);
  return started;
}

/** Everything that an agent has, as the commands read it. */
async function everything(port: number): Promise<ReadVarbind[]> {
  const manager = await Manager.open({
    host: '127.0.0.1',
    port,
    timeoutMs: 20_000,
    retries: 0,
    security: { version: VERSION.V2C, community: 'public' },
  });
  const all: ReadVarbind[] = [];
  for await (const portion of manager.walk([1], 25)) all.push(...portion);
  manager.close();
  return all;
}

describeWithNetSnmp('the commands that ask agents', () => {
  it('print a whole tree as snmpbulkwalk does, with each option', async () => {
    const { port } = await agent();
    const all = await everything(port);
    expect(all.length).toBeGreaterThan(3000);
    for (const letters of LETTERS) {
      const { lines } = await netSnmp(
        'snmpbulkwalk',
        ...['-v2c', '-c', 'public', '-t', '20', '-r', '0', '-m', MODULES.join(':')],
        ...(letters === '' ? [] : [`-O${letters}`]),
        ...[`127.0.0.1:${port}`, '.1'],
      );
      const different: string[] = [];
      let at = 0;
      for (const varbind of all) {
        const own = varbindText(varbind, readOutputOptions(letters) as OutputOptions).split('\n');
        // The tools' lines are told without those that are empty.
        const told = own.filter((line) => line !== '');
        const theirs = lines.slice(at, at + told.length);
        at += told.length;
        if (MOVING.test(nameText(varbind.oid, PLAIN))) continue;
        if (told.join('\n') !== theirs.join('\n'))
          different.push(`- ${theirs.join('\n')}\n+ ${told.join('\n')}`);
      }
      expect(different.slice(0, 5), `-O${letters}`).toEqual([]);
      expect(at).toBe(lines.length);
    }
  });

  it('get, set and walk as processes of their own, in each version', async () => {
    const { endpoint } = await agent();
    const run = (...args: string[]) => command('http://127.0.0.1:1', {}, ...args);
    const got = await run('get', endpoint, 'sysName.0', '-v', '1', '-t', '20');
    expect(got).toEqual({ code: 0, out: 'SNMPv2-MIB::sysName.0 = STRING: host-1\n', err: '' });
    const set = await run('set', endpoint, 'snmpEnableAuthenTraps.0', '=', 'disabled', '-t', '20');
    expect(set).toMatchObject({ code: 0, out: expect.stringContaining('INTEGER: disabled(2)') });
    const refused = await run('set', endpoint, 'sysDescr.0', '=', 'x', '-t', '20');
    expect(refused).toMatchObject({ code: 5, err: 'virtsnmp: the agent answers NotWritable\n' });
    const missing = await run('get', endpoint, 'sysName.7', '--json', '-t', '20');
    expect(missing.code).toBe(4);
    expect(JSON.parse(missing.out)).toMatchObject([
      { name: 'SNMPv2-MIB::sysName.7', type: 'noSuchInstance' },
    ]);
    const walked = await run('walk', endpoint, 'sysORTable', '-Oqv', '-t', '20');
    expect(walked.out.split('\n')).toContain('SNMPv2-MIB::snmpMIB');
  });
});

describeWithNetSnmp('trapd', () => {
  it('prints notifications of each version, and acknowledges informs', async () => {
    const trapd = virtsnmp(
      [
        'trapd',
        '--port',
        '0',
        '--count',
        '5',
        '-u',
        'watcher',
        '-l',
        'authPriv',
        '-a',
        'SHA-256',
        '-x',
        'AES',
      ],
      { VIRTSNMP_AUTH_PASSWORD: 'authpassword', VIRTSNMP_PRIV_PASSWORD: 'privpassword' },
    );
    await trapd.until('are received on');
    const to = /received on (\S+)/.exec(trapd.err())![1]!;
    const warm = ['5', 'SNMPv2-MIB::warmStart', 'SNMPv2-MIB::sysName.0', 's', 'hello'];
    const user = ['-v3', '-u', 'watcher', '-l', 'authPriv', '-a', 'SHA-256', '-A', 'authpassword'];
    const privacy = ['-x', 'AES', '-X', 'privpassword'];
    for (const [tool, ...args] of [
      ['snmptrap', '-v1', '-c', 'public', to, '1.3.6.1.4.1.36957', '192.0.2.9', '6', '1', '123'],
      ['snmptrap', '-v2c', '-c', 'public', to, ...warm],
      ['snmpinform', '-v2c', '-c', 'public', '-t', '20', to, ...warm],
      ['snmptrap', ...user, ...privacy, '-e', '0x8000000001020304', to, ...warm],
      ['snmpinform', ...user, ...privacy, '-t', '20', to, ...warm],
    ] as const)
      expect((await netSnmp(tool!, ...args)).status, `${tool} ${args.join(' ')}`).toBe(0);
    expect(await trapd.exit).toBe(0);
    const out = trapd.out().replace(/127\.0\.0\.1:\d+/g, 'SENDER');
    const variables = [
      // DISMAN-EVENT-MIB names the instance, and Net-SNMP's tools prefer that name.
      '  DISMAN-EVENT-MIB::sysUpTimeInstance = Timeticks: (5) 0:00:00.05',
      '  SNMPv2-MIB::snmpTrapOID.0 = OID: SNMPv2-MIB::warmStart',
      '  SNMPv2-MIB::sysName.0 = STRING: hello',
    ];
    expect(out.trimEnd().split('\n')).toEqual([
      'SENDER v1 trap LIBVIRT-MIB::libvirtGuestNotif enterprise LIBVIRT-MIB::libvirtMIB agent 192.0.2.9 uptime 123',
      ...['v2c trap', 'v2c inform', 'v3 trap', 'v3 inform'].flatMap((kind) => [
        `SENDER ${kind} SNMPv2-MIB::warmStart`,
        ...variables,
      ]),
    ]);
  });

  it('is a receiver for the agent itself', async () => {
    const trapd = virtsnmp(['trapd', '--port', '0', '--count', '1', '--json']);
    await trapd.until('are received on');
    const port = Number(/received on \S+:(\d+)/.exec(trapd.err())![1]);
    const config = testConfig();
    const destination = { ...DESTINATION, port, type: 'inform' as const };
    const { daemon } = await startDaemon({
      ...config,
      traps: { ...config.traps, destinations: [destination] },
    });
    onTestFinished(() => daemon.stop());
    expect(await trapd.exit).toBe(0);
    expect(JSON.parse(trapd.out())).toMatchObject({
      version: 'v2c',
      kind: 'inform',
      name: 'SNMPv2-MIB::coldStart',
      oid: '1.3.6.1.6.3.1.1.5.1',
    });
  });
});

describe('a walk', () => {
  it('says where nobody answers', async () => {
    const { code, err } = await command(
      'http://127.0.0.1:1',
      {},
      'walk',
      `127.0.0.1:${await freePort()}`,
      '-t',
      '0.1',
      '-r',
      '0',
    );
    expect(code).toBe(3);
    expect(err).toContain('virtsnmp doctor');
  });
});
