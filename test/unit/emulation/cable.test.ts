import { describe, expect, it } from 'vitest';
import type { NicConfig } from '../../../agent/emulation/domain/domain-config.ts';
import { hostDefaults } from '../../../agent/emulation/host/host-config.ts';
import { uplinksOf } from '../../../agent/emulation/host/host-links.ts';
import { BOND_DEFAULTS, bondLine } from '../../../agent/emulation/net/bond-config.ts';
import { UPLINK_DEFAULTS } from '../../../agent/emulation/net/net-config.ts';
import { InterfaceIndexes } from '../../../agent/objects/if-mib/interface-indexes.ts';
import { Interfaces } from '../../../agent/objects/if-mib/interfaces.ts';
import { FaultyFleet } from './fault/faulty.ts';
import { config } from './fleet.ts';

/** A host with bridge virbr0 on eth0, and how a guest that is on a NIC itself is put there. */
function stage(hostConfig = { ...hostDefaults('modern'), grows: false }) {
  const fleet = new FaultyFleet({}, hostConfig);
  const { host, hypervisor } = fleet;
  return {
    fleet,
    cable: (uplink: string, up: boolean) => hypervisor.apply({ op: 'host', host, action: { uplink, up } }),
    turn: (name: string, up: boolean) =>
      hypervisor.apply({ op: 'host', host, action: { interface: name, up } }),
    direct: (source: string, changes: Partial<NicConfig> = {}) => {
      const nic: NicConfig = { type: 'direct', source, model: 'virtio', queues: 1, ...changes };
      const definition = config(`on-${source}`, { load: 'steady', nics: [nic] });
      hypervisor.apply({ op: 'define', host, config: definition });
      fleet.act(host.domains.byName(definition.name)!, 'start');
    },
    reboot: () => {
      hypervisor.apply({ op: 'host', host, action: 'reboot' });
      fleet.pass(200);
      expect(host.state).toBe('up');
    },
    /** Whether each use of a NIC has a link. */
    links: () => uplinksOf(host).map(({ segment, nic }) => [segment.config.name, nic.config.name, nic.up]),
    /** Whether all uses of eth0 have a link. */
    isUp: () => uplinksOf(host).every(({ nic }) => nic.config.name !== 'eth0' || nic.up),
  };
}

describe('a link', () => {
  it('needs its cable and that no fault has it down: neither stands for the other', () => {
    const { fleet, cable, isUp } = stage();
    cable('eth0', false);
    fleet.raise('host-nic-down', fleet.host, { durationMs: 5000 });
    fleet.pass(6);
    expect([fleet.hypervisor.faults.length, isUp()]).toEqual([0, false]);
    const fault = fleet.raise('host-nic-down', fleet.host);
    cable('eth0', true);
    expect(isUp()).toBe(false);
    fleet.clear(fault);
    expect(isUp()).toBe(true);
  });

  it('has its cable out after a reboot as before; what the host had off is on', () => {
    const { cable, turn, reboot, isUp } = stage();
    turn('eth0', false);
    turn('virbr0', false);
    reboot();
    expect(isUp()).toBe(true);
    cable('virbr0', false);
    reboot();
    expect(isUp()).toBe(false);
    cable('eth0', true);
    expect(isUp()).toBe(true);
  });

  it.each([
    ['the cable'],
    ['a fault'],
  ])('of a NIC that nothing uses since the boot: %s can be put right', (what) => {
    const { fleet, cable, direct, reboot, links } = stage();
    const first = fleet.host.domains;
    direct('eth7');
    const fault =
      what === 'a fault' && fleet.raise('host-nic-down', fleet.host, { parameters: { bridge: 'eth7/vepa' } });
    if (!fault) cable('eth7', false);
    const down = ['eth7/vepa', 'eth7', false];
    expect(links()).toContainEqual(down);
    reboot();
    expect(links()).toEqual([['virbr0', 'eth0', true]]);
    fleet.act(first.byName('on-eth7')!, 'start');
    expect(links()).toContainEqual(down);
    reboot();
    if (fault) fleet.clear(fault);
    else cable('eth7', true);
    fleet.act(first.byName('on-eth7')!, 'start');
    expect(links()).toContainEqual(['eth7/vepa', 'eth7', true]);
  });

  it('stays as it is when the host is made large enough for its first guests', () => {
    const { fleet, cable, turn, isUp } = stage(hostDefaults('modern'));
    cable('eth0', false);
    turn('virbr0', false);
    const configs = [config('a', { memoryKiB: 2 ** 30, currentMemoryKiB: 2 ** 30 })];
    const before = fleet.host.engine.host;
    fleet.hypervisor.apply({ op: 'populate', host: fleet.host, configs });
    expect(fleet.host.engine.host).not.toBe(before);
    expect([isUp(), [...fleet.host.segments][0]!.enabled]).toEqual([false, false]);
  });

  it('is as it was after a rollback', () => {
    const { fleet, cable, direct, links, reboot } = stage();
    const transaction = fleet.hypervisor.transaction();
    transaction.apply({ op: 'host', host: fleet.host, action: { uplink: 'eth0', up: false } });
    transaction.apply({ op: 'fault', action: { raise: 'host-nic-down', target: fleet.host } });
    transaction.rollback();
    direct('eth0');
    const up = [
      ['virbr0', 'eth0', true],
      ['eth0/vepa', 'eth0', true],
    ];
    expect(links()).toEqual(up);
    reboot();
    expect(links()).toEqual([up[0]]);
    cable('eth0', false);
    const second = fleet.hypervisor.transaction();
    second.apply({ op: 'host', host: fleet.host, action: { uplink: 'eth0', up: true } });
    second.rollback();
    fleet.act(fleet.host.domains.byName('on-eth0')!, 'start');
    expect(links().map(([, , isUp]) => isUp)).toEqual([false, false]);
  });
});

describe('a segment that comes while its NIC has no link', () => {
  it.each([
    ['the cable'],
    ['a fault'],
    ['the host'],
  ])('has none either, by %s, and nobody hears of one', (what) => {
    const { fleet, cable, turn, direct, links } = stage();
    const { host, clock, hypervisor } = fleet;
    const interfaces = new Interfaces(host, new InterfaceIndexes(), () => clock.nowMs);
    const changed: string[] = [];
    hypervisor.onSettled((domains) => changed.push(...interfaces.hear(domains).map(({ name }) => name)));
    const fault = what === 'a fault' && fleet.raise('host-nic-down', host);
    if (what === 'the cable') cable('eth0', false);
    if (what === 'the host') turn('eth0', false);
    expect(changed.splice(0)).toEqual(['eth0', 'virbr0']);
    direct('eth0');
    fleet.pass(30);
    expect([changed, links()[1]]).toEqual([[], ['eth0/vepa', 'eth0', false]]);
    const { nic } = uplinksOf(host)[1]!;
    expect([nic.read('txFrames', clock.nowMs), nic.read('rxFrames', clock.nowMs)]).toEqual([0, 0]);
    if (fault) fleet.clear(fault);
    else if (what === 'the cable') cable('eth0', true);
    else turn('eth0', true);
    fleet.pass(30);
    expect(nic.read('txFrames', clock.nowMs)).toBeGreaterThan(1000);
  });

  it('knows of a bond what the host knows of it already', () => {
    const slaves = ['a', 'b'].map((name) => ({ ...UPLINK_DEFAULTS, name }));
    const uplink = bondLine('bond0', { ...BOND_DEFAULTS, mode: 'active-backup', slaves, downDelayMs: 5000 });
    const segments = [{ name: 'br0', kind: 'bridge', uplink, reflects: false }] as const;
    const { fleet, cable, turn, direct } = stage({ ...hostDefaults('modern'), segments, grows: false });
    const bonds = () =>
      Array.from(fleet.host.segments, ({ bond }) => [bond!.active?.config.name, bond!.dueMs, bond!.up]);
    cable('a', false);
    direct('bond0');
    expect(bonds()).toEqual([
      ['a', 5100, true],
      ['a', 5100, true],
    ]);
    fleet.pass(6);
    direct('b', { macvtapMode: 'bridge' });
    turn('bond0', false);
    direct('a', { macvtapMode: 'private' });
    expect(bonds()).toEqual(Array.from({ length: 4 }, () => ['b', undefined, false]));
  });
});
