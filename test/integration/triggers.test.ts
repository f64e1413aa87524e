import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { loadConfig } from '../../agent/config/load.ts';
import { freePort } from '../support/free-port.ts';
import { describeWithNetSnmp, netSnmp, netSnmpEnv, startTrapReceiver } from '../support/net-snmp.ts';
import { DESTINATION, startDaemon, testConfig } from '../support/running-daemon.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** With DISMAN-EVENT-MIB, sysUpTime.0 has a name of that module. */
const MODULES = ['-m', `${netSnmpEnv.MIBS}:DISMAN-EVENT-MIB`];
/** The name of a row of the owner `ops`, as Net-SNMP writes an IMPLIED index. */
const row = (object: string, name: string) => `${object}."ops".'${name}'`;

async function set(endpoint: string, ...bindings: string[]): Promise<string> {
  const { lines, stderr } = await netSnmp(
    'snmpset',
    '-v2c',
    '-c',
    'private',
    ...MODULES,
    endpoint,
    ...bindings,
  );
  return stderr.match(/Reason: (.*)/)?.[1] ?? lines.map((line) => line.split(' = ')[1]).join(', ');
}

async function get(endpoint: string, name: string): Promise<string> {
  const { lines, stderr } = await netSnmp(
    'snmpget',
    '-v2c',
    '-c',
    'public',
    ...MODULES,
    '-OqvU',
    endpoint,
    name,
  );
  return lines.join('\n') + stderr;
}

async function table(endpoint: string, name: string): Promise<string[]> {
  const { lines, stderr } = await netSnmp(
    'snmptable',
    '-v2c',
    '-c',
    'public',
    ...MODULES,
    '-Ci',
    '-CB',
    '-Cf',
    '|',
    endpoint,
    name,
  );
  const heading = lines.findIndex((line) => line.startsWith('index|'));
  return heading < 0 ? [stderr] : lines.slice(heading + 1);
}

/** Makes a trigger in the steps that `monitor` makes one in: a threshold of the state of all guests. */
async function monitor(
  endpoint: string,
  name: string,
  [owner, event] = ['_snmpd', '_triggerRise'],
): Promise<void> {
  const created = await set(
    endpoint,
    ...[row('mteTriggerEntryStatus', name), 'i', 'createAndWait', row('mteTriggerTest', name), 'b', '2'],
  );
  expect(created).toContain('createAndWait(5)');
  const watched = await set(
    endpoint,
    ...[row('mteTriggerValueID', name), 'o', 'libvirtGuestState'],
    ...[row('mteTriggerValueIDWildcard', name), 'i', 'true', row('mteTriggerFrequency', name), 'u', '10'],
    ...[row('mteTriggerObjectsOwner', name), 's', 'ops', row('mteTriggerObjects', name), 's', 'names'],
  );
  expect(watched).toContain('OID: LIBVIRT-MIB::libvirtGuestState');
  const levels = await set(
    endpoint,
    ...[row('mteTriggerThresholdRising', name), 'i', '3', row('mteTriggerThresholdFalling', name), 'i', '1'],
    ...[row('mteTriggerThresholdStartup', name), 'i', 'rising'],
    ...[row('mteTriggerThresholdRisingEventOwner', name), 's', owner!],
    ...[row('mteTriggerThresholdRisingEvent', name), 's', event!],
    ...[row('mteTriggerThresholdFallingEventOwner', name), 's', '_snmpd'],
    ...[row('mteTriggerThresholdFallingEvent', name), 's', '_triggerFall'],
  );
  expect(levels).toContain('INTEGER: 3');
  const active = await set(
    endpoint,
    ...[row('mteTriggerEnabled', name), 'i', 'true', row('mteTriggerEntryStatus', name), 'i', 'active'],
  );
  expect(active).toContain('active(1)');
}

async function names(endpoint: string): Promise<void> {
  const object = '"ops"."names".1';
  const created = await set(
    endpoint,
    ...[
      `mteObjectsEntryStatus.${object}`,
      'i',
      'createAndGo',
      `mteObjectsID.${object}`,
      'o',
      'libvirtGuestName',
    ],
    ...[`mteObjectsIDWildcard.${object}`, 'i', 'true'],
  );
  expect(created).toContain('createAndGo(4)');
}

describeWithNetSnmp('DISMAN-EVENT-MIB', () => {
  it('lets a manager make a trigger as monitor does, and tells by name of what rises and falls', async () => {
    const receiver = await startTrapReceiver(await freePort(), ...MODULES);
    const destinations = [{ ...DESTINATION, port: receiver.port }];
    const traps = { ...testConfig().traps, destinations, families: [] };
    const { daemon, clock, endpoint } = await startDaemon(testConfig({}, { traps }));
    await names(endpoint);
    await monitor(endpoint, 'paused');
    clock.advanceTo(5000);
    const domain = daemon.hypervisor.hosts[0]!.domains.at(1);
    daemon.hypervisor.apply({ op: 'act', domain, action: 'suspend' });
    clock.advanceTo(25_000);
    daemon.hypervisor.apply({ op: 'act', domain, action: 'resume' });
    clock.advanceTo(35_000);
    await receiver.until((lines) => lines.some((line) => line.includes('mteTriggerFalling')));
    await receiver.stop();
    const told = receiver.lines.filter((line) => line.includes('mteTrigger'));
    expect(told).toHaveLength(2);
    expect(told[0]).toContain('DISMAN-EVENT-MIB::mteTriggerRising');
    expect(told[0]).toContain('DISMAN-EVENT-MIB::mteHotTrigger.0 = STRING: paused');
    expect(told[0]).toContain('DISMAN-EVENT-MIB::mteHotOID.0 = OID: LIBVIRT-MIB::libvirtGuestState.');
    expect(told[0]).toContain('DISMAN-EVENT-MIB::mteHotValue.0 = INTEGER: 3');
    expect(told[0]).toContain(`= STRING: "${domain.name}"`);
    expect(told[1]).toContain('DISMAN-EVENT-MIB::mteTriggerFalling');
    expect(told[1]).toContain('DISMAN-EVENT-MIB::mteHotValue.0 = INTEGER: 1');
    // At 0 s, and every 10 s from then on: what happened between two samples is told at the second.
    expect(told.map((line) => /sysUpTime\S* = Timeticks: \((\d+)\)/.exec(line)?.[1])).toEqual([
      '1000',
      '3000',
    ]);

    expect(await set(endpoint, row('mteTriggerThresholdRising', 'paused'), 'i', '4')).toContain(
      'inconsistentValue',
    );
    expect(await set(endpoint, row('mteTriggerFrequency', 'paused'), 'u', '4')).toContain(
      'inconsistentValue',
    );
    expect(await get(endpoint, 'mteResourceSampleInstances.0')).toBe('3');
    expect(await set(endpoint, row('mteTriggerEnabled', 'paused'), 'i', 'false')).toContain('false(2)');
    expect(await get(endpoint, 'mteResourceSampleInstances.0')).toBe('0');
    expect(await set(endpoint, row('mteTriggerEntryStatus', 'paused'), 'i', 'destroy')).toContain(
      'destroy(6)',
    );
    expect(await get(endpoint, row('mteTriggerComment', 'paused'))).toContain('No Such Instance');
  });

  it('shows each table, and refuses what cannot be', async () => {
    const { endpoint } = await startDaemon();
    await names(endpoint);
    await monitor(endpoint, 'paused');
    expect(await set(endpoint, row('mteTriggerBooleanValue', 'paused'), 'i', '1')).toContain(
      'inconsistentName',
    );
    expect(await set(endpoint, row('mteTriggerBooleanValue', 'none'), 'i', '1')).toContain(
      'inconsistentName',
    );
    const event = [
      row('mteEventEntryStatus', 'act'),
      'i',
      'createAndWait',
      row('mteEventActions', 'act'),
      'b',
      '0 1',
    ];
    expect(await set(endpoint, ...event)).toContain('createAndWait(5)');
    const target = [
      row('mteEventSetObject', 'act'),
      'o',
      'sysContact.0',
      row('mteEventSetValue', 'act'),
      'i',
      '2',
    ];
    expect(await set(endpoint, ...target)).toContain('INTEGER: 2');
    const other = [
      ...[row('mteTriggerEntryStatus', 'x'), 'i', 'createAndWait', row('mteTriggerTest', 'x'), 'b', '0 1'],
      ...[row('mteTriggerSampleType', 'x'), 'i', 'deltaValue'],
    ];
    expect(await set(endpoint, ...other)).toContain('createAndWait(5)');
    expect(await set(endpoint, row('mteTriggerEntryStatus', 'x'), 'i', 'active')).toContain(
      'inconsistentValue',
    );
    expect(await set(endpoint, row('mteTriggerFrequency', 'x'), 'u', '0')).toContain('wrongValue');
    expect(await set(endpoint, 'mteResourceSampleMinimum.0', 'i', '5')).toContain('5 seconds');
    // Possible with another minimum, unlike 0.
    expect(await set(endpoint, row('mteTriggerFrequency', 'x'), 'u', '4')).toContain('inconsistentValue');
    expect(await set(endpoint, row('mteTriggerFrequency', 'x'), 'u', '0')).toContain('wrongValue');
    expect(await set(endpoint, row('mteTriggerTargetTag', 'x'), 's', 'far')).toContain('wrongValue');
    expect(await set(endpoint, row('mteEventSetTargetTag', 'act'), 's', 'far')).toContain('wrongValue');
    expect(await set(endpoint, row('mteTriggerTest', 'x'), 'x', '10')).toContain('wrongValue');
    const first = async (name: string) => (await table(endpoint, name)).map((line) => line.split('|')[0]);
    const [paused, x, act] = ['"ops".\'paused\'', '"ops".\'x\'', '"ops".\'act\''];
    expect(await first('mteTriggerTable')).toEqual([paused, x]);
    expect(await first('mteTriggerDeltaTable')).toEqual([x]);
    expect(await first('mteTriggerExistenceTable')).toEqual([x]);
    expect(await first('mteTriggerBooleanTable')).toEqual([x]);
    expect(await first('mteTriggerThresholdTable')).toEqual([paused]);
    expect(await first('mteObjectsTable')).toEqual(['"ops"."names".1']);
    const defaults = ['Fall', 'Fire', 'Rise'].map((name) => `"_snmpd".'_trigger${name}'`);
    expect(await first('mteEventTable')).toEqual([act, ...defaults]);
    expect(await first('mteEventNotificationTable')).toEqual([act, ...defaults]);
    expect(await first('mteEventSetTable')).toEqual([act]);
    expect((await table(endpoint, 'mteTriggerThresholdTable'))[0]).toContain('|rising|3|1|0|0|');
  });

  it('keeps triggers and their rights over a restart, with those of the configuration beside them', async () => {
    const folder = temporaryFolder();
    writeFileSync(
      join(folder, 'agent.yaml'),
      'triggers: [{ name: up, object: sysUpTime.0, every: 10, boolean: { is: greater, value: 5 } }]\n',
    );
    const { triggers } = loadConfig({ file: join(folder, 'agent.yaml'), env: {} });
    const kept = () => testConfig({}, { state: join(folder, 'state'), triggers });
    const before = await startDaemon(kept());
    await names(before.endpoint);
    await monitor(before.endpoint, 'paused');
    expect(await set(before.endpoint, 'mteResourceSampleMinimum.0', 'i', '5')).toContain('5 seconds');
    await before.daemon.stop();

    const told: string[] = [];
    const { daemon, clock, endpoint } = await startDaemon(kept(), () => ({
      onNotification: (_, { oid, varbinds }) => {
        if (oid[6] === 88) told.push(`${oid.at(-1)} ${varbinds[0]!.value} ${varbinds.at(-1)!.value}`);
      },
    }));
    const domain = daemon.hypervisor.hosts[0]!.domains.at(1);
    daemon.hypervisor.apply({ op: 'act', domain, action: 'suspend' });
    clock.advanceTo(10_000);
    expect(told).toEqual([`2 paused ${domain.name}`, '1 up 1000']);
    expect(await get(endpoint, 'mteResourceSampleMinimum.0')).toBe('5');
    const own = `mteTriggerEnabled."config".'up'`;
    expect(await set(endpoint, own, 'i', 'false')).toContain('notWritable');
  });

  it('does what docs/TRIGGERS.md shows', async () => {
    const text = readFileSync(join(import.meta.dirname, '../../docs/TRIGGERS.md'), 'utf8');
    const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(text)!;
    const [, script = ''] = /```sh\n([\s\S]*?)```/.exec(text)!;
    const file = join(temporaryFolder(), 'agent.yaml');
    writeFileSync(file, yaml);
    const { triggers } = loadConfig({ file, env: {} });
    const told: string[] = [];
    const { clock, endpoint } = await startDaemon(testConfig({ guests: 12 }, { triggers }), () => ({
      onNotification: (_, { oid, varbinds }) => {
        if (oid[6] === 88) told.push(`${varbinds[0]!.value} ${varbinds.at(-1)!.value}`);
      },
    }));
    await promisify(execFile)('bash', ['-ec', script.replace('127.0.0.1:1161', endpoint)], {
      env: netSnmpEnv,
    });
    expect(await get(endpoint, row('mteTriggerEntryStatus', 'busy'))).toBe('active');
    clock.advanceTo(120_000);
    expect(told.length).toBeGreaterThan(0);
    expect(told.every((line) => /^(busy|idle|memory) /.test(line))).toBe(true);
    expect(told).toContain('busy db-01');
    expect(await get(endpoint, 'mteTriggerFailures.0')).toBe('0');
  });

  it('sets by an event what its creator may, as a SetRequest would', async () => {
    const { daemon, clock, endpoint } = await startDaemon();
    const created = await set(
      endpoint,
      ...[row('mteEventEntryStatus', 'act'), 'i', 'createAndWait', row('mteEventActions', 'act'), 'b', '1'],
      ...[row('mteEventEnabled', 'act'), 'i', 'true'],
    );
    expect(created).toContain('createAndWait(5)');
    const shutdown = await set(
      endpoint,
      ...[
        row('mteEventSetObject', 'act'),
        'o',
        'libvirtGuestState',
        row('mteEventSetValue', 'act'),
        'i',
        '1',
      ],
      ...[row('mteEventSetObjectWildcard', 'act'), 'i', 'true'],
    );
    expect(shutdown).toContain('INTEGER: 1');
    expect(await set(endpoint, row('mteEventEntryStatus', 'act'), 'i', 'active')).toContain('active(1)');
    await names(endpoint);
    await monitor(endpoint, 'again', ['ops', 'act']);
    const domain = daemon.hypervisor.hosts[0]!.domains.at(1);
    clock.advanceTo(5000);
    daemon.hypervisor.apply({ op: 'act', domain, action: 'suspend' });
    clock.advanceTo(9999);
    expect(domain.state).toBe(3);
    clock.advanceTo(10_000);
    expect(domain.state).toBe(1);
    expect(await get(endpoint, 'mteEventFailures.0')).toBe('0');
  });
});
