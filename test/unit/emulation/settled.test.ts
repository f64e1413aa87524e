import { describe, expect, it } from 'vitest';
import type { Hypervisor } from '../../../agent/emulation/hypervisor.ts';
import { config, Fleet } from './fleet.ts';

/** Notes what is told, as names: of hosts, then of domains. */
function note(hypervisor: Hypervisor): string[] {
  const told: string[] = [];
  hypervisor.onSettled((domains, hosts) => {
    told.push([...hosts, ...domains].map(({ name }) => name).join(' '));
  });
  return told;
}

describe('whoever hears of settled changes', () => {
  it('is told once of each change, behind its events, and of what timers do', () => {
    const fleet = new Fleet();
    const domain = fleet.define('guest');
    const told = note(fleet.hypervisor);
    fleet.hypervisor.onEvent(() => void told.push('event'));
    fleet.hypervisor.apply({ op: 'act', domain, action: 'start' });
    expect(told).toEqual(['event', 'one guest']);
    fleet.pass(60);
    told.length = 0;
    fleet.hypervisor.apply({ op: 'act', domain, action: 'shutdown' });
    expect(told).toEqual(['one guest']);
    fleet.pass(60);
    expect(told.filter((each) => each === 'event')).toHaveLength(2);
    expect(told.at(-1)).toBe('one guest');
  });

  it('is told of a transaction when it is committed, and of both sides of a migration', () => {
    const fleet = new Fleet();
    const { hypervisor, one, two } = fleet;
    const domain = fleet.define('guest');
    const told = note(hypervisor);
    const transaction = hypervisor.transaction();
    transaction.apply({ op: 'act', domain, action: 'start' });
    transaction.apply({ op: 'define', host: one, config: config('other') });
    expect(told).toEqual([]);
    transaction.commit();
    expect(told).toEqual(['one guest other']);
    fleet.pass(60);
    told.length = 0;
    hypervisor.apply({ op: 'act', domain, action: 'migrate', target: two });
    expect(new Set(told.join(' ').split(' '))).toEqual(new Set(['one', 'two', 'guest']));
  });
});

describe('the events of a settled change', () => {
  it('are those that went out since the last, of all that a listener causes as well', () => {
    const fleet = new Fleet();
    const { hypervisor } = fleet;
    const [a, b] = [fleet.define('a'), fleet.define('b')];
    const told: string[] = [];
    hypervisor.onSettled((domains, _, events, cause) => {
      const names = domains.map(({ name }) => name).join(' ');
      told.push(`${names}: ${events.map(({ sequence }) => sequence).join(' ')} ${cause}`);
    });
    const first = hypervisor.sequence + 1;
    hypervisor.apply({ op: 'act', domain: a, action: 'start' }, 'manager');
    expect(told.splice(0)).toEqual([`a: ${first} manager`]);
    let heard = false;
    hypervisor.onEvent(() => {
      if (heard) return;
      heard = true;
      // Not out yet when this returns: it is told of with what was heard of.
      hypervisor.apply({ op: 'act', domain: b, action: 'start' });
      expect(told).toEqual([]);
    });
    fleet.act(a, 'destroy');
    expect(told).toEqual([`a b: ${first + 1} ${first + 2} control`]);
  });
});

describe('the number of a domain', () => {
  it('is that of its UUID on its host, for ever', () => {
    const fleet = new Fleet();
    const { hypervisor, one, two } = fleet;
    const [a, b] = [fleet.define('a'), fleet.define('b')];
    expect([a.number, b.number]).toEqual([1, 2]);
    hypervisor.apply({ op: 'undefine', domain: a });
    expect(fleet.define('c').number).toBe(3);
    expect(fleet.define('a').number).toBe(1);
    hypervisor.apply({ op: 'define', host: two, config: config('z') });
    expect(two.domains.byName('z')!.number).toBe(1);
    const numbered = one.domains.numbered(({ name }) => name !== 'b');
    expect(Array.from({ length: numbered.size }, (_, i) => numbered.at(i).name)).toEqual(['a', 'c']);
    expect(numbered.find([2], 0)).toBe(-1);
    expect(numbered.at(numbered.after([2], 0, 1)).name).toBe('c');
    expect(numbered.after([3], 0, 1)).toBe(-1);
    expect(numbered.at(numbered.after([], 0, 0)).name).toBe('a');
    hypervisor.apply({ op: 'undefine', domain: one.domains.byName('c')! });
    hypervisor.apply({ op: 'undefine', domain: one.domains.byName('a')! });
    const again = fleet.define('a');
    expect([numbered.size, numbered.at(0)]).toEqual([1, again]);
  });
});
