import { describe, expect, it } from 'vitest';
import { Fleet, stateOf } from './fleet.ts';

/** A guest on host `one` that has booted. */
function booted(): { fleet: Fleet; domain: ReturnType<Fleet['define']> } {
  const fleet = new Fleet();
  const domain = fleet.define('guest');
  fleet.act(domain, 'start');
  fleet.pass(60);
  fleet.takeTrace();
  return { fleet, domain };
}

describe('a guest that boots', () => {
  it('is shut down only once it is up, from one request', () => {
    const timings = {
      boot: { seconds: 20, jitterSeconds: 0 },
      shutdown: { seconds: 5, jitterSeconds: 0 },
    };
    const fleet = new Fleet({ timings });
    const domain = fleet.define('guest');
    fleet.act(domain, 'start');
    fleet.pass(2);
    fleet.act(domain, 'shutdown');
    expect(stateOf(domain)).toBe('SHUTDOWN/USER');
    fleet.pass(22.9);
    expect(fleet.takeTrace()).toEqual(['one STARTED/BOOTED RUNNING/BOOTED']);
    fleet.pass(0.5);
    expect(fleet.takeTrace()).toEqual([
      'one SHUTDOWN/GUEST SHUTDOWN/USER',
      'one STOPPED/SHUTDOWN SHUTOFF/SHUTDOWN',
    ]);
  });

  it('boots on after a pause, not during it', () => {
    const fleet = new Fleet({ timings: { boot: { seconds: 20, jitterSeconds: 0 } } });
    const domain = fleet.define('guest', { load: 'idle' });
    fleet.act(domain, 'start');
    fleet.pass(15);
    fleet.act(domain, 'suspend');
    const paused = domain.cpuTimeNs;
    fleet.pass(100);
    expect(domain.isBooting).toBe(true);
    fleet.act(domain, 'resume');
    fleet.pass(4.999);
    expect(domain.isBooting).toBe(true);
    expect(domain.cpuTimeNs - paused).toBeGreaterThan(0.6 * 4.9e9);
    fleet.pass(0.001);
    expect(domain.isBooting).toBe(false);
  });
});

describe('what goes on is ended by', () => {
  it('a destroy during a shutdown: nothing of the shutdown follows', () => {
    const { fleet, domain } = booted();
    fleet.act(domain, 'shutdown');
    fleet.pass(1);
    fleet.act(domain, 'destroy');
    fleet.pass(60);
    expect(fleet.takeTrace()).toEqual(['one STOPPED/DESTROYED SHUTOFF/DESTROYED']);
    expect(fleet.clock.pending).toBeLessThanOrEqual(1);
  });

  it('a panic during a shutdown', () => {
    const { fleet, domain } = booted();
    fleet.act(domain, 'shutdown');
    fleet.act(domain, 'panic');
    fleet.pass(60);
    expect(fleet.takeTrace()).toEqual([
      'one CRASHED/PANICKED CRASHED/PANICKED',
      'one STOPPED/CRASHED SHUTOFF/CRASHED',
    ]);
  });

  it.each([
    ['save', 'RUNNING/SAVE_CANCELED'],
    ['managedsave', 'RUNNING/SAVE_CANCELED'],
    ['dump', 'RUNNING/UNPAUSED'],
    ['snapshot', 'RUNNING/UNPAUSED'],
  ] as const)('a canceled %s', (action, state) => {
    const { fleet, domain } = booted();
    fleet.act(domain, action);
    fleet.pass(0.1);
    fleet.takeTrace();
    fleet.act(domain, 'cancel-job');
    fleet.pass(60);
    expect(fleet.takeTrace()).toEqual([`one RESUMED/UNPAUSED ${state}`]);
    expect(domain.isBusy).toBe(false);
  });

  it('a canceled save of a paused guest, which stays paused', () => {
    const { fleet, domain } = booted();
    fleet.act(domain, 'suspend');
    fleet.act(domain, 'save');
    fleet.takeTrace();
    fleet.act(domain, 'cancel-job');
    expect(stateOf(domain)).toBe('PAUSED/USER');
    expect(fleet.takeTrace()).toEqual([]);
  });

  it('another wish of the operator, when only the guest was at work', () => {
    const { fleet, domain } = booted();
    fleet.act(domain, 'reboot');
    fleet.pass(0.5);
    fleet.act(domain, 'shutdown');
    fleet.pass(60);
    expect(fleet.takeTrace()).toEqual([
      'one SHUTDOWN/GUEST SHUTDOWN/USER',
      'one STOPPED/SHUTDOWN SHUTOFF/SHUTDOWN',
    ]);
  });
});

describe('a migration', () => {
  it('canceled while memory is copied leaves the source running and nothing on the target', () => {
    const { fleet, domain } = booted();
    fleet.act(domain, 'migrate', { target: fleet.two });
    fleet.pass(0.5);
    fleet.act(domain, 'cancel-job');
    fleet.pass(60);
    expect(fleet.takeTrace()).toEqual([
      'two STARTED/MIGRATED PAUSED/MIGRATION',
      'two STOPPED/FAILED SHUTOFF/FAILED',
    ]);
    expect(stateOf(domain)).toBe('RUNNING/BOOTED');
    expect(fleet.two.domains.size).toBe(0);
  });

  it('lists the UUID on both hosts while it goes on', () => {
    const { fleet, domain } = booted();
    fleet.act(domain, 'migrate', { target: fleet.two });
    expect(fleet.one.domains.byUuid(domain.uuid)).toBe(domain);
    const copy = fleet.two.domains.byUuid(domain.uuid)!;
    expect([stateOf(domain), stateOf(copy)]).toEqual(['RUNNING/BOOTED', 'PAUSED/MIGRATION']);
  });

  it('goes back to the source when the target dies before the hand-over', () => {
    const timings = {
      precopy: { seconds: 2, jitterSeconds: 0 },
      switchover: { seconds: 1, jitterSeconds: 0 },
    };
    const fleet = new Fleet({ timings });
    const domain = fleet.define('guest');
    fleet.act(domain, 'start');
    fleet.act(domain, 'migrate', { target: fleet.two, bandwidth: 2 ** 50 });
    fleet.pass(2.5);
    fleet.takeTrace();
    fleet.act(fleet.two.domains.at(0), 'kill');
    fleet.pass(60);
    expect(fleet.takeTrace()).toEqual([
      'two STOPPED/CRASHED SHUTOFF/CRASHED',
      'one RESUMED/MIGRATED RUNNING/MIGRATION_CANCELED',
    ]);
    expect(fleet.two.domains.size).toBe(0);
  });

  it('fails on the target when the source is destroyed before the hand-over', () => {
    const { fleet, domain } = booted();
    fleet.act(domain, 'migrate', { target: fleet.two });
    fleet.takeTrace();
    fleet.act(domain, 'destroy');
    fleet.pass(60);
    expect(fleet.takeTrace()).toEqual([
      'one STOPPED/DESTROYED SHUTOFF/DESTROYED',
      'two STOPPED/FAILED SHUTOFF/FAILED',
    ]);
  });

  it('leaves the source its own end when that takes time, and can be cut short', () => {
    const { fleet, domain } = booted();
    fleet.act(domain, 'migrate', { target: fleet.two });
    fleet.takeTrace();
    fleet.act(domain, 'terminate');
    expect(domain.isBusy).toBe(true);
    fleet.act(domain, 'destroy');
    fleet.pass(60);
    expect(fleet.takeTrace()).toEqual([
      'one SHUTDOWN/HOST SHUTDOWN/UNKNOWN',
      'two STOPPED/FAILED SHUTOFF/FAILED',
      'one STOPPED/DESTROYED SHUTOFF/DESTROYED',
    ]);
  });

  it('never runs the guest again on the source after the hand-over', () => {
    const timings = {
      precopy: { seconds: 1, jitterSeconds: 0 },
      switchover: { seconds: 1, jitterSeconds: 0 },
      confirm: { seconds: 5, jitterSeconds: 0 },
    };
    const fleet = new Fleet({ timings });
    const domain = fleet.define('guest');
    fleet.act(domain, 'start');
    fleet.act(domain, 'migrate', { target: fleet.two, bandwidth: 2 ** 50 });
    fleet.pass(3);
    expect(stateOf(fleet.two.domains.at(0))).toBe('RUNNING/MIGRATED');
    fleet.takeTrace();
    fleet.act(fleet.two.domains.at(0), 'destroy');
    expect(() => fleet.act(domain, 'cancel-job')).toThrow(/no job that could be canceled/);
    fleet.pass(60);
    expect(fleet.takeTrace()).toEqual([
      'two STOPPED/DESTROYED SHUTOFF/DESTROYED',
      'one STOPPED/MIGRATED SHUTOFF/MIGRATED',
      'one JOB_COMPLETED SHUTOFF/MIGRATED',
    ]);
  });

  it('in post-copy breaks for good when either side is gone', () => {
    const timings = {
      firstPass: { seconds: 1, jitterSeconds: 0 },
      postcopy: { seconds: 30, jitterSeconds: 0 },
    };
    for (const gone of ['source', 'target'] as const) {
      const fleet = new Fleet({ timings });
      const domain = fleet.define('guest');
      fleet.act(domain, 'start');
      fleet.act(domain, 'migrate', { target: fleet.two, mode: 'postcopy' });
      fleet.pass(5);
      fleet.takeTrace();
      const copy = fleet.two.domains.at(0);
      fleet.act(gone === 'source' ? domain : copy, 'kill');
      fleet.pass(60);
      expect(fleet.takeTrace()).toEqual(
        gone === 'source'
          ? ['one STOPPED/CRASHED SHUTOFF/CRASHED', 'two RESUMED/POSTCOPY_FAILED RUNNING/POSTCOPY_FAILED']
          : ['two STOPPED/CRASHED SHUTOFF/CRASHED', 'one SUSPENDED/POSTCOPY_FAILED PAUSED/POSTCOPY_FAILED'],
      );
      if (gone === 'target') expect(() => fleet.act(domain, 'resume')).toThrow(/resume is not possible/);
    }
  });

  it('can be made again, there and back', () => {
    const { fleet, domain } = booted();
    fleet.act(domain, 'migrate', { target: fleet.two });
    fleet.pass(60);
    const copy = fleet.two.domains.at(0);
    fleet.act(copy, 'migrate', { target: fleet.one });
    fleet.pass(60);
    expect(stateOf(domain)).toBe('RUNNING/MIGRATED');
    expect(fleet.two.domains.size).toBe(0);
    expect(domain.isPersistent).toBe(true);
  });

  it.each([
    ['to no host', {}, /needs a target host/],
    ['to its own host', { to: 'one' }, /on host one already/],
  ] as const)('is refused %s', (_title, { to }: { to?: 'one' }, message) => {
    const { fleet, domain } = booted();
    expect(() => fleet.act(domain, 'migrate', to ? { target: fleet[to] } : {})).toThrow(message);
  });
});
