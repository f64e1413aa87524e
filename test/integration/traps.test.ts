import { expect, it, onTestFinished } from 'vitest';
import type { Domain } from '../../agent/emulation/domain.ts';
import { freePort } from '../support/free-port.ts';
import { describeWithNetSnmp, netSnmp, startTrapReceiver, type TrapReceiver } from '../support/net-snmp.ts';
import { type RunningDaemon, startDaemon, testConfig } from '../support/running-daemon.ts';

async function receiver(...args: string[]): Promise<TrapReceiver> {
  const started = await startTrapReceiver(await freePort(), ...args);
  onTestFinished(() => started.stop());
  return started;
}

function destination(port: number, version: 'v1' | 'v2c' = 'v2c', host = '127.0.0.1') {
  return { host, port, version, community: 'public' };
}

async function startWithTraps(...destinations: ReturnType<typeof destination>[]): Promise<RunningDaemon> {
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
});
