import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../agent/config/load.ts';
import { freePort } from '../support/free-port.ts';
import { describeWithNetSnmp, netSnmp, startTrapReceiver } from '../support/net-snmp.ts';
import { startDaemon } from '../support/running-daemon.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const KEYS = ['-l', 'authPriv', '-a', 'SHA-256', '-A', 'authentication', '-x', 'AES', '-X', 'encryption'];

/** Names of all that is there, numeric. */
async function walk(endpoint: string, ...flags: string[]): Promise<string[]> {
  const { lines } = await netSnmp('snmpwalk', ...flags, '-Onq', '-Cc', endpoint, '.1.3');
  return lines.map((line) => line.split(' ')[0]!).filter((name) => name.startsWith('.1.'));
}

async function started(text: string) {
  const file = join(temporaryFolder(), 'views.yaml');
  writeFileSync(
    file,
    `agent: { port: 0 }\ninventory: { guests: 1 }\ncontrol: { listen: [] }\nlog: { level: error }\n${text}`,
  );
  return startDaemon(loadConfig({ file, env: {} }));
}

describeWithNetSnmp('views of some modules', () => {
  it('are what snmpwalk sees with either community, in each version, and what a user sees', async () => {
    const { endpoint } = await started(`communities:
  - { name: stats, modules: { include: [LIBVIRT-STATS-MIB, IF-MIB] } }
  - { name: rest, modules: { exclude: [LIBVIRT-STATS-MIB, IF-MIB] } }
  - { name: chief, access: admin }
users:
  - name: viewer
    auth: { password: authentication }
    priv: { password: encryption }
    modules: { include: [LIBVIRT-STATS-MIB, IF-MIB] }
`);
    const stats = /^\.1\.3\.6\.1\.(2\.1\.(2|31)|4\.1\.8072\.9999\.9999\.36957)\./;
    // SNMPv1 has no Counter64 (RFC 3584 section 4.2.2.1), and none of these modules is without one.
    const v1 = await walk(endpoint, '-v1', '-c', 'stats');
    expect(v1.length).toBeGreaterThan(100);
    expect(v1.filter((name) => !stats.test(name))).toEqual([]);
    const seen = await walk(endpoint, '-v2c', '-c', 'stats');
    expect(seen.filter((name) => !stats.test(name))).toEqual([]);
    expect(await walk(endpoint, '-v3', '-u', 'viewer', ...KEYS)).toEqual(seen);
    const rest = await walk(endpoint, '-v2c', '-c', 'rest');
    expect(rest.filter((name) => stats.test(name))).toEqual([]);
    expect(rest.filter((name) => name.startsWith('.1.3.6.1.2.1.1.')).length).toBeGreaterThan(5);

    // The rows of VACM's own tables say so, as for any view: a length, and the subtree.
    const families = '.1.3.6.1.6.3.16.1.5.2.1.4';
    // The first digits of `printf stats | sha256sum`.
    const view = 'community-4b5af442229c-read';
    const row = `${families}.${[view.length, ...Buffer.from(view)].join('.')}.`;
    const { lines } = await netSnmp('snmpwalk', '-v2c', '-c', 'chief', '-Onqe', endpoint, families);
    expect(lines.flatMap((line) => (line.startsWith(row) ? line.slice(row.length) : []))).toEqual([
      '7.1.3.6.1.2.1.2 1',
      '7.1.3.6.1.2.1.31 1',
      '10.1.3.6.1.4.1.8072.9999.9999.36957 1',
      '10.1.3.6.1.6.3.1.1.5.3 1',
      '10.1.3.6.1.6.3.1.1.5.4 1',
    ]);
  });

  it('are what a receiver is told of', async () => {
    const receiver = await startTrapReceiver(await freePort());
    onTestFinished(() => receiver.stop());
    const { daemon, clock } = await started(`communities:
  - { name: stats, modules: { include: LIBVIRT-STATS-MIB } }
  - { name: libvirt, modules: { include: LIBVIRT-MIB } }
traps:
  destinations:
    - { host: 127.0.0.1, port: ${receiver.port}, community: stats }
    - { host: 127.0.0.1, port: ${receiver.port}, community: libvirt }
`);
    clock.advanceTo(10_000);
    daemon.hypervisor.apply({
      op: 'act',
      domain: daemon.hypervisor.hosts[0]!.domains.at(0),
      action: 'suspend',
    });
    const told = () =>
      receiver.lines.filter((line) => line.startsWith('TRAP|') && line.includes('snmpTrapOID'));
    await receiver.until(() => told().length >= 2);
    // coldStart is SNMPv2-MIB's, so that neither hears of it.
    const names = told().map((line) => /snmpTrapOID\.0 = OID: (\S+)/.exec(line)?.[1]);
    expect(names.sort()).toEqual(['LIBVIRT-MIB::libvirtGuestNotif', 'LIBVIRT-STATS-MIB::lvsGuestSuspended']);
  });
});
