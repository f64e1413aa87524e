import { describe, expect, it } from 'vitest';
import type { DomainConfig } from '../../../agent/emulation/domain/domain-config.ts';
import { LIBVIRT_EVENTS } from '../../../agent/emulation/model-event.ts';
import type { WatchdogAction } from '../../../agent/emulation/watchdog/watchdog-config.ts';
import { FaultyFleet, withoutTime } from './fault/faulty.ts';
import { stateOf } from './fleet.ts';

/** What a watchdog that nobody feeds comes to, by its action: events in order, and the state in the end. */
const WATCHDOG: Readonly<Record<WatchdogAction, readonly [events: readonly string[], state: string]>> = {
  none: [['WATCHDOG'], 'RUNNING/BOOTED'],
  debug: [['WATCHDOG'], 'RUNNING/BOOTED'],
  pause: [['WATCHDOG', 'SUSPENDED/WATCHDOG'], 'PAUSED/WATCHDOG'],
  reset: [['WATCHDOG', 'REBOOT'], 'RUNNING/BOOTED'],
  // The emulator exits without a word, which libvirt takes for its death.
  poweroff: [['WATCHDOG', 'STOPPED/CRASHED'], 'SHUTOFF/CRASHED'],
  shutdown: [['WATCHDOG', 'SHUTDOWN/GUEST', 'STOPPED/SHUTDOWN'], 'SHUTOFF/SHUTDOWN'],
  dump: [['WATCHDOG', 'SUSPENDED/WATCHDOG', 'RESUMED/UNPAUSED'], 'RUNNING/UNPAUSED'],
  'inject-nmi': [['WATCHDOG'], 'RUNNING/BOOTED'],
};

describe('a watchdog that nobody feeds', () => {
  it.each(Object.entries(WATCHDOG))('with the action %s', (action, [events, state]) => {
    const fleet = new FaultyFleet({
      a: { devices: { watchdog: { action: action as WatchdogAction } }, load: 'idle' },
    });
    fleet.raise('watchdog-starve', fleet.guest('a'));
    fleet.pass(50);
    const seen = withoutTime(fleet.takeAll()).filter((each) => each.startsWith('a '));
    expect(seen.map((each) => each.split(' ')[1])).toEqual(events);
    expect(stateOf(fleet.guest('a'))).toBe(state);
  });
});

it('every event of libvirt beside the life cycle is raised by some cause in the models', () => {
  const seen = new Set<string>();
  const disk = { type: 'file', device: 'disk', bus: 'virtio', source: '/a', errorPolicy: 'stop' } as const;
  const guest: Partial<DomainConfig> = {
    load: 'steady',
    disks: [
      { ...disk, target: 'vda' },
      { ...disk, target: 'vdb', startupPolicy: 'optional' },
      { type: 'file', device: 'cdrom', target: 'sda', bus: 'sata', source: '/cd.iso' },
    ],
    memoryKiB: 2 ** 20,
    currentMemoryKiB: 2 ** 19,
    devices: { watchdog: { action: 'none' }, qxl: {}, agent: { channel: true, installed: true } },
  };
  const memoryDevice = { sizeKiB: 2 ** 19, blockKiB: 2048 };
  const fleet = new FaultyFleet({
    a: guest,
    m: { ...guest, memoryDevice },
    k: { guest: { keepsDevices: true } },
  });
  fleet.hypervisor.onEvent((event) => void (event.kind === 'device' && seen.add(event.event)));
  const [a, m, k] = ['a', 'm', 'k'].map((name) => fleet.guest(name));
  const { hypervisor } = fleet;
  hypervisor.apply({ op: 'tune', domain: a!, balloonKiB: 2 ** 20, cpu: { shares: 100 } });
  hypervisor.apply({ op: 'tune', domain: m!, memoryDeviceKiB: 2 ** 19 });
  hypervisor.apply({ op: 'metadata', domain: a!, title: 't' });
  hypervisor.apply({ op: 'tune', domain: a!, threshold: { disk: 'vdb', bytes: 1 } });
  hypervisor.apply({ op: 'block-job', domain: m!, disk: 'vdb', action: { start: 'backup' } });
  hypervisor.apply({ op: 'device', domain: a!, action: { kind: 'rtc-write', offsetSeconds: 60 } });
  hypervisor.apply({ op: 'device', domain: a!, action: { kind: 'tray', disk: 'sda', open: true } });
  hypervisor.apply({
    op: 'device',
    domain: a!,
    action: { kind: 'spice-connect', client: { id: 'c' } as never },
  });
  hypervisor.apply({ op: 'attach', domain: a!, device: { nic: { type: 'network', queues: 1 } } });
  hypervisor.apply({ op: 'detach', domain: a!, device: { nic: 0 } });
  hypervisor.apply({ op: 'detach', domain: k!, device: { nic: 0 } });
  fleet.pass(60);
  fleet.raise('memory-failure', a!);
  fleet.raise('agent-death', a!);
  fleet.raise('watchdog-starve', a!);
  fleet.act(m!, 'migrate', { target: fleet.two });
  fleet.pass(60);
  fleet.raise('hung-monitor', a!, { durationMs: 1000 });
  fleet.raise('disk-error', a!, { durationMs: 5000 });
  fleet.pass(10);
  fleet.act(a!, 'destroy');
  fleet.raise('image-missing', a!, { parameters: { disk: 'vdb' } });
  fleet.act(a!, 'start');
  expect(LIBVIRT_EVENTS.filter((name) => !seen.has(name))).toEqual([]);
});
