import { describe, expect, it } from 'vitest';
import { Fleet, stateOf } from './fleet.ts';
import { GOLDEN, play } from './golden-stories.ts';

describe('the order of events', () => {
  it.each(GOLDEN)('$title', (golden) => {
    const fleet = new Fleet(golden.profile ? { profile: golden.profile } : {});
    const domain = fleet.define('guest', golden.config);
    play(fleet, domain, golden.before ?? []);
    fleet.takeTrace();
    play(fleet, domain, golden.acts);
    expect(fleet.takeTrace()).toEqual(golden.events);
    expect(stateOf(domain)).toBe(golden.state);
    const copy = fleet.two.domains.byUuid(domain.uuid);
    expect(copy && stateOf(copy)).toBe(golden.other);
  });

  it('numbers events without gaps and tells the time of each', () => {
    const fleet = new Fleet();
    const domain = fleet.define('guest');
    fleet.act(domain, 'start');
    fleet.pass(60);
    fleet.act(domain, 'shutdown');
    fleet.pass(60);
    expect(fleet.events.map((event) => event.sequence)).toEqual([2, 3, 4]);
    const [started, shutdown, stopped] = fleet.events;
    expect(started?.atMs).toBe(0);
    expect(shutdown!.atMs).toBeGreaterThan(60_000 + 2_999);
    expect(stopped!.atMs - shutdown!.atMs).toBeGreaterThanOrEqual(100);
    expect(stopped!.wallMs - stopped!.atMs).toBe(fleet.clock.epochMs);
  });

  it('renames as an undefine of the old and a define of the new name', () => {
    const fleet = new Fleet();
    const domain = fleet.define('old');
    fleet.hypervisor.apply({ op: 'rename', domain, name: 'new' });
    expect(fleet.events.map((event) => event.name)).toEqual(['old', 'new']);
    expect(fleet.takeTrace()).toEqual([
      'one UNDEFINED/RENAMED SHUTOFF/UNKNOWN',
      'one DEFINED/RENAMED SHUTOFF/UNKNOWN',
    ]);
    expect(fleet.one.domains.byName('new')).toBe(domain);
    expect(fleet.one.domains.byName('old')).toBeUndefined();
  });
});
