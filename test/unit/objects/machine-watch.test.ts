import { expect, it } from 'vitest';
import { Causes, type Origin } from '../../../agent/objects/causes.ts';
import { notificationName } from '../../../agent/objects/notifications.ts';
import { MachineWatch } from '../../../agent/objects/vm-mib/machine-watch.ts';
import { NotificationSwitches } from '../../../agent/objects/vm-mib/switches.ts';
import { Fleet } from '../emulation/fleet.ts';

it('says of what is told after a while by which events it came about, or else who did it', () => {
  const fleet = new Fleet();
  const { clock, hypervisor, one } = fleet;
  const told: [string, Origin][] = [];
  const watch = new MachineWatch({
    host: one,
    clock,
    switches: new NotificationSwitches({ perVm: false, bulk: true }),
    upTime: () => clock.nowMs / 10,
    isTold: () => true,
    windowMs: () => 1000,
    send: (notification, origin) => told.push([notificationName(notification), origin]),
  });
  hypervisor.onSettled((domains, _, events, cause) => watch.hear(domains, new Causes(events, one, cause)));
  const guests = ['a', 'b'].map((name) => fleet.define(name));
  for (const guest of guests) fleet.act(guest, 'start');
  const [a, b] = guests.map((guest) =>
    fleet.events.find((event) => 'domain' in event && event.domain === guest),
  );
  fleet.pass(100);
  expect(told).toEqual([['vmBulkRunning', { events: [a!.sequence, b!.sequence] }]]);
  told.length = 0;
  hypervisor.apply({ op: 'act', domain: guests[0]!, action: 'shutdown' }, 'manager');
  hypervisor.apply({ op: 'act', domain: guests[1]!, action: 'shutdown' }, 'scenario');
  fleet.pass(1);
  expect(told).toEqual([['vmBulkShuttingdown', { events: [], cause: 'manager' }]]);
});
