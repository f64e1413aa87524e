import { describe, expect, it } from 'vitest';
import type { DebugChange } from '../../../../agent/emulation/change.ts';
import { bootStatus } from '../../../../agent/emulation/console/boot.ts';
import { consoleBytes, guestUptimeMs, readConsole } from '../../../../agent/emulation/console/console.ts';
import type { Domain } from '../../../../agent/emulation/domain/domain.ts';
import type { DomainConfig } from '../../../../agent/emulation/domain/domain-config.ts';
import { config, Fleet, nameOfEvent, stateOf } from '../fleet.ts';

function running(changes: Partial<DomainConfig> = {}): { fleet: Fleet; domain: Domain } {
  const fleet = new Fleet();
  const configs = [config('guest', { initialState: 'running', ...changes })];
  fleet.hypervisor.apply({ op: 'populate', host: fleet.one, configs });
  fleet.pass(30);
  return { fleet, domain: fleet.one.domains.byName('guest')! };
}

function debug(fleet: Fleet, domain: Domain, action: DebugChange['action']): void {
  fleet.hypervisor.apply({ op: 'debug', domain, action });
}

function screen(domain: Domain): string {
  return readConsole(domain.devices!.console!, domain.guestMs, 0).text;
}

const ALL_KEYS = { devices: { kernel: { sysrq: 1 } } } as const;

describe('a non-maskable interrupt', () => {
  it('dazes a kernel that was not told to panic', () => {
    const { fleet, domain } = running();
    debug(fleet, domain, 'nmi');
    fleet.pass(1);
    expect(screen(domain)).toContain('Dazed and confused');
    expect(domain.devices!.kernel!.nmiInjections).toBe(1);
    expect(stateOf(domain)).toBe('RUNNING/BOOTED');
    expect(fleet.takeTrace()).toEqual([]);
  });

  it('panics a kernel that was told to, and on_crash decides', () => {
    const { fleet, domain } = running({
      onCrash: 'preserve',
      devices: { kernel: { unknownNmiPanic: true } },
    });
    debug(fleet, domain, 'nmi');
    expect(fleet.takeTrace()).toEqual(['one CRASHED/PANICKED CRASHED/PANICKED']);
    expect(screen(domain)).toMatch(/Kernel panic - not syncing: NMI: not continuing\r\n$/);
    expect(domain.devices!.kernel!.state).toBe('panicked');
  });

  it('waits for vCPUs that stand still, and comes after the event that they run again', () => {
    const { fleet, domain } = running({ devices: { kernel: { unknownNmiPanic: true } } });
    fleet.act(domain, 'suspend');
    debug(fleet, domain, 'nmi');
    fleet.pass(60);
    expect(domain.devices!.kernel!.nmiInjections).toBe(0);
    fleet.events.length = 0;
    fleet.act(domain, 'resume');
    fleet.pass(5);
    expect(fleet.events.map(nameOfEvent)).toEqual([
      'RESUMED/UNPAUSED',
      'CRASHED/PANICKED',
      'STOPPED/CRASHED',
    ]);
    expect(domain.devices).toBeUndefined();
  });

  it('reaches every vCPU in RHEL 6', () => {
    const fleet = new Fleet({ profile: 'rhel6' });
    const configs = [config('guest', { initialState: 'running', vcpus: 3 })];
    fleet.hypervisor.apply({ op: 'populate', host: fleet.one, configs });
    const domain = fleet.one.domains.byName('guest')!;
    debug(fleet, domain, 'nmi');
    expect(domain.devices!.kernel!.nmiInjections).toBe(3);
  });

  it('reaches a Xen guest whose vCPUs wait for something', () => {
    const { fleet, domain } = running({ type: 'xen', osType: 'linux' });
    fleet.act(domain, 'vcpus-block');
    debug(fleet, domain, 'nmi');
    expect(domain.devices!.kernel!.nmiInjections).toBe(1);
  });

  it('is refused when too much waits, when the domain is shut off, and of containers', () => {
    const { fleet, domain } = running();
    fleet.act(domain, 'suspend');
    for (let i = 0; i < 16; i++) debug(fleet, domain, 'nmi');
    expect(() => debug(fleet, domain, 'nmi')).toThrow(/resume it first/);
    fleet.act(domain, 'destroy');
    expect(() => debug(fleet, domain, 'nmi')).toThrow(/needs it active/);
    const container = running({ type: 'lxc' });
    expect(() => debug(container.fleet, container.domain, 'nmi')).toThrow(/not supported for a container/);
    const keys = container.fleet.hypervisor.check({
      op: 'debug',
      domain: container.domain,
      action: { sysrq: 't' },
    });
    expect(keys).toMatchObject({ code: 'OPERATION_INVALID' });
  });
});

describe('SysRq', () => {
  it.each([
    ['t', 'sysrq: Show State', 'agetty'],
    ['m', 'sysrq: Show Memory', 'Mem-Info: 2097152 KiB'],
    ['w', 'sysrq: Show Blocked State', 'No blocked tasks'],
  ])('%s shows on the console what it is for', (sysrq, title, body) => {
    const { fleet, domain } = running(ALL_KEYS);
    debug(fleet, domain, { sysrq });
    fleet.pass(1);
    expect(screen(domain)).toContain(title);
    expect(screen(domain)).toContain(body);
  });

  it('is bound to the speed of the line', () => {
    const { fleet, domain } = running(ALL_KEYS);
    debug(fleet, domain, { sysrq: 'h' });
    expect(consoleBytes(domain.devices!.console!, domain.guestMs)).toBe(0);
    fleet.clock.advanceTo(fleet.clock.nowMs + 10);
    expect(consoleBytes(domain.devices!.console!, domain.guestMs)).toBe(115);
  });

  it('b resets at once, and loses what was dirty', () => {
    const { fleet, domain } = running(ALL_KEYS);
    debug(fleet, domain, { sysrq: 'b' });
    expect(fleet.takeTrace()).toEqual(['one REBOOT RUNNING/BOOTED']);
    expect(domain.isBooting).toBe(true);
    expect(domain.devices!.kernel).toMatchObject({ state: 'absent', lostKiB: 256 * 30 });
    fleet.pass(60);
    expect(domain.isBooting).toBe(false);
    expect(domain.devices!.kernel!.state).toBe('running');
    expect(guestUptimeMs(domain.devices!.console!, domain.guestMs)).toBeGreaterThan(40_000);
    expect(screen(domain)).toContain('guest login');
  });

  it('c panics, and the domain restarts when on_crash says so', () => {
    const { fleet, domain } = running({ ...ALL_KEYS, onCrash: 'restart' });
    debug(fleet, domain, { sysrq: 'c' });
    fleet.pass(60);
    expect(fleet.events.map(nameOfEvent)).toEqual(['CRASHED/PANICKED', 'REBOOT', 'RESUMED/UNPAUSED']);
    expect(screen(domain)).toContain('sysrq triggered crash');
    expect(domain.devices!.kernel!.state).toBe('running');
  });

  it('c of a kernel with kdump writes a dump and resets', () => {
    const { fleet, domain } = running({
      devices: { kernel: { sysrq: 1, kdump: true } },
    });
    debug(fleet, domain, { sysrq: 'c' });
    expect(domain.devices!.kernel!.state).toBe('dumping');
    expect(fleet.takeTrace()).toEqual([]);
    fleet.pass(30);
    expect(fleet.takeTrace()).toEqual(['one REBOOT RUNNING/BOOTED']);
    fleet.pass(30);
    expect(domain.devices!.kernel!.state).toBe('running');
  });

  it('o switches the power off', () => {
    const { fleet, domain } = running(ALL_KEYS);
    debug(fleet, domain, { sysrq: 'o' });
    fleet.pass(2);
    expect(fleet.events.map(nameOfEvent)).toEqual(['SHUTDOWN/GUEST', 'STOPPED/SHUTDOWN']);
  });

  it('of a RHEL 6 guest without a panic device leaves a dead guest running', () => {
    const { fleet, domain } = running({
      guest: { profile: 'rhel6' },
      devices: { kernel: { sysrq: 1 } },
    });
    debug(fleet, domain, { sysrq: 'c' });
    fleet.pass(60);
    expect(fleet.takeTrace()).toEqual([]);
    expect(stateOf(domain)).toBe('RUNNING/BOOTED');
    expect(domain.devices!.kernel!.state).toBe('panicked');
    expect(domain.devices!.console!.halted).toBe(true);
  });
});

describe('a boot', () => {
  it('is over on the console when the life cycle says that it is', () => {
    const fleet = new Fleet();
    const domain = fleet.define('guest');
    fleet.act(domain, 'start');
    expect(domain.devices!.kernel!.state).toBe('absent');
    let seconds = 0;
    while (domain.isBooting) {
      const status = bootStatus(domain.devices!.console!.boot, domain.guestMs);
      expect(status.stage).toBeDefined();
      fleet.clock.advanceTo(fleet.clock.nowMs + 100);
      seconds += 0.1;
    }
    expect(seconds).toBeGreaterThan(8);
    expect(seconds).toBeLessThan(20.2);
    fleet.pass(1);
    expect(screen(domain)).toMatch(/guest login: $/);
    expect(domain.devices!.kernel!.state).toBe('running');
  });

  it('that hangs in the loader never ends: no shutdown, only a reset helps', () => {
    const fleet = new Fleet();
    const domain = fleet.define('guest');
    fleet.act(domain, 'start');
    fleet.hypervisor.apply({
      op: 'device',
      domain,
      action: { kind: 'boot-hang', stage: 'loader', share: 0.5 },
    });
    fleet.pass(600);
    expect(domain.isBooting).toBe(true);
    expect(domain.devices!.kernel!.state).toBe('absent');
    fleet.act(domain, 'suspend');
    fleet.pass(10);
    fleet.act(domain, 'resume');
    fleet.act(domain, 'reset');
    fleet.pass(30);
    expect(domain.isBooting).toBe(false);
    expect(domain.devices!.kernel!.state).toBe('running');
  });

  it('from a network that does not answer takes longer', () => {
    const fleet = new Fleet();
    const domain = fleet.define('guest', { devices: { console: { networkFirst: true } } });
    fleet.act(domain, 'start');
    fleet.pass(30);
    expect(domain.isBooting).toBe(true);
    fleet.pass(21);
    expect(domain.isBooting).toBe(false);
  });
});
