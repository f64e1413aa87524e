import { describe, expect, it } from 'vitest';
import type { NicConfig } from '../../../agent/emulation/domain/domain-config.ts';
import { hostDefaults } from '../../../agent/emulation/host/host-config.ts';
import { BOND_DEFAULTS, type BondConfig, bondLine } from '../../../agent/emulation/net/bond-config.ts';
import { UPLINK_DEFAULTS } from '../../../agent/emulation/net/net-config.ts';
import type { UplinkCounter } from '../../../agent/emulation/net/uplink.ts';
import { FaultyFleet } from './fault/faulty.ts';
import { picture } from './snapshot.ts';

const NIC: NicConfig = {
  ...{ type: 'bridge', source: 'br0', model: 'virtio', queues: 1 },
  traffic: { txFps: 5000, rxFps: 5000, localShare: 0, udpShare: 0.3 },
};

/** A host with a bridge on bond0 of eth0 and eth1, and guests that talk. */
function stage(changes: Partial<BondConfig> = {}) {
  const slaves = ['eth0', 'eth1'].map((name) => ({ ...UPLINK_DEFAULTS, name }));
  const uplink = bondLine('bond0', { ...BOND_DEFAULTS, mode: 'active-backup', slaves, ...changes });
  const segments = [{ name: 'br0', kind: 'bridge', uplink, reflects: false }] as const;
  const fleet = new FaultyFleet(
    Object.fromEntries(['a', 'b', 'c'].map((name) => [name, { load: 'steady', nics: [NIC] }] as const)),
    { ...hostDefaults('modern'), segments, grows: false },
  );
  fleet.pass(5);
  const segment = () => [...fleet.host.segments][0]!;
  return {
    fleet,
    segment,
    read: (place: number, counter: UplinkCounter) =>
      segment().uplink!.nics[place]!.read(counter, fleet.clock.nowMs),
    active: () => segment().bond!.active?.config.name,
  };
}

describe('a bond of a host', () => {
  it('goes on with another slave once the active one’s link is down, within miimon, and carries as much as before', () => {
    const { fleet, read, active } = stage();
    fleet.pass(0.25);
    expect([read(0, 'txFrames') > 1000, read(1, 'txFrames')]).toEqual([true, 0]);
    fleet.raise('host-nic-down', fleet.host, { parameters: { uplink: 'eth0' } });
    const [sent, came] = [read(0, 'txFrames'), read(0, 'rxFrames')];
    fleet.pass(0.04);
    expect([active(), read(1, 'rxFrames')]).toEqual(['eth0', 0]);
    fleet.pass(0.02);
    expect(active()).toBe('eth1');
    const before = [read(1, 'txFrames'), read(1, 'rxFrames')] as const;
    fleet.pass(10);
    expect([read(0, 'txFrames'), read(0, 'rxFrames')]).toEqual([sent, came]);
    for (const [i, counter] of (['txFrames', 'rxFrames'] as const).entries())
      expect((read(1, counter) - before[i]!) / 10).toBeGreaterThan(1500);
    // Of the little that was lost most was under way.
    expect(read(0, 'txDropped') + read(0, 'txErrors')).toBeLessThan(3000);
  });

  it('is up until its last slave is gone, and goes on when one is back', () => {
    const { fleet, read, segment, active } = stage();
    const first = fleet.raise('host-nic-down', fleet.host, { parameters: { bridge: 'br0' } });
    fleet.pass(1);
    expect([segment().bond!.up, active()]).toEqual([true, 'eth1']);
    fleet.raise('host-nic-down', fleet.host, { parameters: { uplink: 'eth1' } });
    fleet.pass(1);
    expect([segment().bond!.up, segment().bond!.lineRate]).toEqual([false, 0]);
    const before = read(0, 'rxFrames') + read(1, 'rxFrames');
    fleet.pass(5);
    expect(read(0, 'rxFrames') + read(1, 'rxFrames')).toBe(before);
    fleet.clear(first);
    fleet.pass(1);
    expect([segment().bond!.up, active()]).toEqual([true, 'eth0']);
    const back = read(0, 'rxFrames');
    fleet.pass(5);
    expect(read(0, 'rxFrames') - back).toBeGreaterThan(5000);
    expect(() => fleet.raise('host-nic-down', fleet.host, { parameters: { uplink: 'eth7' } })).toThrow(
      'it has no uplink "eth7" there; it has eth0, eth1',
    );
  });

  it('is left by a slave that the host has off, and carries nothing when it is off itself', () => {
    const { fleet, read, segment, active } = stage();
    const set = (name: string, up: boolean) =>
      fleet.hypervisor.apply({ op: 'host', host: fleet.host, action: { interface: name, up } });
    set('eth0', false);
    fleet.pass(1);
    expect(active()).toBe('eth1');
    set('bond0', false);
    const before = read(1, 'txFrames') + read(1, 'rxFrames');
    expect([segment().uplink!.up, segment().uplink!.nics[1]!.up]).toEqual([false, true]);
    fleet.pass(5);
    expect(read(1, 'txFrames') + read(1, 'rxFrames')).toBe(before);
    set('bond0', true);
    fleet.pass(5);
    expect(read(1, 'rxFrames')).toBeGreaterThan(before);
  });

  it('with a link that flaps faster than updelay, stays on the other slave', () => {
    const { fleet, active } = stage({ primary: 'eth0', upDelayMs: 3000 });
    const flap = fleet.raise('host-nic-flap', fleet.host, { parameters: { uplink: 'eth0', cycleMs: 4000 } });
    fleet.pass(1);
    const seen = new Set<string | undefined>();
    for (let i = 0; i < 30; i++) {
      seen.add(active());
      fleet.pass(0.5);
    }
    expect([...seen]).toEqual(['eth1']);
    fleet.clear(flap);
    fleet.pass(4);
    expect(active()).toBe('eth0');
  });

  it('begins anew with a reboot, and the faults of its cables are still there', () => {
    const { fleet, segment, active } = stage();
    fleet.raise('host-nic-down', fleet.host, { parameters: { uplink: 'eth0' } });
    fleet.pass(1);
    fleet.raise('host-crash', fleet.host);
    expect(segment().uplink!.nics.map(({ up }) => up)).toEqual([false, false]);
    fleet.pass(91);
    expect([fleet.host.state, segment().uplink!.nics.map(({ up }) => up), active()]).toEqual([
      'up',
      [false, true],
      'eth1',
    ]);
  });

  it.each([
    ['a cable', { uplink: 'eth0', up: false }],
    ['the bond', { interface: 'bond0', up: false }],
  ] as const)('%s: undone, it is as if nothing had been', (_, action) => {
    const run = (attempt: boolean) => {
      const { fleet, segment } = stage({ mode: 'balance-xor', hashPolicy: 'layer2+3' });
      // A timer of the bond is pending.
      fleet.hypervisor.apply({ op: 'host', host: fleet.host, action: { uplink: 'eth1', up: false } });
      fleet.pass(0.03);
      if (attempt) {
        const transaction = fleet.hypervisor.transaction();
        transaction.apply({ op: 'host', host: fleet.host, action });
        transaction.rollback();
      }
      fleet.pass(5);
      return [segment().snapshot(), picture(fleet)];
    };
    expect(run(true)).toEqual(run(false));
  });
});

describe('a host without power', () => {
  it('has no link, and its lines carry nothing more of what they were to', () => {
    const { fleet, segment, read } = stage();
    fleet.pass(0.3);
    fleet.raise('host-crash', fleet.host, { durationMs: 10_000 });
    const down = segment();
    expect(down.uplink!.up).toBe(false);
    const before = read(0, 'rxFrames') + read(0, 'txFrames');
    fleet.pass(50);
    expect(segment()).toBe(down);
    expect(read(0, 'rxFrames') + read(0, 'txFrames')).toBe(before);
    fleet.pass(51);
    expect([fleet.host.state, segment().uplink!.up]).toEqual(['up', true]);
  });
});
