import { describe, expect, it } from 'vitest';
import type { DeviceAction } from '../../../../agent/emulation/change.ts';
import { readConsole } from '../../../../agent/emulation/console/console.ts';
import type { Domain } from '../../../../agent/emulation/domain/domain.ts';
import type { DevicesConfig, DomainConfig } from '../../../../agent/emulation/domain/domain-config.ts';
import { createUsbBus, usbInterrupts, usbWakeups } from '../../../../agent/emulation/usb/usb-bus.ts';
import { USB_DEFAULTS } from '../../../../agent/emulation/usb/usb-config.ts';
import type { WatchdogAction } from '../../../../agent/emulation/watchdog/watchdog-config.ts';
import { config, Fleet, nameOfEvent, stateOf } from '../fleet.ts';

function running(
  devices: DevicesConfig = {},
  changes: Partial<DomainConfig> = {},
): { fleet: Fleet; domain: Domain; happen: (action: DeviceAction) => void } {
  const fleet = new Fleet();
  const configs = [config('guest', { initialState: 'running', devices, ...changes })];
  fleet.hypervisor.apply({ op: 'populate', host: fleet.one, configs });
  fleet.pass(30);
  const domain = fleet.one.domains.byName('guest')!;
  return { fleet, domain, happen: (action) => fleet.hypervisor.apply({ op: 'device', domain, action }) };
}

const AGENT = { channel: true, installed: true, restartMs: 5000 } as const;

/** Names of what happened, devices' events with what they tell. */
function taken(fleet: Fleet): unknown[] {
  const names = fleet.events.map((event) => {
    if (event.kind !== 'device') return nameOfEvent(event);
    const { event: _name, ...told } = event.payload;
    return [event.event, ...Object.values(told)].join(' ');
  });
  fleet.events.length = 0;
  return names;
}

describe('a watchdog', () => {
  it.each<[WatchdogAction, string[], string]>([
    ['reset', ['WATCHDOG reset', 'REBOOT'], 'RUNNING/BOOTED'],
    ['shutdown', ['WATCHDOG shutdown', 'SHUTDOWN/GUEST', 'STOPPED/SHUTDOWN'], 'SHUTOFF/SHUTDOWN'],
    ['poweroff', ['WATCHDOG poweroff', 'STOPPED/CRASHED'], 'SHUTOFF/CRASHED'],
    ['pause', ['WATCHDOG pause', 'SUSPENDED/WATCHDOG'], 'PAUSED/WATCHDOG'],
    ['dump', ['WATCHDOG pause', 'SUSPENDED/WATCHDOG', 'RESUMED/UNPAUSED'], 'RUNNING/UNPAUSED'],
    ['inject-nmi', ['WATCHDOG inject-nmi'], 'RUNNING/BOOTED'],
    ['none', ['WATCHDOG none'], 'RUNNING/BOOTED'],
    ['debug', ['WATCHDOG debug'], 'RUNNING/BOOTED'],
  ])('that nobody feeds does what %s says', (action, events, state) => {
    const { fleet, domain, happen } = running({ watchdog: { action } });
    happen({ kind: 'starve' });
    fleet.pass(29);
    expect(taken(fleet)).toEqual([]);
    fleet.pass(31);
    expect(taken(fleet)).toEqual(events);
    expect(stateOf(domain)).toBe(state);
    if (action === 'inject-nmi') expect(domain.devices!.kernel!.nmiInjections).toBe(1);
  });

  it('counts only while the vCPUs run', () => {
    const { fleet, domain, happen } = running({ watchdog: {} });
    happen({ kind: 'hang' });
    fleet.pass(10);
    fleet.act(domain, 'suspend');
    const before = domain.guestMs;
    fleet.pass(3600);
    expect(domain.guestMs).toBe(before);
    fleet.act(domain, 'resume');
    taken(fleet);
    fleet.pass(19);
    expect(taken(fleet)).toEqual([]);
    fleet.pass(1);
    expect(taken(fleet)).toEqual(['WATCHDOG reset', 'REBOOT']);
  });

  it('panics a kernel by an NMI, when both are set so', () => {
    const { fleet, happen } = running({
      watchdog: { action: 'inject-nmi' },
      kernel: { unknownNmiPanic: true },
    });
    happen({ kind: 'hang' });
    fleet.pass(40);
    expect(taken(fleet)).toEqual(['WATCHDOG inject-nmi', 'CRASHED/PANICKED', 'STOPPED/CRASHED']);
  });

  it('that cannot be is refused with the definition', () => {
    const fleet = new Fleet();
    expect(() => fleet.define('wrong', { devices: { watchdog: { timeoutSeconds: 4000 } } })).toThrow(
      /1 to 2046 s/,
    );
  });
});

describe('a guest agent', () => {
  it('connects when the guest has booted, and goes with it', () => {
    const fleet = new Fleet();
    const domain = fleet.define('guest', { devices: { agent: AGENT } });
    fleet.act(domain, 'start');
    expect(taken(fleet)).toEqual(['STARTED/BOOTED']);
    fleet.pass(30);
    expect(taken(fleet)).toEqual(['AGENT_LIFECYCLE CONNECTED CHANNEL']);
    fleet.act(domain, 'shutdown');
    fleet.pass(30);
    expect(taken(fleet)).toEqual([
      'AGENT_LIFECYCLE DISCONNECTED CHANNEL',
      'SHUTDOWN/GUEST',
      'STOPPED/SHUTDOWN',
    ]);
    expect(fleet.clock.pending).toBe(0);
  });

  it('of a guest that was there before is connected already, and is started again when it died', () => {
    const { fleet, domain, happen } = running({ agent: AGENT });
    expect(domain.devices!.agent!.connected).toBe(true);
    happen({ kind: 'agent-death' });
    expect(() => happen({ kind: 'agent-death' })).toThrow(/not connected/);
    fleet.pass(5);
    expect(taken(fleet)).toEqual([
      'AGENT_LIFECYCLE DISCONNECTED CHANNEL',
      'AGENT_LIFECYCLE CONNECTED CHANNEL',
    ]);
  });

  it('is found by the host that the guest moved to', () => {
    const { fleet, domain } = running({ agent: AGENT, watchdog: {} });
    const before = domain.guestMs;
    fleet.hypervisor.apply({ op: 'act', domain, action: 'migrate', target: fleet.two });
    fleet.pass(30);
    const moved = fleet.two.domains.byName('guest')!;
    expect(taken(fleet)).toContain('AGENT_LIFECYCLE CONNECTED DOMAIN_STARTED');
    expect(moved.guestMs).toBeGreaterThan(before + 20_000);
    expect(moved.devices!.watchdog).toMatchObject({ armed: true, fedSinceMs: 0 });
    expect(domain.devices).toBeUndefined();
  });

  it('is found again in a guest that comes out of an image', () => {
    const { fleet, domain } = running({ agent: AGENT });
    fleet.act(domain, 'managedsave');
    fleet.pass(30);
    taken(fleet);
    fleet.act(domain, 'start');
    fleet.pass(30);
    expect(taken(fleet)).toEqual(['STARTED/RESTORED', 'AGENT_LIFECYCLE CONNECTED DOMAIN_STARTED']);
  });
});

describe('a display', () => {
  const client = { name: '192.0.2.7:40000', playbackVolume: true, recordVolume: false };

  it('tells of its clients and sends them the volume', () => {
    const { fleet, domain, happen } = running({ qxl: {} });
    happen({ kind: 'spice-connect', client });
    happen({ kind: 'sound', direction: 'playback', level: { mute: true } });
    happen({ kind: 'spice-disconnect', client: client.name });
    expect(taken(fleet)).toEqual([
      `GRAPHICS CONNECT ${client.name}`,
      `GRAPHICS INITIALIZE ${client.name}`,
      `GRAPHICS DISCONNECT ${client.name}`,
    ]);
    expect(domain.devices!.display!.spice.sent.PLAYBACK_MUTE).toBe(1);
  });

  it('is flushed before the guest sleeps, and painted again when it wakes up', () => {
    const { fleet, domain, happen } = running({ qxl: {} });
    happen({ kind: 'sleep' });
    expect(domain.devices!.display!.qxl.sleep).toBe('flushing');
    fleet.pass(5);
    expect(taken(fleet)).toEqual(['PMSUSPEND', 'PMSUSPENDED/MEMORY']);
    expect(domain.devices!.display!.qxl.sleep).toBe('asleep');
    fleet.act(domain, 'wakeup');
    const { surfaces } = domain.devices!.display!.qxl.config;
    expect(surfaces).toBeGreaterThan(0);
    expect(domain.devices!.display!.qxl).toMatchObject({
      ...{ sleep: 'awake', surfacesLost: 0, surfaces, surfacesSaved: 0 },
      surfacesWritten: surfaces,
    });
  });
});

describe('other devices', () => {
  it('of USB count the input that is given', () => {
    const { fleet, domain, happen } = running({ usb: { model: 'piix3-uhci', remoteWakeup: false } });
    happen({ kind: 'usb-input', port: 0, perSecond: 50 });
    const before = usbWakeups(domain.devices!.usb!, domain.guestMs);
    fleet.pass(10);
    expect(usbInterrupts(domain.devices!.usb!, domain.guestMs)).toBe(500);
    expect(usbWakeups(domain.devices!.usb!, domain.guestMs) - before).toBe(10_000);
    expect(() => happen({ kind: 'usb-input', port: 1, perSecond: 5 })).toThrow(/one on 0/);
  });

  it('keep what the guest wrote to a variable clock for the next start', () => {
    const { fleet, domain, happen } = running({ rtc: { offset: 'variable' } });
    happen({ kind: 'rtc-write', offsetSeconds: 3600 });
    expect(taken(fleet)).toEqual(['RTC_CHANGE 3600']);
    fleet.act(domain, 'destroy');
    fleet.act(domain, 'start');
    expect(domain.devices!.rtc!.offsetSeconds).toBe(3600);
  });

  it('of broken memory ask guest, kernel or emulator by what is needed', () => {
    const guest = running();
    const fault = { kind: 'memory-failure', frame: 0x1234, outcome: 'Recovered' } as const;
    guest.happen({ ...fault, recipient: 'GUEST', actionRequired: true });
    guest.fleet.pass(1);
    expect(taken(guest.fleet)).toEqual(['MEMORY_FAILURE GUEST INJECT 1']);
    const { console } = guest.domain.devices!;
    expect(readConsole(console!, guest.domain.guestMs, 0).text).toContain('frame 0x1234: Recovered');
    guest.happen({ ...fault, recipient: 'GUEST', actionRequired: true, recursive: true });
    expect(taken(guest.fleet)).toEqual(['MEMORY_FAILURE GUEST RESET 3', 'REBOOT']);
    guest.happen({ ...fault, recipient: 'HYPERVISOR', actionRequired: true });
    expect(taken(guest.fleet)).toEqual(['MEMORY_FAILURE HYPERVISOR FATAL 1', 'STOPPED/CRASHED']);
    expect(() => guest.happen({ kind: 'hang' })).toThrow(/needs it active/);
  });
});

describe('A6.6 a paused guest', () => {
  const fault = { kind: 'memory-failure', frame: 0x1234, outcome: 'Recovered' } as const;

  it.each<DeviceAction>([
    { kind: 'hang' },
    { kind: 'starve' },
    { kind: 'agent-death' },
    { kind: 'rtc-write' },
    { kind: 'sleep' },
    { kind: 'sound', direction: 'playback', level: { mute: true } },
    { ...fault, recipient: 'GUEST', actionRequired: true },
  ])('cannot do by itself: $kind', (action) => {
    const { fleet, domain, happen } = running({ agent: AGENT, watchdog: {}, qxl: {} });
    fleet.act(domain, 'suspend');
    taken(fleet);
    const before = domain.devices;
    expect(() => happen(action)).toThrow(/its vCPUs stand still; resume it first|its kernel must be running/);
    fleet.pass(3600);
    expect(domain.devices).toBe(before);
    expect(taken(fleet)).toEqual([]);
    fleet.act(domain, 'resume');
    expect(() => happen(action)).not.toThrow();
  });

  it('says what it made of a broken page, or of a key, once it runs again', () => {
    const { fleet, domain, happen } = running({ kernel: { sysrq: 1 } });
    fleet.act(domain, 'suspend');
    const said = (): string => readConsole(domain.devices!.console!, domain.guestMs, 0).text;
    const before = said();
    happen({ ...fault, recipient: 'GUEST', actionRequired: false });
    fleet.hypervisor.apply({ op: 'debug', domain, action: { sysrq: 'h' } });
    fleet.pass(3600);
    // The host tells of what it did at once.
    expect(taken(fleet)).toEqual(['SUSPENDED/PAUSED', 'MEMORY_FAILURE GUEST INJECT 0']);
    expect(said()).toBe(before);
    expect(domain.devices!.kernel!.queue).toHaveLength(2);
    fleet.act(domain, 'resume');
    fleet.pass(1);
    expect(said()).toMatch(/frame 0x1234: Recovered.*SysRq/is);
    expect(domain.devices!.kernel!.queue).toHaveLength(0);
  });

  it('is told of what the host does to its emulator, and pays for nothing', () => {
    const { fleet, domain, happen } = running({ usb: { model: 'piix3-uhci' }, qxl: {} });
    fleet.act(domain, 'suspend');
    const cpu = domain.cpuTimeNs;
    const wakeups = usbWakeups(domain.devices!.usb!, domain.guestMs);
    happen({ kind: 'usb-input', port: 0, perSecond: 50 });
    fleet.pass(600);
    expect(usbWakeups(domain.devices!.usb!, domain.guestMs)).toBe(wakeups);
    expect(usbInterrupts(domain.devices!.usb!, domain.guestMs)).toBe(0);
    expect(domain.cpuTimeNs).toBe(cpu);
    happen({ ...fault, recipient: 'HYPERVISOR', actionRequired: true });
    expect(stateOf(domain)).toBe('SHUTOFF/CRASHED');
  });
});

describe('what a domain has', () => {
  it.each([
    ['kvm', undefined, ['console', 'kernel', 'usb', 'rtc']],
    ['xen', 'hvm', ['console', 'kernel', 'rtc']],
    ['xen', 'linux', ['console', 'kernel', 'rtc']],
    ['lxc', 'exe', ['console']],
  ] as const)('of type %s %s', (type, osType, names) => {
    const { domain } = running({}, { type, ...(osType ? { osType } : {}) });
    const devices = domain.devices!;
    const keys = ['console', 'kernel', 'usb', 'display', 'watchdog', 'agent', 'rtc'] as const;
    expect(keys.filter((key) => devices[key] !== undefined)).toEqual(names);
  });

  it('is shared with its like, and waits for nothing', () => {
    const fleet = new Fleet();
    const timers = fleet.clock.pending;
    const configs = ['a', 'b'].map((name) =>
      config(name, { initialState: 'running', devices: { agent: AGENT } }),
    );
    fleet.hypervisor.apply({ op: 'populate', host: fleet.one, configs });
    const [a, b] = ['a', 'b'].map((name) => fleet.one.domains.byName(name)!.devices!);
    expect(a!.kernel).toBe(b!.kernel);
    expect(a!.usb).toBe(b!.usb);
    expect(a!.agent).toBe(b!.agent);
    expect(a!.plan).toBe(b!.plan);
    expect(a!.console!.machine.name).toBe('a');
    expect(b!.console!.machine.name).toBe('b');
    expect(fleet.clock.pending - timers).toBeLessThanOrEqual(1);
    expect(createUsbBus(USB_DEFAULTS.modern, 0)).toEqual(a!.usb);
  });
});

describe('a transaction that is rolled back', () => {
  it('leaves devices and what they wait for as they were', () => {
    const course = (rolledBack: boolean): unknown => {
      const { fleet, domain, happen } = running({ watchdog: {}, agent: AGENT, kernel: { sysrq: 1 } });
      happen({ kind: 'starve' });
      happen({ kind: 'agent-death' });
      fleet.pass(2);
      const before = domain.devices;
      const pending = fleet.clock.pending;
      if (rolledBack) {
        const transaction = fleet.hypervisor.transaction();
        transaction.apply({ op: 'device', domain, action: { kind: 'rtc-write' } });
        transaction.apply({ op: 'debug', domain, action: { sysrq: 'b' } });
        transaction.apply({ op: 'act', domain, action: 'destroy' });
        transaction.apply({ op: 'act', domain, action: 'start' });
        expect(domain.devices).not.toBe(before);
        transaction.rollback();
      }
      expect(domain.devices).toBe(before);
      expect(fleet.clock.pending).toBe(pending);
      taken(fleet);
      fleet.pass(60);
      return [taken(fleet), stateOf(domain), domain.devices];
    };
    const [events] = course(true) as [unknown[]];
    expect(events).toContain('WATCHDOG reset');
    expect(course(true)).toEqual(course(false));
  });
});
