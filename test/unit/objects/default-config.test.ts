import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../agent/config/load.ts';
import { assembleInventory } from '../../../agent/daemon/inventory.ts';
import type { DeviceAction } from '../../../agent/emulation/change.ts';
import type { DomainConfig } from '../../../agent/emulation/domain/domain-config.ts';
import { Hypervisor } from '../../../agent/emulation/hypervisor.ts';
import { isContainer } from '../../../agent/emulation/process/process-config.ts';
import { LIBVIRT_STATS_MIB } from '../../../agent/mib/generated/libvirt-stats-mib.ts';
import type { Value } from '../../../agent/mib/value.ts';
import { libvirtStatsMib } from '../../../agent/objects/libvirt-stats/index.ts';
import { VirtualClock } from '../../../agent/util/clock.ts';
import { silentLogger } from '../../../agent/util/logger.ts';

const config = loadConfig({ file: join(import.meta.dirname, '../../../config/default.yaml'), env: {} });
const [inventory] = assembleInventory(config, silentLogger);
const { domains } = inventory!;
const named = (name: string): DomainConfig => domains.find((domain) => domain.name === name)!;

/** The host of `npm start`, half an hour of a morning after its start. */
function served() {
  const clock = new VirtualClock({ epochMs: Date.UTC(2026, 0, 5, 9) });
  const hypervisor = new Hypervisor({
    clock,
    seed: config.emulation.seed,
    profile: config.emulation.profile,
  });
  const host = hypervisor.addHost(inventory!.name, inventory!.config);
  hypervisor.apply({ op: 'populate', host, configs: domains });
  const { tables } = libvirtStatsMib(hypervisor, host, (atMs) => Math.floor(atMs / 10));
  /** The values of a column, of all rows that have one, in order. */
  const column = (table: string, name: string): (Value | undefined)[] => {
    const { rows, columnRows, columns } = tables[table]!;
    const own = columnRows?.[name] ?? rows;
    const values: (Value | undefined)[] = [];
    for (let at = own.first(); at >= 0; at = own.next(at)) values.push(columns[name]!(own.row(at)));
    return values;
  };
  const pass = (seconds: number) => clock.advanceTo(clock.nowMs + seconds * 1000);
  return { hypervisor, column, pass, guest: (name: string) => host.domains.byName(name)! };
}

/** Columns of each table that go up by themselves. */
const MOVING: Readonly<Record<string, readonly string[]>> = {
  lvsCpuTable: ['lvsCpuBusyTime', 'lvsCpuIdleTime'],
  lvsNodeTable: ['lvsNodeHits', 'lvsNodeLocals', 'lvsNodeOthers'],
  lvsUplinkTable: ['lvsUplinkRxFrames', 'lvsUplinkTxOctets', 'lvsUplinkRxMulticast'],
  lvsPoolTable: ['lvsPoolAllocation'],
  lvsGuestTable: ['lvsGuestCpuTime', 'lvsGuestEmulatorTime', 'lvsGuestStealTime'],
  lvsVcpuTable: [
    'lvsVcpuRunTime',
    'lvsVcpuStealTime',
    'lvsVcpuSpinTime',
    'lvsVcpuPreemptions',
    'lvsVcpuThrottledTime',
    'lvsVcpuPauseExits',
    'lvsVcpuYieldsSuccessful',
    'lvsVcpuHaltPolls',
  ],
  lvsNicTable: ['lvsNicRxFrames', 'lvsNicTxOctets', 'lvsNicChecksumOctets', 'lvsNicHostTime'],
  lvsQueueTable: ['lvsQueueFrames', 'lvsQueueKicks', 'lvsQueueInterrupts', 'lvsQueueZeroCopies'],
  lvsMemTable: ['lvsMemMinorFaults', 'lvsMemReportedPages', 'lvsMemMerged'],
  lvsDiskTable: ['lvsDiskReads', 'lvsDiskWriteTime', 'lvsDiskAllocation', 'lvsDiskJobDone'],
  lvsXenTable: ['lvsXenRunningTime', 'lvsXenBlockedTime', 'lvsXenUnstolenClock'],
  lvsCtTable: [
    'lvsCtUserTime',
    'lvsCtThrottledPeriods',
    'lvsCtHighEvents',
    'lvsCtMaxEvents',
    'lvsCtPidsMaxEvents',
    'lvsCtReclaimed',
  ],
  lvsUsbTable: ['lvsUsbWakeups'],
};

describe('the guests of config/default.yaml', () => {
  it('are twelve, of every kind', () => {
    expect(domains).toHaveLength(12);
    const kinds = domains.map(({ type, osType = 'hvm' }) => `${type} ${osType}`);
    expect([...new Set(kinds)].sort()).toEqual(['kvm hvm', 'lxc exe', 'xen hvm', 'xen linux']);
    expect(domains.filter(isContainer).length).toBeGreaterThan(1);
  });

  it('have something of each system', () => {
    const machines = domains.filter((domain) => !isContainer(domain));
    const nics = domains.flatMap((domain) => domain.nics);
    expect(new Set(nics.map(({ macvtapMode }) => macvtapMode))).toEqual(
      new Set([undefined, 'bridge', 'vepa', 'private', 'passthrough']),
    );
    const wide = nics.filter(({ queues, model }) => queues > 1 && model === 'virtio');
    expect(new Set(wide.map(({ backEnd }) => backEnd ?? 'vhost'))).toEqual(new Set(['vhost', 'qemu']));
    expect(nics.some(({ zeroCopy }) => zeroCopy)).toBe(true);
    expect(nics.some(({ inbound, outbound }) => inbound && outbound)).toBe(true);
    const models = machines.map(({ devices }) => (devices?.usb ? devices.usb.model : 'qemu-xhci'));
    expect(new Set(models)).toEqual(new Set(['piix3-uhci', 'ich9-ehci1', 'qemu-xhci']));
    const firmware = machines.map(({ devices }) =>
      devices?.console ? devices.console.useSerial : undefined,
    );
    expect(new Set(firmware)).toEqual(new Set([undefined, false]));
    expect(machines.some(({ backing }) => backing?.kind === 'hugepages')).toBe(true);
    expect(named('db-01').numatune?.memnodes).toHaveLength(2);
    expect(named('db-01').cputune?.vcpupin).toHaveLength(8);
    expect(named('app-01')).toMatchObject({ guest: { work: 'contended' }, maxVcpus: 8 });
    expect(named('app-01').devices).toMatchObject({
      watchdog: { action: 'reset' },
      agent: { channel: true, installed: true },
      kernel: { kdump: true },
    });
    expect(named('router-01').memballoon).toEqual({ statsPeriodSeconds: 10, driver: false });
    expect(named('desktop-01').devices?.qxl).toBeDefined();
    expect(named('template-01').initialState).toBe('shutoff');
  });

  it('keep their names and UUIDs', () => {
    expect(Object.fromEntries(domains.map(({ name, uuid }) => [name, uuid]))).toEqual({
      'web-01': 'f5960d96-8d69-5053-95c6-ddbc26e00509',
      'db-01': '2d55b437-0b0b-5b97-89ef-bd19219beed4',
      'web-02': '3d428b12-316b-507d-9ddb-78e8cdf34ede',
      'app-01': 'ab2f6c33-9189-5c80-a4a3-9ea678061e5b',
      'mail-01': 'ca7be84e-40fb-5089-9f93-6ee7c7c51515',
      'cache-01': 'b6ac2776-a355-595b-b825-1f19777475bf',
      'build-01': '8269557d-461f-5e2d-8014-04bd60ad1b38',
      'router-01': 'e7f2ed17-4858-554b-9a34-622908a172d2',
      'legacy-01': 'b7a02c14-330a-5cea-acfb-6c230c0885b0',
      'desktop-01': '61c24025-009a-54e6-ad59-0705830a45e1',
      'backup-01': '8c32bc35-700d-52d3-8c09-98487c7e42eb',
      'template-01': 'f556d22e-d251-5849-9cfc-e45b34f79b11',
    });
  });
});

describe('tables over them', () => {
  const { column, pass } = served();
  pass(5);
  const names = Object.entries(MOVING).flatMap(([table, columns]) => columns.map((name) => [table, name]));
  const before = new Map(names.map(([table, name]) => [name, column(table!, name!)]));
  pass(1800);

  it.each(
    Object.entries(LIBVIRT_STATS_MIB.tables)
      .filter(([table]) => table !== 'lvsAlarmTable')
      .map(([table, { columns }]) => [table, Object.keys(columns).at(-1)!]),
  )('%s has rows', (table, last) => {
    expect(column(table, last).length).toBeGreaterThan(0);
  });

  it.each(names)('%s: %s goes up', (table, name) => {
    const then = before.get(name!)!;
    const moved = column(table!, name!).filter((value, i) => (value ?? 0) > (then[i] ?? 0));
    expect(moved.length).toBeGreaterThan(0);
  });

  it('statistics of a balloon without a driver are absent, of one with a driver there', () => {
    const unused = column('lvsMemTable', 'lvsMemUnused');
    const periods = column('lvsMemTable', 'lvsMemStatsPeriod');
    expect(unused).toHaveLength(periods.filter((period) => period === 10).length);
    expect(unused).toContain(undefined);
    expect(unused.some((value) => value !== undefined)).toBe(true);
  });
});

describe('what only goes up when something happens to a guest', () => {
  const { hypervisor, column, pass, guest } = served();
  const total = (table: string, name: string) =>
    column(table, name).reduce<number>((sum, value) => sum + Number(value ?? 0), 0);
  /** How much a column's sum goes up by what happens, and within two minutes. */
  const raised = (table: string, name: string, happen: () => void): number => {
    const before = total(table, name);
    happen();
    pass(120);
    return total(table, name) - before;
  };

  it('a guest that is up when the simulation begins has booted once', () => {
    const boots = column('lvsGuestTable', 'lvsGuestBoots');
    expect(boots.filter((count) => count === 1)).toHaveLength(11);
    expect(boots.filter((count) => count === 0)).toHaveLength(1);
  });

  it.each<[string, string, () => void]>([
    ['lvsGuestTable', 'lvsGuestBoots', () => act('web-01', 'reset')],
    ['lvsConsoleTable', 'lvsConsoleOctets', () => act('db-01', 'reset')],
    ['lvsAgentTable', 'lvsAgentConnects', () => act('db-01', 'reset')],
    [
      'lvsDebugTable',
      'lvsDebugNmis',
      () => hypervisor.apply({ op: 'debug', domain: guest('db-01'), action: 'nmi' }),
    ],
    [
      'lvsDebugTable',
      'lvsDebugSysRqs',
      () => hypervisor.apply({ op: 'debug', domain: guest('app-01'), action: { sysrq: 's' } }),
    ],
    ['lvsWatchdogTable', 'lvsWatchdogExpirations', () => device('app-01', { kind: 'starve' })],
    [
      'lvsUsbTable',
      'lvsUsbRemoteWakeups',
      () => device('backup-01', { kind: 'usb-input', port: 0, perSecond: 0.2 }),
    ],
    [
      'lvsDisplayTable',
      'lvsDisplayVolumeMessages',
      () => {
        const client = { name: '192.0.2.1:40000', playbackVolume: true, recordVolume: true };
        device('desktop-01', { kind: 'spice-connect', client });
        device('desktop-01', { kind: 'sound', direction: 'playback', level: { mute: true } });
      },
    ],
    ['lvsGuestTable', 'lvsGuestRtcChanges', () => device('db-01', { kind: 'rtc-write' })],
  ])('%s: %s', (table, name, happen) => {
    expect(raised(table, name, happen)).toBeGreaterThan(0);
  });

  function act(name: string, action: 'reset'): void {
    hypervisor.apply({ op: 'act', domain: guest(name), action });
  }

  function device(name: string, action: DeviceAction): void {
    hypervisor.apply({ op: 'device', domain: guest(name), action });
  }
});
