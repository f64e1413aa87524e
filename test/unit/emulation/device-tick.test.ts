import { describe, expect, it } from 'vitest';
import { type DisplayCounters, readDisplay } from '../../../agent/emulation/display/drawing.ts';
import type { Domain } from '../../../agent/emulation/domain/domain.ts';
import type { DevicesConfig, DomainConfig } from '../../../agent/emulation/domain/domain-config.ts';
import type { UsbConfig } from '../../../agent/emulation/usb/usb-config.ts';
import { config, Fleet } from './fleet.ts';

/** A guest that has been up for long, whose programs do nearly nothing. */
function quiet(
  devices: DevicesConfig,
  changes: Partial<DomainConfig> = {},
): { fleet: Fleet; domain: Domain } {
  const fleet = new Fleet();
  const definition = config('guest', { initialState: 'running', load: 'idle', devices, ...changes });
  fleet.hypervisor.apply({ op: 'populate', host: fleet.one, configs: [definition] });
  return { fleet, domain: fleet.one.domains.byName('guest')! };
}

/** CPU time in ns per s that the emulator's own threads use over so many seconds. */
function emulatorRate({ fleet, domain }: ReturnType<typeof quiet>, seconds: number): number {
  const before = domain.emulatorTimeNs;
  fleet.pass(seconds);
  return (domain.emulatorTimeNs - before) / seconds;
}

const usb = (changes: Partial<UsbConfig>): DevicesConfig => ({ usb: { model: 'piix3-uhci', ...changes } });

describe('A8.2 USB controllers cost the host processor time', () => {
  const bare = emulatorRate(quiet({ usb: false }), 10);

  it.each([5000, 8000, 10_000])('of %i ns for each of 1000 wakeups a second', (wakeupNs) => {
    const polling = quiet(usb({ wakeupNs, remoteWakeup: false }));
    expect(emulatorRate(polling, 10) - bare).toBe(1000 * wakeupNs);
  });

  it('until their devices sleep, and again while there is input', () => {
    const wakeupNs = 6000;
    const guest = quiet(usb({ wakeupNs, remoteWakeup: true }));
    expect(emulatorRate(guest, 2) - bare).toBe(1000 * wakeupNs);
    guest.fleet.pass(2);
    expect(emulatorRate(guest, 10) - bare).toBe(0);
    const input = (perSecond: number) =>
      guest.fleet.hypervisor.apply({
        op: 'device',
        domain: guest.domain,
        action: { kind: 'usb-input', port: 0, perSecond },
      });
    input(20);
    guest.fleet.pass(1);
    expect(emulatorRate(guest, 10) - bare).toBe(1000 * wakeupNs);
    input(0);
    guest.fleet.pass(4);
    expect(emulatorRate(guest, 10) - bare).toBe(0);
  });

  it('A8.3 less and less of an EHCI whose schedule is idle, and none of an xHCI', () => {
    const devices = [{ kind: 'tablet', speed: 'high', port: 0 }] as const;
    const ehci = quiet(usb({ model: 'ich9-ehci1', devices, remoteWakeup: false }));
    ehci.fleet.pass(5);
    const idle = emulatorRate(ehci, 10) - bare;
    expect(idle).toBeGreaterThan(15 * 8000 - 1000);
    expect(idle).toBeLessThan(20 * 8000);
    expect(emulatorRate(quiet(usb({ model: 'qemu-xhci' })), 10)).toBe(bare);
  });

  it('A8.4 none while the guest is paused', () => {
    const guest = quiet(usb({ remoteWakeup: false }));
    guest.fleet.pass(5);
    guest.fleet.act(guest.domain, 'suspend');
    expect(emulatorRate(guest, 60)).toBe(0);
    guest.fleet.act(guest.domain, 'resume');
    expect(emulatorRate(guest, 10) - bare).toBeCloseTo(8_000_000, -1);
  });

  it('A8.4 exits and interrupts for transfers that bring something alone', () => {
    const exits = (perSecond: number): number => {
      const { fleet, domain } = quiet(usb({ remoteWakeup: false }));
      fleet.hypervisor.apply({ op: 'device', domain, action: { kind: 'usb-input', port: 0, perSecond } });
      fleet.pass(20);
      return domain.vcpu(0)!.exits.io + domain.vcpu(1)!.exits.io;
    };
    expect(exits(0)).toBe(0);
    // The last second's input is handled in the next one.
    expect(exits(50)).toBeGreaterThanOrEqual(18 * 50);
    expect(exits(50)).toBeLessThanOrEqual(20 * 50);
  });
});

const client = { name: '192.0.2.7:40000', playbackVolume: true, recordVolume: false };

function display({ domain }: { domain: Domain }): DisplayCounters {
  const { machine, display: drawn } = domain.process!;
  return readDisplay(domain.devices!.display!.qxl, domain.guestMs, machine, drawn!.part, domain.nowMs);
}

describe('a desktop draws by itself', () => {
  const busy = (qxl: NonNullable<DevicesConfig['qxl']>) => quiet({ usb: false, qxl }, { load: 'steady' });

  it('the more the busier its guest is, and with a user before it', () => {
    const idle = quiet({ qxl: {} });
    const alone = busy({});
    const used = busy({});
    used.fleet.hypervisor.apply({
      op: 'device',
      domain: used.domain,
      action: { kind: 'spice-connect', client },
    });
    for (const { fleet } of [idle, alone, used]) fleet.pass(120);
    const commands = [idle, alone, used].map((each) => display(each).commandsFetched);
    expect(commands[0]).toBeGreaterThan(0);
    expect(commands[1]).toBeGreaterThan(5 * commands[0]!);
    expect(commands[2]! / commands[1]!).toBeCloseTo(10, 0);
    expect(display(alone).cursorsFetched).toBe(0);
    expect(display(used).cursorsFetched).toBeGreaterThan(1000);
  });

  it('A9.1 with asynchronous commands it waits for nothing, without them for each rendering', () => {
    const [async, sync] = [busy({ async: true }), busy({ async: false })];
    for (const { fleet, domain } of [async, sync]) {
      fleet.hypervisor.apply({ op: 'device', domain, action: { kind: 'spice-connect', client } });
      fleet.pass(120);
    }
    const shown = display(async);
    expect(shown.blockedNs).toBe(0);
    expect(shown.asyncStarted).toBeGreaterThan(100);
    expect(shown.ioInterrupts).toBe(shown.asyncCompleted);
    expect(shown.asyncStarted - shown.asyncCompleted).toBe(0);
    const waited = display(sync);
    expect(waited.ioInterrupts).toBe(0);
    expect(waited.asyncStarted).toBe(0);
    expect(waited.blockedNs / 400_000).toBeGreaterThan(100);
    // What it waits, it does not work.
    expect(sync.domain.vcpu(0)!.timeNs + sync.domain.vcpu(1)!.timeNs).toBeLessThan(
      async.domain.vcpu(0)!.timeNs + async.domain.vcpu(1)!.timeNs,
    );
  });

  it('a renderer that is slower than the guest draws takes what it can, and tells when there is room', () => {
    const slow = busy({ drawPerSecond: 5000, fetchPerSecond: 100, unattendedShare: 1 });
    slow.fleet.pass(60);
    const shown = display(slow);
    expect(shown.commandsFetched).toBe(6000);
    expect(shown.displayInterrupts).toBe(Math.floor(100 / 32) * 60);
  });

  it('nothing while the guest is paused, boots or has panicked', () => {
    const guest = quiet({ qxl: {} }, { load: 'steady', onCrash: 'preserve' });
    const { fleet, domain } = guest;
    const drawn = (seconds: number): number => {
      const before = display(guest).commandsFetched;
      fleet.pass(seconds);
      return display(guest).commandsFetched - before;
    };
    expect(drawn(10)).toBeGreaterThan(0);
    fleet.act(domain, 'suspend');
    expect(drawn(60)).toBe(0);
    fleet.act(domain, 'resume');
    expect(drawn(10)).toBeGreaterThan(0);
    fleet.act(domain, 'reset');
    expect(drawn(5)).toBe(0);
    expect(domain.isBooting).toBe(true);
    fleet.pass(60);
    expect(drawn(10)).toBeGreaterThan(0);
    fleet.act(domain, 'panic');
    expect(drawn(60)).toBe(0);
  });
});
