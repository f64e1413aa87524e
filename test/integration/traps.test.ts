import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { Config } from '../../agent/config/schema.ts';
import type { Domain } from '../../agent/emulation/domain/domain.ts';
import { freePort } from '../support/free-port.ts';
import { describeWithNetSnmp, netSnmp, startTrapReceiver, type TrapReceiver } from '../support/net-snmp.ts';
import { DESTINATION, type RunningDaemon, startDaemon, testConfig } from '../support/running-daemon.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function receiver(...args: string[]): Promise<TrapReceiver> {
  const started = await startTrapReceiver(await freePort(), ...args);
  onTestFinished(() => started.stop());
  return started;
}

type Destination = Config['traps']['destinations'][number];

function destination(
  port: number,
  version: Destination['version'] = 'v2c',
  host = '127.0.0.1',
  change: Partial<Destination> = {},
): Destination {
  return { ...DESTINATION, host, port, version, ...change };
}

async function startWithTraps(...destinations: Destination[]): Promise<RunningDaemon> {
  const config = testConfig();
  return startDaemon({ ...config, traps: { ...config.traps, destinations } });
}

function firstGuest({ daemon }: RunningDaemon): Domain {
  return daemon.hypervisor.hosts[0]!.domains.at(0);
}

/** Waits for so many notifications and returns their lines. */
async function notifications(from: TrapReceiver, count: number): Promise<string[]> {
  const only = () => from.lines.filter((line) => line.startsWith('TRAP|'));
  await from.until(() => only().length >= count);
  return only();
}

describeWithNetSnmp('traps', () => {
  it('begin with coldStart', async () => {
    const sink = await receiver();
    await startWithTraps(destination(sink.port));
    const [first] = await notifications(sink, 1);
    expect(first).toContain('SNMPv2-MIB::snmpTrapOID.0 = OID: SNMPv2-MIB::coldStart');
  });

  it('tell each life-cycle event with names, row instances and the values of its moment', async () => {
    const sink = await receiver('-OX');
    const running = await startWithTraps(destination(sink.port));
    const domain = firstGuest(running);
    running.clock.advanceTo(120_000);
    const act = (action: 'suspend' | 'resume' | 'destroy') =>
      running.daemon.hypervisor.apply({ op: 'act', domain, action });
    // All in one instant: a receiver must still be told what was so at each event.
    act('suspend');
    act('resume');
    act('destroy');
    const told = (await notifications(sink, 4)).slice(1);
    const states = told.map((line) => /libvirtGuestState\[[^\]]+\] = INTEGER: (\w+)/.exec(line)?.[1]);
    expect(states).toEqual(['paused', 'running', 'shutoff']);
    const rows = told.map((line) => /libvirtGuestRowStatus\[[^\]]+\] = INTEGER: (\w+)/.exec(line)?.[1]);
    expect(rows).toEqual(['active', 'active', 'notInService']);
    for (const line of told) {
      expect(line).toContain('SNMPv2-MIB::sysUpTime.0 = Timeticks: (12000)');
      expect(line).toContain('SNMPv2-MIB::snmpTrapOID.0 = OID: LIBVIRT-MIB::libvirtGuestNotif');
      expect(line).toMatch(/libvirtGuestName\[STRING: [0-9a-f-]+\] = STRING: "/);
      expect(line).toMatch(/libvirtGuestUUID\[STRING: ([0-9a-f-]+)\] = STRING: \1/);
    }
  });

  it('name the instances .0 with compat: libvirt-snmp', async () => {
    const sink = await receiver('-On');
    const config = testConfig({ compat: 'libvirt-snmp' });
    const running = await startDaemon({
      ...config,
      traps: { ...config.traps, destinations: [destination(sink.port)] },
    });
    running.daemon.hypervisor.apply({ op: 'act', domain: firstGuest(running), action: 'suspend' });
    const [, told] = await notifications(sink, 2);
    const names = told!.match(/\.1\.3\.6\.1\.4\.1\.36957\.1\.1\.1\.\d+\.[\d.]+(?= =)/g);
    expect(names).toEqual([2, 1, 3, 9].map((column) => `.1.3.6.1.4.1.36957.1.1.1.${column}.0`));
  });

  it('tell each life-cycle event twice with both families', async () => {
    const sink = await receiver('-m', '+LIBVIRT-STATS-MIB');
    const config = testConfig();
    const running = await startDaemon({
      ...config,
      traps: { ...config.traps, families: ['libvirt', 'stats'], destinations: [destination(sink.port)] },
    });
    const domain = firstGuest(running);
    running.clock.advanceTo(60_000);
    running.daemon.hypervisor.apply({ op: 'act', domain, action: 'destroy' });
    const [, first, second] = await notifications(sink, 3);
    expect(first).toContain('LIBVIRT-MIB::libvirtGuestNotif');
    expect(second).toContain('LIBVIRT-STATS-MIB::lvsGuestStopped');
    expect(second).toContain('lvsEventDetail.0 = INTEGER: stoppedDestroyed(501)');
    expect(second).toContain('lvsEventSeverity.0 = INTEGER: warning(6)');
    // DISMAN-EVENT-MIB, which Net-SNMP loads when it finds it, has a name for the instance.
    for (const line of [first, second])
      expect(line).toMatch(/sysUpTime(?:\.0|Instance) = Timeticks: \(6000\)/);
  });

  it('go to SNMPv1 receivers with enterprise, generic and specific trap', async () => {
    const sink = await receiver('-On');
    const running = await startWithTraps(destination(sink.port, 'v1'));
    running.daemon.hypervisor.apply({ op: 'act', domain: firstGuest(running), action: 'suspend' });
    const [cold, guest] = await notifications(sink, 2);
    expect(cold).toMatch(/^TRAP\|Cold Start\|0\|/);
    expect(guest).toMatch(/^TRAP\|Enterprise Specific\|\.?1\|/);
    expect(guest).toContain('.1.3.6.1.4.1.36957.1.1.1.3.');
  });

  it('report a wrong community, as long as snmpEnableAuthenTraps allows it', async () => {
    const sink = await receiver();
    const { endpoint } = await startWithTraps(destination(sink.port));
    const knock = () => netSnmp('snmpget', '-v2c', '-c', 'wrong', '-r0', '-t0.2', endpoint, 'sysUpTime.0');
    const allow = (value: string) =>
      netSnmp('snmpset', '-v2c', '-c', 'private', endpoint, 'snmpEnableAuthenTraps.0', '=', value);
    await knock();
    await allow('disabled');
    await knock();
    await allow('enabled');
    await knock();
    const told = await notifications(sink, 3);
    expect(told.map((line) => /SNMPv2-MIB::(\w+)$|OID: SNMPv2-MIB::(\w+)/.exec(line)?.[2])).toEqual([
      'coldStart',
      'authenticationFailure',
      'authenticationFailure',
    ]);
    const { lines } = await netSnmp(
      'snmpget',
      '-v2c',
      '-c',
      'public',
      '-Oqv',
      endpoint,
      'snmpInBadCommunityNames.0',
      'snmpOutTraps.0',
    );
    expect(lines).toEqual(['3', '3']);
  });

  it('reach one receiver although another is down', async () => {
    const sink = await receiver();
    const running = await startWithTraps(
      destination(await freePort()),
      destination(162, 'v2c', 'no-such-host.invalid'),
      destination(sink.port),
    );
    running.daemon.hypervisor.apply({ op: 'act', domain: firstGuest(running), action: 'suspend' });
    const told = await notifications(sink, 2);
    expect(told[1]).toContain('libvirtGuestNotif');
  });

  it.each(['v2c', 'v3'] as const)('are acknowledged as informs, %s', async (version) => {
    const sink = await receiver(...v3Configuration());
    const running = await startWithUser(
      destination(sink.port, version, '127.0.0.1', {
        ...{ type: 'inform', timeout: 60 },
        ...(version === 'v3' && WATCHER),
      }),
    );
    running.daemon.hypervisor.apply({ op: 'act', domain: firstGuest(running), action: 'suspend' });
    const told = await notifications(sink, 2);
    expect(told[0]).toContain('coldStart');
    expect(told[1]).toContain('libvirtGuestNotif');
    // One that was not acknowledged would have been sent again, and held up the second.
    expect(told).toHaveLength(2);
  });

  it('wait for a receiver of SNMPv3 informs that is started again, and go on with its new boots', async () => {
    const configuration = v3Configuration();
    const port = await freePort();
    const first = await startTrapReceiver(port, ...configuration);
    const running = await startWithUser(
      destination(port, 'v3', '127.0.0.1', { type: 'inform', timeout: 0.1, retries: 1, ...WATCHER }),
    );
    const act = (action: 'suspend' | 'resume') =>
      running.daemon.hypervisor.apply({ op: 'act', domain: firstGuest(running), action });
    await notifications(first, 1);
    await first.stop();
    for (const action of ['suspend', 'resume', 'suspend', 'resume'] as const) act(action);
    const second = await startTrapReceiver(port, ...configuration);
    onTestFinished(() => second.stop());
    // One that is acknowledged late is sent again, before the next.
    const states = (lines: readonly string[]) =>
      lines
        .flatMap((line) => /libvirtGuestState[^=]*= INTEGER: (\w+)/.exec(line)?.[1] ?? [])
        .filter((state, i, all) => state !== all[i - 1]);
    await second.until((lines) => states(lines).length >= 4);
    expect(states(second.lines)).toEqual(['paused', 'running', 'paused', 'running']);
  });

  it('of SNMPv3 are taken from a user that is known by the agent’s engine ID', async () => {
    const sink = await receiver(...v3Configuration());
    const running = await startWithUser(destination(sink.port, 'v3', '127.0.0.1', WATCHER));
    running.daemon.hypervisor.apply({ op: 'act', domain: firstGuest(running), action: 'suspend' });
    const told = await notifications(sink, 2);
    expect(told[1]).toContain('SNMPv2-MIB::snmpTrapOID.0 = OID: LIBVIRT-MIB::libvirtGuestNotif');
  });

  it('go where snmpset says, from the next one on and until the row is removed', async () => {
    const sink = await receiver();
    const config = testConfig();
    const [reader, writer] = config.communities;
    const running = await startDaemon({
      ...config,
      traps: { ...config.traps, families: ['libvirt'] },
      communities: [reader!, writer!, { ...reader!, name: 'root', access: 'admin' }],
    });
    const set = (...varbinds: string[]) => setAs('root', ...varbinds);
    const setAs = async (community: string, ...varbinds: string[]) => {
      const { status, stderr } = await netSnmp(
        'snmpset',
        '-v2c',
        '-c',
        community,
        running.endpoint,
        ...varbinds,
      );
      return status === 0 ? 'done' : (/Reason: (\w+)/.exec(stderr)?.[1] ?? stderr);
    };
    const row = (name: string) => `'${name}'`;
    const port = sink.port.toString(16).padStart(4, '0');
    const address = [
      `SNMP-TARGET-MIB::snmpTargetAddrTDomain.${row('nms')}`,
      '=',
      '.1.3.6.1.6.1.1',
      `SNMP-TARGET-MIB::snmpTargetAddrTAddress.${row('nms')}`,
      'x',
      `7f000001${port}`,
      `SNMP-TARGET-MIB::snmpTargetAddrTagList.${row('nms')}`,
      '=',
      'traps',
      `SNMP-TARGET-MIB::snmpTargetAddrParams.${row('nms')}`,
      '=',
      'how',
      `SNMP-TARGET-MIB::snmpTargetAddrRowStatus.${row('nms')}`,
      '=',
      'createAndGo',
    ];
    const params = [
      `SNMP-TARGET-MIB::snmpTargetParamsMPModel.${row('how')}`,
      '=',
      '1',
      `SNMP-TARGET-MIB::snmpTargetParamsSecurityModel.${row('how')}`,
      '=',
      '2',
      `SNMP-TARGET-MIB::snmpTargetParamsSecurityName.${row('how')}`,
      '=',
      'community-efa1f375d761',
      `SNMP-TARGET-MIB::snmpTargetParamsSecurityLevel.${row('how')}`,
      '=',
      'noAuthNoPriv',
      `SNMP-TARGET-MIB::snmpTargetParamsRowStatus.${row('how')}`,
      '=',
      'createAndGo',
    ];
    // Who could make a target would be sent the community of any security name.
    expect(await setAs('private', ...address)).toBe('noAccess');
    expect(await set(...address)).toBe('done');
    expect(await set(...params)).toBe('done');
    const act = (action: 'suspend' | 'resume') =>
      running.daemon.hypervisor.apply({ op: 'act', domain: firstGuest(running), action });
    act('suspend');
    expect((await notifications(sink, 1))[0]).toContain('libvirtGuestNotif');
    expect(await set(`SNMP-TARGET-MIB::snmpTargetAddrTAddress.${row('nms')}`, 'x', '7f0000010001')).toBe(
      'inconsistentValue',
    );
    expect(await set(`SNMP-TARGET-MIB::snmpTargetAddrRowStatus.${row('nms')}`, '=', 'destroy')).toBe('done');
    act('resume');
    const { lines } = await netSnmp(
      'snmpwalk',
      '-v2c',
      '-c',
      'root',
      running.endpoint,
      'snmpTargetAddrTable',
    );
    expect(lines.join()).not.toContain('nms');
    expect(running.daemon.hosts).toHaveLength(1);
    expect(await notifications(sink, 1)).toHaveLength(1);
  });
});

const WATCHER = { user: 'watcher', level: 'authPriv' } as const;
const ENGINE_ID = '80001f8805aabbccddeeff';
const PASSWORDS = { auth: 'maplesyrup', priv: 'pancakes+butter' };

/** Arguments for an snmptrapd that knows the user for its own engine and for the agent's. */
function v3Configuration(): string[] {
  const folder = temporaryFolder();
  const file = join(folder, 'snmptrapd.conf');
  const user = `watcher SHA-256 ${PASSWORDS.auth} AES ${PASSWORDS.priv}`;
  writeFileSync(
    file,
    `createUser ${user}\ncreateUser -e 0x${ENGINE_ID} ${user}\n[snmp] persistentDir ${folder}\n`,
  );
  return ['-C', '-c', file];
}

function startWithUser(...destinations: Destination[]): Promise<RunningDaemon> {
  const config = testConfig();
  return startDaemon({
    ...config,
    state: temporaryFolder(),
    agent: { ...config.agent, engineId: ENGINE_ID },
    users: [
      {
        name: 'watcher',
        access: 'read-only',
        level: 'authPriv',
        auth: { protocol: 'SHA-256', secret: { kind: 'password', value: PASSWORDS.auth } },
        priv: { protocol: 'AES-128', secret: { kind: 'password', value: PASSWORDS.priv } },
      },
    ],
    traps: { ...config.traps, families: ['libvirt'], destinations },
  });
}
