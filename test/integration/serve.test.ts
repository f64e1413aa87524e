import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { UdpSocket } from '../../agent/transport/udp.ts';
import { silentLogger } from '../../agent/util/logger.ts';
import { freePort } from '../support/free-port.ts';
import { describeWithNetSnmp, netSnmp } from '../support/net-snmp.ts';
import { virtsnmp } from '../support/own-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = resolve(import.meta.dirname, '../..');

describe('virtsnmp serve', () => {
  it('says what it serves and what to copy, and stops cleanly at SIGTERM', async () => {
    const port = await freePort();
    const served = virtsnmp(['serve', '--config', 'config/default.yaml', '--port', String(port)]);
    await served.until('snmptrapd');
    expect(served.out()).toContain(`host-1: 12 guests on 127.0.0.1:${port}`);
    expect(served.out()).toMatch(/export MIBDIRS=\S*mibs:\S*net-snmp\S*mibs MIBS=SNMPv2-MIB:LIBVIRT-MIB/);
    expect(served.out()).toContain(`snmptable -v2c -c public -Cib -OX 127.0.0.1:${port} libvirtGuestTable`);
    expect(served.out()).toContain(`snmpset -v2c -c private 127.0.0.1:${port} libvirtGuestState.`);
    served.child.kill('SIGTERM');
    expect(await served.exit).toBe(0);
  });

  it('stops with npm start, whose shell keeps the signal to itself', async () => {
    const command = `"${process.execPath}" --import tsx agent/main.ts serve --port 0 --api off; true`;
    const shell = spawn('sh', ['-c', command], {
      cwd: root,
      env: { ...process.env, npm_lifecycle_event: 'start' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let told = '';
    shell.stderr.on('data', (chunk) => {
      told += chunk;
    });
    const up = once(shell.stdout, 'data');
    // The pipes close when the last process that has them is gone.
    const ended = once(shell, 'close');
    await up;
    shell.kill('SIGTERM');
    await ended;
    expect(told).toContain('virtsnmp: stopped by SIGTERM');
  });

  it('says in one line that a port is in use, and exits with 1', async () => {
    const taken = await UdpSocket.open({ address: '127.0.0.1', port: 0, logger: silentLogger });
    onTestFinished(() => taken.close());
    const { port } = taken.local;
    const served = virtsnmp(['serve', '--port', String(port)]);
    expect(await served.exit).toBe(1);
    expect(served.err()).toBe(
      `virtsnmp: 127.0.0.1:${port} is in use by another program: stop it, or choose another port with --port\n`,
    );
  });

  it('refuses a state folder that another one uses, and names its process', async () => {
    const state = temporaryFolder();
    const flags = ['serve', '--port', '0', '--state', state];
    const first = virtsnmp(flags);
    await first.until('host-1:');
    const second = virtsnmp(flags);
    expect(await second.exit).toBe(1);
    expect(second.err()).toBe(
      `virtsnmp: the state folder ${state} is in use by process ${first.child.pid}: ` +
        'stop that one first, or give this one a folder of its own\n',
    );
    first.child.kill('SIGKILL');
    await first.exit;
    const third = virtsnmp(flags);
    await third.until('host-1:');
    third.child.kill('SIGTERM');
    expect(await third.exit).toBe(0);
    expect(readdirSync(state).filter((name) => name.startsWith('in-use'))).toEqual([]);
  });

  it('names file, line and column of what is wrong in the configuration, and exits with 2', async () => {
    const file = join(temporaryFolder(), 'bad.yaml');
    writeFileSync(file, 'agent:\n  prot: 1161\ncommunities:\n  - name: 5\n');
    const served = virtsnmp(['serve', '--config', file]);
    expect(await served.exit).toBe(2);
    expect(served.err()).toContain(`${file}:2:3 agent.prot: `);
    expect(served.err()).toContain('port');
  });

  it('refuses an unknown flag with exit code 2', async () => {
    const served = virtsnmp(['serve', '--prot', '5']);
    expect(await served.exit).toBe(2);
    expect(served.err()).toContain("unknown option '--prot'");
  });

  it('never prints a community that is a secret', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'secret.yaml');
    writeFileSync(
      file,
      'agent: { port: 0 }\ncommunities: [{ name: "$' +
        '{COMMUNITY}", access: read-write }]\nlog: { level: debug, file: log.jsonl }\n',
    );
    const served = virtsnmp(['serve', '--config', file], { COMMUNITY: 'hunter2-hunter2' });
    await served.until('snmptrapd');
    served.child.kill('SIGHUP');
    await served.until('configuration read again');
    served.child.kill('SIGTERM');
    await served.exit;
    const all = served.out() + served.err() + readFileSync(join(folder, 'log.jsonl'), 'utf8');
    expect(all).toContain('snmpset -v2c -c COMMUNITY ');
    expect(all).not.toContain('hunter2');
  });
});

describeWithNetSnmp('SIGHUP', () => {
  it('takes over a good configuration, and keeps the old one when it is bad', async () => {
    const port = await freePort();
    const file = join(temporaryFolder(), 'virtsnmp.yaml');
    const write = (community: string, guests: number | string) =>
      writeFileSync(
        file,
        `agent: { port: ${port} }\ncommunities: [{ name: ${community} }]\ninventory: { guests: ${guests} }\n`,
      );
    const guests = async (community: string, ...flags: string[]) =>
      (await netSnmp('snmpwalk', '-v2c', '-c', community, ...flags, `127.0.0.1:${port}`, 'libvirtGuestName'))
        .lines.length;
    write('first', 3);
    const served = virtsnmp(['serve', '--config', file]);
    await served.until('snmptrapd');
    expect(await guests('first')).toBe(3);
    write('second', 5);
    served.child.kill('SIGHUP');
    await served.until('configuration read again');
    expect(await guests('second')).toBe(5);
    expect(await guests('first', '-r0', '-t1')).toBe(0);
    write('third', 'many');
    served.child.kill('SIGHUP');
    await served.until('the configuration stays as it was');
    expect(served.err()).toContain(`${file}:3:22 inventory.guests: `);
    expect(await guests('second')).toBe(5);
  });
});

describeWithNetSnmp('--state', () => {
  it('keeps what a manager has set over a restart', async () => {
    const port = await freePort();
    const folder = temporaryFolder();
    const args = ['serve', '--config', 'config/default.yaml', '--port', String(port), '--state', folder];
    const endpoint = `127.0.0.1:${port}`;
    const first = virtsnmp(args);
    await first.until('snmptrapd');
    await netSnmp(
      'snmpset',
      '-v2c',
      '-c',
      'private',
      endpoint,
      'sysLocation.0',
      's',
      'rack 9',
      'snmpEnableAuthenTraps.0',
      'i',
      '2',
    );
    first.child.kill('SIGKILL');
    await first.exit;
    const second = virtsnmp(args);
    await second.until('snmptrapd');
    const { lines } = await netSnmp(
      'snmpget',
      '-v2c',
      '-c',
      'public',
      '-Oqv',
      endpoint,
      'sysLocation.0',
      'snmpEnableAuthenTraps.0',
    );
    expect(lines).toEqual(['rack 9', 'disabled']);
  });

  it('answers commitFailed when it cannot be kept, and changes nothing', async () => {
    const port = await freePort();
    const folder = temporaryFolder();
    const served = virtsnmp([
      'serve',
      '--config',
      'config/default.yaml',
      '--port',
      String(port),
      '--state',
      folder,
    ]);
    await served.until('snmptrapd');
    rmSync(folder, { recursive: true });
    const endpoint = `127.0.0.1:${port}`;
    const set = await netSnmp('snmpset', '-v2c', '-c', 'private', endpoint, 'sysLocation.0', 's', 'rack 9');
    expect(set.stderr).toContain('commitFailed');
    const { lines } = await netSnmp('snmpget', '-v2c', '-c', 'public', '-Oqv', endpoint, 'sysLocation.0');
    expect(lines).toEqual(['simulated rack 1']);
  });
});

describeWithNetSnmp('a fleet', () => {
  it('has each host on an address of its own', async () => {
    const port = await freePort();
    const served = virtsnmp([
      'serve',
      '--config',
      'config/default.yaml',
      '--port',
      String(port),
      '--hosts',
      '3',
      '--guests',
      '2',
    ]);
    await served.until('snmptrapd');
    const names = await Promise.all(
      [1, 2, 3].map((i) =>
        netSnmp('snmpget', '-v2c', '-c', 'public', '-Oqv', `127.0.0.${i}:${port}`, 'sysName.0'),
      ),
    );
    expect(names.map(({ lines }) => lines[0])).toEqual(['host-1', 'host-2', 'host-3']);
  });
});
