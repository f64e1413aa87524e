import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Writer } from '../../agent/ber/writer.ts';
import type { Change } from '../../agent/emulation/change.ts';
import type { Domain } from '../../agent/emulation/domain/domain.ts';
import type { DiskConfig, NicConfig } from '../../agent/emulation/domain/domain-config.ts';
import type { Host } from '../../agent/emulation/host/host.ts';
import type { BoundModule } from '../../agent/mib/module.ts';
import type { Value } from '../../agent/mib/value.ts';
import { libvirtStatsMib } from '../../agent/objects/libvirt-stats/index.ts';
import { affinityTable, cpuTable } from '../../agent/objects/vm-mib/machine-tables.ts';
import { networkTable } from '../../agent/objects/vm-mib/network-table.ts';
import { storageTable } from '../../agent/objects/vm-mib/storage-table.ts';
import { config, Fleet, FURNISHED } from '../unit/emulation/fleet.ts';

const TYPES = ['kvm', 'xen', 'lxc', 'kvm'] as const;
const NIC: NicConfig = { type: 'network', source: 'default', model: 'virtio', queues: 1 };
const DISK: DiskConfig = {
  type: 'file',
  device: 'disk',
  target: 'vdb',
  bus: 'virtio',
  source: '/images/vdb.raw',
};

/** What may be changed about a guest, by all the ways that another process, device or definition comes by. */
const CHANGES: readonly ((domain: Domain, host: Host, other: Host) => Change)[] = [
  ...(['start', 'destroy', 'suspend', 'resume', 'reset', 'save', 'restore'] as const).map(
    (action) => (domain: Domain) => ({ op: 'act' as const, domain, action }),
  ),
  (domain, _host, target) => ({ op: 'act', domain, action: 'migrate', target }),
  (domain) => ({ op: 'tune', domain, vcpus: 1 }),
  (domain) => ({ op: 'tune', domain, vcpus: 3 }),
  (domain) => ({ op: 'tune', domain, balloonKiB: 524_288 }),
  (domain) => ({ op: 'tune', domain, vcpupin: { vcpu: 0, cpus: [1, 3] } }),
  (domain) => ({
    op: 'tune',
    domain,
    iotune: { disk: 'vda', limits: { total_iops: { perSecond: 100, max: 0, lengthSeconds: 1 } } },
  }),
  (domain) => ({ op: 'tune', domain, threshold: { disk: 'vda', bytes: 2 ** 20 } }),
  (domain) => ({ op: 'device', domain, action: { kind: 'boot-hang', stage: 'kernel', share: 0.5 } }),
  (domain) => ({ op: 'attach', domain, device: { nic: NIC } }),
  (domain) => ({ op: 'attach', domain, device: { disk: DISK } }),
  (domain) => ({ op: 'detach', domain, device: { nic: 0 } }),
  (domain) => ({ op: 'detach', domain, device: { disk: 'vdb' } }),
  (domain) => ({ op: 'fault', action: { raise: 'hung-monitor', target: domain, durationMs: 9000 } }),
  (domain) => ({ op: 'device', domain, action: { kind: 'agent-death' } }),
  (domain) => ({ op: 'device', domain, action: { kind: 'usb-input', port: 1, perSecond: 5 } }),
  (domain) => ({ op: 'device', domain, action: { kind: 'sleep' } }),
  (domain) => ({ op: 'update', domain, config: { ...domain.config, vcpus: 4 } }),
  (domain) => ({ op: 'undefine', domain }),
  (_domain, host) => ({ op: 'host', host, action: 'reboot' }),
];

const arbStep = fc.record({
  guest: fc.nat(TYPES.length - 1),
  change: fc.nat(CHANGES.length - 1),
  takenBack: fc.boolean(),
  passMs: fc.oneof(fc.constant(0), fc.nat(3000), fc.nat(40_000)),
});

/** Every table of guests' rows, as it would be served by an agent that starts now. */
function tables({ hypervisor, clock }: Fleet, host: Host): BoundModule['tables'] {
  const stats = libvirtStatsMib(hypervisor, host, (atMs) => atMs);
  return {
    ...stats.tables,
    vmCpuTable: cpuTable(host),
    vmCpuAffinityTable: affinityTable(host),
    vmNetworkTable: networkTable(host, undefined),
    vmStorageTable: storageTable(host, () => clock.nowMs),
  };
}

/** All instances of each column, with their indexes in BER and their values. */
function contents(bindings: BoundModule['tables']): Record<string, [string, Value][]> {
  const found: Record<string, [string, Value][]> = {};
  const writer = new Writer();
  for (const { rows, columnRows, columns } of Object.values(bindings)) {
    for (const [column, read] of Object.entries(columns)) {
      const own = columnRows?.[column] ?? rows;
      found[column] = [];
      for (let at = own.first(); at >= 0; at = own.next(at)) {
        writer.reset();
        own.appendIndex(at, writer);
        const value = read(own.row(at));
        // What a tick takes away leaves a row without a value until the guest changes.
        if (value !== undefined) found[column].push([Buffer.from(writer.view()).toString('hex'), value]);
      }
    }
  }
  return found;
}

it('rows that are kept are those that would be made now, whatever was changed or taken back', () => {
  let instances = 0;
  fc.assert(
    fc.property(fc.array(arbStep, { minLength: 5, maxLength: 20 }), (steps) => {
      const fleet = new Fleet();
      const configs = TYPES.map((type, i) =>
        config(`guest-${i}`, { ...FURNISHED, type, initialState: 'running' }),
      );
      fleet.hypervisor.apply({ op: 'populate', host: fleet.one, configs });
      const hosts = [fleet.one, fleet.two];
      const kept = hosts.map((host) => tables(fleet, host));
      const look = () =>
        hosts.forEach((host, i) => {
          const now = contents(tables(fleet, host));
          instances += Object.values(now).reduce((sum, each) => sum + each.length, 0);
          expect(contents(kept[i]!)).toEqual(now);
        });
      look();
      for (const { guest, change, takenBack, passMs } of steps) {
        const host = hosts.find((each) => each.domains.byName(`guest-${guest}`)) ?? fleet.one;
        const domain = host.domains.byName(`guest-${guest}`);
        const wanted = domain && CHANGES[change]!(domain, host, host === fleet.one ? fleet.two : fleet.one);
        if (wanted && !fleet.hypervisor.check(wanted)) {
          const transaction = fleet.hypervisor.transaction();
          transaction.apply(wanted);
          look();
          if (takenBack) {
            transaction.rollback();
            look();
          } else transaction.commit();
        }
        fleet.clock.advanceTo(fleet.clock.nowMs + passMs);
        look();
      }
    }),
    { numRuns: 15 },
  );
  expect(instances).toBeGreaterThan(100_000);
});
