import { expect, it } from 'vitest';
import type { Notification } from '../../../agent/notify/notification.ts';
import type { ActiveEntry } from '../../../agent/objects/alarm-mib/alarm-log.ts';
import { startDaemon, testConfig } from '../../support/running-daemon.ts';

it('what is sent of an alarm is the very notification that ALARM-MIB shows', async () => {
  const config = testConfig({ guests: 1 });
  const sent: Notification[] = [];
  const { daemon, clock } = await startDaemon(
    { ...config, traps: { ...config.traps, families: ['stats'] } },
    () => ({ onNotification: (_, notification) => sent.push(notification) }),
  );
  const { hypervisor } = daemon;
  const host = hypervisor.hosts[0]!;
  hypervisor.apply({ op: 'fault', action: { raise: 'host-nic-down', target: host } });
  clock.advanceTo(60_000);
  const alarms = daemon.registryOf(host)!.modules.find(({ definition }) => definition.name === 'ALARM-MIB')!;
  const { rows } = alarms.tables['alarmActiveTable']!;
  const { told } = rows.row(rows.first()) as ActiveEntry;
  expect(sent.filter((each) => each === told)).toHaveLength(1);
});
