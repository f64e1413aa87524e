import { expect, it, onTestFinished } from 'vitest';
import type { Config } from '../../agent/config/schema.ts';
import { IF_MIB } from '../../agent/mib/generated/if-mib.ts';
import { VM_MIB } from '../../agent/mib/generated/vm-mib.ts';
import { freePort } from '../support/free-port.ts';
import { describeWithNetSnmp, netSnmp, startTrapReceiver, type TrapReceiver } from '../support/net-snmp.ts';
import { DESTINATION, type RunningDaemon, startDaemon, testConfig } from '../support/running-daemon.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const V2C = ['-v2c', '-c', 'public'];
const WRITE = ['-v2c', '-c', 'private'];
const SERVED = ['ifTable', 'ifXTable', 'ifStackTable', 'ifRcvAddressTable', ...Object.keys(VM_MIB.tables)];

/** The columns and rows of a table, as snmptable shows them. */
async function table(endpoint: string, name: string): Promise<Record<string, string>[]> {
  const { lines } = await netSnmp('snmptable', ...V2C, '-Ci', '-Cb', '-Cf', '|', endpoint, name);
  const [, heads = '', ...rows] = lines;
  const names = heads.split('|');
  return rows.map((row) => Object.fromEntries(row.split('|').map((cell, i) => [names[i]!, cell])));
}

async function values(endpoint: string, ...names: string[]): Promise<string[]> {
  const { lines, stderr } = await netSnmp('snmpget', ...V2C, '-Oqv', endpoint, ...names);
  expect(stderr).toBe('');
  return lines;
}

async function set(endpoint: string, ...assignment: string[]): Promise<string> {
  const { lines, stderr } = await netSnmp('snmpset', ...WRITE, '-Oq', endpoint, ...assignment);
  return [...lines, stderr].join('\n');
}

/** The index of an interface by its name. */
async function indexOf(endpoint: string, name: string): Promise<string> {
  const row = (await table(endpoint, 'ifXTable')).find((each) => each['Name'] === name);
  return row!['index']!;
}

function pass({ clock }: RunningDaemon, seconds: number): void {
  clock.advanceTo(clock.nowMs + seconds * 1000);
}

async function withReceiver(
  families: Config['traps']['families'],
  vm: Partial<Config['traps']['vm']> = {},
): Promise<{ running: RunningDaemon; sink: TrapReceiver; told: (count: number) => Promise<string[]> }> {
  const sink = await startTrapReceiver(await freePort());
  onTestFinished(() => sink.stop());
  const config = testConfig({ guests: 12 });
  const destinations = [{ ...DESTINATION, port: sink.port }];
  const running = await startDaemon({
    ...config,
    traps: { ...config.traps, families, destinations, vm: { ...config.traps.vm, ...vm } },
  });
  const only = () => sink.lines.filter((line) => line.startsWith('TRAP|') && !line.includes('coldStart'));
  const told = async (count: number) => {
    await sink.until(() => only().length >= count);
    return only().map((line) => line.replace(/^.*snmpTrapOID\.0 = OID: /, '').replaceAll('\t', '|'));
  };
  return { running, sink, told };
}

describeWithNetSnmp('IF-MIB and VM-MIB', () => {
  it('show each table in snmptable, whole and in order', async () => {
    const { endpoint } = await startDaemon(testConfig({ guests: 12 }));
    for (const name of SERVED) {
      const rows = await table(endpoint, name);
      expect([name, rows.length > 0]).toEqual([name, true]);
      const holes = rows.flatMap((row) => Object.keys(row).filter((column) => row[column] === '?'));
      // A pool counts no requests.
      expect([name, name === 'vmStorageTable' ? [] : holes]).toEqual([name, []]);
    }
    for (const subtree of ['interfaces', 'ifMIB', 'vmMIB']) {
      const walk = await netSnmp('snmpwalk', ...V2C, '-On', endpoint, subtree);
      const bulk = await netSnmp('snmpbulkwalk', ...V2C, '-Cr50', '-On', endpoint, subtree);
      // Both of them stop at an identifier that is not greater than the one before.
      expect([bulk.stderr, walk.stderr]).toEqual(['', '']);
      expect(bulk.lines).toEqual(walk.lines);
    }
  });

  it('are what snmpnetstat and snmpstatus understand', async () => {
    const running = await startDaemon(testConfig({ guests: 12 }));
    pass(running, 10);
    const { endpoint } = running;
    const rows = await table(endpoint, 'ifTable');
    const { lines } = await netSnmp('snmpnetstat', ...V2C, '-Ci', endpoint);
    expect(lines.slice(1).map((line) => line.split(/\s+/)[0])).toEqual(rows.map((row) => row['Descr']));
    const status = await netSnmp('snmpstatus', ...V2C, endpoint);
    expect(status.lines.join(' ')).toContain(`Interfaces: ${rows.length},`);
  });

  it('stack taps on bridges and bridges on NICs, and point from guests to them', async () => {
    const { endpoint, daemon } = await startDaemon(testConfig({ guests: 12 }));
    const names = new Map((await table(endpoint, 'ifXTable')).map((row) => [row['index'], row['Name']]));
    const stacked = (await table(endpoint, 'ifStackTable')).map((row) => row['index']!.split('.'));
    const lower = new Map(stacked.map(([higher, below]) => [names.get(higher), names.get(below)]));
    const tap = [...names.values()].find((name) => name?.startsWith('vnet'))!;
    const below = lower.get(tap)!;
    expect(below).toMatch(/br/);
    expect(lower.get(below)).toMatch(/^e/);
    const macvtap = [...names.values()].find((name) => name?.startsWith('macvtap'))!;
    expect(lower.get(macvtap)).toMatch(/^e/);
    for (const { index, IfIndex, Parent } of await table(endpoint, 'vmNetworkTable')) {
      if (IfIndex === '0') continue;
      const [vm, nic] = index!.split('.').map(Number);
      const domain = [...daemon.hypervisor.hosts[0]!.domains].find(({ number }) => number === vm)!;
      expect(names.get(IfIndex!)).toBe(domain.process!.nics[nic! - 1]!.device);
      expect(names.get(Parent!)).toBe(lower.get(names.get(IfIndex!)));
    }
  });

  it('let ifAdminStatus of a NIC be set, which its frames and linkDown obey', async () => {
    const { running, told } = await withReceiver(['if']);
    const { endpoint } = running;
    pass(running, 10);
    const index = await indexOf(endpoint, 'eth1');
    const traffic = () => values(endpoint, `ifHCInOctets.${index}`, `ifHCOutOctets.${index}`);
    const before = await traffic();
    pass(running, 5);
    expect(await traffic()).not.toEqual(before);
    expect(await set(endpoint, `ifAdminStatus.${index}`, 'i', 'down')).toContain('down');
    const stopped = await traffic();
    pass(running, 30);
    expect(await traffic()).toEqual(stopped);
    expect(await values(endpoint, `ifOperStatus.${index}`, `ifLastChange.${index}`)).toEqual([
      'down',
      '0:0:00:15.00',
    ]);
    await set(endpoint, `ifAdminStatus.${index}`, 'i', 'up');
    pass(running, 5);
    expect(await traffic()).not.toEqual(stopped);
    // What stands on it tells of nothing, as RFC 2863 has it.
    expect(await told(2)).toEqual(
      ['Down', 'Up'].map(
        (what) =>
          `IF-MIB::link${what}|IF-MIB::ifIndex.${index} = INTEGER: ${index}` +
          `|IF-MIB::ifAdminStatus.${index} = INTEGER: ${what.toLowerCase()}(${what === 'Up' ? 1 : 2})` +
          `|IF-MIB::ifOperStatus.${index} = INTEGER: ${what.toLowerCase()}(${what === 'Up' ? 1 : 2})`,
      ),
    );
  });

  it('let ifAdminStatus of a tap be set, which is the link of the guest; ifLinkUpDownTrapEnable has it told', async () => {
    const { running, told } = await withReceiver(['if']);
    const { endpoint, daemon } = running;
    const domain = [...daemon.hypervisor.hosts[0]!.domains].find(({ process }) =>
      process?.nics[0]?.device?.startsWith('vnet'),
    )!;
    const index = await indexOf(endpoint, domain.process!.nics[0]!.device!);
    expect(await values(endpoint, `ifLinkUpDownTrapEnable.${index}`)).toEqual(['disabled']);
    await set(endpoint, `ifLinkUpDownTrapEnable.${index}`, 'i', 'enabled');
    await set(endpoint, `ifAdminStatus.${index}`, 'i', 'down');
    expect(domain.config.nics[0]!.linkDown).toBe(true);
    const [down] = await told(1);
    expect(down).toContain(`IF-MIB::linkDown|IF-MIB::ifIndex.${index} =`);
    expect(await set(endpoint, `ifAdminStatus.${index}`, 'i', 'testing')).toContain('wrongValue');
    const lo = await indexOf(endpoint, 'lo');
    expect(await set(endpoint, `ifAdminStatus.${lo}`, 'i', 'down')).toContain('inconsistentValue');
    expect(await set(endpoint, `ifPromiscuousMode.${index}`, 'i', 'false')).toContain('inconsistentValue');
  });

  it('refuse what the agent never lets be set', async () => {
    const { endpoint } = await startDaemon(testConfig({ guests: 3 }));
    const eth0 = await indexOf(endpoint, 'eth0');
    for (const [instance, value] of [
      [`ifStackStatus.${eth0}.0`, 'destroy'],
      [`ifStackStatus.${eth0}.1`, 'createAndGo'],
      [`ifRcvAddressStatus.${eth0}.6.1.0.94.0.0.1`, 'createAndGo'],
      [`ifRcvAddressType.${eth0}.6.255.255.255.255.255.255`, 'volatile'],
    ] as const)
      expect(await set(endpoint, instance, 'i', value)).toContain('notWritable');
  });

  it('keep ifIndex by name, and ifAlias, over a restart', async () => {
    const state = temporaryFolder();
    const config = testConfig({ guests: 12 }, { state });
    const first = await startDaemon(config);
    const names = (rows: Record<string, string>[]) => new Map(rows.map((row) => [row['Name'], row['index']]));
    const before = names(await table(first.endpoint, 'ifXTable'));
    const br0 = before.get('br0')!;
    await set(first.endpoint, `ifAlias.${br0}`, 's', 'front end');
    await first.daemon.stop();
    const inventory = { ...config.inventory, guests: 14 };
    const { endpoint } = await startDaemon({ ...config, inventory });
    const after = names(await table(endpoint, 'ifXTable'));
    expect([...before].filter(([name, index]) => (after.get(name) ?? index) !== index)).toEqual([]);
    expect(after.size).toBeGreaterThan(before.size);
    const added = [...after].filter(([name]) => !before.has(name)).map(([, index]) => Number(index));
    expect(Math.min(...added)).toBeGreaterThan(Math.max(...[...before.values()].map(Number)));
    expect(await values(endpoint, `ifAlias.${br0}`)).toEqual(['front end']);
  });

  it('tell of each guest, with the state before, or of many at once, as the switches say', async () => {
    const { running, told } = await withReceiver(['vm'], { window: 2 });
    const { endpoint, daemon } = running;
    const { hypervisor } = daemon;
    const domain = [...hypervisor.hosts[0]!.domains].find(({ isActive }) => isActive)!;
    hypervisor.apply({ op: 'act', domain, action: 'suspend' });
    const [paused] = await told(1);
    const { number, name } = domain;
    expect(paused).toMatch(
      new RegExp(
        `^VM-MIB::vmPaused\\|VM-MIB::vmName\\.${number} = STRING: ${name}\\|VM-MIB::vmUUID\\.${number} = STRING: [^|]+` +
          `\\|VM-MIB::vmOperState\\.${number} = INTEGER: running\\(4\\)$`,
      ),
    );
    expect(await set(endpoint, 'vmPerVMNotificationsEnabled.0', 'i', '2')).not.toContain('Error');
    expect(await set(endpoint, 'vmBulkNotificationsEnabled.0', 'i', '1')).not.toContain('Error');
    const active = [...hypervisor.hosts[0]!.domains].filter(({ isActive }) => isActive);
    for (const each of active) hypervisor.apply({ op: 'act', domain: each, action: 'destroy' });
    pass(running, 3);
    const all = await told(2);
    const octets = new Uint8Array(2);
    for (const each of active) octets[(each.number - 1) >> 3]! |= 0x80 >> ((each.number - 1) & 7);
    const list = Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('');
    expect(all[1]!.toLowerCase()).toContain(list);
    expect(all.slice(1).map((line) => line.split('|')[0])).toEqual(['VM-MIB::vmBulkShutdown']);
  });

  it('leave out of what they serve only what is deprecated', async () => {
    const { endpoint } = await startDaemon(testConfig({ guests: 12 }));
    const { lines } = await netSnmp('snmpwalk', ...V2C, '-OQn', endpoint, '1.3.6.1.2.1');
    const served = (oid: readonly number[]) => lines.some((line) => line.startsWith(`.${oid.join('.')}.`));
    for (const { scalars, tables } of [IF_MIB, VM_MIB]) {
      const objects = Object.entries({
        ...scalars,
        ...Object.assign({}, ...Object.values(tables).map(({ columns }) => columns)),
      } as typeof scalars);
      for (const [name, { oid, access, status }] of Object.entries(Object.fromEntries(objects))) {
        if (!access.startsWith('read') || status !== 'current') continue;
        expect([name, served(oid)]).toEqual([name, true]);
      }
    }
  });
});
