import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ALARM_KINDS } from '../../../agent/emulation/alarm/alarm.ts';
import type { EmulationEvent } from '../../../agent/emulation/events.ts';
import { ERROR_STATUS } from '../../../agent/message/constants.ts';
import type { ColumnDefinition, ModuleDefinition } from '../../../agent/mib/definition.ts';
import { LIBVIRT_MIB } from '../../../agent/mib/generated/libvirt-mib.ts';
import { LIBVIRT_STATS_MIB } from '../../../agent/mib/generated/libvirt-stats-mib.ts';
import { checkValue } from '../../../agent/mib/syntax.ts';
import { BASE_TAGS } from '../../../agent/mib/value.ts';
import type { Notification } from '../../../agent/notify/notification.ts';
import {
  alarmNotification,
  lvsNotification,
  lvsNotificationsLost,
} from '../../../agent/objects/libvirt-stats/notifications/index.ts';
import { eventNotifications, notificationName } from '../../../agent/objects/notifications.ts';
import { formatOid } from '../../../agent/util/oid.ts';
import { PACKAGE_ROOT } from '../../../agent/util/package-info.ts';
import { sampleEvents } from '../../support/sample-events.ts';
import { Fleet, FURNISHED } from '../emulation/fleet.ts';

const OPTIONS = { libvirtSnmp: false, families: ['libvirt', 'stats'] } as const;
const DEFINED = LIBVIRT_STATS_MIB.notifications;
/** Notifications of events that no sample has: the agent's own. */
const OWN = ['lvsNotificationsLost'];
const objects = new Map<string, ColumnDefinition & { readonly index: readonly string[] }>();
for (const module of [LIBVIRT_MIB, LIBVIRT_STATS_MIB] as readonly ModuleDefinition[]) {
  for (const [name, scalar] of Object.entries(module.scalars)) objects.set(name, { ...scalar, index: [] });
  for (const { columns, index } of Object.values(module.tables))
    for (const [name, column] of Object.entries(columns))
      objects.set(name, { ...column, index: index.map((part) => part.name) });
}

function told(event: EmulationEvent): Notification {
  return lvsNotification(event, 12_345, OPTIONS)!;
}

/** What a notification says, by the names of its objects. */
function read(notification: Notification): Record<string, unknown> {
  const { objects: carried } = DEFINED[notificationName(notification) as keyof typeof DEFINED];
  return Object.fromEntries(carried.map((name, i) => [name, notification.varbinds[i]!.value]));
}

function samples(): { readonly fleet: Fleet; readonly events: EmulationEvent[] } {
  const fleet = new Fleet();
  const domain = fleet.define('web', FURNISHED);
  fleet.act(domain, 'start');
  return { fleet, events: sampleEvents(fleet.one, domain) };
}

describe('notifications of LIBVIRT-STATS-MIB', () => {
  const { fleet, events } = samples();
  const notified = events.filter(({ kind }) => kind !== 'fault').map(told);

  it('tell of every kind of event', () => {
    const names = new Set(notified.map(notificationName));
    const expected = Object.keys(DEFINED).filter((name) => !OWN.includes(name));
    expect([...names].sort()).toEqual(expected.sort());
  });

  it('carry exactly the objects of their definitions, with values that these allow', () => {
    for (const notification of notified) {
      const name = notificationName(notification) as keyof typeof DEFINED;
      const carried = DEFINED[name].objects;
      expect(notification.varbinds.length, name).toBe(carried.length);
      expect(notification.upTimeCentiseconds).toBe(12_345);
      notification.varbinds.forEach(({ oid, tag, value }, i) => {
        const object = objects.get(carried[i]!)!;
        expect(tag, carried[i]).toBe(BASE_TAGS[object.syntax.base]);
        expect(oid.slice(0, object.oid.length), carried[i]).toEqual(object.oid);
        const octets = typeof value === 'string' ? Buffer.from(value) : value;
        expect(checkValue(object.syntax, octets), `${carried[i]} ${value}`).toBe(ERROR_STATUS.noError);
        const instance = oid.slice(object.oid.length);
        const [row] = object.index;
        expect(instance.length, carried[i]).toBe(row === 'libvirtGuestUUID' ? 16 : 1);
        if (row === undefined) expect(instance).toEqual([0]);
      });
    }
  });

  it('number the event that they tell of', () => {
    const sequences = notified.map(({ eventSequence }) => eventSequence);
    expect(sequences).toEqual(events.filter(({ kind }) => kind !== 'fault').map(({ sequence }) => sequence));
  });

  it('say nothing of faults', () => {
    const fault = events.find(({ kind }) => kind === 'fault')!;
    expect(eventNotifications(fault, 0, OPTIONS)).toEqual([]);
  });

  it('tell the state and names of the moment, not of now', () => {
    const event = events.find((each) => each.kind === 'lifecycle')!;
    const domain = fleet.one.domains.byName('web')!;
    const earlier = { ...event, name: 'old', state: 3, reason: 5 } as EmulationEvent;
    expect(read(told(earlier))).toMatchObject({
      libvirtGuestName: 'old',
      lvsGuestState: 3,
      lvsGuestReason: 305,
      lvsEventText: expect.stringMatching(/^guest old /),
    });
    expect(domain.name).toBe('web');
  });

  it('have the numbers of the event, and a severity', () => {
    const of = (detail: string) => {
      const { enums } = LIBVIRT_STATS_MIB.scalars.lvsEventDetail.syntax;
      const number = enums[detail as keyof typeof enums];
      return notified.map(read).find((each) => each['lvsEventDetail'] === number);
    };
    expect(of('crashedPanicked')).toMatchObject({ lvsEventId: 0, lvsEventSeverity: 3, lvsEventAlarm: 0 });
    expect(of('startedBooted')).toMatchObject({ lvsEventId: 0, lvsEventSeverity: 7 });
    expect(of('suspendedIoError')).toMatchObject({ lvsEventId: 0, lvsEventSeverity: 4 });
    const reboot = notified.find((each) => notificationName(each) === 'lvsGuestReboot')!;
    expect(read(reboot)).toMatchObject({ lvsEventId: 1, lvsEventDetail: -1, lvsEventSeverity: 7 });
  });

  it('put bits where BITS has them', () => {
    const flags = notified.map(read).flatMap((each) => each['lvsEventFailureFlags'] ?? []);
    const first = (flags as Uint8Array[]).slice(0, 4).map((octets) => [...octets]);
    expect(first).toEqual([[0], [0x80], [0x40], [0xc0]]);
  });

  it('cut what is too long, between two characters', () => {
    const event = events.find((each) => each.kind === 'alarm')!;
    const alarm = { ...(event as Extract<EmulationEvent, { kind: 'alarm' }>).alarm, text: 'ü'.repeat(200) };
    const { lvsAlarmText, lvsEventText } = read(told({ ...event, alarm } as EmulationEvent));
    expect(lvsAlarmText).toBe('ü'.repeat(127));
    expect(Buffer.byteLength(lvsEventText as string)).toBeLessThanOrEqual(255);
  });

  it('name rows .0 as libvirt-snmp does, if asked to', () => {
    for (const event of events) {
      const notification = lvsNotification(event, 0, { libvirtSnmp: true });
      for (const { oid } of notification?.varbinds ?? []) expect(formatOid(oid)).toMatch(/\.0$/);
    }
  });
});

it('the severities that the module tells snmptt are those of the events, where there is one', () => {
  const text = readFileSync(join(PACKAGE_ROOT, 'mibs/LIBVIRT-STATS-MIB.txt'), 'utf8');
  const clauses = text.matchAll(/^(\w+) NOTIFICATION-TYPE\n([\s\S]*?)\n {4}::=/gm);
  const said = new Map(
    Array.from(clauses, ([, name, clause]) => [name!, /--#SEVERITY (\w+)/.exec(clause!)?.[1]] as const),
  );
  expect([...said.keys()]).toEqual(Object.keys(DEFINED));
  const { enums } = LIBVIRT_STATS_MIB.scalars.lvsEventSeverity.syntax;
  const names = new Map(
    Object.entries(enums).map(([name, number]) => [number as number, name.toUpperCase()]),
  );
  const found = new Map<string, Set<string>>();
  for (const event of samples().events) {
    // That of an alarm is configured.
    if (event.kind === 'fault' || (event.kind === 'alarm' && event.event === 'RAISED')) continue;
    const notification = told(event);
    const severity = names.get(read(notification)['lvsEventSeverity'] as number)!;
    const name = notificationName(notification);
    found.set(name, (found.get(name) ?? new Set()).add(severity));
  }
  for (const [name, severities] of found)
    expect(said.get(name), name).toBe(severities.size === 1 ? [...severities][0] : undefined);
});

describe('notifications of alarms', () => {
  const { fleet, events } = samples();
  const alarms = events.flatMap((event) => (event.kind === 'alarm' ? [event] : []));

  it('have a name for each kind, raised and cleared', () => {
    for (const kind of ALARM_KINDS)
      for (const event of ['RAISED', 'CLEARED'] as const)
        expect(DEFINED).toHaveProperty(alarmNotification(kind, event));
  });

  it('tell what is wrong with what, and that it is no longer so', () => {
    const queue = alarms.filter(({ alarm }) => alarm.kind === 'guestOom');
    const [raised, cleared] = queue.map((event) => read(told(event)));
    const guest = fleet.one.domains.byName('web')!;
    const row = [...guest.uuidOctets, 0, 1, 2];
    const resource = [...LIBVIRT_STATS_MIB.tables.lvsQueueTable.columns.lvsQueueOffered.oid, ...row];
    expect(raised).toMatchObject({
      lvsAlarmGuestName: 'web',
      lvsEventState: 1,
      lvsEventReason: 101,
      lvsAlarmResource: resource,
      lvsEventText: queue[0]!.alarm.text,
    });
    expect(raised!['lvsEventAlarm']).toBe(queue[0]!.alarm.number);
    expect(raised!['lvsEventSeverity']).toBe(raised!['lvsAlarmSeverity']);
    expect(cleared).toMatchObject({
      lvsEventSeverity: 1,
      lvsEventText: `no longer: ${queue[0]!.alarm.text}`,
      lvsAlarmSeverity: raised!['lvsAlarmSeverity'],
    });
  });

  it('tell of the host with an empty guest', () => {
    const host = read(told(alarms.find(({ alarm }) => alarm.kind === 'hostMemoryPressure')!));
    expect(host).toMatchObject({
      lvsHostName: 'one',
      lvsAlarmGuestName: '',
      lvsAlarmGuest: new Uint8Array(0),
      lvsEventState: 0,
      lvsEventReason: 0,
    });
  });

  it('point to rows that are there, or to none', () => {
    const missing = alarms.find(
      ({ alarm: { resource } }) => resource.kind === 'disk' && resource.target !== 'vda',
    )!;
    expect(read(told(missing))['lvsAlarmResource']).toEqual([0, 0]);
  });
});

describe('families', () => {
  const { events } = samples();
  const crashed = events.find((event) => event.kind === 'lifecycle')!;
  const reboot = events.find((event) => event.kind === 'plain')!;
  const names = (event: EmulationEvent, families: readonly ('libvirt' | 'stats')[]) =>
    eventNotifications(event, 0, { libvirtSnmp: false, families }).map(notificationName);

  it('are both sent, libvirtGuestNotif first, or one of them', () => {
    expect(names(crashed, ['libvirt', 'stats'])).toEqual(['libvirtGuestNotif', 'lvsGuestDefined']);
    expect(names(crashed, ['libvirt'])).toEqual(['libvirtGuestNotif']);
    expect(names(crashed, ['stats'])).toEqual(['lvsGuestDefined']);
    expect(names(crashed, [])).toEqual([]);
  });

  it('differ in what they tell of: libvirtGuestNotif is of the life cycle', () => {
    expect(names(reboot, ['libvirt'])).toEqual([]);
    expect(names(reboot, ['stats'])).toEqual(['lvsGuestReboot']);
  });
});

it('lost notifications are told of by receiver and number', () => {
  const { fleet } = samples();
  const notification = lvsNotificationsLost(fleet.one, 'noc', 17, 500);
  expect(notificationName(notification)).toBe('lvsNotificationsLost');
  expect(read(notification)).toMatchObject({ lvsHostName: 'one', lvsEventReceiver: 'noc', lvsEventLost: 17 });
});
