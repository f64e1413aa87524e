import { describe, expect, it } from 'vitest';
import { readDisk } from '../../../agent/emulation/block/disk-read.ts';
import type { Change } from '../../../agent/emulation/change.ts';
import type { DiskConfig } from '../../../agent/emulation/domain/domain-config.ts';
import type { RaisedEvent } from '../../../agent/emulation/events.ts';
import { hostDefaults } from '../../../agent/emulation/host/host-config.ts';
import { FaultyFleet, withoutTime } from './fault/faulty.ts';
import { config, stateOf } from './fleet.ts';

const CD: DiskConfig = {
  type: 'file',
  device: 'cdrom',
  target: 'sda',
  bus: 'sata',
  source: '/iso/tools.iso',
};
const DISK: DiskConfig = { type: 'file', device: 'disk', target: 'vda', bus: 'virtio', source: '/images/a' };

const payloads = (fleet: FaultyFleet) =>
  fleet.all.filter((event): event is RaisedEvent => event.kind === 'device').map(({ payload }) => payload);

describe('TUNABLE', () => {
  const fleet = () => new FaultyFleet({ a: { load: 'steady', vcpus: 2, maxVcpus: 4 } });

  it('tells what of the scheduler was changed, and the model goes by it', () => {
    const one = fleet();
    const domain = one.guest('a');
    one.hypervisor.apply({ op: 'tune', domain, cpu: { shares: 512, quotaUs: 5000 } });
    expect(payloads(one)).toEqual([
      { event: 'TUNABLE', parameters: { 'cputune.cpu_shares': 512, 'cputune.vcpu_quota': 5000 } },
    ]);
    const before = domain.cpuTimeNs;
    one.pass(20);
    expect((domain.cpuTimeNs - before) / 20e9).toBeLessThan(0.11);
  });

  it('tells a pin as libvirt writes it; the vCPU runs there', () => {
    const one = fleet();
    const domain = one.guest('a');
    one.hypervisor.apply({ op: 'tune', domain, vcpupin: { vcpu: 1, cpus: [7, 3, 2, 4] } });
    expect(payloads(one)).toEqual([{ event: 'TUNABLE', parameters: { 'cputune.vcpupin1': '2-4,7' } }]);
    expect(domain.config.cputune?.vcpupin).toEqual([undefined, [7, 3, 2, 4]]);
    for (const vcpu of [0, 1]) one.hypervisor.apply({ op: 'tune', domain, vcpupin: { vcpu, cpus: [5] } });
    one.pass(1);
    const busy = (pcpu: number) => one.host.cpu.busyNs(pcpu, one.clock.nowMs);
    const [five, six] = [busy(5), busy(6)];
    const before = domain.cpuTimeNs;
    one.pass(20);
    expect(domain.cpuTimeNs - before).toBeLessThan(21e9);
    expect(busy(5) - five).toBeGreaterThan(20 * (busy(6) - six));
    for (const [pin, why] of [
      [{ vcpu: 4, cpus: [0] }, 'it has no vCPU 4; it has 4'],
      [{ vcpu: 0, cpus: [999] }, 'the host has no pCPU 999; it has 0 to 63'],
      [{ vcpu: 0, cpus: [] }, 'a vCPU pinned to nothing'],
    ] as const)
      expect(one.hypervisor.check({ op: 'tune', domain, vcpupin: pin })?.message).toContain(why);
  });

  it('tells the limits of a disk, which hold from then on', () => {
    const one = fleet();
    const domain = one.guest('a');
    const requests = () => {
      const { machine, disks } = domain.process!;
      return (
        readDisk(machine, disks[0]!.place, 'rd.reqs', domain.nowMs) +
        readDisk(machine, disks[0]!.place, 'wr.reqs', domain.nowMs)
      );
    };
    one.pass(10);
    const before = requests();
    one.pass(20);
    const usual = (requests() - before) / 20;
    const limits = { total_iops: { perSecond: 10, max: 0, lengthSeconds: 1 } };
    one.hypervisor.apply({ op: 'tune', domain, iotune: { disk: 'vda', limits } });
    expect(payloads(one)).toEqual([
      { event: 'TUNABLE', parameters: { 'blkdeviotune.disk': 'vda', 'blkdeviotune.total_iops_sec': 10 } },
    ]);
    one.pass(2);
    const start = requests();
    one.pass(20);
    expect((requests() - start) / 20).toBeLessThanOrEqual(10.5);
    expect(usual).toBeGreaterThan(20);
    expect(one.hypervisor.check({ op: 'tune', domain, iotune: { disk: 'vdx', limits } })?.message).toContain(
      'it has no disk vdx; it has vda',
    );
    const reads = { read_iops: { perSecond: 5, max: 0, lengthSeconds: 1 } };
    expect(
      one.hypervisor.check({ op: 'tune', domain, iotune: { disk: 'vda', limits: reads } }),
    ).toBeDefined();
  });

  it('is not told of a domain that is shut off, by the libvirt of RHEL 6, or for a change rolled back', () => {
    const off = new FaultyFleet({ a: { initialState: 'shutoff' } });
    off.hypervisor.apply({ op: 'tune', domain: off.guest('a'), cpu: { shares: 512 } });
    const old = new FaultyFleet({ a: {} }, {}, { profile: 'rhel6' });
    old.hypervisor.apply({ op: 'tune', domain: old.guest('a'), cpu: { shares: 512 } });
    const back = fleet();
    const transaction = back.hypervisor.transaction();
    const limits = { total_iops: { perSecond: 10, max: 0, lengthSeconds: 1 } };
    transaction.apply({ op: 'tune', domain: back.guest('a'), iotune: { disk: 'vda', limits } });
    expect(back.guest('a').process!.disks[0]!.plan.limits).toBeDefined();
    transaction.rollback();
    expect(back.guest('a').process!.disks[0]!.plan.limits).toBeUndefined();
    expect([off, old, back].flatMap(payloads)).toEqual([]);
  });
});

describe('METADATA_CHANGE', () => {
  it('tells the title and the description, active or not', () => {
    for (const initialState of ['running', 'shutoff'] as const) {
      const fleet = new FaultyFleet({ a: { initialState } });
      const domain = fleet.guest('a');
      fleet.hypervisor.apply({ op: 'metadata', domain, title: 'Shop', description: 'front end' });
      fleet.hypervisor.apply({ op: 'metadata', domain, description: '' });
      expect(payloads(fleet)).toEqual([
        { event: 'METADATA_CHANGE', type: 'TITLE', uri: '' },
        { event: 'METADATA_CHANGE', type: 'DESCRIPTION', uri: '' },
        { event: 'METADATA_CHANGE', type: 'DESCRIPTION', uri: '' },
      ]);
      if (domain.isActive) fleet.act(domain, 'destroy');
      expect(domain.config).toMatchObject({ title: 'Shop', description: '' });
    }
  });
});

describe('TRAY_CHANGE', () => {
  it('is raised by the guest that opens and closes the tray', () => {
    const fleet = new FaultyFleet({ a: { disks: [DISK, CD] } });
    const domain = fleet.guest('a');
    const tray = (open: boolean, disk = 'sda'): Change => ({
      op: 'device',
      domain,
      action: { kind: 'tray', disk, open },
    });
    fleet.hypervisor.apply(tray(true));
    expect(domain.devices!.openTrays).toEqual(['sda']);
    expect(fleet.hypervisor.check(tray(true))?.message).toContain('the tray of sda is open');
    expect(fleet.hypervisor.check(tray(true, 'vda'))?.message).toContain(
      'it has no CD-ROM drive vda; it has sda',
    );
    fleet.hypervisor.apply(tray(false));
    expect(payloads(fleet)).toEqual([
      { event: 'TRAY_CHANGE', alias: 'sata0-0-0', reason: 'OPEN' },
      { event: 'TRAY_CHANGE', alias: 'sata0-0-0', reason: 'CLOSE' },
    ]);
    fleet.act(domain, 'suspend');
    expect(fleet.hypervisor.check(tray(true))?.message).toContain('its kernel must be running');
  });
});

describe('an image that is missing', () => {
  function started(disks: readonly DiskConfig[], missing: string) {
    const fleet = new FaultyFleet({ a: { initialState: 'shutoff', disks } });
    const domain = fleet.guest('a');
    const id = fleet.raise('image-missing', domain, { parameters: { disk: missing } });
    fleet.takeAll();
    fleet.act(domain, 'start');
    fleet.pass(5);
    const changes = payloads(fleet).filter(({ event }) => event === 'DISK_CHANGE');
    return { fleet, domain, id, changes, lines: withoutTime(fleet.takeAll()) };
  }
  const optional = { startupPolicy: 'optional' } as const;

  it('fails the start of a domain that cannot do without', () => {
    const { fleet, domain, id, lines } = started([DISK], 'vda');
    expect(lines).toEqual(['a STOPPED/FAILED control [1]']);
    expect(stateOf(domain)).toBe('SHUTOFF/FAILED');
    fleet.clear(id);
    fleet.act(domain, 'start');
    expect(stateOf(domain)).toBe('RUNNING/BOOTED');
  });

  it('of an optional disk: DISK_CHANGE, and the guest starts without it; the definition keeps it', () => {
    const { fleet, domain, changes, lines } = started(
      [DISK, { ...DISK, ...optional, target: 'vdb', source: '/b' }],
      'vdb',
    );
    expect(lines).toEqual(['a DISK_CHANGE control [1]', 'a STARTED/BOOTED control [1]']);
    expect(changes).toEqual([
      { event: 'DISK_CHANGE', oldSource: '/b', alias: 'virtio-disk1', reason: 'DROP_MISSING_ON_START' },
    ]);
    expect(domain.process!.disks.map(({ config }) => config.target)).toEqual(['vda']);
    fleet.act(domain, 'destroy');
    expect(domain.config.disks.map(({ target }) => target)).toEqual(['vda', 'vdb']);
  });

  it('of an optional medium: the drive is empty', () => {
    const { domain, changes } = started([DISK, { ...CD, ...optional }], 'sda');
    expect(changes).toEqual([
      { event: 'DISK_CHANGE', oldSource: '/iso/tools.iso', alias: 'sata0-0-0', reason: 'MISSING_ON_START' },
    ]);
    expect(domain.config.disks[1]).not.toHaveProperty('source');
  });

  it('of a requisite disk: fails a boot, and is left out of a restore', () => {
    const requisite = { ...DISK, startupPolicy: 'requisite' as const };
    expect(started([requisite], 'vda').lines).toEqual(['a STOPPED/FAILED control [1]']);
    const fleet = new FaultyFleet({ a: { disks: [requisite] } });
    fleet.act(fleet.guest('a'), 'save');
    fleet.pass(30);
    fleet.raise('image-missing', fleet.guest('a'));
    fleet.takeAll();
    fleet.act(fleet.guest('a'), 'restore');
    fleet.pass(30);
    expect(withoutTime(fleet.takeAll())).toEqual([
      'a DISK_CHANGE control [1]',
      'a STARTED/RESTORED control [1]',
    ]);
  });
});

describe('MEMORY_DEVICE_SIZE_CHANGE', () => {
  const GIB_KIB = 2 ** 20;
  const device = { sizeKiB: 4 * GIB_KIB, blockKiB: 2048 };
  const guest = {
    memoryKiB: 6 * GIB_KIB,
    currentMemoryKiB: 3 * GIB_KIB,
    load: 'idle',
    memoryDevice: device,
  } as const;
  const sizes = (fleet: FaultyFleet) =>
    payloads(fleet).flatMap((each) => (each.event === 'MEMORY_DEVICE_SIZE_CHANGE' ? [each.sizeKiB] : []));

  it('tells each step of a resize, block by block, until the guest has what was asked for', () => {
    const fleet = new FaultyFleet({ a: guest });
    const domain = fleet.guest('a');
    fleet.pass(5);
    expect([domain.memoryKiB, sizes(fleet)]).toEqual([3 * GIB_KIB, []]);
    fleet.hypervisor.apply({ op: 'tune', domain, memoryDeviceKiB: 3 * GIB_KIB });
    fleet.pass(20);
    expect(domain.memoryKiB).toBe(5 * GIB_KIB);
    expect(sizes(fleet).at(-1)).toBe(3 * GIB_KIB);
    expect(sizes(fleet)).toEqual(sizes(fleet).toSorted((a, b) => a - b));
    fleet.hypervisor.apply({ op: 'tune', domain, memoryDeviceKiB: 0 });
    fleet.pass(20);
    expect(domain.memoryKiB).toBe(2 * GIB_KIB);
    expect(sizes(fleet).at(-1)).toBe(0);
    expect(sizes(fleet).every((size) => size % device.blockKiB === 0)).toBe(true);
    expect(payloads(fleet).some(({ event }) => event === 'BALLOON_CHANGE')).toBe(false);
  });

  it('is not for a balloon manager, and what was plugged stays over a reset', () => {
    const { memory } = hostDefaults('modern');
    const tight = {
      memory: { ...memory, nodesKiB: [2 * GIB_KIB, 2 * GIB_KIB], hostUseKiB: 0 },
      grows: false,
    };
    const fleet = new FaultyFleet({ a: guest }, tight);
    fleet.pass(60);
    expect(fleet.host.memory.freeShare).toBeLessThan(1);
    fleet.act(fleet.guest('a'), 'reset');
    fleet.pass(60);
    expect(fleet.guest('a').memoryKiB).toBe(3 * GIB_KIB);
    expect(sizes(fleet)).toEqual([]);
  });

  it('refuses what the device cannot have', () => {
    const fleet = new FaultyFleet({ a: guest, b: {} });
    const check = (name: string, change: object) =>
      fleet.hypervisor.check({ op: 'tune', domain: fleet.guest(name), ...change })?.message;
    expect(check('a', { memoryDeviceKiB: 5 * GIB_KIB })).toContain(
      'it must be 0 to 4194304 KiB in blocks of 2048 KiB',
    );
    expect(check('a', { memoryDeviceKiB: 1000 })).toContain('in blocks of 2048 KiB');
    expect(check('a', { balloonKiB: GIB_KIB })).toContain('a memory device instead of a balloon');
    expect(check('b', { memoryDeviceKiB: 0 })).toContain('it has no memory device');
    for (const wrong of [
      { memoryDevice: { ...device, blockKiB: 1000 } },
      { memoryDevice: { ...device, sizeKiB: 6 * GIB_KIB } },
      { currentMemoryKiB: GIB_KIB },
    ])
      expect(
        fleet.hypervisor.check({
          op: 'define',
          host: fleet.one,
          config: config('c', { ...guest, ...wrong }),
        }),
      ).toBeDefined();
  });
});
