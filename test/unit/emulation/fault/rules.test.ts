import { describe, expect, it } from 'vitest';
import type { FaultRule } from '../../../../agent/emulation/fault/fault-rule.ts';
import { globMatch } from '../../../../agent/util/glob.ts';
import { FaultyFleet, withoutTime } from './faulty.ts';

const SLOW: Omit<FaultRule, 'when'> = { name: 'slow', kind: 'slow-disk', parameters: {}, target: {} };

function fleetWith(rules: readonly FaultRule[], seed = 7): FaultyFleet {
  const fleet = new FaultyFleet(
    {
      'db-1': { labels: ['prod'], load: 'idle' },
      'db-2': { load: 'idle' },
      'web-1': { type: 'xen', load: 'idle' },
      off: { initialState: 'shutoff' },
    },
    {},
    { seed },
  );
  fleet.hypervisor.setFaultRules(rules);
  return fleet;
}

const begun = (fleet: FaultyFleet): string[] =>
  fleet.takeAll().flatMap((each) => {
    const match = /^(\S+) \S+@(\S+) BEGUN fault/.exec(each);
    return match ? [`${match[1]} ${match[2]}`] : [];
  });
const ended = (fleet: FaultyFleet): string[] =>
  fleet.takeAll().flatMap((each) => /^(\S+ \S+@\S+) ENDED/.exec(each)?.slice(1) ?? []);

describe('globs', () => {
  it.each([
    ['*', '', true],
    ['db-*', 'db-1', true],
    ['db-*', 'web-1', false],
    ['*-1', 'db-1', true],
    ['?b-1', 'db-1', true],
    ['a*b*c', 'axxbyyc', true],
    ['a*b*c', 'axxbyy', false],
    ['db', 'db-1', false],
    ['', '', true],
    ['*a*a*a*a*b', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaa', false],
  ])('%s and %s: %s', (pattern, name, fits) => {
    expect(globMatch(pattern, name)).toBe(fits);
  });
});

describe('targets', () => {
  const hit = (target: FaultRule['target'], kind: FaultRule['kind'] = 'slow-disk') => {
    const fleet = fleetWith([{ ...SLOW, kind, target, when: { atMs: 1000 } }]);
    fleet.pass(2);
    return begun(fleet)
      .map((each) => each.split(' ')[1])
      .toSorted();
  };

  it('are running guests by name, label, type and host', () => {
    expect(hit({})).toEqual(['db-1', 'db-2', 'web-1']);
    expect(hit({ name: 'db-*' })).toEqual(['db-1', 'db-2']);
    expect(hit({ label: 'prod' })).toEqual(['db-1']);
    expect(hit({ type: 'xen' })).toEqual(['web-1']);
    expect(hit({ host: 'o*' })).toEqual([]);
    expect(hit({ host: 'host', name: 'db-2' })).toEqual(['db-2']);
  });

  it('are hosts, for faults of hosts', () => {
    expect(hit({}, 'thin-pool-fill')).toEqual(['host', 'one', 'two']);
    expect(hit({ host: 't*' }, 'thin-pool-fill')).toEqual(['two']);
  });

  it('are hit by their chance, each time, as the seed says', () => {
    const times = (probability: number, seed: number): number => {
      const rule = { ...SLOW, target: { probability }, durationMs: 500, when: { everyMs: 1000 } };
      const fleet = fleetWith([rule], seed);
      fleet.pass(400.5);
      return begun(fleet).length;
    };
    expect(times(1, 7)).toBe(1200);
    expect(times(0, 7)).toBe(0);
    expect(times(0.25, 7)).toBeGreaterThan(230);
    expect(times(0.25, 7)).toBeLessThan(370);
    expect(times(0.25, 7)).toBe(times(0.25, 7));
    expect(times(0.25, 7)).not.toBe(times(0.25, 8));
  });
});

describe('times', () => {
  it('at: once', () => {
    const fleet = fleetWith([{ ...SLOW, target: { name: 'db-1' }, durationMs: 5000, when: { atMs: 3000 } }]);
    fleet.pass(60);
    expect(fleet.takeAll()).toEqual(['3 slow-disk@db-1 BEGUN fault [1]', '8 slow-disk@db-1 ENDED fault [1]']);
  });

  it('every: from the first time on, as often as its count says', () => {
    const rule = { ...SLOW, target: { name: 'db-1' }, durationMs: 1000, count: 3 };
    const fleet = fleetWith([{ ...rule, when: { everyMs: 10_000, fromMs: 5000 } }]);
    fleet.pass(100);
    expect(begun(fleet)).toEqual(['5 db-1', '15 db-1', '25 db-1']);
  });

  it('every with jitter: near each nominal time, without adding up', () => {
    const rule = { ...SLOW, target: { name: 'db-1' }, durationMs: 1000, jitterMs: 2000 };
    const fleet = fleetWith([{ ...rule, when: { everyMs: 10_000 } }]);
    fleet.pass(505);
    const times = begun(fleet).map((each) => Number(each.split(' ')[0]));
    expect(times).toHaveLength(50);
    times.forEach((time, i) => {
      expect(Math.abs(time - 10 * (i + 1))).toBeLessThanOrEqual(2);
    });
    expect(new Set(times.map((time, i) => time - 10 * (i + 1))).size).toBeGreaterThan(20);
  });

  it('does not begin again while it is in effect', () => {
    const rule = { ...SLOW, target: { name: 'db-1' }, durationMs: 25_000, when: { everyMs: 10_000 } };
    const fleet = fleetWith([rule]);
    fleet.pass(61);
    expect(begun(fleet)).toEqual(['10 db-1', '40 db-1']);
  });

  it('after an event of the guest, with a delay', () => {
    const rule = { ...SLOW, target: { name: 'db-*' }, delayMs: 4000, when: { after: 'SUSPENDED/PAUSED' } };
    const fleet = fleetWith([rule]);
    fleet.pass(1);
    fleet.act(fleet.guest('db-2'), 'suspend');
    fleet.act(fleet.guest('web-1'), 'suspend');
    fleet.pass(10);
    expect(begun(fleet)).toEqual(['5 db-2']);
  });

  it('after an event of a guest, on its host; after an event of the host, on its guests', () => {
    const fleet = fleetWith([
      { ...SLOW, name: 'fill', kind: 'thin-pool-fill', when: { after: 'STOPPED/DESTROYED' } },
      { ...SLOW, name: 'hang', kind: 'guest-hang', when: { after: 'STOPPING' } },
    ]);
    fleet.act(fleet.guest('db-2'), 'destroy');
    fleet.hypervisor.apply({ op: 'host', host: fleet.host, action: 'reboot' });
    fleet.pass(1);
    expect(begun(fleet).toSorted()).toEqual(['0 db-1', '0 host', '0 web-1']);
  });

  it('while another fault is in effect, on the same guest, or on the guests of the host that has it', () => {
    const fleet = fleetWith([
      {
        ...SLOW,
        name: 'noise',
        kind: 'noisy-neighbour',
        target: { name: 'db-1' },
        durationMs: 10_000,
        when: { atMs: 2000 },
      },
      { ...SLOW, delayMs: 3000, when: { while: 'noise' } },
      { ...SLOW, name: 'fill', kind: 'thin-pool-fill', durationMs: 1000, when: { while: 'noise' } },
    ]);
    fleet.pass(30);
    expect(fleet.takeAll()).toEqual([
      '2 noisy-neighbour@db-1 BEGUN fault [1]',
      '2 thin-pool-fill@host BEGUN fault [2]',
      '3 thin-pool-fill@host ENDED fault [2]',
      '5 slow-disk@db-1 BEGUN fault [1,3]',
      '12 noisy-neighbour@db-1 ENDED fault [1,3]',
      '12 slow-disk@db-1 ENDED fault [3]',
    ]);
  });

  it('never begins when the other fault has ended before the delay is over', () => {
    const noise = { ...SLOW, name: 'noise', kind: 'noisy-neighbour' as const, target: { name: 'db-1' } };
    const fleet = fleetWith([
      { ...noise, durationMs: 1000, when: { atMs: 2000 } },
      { ...SLOW, delayMs: 3000, when: { while: 'noise' } },
    ]);
    fleet.pass(30);
    expect(begun(fleet)).toEqual(['2 db-1']);
  });
});

describe('rules that are given again', () => {
  const often = { ...SLOW, target: { name: 'db-1' }, durationMs: 1000, when: { everyMs: 10_000 } };

  it('go on when they are as they were', () => {
    const fleet = fleetWith([often]);
    fleet.pass(15);
    fleet.hypervisor.setFaultRules([{ ...SLOW, name: 'other', when: { atMs: 0 } }, { ...often }]);
    fleet.pass(10);
    expect(begun(fleet)).toEqual(['10 db-1', '20 db-1']);
  });

  it('end what they had begun when they are gone or others, and go by the time that is left', () => {
    const fleet = fleetWith([{ ...often, durationMs: 8000 }]);
    fleet.pass(15);
    fleet.takeAll();
    fleet.hypervisor.setFaultRules([{ ...often, durationMs: 7000, when: { everyMs: 4000 } }]);
    expect(ended(fleet)).toEqual(['15 slow-disk@db-1']);
    fleet.pass(14);
    expect(begun(fleet)).toEqual(['16 db-1', '24 db-1']);
    fleet.hypervisor.setFaultRules([]);
    fleet.pass(100);
    expect(fleet.hypervisor.faults).toEqual([]);
    expect(withoutTime(fleet.takeAll())).toEqual(['slow-disk@db-1 ENDED config [3]']);
  });
});

describe('a guest that has faults', () => {
  it('takes them along when it moves to another host', () => {
    const fleet = fleetWith([]);
    const guest = fleet.guest('db-1');
    const id = fleet.raise('slow-disk', guest, { durationMs: 100_000 });
    fleet.raise('hung-monitor', fleet.guest('db-2'));
    expect(() => fleet.act(fleet.guest('db-2'), 'migrate', { target: fleet.two })).toThrow('monitor');
    fleet.act(guest, 'migrate', { target: fleet.two });
    fleet.pass(60);
    const moved = fleet.hypervisor.faults.find((fault) => fault.id === id)!;
    expect([moved.host.name, moved.domain]).toEqual(['two', fleet.two.domains.byName('db-1')]);
    expect(fleet.two.domains.byName('db-1')!.process!.disks[0]!.faults).toMatchObject({ latencyFactor: 10 });
    fleet.clear(id);
    expect(fleet.two.domains.byName('db-1')!.process!.disks[0]!.faults).toBeUndefined();
  });

  it('loses them when it is undefined', () => {
    const fleet = fleetWith([]);
    const guest = fleet.guest('db-1');
    fleet.raise('slow-disk', guest);
    fleet.act(guest, 'destroy');
    expect(fleet.hypervisor.faults).toHaveLength(1);
    fleet.hypervisor.apply({ op: 'undefine', domain: guest });
    fleet.pass(1);
    expect(fleet.hypervisor.faults).toEqual([]);
  });
});

describe('a fault raised by hand', () => {
  it('is refused with what would be right', () => {
    const fleet = fleetWith([]);
    const guest = fleet.guest('db-1');
    expect(() => fleet.raise('disk-full', guest)).toThrow('it is a fault of hosts, not of guests');
    expect(() => fleet.raise('slow-disk', fleet.host)).toThrow('it is a fault of guests, not of hosts');
    expect(() => fleet.raise('slow-disk', fleet.guest('off'))).toThrow('it is shut off');
    expect(() => fleet.raise('nic-down', guest, { parameters: { nic: 3 } })).toThrow(
      'it has no NIC 3; it has 1',
    );
    expect(() => fleet.raise('queue-stall', guest, { parameters: { queue: 2 } })).toThrow(
      'its NIC 0 has no queue pair 2; it has 2',
    );
    expect(() => fleet.raise('slow-disk', guest, { durationMs: 0 })).toThrow('must be above 0');
    expect(() => fleet.clear(1)).toThrow('there is no fault 1 to clear; active: none');
    expect(fleet.takeAll()).toEqual([]);
  });
});
