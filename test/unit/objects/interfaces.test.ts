import { describe, expect, it } from 'vitest';
import type { DomainConfig, NicConfig } from '../../../agent/emulation/domain/domain-config.ts';
import type { Host } from '../../../agent/emulation/host/host.ts';
import { type HostConfig, hostDefaults } from '../../../agent/emulation/host/host-config.ts';
import { UPLINK_DEFAULTS } from '../../../agent/emulation/net/net-config.ts';
import { STATUS } from '../../../agent/objects/if-mib/interface.ts';
import {
  type IndexStore,
  InterfaceIndexes,
  type NamedIndex,
} from '../../../agent/objects/if-mib/interface-indexes.ts';
import { Interfaces } from '../../../agent/objects/if-mib/interfaces.ts';
import { config, Fleet } from '../emulation/fleet.ts';

const NIC: NicConfig = { type: 'bridge', source: 'br0', model: 'virtio', queues: 1 };
const MACVTAP: NicConfig = { type: 'direct', source: 'eth9', model: 'virtio', queues: 1 };

/** A host with a bridge on eth0, an isolated one, and guests as they are wanted. */
function stage(guests: Readonly<Record<string, Partial<DomainConfig>>>, store?: IndexStore) {
  const fleet = new Fleet();
  const usual: HostConfig = {
    ...hostDefaults('modern'),
    segments: [
      { name: 'br0', kind: 'bridge', uplink: { ...UPLINK_DEFAULTS, name: 'eth0' }, reflects: false },
      { name: 'isolated', kind: 'bridge', reflects: false },
    ],
  };
  const host = fleet.hypervisor.addHost('host', usual);
  const configs = Object.entries(guests).map(([name, changes]) => config(name, changes));
  fleet.hypervisor.apply({ op: 'populate', host, configs });
  const interfaces = new Interfaces(host, new InterfaceIndexes(store), () => fleet.clock.nowMs);
  const changed: string[] = [];
  fleet.hypervisor.onSettled((domains, hosts) => {
    if (!hosts.includes(host)) return;
    for (const { name, oper } of interfaces.hear(domains)) changed.push(`${name} ${oper}`);
  });
  const named = (name: string) => [...interfaces.all].find((each) => each.name === name)!;
  return { fleet, host, interfaces, changed, named, guest: (name: string) => host.domains.byName(name)! };
}

/** What is stacked on what, as names. */
function stack({ all }: Interfaces): string[] {
  return [...all].map(({ name, lower }) => (lower ? `${name} on ${lower.name}` : name));
}

function expectSound({ all, tops }: Interfaces): void {
  const indexes = [...all].map(({ index }) => index);
  expect(indexes).toEqual([...new Set(indexes)].sort((a, b) => a - b));
  for (const one of all) {
    const uppers = [...all].filter(({ lower }) => lower === one);
    expect([one.name, one.uppers]).toEqual([one.name, uppers.length]);
    expect([one.name, one.uppersUp]).toEqual([
      one.name,
      uppers.filter(({ oper }) => oper === STATUS.up).length,
    ]);
  }
  expect([...tops]).toEqual([...all].filter(({ uppers }) => uppers === 0));
}

const RUNNING: Partial<DomainConfig> = { initialState: 'running' };

describe('the interfaces of a host', () => {
  it('are lo, NICs, bridges and the taps of active guests, each on what its frames go through', () => {
    const { interfaces, fleet, guest } = stage({
      a: { ...RUNNING, nics: [NIC, MACVTAP] },
      b: { nics: [NIC, { ...NIC, type: 'user' }] },
    });
    expect(stack(interfaces)).toEqual([
      'lo',
      'eth0',
      'eth9',
      'br0 on eth0',
      'isolated',
      'vnet0 on br0',
      'macvtap0 on eth9',
    ]);
    fleet.act(guest('b'), 'start');
    expect(stack(interfaces).at(-1)).toBe('vnet1 on br0');
    expectSound(interfaces);
  });

  it('have a tap only while its guest runs, and number the next one anew', () => {
    const { interfaces, fleet, guest, named } = stage({ a: { nics: [NIC] } });
    const { lastChangeMs } = interfaces;
    fleet.pass(10);
    fleet.act(guest('a'), 'start');
    const first = named('vnet0');
    expect(interfaces.lastChangeMs).toBe(lastChangeMs + 10_000);
    expect([first.sinceMs, interfaces.tapOf(guest('a'), 0)]).toEqual([fleet.clock.nowMs, first]);
    fleet.pass(10);
    fleet.act(guest('a'), 'destroy');
    expect(named('vnet0')).toBeUndefined();
    expect(interfaces.indexOf('vnet0')).toBeUndefined();
    fleet.act(guest('a'), 'start');
    expect(named('vnet1').index).toBe(first.index + 1);
    expectSound(interfaces);
  });

  it('keep the number of a device that the definition names, whose counters begin anew', () => {
    const { fleet, guest, named } = stage({ a: { ...RUNNING, nics: [{ ...NIC, target: 'web0' }] } });
    const { index } = named('web0');
    fleet.pass(10);
    fleet.act(guest('a'), 'destroy');
    fleet.act(guest('a'), 'start');
    expect(named('web0')).toMatchObject({ index, sinceMs: fleet.clock.nowMs });
  });

  it('follow NICs that are plugged in and out', () => {
    const { interfaces, fleet, guest, named } = stage({ a: { ...RUNNING, nics: [NIC, NIC] } });
    const second = named('vnet1');
    const domain = guest('a');
    fleet.hypervisor.apply({ op: 'attach', domain, device: { nic: NIC } });
    expect(stack(interfaces).slice(-3)).toEqual(['vnet0 on br0', 'vnet1 on br0', 'vnet2 on br0']);
    fleet.hypervisor.apply({ op: 'detach', domain, device: { nic: 0 } });
    fleet.pass(60);
    expect(stack(interfaces).slice(-2)).toEqual(['vnet1 on br0', 'vnet2 on br0']);
    expect(named('vnet1')).toBe(second);
    expect(interfaces.tapOf(domain, 0)).toBe(second);
    expectSound(interfaces);
  });

  it('move with a migration: the tap of the source goes, the target has its own', () => {
    const { interfaces, fleet, guest } = stage({ a: { ...RUNNING, nics: [NIC] } });
    const { one } = fleet;
    const there = new Interfaces(one, new InterfaceIndexes(), () => fleet.clock.nowMs);
    fleet.hypervisor.onSettled((domains, hosts) => {
      if (hosts.includes(one)) there.hear(domains);
    });
    fleet.act(guest('a'), 'migrate', { target: one });
    expect(stack(there).at(-1)).toMatch(/^vnet0 on /);
    expect(interfaces.indexOf('vnet0')).toBeDefined();
    fleet.pass(120);
    expect(interfaces.indexOf('vnet0')).toBeUndefined();
    expectSound(interfaces);
    expectSound(there);
  });

  it('are renewed by a reboot of the host, with the numbers that they had', () => {
    const { interfaces, fleet, host, named } = stage({ a: { ...RUNNING, autostart: true, nics: [NIC] } });
    const before = new Map([...interfaces.all].map(({ name, index }) => [name, index]));
    fleet.hypervisor.apply({ op: 'host', host, action: 'reboot' });
    fleet.pass(100);
    expect(interfaces.indexOf('vnet0')).toBeUndefined();
    fleet.pass(200);
    expect(new Map([...interfaces.all].map(({ name, index }) => [name, index]))).toEqual(before);
    expect(named('eth0').sinceMs).toBe(host.bootedMs);
    expectSound(interfaces);
  });
});

describe('the status of an interface', () => {
  const set = (host: Host, name: string, up: boolean) => ({
    op: 'host' as const,
    host,
    action: { interface: name, up },
  });

  it('is that of the cable and of what the host wants, and changes what stands on it', () => {
    const { fleet, host, named, changed } = stage({ a: { ...RUNNING, nics: [NIC, MACVTAP] } });
    fleet.pass(5);
    fleet.hypervisor.apply({ op: 'host', host, action: { uplink: 'eth9/vepa', up: false } });
    expect(changed).toEqual([`eth9 ${STATUS.down}`, `macvtap0 ${STATUS.lowerLayerDown}`]);
    expect([named('eth9').changedMs, named('eth0').changedMs]).toEqual([5000, 0]);
    changed.length = 0;
    // Without a cable it stays down, whatever the host wants.
    fleet.hypervisor.apply(set(host, 'eth9', false));
    fleet.hypervisor.apply(set(host, 'eth9', true));
    expect(changed).toEqual([]);
    fleet.hypervisor.apply({ op: 'host', host, action: { uplink: 'eth9/vepa', up: true } });
    expect(changed).toEqual([`eth9 ${STATUS.up}`, `macvtap0 ${STATUS.up}`]);
  });

  it('of a bridge is up while one of its ports is', () => {
    const { fleet, host, named, changed, guest } = stage({
      a: { nics: [NIC] },
      b: { nics: [{ ...NIC, source: 'isolated' }] },
    });
    expect(named('isolated').oper).toBe(STATUS.down);
    fleet.act(guest('b'), 'start');
    expect(changed).toEqual([`isolated ${STATUS.up}`]);
    fleet.hypervisor.apply({ op: 'tune', domain: guest('b'), link: { nic: 0, up: false } });
    expect(named('isolated').oper).toBe(STATUS.lowerLayerDown);
    fleet.act(guest('b'), 'destroy');
    expect(named('isolated').oper).toBe(STATUS.down);
    changed.length = 0;
    fleet.hypervisor.apply(set(host, 'eth0', false));
    expect(changed).toEqual([`eth0 ${STATUS.down}`, `br0 ${STATUS.lowerLayerDown}`]);
    fleet.act(guest('a'), 'start');
    expect(named('br0').oper).toBe(STATUS.up);
    fleet.hypervisor.apply(set(host, 'br0', false));
    expect(named('br0').oper).toBe(STATUS.down);
  });

  it('of a tap is that of the link: set by whoever manages the guest, or lost by a fault', () => {
    const { fleet, changed, guest } = stage({ a: { ...RUNNING, nics: [NIC, NIC] } });
    const domain = guest('a');
    fleet.hypervisor.apply({ op: 'tune', domain, link: { nic: 1, up: false } });
    fleet.hypervisor.apply({ op: 'fault', action: { raise: 'nic-down', target: domain, durationMs: 5000 } });
    expect(changed).toEqual([`vnet1 ${STATUS.down}`, `vnet0 ${STATUS.down}`]);
    fleet.pass(6);
    expect(changed.at(-1)).toBe(`vnet0 ${STATUS.up}`);
  });

  it('comes back with a transaction that is taken back', () => {
    const { fleet, host, interfaces, changed } = stage({ a: { ...RUNNING, nics: [NIC] } });
    const transaction = fleet.hypervisor.transaction();
    transaction.apply(set(host, 'eth0', false));
    transaction.rollback();
    fleet.pass(1);
    expect(changed).toEqual([]);
    expect([...interfaces.all].every(({ name, oper }) => oper === STATUS.up || name === 'isolated')).toBe(
      true,
    );
  });
});

describe('ifIndex', () => {
  const memory = (kept: readonly NamedIndex[] = []) => {
    const added: NamedIndex[] = [];
    const replaced: NamedIndex[][] = [];
    const store: IndexStore = {
      kept,
      add: (entry) => void added.push(entry),
      replace: (all) => void replaced.push([...all]),
      flush() {},
    };
    return { store, added, replaced };
  };

  it('is what it was by what was stored, and never that of another name', () => {
    const { store, added } = memory([
      ['br0', 7],
      ['gone', 20],
    ]);
    const { interfaces, named } = stage({}, store);
    expect([named('br0').index, named('lo').index]).toEqual([7, 1]);
    expect(Math.min(...[...interfaces.all].map(({ index }) => index).filter((index) => index > 7))).toBe(21);
    expect(added).toEqual([
      ['eth0', 21],
      ['isolated', 22],
    ]);
  });

  it('is forgotten of the oldest names that are not in use, when they are many', () => {
    const { store, replaced } = memory();
    const indexes = new InterfaceIndexes(store);
    const inUse = new Set(['eth0']);
    indexes.take('eth0');
    for (let i = 0; i < 65_600; i++) indexes.take(`vnet${i}`);
    indexes.settle(inUse);
    expect(replaced).toHaveLength(1);
    expect(replaced[0]!.length).toBeLessThan(40_000);
    expect(indexes.take('eth0')).toBe(2);
    expect(indexes.take('vnet0')).toBe(65_603);
  });
});
