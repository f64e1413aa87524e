import { describe, expect, it, vi } from 'vitest';
import { DOMAIN_STATE } from '../../../agent/emulation/states.ts';
import { VirtsnmpError } from '../../../agent/util/errors.ts';
import { silentLogger } from '../../../agent/util/logger.ts';
import { config, Fleet, stateOf } from './fleet.ts';

describe('populate', () => {
  it('brings domains into their initial states without events', () => {
    const fleet = new Fleet();
    const configs = (['running', 'paused', 'shutoff'] as const).map((initialState) =>
      config(initialState, { initialState }),
    );
    fleet.hypervisor.apply({ op: 'populate', host: fleet.one, configs });
    expect(configs.map(({ name }) => stateOf(fleet.one.domains.byName(name)!))).toEqual([
      'RUNNING/BOOTED',
      'PAUSED/USER',
      'SHUTOFF/UNKNOWN',
    ]);
    expect(fleet.takeTrace()).toEqual([]);
    expect(fleet.one.domains.byName('running')!.isBooting).toBe(false);
  });

  it('takes all domains or none', () => {
    const fleet = new Fleet();
    const host = fleet.one;
    const configs = [config('a'), config('b'), config('c', { uuid: config('a').uuid })];
    expect(() => fleet.hypervisor.apply({ op: 'populate', host, configs })).toThrow(
      `domain c: UUID ${config('a').uuid} is taken on host one; each domain needs its own`,
    );
    expect(fleet.one.domains.size).toBe(0);
  });
});

describe('define, update, undefine', () => {
  it('adds, then updates under the same name and UUID', () => {
    const fleet = new Fleet();
    fleet.hypervisor.apply({ op: 'define', host: fleet.one, config: config('a') });
    fleet.hypervisor.apply({ op: 'define', host: fleet.one, config: config('a', { vcpus: 3 }) });
    expect(fleet.takeTrace()).toEqual([
      'one DEFINED/ADDED SHUTOFF/UNKNOWN',
      'one DEFINED/UPDATED SHUTOFF/UNKNOWN',
    ]);
    expect(fleet.one.domains.byName('a')?.vcpus).toBe(3);
  });

  it('refuses a name or UUID that is taken', () => {
    const fleet = new Fleet();
    fleet.define('a');
    const other = config('b', { name: 'a' });
    const error = fleet.hypervisor.check({ op: 'define', host: fleet.one, config: other });
    expect(error).toBeInstanceOf(VirtsnmpError);
    expect(error?.code).toBe('DUPLICATE');
    expect(fleet.hypervisor.check({ op: 'define', host: fleet.two, config: other })).toBeUndefined();
  });

  it('keeps what an active domain runs with until it stops', () => {
    const fleet = new Fleet();
    const domain = fleet.define('a');
    fleet.act(domain, 'start');
    fleet.hypervisor.apply({ op: 'update', domain, config: config('a', { vcpus: 4 }) });
    expect([domain.vcpus, domain.persistentConfig.vcpus]).toEqual([2, 4]);
    fleet.act(domain, 'destroy');
    expect(domain.vcpus).toBe(4);
  });

  it('lets an undefined active domain go when it stops', () => {
    const fleet = new Fleet();
    const domain = fleet.define('a');
    fleet.act(domain, 'start');
    fleet.hypervisor.apply({ op: 'undefine', domain });
    expect([fleet.one.domains.size, domain.isPersistent]).toEqual([1, false]);
    fleet.act(domain, 'destroy');
    expect(fleet.one.domains.size).toBe(0);
    expect(fleet.takeTrace()).toEqual([
      'one STARTED/BOOTED RUNNING/BOOTED',
      'one UNDEFINED/REMOVED RUNNING/BOOTED',
      'one STOPPED/DESTROYED SHUTOFF/DESTROYED',
    ]);
    expect(() => fleet.act(domain, 'start')).toThrow('domain a is not defined on host one any more');
  });

  it('refuses to undefine a domain that has a managed save image', () => {
    const fleet = new Fleet();
    const domain = fleet.define('a');
    fleet.act(domain, 'start');
    fleet.act(domain, 'managedsave');
    fleet.pass(60);
    expect(() => fleet.hypervisor.apply({ op: 'undefine', domain })).toThrow(/managed save image/);
  });

  it('refuses names that libvirt refuses, and renames of active domains', () => {
    const fleet = new Fleet();
    const domain = fleet.define('a');
    fleet.define('b');
    const rename = (name: string): string | undefined =>
      fleet.hypervisor.check({ op: 'rename', domain, name })?.code;
    expect(['', 'x/y', 'b', 'c'].map(rename)).toEqual([
      'DOMAIN_INVALID',
      'DOMAIN_INVALID',
      'DUPLICATE',
      undefined,
    ]);
    fleet.act(domain, 'start');
    expect(rename('c')).toBe('OPERATION_INVALID');
  });
});

describe('refusals', () => {
  it('say what the domain is and what it would have to be', () => {
    const fleet = new Fleet();
    const domain = fleet.define('web-01');
    const message = (action: 'shutdown' | 'restore'): string | undefined =>
      fleet.hypervisor.check({ op: 'act', domain, action })?.message;
    expect(message('shutdown')).toBe(
      'domain web-01 is shutoff/unknown: shutdown needs it running, blocked, nostate',
    );
    expect(message('restore')).toBe(
      'domain web-01 is shutoff/unknown: restore is not possible with this definition, memory image or choice of options',
    );
  });

  it('name the job that is in the way', () => {
    const fleet = new Fleet();
    const domain = fleet.define('web-01');
    fleet.act(domain, 'start');
    fleet.act(domain, 'migrate', { target: fleet.two });
    expect(() => fleet.act(domain, 'suspend')).toThrow(
      'domain web-01 is busy with migrate: suspend has to wait until that is over',
    );
  });

  it('keep hosts of another fleet out', () => {
    const fleet = new Fleet();
    const error = fleet.hypervisor.check({ op: 'define', host: new Fleet().one, config: config('a') });
    expect(error?.code).toBe('OPERATION_INVALID');
    expect(() => fleet.hypervisor.addHost('one')).toThrow(/host one exists already/);
  });
});

describe('listeners', () => {
  it('hear events in the same order, even of changes that one of them makes', () => {
    const fleet = new Fleet();
    const domain = fleet.define('a');
    const heard: number[][] = [[], []];
    fleet.hypervisor.onEvent((event) => {
      heard[0]!.push(event.sequence);
      if (event.kind === 'lifecycle' && event.state === DOMAIN_STATE.RUNNING) fleet.act(domain, 'suspend');
    });
    fleet.hypervisor.onEvent((event) => void heard[1]!.push(event.sequence));
    fleet.act(domain, 'start');
    expect(heard).toEqual([
      [2, 3],
      [2, 3],
    ]);
  });

  it('do not stop each other when one fails, and can be taken out', () => {
    const error = vi.fn();
    const fleet = new Fleet({ logger: { ...silentLogger, error } });
    const heard = vi.fn();
    const domain = fleet.define('a');
    fleet.hypervisor.onEvent(() => {
      throw new Error('broken');
    });
    const stop = fleet.hypervisor.onEvent(heard);
    fleet.act(domain, 'start');
    expect(heard).toHaveBeenCalledTimes(1);
    expect(error).toHaveBeenCalledWith('an event listener failed', { sequence: 2, error: 'broken' });
    stop();
    fleet.act(domain, 'destroy');
    expect(heard).toHaveBeenCalledTimes(1);
  });
});
