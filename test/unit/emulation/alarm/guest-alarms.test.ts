import { describe, expect, it } from 'vitest';
import { readQueues } from '../../../../agent/emulation/net/nic-view.ts';
import { FURNISHED, stateOf } from '../fleet.ts';
import { fewCpus, smallPool, Watched, WRITING } from './watched.ts';

const MIB = 2 ** 20;
const BUSY = { load: 'steady', vcpus: 4, disks: [], nics: [] } as const;

describe('stealHigh', () => {
  it('comes with neighbours that want the same processors, lasts, and goes with them', () => {
    const watched = new Watched(
      Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [name, BUSY])),
      fewCpus(1),
    );
    const took = watched.until(() => watched.up('stealHigh').length >= 3);
    // Two looks, then the hold: it was bad from the first of them on.
    expect(took).toBeGreaterThanOrEqual(60);
    expect(took).toBeLessThanOrEqual(90);
    const [alarm] = watched.up('stealHigh');
    expect(alarm).toMatchObject({
      number: 1,
      severity: 'minor',
      probableCause: 532,
      resource: { kind: 'guest' },
    });
    const own = alarm!.domain!;
    expect(own.name).toBe(alarm!.guest!.name);
    for (const domain of watched.host.domains) if (domain !== own) watched.fleet.act(domain, 'destroy');
    watched.fleet.pass(1);
    // Those of the guests that stopped go at once, the other one when it has been well for a while.
    expect(watched.up('stealHigh')).toEqual([alarm]);
    watched.fleet.hypervisor.apply({ op: 'tune', domain: own, vcpus: 1 });
    watched.until(() => watched.up('stealHigh').length === 0, 120);
    const { raised, cleared } = watched.host.alarms;
    expect(raised).toBeGreaterThanOrEqual(3);
    expect(cleared).toBe(raised);
  });

  it('does not flap: a value that swings between the thresholds leaves one alarm up', () => {
    const guests = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => [name, BUSY]));
    const watched = new Watched(guests, fewCpus(2), { stealHigh: { raise: 45, clear: 5, holdSeconds: 0 } });
    watched.until(() => watched.up('stealHigh').length > 0);
    const { guest } = watched.up('stealHigh')[0]!;
    const others = [...watched.host.domains].filter(({ name }) => name !== guest!.name).slice(0, 3);
    for (let i = 0; i < 20; i++) {
      // Some neighbours less: below 45 %, and above 5 %.
      for (const domain of others) watched.fleet.act(domain, 'suspend');
      watched.fleet.pass(30);
      for (const domain of others) watched.fleet.act(domain, 'resume');
      watched.fleet.pass(30);
    }
    const own = watched.events.filter(({ alarm }) => alarm.guest!.name === guest!.name);
    expect(own.map(({ event }) => event)).toEqual(['RAISED']);
  });
});

describe('containers', () => {
  it('containerThrottled comes with a tight quota and goes with a wide one', () => {
    const watched = new Watched({
      guest: { type: 'lxc', disks: [], nics: [], load: 'steady', cputune: { quotaUs: 5000 } },
    });
    watched.until(() => watched.up('containerThrottled').length === 1, 120);
    expect(watched.up('containerThrottled')[0]).toMatchObject({ probableCause: 509, severity: 'minor' });
    watched.fleet.hypervisor.apply({ op: 'tune', domain: watched.of('guest'), cpu: { quotaUs: 200_000 } });
    watched.until(() => watched.up('containerThrottled').length === 0, 120);
    expect(watched.story('containerThrottled')).toEqual(['RAISED', 'CLEARED']);
  });

  it('containerOom comes with a kill at the limit, once for all that follow, and goes when there are no more', () => {
    const limits = { memory: { max: 64 * MIB, swapMax: 0 } };
    const watched = new Watched({ guest: { type: 'lxc', disks: [], container: { limits } } });
    watched.until(() => watched.up('containerOom').length === 1);
    expect(watched.up('containerOom')[0]!.text).toMatch(
      /^Processes of the container with \d+ MiB were killed/,
    );
    watched.fleet.pass(1200);
    expect(watched.story('containerOom')).toEqual(['RAISED']);
    watched.fleet.hypervisor.apply({
      op: 'tune',
      domain: watched.of('guest'),
      container: { memory: { max: 1024 * MIB } },
    });
    const took = watched.until(() => watched.up('containerOom').length === 0);
    expect(took).toBeGreaterThan(590);
    expect(took).toBeLessThanOrEqual(601);
  });
});

describe('queueDrops', () => {
  it('comes for the queue that drops and its direction, and goes when it has the room', () => {
    const nics = [{ ...FURNISHED.nics[0]!, queues: 1, traffic: { txFps: 3_000_000, udpShare: 1 } }];
    const watched = new Watched({ guest: { nics, disks: [], load: 'steady' } });
    watched.until(() => watched.up('queueDrops').length > 0);
    const [alarm] = watched.up('queueDrops');
    const { resource } = alarm!;
    expect(resource).toMatchObject({ kind: 'queue', nic: 0, queue: 0 });
    const dropped = resource.kind === 'queue' && resource.direction === 'rx' ? 'rxDropped' : 'txDropped';
    const { machine, nics: plugged } = watched.of('guest').process!;
    expect(readQueues(machine, plugged[0]!.parts, dropped, watched.fleet.clock.nowMs)).toBeGreaterThan(0);
    watched.fleet.act(watched.of('guest'), 'suspend');
    watched.until(() => watched.up('queueDrops').length === 0, 60);
    expect(watched.story('queueDrops')).toEqual(['RAISED', 'CLEARED']);
  });
});

describe('guestOom', () => {
  it('comes when its kernel kills, and goes with a reboot', () => {
    const guest = {
      memoryKiB: 64 * 1024,
      currentMemoryKiB: 64 * 1024,
      load: 'steady',
      guest: { swapKiB: 0, hugePages: 20 },
      memballoon: { driver: false },
    } as const;
    const watched = new Watched({ guest });
    const domain = watched.of('guest');
    watched.until(() => watched.up('guestOom').length === 1);
    expect(watched.up('guestOom')[0]).toMatchObject({ probableCause: 530, severity: 'major' });
    watched.fleet.act(domain, 'reset');
    watched.fleet.pass(1);
    expect(watched.up('guestOom').map(({ number }) => number)).not.toContain(1);
    expect(watched.story('guestOom').slice(0, 2)).toEqual(['RAISED', 'CLEARED']);
  });
});

describe('guestCrashed', () => {
  it.each([
    'preserve',
    'destroy',
  ] as const)('with on_crash %s it is up until the guest runs again', (onCrash) => {
    const watched = new Watched({ guest: { onCrash } });
    watched.fleet.act(watched.of('guest'), 'panic');
    expect(watched.up('guestCrashed')).toHaveLength(1);
    watched.fleet.pass(600);
    expect(watched.up('guestCrashed')).toHaveLength(1);
    if (onCrash === 'preserve') watched.fleet.act(watched.of('guest'), 'destroy');
    else watched.fleet.act(watched.of('guest'), 'start');
    expect(watched.story('guestCrashed')).toEqual(['RAISED', 'CLEARED']);
    expect(watched.events[0]).toMatchObject({ cause: 'control', atMs: 0, alarm: { severity: 'critical' } });
  });

  it('goes with a definition that is taken away', () => {
    const watched = new Watched({ guest: { onCrash: 'destroy' } });
    watched.fleet.act(watched.of('guest'), 'panic');
    watched.fleet.pass(30);
    watched.fleet.hypervisor.apply({ op: 'undefine', domain: watched.of('guest') });
    expect(watched.story('guestCrashed')).toEqual(['RAISED', 'CLEARED']);
  });

  it('is not raised by a transaction that is taken back, and is by one that is kept', () => {
    const watched = new Watched({ guest: { onCrash: 'preserve' } });
    const crash = (end: 'commit' | 'rollback'): void => {
      const transaction = watched.fleet.hypervisor.transaction();
      transaction.apply({ op: 'act', domain: watched.of('guest'), action: 'panic' });
      expect(watched.up('guestCrashed')).toEqual([]);
      transaction[end]();
    };
    crash('rollback');
    watched.fleet.pass(30);
    expect(watched.events).toEqual([]);
    crash('commit');
    expect(watched.up('guestCrashed')).toHaveLength(1);
  });
});

describe('diskError', () => {
  it('comes with a pool that is full, stays while the guest is stopped for it, and goes when all is well', () => {
    const watched = new Watched({ guest: WRITING }, smallPool(1));
    const guest = watched.of('guest');
    watched.until(() => stateOf(guest) === 'PAUSED/IOERROR');
    expect(watched.up('diskError')[0]).toMatchObject({
      resource: { kind: 'disk', target: 'vda' },
      probableCause: 521,
      text: 'A request to disk vda failed: there is no space left',
    });
    watched.fleet.pass(1000);
    expect(watched.up('diskError')).toHaveLength(1);
    watched.host.storage.pools.extend(0, 20 * 2 ** 30);
    watched.fleet.act(guest, 'resume');
    const took = watched.until(() => watched.up('diskError').length === 0);
    expect(took).toBeGreaterThan(280);
    expect(took).toBeLessThanOrEqual(311);
    expect(watched.story('diskError')).toEqual(['RAISED', 'CLEARED']);
  });
});

describe('agentLost', () => {
  const agent = { devices: { agent: { channel: true, installed: true } } };

  it('comes a while after the agent has died, and goes when it is back', () => {
    const watched = new Watched({ guest: agent });
    watched.fleet.pass(30);
    watched.fleet.hypervisor.apply({
      op: 'device',
      domain: watched.of('guest'),
      action: { kind: 'agent-death' },
    });
    watched.fleet.pass(50);
    expect(watched.up('agentLost')).toEqual([]);
    watched.until(() => watched.up('agentLost').length === 1, 30);
    watched.fleet.act(watched.of('guest'), 'reset');
    watched.fleet.pass(11);
    expect(watched.story('agentLost')).toEqual(['RAISED', 'CLEARED']);
  });

  it('does not come with a reboot', () => {
    const watched = new Watched({ guest: agent });
    watched.fleet.act(watched.of('guest'), 'reboot');
    watched.fleet.pass(600);
    expect(watched.story('agentLost')).toEqual([]);
  });
});

describe('memoryFailure', () => {
  it('comes with a broken page, stays for an hour after the last one, and goes with the process', () => {
    const watched = new Watched({ guest: {} });
    const domain = watched.of('guest');
    const fail = (): void =>
      watched.fleet.hypervisor.apply({
        op: 'device',
        domain,
        action: {
          kind: 'memory-failure',
          recipient: 'GUEST',
          actionRequired: false,
          frame: 7,
          outcome: 'Recovered',
        },
      });
    fail();
    expect(watched.up('memoryFailure')[0]).toMatchObject({ probableCause: 514, resource: { kind: 'guest' } });
    watched.fleet.pass(3000);
    fail();
    watched.fleet.pass(3590);
    expect(watched.up('memoryFailure')).toHaveLength(1);
    watched.fleet.pass(11);
    expect(watched.up('memoryFailure')).toEqual([]);
    fail();
    watched.fleet.act(domain, 'destroy');
    expect(watched.story('memoryFailure')).toEqual(['RAISED', 'CLEARED', 'RAISED', 'CLEARED']);
  });
});

describe('a guest that moves', () => {
  it('leaves its alarms behind', () => {
    const watched = new Watched({ a: BUSY, b: BUSY, c: BUSY, d: BUSY }, fewCpus(1));
    watched.until(() => watched.up('stealHigh').length > 0);
    const { domain } = watched.up('stealHigh')[0]!;
    watched.fleet.act(domain!, 'migrate', {
      target: watched.fleet.two,
      mode: 'precopy',
      outcome: 'success',
    });
    watched.until(() => !domain!.isActive);
    watched.fleet.pass(1);
    expect(watched.up('stealHigh').map((alarm) => alarm.domain)).not.toContain(domain);
    watched.fleet.pass(600);
    expect(watched.fleet.two.alarms.active).toEqual([]);
  });
});
