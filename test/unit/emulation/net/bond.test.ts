import { describe, expect, it } from 'vitest';
import { Bond } from '../../../../agent/emulation/net/bond.ts';
import { BOND_DEFAULTS, type BondConfig, bondLine } from '../../../../agent/emulation/net/bond-config.ts';
import { UPLINK_DEFAULTS } from '../../../../agent/emulation/net/net-config.ts';
import { LINE_OVERHEAD } from '../../../../agent/emulation/net/wire.ts';
import { Laboratory, SILENT } from './laboratory.ts';

const GIGABIT = 1e9;

function config(changes: Partial<BondConfig> = {}, rates: readonly number[] = [GIGABIT, GIGABIT]) {
  const slaves = rates.map((lineRate, i) => ({ ...UPLINK_DEFAULTS, name: `eth${i}`, lineRate }));
  return bondLine('bond0', { ...BOND_DEFAULTS, mode: 'active-backup', slaves, ...changes });
}

/** A bond, with time and cables. */
function stage(changes?: Partial<BondConfig>, rates?: readonly number[]) {
  const bond = new Bond(config(changes, rates), 0);
  let now = 0;
  return {
    bond,
    cable: (place: number, carrier: boolean) => {
      bond.nics[place]!.set({ cable: carrier }, now);
      bond.watch(now);
    },
    /** Goes on to an instant; returns those at which it noticed something. */
    until: (ms: number) => {
      const noticed: number[] = [];
      for (let due = bond.dueMs; due !== undefined && due <= ms; due = bond.dueMs) {
        noticed.push(due);
        bond.settle(due);
      }
      now = ms;
      return noticed;
    },
    lanes: () => bond.txLanes.map((nic) => nic.config.name),
  };
}

describe('active-backup', () => {
  it('sends on the first slave, and on another from the look at the links after its link is gone', () => {
    const { bond, cable, until, lanes } = stage();
    expect([lanes(), bond.lineRate, bond.up]).toEqual([['eth0'], GIGABIT, true]);
    until(250);
    cable(0, false);
    expect([lanes(), bond.rxLanes, bond.up]).toEqual([['eth0'], [], true]);
    expect(until(1000)).toEqual([300]);
    expect([lanes(), bond.active?.config.name]).toEqual([['eth1'], 'eth1']);
    cable(0, true);
    expect(until(2000)).toEqual([1100]);
    expect(lanes()).toEqual(['eth1']);
  });

  it('is down when the last link is gone, and takes the first that comes back at once', () => {
    const { bond, cable, until, lanes } = stage({ upDelayMs: 500, downDelayMs: 200 });
    cable(0, false);
    expect(until(1000)).toEqual([300]);
    cable(1, false);
    expect(until(2000)).toEqual([1300]);
    expect([bond.up, bond.lineRate, bond.active, bond.rxLanes]).toEqual([false, 0, undefined, []]);
    // What is sent goes nowhere.
    expect(bond.txLanes.map(({ up }) => up)).toEqual([false]);
    cable(1, true);
    expect(until(3000)).toEqual([2100]);
    cable(0, true);
    expect(until(4000)).toEqual([3600]);
    expect(lanes()).toEqual(['eth1']);
  });

  it('waits for no updelay once no other link is left: the first that is back is used at the next look', () => {
    const { bond, cable, until, lanes } = stage({ upDelayMs: 30_000 }, [GIGABIT, GIGABIT, GIGABIT]);
    cable(0, false);
    cable(1, false);
    until(2000);
    cable(0, true);
    cable(1, true);
    until(5000);
    expect(lanes()).toEqual(['eth2']);
    cable(2, false);
    expect(until(6000)).toEqual([5100, 5200]);
    expect([bond.up, lanes()]).toEqual([true, ['eth0']]);
    // The other one goes on to prove itself.
    expect(until(40_000)).toEqual([32_100]);
  });

  it('notices nothing of a link that is back within downdelay, and nothing at all without miimon', () => {
    const patient = stage({ downDelayMs: 300 });
    patient.cable(0, false);
    patient.until(350);
    patient.cable(0, true);
    expect(patient.until(5000)).toEqual([]);
    const blind = stage({ miimonMs: 0 });
    blind.cable(0, false);
    expect([blind.until(100_000), blind.lanes(), blind.bond.up]).toEqual([[], ['eth0'], true]);
  });

  it.each([
    ['always', 'eth1'],
    ['better', 'eth0'],
    ['failure', 'eth0'],
  ] as const)('primary_reselect %s: when the primary is back, %s is active', (primaryReselect, active) => {
    const { cable, until, lanes } = stage({ primary: 'eth1', primaryReselect });
    expect(lanes()).toEqual(['eth1']);
    cable(1, false);
    until(1000);
    expect(lanes()).toEqual(['eth0']);
    cable(1, true);
    until(2000);
    expect(lanes()).toEqual([active]);
  });

  it('primary_reselect better: a faster primary takes over', () => {
    const { cable, until, lanes } = stage({ primary: 'eth1', primaryReselect: 'better' }, [1e9, 1e10]);
    cable(1, false);
    until(1000);
    cable(1, true);
    until(2000);
    expect(lanes()).toEqual(['eth1']);
  });
});

describe('802.3ad and balance-xor', () => {
  it('send on all slaves that are up, as fast as they are together', () => {
    const { bond, cable, until, lanes } = stage({ mode: 'balance-xor' }, [1e9, 1e9, 1e9]);
    expect([lanes(), bond.lineRate, bond.active]).toEqual([['eth0', 'eth1', 'eth2'], 3e9, undefined]);
    cable(1, false);
    // The switch sends on the others at once.
    expect([lanes().length, bond.rxLanes.length]).toEqual([3, 2]);
    until(100);
    expect([lanes(), bond.lineRate]).toEqual([['eth0', 'eth2'], 2e9]);
    cable(1, true);
    expect(until(1000)).toEqual([200]);
    expect(lanes()).toEqual(['eth0', 'eth1', 'eth2']);
  });

  it('802.3ad: a link that is back is used when LACP has agreed, 2 s later', () => {
    const { cable, until, lanes } = stage({ mode: '802.3ad' });
    cable(0, false);
    until(1000);
    cable(0, true);
    expect(until(10_000)).toEqual([3100]);
    expect(lanes()).toEqual(['eth0', 'eth1']);
  });

  it('802.3ad: all that are back begin to agree once no other link is left', () => {
    const { cable, until, lanes } = stage({ mode: '802.3ad', upDelayMs: 30_000 }, [1e9, 1e9, 1e9]);
    cable(0, false);
    cable(1, false);
    until(2000);
    cable(0, true);
    cable(1, true);
    until(5000);
    cable(2, false);
    expect(until(40_000)).toEqual([5100, 7200]);
    expect(lanes()).toEqual(['eth0', 'eth1']);
  });

  it('802.3ad: is down with fewer links than min_links, which no other mode looks at', () => {
    const { bond, cable, until } = stage({ mode: '802.3ad', minLinks: 2 });
    const other = stage({ mode: 'balance-xor', minLinks: 2 });
    for (const each of [{ cable, until }, other]) {
      each.cable(1, false);
      each.until(1000);
    }
    expect([bond.up, bond.rxLanes, other.bond.up]).toEqual([false, [], true]);
  });
});

describe('what a bond carries', () => {
  const load = { ...SILENT, txFps: 100_000, rxFps: 100_000, udpShare: 0.5 };
  const octets = (lab: Laboratory, place: number, direction: 'tx' | 'rx') => {
    const nic = lab.segment.uplink!.nics[place]!;
    return nic.read(`${direction}Bytes`, lab.now) + LINE_OVERHEAD * nic.read(`${direction}Frames`, lab.now);
  };
  function fill(changes: Partial<BondConfig>, guests: number, rates?: readonly number[]): Laboratory {
    const lab = new Laboratory('bridge', config(changes, rates));
    for (let i = 0; i < guests; i++) lab.add(load);
    lab.run(10);
    return lab;
  }
  /** Octets that a slave carries in 10 s. */
  const full = (GIGABIT / 8) * 10;

  it('active-backup: as much as the active slave, and nothing on the others', () => {
    const lab = fill({ mode: 'active-backup' }, 20);
    for (const direction of ['tx', 'rx'] as const) {
      expect(octets(lab, 0, direction)).toBeGreaterThan(0.85 * full);
      expect(octets(lab, 0, direction)).toBeLessThanOrEqual(full);
      expect(octets(lab, 1, direction)).toBe(0);
    }
  });

  it('802.3ad with layer3+4: as much as all slaves together, evenly', () => {
    const lab = fill({ mode: '802.3ad', hashPolicy: 'layer3+4' }, 20);
    for (const direction of ['tx', 'rx'] as const) {
      for (const place of [0, 1]) {
        expect(octets(lab, place, direction)).toBeGreaterThan(0.85 * full);
        expect(octets(lab, place, direction)).toBeLessThanOrEqual(full);
      }
    }
  });

  it('layer2: one guest is never faster than one slave, and stays on it', () => {
    const lab = fill({ mode: 'balance-xor', hashPolicy: 'layer2' }, 1);
    for (const direction of ['tx', 'rx'] as const) {
      const both = [octets(lab, 0, direction), octets(lab, 1, direction)].sort((a, b) => a - b);
      expect(both[0]).toBe(0);
      expect(both[1]).toBeGreaterThan(0.7 * full);
    }
  });

  it('layer2: guests on a crowded slave get less, and others all that they want', () => {
    const lab = new Laboratory('bridge', config({ mode: 'balance-xor', hashPolicy: 'layer2' }));
    const guests = Array.from({ length: 9 }, () => lab.add({ ...load, rxFps: 25_000, txFps: 25_000 }));
    lab.run(10);
    const got = guests.map((guest) => lab.read(guest, 'rxFrames'));
    const [least, most] = [Math.min(...got), Math.max(...got)];
    const crowded = got.filter((frames) => frames < (least + most) / 2).length;
    // Seven or fewer of them fill a slave.
    expect(crowded === 0 || crowded > 9 / 2).toBe(true);
    expect(octets(lab, 0, 'rx') + octets(lab, 1, 'rx')).toBeGreaterThan(1.2 * full);
  });

  it('no more than its lines, whatever falls on each slave', () => {
    for (const hashPolicy of ['layer2', 'layer2+3', 'layer3+4'] as const) {
      const lab = fill({ mode: 'balance-xor', hashPolicy }, 13, [1e9, 1e8, 1e9]);
      for (const direction of ['tx', 'rx'] as const)
        for (const place of [0, 1, 2]) {
          const most = lab.segment.uplink!.nics[place]!.lineRate / 8;
          expect(octets(lab, place, direction)).toBeLessThanOrEqual(most * 10 + 10 * 2000);
        }
    }
  });

  it('loses what goes out on a slave without a link until it notices, TCP excepted, and goes on with the other', () => {
    const lab = new Laboratory('bridge', config({ mode: 'active-backup' }));
    lab.add({ ...SILENT, txFps: 10_000, rxFps: 10_000, udpShare: 0.5 });
    const sent = (place: number) => lab.segment.uplink!.nics[place]!.read('txFrames', lab.now);
    const dropped = () => lab.segment.uplink!.nics[0]!.read('txDropped', lab.now);
    lab.run(10, 100);
    lab.segment.setLink('eth0', { cable: false }, lab.now);
    const before = sent(0);
    lab.run(2, 100);
    // What was on the way is lost, and half of what was sent in 100 ms is UDP.
    expect(dropped()).toBeGreaterThan(1400);
    expect(dropped()).toBeLessThan(1600);
    lab.segment.bond!.settle(lab.now);
    lab.run(10, 100);
    expect(sent(0)).toBe(before);
    expect(sent(1)).toBeGreaterThan(8000);
    expect(dropped()).toBeLessThan(1600);
  });

  it('drops what finds no slave, and counts it', () => {
    const lab = new Laboratory('bridge', config({ mode: 'balance-xor' }));
    lab.add({ ...SILENT, txFps: 1000, rxFps: 1000, udpShare: 1 });
    lab.run(5);
    lab.segment.bond!.setEnabled(false);
    lab.run(1);
    const { uplink } = lab.segment;
    const before = uplink!.read('txFrames', lab.now);
    lab.run(5);
    expect(uplink!.read('txFrames', lab.now)).toBe(before);
    expect(uplink!.read('txDropped', lab.now)).toBeGreaterThan(4000);
    expect(uplink!.nics.map((nic) => nic.read('txDropped', lab.now))).toEqual([0, 0]);
    expect(uplink!.rxLanes).toEqual([]);
  });
});
