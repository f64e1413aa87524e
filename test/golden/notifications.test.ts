import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Domain } from '../../agent/emulation/domain/domain.ts';
import type { DomainConfig } from '../../agent/emulation/domain/domain-config.ts';
import type { EmulationEvent } from '../../agent/emulation/events.ts';
import { type HostConfig, hostDefaults } from '../../agent/emulation/host/host-config.ts';
import { WATCHDOG_ACTIONS } from '../../agent/emulation/watchdog/watchdog-config.ts';
import type { ModuleDefinition, ObjectSyntax } from '../../agent/mib/definition.ts';
import { LIBVIRT_MIB } from '../../agent/mib/generated/libvirt-mib.ts';
import { LIBVIRT_STATS_MIB } from '../../agent/mib/generated/libvirt-stats-mib.ts';
import type { Notification } from '../../agent/notify/notification.ts';
import { eventNotifications, notificationName } from '../../agent/objects/notifications.ts';
import { config, Fleet, FURNISHED } from '../unit/emulation/fleet.ts';
import { GOLDEN, play } from '../unit/emulation/golden-stories.ts';

const FILE = join(import.meta.dirname, 'notifications.txt');
const OPTIONS = { libvirtSnmp: false, families: ['libvirt', 'stats'] } as const;
const MODULES: readonly ModuleDefinition[] = [LIBVIRT_MIB, LIBVIRT_STATS_MIB];
/** What each line tells already, or what is the same in all of them. */
const LEFT_OUT = ['lvsHostName', 'libvirtGuestUUID', 'lvsAlarmGuest'];

const carried = new Map(
  MODULES.flatMap(({ notifications }) =>
    Object.entries(notifications).map(([name, { objects }]) => [name, objects]),
  ),
);
const syntaxes = new Map<string, ObjectSyntax>();
for (const { scalars, tables } of MODULES) {
  const columns = Object.values(tables).flatMap((table) => Object.entries(table.columns));
  for (const [name, { syntax }] of [...Object.entries(scalars), ...columns]) syntaxes.set(name, syntax);
}

function valueText(name: string, value: unknown): string {
  const { enums, base } = syntaxes.get(name)!;
  const label = Object.entries(enums ?? {}).find(([, number]) => base !== 'Bits' && number === value);
  if (label) return label[0];
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

/** A notification as one line: simulated seconds since the story began, host, name, and what it carries. */
function line(event: EmulationEvent, notification: Notification, beginMs: number): string {
  const name = notificationName(notification);
  const values = carried.get(name)!.flatMap((object, i) => {
    const { value } = notification.varbinds[i]!;
    return LEFT_OUT.includes(object) ? [] : [`${object}=${valueText(object, value)}`];
  });
  const seconds = ((event.atMs - beginMs) / 1000).toFixed(3);
  return `  ${seconds} ${event.host.name} ${name} ${values.join(' ')}`;
}

/** Tells a story: what is sent while it is told, behind its title. */
function tell(title: string, fleet: Fleet, story: () => void): string {
  const beginMs = fleet.clock.nowMs;
  const lines: string[] = [];
  const stop = fleet.hypervisor.onEvent((event) => {
    for (const notification of eventNotifications(event, event.atMs / 10, OPTIONS))
      lines.push(line(event, notification, beginMs));
  });
  story();
  stop();
  return `${title}\n${lines.map((each) => `${each}\n`).join('')}`;
}

/** Stories of the life cycle, each in a fleet of its own. */
function lifeCycleStories(): string[] {
  return GOLDEN.map(({ title, profile, config: changes, before, acts }) => {
    const fleet = new Fleet(profile ? { profile } : {});
    const domain = fleet.define('guest', changes);
    play(fleet, domain, before ?? []);
    return tell(title, fleet, () => play(fleet, domain, acts));
  });
}

/** A guest that has run for so many seconds, on a host of its own if that is to be a certain one. */
function running(
  seconds: number,
  changes: Partial<DomainConfig>,
  host?: Partial<HostConfig>,
): { fleet: Fleet; domain: Domain } {
  const fleet = new Fleet();
  const on = host ? fleet.hypervisor.addHost('host', { ...hostDefaults('modern'), ...host }) : fleet.one;
  const configs = [config('guest', { initialState: 'running', ...changes })];
  fleet.hypervisor.apply({ op: 'populate', host: on, configs });
  fleet.pass(seconds);
  return { fleet, domain: on.domains.byName('guest')! };
}

function watchdogStories(): string[] {
  return WATCHDOG_ACTIONS.map((action) => {
    const { fleet, domain } = running(30, { devices: { watchdog: { action } } });
    return tell(`a watchdog that nobody feeds, action ${action}`, fleet, () => {
      fleet.hypervisor.apply({ op: 'device', domain, action: { kind: 'starve' } });
      fleet.pass(60);
    });
  });
}

function fullPoolStory(): string {
  const [pool] = hostDefaults('modern').pools;
  const pools = [{ ...pool!, capacityBytes: 2 ** 30 }];
  const work = { workingSetBytes: 4 * 2 ** 30, readShare: 0, writeBytes: 65_536 };
  const disk = { ...FURNISHED.disks[0]!, capacityBytes: 8 * 2 ** 30, work, requestsPerSecond: 5000 };
  const { fleet } = running(0, { ...FURNISHED, disks: [disk] }, { pools, grows: false });
  return tell('a thin pool that gets full', fleet, () => fleet.pass(600));
}

function definitionStory(): string {
  const fleet = new Fleet();
  return tell('defined, changed, renamed, removed', fleet, () => {
    const { hypervisor, one: host } = fleet;
    hypervisor.apply({ op: 'define', host, config: config('old') });
    const domain = host.domains.byName('old')!;
    fleet.pass(1);
    hypervisor.apply({ op: 'update', domain, config: config('old', { vcpus: 1 }) });
    fleet.pass(1);
    hypervisor.apply({ op: 'rename', domain, name: 'new' });
    fleet.pass(1);
    hypervisor.apply({ op: 'undefine', domain });
  });
}

function hostStory(): string {
  const { fleet } = running(30, { autostart: true });
  return tell('a host that gets another kernel and is rebooted', fleet, () => {
    const { hypervisor, one: host } = fleet;
    hypervisor.apply({ op: 'host', host, action: { install: [{ name: 'kernel', version: '9.9-1' }] } });
    hypervisor.apply({ op: 'host', host, action: 'reboot' });
    fleet.pass(300);
  });
}

function tellAll(): string {
  const stories = [
    ...lifeCycleStories(),
    ...watchdogStories(),
    fullPoolStory(),
    definitionStory(),
    hostStory(),
  ];
  return stories.join('\n');
}

it('the notifications of each story, in order (UPDATE_GOLDEN=1 writes them anew)', () => {
  const told = tellAll();
  if (process.env['UPDATE_GOLDEN']) writeFileSync(FILE, told);
  expect(told).toBe(readFileSync(FILE, 'utf8'));
});

it('the same stories give the same notifications again', () => {
  expect(tellAll()).toBe(readFileSync(FILE, 'utf8'));
});
