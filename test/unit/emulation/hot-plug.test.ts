import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDisk } from '../../../agent/emulation/block/disk-read.ts';
import type { Change, DetachChange } from '../../../agent/emulation/change.ts';
import type { Domain } from '../../../agent/emulation/domain/domain.ts';
import type { DiskConfig, DomainConfig, NicConfig } from '../../../agent/emulation/domain/domain-config.ts';
import type { RaisedEvent } from '../../../agent/emulation/events.ts';
import { readQueues } from '../../../agent/emulation/net/nic-view.ts';
import { runs } from '../../support/runs.ts';
import { FaultyFleet, withoutTime } from './fault/faulty.ts';
import { picture } from './snapshot.ts';

const NIC: NicConfig = { type: 'network', source: 'default', model: 'virtio', queues: 3 };
const disk = (target: string): DiskConfig => ({
  type: 'file',
  device: 'disk',
  target,
  bus: 'virtio',
  source: `/${target}`,
});

const aliases = (fleet: FaultyFleet) =>
  fleet.all
    .filter((event): event is RaisedEvent => event.kind === 'device')
    .map(({ event, payload }) => `${event} ${'alias' in payload ? payload.alias : ''}`);

function running(changes: Partial<DomainConfig> = {}) {
  const fleet = new FaultyFleet({ a: { load: 'steady', ...changes }, b: { load: 'idle' } });
  const domain = fleet.guest('a');
  return {
    fleet,
    domain,
    attach: (device: { nic: NicConfig } | { disk: DiskConfig }) =>
      fleet.hypervisor.apply({ op: 'attach', domain, device }),
    detach: (device: DetachChange['device']) => fleet.hypervisor.apply({ op: 'detach', domain, device }),
  };
}

const rx = ({ process, nowMs }: Domain, nic: number) =>
  readQueues(process!.machine, process!.nics[nic]!.parts, 'rxFrames', nowMs);
const writes = ({ process, nowMs }: Domain, i: number) =>
  readDisk(process!.machine, process!.disks[i]!.place, 'wr.reqs', nowMs);

describe('a device that is plugged in', () => {
  it('works at once; what all others have counted goes on', () => {
    const { fleet, domain, attach } = running();
    fleet.pass(10.4);
    const before = [
      domain.cpuTimeNs,
      domain.memoryKiB,
      rx(domain, 0),
      writes(domain, 0),
      domain.vcpu(1)!.timeNs,
    ];
    attach({ nic: NIC });
    attach({ disk: disk('vdb') });
    expect([
      domain.cpuTimeNs,
      domain.memoryKiB,
      rx(domain, 0),
      writes(domain, 0),
      domain.vcpu(1)!.timeNs,
    ]).toEqual(before);
    expect([rx(domain, 1), writes(domain, 1)]).toEqual([0, 0]);
    fleet.pass(20);
    expect(rx(domain, 1)).toBeGreaterThan(0);
    expect(writes(domain, 1)).toBeGreaterThan(0);
    expect(rx(domain, 0)).toBeGreaterThan(before[2]!);
    expect(domain.cpuTimeNs).toBeGreaterThan(before[0]!);
    expect(aliases(fleet)).toEqual(['DEVICE_ADDED net1', 'DEVICE_ADDED virtio-disk1']);
  });

  it('is in the running domain only, and in the definition of one that is shut off', () => {
    const { fleet, domain, attach } = running();
    attach({ nic: NIC });
    expect(domain.config.nics).toHaveLength(2);
    fleet.act(domain, 'destroy');
    expect(domain.config.nics).toHaveLength(1);
    attach({ nic: NIC });
    expect(domain.config.nics).toHaveLength(2);
    fleet.act(domain, 'start');
    expect(domain.process!.nics).toHaveLength(2);
    expect(aliases(fleet)).toEqual(['DEVICE_ADDED net1']);
  });

  it('needs a target of its own', () => {
    const { attach } = running();
    expect(() => attach({ disk: disk('vda') })).toThrow('target vda is taken');
  });
});

describe('a device that is pulled out', () => {
  it('goes when the guest lets it; the others keep their aliases and counters', () => {
    const { fleet, domain, attach, detach } = running();
    attach({ nic: NIC });
    attach({ disk: disk('vdb') });
    fleet.pass(10);
    const [second, kept] = [rx(domain, 1), writes(domain, 1)];
    fleet.all.length = 0;
    detach({ nic: 0 });
    expect(domain.process!.nics).toHaveLength(2);
    expect(() => detach({ disk: 'vda' })).toThrow('another device is about to go');
    fleet.pass(1);
    expect(domain.process!.nics.map(({ alias }) => alias)).toEqual(['net1']);
    expect(rx(domain, 0)).toBeGreaterThanOrEqual(second);
    detach({ disk: 'vda' });
    fleet.pass(1);
    expect(domain.process!.disks.map(({ plan }) => plan.spec.alias)).toEqual(['virtio-disk1']);
    expect(writes(domain, 0)).toBeGreaterThanOrEqual(kept);
    attach({ nic: NIC });
    attach({ disk: disk('vdc') });
    expect(withoutTime(fleet.takeAll()).map((each) => each.split(' ').slice(1, 3).join(' '))).toEqual([
      'DEVICE_REMOVED guest',
      'DEVICE_REMOVED guest',
      'DEVICE_ADDED control',
      'DEVICE_ADDED control',
    ]);
    expect(domain.process!.nics.map(({ alias }) => alias)).toEqual(['net1', 'net0']);
    expect(domain.process!.disks.map(({ plan }) => plan.spec.alias)).toEqual([
      'virtio-disk1',
      'virtio-disk0',
    ]);
  });

  it('stays when the guest keeps it', () => {
    const { fleet, domain, detach } = running({ guest: { keepsDevices: true } });
    detach({ nic: 0 });
    fleet.pass(2);
    expect(aliases(fleet)).toEqual(['DEVICE_REMOVAL_FAILED net0']);
    expect(domain.process!.nics).toHaveLength(1);
    detach({ nic: 0 });
  });

  it('goes with the next boot when the guest hangs', () => {
    const { fleet, domain, detach } = running();
    fleet.raise('guest-hang', domain);
    detach({ nic: 0 });
    fleet.pass(60);
    expect(aliases(fleet)).toEqual([]);
    fleet.act(domain, 'reset');
    expect(aliases(fleet)).toEqual(['DEVICE_REMOVED net0']);
    fleet.pass(60);
    expect(domain.process!.nics).toHaveLength(0);
  });

  it('goes at once from a container, and is forgotten with its emulator', () => {
    const lxc = running({ type: 'lxc', disks: [] });
    lxc.detach({ nic: 0 });
    expect(aliases(lxc.fleet)).toEqual(['DEVICE_REMOVED net0']);
    const { fleet, domain, detach } = running();
    detach({ nic: 0 });
    fleet.act(domain, 'destroy');
    fleet.pass(5);
    expect(aliases(fleet)).toEqual([]);
    fleet.act(domain, 'start');
    expect(domain.process!.nics).toHaveLength(1);
  });

  it('must be there, and of a kind that can go', () => {
    const { detach } = running({ disks: [disk('vda'), { ...disk('sda'), device: 'cdrom', bus: 'sata' }] });
    expect(() => detach({ nic: 5 })).toThrow('it has no NIC 5; it has 1');
    expect(() => detach({ disk: 'vdz' })).toThrow('it has no disk vdz; it has vda, sda');
    expect(() => detach({ disk: 'sda' })).toThrow('disk sda is a cdrom on sata, which cannot be unplugged');
  });
});

describe('any plugging', () => {
  const arbStep = fc.record({
    what: fc.constantFrom(
      'nic',
      'disk',
      'no-nic',
      'no-disk',
      'suspend',
      'resume',
      'reset',
      'save',
      'restore',
    ),
    number: fc.nat(3),
    passMs: fc.nat(3000),
  });
  type Step = typeof arbStep extends fc.Arbitrary<infer S> ? S : never;
  const changeOf = (fleet: FaultyFleet, { what, number }: Step): Change => {
    const domain = fleet.guest('a');
    if (what === 'nic') return { op: 'attach', domain, device: { nic: { ...NIC, queues: number + 1 } } };
    if (what === 'disk') return { op: 'attach', domain, device: { disk: disk(`vd${'bcde'[number]}`) } };
    if (what === 'no-nic') return { op: 'detach', domain, device: { nic: number } };
    if (what === 'no-disk') return { op: 'detach', domain, device: { disk: `vd${'abcd'[number]}` } };
    return { op: 'act', domain, action: what };
  };
  const play = (fleet: FaultyFleet, steps: readonly Step[], each = (): void => {}): void => {
    for (const step of steps) {
      const change = changeOf(fleet, step);
      if (!fleet.hypervisor.check(change)) fleet.hypervisor.apply(change);
      each();
      fleet.pass(step.passMs / 1000);
      each();
    }
  };
  const arbSteps = fc.array(arbStep, { maxLength: 12 });

  it('keeps process and definition in step, names devices once, and never counts backwards', () => {
    fc.assert(
      fc.property(arbSteps, (steps) => {
        const { fleet, domain } = running();
        let last = 0;
        play(fleet, steps, () => {
          const { process, config } = domain;
          if (!process) {
            last = 0;
            return;
          }
          expect(process.nics.map((nic) => nic.parts.queues.length)).toEqual(
            config.nics.map(({ queues }) => queues),
          );
          expect(process.disks.map((each) => each.config.target)).toEqual(
            config.disks.map(({ target }) => target),
          );
          const names = [
            ...process.nics.map(({ alias }) => alias),
            ...process.disks.map(({ plan }) => plan.spec.alias),
          ];
          expect(new Set(names).size).toBe(names.length);
          expect(domain.cpuTimeNs).toBeGreaterThanOrEqual(last);
          last = domain.cpuTimeNs;
        });
      }),
      { numRuns: runs(25) },
    );
  });

  it('in a transaction that is rolled back leaves everything as it was', () => {
    fc.assert(
      fc.property(arbSteps, arbSteps, (before, inside) => {
        const [{ fleet }, { fleet: other }] = [running(), running()];
        play(fleet, before);
        play(other, before);
        const transaction = fleet.hypervisor.transaction();
        for (const step of inside) {
          const change = changeOf(fleet, step);
          if (!fleet.hypervisor.check(change)) transaction.apply(change);
        }
        transaction.rollback();
        expect(picture(fleet)).toEqual(picture(other));
        fleet.takeAll();
        other.takeAll();
        fleet.pass(30);
        other.pass(30);
        expect(fleet.takeAll()).toEqual(other.takeAll());
        expect(picture(fleet)).toEqual(picture(other));
      }),
      { numRuns: runs(20) },
    );
  });
});
