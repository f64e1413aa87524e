import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ModuleDefinition } from '../../agent/mib/definition.ts';
import { ENTITY_MIB } from '../../agent/mib/generated/entity-mib.ts';
import { ENTITY_SENSOR_MIB } from '../../agent/mib/generated/entity-sensor-mib.ts';
import { HOST_RESOURCES_MIB } from '../../agent/mib/generated/host-resources-mib.ts';
import { freePort } from '../support/free-port.ts';
import { describeWithNetSnmp, netSnmp, netSnmpEnv, startTrapReceiver } from '../support/net-snmp.ts';
import { DESTINATION, type RunningDaemon, startDaemon, testConfig } from '../support/running-daemon.ts';
import { udpWalk } from '../support/udp-walk.ts';

const V2C = ['-v2c', '-c', 'public'];
const WRITE = ['-v2c', '-c', 'private'];
const PLUGINS = '/usr/lib/nagios/plugins';
const TABLES = [HOST_RESOURCES_MIB, ENTITY_MIB, ENTITY_SENSOR_MIB].flatMap(({ name, tables }) =>
  Object.keys(tables).map((table) => [name, table] as const),
);
/** Tables that this host has nothing for. */
const EMPTY = ['hrPrinterTable', 'entLogicalTable', 'entLPMappingTable'];

/** A host of a dozen guests some minutes after its start. */
async function running(): Promise<RunningDaemon> {
  const started = await startDaemon(testConfig({ guests: 12 }));
  started.clock.advanceTo(180_000);
  return started;
}

describeWithNetSnmp('Net-SNMP’s own readers', () => {
  it('show every table with snmptable', async () => {
    const { endpoint } = await running();
    for (const [module, table] of TABLES) {
      const { lines } = await netSnmp(
        'snmptable',
        ...V2C,
        '-Ci',
        '-Cf',
        '|',
        endpoint,
        `${module}::${table}`,
      );
      if (EMPTY.includes(table)) {
        expect([table, lines.length]).toEqual([table, 1]);
        expect(lines[0]).toContain('No entries');
        continue;
      }
      expect(lines[0], table).toBe(`SNMP table: ${module}::${table}`);
      expect(lines.length, table).toBeGreaterThan(2);
      const [, header, ...rows] = lines;
      // A missing value would be a question mark.
      if (table !== 'hrStorageTable')
        expect(
          rows.filter((row) => /\|\?(\||$)/.test(row)),
          table,
        ).toEqual([]);
      expect(new Set(rows.map((row) => row.split('|').length)), table).toEqual(
        new Set([header!.split('|').length]),
      );
    }
  });

  it('tell free space with snmpdf', async () => {
    const { daemon, endpoint } = await running();
    const { lines } = await netSnmp('snmpdf', ...V2C, endpoint);
    const { total, free } = daemon.hypervisor.hosts[0]!.memory.pages;
    const [, memory] = lines.map((line) => line.split(/\s{2,}/));
    expect(memory).toEqual([
      'Physical memory',
      ...[total, total - free, free].map((pages) => `${pages * 4}`),
      expect.any(String),
    ]);
    expect(lines.join('\n')).toContain('/var/lib/libvirt/images');
  });

  it('tell of the host with snmpstatus', async () => {
    const { endpoint } = await running();
    const { status, lines } = await netSnmp('snmpstatus', ...V2C, endpoint);
    expect([status, lines[0]]).toEqual([0, expect.stringContaining('Up: 0:03:00')]);
  });

  it('end a guest by its process, and name a part for good', async () => {
    const { daemon, endpoint } = await running();
    const guest = [...daemon.hypervisor.hosts[0]!.domains].find(({ isActive }) => isActive)!;
    const process = `hrSWRunStatus.${4096 + 16 * guest.hostProcess!.number}`;
    const refused = await netSnmp('snmpset', ...V2C, endpoint, process, 'i', '4');
    expect(refused.status).not.toBe(0);
    expect((await netSnmp('snmpset', ...WRITE, endpoint, process, 'i', '4')).status).toBe(0);
    expect(guest.isActive).toBe(false);
    expect((await netSnmp('snmpget', ...V2C, endpoint, process)).lines[0]).toContain('No Such Instance');
    const set = await netSnmp('snmpset', ...WRITE, endpoint, 'entPhysicalAlias.1', 's', 'rack 7');
    expect(set.status).toBe(0);
    const date = await netSnmp(
      'snmpset',
      ...WRITE,
      endpoint,
      'hrSystemDate.0',
      'x',
      '07ea0101000000002b0000',
    );
    expect(date.stderr).toContain('notWritable');
    const { lines } = await netSnmp(
      'snmpget',
      ...V2C,
      '-Oqv',
      endpoint,
      'entPhysicalAlias.1',
      'entLastChangeTime.0',
    );
    expect(lines).toEqual(['rack 7', '0:0:03:00.00']);
  });
});

it('a walk of all three modules goes up strictly, and has each object', async () => {
  const { port } = await running();
  const walk = await udpWalk(port);
  const names = walk.map((line) => line.split(' ')[0]!.split('.').map(Number));
  const isLess = (a: number[], b: number[]): boolean => {
    const at = a.findIndex((id, i) => id !== b[i]);
    return at < 0 ? a.length < b.length : b[at] !== undefined && a[at]! < b[at]!;
  };
  for (let i = 1; i < names.length; i++) expect(isLess(names[i - 1]!, names[i]!), walk[i]).toBe(true);
  const isThere = (oid: readonly number[]) => walk.some((line) => line.startsWith(`${oid.join('.')}.`));
  const modules: readonly ModuleDefinition[] = [HOST_RESOURCES_MIB, ENTITY_MIB, ENTITY_SENSOR_MIB];
  for (const { scalars, tables } of modules) {
    const columns = Object.entries(tables)
      .filter(([table]) => !EMPTY.includes(table))
      .flatMap(([, table]) => Object.entries(table.columns))
      .filter(([, { access }]) => access !== 'not-accessible');
    const missing = [...Object.entries(scalars), ...columns].filter(([, { oid }]) => !isThere(oid));
    expect(missing.map(([name]) => name)).toEqual([]);
  }
});

describeWithNetSnmp('entConfigChange', () => {
  it('is sent when the parts change, at most every 5 s', async () => {
    const sink = await startTrapReceiver(await freePort());
    onTestFinished(() => sink.stop());
    const config = testConfig();
    const traps = {
      ...config.traps,
      families: ['entity'] as const,
      destinations: [{ ...DESTINATION, port: sink.port }],
    };
    const { clock, endpoint } = await startDaemon({ ...config, traps });
    const told = () => sink.lines.filter((line) => line.includes('ENTITY-MIB::entConfigChange'));
    const name = (text: string) => netSnmp('snmpset', ...WRITE, endpoint, 'entPhysicalAlias.1', 's', text);
    clock.advanceTo(10_000);
    for (const text of ['a', 'b', 'c']) await name(text);
    await sink.until(() => told().length >= 1);
    clock.advanceTo(14_999);
    await name('d');
    expect(told()).toHaveLength(1);
    clock.advanceTo(15_000);
    await sink.until(() => told().length >= 2);
    clock.advanceTo(60_000);
    await name('e');
    await sink.until(() => told().length >= 3);
    expect(told().map((line) => /sysUpTime[^(]*\((\d+)\)/.exec(line)?.[1])).toEqual(['1000', '1500', '6000']);
  });
});

const run = promisify(execFile);

/** Runs a plugin of Debian's monitoring-plugins or nagios-snmp-plugins beside the agent: its exit code, and what it says. */
async function check(plugin: string, port: number, ...args: string[]): Promise<[code: number, says: string]> {
  const options = ['-H', '127.0.0.1', '-p', `${port}`, '-C', 'public', ...args];
  try {
    const { stdout } = await run(`${PLUGINS}/${plugin}`, options, { env: netSnmpEnv });
    return [0, stdout.trim()];
  } catch (thrown) {
    const { code, stdout } = thrown as { code: number; stdout: string };
    return [code, stdout.trim()];
  }
}

const missing = ['check_snmp', 'check_snmp_storage.pl', 'check_snmp_int.pl'].filter(
  (name) => !existsSync(`${PLUGINS}/${name}`),
);
if (missing.length > 0) {
  const what = `${missing.join(', ')} not found (Debian: monitoring-plugins-standard, nagios-snmp-plugins)`;
  if (process.env['CI'] === 'true') throw new Error(what);
  console.warn(`the checks of Nagios are skipped: ${what}`);
}

describe.skipIf(missing.length > 0)('the plugins that Debian has for Nagios', () => {
  const OK = 0;
  const WARNING = 1;
  const CRITICAL = 2;

  it('check storage, load, processes and memory as on any Linux host', async () => {
    const { daemon, port } = await running();
    const [host] = daemon.hypervisor.hosts;
    const { total, free } = host!.memory.pages;
    const percent = Math.round((100 * (total - free)) / total);
    const [code, says] = await check('check_snmp_storage.pl', port, '-m', 'Physical', '-w', '98', '-c', '99');
    expect([code, says]).toEqual([OK, expect.stringContaining(`Physical memory: ${percent}% used`)]);
    expect(
      await check('check_snmp_storage.pl', port, '-m', '/var/lib/libvirt', '-w', '98', '-c', '99'),
    ).toEqual([OK, expect.stringContaining('/var/lib/libvirt/images')]);
    expect((await check('check_snmp_storage.pl', port, '-m', 'Physical', '-w', '1', '-c', '2'))[0]).toBe(
      CRITICAL,
    );

    const { pcpuCount } = host!.cpu;
    expect(await check('check_snmp_load.pl', port, '-T', 'stand', '-w', '99', '-c', '100')).toEqual([
      OK,
      expect.stringContaining(`${pcpuCount} CPU, average load `),
    ]);

    const guests = [...host!.domains].filter(
      ({ config, isActive }) => isActive && config.type === 'kvm',
    ).length;
    expect(guests).toBeGreaterThan(1);
    const processes = ['-2', '-n', 'qemu-system-x86_64', '-r', '-w', '0', '-c', '0'];
    expect(await check('check_snmp_process.pl', port, ...processes)).toEqual([
      OK,
      expect.stringMatching(new RegExp(`^${guests} processes? named qemu-system-x86_64`)),
    ]);
    const tooMany = ['-n', 'qemu-system', '-w', `${guests + 1}`, '-c', '0'];
    expect((await check('check_snmp_process.pl', port, ...tooMany))[0]).toBe(WARNING);
    const memory = ['-n', 'libvirtd', '-w', '0', '-c', '0', '-m', '10,20'];
    expect(await check('check_snmp_process.pl', port, ...memory)).toEqual([
      CRITICAL,
      expect.stringContaining('Mem : '),
    ]);
    expect(
      await check('check_snmp', port, '-o', 'HOST-RESOURCES-MIB::hrSystemProcesses.0', '-w', '1:100'),
    ).toEqual([OK, expect.stringContaining(`SNMP OK - ${host!.domains.processes().size + 5} `)]);
  });

  it('check interfaces by name, which are up or down, with what they have moved', async () => {
    const { daemon, port } = await running();
    const { hypervisor } = daemon;
    const int = (...args: string[]) => check('check_snmp_int.pl', port, '-2', ...args);
    expect(await int('-n', 'eth0', '-r')).toEqual([OK, 'eth0:UP:1 UP: OK']);
    const [code, says] = await int('-n', '^(eth|br)0$', '-N', '-f', '-e');
    expect([code, says]).toEqual([OK, expect.stringMatching(/^br0:UP, eth0:UP:2 UP: OK \| /)]);
    const figures = Object.fromEntries(
      Array.from(says.matchAll(/'(\S+)'=(\d+)c/g), ([, name, value]) => [name, value]),
    );
    expect(Number(figures['eth0_in_octet'])).toBeGreaterThan(0);
    expect(Number(figures['br0_out_octet'])).toBeGreaterThan(0);
    expect(figures['eth0_out_error']).toBe('0');
    expect(await int('-n', 'eth7', '-r')).toEqual([3, expect.stringContaining('Unknown interface')]);
    hypervisor.apply({
      op: 'host',
      host: hypervisor.hosts[0]!,
      action: { interface: 'eth0', up: false },
    });
    expect(await int('-n', 'eth0', '-r')).toEqual([CRITICAL, expect.stringContaining('eth0:DOWN')]);
    expect(await int('-n', 'eth0', '-r', '--down')).toEqual([OK, expect.stringContaining('eth0:DOWN')]);
    expect((await int('-n', 'eth0', '-r', '-i'))[0]).toBe(OK);
  });
});
