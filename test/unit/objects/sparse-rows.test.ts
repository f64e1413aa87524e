import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Writer } from '../../../agent/ber/writer.ts';
import type { Domain } from '../../../agent/emulation/domain/domain.ts';
import type { DomainList } from '../../../agent/emulation/domain/domain-list.ts';
import { generateDomains } from '../../../agent/emulation/inventory/generated.ts';
import { ACTIONS } from '../../../agent/emulation/lifecycle/story.ts';
import type { BoundModule } from '../../../agent/mib/module.ts';
import { GuestRows, oneForEach } from '../../../agent/objects/guest-rows.ts';
import { libvirtStatsMib } from '../../../agent/objects/libvirt-stats/index.ts';
import { runs } from '../../support/runs.ts';
import { config, Fleet } from '../emulation/fleet.ts';

const GUESTS = 10_000;

/** Rows of the guests of a type, and how many guests had to be looked at for them. */
class Watched {
  looked = 0;
  readonly rows: GuestRows<Domain>;

  constructor(domains: DomainList, type: string) {
    const part = oneForEach((domain) => (domain.config.type === type ? domain : undefined));
    this.rows = new GuestRows(domains, {
      ...part,
      count: (domain) => {
        this.looked++;
        return part.count(domain);
      },
    });
  }

  /** The guests with a row, each by a GETNEXT of its own, and the guests looked at meanwhile. */
  walk(): { names: string[]; looked: number } {
    this.looked = 0;
    const names: string[] = [];
    let ids: readonly number[] = [];
    for (;;) {
      const at = this.rows.after(ids, 0, ids.length);
      if (at < 0) return { names: names.sort(), looked: this.looked };
      const domain = this.rows.row(at);
      names.push(domain.name);
      ids = [...domain.uuidOctets];
    }
  }
}

describe('a table in which 3 of 10,000 guests have a row', () => {
  const fleet = new Fleet();
  const configs = Array.from({ length: GUESTS }, (_, i) =>
    config(`guest-${i}`, i % 4000 === 7 ? { type: 'lxc' } : {}),
  );
  fleet.hypervisor.apply({ op: 'populate', host: fleet.one, configs });
  const watched = new Watched(fleet.one.domains, 'lxc');
  const three = ['guest-4007', 'guest-7', 'guest-8007'];
  watched.walk();
  const named = (name: string) => fleet.one.domains.byName(name)!;

  it('is walked without looking at the others', () => {
    const { names, looked } = watched.walk();
    expect(names).toEqual(three);
    expect(looked).toBeLessThanOrEqual(6);
  });

  it('is walked from anywhere between its rows', () => {
    watched.looked = 0;
    for (let octet = 0; octet < 256; octet++) watched.rows.after([octet], 0, 1);
    for (const [position, domain] of [...fleet.one.domains].slice(0, 200).entries()) {
      const ids = [...domain.uuidOctets];
      expect(watched.rows.find(ids, 0, 16) >= 0, String(position)).toBe(domain.config.type === 'lxc');
    }
    expect(watched.looked).toBeLessThanOrEqual(3);
  });

  it('is told of guests that change, and looks at them only', () => {
    for (let i = 0; i < 50; i++) fleet.act(named(`guest-${i}`), 'start');
    fleet.hypervisor.apply({ op: 'define', host: fleet.one, config: config('more', { type: 'lxc' }) });
    const { uuid } = named('guest-9');
    fleet.hypervisor.apply({ op: 'undefine', domain: named('guest-4007') });
    fleet.act(named('guest-9'), 'destroy');
    const changed = config('guest-9', { uuid, type: 'lxc' });
    fleet.hypervisor.apply({ op: 'update', domain: named('guest-9'), config: changed });
    const { names, looked } = watched.walk();
    expect(names).toEqual(['guest-7', 'guest-8007', 'guest-9', 'more']);
    expect(looked).toBeLessThanOrEqual(60);
    expect(watched.walk().looked).toBeLessThanOrEqual(8);
  });

  it('is as it was after a change that is taken back', () => {
    const before = watched.walk().names;
    const transaction = fleet.hypervisor.transaction();
    transaction.apply({ op: 'define', host: fleet.one, config: config('brief', { type: 'lxc' }) });
    transaction.apply({ op: 'undefine', domain: named('more') });
    expect(watched.walk().names).toEqual(['brief', 'guest-7', 'guest-8007', 'guest-9']);
    transaction.rollback();
    const { names, looked } = watched.walk();
    expect(names).toEqual(before);
    expect(looked).toBeLessThanOrEqual(12);
  });

  it('does not keep guests that are gone while nobody reads it', () => {
    const passing = 700;
    for (let i = 0; i < passing; i++) {
      const name = `passing-${i}`;
      fleet.hypervisor.apply({ op: 'define', host: fleet.one, config: config(name) });
      if (i < passing - 1) fleet.hypervisor.apply({ op: 'undefine', domain: named(name) });
    }
    // More than the sixteenth that is worth noting changed: all are looked at once more.
    expect(watched.walk().looked).toBeGreaterThan(GUESTS);
    expect(watched.walk().looked).toBeLessThanOrEqual(8);
  });
});

/** The indexes of every row of every table that has guests' rows. */
function indexes(module: BoundModule): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  const writer = new Writer();
  for (const [name, { rows }] of Object.entries(module.tables)) {
    if (!(rows instanceof GuestRows)) continue;
    const list: string[] = [];
    for (let at = rows.first(); at >= 0; at = rows.next(at)) {
      writer.reset();
      const start = writer.end;
      rows.appendIndex(at, writer);
      list.push(Buffer.from(writer.bytes.subarray(start, writer.end)).toString('hex'));
    }
    found[name] = list;
  }
  return found;
}

it('a guest that was not started after all has no rows', () => {
  const fleet = new Fleet();
  const domain = fleet.define('a');
  for (let i = 0; i < 40; i++) fleet.define(`other-${i}`);
  const module = libvirtStatsMib(fleet.hypervisor, fleet.one, (atMs) => atMs);
  const vcpus = () => indexes(module)['lvsVcpuTable']!.length;
  expect(vcpus()).toBe(0);
  const transaction = fleet.hypervisor.transaction();
  transaction.apply({ op: 'act', domain, action: 'start' });
  expect(vcpus()).toBe(4);
  transaction.rollback();
  expect(vcpus()).toBe(0);
});

it('tables that are kept up to date have the rows of ones that are made anew, whatever happens', () => {
  const arbStep = fc.record({
    guest: fc.nat(23),
    action: fc.oneof(
      fc.constantFrom('start', 'destroy', 'migrate', 'undefine', 'change'),
      fc.constantFrom(...ACTIONS),
    ),
    rolledBack: fc.boolean(),
    seconds: fc.constantFrom(0, 0, 1, 20),
    isRead: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(arbStep, { minLength: 8, maxLength: 24 }), (steps) => {
      const fleet = new Fleet();
      const configs = generateDomains({ hostName: 'one', hostIndex: 0, guests: 24, seed: 3 });
      fleet.hypervisor.apply({ op: 'populate', host: fleet.one, configs });
      const view = () => libvirtStatsMib(fleet.hypervisor, fleet.one, (atMs) => atMs);
      const module = view();
      indexes(module);
      for (const { guest, action, rolledBack, seconds, isRead } of steps) {
        const domain = fleet.one.domains.at(guest % fleet.one.domains.size);
        const transaction = fleet.hypervisor.transaction();
        try {
          if (action === 'undefine') transaction.apply({ op: 'undefine', domain });
          else if (action === 'change')
            transaction.apply({
              op: 'update',
              domain,
              config: { ...domain.config, nics: [], disks: [], devices: { watchdog: {}, usb: false } },
            });
          else
            transaction.apply({
              op: 'act',
              domain,
              action,
              ...(action === 'migrate' ? { target: fleet.two } : {}),
            });
        } catch {
          // Not possible now.
        }
        if (isRead) indexes(module);
        if (rolledBack) transaction.rollback();
        else transaction.commit();
        fleet.pass(seconds);
        if (isRead) expect(indexes(module)).toEqual(indexes(view()));
      }
      expect(indexes(module)).toEqual(indexes(view()));
    }),
    { numRuns: runs(5) },
  );
});

describe('rows that are kept', () => {
  const fleet = new Fleet();
  const names = ['a', 'b', 'c', 'd'];
  const { domains } = fleet.one;
  for (const name of names) fleet.act(fleet.define(name), 'start');

  it('are let go, with the process that they hold, when the guest has another one', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const rows = new GuestRows(
      domains,
      oneForEach(({ process }) => process && { process }),
    );
    const read = () => rows.row(rows.first());
    const first = new WeakRef(read().process.machine);
    const domain = domains.at(0);
    for (let i = 0; i < 3; i++) {
      fleet.act(domain, 'destroy');
      fleet.act(domain, 'start');
      read();
    }
    // What was looked at lives to the end of the turn.
    await setImmediate();
    collectGarbage();
    expect(first.deref()).toBeUndefined();
  });

  it('of a guest that has none left are passed over before anybody is told', () => {
    const gone = new Set<Domain>();
    const rows = new GuestRows(
      domains,
      oneForEach((domain) => (gone.has(domain) ? undefined : domain)),
    );
    expect(rows.row(rows.first())).toBe(domains.at(0));
    const [first, second, third, fourth] = domains;
    for (const each of [first, third]) {
      gone.add(each!);
      fleet.hypervisor.apply({ op: 'tune', domain: each!, autostart: true });
    }
    gone.add(second!);
    rows.after([], 0, 0);
    gone.delete(third!);
    expect(rows.row(rows.first())).toBe(fourth);
    expect(rows.find([...second!.uuidOctets], 0, 16)).toBe(-1);
    expect(rows.next(rows.find([...fourth!.uuidOctets], 0, 16))).toBe(-1);
  });
});
