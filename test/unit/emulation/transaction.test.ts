import { describe, expect, it } from 'vitest';
import { config, Fleet, FURNISHED, stateOf } from './fleet.ts';
import { future, picture } from './snapshot.ts';

/** A fleet in the middle of things: a shutdown, a save, a migration and a boot are pending. */
function busyFleet(): Fleet {
  const fleet = new Fleet();
  const host = fleet.one;
  const names = ['idle', 'closing', 'saving', 'moving', 'booting', 'off'];
  fleet.hypervisor.apply({
    op: 'populate',
    host,
    configs: names.map((name) =>
      config(name, {
        ...FURNISHED,
        initialState: name === 'off' || name === 'booting' ? 'shutoff' : 'running',
      }),
    ),
  });
  fleet.pass(30);
  const of = (name: string) => host.domains.byName(name)!;
  fleet.act(of('closing'), 'shutdown');
  fleet.act(of('saving'), 'save');
  fleet.act(of('moving'), 'migrate', { target: fleet.two });
  fleet.act(of('booting'), 'start');
  fleet.pass(1);
  fleet.events.length = 0;
  return fleet;
}

/** Changes of every kind, all of which are possible in a busy fleet. */
function changeEverything(fleet: Fleet, apply: Fleet['hypervisor']['apply']): void {
  const of = (name: string) => fleet.one.domains.byName(name)!;
  apply({ op: 'act', domain: of('closing'), action: 'destroy' });
  apply({ op: 'act', domain: of('saving'), action: 'cancel-job' });
  apply({ op: 'act', domain: of('moving'), action: 'kill' });
  apply({ op: 'act', domain: of('booting'), action: 'suspend' });
  apply({ op: 'act', domain: of('idle'), action: 'migrate', target: fleet.two, undefineSource: true });
  apply({ op: 'rename', domain: of('off'), name: 'renamed' });
  apply({ op: 'act', domain: of('renamed'), action: 'start', paused: true });
  apply({ op: 'undefine', domain: of('closing') });
  apply({ op: 'define', host: fleet.two, config: config('new', FURNISHED) });
  apply({ op: 'update', domain: of('booting'), config: config('booting', { vcpus: 4 }) });
  apply({ op: 'rename', domain: fleet.two.domains.byName('new')!, name: 'newer' });
  apply({ op: 'undefine', domain: fleet.two.domains.byName('newer')! });
}

describe('a transaction', () => {
  it('rolled back leaves everything as it was, now and later', () => {
    const fleet = busyFleet();
    const untouched = busyFleet();
    const transaction = fleet.hypervisor.transaction();
    changeEverything(fleet, transaction.apply);
    expect(picture(fleet)).not.toEqual(picture(untouched));
    transaction.rollback();
    expect(picture(fleet)).toEqual(picture(untouched));
    expect(fleet.events).toEqual([]);
    expect(future(fleet, 90)).toEqual(future(untouched, 90));
  });

  it('committed does what the same changes do one by one', () => {
    const fleet = busyFleet();
    const direct = busyFleet();
    const transaction = fleet.hypervisor.transaction();
    changeEverything(fleet, transaction.apply);
    expect(fleet.events).toEqual([]);
    transaction.commit();
    changeEverything(direct, (change) => direct.hypervisor.apply(change));
    expect(fleet.takeTrace()).toEqual(direct.takeTrace());
    expect(picture(fleet)).toEqual(picture(direct));
    expect(future(fleet, 90)).toEqual(future(direct, 90));
  });

  it('goes on after a change that was refused', () => {
    const fleet = new Fleet();
    const domain = fleet.define('a');
    const transaction = fleet.hypervisor.transaction();
    transaction.apply({ op: 'act', domain, action: 'start' });
    expect(() => transaction.apply({ op: 'act', domain, action: 'start' })).toThrow(/is running\/booted/);
    transaction.apply({ op: 'act', domain, action: 'suspend' });
    transaction.commit();
    expect(stateOf(domain)).toBe('PAUSED/USER');
    expect(fleet.takeTrace()).toEqual([
      'one STARTED/BOOTED RUNNING/BOOTED',
      'one SUSPENDED/PAUSED PAUSED/USER',
    ]);
  });

  it('rolled back keeps the counters of a domain that it removed apart from later ones', () => {
    const run = (rolledBack: boolean): number[][] => {
      const fleet = new Fleet();
      const domain = fleet.define('removed');
      if (rolledBack) {
        const transaction = fleet.hypervisor.transaction();
        transaction.apply({ op: 'undefine', domain });
        transaction.apply({ op: 'define', host: fleet.one, config: config('instead') });
        transaction.rollback();
      }
      const guests = [domain, fleet.define('later'), fleet.define('last')];
      guests.forEach((guest, i) => {
        fleet.act(guest, 'start');
        fleet.pass(10 * (i + 1));
      });
      return guests.map((guest) => [guest.cpuTimeNs, guest.memoryKiB]);
    };
    expect(run(true)).toEqual(run(false));
  });

  it('numbers the events of the next change as if a rolled back one had not been', () => {
    const fleet = new Fleet();
    const domain = fleet.define('a');
    const transaction = fleet.hypervisor.transaction();
    transaction.apply({ op: 'act', domain, action: 'start' });
    transaction.rollback();
    fleet.act(domain, 'start');
    expect(fleet.events.map((event) => event.sequence)).toEqual([2]);
  });

  it('stands alone: no other, no direct change, nothing after its end', () => {
    const fleet = new Fleet();
    const domain = fleet.define('a');
    const transaction = fleet.hypervisor.transaction();
    expect(() => fleet.hypervisor.transaction()).toThrow(/open already/);
    expect(() => fleet.act(domain, 'start')).toThrow(/a transaction is open/);
    transaction.rollback();
    expect(() => transaction.commit()).toThrow(/has ended/);
    expect(() => transaction.apply({ op: 'act', domain, action: 'start' })).toThrow(/has ended/);
    fleet.act(domain, 'start');
  });
});
