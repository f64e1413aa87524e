import { describe, expect, it } from 'vitest';
import { hostDefaults } from '../../../agent/emulation/host/host-config.ts';
import { Hypervisor } from '../../../agent/emulation/hypervisor.ts';
import { generateDomains } from '../../../agent/emulation/inventory/generated.ts';
import { ERROR_STATUS } from '../../../agent/message/constants.ts';
import { HOST_RESOURCES_MIB } from '../../../agent/mib/generated/host-resources-mib.ts';
import { HOST_RESOURCES_TYPES } from '../../../agent/mib/generated/host-resources-types.ts';
import type { BoundModule, PreparedSet } from '../../../agent/mib/module.ts';
import { Registry } from '../../../agent/mib/registry.ts';
import type { Value } from '../../../agent/mib/value.ts';
import { hostResourcesMib } from '../../../agent/objects/host-resources/index.ts';
import { allocationUnit } from '../../../agent/objects/host-resources/storage-table.ts';
import { VirtualClock } from '../../../agent/util/clock.ts';
import { expectOrder, expectSyntax, readRow, readTable, testRow } from '../../support/bound-module.ts';
import { InterfacesInOrder } from '../../support/interfaces-in-order.ts';
import { config, Fleet } from '../emulation/fleet.ts';

const { nodes: TYPE } = HOST_RESOURCES_TYPES;
const PROCESSOR = 196_608;
const NETWORK = 262_144;
const DISK = 393_232;

function moduleOver(fleet: Fleet): BoundModule {
  const upTime = (atMs: number) => Math.floor(atMs / 10);
  return hostResourcesMib(fleet.hypervisor, fleet.one, new InterfacesInOrder(), upTime);
}

/** A made-up host of 24 guests, some seconds after its start, with the module over it. */
function stage(profile: 'modern' | 'rhel6' = 'modern'): { fleet: Fleet; module: BoundModule } {
  const fleet = new Fleet({ profile });
  const configs = generateDomains({ hostName: 'one', hostIndex: 0, guests: 24, seed: 1 });
  fleet.hypervisor.apply({ op: 'populate', host: fleet.one, configs });
  fleet.pass(30);
  return { fleet, module: moduleOver(fleet) };
}

function scalar(module: BoundModule, name: string): Value | undefined {
  return module.scalars[name]!.read(undefined);
}

/** One column of all rows. */
function columnOf(module: BoundModule, table: string, column: string): (Value | undefined)[] {
  return readTable(module, table).map(({ values }) => values[column]);
}

function sum(values: readonly (Value | undefined)[]): number {
  return values.reduce<number>((total, value) => total + (value as number), 0);
}

describe.each(['modern', 'rhel6'] as const)('HOST-RESOURCES-MIB of a host of the era %s', (profile) => {
  const { module } = stage(profile);

  it('binds every object', () => {
    expect(() => new Registry([module])).not.toThrow();
  });

  it.each(Object.keys(HOST_RESOURCES_MIB.tables))('%s has rows, in order, that are found', (table) => {
    const count = expectOrder(module, table);
    if (table === 'hrPrinterTable') expect(count).toBe(0);
    else expect(count).toBeGreaterThan(0);
  });

  it('gives values that fit their syntax', () => {
    expectSyntax(module, HOST_RESOURCES_MIB);
  });
});

describe('storage', () => {
  it('is what the models of memory and pools say, in the same instant', () => {
    const { fleet, module } = stage();
    for (let second = 0; second < 5; second++) {
      fleet.pass(1.3);
      const { memory, storage } = fleet.one;
      const { total, free, swapTotal, swapFree } = memory.pages;
      const area = (index: number) => readRow(module, 'hrStorageTable', index)!;
      const octets = (index: number, column: string) =>
        (area(index)[column] as number) * (area(index)['hrStorageAllocationUnits'] as number);
      expect(octets(1, 'hrStorageSize')).toBe(total * 4096);
      expect(octets(1, 'hrStorageUsed')).toBe((total - free) * 4096);
      expect(octets(3, 'hrStorageSize')).toBe((total + swapTotal) * 4096);
      expect(octets(10, 'hrStorageUsed')).toBe((swapTotal - swapFree) * 4096);
      const { capacity, allocation } = storage.pools.read(0, fleet.clock.nowMs);
      expect(octets(31, 'hrStorageSize')).toBe(capacity);
      expect(allocation - octets(31, 'hrStorageUsed')).toBeLessThan(4096);
      expect(area(31)['hrStorageDescr']).toBe('/var/lib/libvirt/images');
      expect(scalar(module, 'hrMemorySize')).toBe(total * 4);
    }
  });

  it('has units in which 32 bits are enough, twice as large as often as it takes', () => {
    expect(allocationUnit(2 ** 41 - 1024, 1024)).toBe(1024);
    expect(allocationUnit(2 ** 41, 1024)).toBe(2048);
    expect(allocationUnit(2 ** 62, 4096)).toBe(2 ** 32);
    const clock = new VirtualClock({ epochMs: 0 });
    const hypervisor = new Hypervisor({ seed: 1, clock });
    const defaults = hostDefaults('modern');
    const large = {
      ...defaults,
      memory: {
        ...defaults.memory,
        nodesKiB: [2 ** 31, 2 ** 32],
        hugePages: [{ sizeKiB: 2048, perNode: [8, 4] }],
      },
      pools: [{ ...defaults.pools[0]!, capacityBytes: 2 ** 55 }],
    };
    const module = hostResourcesMib(
      hypervisor,
      hypervisor.addHost('large', large),
      new InterfacesInOrder(),
      () => 0,
    );
    expectSyntax(module, HOST_RESOURCES_MIB);
    expect(scalar(module, 'hrMemorySize')).toBe(2 ** 31 - 1);
    const [ram] = readTable(module, 'hrStorageTable');
    const units = ram!.values['hrStorageAllocationUnits'] as number;
    expect(units * (ram!.values['hrStorageSize'] as number)).toBe((2 ** 31 + 2 ** 32) * 1024);
    expect(readRow(module, 'hrStorageTable', 10_002)).toMatchObject({
      hrStorageDescr: 'Huge pages of 2048 KiB on node 1',
      hrStorageAllocationUnits: 2 ** 21,
      hrStorageSize: 4,
      hrStorageUsed: 0,
      hrStorageAllocationFailures: undefined,
    });
    expect(columnOf(module, 'hrDiskStorageTable', 'hrDiskStorageCapacity')).toEqual([2 ** 31 - 1]);
  });

  it('counts what found no space', () => {
    const fleet = new Fleet();
    const module = moduleOver(fleet);
    const failures = () => readRow(module, 'hrStorageTable', 31)!['hrStorageAllocationFailures'];
    expect(failures()).toBe(0);
    const { pools } = fleet.one.storage;
    expect(pools.allocate(0, 2 ** 50)).toBe(false);
    expect(failures()).toBe(1);
  });
});

describe('devices', () => {
  it('have numbers in the ranges of Net-SNMP', () => {
    const fleet = new Fleet();
    const module = moduleOver(fleet);
    const indexes = columnOf(module, 'hrDeviceTable', 'hrDeviceIndex') as number[];
    const { pcpuCount } = fleet.one.cpu;
    expect(indexes.slice(0, pcpuCount)).toEqual(Array.from({ length: pcpuCount }, (_, i) => PROCESSOR + i));
    expect(indexes.slice(pcpuCount)).toEqual([NETWORK + 2, DISK]);
    expect(readRow(module, 'hrDeviceTable', PROCESSOR)).toMatchObject({
      hrDeviceType: TYPE.hrDeviceProcessor,
      hrDeviceDescr: 'AMD EPYC 7502 32-Core Processor',
    });
    expect(readRow(module, 'hrDeviceTable', DISK)).toMatchObject({
      hrDeviceType: TYPE.hrDeviceDiskStorage,
      hrDeviceDescr: 'NVMe SSD (/dev/nvme0n1)',
    });
    expect(scalar(module, 'hrSystemInitialLoadDevice')).toBe(DISK);
    expect(readRow(module, 'hrPartitionTable', DISK, 1)).toMatchObject({
      hrPartitionLabel: '/dev/nvme0n1p1',
      hrPartitionFSIndex: 1,
    });
    expect(readRow(module, 'hrFSTable', 1)).toMatchObject({
      hrFSMountPoint: '/var/lib/libvirt/images',
      hrFSRemoteMountPoint: '',
      hrFSBootable: 1,
      hrFSStorageIndex: 31,
    });
  });

  it('show a link that is down, and go on by the same ifIndex after a boot', () => {
    const fleet = new Fleet();
    const module = moduleOver(fleet);
    const status = () => readRow(module, 'hrDeviceTable', NETWORK + 2)!['hrDeviceStatus'];
    expect(status()).toBe(2);
    const { name } = [...fleet.one.segments][0]!.config;
    fleet.hypervisor.apply({ op: 'host', host: fleet.one, action: { uplink: name, up: false } });
    expect(status()).toBe(5);
    fleet.hypervisor.apply({ op: 'host', host: fleet.one, action: 'reboot' });
    fleet.pass(300);
    expect(status()).toBe(5);
    fleet.hypervisor.apply({ op: 'host', host: fleet.one, action: { uplink: name, up: true } });
    expect(status()).toBe(2);
    expect(columnOf(module, 'hrNetworkTable', 'hrNetworkIfIndex')).toEqual([2]);
  });

  it('are processors as busy as the guests made them over the last minute', () => {
    const { fleet, module } = stage();
    const { cpu } = fleet.one;
    const busy = () => Array.from({ length: cpu.pcpuCount }, (_, i) => cpu.busyNs(i, fleet.clock.nowMs));
    fleet.pass(60);
    const before = busy();
    fleet.pass(60);
    const loads = columnOf(module, 'hrProcessorTable', 'hrProcessorLoad') as number[];
    expect(sum(loads)).toBeGreaterThan(0);
    busy().forEach((ns, i) => {
      expect(Math.abs(loads[i]! - (ns - before[i]!) / 6e8)).toBeLessThan(0.5 + 1e-9);
    });
  });
});

describe('running software', () => {
  it('is the host’s own, and a process for each active guest and container', () => {
    const { fleet, module } = stage();
    const active = [...fleet.one.domains].filter(({ isActive }) => isActive);
    const names = columnOf(module, 'hrSWRunTable', 'hrSWRunName') as string[];
    const own = names.length - active.length;
    expect(names.slice(0, own)).toEqual(['systemd', 'systemd-journald', 'sshd', 'libvirtd', 'vdsm']);
    expect(scalar(module, 'hrSystemProcesses')).toBe(names.length);
    expect(readRow(module, 'hrSWRunTable', scalar(module, 'hrSWOSIndex') as number)).toMatchObject({
      hrSWRunName: 'systemd',
      hrSWRunType: 2,
    });
    for (const { name, config: definition, hostProcess } of active) {
      const values = readRow(module, 'hrSWRunTable', 4096 + 16 * hostProcess!.number)!;
      const program = { kvm: 'qemu-system-x86_64', qemu: 'qemu-system-x86_64', lxc: 'systemd' }[
        definition.type
      ];
      if (program) expect(values['hrSWRunName'], name).toBe(program);
      const said = definition.type === 'lxc' ? `LIBVIRT_LXC_NAME=${name} ` : name;
      expect(values['hrSWRunParameters'], name).toContain(said);
    }
    expect(new Set(active.map(({ config: { type } }) => type)).size).toBeGreaterThan(2);
  });

  it('uses the processors’ busy time, all of it, and the memory that the guests have', () => {
    const { fleet, module } = stage();
    const { cpu } = fleet.one;
    for (let step = 0; step < 5; step++) {
      fleet.pass(1.7);
      const { nowMs } = fleet.clock;
      let busyNs = 0;
      for (let pcpu = 0; pcpu < cpu.pcpuCount; pcpu++) busyNs += cpu.busyNs(pcpu, nowMs);
      const used = columnOf(module, 'hrSWRunPerfTable', 'hrSWRunPerfCPU');
      // Each process is cut to whole hundredths of a second, and each processor's share of a tick to whole ns.
      const difference = busyNs / 1e7 - sum(used);
      expect(difference).toBeGreaterThanOrEqual(-0.001);
      expect(difference).toBeLessThan(used.length);
    }
    for (const domain of fleet.one.domains) {
      if (!domain.hostProcess) continue;
      const values = readRow(module, 'hrSWRunPerfTable', 4096 + 16 * domain.hostProcess.number)!;
      expect(values['hrSWRunPerfCPU'], domain.name).toBe(Math.floor(domain.cpuTimeNs / 1e7));
    }
    const { total, free } = fleet.one.memory.pages;
    const memory = sum(columnOf(module, 'hrSWRunPerfTable', 'hrSWRunPerfMem'));
    expect(memory).toBeGreaterThan(0);
    // Pages that KSM merged count in each process.
    expect(memory).toBeLessThan((total - free + fleet.one.memory.ksm.counters.pagesSharing) * 4);
  });

  it('has another number after a restart, and the same one over a pause, a reset and a hung monitor', () => {
    const fleet = new Fleet();
    const module = moduleOver(fleet);
    const guest = fleet.define('a');
    const pids = () =>
      (columnOf(module, 'hrSWRunTable', 'hrSWRunIndex') as number[]).filter((pid) => pid >= 4096);
    expect(pids()).toEqual([]);
    fleet.act(guest, 'start');
    fleet.pass(40);
    const [first] = pids();
    const cpu = () => readRow(module, 'hrSWRunPerfTable', pids()[0]!)!['hrSWRunPerfCPU'] as number;
    fleet.act(guest, 'suspend');
    expect(readRow(module, 'hrSWRunTable', first!)!['hrSWRunStatus']).toBe(2);
    fleet.act(guest, 'resume');
    fleet.act(guest, 'reset');
    expect(pids()).toEqual([first]);
    fleet.hypervisor.apply({
      op: 'fault',
      action: { raise: 'hung-monitor', target: guest, parameters: {} },
    });
    const before = cpu();
    const frozen = guest.cpuTimeNs;
    fleet.pass(40);
    // The kernel of the host counts on, whatever the monitor says.
    expect(guest.cpuTimeNs).toBe(frozen);
    expect(cpu()).toBeGreaterThan(before);
    fleet.act(guest, 'destroy');
    fleet.act(guest, 'start');
    expect(pids()).toHaveLength(1);
    expect(pids()[0]).toBeGreaterThan(first!);
  });

  it('is ended by setting invalid, which a guest’s process is and the host’s own are not', () => {
    const fleet = new Fleet();
    const module = moduleOver(fleet);
    const guest = fleet.define('a');
    fleet.act(guest, 'start');
    fleet.pass(40);
    const pid = 4096 + 16 * guest.hostProcess!.number;
    const set = (index: number, status: number) =>
      testRow(module, 'hrSWRunTable', [index], { hrSWRunStatus: status });
    const inconsistent = { refused: ERROR_STATUS.inconsistentValue, column: 'hrSWRunStatus' };
    expect(set(pid, 1)).toEqual(inconsistent);
    expect(set(1, 4)).toEqual(inconsistent);
    expect(set(pid + 1, 4)).toEqual({ refused: ERROR_STATUS.noCreation });
    fleet.events.length = 0;
    const end = set(pid, 4) as PreparedSet;
    end.commit();
    end.undo();
    expect([guest.isActive, fleet.events]).toEqual([true, []]);
    end.commit();
    end.finish!();
    expect(fleet.takeTrace()).toEqual(['one STOPPED/CRASHED SHUTOFF/CRASHED']);
    expect(readRow(module, 'hrSWRunTable', pid)).toBeUndefined();
  });

  it('shows what of the host’s memory leaks in libvirt’s daemon', () => {
    const fleet = new Fleet();
    const module = moduleOver(fleet);
    const daemon = () => readRow(module, 'hrSWRunPerfTable', 1866)!['hrSWRunPerfMem'] as number;
    const before = daemon();
    fleet.one.memory.takeForHost(1000);
    expect(daemon()).toBe(before + 4000);
  });
});

describe('installed software', () => {
  it('has the images of the hypervisor side by side', () => {
    const { fleet, module } = stage();
    fleet.pass(5);
    const spec = { name: 'ovirt-node', version: '4.5.5-1', kind: 'image' } as const;
    fleet.hypervisor.apply({ op: 'host', host: fleet.one, action: { install: [spec] } });
    const images = readTable(module, 'hrSWInstalledTable').filter(({ values }) =>
      String(values['hrSWInstalledName']).startsWith('ovirt-node'),
    );
    expect(images.map(({ values }) => [values['hrSWInstalledName'], values['hrSWInstalledType']])).toEqual([
      ['ovirt-node-4.5.4-1', 2],
      ['ovirt-node-4.5.5-1', 2],
    ]);
    expect(scalar(module, 'hrSWInstalledLastChange')).toBe(3500);
    fleet.pass(5);
    expect(scalar(module, 'hrSWInstalledLastChange')).toBe(3500);
    expect(scalar(module, 'hrSWInstalledLastUpdateTime')).toBe(4000);
  });
});

describe('the host', () => {
  it('has been up since its own boot, and tells the simulated date', () => {
    const { fleet, module } = stage();
    expect(scalar(module, 'hrSystemUptime')).toBe(3000);
    expect(scalar(module, 'hrSystemDate')).toEqual(Uint8Array.of(7, 234, 1, 5, 9, 0, 30, 0, 43, 0, 0));
    fleet.hypervisor.apply({ op: 'host', host: fleet.one, action: 'reboot' });
    fleet.pass(300);
    expect(scalar(module, 'hrSystemUptime')).toBe((fleet.clock.nowMs - fleet.one.bootedMs) / 10);
    expect(scalar(module, 'hrSystemUptime')).toBeLessThan(30_000);
    expect(scalar(module, 'hrSystemInitialLoadParameters')).toContain('vmlinuz-6.1.0-13-amd64');
  });
});

it('a table of 2,000 processes is searched, not walked', () => {
  const fleet = new Fleet();
  const configs = Array.from({ length: 2000 }, (_, i) =>
    config(`guest-${i}`, { initialState: 'paused', memoryKiB: 4096, currentMemoryKiB: 4096 }),
  );
  fleet.hypervisor.apply({ op: 'populate', host: fleet.one, configs });
  const module = moduleOver(fleet);
  const { rows } = module.tables['hrSWRunTable']!;
  const order = fleet.one.domains.processes();
  expect(order.size).toBe(2000);
  let looked = 0;
  const ids = new Proxy([4096 + 16 * 1000], {
    get: (target, key) => {
      looked++;
      return Reflect.get(target, key);
    },
  });
  expect(rows.after(ids, 0, 1)).toBe(rows.find([4096 + 16 * 1001], 0, 1));
  expect(looked).toBeLessThan(20);
});

it('a host whose interfaces nobody numbers has its NICs all the same', () => {
  const fleet = new Fleet();
  const module = hostResourcesMib(fleet.hypervisor, fleet.one, undefined, () => 0);
  expect(readTable(module, 'hrNetworkTable')).toEqual([
    { index: [NETWORK + 2], values: { hrNetworkIfIndex: 0 } },
  ]);
});
